"""Search at 10,000, 100,000 and 1,000,000 passages (or --sizes), beside a plain NumPy scan, FAISS and sqlite-vec.

Everything is generated in a temporary folder (about 5 KB a passage while it runs; --folder chooses where): the vectors
are those of the shipped knowledge base and of the help centre beside the checkout, tiled with noise and normalised; the
texts are shuffled real sentences, with a code of its own in each article. Queries are real sentences with their real
vectors. Half of the articles are in one language and one in a hundred in another, one in twenty is archived.

Times are from the encoded vector on. Each row is a process of its own, its memory is how much it grew (VmRSS), from
before the index was opened until all its queries were done: "anon" is its own, "file" what it has mapped of files,
which the system can take back at any time. Recall is that of the ten nearest among all that a filter allows, against an
exact float32 product. On a busy machine compare the rows of one run with each other, not with those of another: "cpu"
is the median of what all threads together worked, which says least about who else was at work.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from _bench import percentiles
from _scale import FILTERS, LIBRARIES, TODAY, build, make, prepare, questions, unavailable

from agentassist.models import Mode, Query
from agentassist.search import bundle, columns, lexical, postings, vectors
from agentassist.search import encoder as encoders
from agentassist.search.index import Index

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from _scale import Search
    from numpy.typing import NDArray

Times = tuple[list[float], list[float]]
"""Seconds of each query: by the clock, and of work."""
SIZES = (10_000, 100_000, 1_000_000)
SQLITE_VEC_MOST = 100_000
"""Beyond it sqlite-vec takes half a second a query and minutes to fill; --everything measures it all the same."""


def _timed(seconds: Times, call: Callable[[Any], Any], given: Any) -> Any:
    started, worked = time.perf_counter(), time.process_time()
    found = call(given)
    seconds[0].append(time.perf_counter() - started)
    seconds[1].append(time.process_time() - worked)
    return found


def _told(seconds: Times) -> str:
    return f"{percentiles(seconds[0])}   cpu {statistics.median(seconds[1]) * 1e3:8.2f} ms"


class Given:
    """An encoder that gives the vectors it was given, by text."""

    def __init__(self, known: dict[str, NDArray[np.float32]], dimension: int) -> None:
        self._known = known
        self.dimension = dimension

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text."""
        return np.stack([self._known[text] for text in texts])


def resident() -> dict[str, float]:
    """Return what this process holds now, in MB: all, its own, and mapped from files."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    names = {"all": "VmRSS", "anon": "RssAnon", "file": "RssFile"}
    return {name: int((re.search(rf"{key}:\s*(\d+)", text) or ["", "0"])[1]) / 1024 for name, key in names.items()}


def timed(search: Search, asked: NDArray[np.float32], exact: NDArray[np.int64]) -> tuple[Times, float]:
    """Return the seconds of each query, by the clock and of work, and the recall; the first warms up, not counted."""
    seconds: Times = ([], [])
    right = 0
    search(asked[0])
    for query, wanted in zip(asked, exact, strict=True):
        found = _timed(seconds, search, query)
        right += len(set(map(int, found)) & set(map(int, wanted)))
    return seconds, right / exact.size


def measure(name: str, folder: Path) -> dict[str, Any]:
    """Open one library and run every query under every filter."""
    asked = np.load(folder / "queries.npy")
    facts: dict[str, Any] = {}
    started = time.perf_counter()
    if name != "agentassist":
        make(name, folder, asked.shape[1])
        if name != "numpy float32":
            command = [sys.executable, __file__, "--child", f"{name} open", str(folder)]
            return {**json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout),
                    "made": time.perf_counter() - started}  # fmt: skip
    return facts | opened(name, folder)


def opened(name: str, folder: Path) -> dict[str, Any]:
    """Open what was written, and run every query under every filter."""
    asked = np.load(folder / "queries.npy")
    if name.startswith("faiss"):
        import faiss  # noqa: F401 — the import is no part of what an index takes
    before = resident()
    started = time.perf_counter()
    library = LIBRARIES[name](folder, asked.shape[1])
    facts: dict[str, Any] = {"opened": time.perf_counter() - started, "filters": {}}
    for at, (label, languages) in enumerate(FILTERS.items()):
        facts["filters"][label] = timed(library(languages), asked, np.load(folder / f"exact{at}.npy"))
    facts["memory"] = {key: value - before[key] for key, value in resident().items()}
    return facts


def whole(folder: Path) -> dict[str, Any]:
    """Search through the product's own Index: with each mode, and by words alone through the postings."""
    texts: list[str] = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    asked = np.load(folder / "queries.npy")
    common: list[list[str]] = json.loads((folder / "common.json").read_text(encoding="utf-8"))
    given = dict(zip(texts, asked, strict=True))
    given |= {" ".join(words): row for words, row in zip(common, asked, strict=True)}
    before = resident()
    started = time.perf_counter()
    index = Index.open(folder / "index", Given(given, asked.shape[1]))
    facts: dict[str, Any] = {"opened": time.perf_counter() - started, "rows": {}}
    found = bundle.find(folder / "index")
    words = lexical.Lexical.open(found.database)
    held = postings.Postings.open(found.folder, found.manifest.passages)
    allowed = columns.Columns.open(found.folder, found.manifest.articles, found.manifest.passages).allowed(TODAY)

    def by_words(text: str) -> None:
        held.best(dict.fromkeys(words.stems([text])[0], 1.0), 200, allowed.mask)

    def search(mode: Mode, text: str, languages: frozenset[str] | None) -> None:
        more: dict[str, Any] = {"languages": languages} if languages else {}
        index.search(Query.typed(text), mode=mode, today=TODAY, **more)

    often = [" ".join(some) for some in common]
    runs: dict[str, tuple[list[str], Callable[[str], Any]]] = {
        "postings, a real sentence": (texts, by_words),
        "postings, 20 common words": (often, by_words),
        "Index.search semantic, sentence": (texts, lambda text: search(Mode.SEMANTIC, text, None)),
    }
    for mode in (Mode.KEYWORD, Mode.HYBRID):
        runs[f"Index.search {mode.value}, sentence"] = texts, partial(search, mode, languages=None)
        runs[f"Index.search {mode.value}, 20 common words"] = often, partial(search, mode, languages=None)
    if "languages" in inspect.signature(index.search).parameters:
        for label, languages in FILTERS.items():
            runs[f"Index.search hybrid, sentence, {label}"] = texts, partial(search, Mode.HYBRID, languages=languages)
    for label, (some, run) in runs.items():
        seconds: Times = ([], [])
        enough = time.perf_counter() + 30
        run(some[0])
        for text in some:
            _timed(seconds, run, text)
            if time.perf_counter() > enough:
                break
        facts["rows"][label] = seconds
    facts["memory"] = {key: value - before[key] for key, value in resident().items()}
    return facts


