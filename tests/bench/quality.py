"""How well conversations find the right article, on the real sets of ../shared/data: MRR@10 and hit@5 for each mode.

With --rrf, reciprocal rank fusion is put in the place of the fusion that is used, for comparison.
The sets are development data: fit on nothing else, and to no name or domain of theirs.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import numpy as np
from _bench import CACHE, SHARED, encoder, entries, lines, publish

from agentassist.kb import markdown
from agentassist.kb.passages import content_hash, embedded_text, from_blocks
from agentassist.models import Article, ArticleKind, Mode
from agentassist.search import fusion
from agentassist.search.build_embed import embed_missing
from agentassist.search.cache import EmbeddingCache
from agentassist.search.encoder import OnnxEncoder
from agentassist.search.index import Index
from agentassist.search.query import from_conversation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from agentassist.models import Passage

SETS = ("doc2dial", "mtrag", "dstc11t5")


class Remembering:
    """An encoder that never encodes the same text twice."""

    def __init__(self, inner: OnnxEncoder) -> None:
        self._inner = inner
        self._known: dict[str, NDArray[np.float32]] = {}

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return self._inner.dimension

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._inner.embed(new), strict=True))
        return np.stack([self._known[text] for text in texts])


def corpus(name: str) -> list[tuple[Article, tuple[Passage, ...]]]:
    """Return a set's articles, parted as the product parts them."""
    made = []
    for item in lines(SHARED / name / "corpus.jsonl"):
        title = item.get("title") or ""
        article = Article(item["id"], ArticleKind.ARTICLE, title, "https://example.com", "x.md")
        passages = from_blocks(article.id, title, markdown.parse(item["text"]).blocks)
        if passages:
            made.append((article, passages))
    return made


def relevant(name: str) -> dict[str, set[str]]:
    """Return the right articles by query."""
    right: dict[str, set[str]] = defaultdict(set)
    for line in (SHARED / name / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        query, article, score = line.split("\t")
        if score != "score" and float(score) > 0:
            right[query].add(article)
    return right


def rank_fusion(cosines: NDArray[np.float32] | None, words: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """Return the scores that reciprocal rank fusion (k = 60) gives."""
    given = [scores for scores in (cosines, words) if scores is not None]
    if len(given) == 1:
        return given[0]
    total = np.zeros(len(given[0]), dtype=np.float32)
    for scores in given:
        total[np.argsort(-scores, kind="stable")] += 1 / (61 + np.arange(len(scores), dtype=np.float32))
    return total


def open_set(name: str, folder: Path) -> Index:
    """Index a set; its vectors are kept between runs."""
    model = encoder()
    articles = corpus(name)
    texts = {content_hash(a, p): embedded_text(a, p) for a, passages in articles for p in passages}
    with EmbeddingCache.open(CACHE) as cache:
        embed_missing(texts, model, cache, rebuild=False, progress=lambda _: None)
        known = cache.vectors(model.description.model_hash, list(texts))
    order = [content_hash(article, passage) for article, passages in articles for passage in passages]
    rows = np.stack([np.frombuffer(known[digest], dtype=np.float32) for digest in order])
    publish(folder, articles, rows, model)
    return Index.open(folder, Remembering(OnnxEncoder.load(model.folder)))


def score(index: Index, name: str, mode: Mode, limit: int) -> tuple[float, float]:
    """Return MRR@10 and the share of queries with a right article among the first five."""
    right = relevant(name)
    queries = lines(SHARED / name / "queries.jsonl")
    queries = random.Random(0).sample(queries, min(limit, len(queries)))
    reciprocal, among_five = [], []
    for item in queries:
        query = from_conversation(entries(item["turns"]))
        found = index.search(query, mode=mode, limit=10, today=date(2026, 1, 1))
        ranks = [hit.rank for hit in found.hits if hit.article.id in right[item["id"]]]
        reciprocal.append(1 / ranks[0] if ranks else 0.0)
        among_five.append(bool(ranks) and ranks[0] <= 5)
    return float(np.mean(reciprocal)), float(np.mean(among_five))


def main() -> None:
    """Print a line for each set and mode."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=400, help="queries of each set, chosen at random")
    parser.add_argument("--rrf", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in SETS:
            if not (SHARED / name).is_dir():
                print(f"{name}: not beside this checkout")
                continue
            index = open_set(name, Path(folder) / name)
            for mode in Mode:
                with mock.patch.object(fusion, "combine", rank_fusion if options.rrf else fusion.combine):
                    mrr, five = score(index, name, mode, options.queries)
                print(f"{name:9} {mode.value:9} MRR@10 {mrr:.3f}   hit@5 {five:.3f}", flush=True)
            index.close()


if __name__ == "__main__":
    main()
