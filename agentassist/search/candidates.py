"""Gathers the passages that may answer a question, and scores them by words and by meaning."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from agentassist.models import Mode
from agentassist.search import fusion
from agentassist.search.lexical import SMALL_TALK, words
from agentassist.search.vectors import best

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from agentassist.models import QueryPart
    from agentassist.search.lexical import Lexical
    from agentassist.search.vectors import Vectors

FIRST_WORDS, OTHER_WORDS = 12, 16
"""Words that are looked for, the rarest: of the heaviest part, and of all other parts together. A search by words takes
as long as there are words; more of them find little else."""
FLOOR = 0.25
"""A passage that has none of the words is a hit only when its cosine is above this: so are 95 % of the right passages
of doc2dial and mtrag (all-MiniLM-L6-v2), and words that mean nothing stay below it."""


class Meaning:
    """What a query means, beside the vectors of all passages."""

    def __init__(self, vectors: Vectors, query: NDArray[np.float32]) -> None:
        self._vectors = vectors
        self.query = query

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

    def kept(self) -> bytes:
        """Return the query's vector as it is kept: float16, least significant byte first on every machine."""
        return self.query.astype("<f2").tobytes()

    @cached_property
    def scanned(self) -> NDArray[np.float32]:
        """About the cosine of every passage, shape (passages,)."""
        return self._vectors.scan(self.query)

    def cosines(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the cosines of some passages, shape (len(rows),), in [-1, 1]."""
        exact = self._vectors.exact(rows, self.query[None, :])[:, 0]
        return np.clip(np.nan_to_num(exact, nan=-1.0), -1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Question:
    """A query made ready.

    Attributes:
        words: what to look for: weights and words.
        meaning: None when words are all there is.
        first: numbers of the articles that come before all others.
        allowed: which passages may be found at all, shape (passages,).
        article_of: the number of each passage's article, shape (passages,).
    """

    words: Sequence[tuple[float, Sequence[str]]]
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


def weighted_words(parts: Sequence[QueryPart], lexical: Lexical) -> list[tuple[float, tuple[str, ...]]]:
    """Return the words to look for and what they count: of the heaviest part, and of all others together.

    One search for all the context is quicker than one a part, and finds better what several parts speak of.

    Args:
        parts: heaviest first.
        lexical: knows which words are rare.

    Raises:
        SearchError: the passages cannot be read.
    """
    first, *others = parts
    groups = [(first.weight, lexical.rarest(asked(first), FIRST_WORDS))]
    if others:
        context = dict.fromkeys(word for part in others for word in asked(part))
        mean = sum(part.weight for part in others) / len(others)
        groups.append((mean, lexical.rarest(tuple(context), OTHER_WORDS)))
    return groups


def asked(part: QueryPart) -> tuple[str, ...]:
    """Return the words of one part that are looked for.

    In a conversation the small talk is left out: an internal page about calls is not the answer to "can I talk to a
    person". It gains 0.014 of MRR@10 on doc2dial and 0.023 on dstc11t5, and loses 0.002 on mtrag (bench/quality.py).
    """
    found = words(part.text)
    if part.source == "typed":
        return found
    return tuple(word for word in found if word not in SMALL_TALK) or found


def gather(question: Question, lexical: Lexical, size: int) -> tuple[list[Candidate], bool]:
    """Return the best passage of every article that may answer, best article first, each article once.

    Args:
        question: what is asked.
        lexical: finds by words.
        size: how many passages are looked at closely from the vectors, and from each search by words.

    Returns:
        The candidates, and whether there may be more at a greater size.

    Raises:
        SearchError: the passages cannot be read.
    """
    found, more = _by_words(question, lexical, size) if question.mode is not Mode.SEMANTIC else ({}, False)
    nearest = _nearest(question, size)
    rows = _pool(question, found, nearest)
    cosines = question.meaning.cosines(rows) if question.meaning else None
    by_words = None
    if question.mode is not Mode.SEMANTIC:
        by_words = np.array([found.get(row, 0.0) for row in rows.tolist()], dtype=np.float32)
    scores = fusion.combine(cosines, by_words)
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
    # Whatever is further away than the last of the nearest would have to be above the floor too.
    if question.meaning is not None and len(nearest) == size:
        more = more or bool(question.meaning.scanned[nearest[-1]] > FLOOR)
    return [fitting[position] for position in order], more


def _by_words(question: Question, lexical: Lexical, size: int) -> tuple[dict[int, float], bool]:
    """Return the weighted BM25 of the passages that have any of the words, by row, and whether there may be more."""
    # As many more as may not be shown: whatever is filtered out, `size` remain if there are that many.
    limit = size + int(len(question.allowed) - np.count_nonzero(question.allowed))
    found: dict[int, float] = {}
    more = False
    for weight, some in question.words:
        rows = lexical.find(some, limit)
        more = more or len(rows) == limit
        for row, score in rows:
            if question.allowed[row]:
                found[row] = found.get(row, 0.0) + weight * score
    return found, more


def _nearest(question: Question, size: int) -> NDArray[np.int64]:
    """Return the rows of the passages that are nearest in meaning, nearest first; none without meaning."""
    if question.meaning is None:
        return np.zeros(0, dtype=np.int64)
    near = np.where(question.allowed, question.meaning.scanned, np.float32(-np.inf))
    return best(near, min(size, int(np.count_nonzero(question.allowed))))


def _pool(question: Question, found: dict[int, float], nearest: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows to look at: found by words, nearest by meaning, and all of the articles that come first."""
    rows = {*found, *nearest.tolist()}
    for article in question.first:
        rows.update(np.flatnonzero((question.article_of == article) & question.allowed).tolist())
    # np.unique would do the same, and import numpy.ma (50 ms) on the way to the first result.
    return np.array(sorted(rows), dtype=np.int64)
