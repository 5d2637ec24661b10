"""Gathers the passages that may answer a question, and scores them by words and by meaning."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from agentassist.models import Mode
from agentassist.search import fusion
from agentassist.search.vectors import best

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from agentassist.models import QueryPart
    from agentassist.search.lexical import Lexical
    from agentassist.search.vectors import Vectors

PART_WORDS = 12
"""Words of one part that are looked for, the rarest: more cost time and find nothing else (see bench/quality.py)."""
FLOOR = 0.25
"""A passage that has none of the words is a hit only when its cosine is above this: so are 95 % of the right passages
of doc2dial and mtrag (all-MiniLM-L6-v2), and words that mean nothing stay below it."""


class Meaning:
    """What a query means, beside the vectors of all passages."""

    def __init__(self, vectors: Vectors, query: NDArray[np.float32]) -> None:
        self._vectors = vectors
        self._query = query

    @classmethod
    def of(cls, vectors: Vectors, rows: NDArray[np.float32], parts: Sequence[QueryPart]) -> Meaning | None:
        """Weigh the vectors of a query's parts into one; None when they cancel each other out.

        The weighted sum of the parts' cosines is, but for a factor, the cosine with their weighted sum: one scan does
        for all parts.

        Args:
            vectors: of the passages.
            rows: one unit-length row a part, shape (len(parts), d).
            parts: the weights.
        """
        whole = np.array([part.weight for part in parts], dtype=np.float32) @ rows
        length = float(np.linalg.norm(whole))
        return cls(vectors, np.asarray(whole / length, dtype=np.float32)) if length > 1e-6 else None

    @cached_property
    def scanned(self) -> NDArray[np.float32]:
        """About the cosine of every passage, shape (passages,)."""
        return self._vectors.scan(self._query)

    def cosines(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the cosines of some passages, shape (len(rows),), in [-1, 1]."""
        exact = self._vectors.exact(rows, self._query[None, :])[:, 0]
        return np.clip(np.nan_to_num(exact, nan=-1.0), -1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Question:
    """A query made ready.

    Attributes:
        parts: what is asked, in pieces.
        words: the words to look for, for each part.
        meaning: None when words are all there is.
        first: numbers of the articles that come before all others.
        allowed: which passages may be found at all, shape (passages,).
        article_of: the number of each passage's article, shape (passages,).
    """

    parts: Sequence[QueryPart]
    words: Sequence[Sequence[str]]
    meaning: Meaning | None
    mode: Mode
    first: Sequence[int]
    allowed: NDArray[np.bool_]
    article_of: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may answer.

    Attributes:
        score: the fused score.
        cosine: None without meaning.
    """

    row: int
    article: int
    score: float
    cosine: float | None


def gather(question: Question, lexical: Lexical, size: int) -> list[Candidate]:
    """Return the best passage of every article that may answer, best article first, each article once.

    Args:
        question: what is asked.
        lexical: finds by words.
        size: how many passages are looked at closely from the vectors, and for each part from the words.

    Raises:
        SearchError: the passages cannot be read.
    """
    found = _by_words(question, lexical, size) if question.mode is not Mode.SEMANTIC else {}
    rows = _pool(question, found, size)
    cosines = question.meaning.cosines(rows) if question.meaning else None
    words = None
    if question.mode is not Mode.SEMANTIC:
        words = np.array([found.get(row, 0.0) for row in rows.tolist()], dtype=np.float32)
    scores = fusion.combine(cosines, words)
    candidates = [
        Candidate(row, article, score, None if cosines is None else float(cosines[position]))
        for position, (row, article, score) in enumerate(
            zip(rows.tolist(), question.article_of[rows].tolist(), scores.tolist(), strict=True)
        )
    ]
    fitting = [
        candidate
        for candidate in candidates
        if candidate.row in found
        or candidate.article in question.first
        or (candidate.cosine is not None and candidate.cosine > FLOOR)
    ]
    order = fusion.by_article([item.score for item in fitting], [item.article for item in fitting], question.first)
    return [fitting[position] for position in order]


def _by_words(question: Question, lexical: Lexical, size: int) -> dict[int, float]:
    """Return the weighted BM25 of the passages that have any of the words, by row."""
    # As many more as may not be shown: whatever is filtered out, `size` remain if there are that many.
    forbidden = int(len(question.allowed) - np.count_nonzero(question.allowed))
    found: dict[int, float] = {}
    for part, words in zip(question.parts, question.words, strict=True):
        for row, score in lexical.find(words, size + forbidden):
            if question.allowed[row]:
                found[row] = found.get(row, 0.0) + part.weight * score
    return found


def _pool(question: Question, found: dict[int, float], size: int) -> NDArray[np.int64]:
    """Return the rows to look at: found by words, nearest by meaning, and all of the articles that come first."""
    pools = [np.fromiter(found, dtype=np.int64, count=len(found))]
    if question.meaning is not None:
        near = np.where(question.allowed, question.meaning.scanned, np.float32(-np.inf))
        nearest = best(near, min(size, int(np.count_nonzero(question.allowed))))
        pools.append(nearest)
    if question.first:
        pools.append(np.flatnonzero(np.isin(question.article_of, question.first) & question.allowed))
    return np.unique(np.concatenate(pools))
