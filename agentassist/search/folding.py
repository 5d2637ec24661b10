"""Folds articles that say nearly the same under the better one of them, so that a suggestion is not shown twice. Pure.

Agents would rather see a copy twice than miss the right article, so both title and passages must say it:

- the same title (but for spacing, case and punctuation) and passages as near as `SAME`;
- a title that is the other's with words added, as in "Reset the code" and "Reset the code (video)", and passages as
  near as `SAME + RENAMED`. A number that only one of the two has keeps them apart: "Error E1" is not "Error E2".

Articles of other titles are never folded, however near: pages made from one template for two products differ in little
but their names. Nor is an article folded under one that lacks something it says: an older version of a page without a
section of the newer one does not stand in for it, however near the rest is (see `COVERED`). A video folds with an
article only when it says the same in nearly the same words; where it shows what the article explains, an agent chooses
between the two kinds, and both stay.

How the numbers were found (all-MiniLM-L6-v2; `tests/bench/folding.py` prints them): among the pairs of one title on
doc2dial, mtrag and dstc11t5, from 0.97 on all are copies but one, and from 0.95 to 0.97 are the first that contradict
others (check-out at two different times). Every passage of every copy has one of at least 0.91 in the other; the page
that is none, since it had got a section more, is near by 0.98, and that section by 0.80. The sample's articles under a
title with one word more keep 0.989 or more with themselves; rewritten for another product ("Dial Pro" for "Dial"),
0.951 to 0.976 where the product is what they are about. To take less (0.88) for a title that only the two have folded
more, and hid the right one of 3 in 400 queries of doc2dial under an older version of its page.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from numpy.typing import NDArray

SAME = 0.97
"""Similarity (see `similarity`) from which articles of the same title are one."""
RENAMED = 0.01
"""How much more it takes when one title is the other with words added."""
COVERED = 0.9
"""What each passage of an article has to be near to a passage of the one that it is folded under."""
_NEVER = 2.0
_SLACK = 0.01
"""What the similarity may be above the cosine of the mean vectors; it never was on any of the sets."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Title:
    words: tuple[str, ...]
    known: frozenset[str]

    @classmethod
    def of(cls, text: str) -> _Title:
        words = tuple(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))
        return cls(words, frozenset(words))


def fold(
    order: Sequence[int],
    vectors_of: Callable[[int], NDArray[np.float32]],
    titles: Callable[[int], str],
    threshold: float = SAME,
    *,
    apart: Callable[[int], Hashable] | None = None,
) -> list[tuple[int, tuple[int, ...]]]:
    """Put every article that says nearly the same as a better one under that one.

    Each article is held against those that were kept before it, never against a folded one: what is folded is like the
    article that is shown, not like something in between.

    Args:
        order: the articles, each once, the best first.
        vectors_of: the unit-length vectors of an article's passages, shape (passages, d); without rows it is never
            folded. Asked at most once an article, and only when its title allows for a fold.
        titles: an article's title.
        threshold: the least similarity for articles of the same title; see `SAME`. Above 1.01 nothing folds.
        apart: articles for which this gives different values are never folded: language and audience, say, so that an
            internal article does not stand in for the one that can be sent. None tells no articles apart.

    Returns:
        The articles that stay, in their order, each with those folded under it, the better one first.
    """
    read = {article: _Title.of(titles(article)) for article in order}
    groups = {article: apart(article) for article in order} if apart else {}
    kept: list[tuple[int, list[int]]] = []
    known: dict[int, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}

    def vectors(article: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        if article not in known:
            rows = np.asarray(vectors_of(article), dtype=np.float32)
            known[article] = (rows, _middle(rows))
        return known[article]

    for article in order:
        for better, under in kept:
            if groups and groups[better] != groups[article]:
                continue
            needed = _needed(read[better], read[article], threshold)
            if needed < _NEVER and _near(vectors(better), vectors(article), needed):
                under.append(article)
                break
        else:
            kept.append((article, []))
    return [(article, tuple(under)) for article, under in kept]


def similarity(some: NDArray[np.float32], others: NDArray[np.float32]) -> float:
    """Return how near two articles are: each passage to the nearest of the other, the mean, the lower direction.

    It is what `kb.similar.near_duplicates` tells of two articles.

    Args:
        some: unit-length vectors of one article's passages, shape (n, d), n > 0.
        others: of the other's, shape (m, d), m > 0.
    """
    cosines = some @ others.T
    return float(min(cosines.max(axis=1).mean(), cosines.max(axis=0).mean()))


def _needed(some: _Title, other: _Title, threshold: float) -> float:
    """Return the similarity from which two articles of these titles are one."""
    if some.words == other.words:
        return threshold
    if not (some.known and other.known and (some.known <= other.known or other.known <= some.known)):
        return _NEVER
    if any(any(map(str.isdigit, word)) for word in some.known ^ other.known):
        return _NEVER
    return threshold + RENAMED


def _near(
    better: tuple[NDArray[np.float32], NDArray[np.float32]],
    other: tuple[NDArray[np.float32], NDArray[np.float32]],
    needed: float,
) -> bool:
    """Say whether an article says nearly the same as a better one, and nothing that the better one lacks."""
    if not (len(better[0]) and len(other[0])):
        return False
    # The cosine of the mean vectors is quick, and all but a bound: few pairs are looked at passage by passage.
    if float(better[1] @ other[1]) < needed - _SLACK or similarity(better[0], other[0]) < needed:
        return False
    return float((other[0] @ better[0].T).max(axis=1).min()) >= COVERED


def _middle(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean vector of an article at unit length, shape (d,)."""
    if not len(rows):
        return np.zeros(rows.shape[-1], dtype=np.float32)
    mean = rows.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)
