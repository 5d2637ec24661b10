"""Words that stand side by side, in what was said and in an article: "life insurance" is more than both words. Pure."""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from agentassist.search.sequences import mark_of, pair_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from agentassist.search.candidates import Question, Sources
    from agentassist.search.sequences import Pair

_UNIT = 10.0
"""As of BM25: what the ranking's weights begin with fits both."""


MOST = 1024
"""Pairs that are looked for, those of the heaviest turns: a text that was pasted must not make others wait."""
_REMEMBERED = 2048
"""Texts whose pairs are remembered: with each message a conversation is read anew from its beginning."""


@lru_cache(maxsize=_REMEMBERED)
def of(stems: tuple[str, ...], stop: frozenset[str]) -> tuple[Pair, ...]:
    """Return the words of a text that stand side by side: as they are, and when stop words are left out.

    Two stop words are no pair. Each pair comes once, in the order of the text; at most MOST.
    """
    telling = [stem for stem in stems if stem not in stop]
    beside = (pair for pair in itertools.pairwise(stems) if not (pair[0] in stop and pair[1] in stop))
    found = dict.fromkeys((*beside, *itertools.pairwise(telling)))
    return tuple(pair_of(one, other) for one, other in itertools.islice(found, MOST))


class Seen(NamedTuple):
    """The pairs of a question, and which of some passages have them: it takes no vectors.

    Attributes:
        wanted: the pairs, each once, shape (pairs,).
        said: 1 where a turn has one, shape (pairs, turns).
        rows: the passages that were looked at, ascending.
        found: which of them has which pair, shape (rows, pairs).
    """

    wanted: NDArray[np.uint64]
    said: NDArray[np.float32]
    rows: NDArray[np.int64]
    found: NDArray[np.bool_]


def seen(question: Question, sources: Sources, rows: NDArray[np.int64]) -> Seen:
    """Look for the pairs of a question in some passages; none when it is not asked by words.

    Raises:
        SearchError: the file is damaged.
    """
    every = dict.fromkeys(pair for turn in question.said for pair in turn.pairs) if question.by_words else {}
    place = {pair: at for at, pair in enumerate(itertools.islice(every, MOST))}
    wanted = np.array(list(place), dtype=np.uint64)
    said = np.zeros((len(wanted), len(question.said)), dtype=np.float32)
    for column, turn in enumerate(question.said):
        said[[place[pair] for pair in turn.pairs if pair in place], column] = 1
    return Seen(wanted, said, rows, sources.sequences.having(wanted, rows, _stop(sources)))


def _stop(sources: Sources) -> NDArray[np.uint32]:
    return np.array([mark_of(stem) for stem in sources.stop], dtype=np.uint32)


def _having(known: Seen, sources: Sources, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of some passages have which pair, looking only into those that were not looked at before."""
    at = np.searchsorted(known.rows, rows)
    before = np.append(known.rows, -1)[at] == rows
    found = np.empty((len(rows), len(known.wanted)), dtype=np.bool_)
    found[before] = known.found[at[before]]
    found[~before] = sources.sequences.having(known.wanted, rows[~before], _stop(sources))
    return found


def evidence(
    question: Question,
    sources: Sources,
    rows: NDArray[np.int64],
    starts: NDArray[np.int64],
    by_itself: NDArray[np.bool_],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what the turns' pairs of words say for each article: of its best passage, and of all it has; shape (a, t).

    A pair counts once, and by how rare it is among the candidates. Only those that the question found by itself are
    looked at for that: what the memory names beside them must not change what the others have.

    Args:
        question: what is asked; when it is not asked by words, no pair counts.
        sources: where it is looked for.
        rows: the passages of the articles, article by article.
        starts: where each article's begin in `rows`.
        by_itself: the articles that the question found or named.

    Raises:
        SearchError: the file is damaged.
    """
    worded = question.worded
    known = worded.pairs if worded is not None else seen(question, sources, rows)
    of_passages = _having(known, sources, rows)
    there = np.flatnonzero(of_passages.any(axis=0))
    if not len(there):
        nothing = np.zeros((len(starts), len(question.said)), dtype=np.float32)
        return nothing, nothing
    of_passages = of_passages[:, there]
    of_articles = np.zeros((len(starts), len(there)), dtype=np.bool_)
    passage, pair = np.nonzero(of_passages)  # few of them: much quicker than to reduce the whole of it
    of_articles[np.searchsorted(starts, passage, side="right") - 1, pair] = True
    having, count = of_articles[by_itself].sum(axis=0), np.count_nonzero(by_itself)
    worth = np.log1p((count - having + 0.5) / (having + 0.5)) / _UNIT
    values = known.said[there] * worth[:, None].astype(np.float32)
    best = np.maximum.reduceat(of_passages.astype(np.float32) @ values, starts, axis=0)
    return best, of_articles.astype(np.float32) @ values
