"""How many articles fold at which similarity, and what that does to the right ones.

For each set: the pairs from each similarity on by what their titles have in common (with --examples, some of them), and
MRR@10 without folding and with it, on the real sets of ../shared/data. "Shown" counts only what is shown; "in reach"
also what is folded under it, at its rank. "Hidden" are queries whose right article went under one that is not right.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import _sets
import numpy as np
from _bench import CACHE, REPOSITORY, SHARED, encoder, entries, lines, percentiles

from agentassist.kb import library
from agentassist.kb.passages import content_hash, embedded_text
from agentassist.kb.similar import near_duplicates
from agentassist.search import folding
from agentassist.search.build_embed import embed_missing
from agentassist.search.cache import EmbeddingCache
from agentassist.search.query import from_conversation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from agentassist.models import Article, Passage

STEPS = (0.78, 0.85, 0.9, 0.93, 0.95, 0.96, 0.97, 0.98, 0.99)
THRESHOLDS = (9.0, 0.99, folding.SAME, 0.95, 0.9, 0.85)
CANDIDATES = 30


class Content(NamedTuple):
    """A set's articles, and the vectors of each one's passages."""

    articles: Sequence[tuple[Article, tuple[Passage, ...]]]
    vectors: Sequence[NDArray[np.float32]]


def content(articles: Sequence[tuple[Article, tuple[Passage, ...]]]) -> Content:
    """Embed articles; their vectors are kept between runs."""
    model = encoder()
    texts = {content_hash(a, p): embedded_text(a, p) for a, passages in articles for p in passages}
    with EmbeddingCache.open(CACHE) as cache:
        embed_missing(texts, model, cache, rebuild=False, progress=lambda _: None)
        known = cache.vectors(model.description.model_hash, list(texts))
    rows = [np.stack([np.frombuffer(known[content_hash(a, p)], np.float32) for p in some]) for a, some in articles]
    return Content(articles, rows)


def titles_have(some: str, other: str) -> str:
    """Say what two titles have in common."""
    if not some.strip() and not other.strip():
        return "no title"
    return "same title" if " ".join(some.casefold().split()) == " ".join(other.casefold().split()) else "other title"


def pairs(name: str, made: Content, examples: int) -> None:
    """Print how many pairs of articles are as near as each step."""
    ids = [str(number) for number, rows in enumerate(made.vectors) for _ in rows]
    found = near_duplicates(ids, np.concatenate(made.vectors), STEPS[0])
    counts: dict[str, Counter[float]] = {}
    for pair in found:
        (first, some), (second, others) = (made.articles[int(pair.first)], made.articles[int(pair.second)])
        kind = titles_have(first.title, second.title)
        counts.setdefault(kind, Counter()).update(step for step in STEPS if pair.similarity >= step)
        if examples and pair.similarity >= 0.9 and counts[kind][STEPS[0]] % (1 + len(found) // examples) == 0:
            print(f"  {pair.similarity:.3f} {kind}: {first.title[:50]!r} {some[0].text[:90]!r}")
            print(f"        {second.title[:50]!r} {others[0].text[:90]!r}")
    print(f"{name}: {len(made.articles)} articles; pairs from each similarity on")
    for kind, counted in sorted(counts.items()):
        print(f"  {kind:12}" + "".join(f"  {step:.2f}: {counted[step]:<5}" for step in STEPS))


def effect(name: str, made: Content, limit: int, folder: Path) -> None:
    """Print MRR@10 without and with folding."""
    number_of = {article.id: number for number, (article, _) in enumerate(made.articles)}
    right = _sets.relevant(name)
    queries = lines(SHARED / name / "queries.jsonl")
    queries = random.Random(0).sample(queries, min(limit, len(queries)))
    index = _sets.open_set(name, folder)
    ranked = []
    for item in queries:
        query = from_conversation(entries(item["turns"]))
        hits = index.search(query, limit=CANDIDATES, today=date(2026, 1, 1)).hits
        # What the search has folded by itself is put back behind the article it went under.
        ids = [one.id for hit in hits for one in (hit.article, *hit.folded)]
        ranked.append(([number_of[one] for one in ids], {number_of[one] for one in right[item["id"]]}))
    index.close()
    for threshold in THRESHOLDS:
        shown, reach, folded, hidden, took = 0.0, 0.0, 0, 0, []
        for order, wanted in ranked:
            started = time.perf_counter()
            found = folding.fold(order, made.vectors.__getitem__, lambda at: made.articles[at][0].title, threshold)
            took.append(time.perf_counter() - started)
            first = found[:10]
            shown += next((1 / rank for rank, (at, _) in enumerate(first, 1) if at in wanted), 0.0)
            reach += next((1 / rank for rank, (at, under) in enumerate(first, 1) if wanted & {at, *under}), 0.0)
            folded += sum(len(under) for _, under in first)
            hidden += any(at not in wanted and wanted & set(under) for at, under in first)
        count = len(ranked)
        print(
            f"{name:9} {'none' if threshold > 1 else f'{threshold:.2f}':5} MRR@10 shown {shown / count:.4f}  in reach "
            f"{reach / count:.4f}  folded a query {folded / count:.2f}  hidden {hidden}  {percentiles(took)}",
            flush=True,
        )


def main() -> None:
    """Print both tables for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=400, help="queries of each set, chosen at random")
    parser.add_argument("--examples", type=int, default=0, help="about how many pairs of each set to show")
    options = parser.parse_args()
    for name, place in (("sample", REPOSITORY / "kb"), ("helpcenter", SHARED / "helpcenter")):
        if place.is_dir():
            loaded = library.load(place).articles
            pairs(name, content([(item.article, item.passages) for item in loaded if item.passages]), options.examples)
    with tempfile.TemporaryDirectory() as folder:
        for name in _sets.SETS:
            if (SHARED / name).is_dir():
                made = content(_sets.corpus(name))
                pairs(name, made, options.examples)
                effect(name, made, options.queries, Path(folder) / name)


if __name__ == "__main__":
    main()
