"""Puts what was found by words and by meaning into one order. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WORDS_WEIGHT = 0.8
"""What a standard deviation of BM25 counts against one of cosine; `tests/bench/quality.py` shows how flat it is."""


def combine(cosines: NDArray[np.float32] | None, words: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """Return one score a candidate from its two scores.

    Both are brought to mean 0 and deviation 1 over the candidates first. Their sum keeps by how much the best is better
    than the rest, which ranks throw away: MRR@10 is better than that of reciprocal rank fusion on doc2dial and
    dstc11t5, and a little worse on mtrag (`tests/bench/quality.py`, with and without --rrf).

    Args:
        cosines: shape (n,); None without meaning.
        words: weighted BM25, 0 for a candidate without any word, shape (n,); None when words are not asked for.
    """
    if cosines is None:
        return np.zeros(0, dtype=np.float32) if words is None else words
    if words is None:
        return cosines
    return np.asarray(_standard(cosines) + WORDS_WEIGHT * _standard(words), dtype=np.float32)


def by_article(scores: Sequence[float], articles: Sequence[int], first: Sequence[int] = ()) -> list[int]:
    """Return the position of the best candidate of each article, best article first, each article once.

    Args:
        scores: of the candidates; of equal ones the earlier is better.
        articles: which article each candidate is of.
        first: articles that come before all others, in this order, when they have a candidate.
    """
    top: dict[int, int] = {}
    for position, article in enumerate(articles):
        if article not in top or scores[position] > scores[top[article]]:
            top[article] = position
    place = {article: order for order, article in enumerate(first)}
    ranked = sorted(top, key=lambda article: (place.get(article, len(place)), -scores[top[article]], top[article]))
    return [top[article] for article in ranked]


def _standard(values: NDArray[np.float32]) -> NDArray[np.float32]:
    deviation = float(values.std()) if len(values) else 0.0
    if deviation < 1e-9:
        return np.zeros_like(values)
    return np.asarray((values - values.mean()) / deviation, dtype=np.float32)
