"""Exact nearest rows by several libraries: the measurement that chose the one in search/vectors.py.

For each: seconds to open what is on disk, p50 and p95 of a query for the ten nearest, recall@10 against exact float64,
and the memory that a process of its own holds at the end. What is not installed is skipped
(pip install faiss-cpu usearch sqlite-vec). Rows are sums of few topics plus noise, so that neighbours are close as in
life: uniform random rows would make recall too easy or meaningless. --millions adds 1,000,000 rows.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from _bench import peak_memory, percentiles

from agentassist.search import sqlite, vectors

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from numpy.typing import NDArray

    Search: TypeAlias = Callable[[NDArray[np.float32]], NDArray[np.int64]]

DIMENSION, NEAREST, QUERIES = 384, 10, 100


def rows_like_texts(count: int, seed: int) -> NDArray[np.float32]:
    """Return unit-length rows in which some are close to each other."""
    topics = np.random.default_rng(7).standard_normal((200, DIMENSION), dtype=np.float32)
    rng = np.random.default_rng(seed)
    rows = topics[rng.integers(0, 200, count)] + topics[rng.integers(0, 200, count)] * np.float32(0.6)
    rows += rng.standard_normal((count, DIMENSION), dtype=np.float32) * np.float32(0.7)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows, dtype=np.float32)


def prepare(folder: Path, count: int) -> None:
    """Write rows, queries, the exact answers, and each library's own file."""
    rows, queries = rows_like_texts(count, 1), rows_like_texts(QUERIES, 2)
    rows.tofile(folder / "rows.f32")
    np.save(folder / "queries.npy", queries)
    exact = np.stack([_top(_float64_dots(rows, query)) for query in queries])
    np.save(folder / "exact.npy", exact)
    vectors.write(folder, [rows])
    if importlib.util.find_spec("faiss"):
        import faiss

        flat = faiss.IndexFlatIP(DIMENSION)
        flat.add(rows)
        faiss.write_index(flat, str(folder / "flat.faiss"))
        small = faiss.IndexScalarQuantizer(DIMENSION, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
        small.train(rows[:50_000])
        small.add(rows)
        faiss.write_index(small, str(folder / "sq8.faiss"))
    if importlib.util.find_spec("sqlite_vec") and count <= 100_000:
        connection = _sqlite_vec(folder / "vec.db")
        connection.execute(f"CREATE VIRTUAL TABLE v USING vec0(e float[{DIMENSION}] distance_metric=cosine)")
        with connection:
            connection.executemany(
                "INSERT INTO v(rowid, e) VALUES (?, ?)", ((at, row.tobytes()) for at, row in enumerate(rows))
            )
        connection.close()


def _float64_dots(rows: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float64]:
    wide = query.astype(np.float64)
    return np.concatenate([rows[at : at + 50_000].astype(np.float64) @ wide for at in range(0, len(rows), 50_000)])


def _top(scores: NDArray[Any]) -> NDArray[np.int64]:
    some = np.argpartition(-scores, NEAREST)[:NEAREST]
    return np.asarray(some[np.argsort(-scores[some])], dtype=np.int64)


def _sqlite_vec(file: Path) -> Any:
    import sqlite_vec

    connection = sqlite.driver().connect(file)
    connection.enable_load_extension(True)
    sqlite_vec.load(connection)
    return connection


def open_numpy(folder: Path) -> Search:
    """Float32 rows, memory-mapped, and a matrix product."""
    rows = np.memmap(folder / "rows.f32", dtype=np.float32, mode="r").reshape(-1, DIMENSION)
    return lambda query: _top(rows @ query)


def open_numkong(folder: Path) -> Search:
    """What the product does: int8 rows, memory-mapped, then float16 rows for the best hundred."""
    count = (folder / vectors.SCALE_FILE).stat().st_size // 4
    opened = vectors.Vectors.open(folder, count, DIMENSION)

    def search(query: NDArray[np.float32]) -> NDArray[np.int64]:
        near = vectors.best(opened.scan(query), 100)
        return near[_top(opened.exact(near, query[None, :])[:, 0])]

    return search


def open_numkong_int8(folder: Path) -> Search:
    """Only the int8 rows: what the rescoring is worth."""
    count = (folder / vectors.SCALE_FILE).stat().st_size // 4
    opened = vectors.Vectors.open(folder, count, DIMENSION)
    return lambda query: _top(opened.scan(query))


def open_faiss_flat(folder: Path) -> Search:
    """FAISS, float32."""
    return _faiss(folder / "flat.faiss")


def open_faiss_sq8(folder: Path) -> Search:
    """FAISS, 8 bits a number, without rescoring."""
    return _faiss(folder / "sq8.faiss")


def _faiss(file: Path) -> Search:
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.read_index(str(file))
    return lambda query: index.search(query[None, :], NEAREST)[1][0]


def open_usearch(folder: Path) -> Search:
    """Exact search of usearch over float32 rows, memory-mapped."""
    from usearch.index import search

    rows = np.memmap(folder / "rows.f32", dtype=np.float32, mode="r").reshape(-1, DIMENSION)
    return lambda query: search(rows, query, NEAREST, "ip", exact=True, threads=1).keys


def open_sqlite_vec(folder: Path) -> Search:
    """sqlite-vec's vec0 table, float32."""
    if not (folder / "vec.db").exists():
        raise ImportError("not written at this size")
    connection = _sqlite_vec(folder / "vec.db")
    query = f"SELECT rowid FROM v WHERE e MATCH ? AND k = {NEAREST} ORDER BY distance"
    return lambda row: np.array([found[0] for found in connection.execute(query, (row.tobytes(),))])


LIBRARIES: dict[str, Callable[[Path], Search]] = {
    "numpy float32": open_numpy,
    "numkong int8 + float16": open_numkong,
    "numkong int8 alone": open_numkong_int8,
    "faiss flat": open_faiss_flat,
    "faiss SQ8": open_faiss_sq8,
    "usearch exact": open_usearch,
    "sqlite-vec": open_sqlite_vec,
}


def measure(name: str, folder: Path) -> dict[str, Any]:
    """Open one library and run every query; the first warms it up and is not counted."""
    queries, exact = np.load(folder / "queries.npy"), np.load(folder / "exact.npy")
    started = time.perf_counter()
    search = LIBRARIES[name](folder)
    opened = time.perf_counter() - started
    search(queries[0])
    seconds, right = [], 0
    for query, wanted in zip(queries, exact, strict=True):
        started = time.perf_counter()
        found = search(query)
        seconds.append(time.perf_counter() - started)
        right += len(set(map(int, found)) & set(map(int, wanted)))
    return {
        "opened": opened,
        "seconds": seconds,
        "recall": right / (NEAREST * len(queries)),
        "memory": peak_memory(),
    }


def main() -> None:
    """Print a line for each library and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", action="store_true")
    parser.add_argument("--child", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(options.child[0], Path(options.child[1]))))
        return
    for count in (10_000, 100_000, *([1_000_000] if options.millions else [])):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            prepare(folder, count)
            print(f"{count:,} rows of {DIMENSION}")
            for library in LIBRARIES:
                command = [sys.executable, __file__, "--child", library, name]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode:
                    print(f"  {library:24} skipped: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
                    continue
                facts = json.loads(done.stdout)
                print(f"  {library:24} open {facts['opened'] * 1e3:8.1f} ms   {percentiles(facts['seconds'])}   "
                      f"recall {facts['recall']:.3f}   {facts['memory']:5.0f} MB", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
