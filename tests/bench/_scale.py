"""What `scale.py` measures: made-up passages of any number, and the libraries that look for the nearest of them."""

from __future__ import annotations

import importlib
import importlib.util
import json
import random
import re
import time
from collections import Counter
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from _bench import encoder, passages, peak_memory

from agentassist.models import Article, ArticleKind, Passage, Status
from agentassist.search import bundle, columns, lexical, sqlite, vectors
from agentassist.search import encoder as encoders
from agentassist.search.encoder import OnnxEncoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TypeAlias

    from numpy.typing import NDArray

    Search: TypeAlias = Callable[[NDArray[np.float32]], NDArray[np.int64]]
    Filtered: TypeAlias = Callable[[frozenset[str] | None], Search]

NEAREST, QUERIES, BLOCK, OF_ARTICLE = 10, 100, 50_000, 4
TODAY = date(2026, 1, 1)
NOISE = 0.6
"""Length of the noise on a unit-length vector: two that were the same have a cosine of about 0.74."""
FILTERS: dict[str, frozenset[str] | None] = {
    "all languages": None,
    "half of them": frozenset({"en", "nb"}),
    "1 in 100": frozenset({"nb"}),
}


def language_of(article: int) -> str:
    """Return an article's language: one in a hundred is in "nb", of the others every second one in "en"."""
    return "nb" if article % 100 == 0 else "de" if article % 2 else "en"