def child(name: str, folder: Path) -> Any:
    """Run one part in this process."""
    if name == "build":
        return build(folder)
    if name == "whole":
        return whole(folder)
    return opened(name.removesuffix(" open"), folder) if name.endswith(" open") else measure(name, folder)


def report(folder: Path, count: int, *, everything: bool) -> None:
    """Print the rows of one size."""
    built = _run("build", folder)
    if built is None:
        return
    vector_file = built["sizes"][vectors.INT8_FILE] / 1e6
    print(f"  built in {built['whole']:.1f} s without encoding ({built['words']:.1f} s of it words), "
          f"peak {built['peak']:.0f} MB")  # fmt: skip
    print("  on disk " + ", ".join(f"{name} {size / 1e6:,.1f} MB" for name, size in sorted(built["sizes"].items())
                                   if name not in encoders.FILES))  # fmt: skip
    for name in LIBRARIES:
        if name == "sqlite-vec" and count > SQLITE_VEC_MOST and not everything:
            print(f"  {name:14} not at this size (--everything)")
            continue
        facts = _run(name, folder)
        for file in ("flat.faiss", "sq8.faiss", "vec.db"):
            (folder / file).unlink(missing_ok=True)
        if facts is None:
            continue
        print(f"  {name:14} open {facts['opened'] * 1e3:7.1f} ms   grew {_memory(facts['memory'], vector_file)}")
        for label, (seconds, recall) in facts["filters"].items():
            print(f"    {label:16} {_told(seconds)}   recall@10 {recall:.3f}", flush=True)
    facts = _run("whole", folder)
    if facts is not None:
        print(f"  Index          open {facts['opened'] * 1e3:7.1f} ms   grew {_memory(facts['memory'], vector_file)}")
        for label, seconds in facts["rows"].items():
            print(f"    {label:50} {_told(seconds)}  ({len(seconds[0])})", flush=True)


def _memory(grown: dict[str, float], vector_file: float) -> str:
    share = grown["all"] * 1.048576 / vector_file
    kinds = f"anon {grown['anon']:.1f}, file {grown['file']:.1f}"
    return f"{grown['all']:7.1f} MB ({kinds}) = {share:.2f} x {vectors.INT8_FILE}"


def _run(name: str, folder: Path) -> dict[str, Any] | None:
    if why := unavailable(name):
        print(f"  {name:14} {why}")
        return None
    # The package keeps NumPy to one thread; a plain scan by NumPy has all of them.
    own = {"OPENBLAS_NUM_THREADS": "1"} if name in ("agentassist", "whole") else {}
    done = subprocess.run(
        [sys.executable, __file__, "--child", name, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **own},
    )
    if done.returncode:
        print(f"  {name:14} failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
        return None
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


def main() -> None:
    """Print the rows of each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")], default=list(SIZES))
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made")
    parser.add_argument("--everything", action="store_true", help="sqlite-vec at every size")
    parser.add_argument("--child", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(child(options.child[0], Path(options.child[1]))))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        real, asked = questions(Path(name))
        print(f"{len(real)} real vectors, {len(asked)} queries, {real.shape[1]} numbers each")
        for count in options.sizes:
            folder = Path(name) / str(count)
            folder.mkdir()
            for file in ("texts.json", "common.json"):
                shutil.copy(Path(name) / file, folder / file)
            print(f"{count:,} passages", flush=True)
            prepare(folder, count, real, asked)
            report(folder, count, everything=options.everything)
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
