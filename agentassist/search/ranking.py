"""Puts the candidates in order: how much each turn of the conversation counts, and each kind of evidence. Pure.

A turn's weight is the exponential of a weighted sum of what can be seen of it (`turns.FEATURES`); each kind of evidence
has weights of its own. The evidence of all turns, so weighed, is added up for each article, brought to mean 0 and
deviation 1 over the candidates, and the kinds are added up with their shares. All weights are fitted together, so that
the right articles come first (`evaluation.fit`): a softmax over the candidates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from agentassist.search.parameters import Weighing

VOTE = 4.0
"""What a whole vote of the memory counts, in standard deviations of the score over the candidates. With 3, 4 and 6
doc2dial has 0.949, and dstc11t5 0.711, 0.734 and 0.750 with all sends; articles that were never sent lose 0.003, 0.003
and 0.037 on dstc11t5: computed as `search.memory` tells."""
ENOUGH = 10
"""Candidates that set a scale for others: of fewer the deviation says little, and what the memory names beside them
could stand so far below that no vote lifts it. On the dev sets there are 16 and more."""
FINITE = np.errstate(invalid="ignore")
"""For what multiplies finite numbers: the library that NumPy multiplies with may leave the processor's flag of a number
that it read beside a matrix (numpy issue 24067), and somebody would be warned of nothing."""
_LEAST, _MOST = -8.0, 4.0
"""Bounds of the logarithm of a turn's weight: a conversation like none before must not make one turn everything."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for each candidate article, turn by turn.

    Attributes:
        turns: what can be seen of each turn, shape (t, len(turns.FEATURES)).
        kinds: for each of `parameters.EVIDENCE`, each candidate and turn, shape (k, a, t):
            the greatest cosine of the turn with one of the article's passages; the greatest BM25 with one of them (each
            tenth of it is 1); the BM25 with the article as a whole (the same); how much of the article's title the turn
            has, by what its words are worth, in [0, 1]; the cosine with the article's first passage; the turn's words
            side by side that one of the passages has side by side, too, by what they are worth for being rare among the
            candidates (a tenth of it), and that the article has; the logarithm of how many passages it has.
    """

    turns: NDArray[np.float32]
    kinds: NDArray[np.float32]


def turn_weights(weighing: Weighing, turns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much each turn counts for each kind of evidence, shape (k, t)."""
    return np.asarray(np.exp(np.clip(weighing.turns @ turns.T, _LEAST, _MOST)), dtype=np.float32)


def scores(weighing: Weighing, evidence: Evidence, found: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
    """Return one score a candidate, shape (a,); only differences mean anything; their softmax is a share of belief.

    Args:
        weighing: the fitted numbers.
        evidence: of all candidates.
        found: the candidates that set the scale, if they are ENOUGH; None for all. What the memory alone names does
            not: however much of it there is, the others keep their scores.
    """
    weights = turn_weights(weighing, evidence.turns)
    summed = np.einsum("kat,kt->ka", evidence.kinds, weights)
    return np.asarray(weighing.shares @ standard(summed, found), dtype=np.float32)


def standard(values: NDArray[np.float32], found: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
    """Return rows brought to mean 0 and deviation 1 over the columns in `found`; a row of equal values becomes 0."""
    if not values.shape[-1]:
        return values
    scale = _scale(values, found)
    deviation = scale.std(axis=-1, keepdims=True)
    return np.asarray(
        np.where(deviation > 1e-6, (values - scale.mean(axis=-1, keepdims=True)) / np.maximum(deviation, 1e-6), 0),
        dtype=np.float32,
    )


def voted(
    scored: NDArray[np.float32], votes: NDArray[np.float32], found: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    """Return scores with what the memory says; without a vote they are the very same numbers.

    Args:
        scored: shape (a,).
        votes: in [-1, 1], 0 for none, shape (a,).
        found: as in `scores`.
    """
    if not votes.any():
        return scored
    return np.asarray(scored + VOTE * max(float(_scale(scored, found).std()), 1e-3) * votes, dtype=np.float32)


def _scale(values: NDArray[np.float32], found: NDArray[np.bool_] | None) -> NDArray[np.float32]:
    return values if found is None or np.count_nonzero(found) < ENOUGH else values[..., found]
