"""What others would do with the same articles and conversations: keyword search, plain vectors, and rank fusion.

They are kept apart from the product's own ranking on purpose: BM25 here is bm25s's (Lucene's variant, k1 1.5, b 0.75,
whole articles), and the fusion is that of ranks (Cormack, Clarke & Büttcher 2009, k = 60).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from agentassist.models import Author, EntryKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from agentassist.evaluation.datasets import Dataset
    from agentassist.kb.similar import PassageVectors
    from agentassist.models import Article, Entry, Passage
    from agentassist.protocols import Encoder

BM25, VECTORS, FUSION = "bm25", "vectors", "rrf"
LAST, LAST_THREE, LAST_FIVE, WHOLE = "last", "last3", "last5", "whole"
WAYS = {BM25: "BM25", VECTORS: "vectors", FUSION: "fusion"}
"""Ways to rank, and what they are called."""
READINGS = {
    LAST: "the customer's last burst",
    LAST_THREE: "the customer's last three bursts",
    LAST_FIVE: "the last five turns of everybody",
    WHOLE: "the whole conversation",
}
"""What is read of a conversation."""
NAMES = tuple(f"{way}-{reading}" for way in WAYS for reading in READINGS)
K1, B = 1.5, 0.75
RANK_CONSTANT = 60


def title(name: str) -> str:
    """Return what a baseline is called in words.

    Args:
        name: one of `NAMES`.
    """
    way, _, reading = name.partition("-")
    return f"{WAYS[way]}{' of ranks' if way == FUSION else ''}, {READINGS[reading]}"


def read(entries: Sequence[Entry], reading: str) -> str:
    """Return what is searched for.

    Args:
        entries: the conversation.
        reading: one of `READINGS`.
    """
    said = [entry for entry in entries if entry.kind is not EntryKind.EVENT]
    if reading == WHOLE:
        return "\n".join(entry.text for entry in said)
    if reading == LAST_FIVE:
        return "\n".join(entry.text for entry in said[-5:])
    bursts: list[list[str]] = []
    before: Author | None = None
    for entry in said:
        if entry.author is Author.CUSTOMER:
            if before is not Author.CUSTOMER:
                bursts.append([])
            bursts[-1].append(entry.text)
        before = entry.author
    return "\n".join(text for burst in bursts[-3 if reading == LAST_THREE else -1 :] for text in burst)


class Baselines:
    """Ranks the articles of a data set in the ways of `NAMES`."""

    def __init__(self, dataset: Dataset, vectors: PassageVectors | None, encoder: Encoder) -> None:
        """Read the articles.

        Args:
            dataset: whose articles are ranked.
            vectors: of all passages; None leaves `VECTORS` and `FUSION` out.
            encoder: the one that made them.
        """
        self._ids = [article.id for article, _ in dataset.articles]
        self._words = _Words([_text(article, passages) for article, passages in dataset.articles])
        self._encoder = encoder
        self._vectors = vectors
        at = {ident: number for number, ident in enumerate(self._ids)}
        self._article_of = np.array([at[ident] for ident in vectors.article_ids]) if vectors else None

    def available(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return those of some baselines that there is everything for."""
        return tuple(name for name in names if self._vectors is not None or name.startswith(f"{BM25}-"))

    def ranker(self, name: str, depth: int) -> Callable[[Sequence[Entry]], list[str]]:
        """Return what ranks article ids for a conversation, best first.

        Args:
            name: one of `NAMES`.
            depth: how many ids at most.
        """
        way, _, reading = name.partition("-")

        def rank(entries: Sequence[Entry]) -> list[str]:
            text = read(entries, reading)
            scores = self._scores(way, text)
            # What shares no word with the query is no result of a keyword search.
            best = [number for number in np.argsort(-scores, kind="stable")[:depth] if scores[number] > -np.inf]
            return [self._ids[number] for number in best]

        return rank

    def _scores(self, way: str, text: str) -> NDArray[np.float64]:
        if way == BM25:
            return self._words.scores(text)
        if way == VECTORS:
            return self._similar(text)
        total = np.zeros(len(self._ids))
        for some in (self._words.scores(text), self._similar(text)):
            order = np.argsort(-some, kind="stable")
            found = order[some[order] > -np.inf]
            total[found] += 1 / (RANK_CONSTANT + 1 + np.arange(len(found)))
        return total

    def _similar(self, text: str) -> NDArray[np.float64]:
        """Return each article's best cosine."""
        best = np.full(len(self._ids), -np.inf)
        if self._vectors is not None and self._article_of is not None and text.strip():
            cosines = np.asarray(self._vectors.matrix, dtype=np.float32) @ self._encoder.encode([text])[0]
            np.maximum.at(best, self._article_of, cosines.astype(np.float64))
        return best


class _Words:
    """BM25 over whole articles."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s

        self._tokenize: Callable[..., Any] = bm25s.tokenize
        self._model = bm25s.BM25(k1=K1, b=B)
        self._model.index(self._tokens(texts), show_progress=False)

    def _tokens(self, texts: Sequence[str]) -> Any:
        return self._tokenize(list(texts), stopwords="en", return_ids=False, show_progress=False)

    def scores(self, text: str) -> NDArray[np.float64]:
        """Return each article's score; minus infinity for one that shares no word."""
        tokens = self._tokens([text])[0]
        found = np.asarray(self._model.get_scores(tokens), dtype=np.float64) if tokens else np.zeros(0)
        if not len(found):
            return np.full(int(self._model.scores["num_docs"]), -np.inf)
        return np.where(found > 0, found, -np.inf)


def _text(article: Article, passages: Sequence[Passage]) -> str:
    """Return all words of an article once: a heading stands over several passages."""
    lines, above = [article.title], ""
    for passage in passages:
        if passage.heading and passage.heading != above:
            lines.append(passage.heading)
        above = passage.heading
        lines.append(passage.text)
    return "\n".join(lines)
