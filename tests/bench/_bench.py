"""What the benches of search share: real texts, a published bundle of any size, percentiles."""

from __future__ import annotations

import json
import os
import random
import re
import resource
import statistics
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the package has it, before NumPy is loaded

import numpy as np

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY))
os.environ["HF_HUB_OFFLINE"] = "1"

from agentassist.kb import library  # noqa: E402
from agentassist.kb.passages import embedded_text  # noqa: E402
from agentassist.models import Article, ArticleKind, Author, Entry, EntryKind, Passage  # noqa: E402
from agentassist.search import bundle, lexical, vectors  # noqa: E402
from agentassist.search import encoder as encoders  # noqa: E402
from agentassist.search.build_model import Exported, exported  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SHARED = REPOSITORY.parent / "shared" / "data"
CACHE = Path(os.environ.get("AGENTASSIST_BENCH_CACHE", "/tmp/agentassist-bench"))


def encoder() -> Exported:
    """Return the packaged model's exported encoder, kept between runs."""
    return exported("", CACHE)


def lines(file: Path) -> list[dict[str, Any]]:
    """Return the objects of a JSONL file."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def passages() -> list[str]:
    """Return real texts as they are embedded: of the help centre beside the checkout if there, else the sample's."""
    folder = SHARED / "helpcenter"
    loaded = library.load(folder if folder.is_dir() else REPOSITORY / "kb")
    return [embedded_text(item.article, passage) for item in loaded.articles for passage in item.passages]


def made_articles(count: int, seed: int = 0) -> list[tuple[Article, list[Passage]]]:
    """Return articles with `count` passages in all, of shuffled real sentences: words are as common as in life."""
    rng = random.Random(seed)
    sentences = [part.strip() for text in passages() for part in re.split(r"(?<=[.!?])\s+|\n", text) if part.strip()]
    made = []
    for number in range(0, count, 4):
        article = Article(
            f"made-{number}", ArticleKind.ARTICLE, rng.choice(sentences)[:80], "https://example.com", "x.md"
        )
        texts = [" ".join(rng.choices(sentences, k=rng.randint(4, 9))) for _ in range(min(4, count - number))]
        made.append((article, [Passage(article.id, at, "", text) for at, text in enumerate(texts)]))
    return made


def unit_rows(count: int, dimension: int, seed: int = 0) -> NDArray[np.float32]:
    """Return random unit-length rows: how long an exact scan takes does not depend on what the rows say."""
    rows = np.random.default_rng(seed).standard_normal((count, dimension), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def publish(
    index: Path, articles: Sequence[tuple[Article, Sequence[Passage]]], rows: NDArray[np.float32], model: Exported
) -> None:
    """Publish a bundle of these articles and vectors."""
    index.mkdir(parents=True, exist_ok=True)
    name = f"bench-{len(rows)}"
    with bundle.begin(index, name) as building:
        counts = lexical.write(building / lexical.FILE, articles)
        vectors.write(building, [rows])
        for file in encoders.FILES:
            bundle.place(model.folder / file, building / file)
        manifest = bundle.Manifest(
            format=bundle.FORMAT, name=name, built_at=datetime(2026, 1, 1, tzinfo=UTC).isoformat(),
            model=model.description.model, model_hash=model.description.model_hash, dimension=rows.shape[1],
            kb_digest="", articles=counts[0], passages=counts[1], left_out=0, keyword_only="", embedded=0, reused=0,
            seconds=0.0, skipped=(), files=bundle.facts(building),
        )  # fmt: skip
        bundle.publish(index, building, manifest)


def entries(turns: Sequence[dict[str, str]]) -> list[Entry]:
    """Return a conversation from turns of {role: customer|agent, text}."""
    return [
        Entry(1, seq, datetime(2026, 1, 1, tzinfo=UTC), Author(turn["role"]), "", EntryKind.MESSAGE, turn["text"])
        for seq, turn in enumerate(turns, start=1)
    ]


def conversations(limit: int, seed: int = 0) -> list[list[Entry]]:
    """Return conversations up to a customer's turn: real ones if there, else of the sample's sentences."""
    file = SHARED / "doc2dial" / "queries.jsonl"
    rng = random.Random(seed)
    if file.is_file():
        return [entries(item["turns"]) for item in rng.sample(lines(file), limit)]
    sentences = [part for text in passages() for part in re.split(r"(?<=[.!?])\s+", text)]
    return [
        entries(
            [{"role": "customer" if at % 2 == 0 else "agent", "text": rng.choice(sentences)} for at in range(turns)]
        )
        for turns in rng.choices((1, 3, 5, 7), k=limit)
    ]


def peak_memory() -> float:
    """Return the most memory that this process has held, in MB.

    On Linux from /proc: what getrusage says there is, after an exec, at least what the parent held.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        held = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="ascii"))
        if held:
            return int(held[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def percentiles(seconds: Sequence[float]) -> str:
    """Return p50 and p95 in milliseconds."""
    ordered = sorted(seconds)
    return f"p50 {statistics.median(ordered) * 1e3:8.2f} ms   p95 {ordered[int(len(ordered) * 0.95)] * 1e3:8.2f} ms"
