"""The sets of ../shared/data, parted and indexed as the product does it, for other benches."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from _bench import CACHE, SHARED, encoder, lines, publish

from agentassist.kb import markdown
from agentassist.kb.passages import content_hash, embedded_text, from_blocks
from agentassist.models import Article, ArticleKind
from agentassist.search.build_embed import embed_missing
from agentassist.search.cache import EmbeddingCache
from agentassist.search.encoder import OnnxEncoder
from agentassist.search.index import Index

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
