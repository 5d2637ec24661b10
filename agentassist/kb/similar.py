"""Finds articles that say nearly the same: by the meaning of their passages, or by their words."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

SAME_MEANING = 0.78
"""Similarity by vectors from which two articles are told as near-duplicates.

Found with all-MiniLM-L6-v2 on 227 public help articles and the sample: every pair from here on (12 of 25,700) is two
articles on one subject, such as "Change your language" and "Change the default language".
"""
SAME_WORDS = 0.4
"""Share of word triples from which two articles are told as near-duplicates."""
_COMMON = 50
"""A word triple in more articles than this is boilerplate."""
_BLOCK = 1_024
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """The vectors of a published index.

    Attributes:
        article_ids: the article of each row.
        matrix: unit-length rows, shape (len(article_ids), dimension).
    """

    article_ids: Sequence[str]
    matrix: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles that say nearly the same.

    Attributes:
        first: the id that comes first in the order that was given.
        second: the other id.
        similarity: 1.0 is the same.
    """

    first: str
    second: str
    similarity: float


def near_duplicates(
    ids: Sequence[str], vectors: NDArray[np.float32], threshold: float = SAME_MEANING
) -> tuple[Pair, ...]:
    """Find articles whose passages mean the same.

    For two articles each passage of one is held against the nearest passage of the other; the mean of these cosines is
    taken in both directions, and the lower one counts. So a short article that a long one contains is not a duplicate
    of it.

    Args:
        ids: the article of each row, in any order.
        vectors: unit-length rows, shape (len(ids), dimension).
        threshold: the lowest similarity to tell.

    Returns:
        The pairs, most similar first. Takes time in the square of the passages.
    """
    import numpy as np

    order = list(dict.fromkeys(ids))
    if len(order) < 2:
        return ()
    place = {name: number for number, name in enumerate(order)}
    owner = np.array([place[name] for name in ids])
    by_owner = np.argsort(owner, kind="stable")
    owner, rows = owner[by_owner], np.asarray(vectors, dtype=np.float32)[by_owner]
    starts = np.searchsorted(owner, np.arange(len(order)))
    covered = np.zeros((len(order), len(order)), dtype=np.float64)
    for at in range(0, len(rows), _BLOCK):
        # For each row the best cosine with each article; then the sum by the row's own article.
        best = np.maximum.reduceat(rows[at : at + _BLOCK] @ rows.T, starts, axis=1)
        np.add.at(covered, owner[at : at + _BLOCK], best)
    covered /= np.bincount(owner, minlength=len(order))[:, None]
    similarity = np.minimum(covered, covered.T)
    firsts, seconds = np.nonzero(np.triu(similarity >= threshold, k=1))
    pairs = [
        Pair(order[first], order[second], min(1.0, float(similarity[first, second])))
        for first, second in zip(firsts.tolist(), seconds.tolist(), strict=True)
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.similarity, place[pair.first], place[pair.second])))


def near_copies(texts: Mapping[str, str], threshold: float = SAME_WORDS) -> tuple[Pair, ...]:
    """Find articles that share much of their wording: the Jaccard index of their word triples.

    Args:
        texts: plain text by article id.
        threshold: the lowest index to tell.

    Returns:
        The pairs, most similar first.
    """
    shingles = {name: _shingles(text) for name, text in texts.items()}
    holders: defaultdict[int, list[str]] = defaultdict(list)
    for name, found in shingles.items():
        for shingle in found:
            holders[shingle].append(name)
    shared: Counter[tuple[str, str]] = Counter()
    for names in holders.values():
        if 1 < len(names) <= _COMMON:
            shared.update(combinations(names, 2))
    pairs = []
    for (first, second), count in shared.items():
        similarity = count / (len(shingles[first]) + len(shingles[second]) - count)
        if similarity >= threshold:
            pairs.append(Pair(first, second, similarity))
    return tuple(sorted(pairs, key=lambda pair: (-pair.similarity, pair.first, pair.second)))


def _shingles(text: str) -> set[int]:
    words = _WORD.findall(text.casefold())
    return {hash(triple) for triple in zip(words, words[1:], words[2:], strict=False)}