def allowed_rows(count: int, languages: frozenset[str] | None) -> NDArray[np.bool_]:
    """Return which passages a filter allows, archived ones left out."""
    articles = np.arange(-(-count // OF_ARTICLE))
    some = (
        np.array([language_of(number) in languages for number in range(len(articles))])
        if languages
        else np.ones(len(articles))
    )
    return np.asarray((some.astype(bool) & (articles % 20 != 7))[np.arange(count) // OF_ARTICLE])


def articles(count: int) -> Iterator[tuple[Article, list[Passage]]]:
    """Yield articles with `count` passages in all, of shuffled real sentences."""
    rng = random.Random(0)
    sentences = [part for text in passages() for part in split(text)]
    for number, first in enumerate(range(0, count, OF_ARTICLE)):
        article = Article(
            f"made-{number}", ArticleKind.ARTICLE, f"{rng.choice(sentences)[:80]} K{number:X}", "https://example.com",
            "x.md", language=language_of(number), status=Status.ARCHIVED if number % 20 == 7 else Status.PUBLISHED,
        )  # fmt: skip
        texts = [" ".join(rng.choices(sentences, k=rng.randint(4, 9))) for _ in range(min(OF_ARTICLE, count - first))]
        yield article, [Passage(article.id, at, "", text) for at, text in enumerate(texts)]


def split(text: str) -> list[str]:
    """Return the sentences of a text."""
    return [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n", text) if part.strip()]


def blocks(count: int, real: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """Yield the rows of all passages: tiles of the real ones, each with noise of its own."""
    rng = np.random.default_rng(1)
    for start in range(0, count, BLOCK):
        rows = real[np.arange(start, min(start + BLOCK, count)) % len(real)]
        noise = rng.standard_normal(rows.shape, dtype=np.float32)
        rows = rows + noise * np.float32(NOISE / np.sqrt(rows.shape[1]))
        yield np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def prepare(folder: Path, count: int, real: NDArray[np.float32], asked: NDArray[np.float32]) -> None:
    """Write the float32 rows that every library starts from, the queries, and the exact answers for each filter."""
    np.save(folder / "queries.npy", asked)
    with (folder / "rows.f32").open("wb") as file:
        for block in blocks(count, real):
            file.write(block.tobytes())
    rows = np.memmap(folder / "rows.f32", dtype=np.float32, mode="r").reshape(count, -1)
    scores = np.concatenate([rows[at : at + BLOCK] @ asked.T for at in range(0, count, BLOCK)])
    for at, languages in enumerate(FILTERS.values()):
        mask = allowed_rows(count, languages)
        exact = [vectors.best(np.where(mask, scores[:, query], -2), NEAREST) for query in range(len(asked))]
        np.save(folder / f"exact{at}.npy", np.stack(exact))


def questions(folder: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the vectors of real passages and of real sentences, and write down the sentences and common words."""
    model = OnnxEncoder.load(encoder().folder)
    texts = passages()
    sentences = sorted({part for text in texts for part in split(text) if 5 <= len(part.split()) <= 25})
    asked = random.Random(3).sample(sentences, QUERIES)
    counted = Counter(word for text in texts for word in set(lexical.words(text)))
    top = [word for word, _ in counted.most_common(40)]
    common = [random.Random(seed).sample(top, 20) for seed in range(QUERIES)]
    (folder / "texts.json").write_text(json.dumps(asked), encoding="utf-8")
    (folder / "common.json").write_text(json.dumps(common), encoding="utf-8")
    kept = folder / "real.npy"
    np.save(kept, np.concatenate([model.embed([text]) for text in texts]))
    return np.load(kept), np.concatenate([model.embed([text]) for text in asked])


def build(folder: Path) -> dict[str, Any]:
    """Write the bundle as the product does, encoding left out."""
    dimension = int(np.load(folder / "queries.npy").shape[1])
    count = (folder / "rows.f32").stat().st_size // (4 * dimension)

    def read() -> Iterator[NDArray[np.float32]]:
        # Not mapped: what is mapped would count as memory of the build.
        with (folder / "rows.f32").open("rb") as file:
            while block := file.read(4096 * 4 * dimension):
                yield np.frombuffer(block, dtype=np.float32).reshape(-1, dimension)

    model = encoder()
    index = folder / "index"
    index.mkdir()
    started = time.perf_counter()
    with bundle.begin(index, "bench") as building:
        counts = lexical.write(building / lexical.FILE, articles(count))
        words = time.perf_counter() - started
        vectors.write(building, read())
        for file in encoders.FILES:
            bundle.place(model.folder / file, building / file)
        sizes = {file.name: file.stat().st_size for file in building.iterdir()}
        manifest = bundle.Manifest(
            format=bundle.FORMAT, name="bench", built_at=datetime(2026, 1, 1, tzinfo=UTC).isoformat(),
            model=model.description.model, model_hash=model.description.model_hash, dimension=dimension, kb_digest="",
            articles=counts[0], passages=counts[1], left_out=0, keyword_only="", embedded=0, reused=0, seconds=0.0,
            skipped=(), files=bundle.facts(building),
        )  # fmt: skip
        bundle.publish(index, building, manifest)
    return {"words": words, "whole": time.perf_counter() - started, "peak": peak_memory(), "sizes": sizes}


def nearest(folder: Path, _: int) -> Filtered:
    """The product's own: int8 rows, then float16 rows for the best."""
    found = bundle.find(folder / "index")
    size = found.manifest.passages
    facts = columns.Columns.open(found.folder, found.manifest.articles, size)
    opened = vectors.Vectors.open(found.folder, size, found.manifest.dimension)

    def filtered(languages: frozenset[str] | None) -> Search:
        def search(query: NDArray[np.float32]) -> NDArray[np.int64]:
            allowed = facts.allowed(TODAY, languages)
            return opened.nearest(query, NEAREST, mask=allowed.mask, rows=allowed.rows).rows

        return search

    return filtered


def plain(folder: Path, dimension: int) -> Filtered:
    """Float32 rows by memory map, and a matrix product."""
    rows = np.memmap(folder / "rows.f32", dtype=np.float32, mode="r").reshape(-1, dimension)

    def filtered(languages: frozenset[str] | None) -> Search:
        mask = allowed_rows(len(rows), languages)

        def search(query: NDArray[np.float32]) -> NDArray[np.int64]:
            scores = np.where(mask, rows @ query, np.float32(-2))
            some = np.argpartition(-scores, NEAREST)[:NEAREST]
            return np.asarray(some, dtype=np.int64)

        return search

    return filtered


def faiss_flat(folder: Path, _: int) -> Filtered:
    """FAISS, float32, exact."""
    return _faiss(folder, "flat.faiss")


def faiss_sq8(folder: Path, _: int) -> Filtered:
    """FAISS, 8 bits a number, all rows."""
    return _faiss(folder, "sq8.faiss")


def _faiss(folder: Path, name: str) -> Filtered:
    faiss: Any = importlib.import_module("faiss")  # its own types know nothing of what SWIG adds
    index = faiss.read_index(str(folder / name))

    def filtered(languages: frozenset[str] | None) -> Search:
        bits = np.packbits(allowed_rows(index.ntotal, languages), bitorder="little")
        chosen = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        return lambda query: index.search(query[None, :], NEAREST, params=chosen)[1][0]

    return filtered


def sqlite_vec(folder: Path, _: int) -> Filtered:
    """sqlite-vec's vec0 table, float32, with the language as a column of its own."""
    connection = _sqlite_vec(folder / "vec.db")
    levels = {None: 1, FILTERS["half of them"]: 2, FILTERS["1 in 100"]: 3}

    def filtered(languages: frozenset[str] | None) -> Search:
        query = f"SELECT rowid FROM v WHERE e MATCH ? AND k = {NEAREST} AND level >= ? ORDER BY distance"
        level = levels[languages]
        return lambda row: np.array([found[0] for found in connection.execute(query, (row.tobytes(), level))])

    return filtered


def _sqlite_vec(file: Path) -> Any:
    import sqlite_vec as extension

    connection = sqlite.driver().connect(file)
    connection.enable_load_extension(True)
    extension.load(connection)
    return connection


def make(name: str, folder: Path, dimension: int) -> None:
    """Write the file of another library."""
    rows = np.memmap(folder / "rows.f32", dtype=np.float32, mode="r").reshape(-1, dimension)
    if name.startswith("faiss"):
        import faiss

        index: Any = faiss.IndexFlatIP(dimension)
        if name == "faiss SQ8":
            index = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
            index.train(rows[:BLOCK])
        for at in range(0, len(rows), BLOCK):
            index.add(rows[at : at + BLOCK])
        faiss.write_index(index, str(folder / ("sq8.faiss" if name == "faiss SQ8" else "flat.faiss")))
    if name == "sqlite-vec":
        connection = _sqlite_vec(folder / "vec.db")
        connection.execute("PRAGMA synchronous=OFF")
        table = f"v USING vec0(e float[{dimension}] distance_metric=cosine, level integer)"
        connection.execute(f"CREATE VIRTUAL TABLE {table}")
        level = np.sum([allowed_rows(len(rows), languages) for languages in FILTERS.values()], axis=0)
        with connection:
            connection.executemany(
                "INSERT INTO v(rowid, e, level) VALUES (?, ?, ?)",
                ((at, row.tobytes(), int(level[at])) for at, row in enumerate(rows)),
            )
        connection.close()


def unavailable(name: str) -> str:
    """Return why a library cannot be measured here; empty when it can."""
    needed = {"faiss flat": ("faiss", "faiss-cpu"), "faiss SQ8": ("faiss", "faiss-cpu"),
              "sqlite-vec": ("sqlite_vec", "sqlite-vec")}.get(name)  # fmt: skip
    if needed is None:
        return ""
    if not importlib.util.find_spec(needed[0]):
        return f"not installed (pip install {needed[1]})"
    if name == "sqlite-vec":
        connection = sqlite.driver().connect(":memory:")
        loads = hasattr(connection, "enable_load_extension")
        connection.close()
        return "" if loads else "this Python's SQLite loads no extensions (pip install pysqlite3)"
    return ""


LIBRARIES: dict[str, Callable[[Path, int], Filtered]] = {
    "agentassist": nearest,
    "numpy float32": plain,
    "faiss flat": faiss_flat,
    "faiss SQ8": faiss_sq8,
    "sqlite-vec": sqlite_vec,
}
