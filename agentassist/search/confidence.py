"""How likely an article is right, from a few plain signs of its ranking. Pure.

Two logistic regressions over `parameters.SIGNS`: that a hit is right, and that the knowledge base has an answer at all.
Both are fitted by `agentassist kb fit` on conversations in which the right articles are known and on ones whose
question no article answers. The second tells a right first hit from an unanswerable question, and decides whether
there is a good match: where many articles are right each is unlikely to be the first, and still there is an answer.
`agentassist kb eval` prints how well both do.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from agentassist.models import Recalled
    from agentassist.search.candidates import Candidates
    from agentassist.search.turns import Said

NAMED = 0.99
"""Of an article whose id or whole title was typed."""
VOTED = 3.0
"""What a whole vote of the memory adds to the logit: with the base rate of the dev sets an article that was sent in
nine conversations that are the same (a vote of 0.9) and has nothing else for it reaches one half."""
_FADING = 0.7
_SIXTH = 5
_USUAL, _SMALL, _LARGE = 8.0, -2.3, 1.0
"""ln of 3,000 passages, and the bounds beyond which nothing was fitted: 300 and 8,000 passages."""
_NO_LINE = 0.3
"""Taken for the cosine with an agent's line when there is none: about the mean."""
_SURE = 80.0
"""A logit beyond which a probability of 32 bits is 0 or 1."""


def signs(
    said: Sequence[Said],
    found: Candidates,
    scored: NDArray[np.float32],
    rows: NDArray[np.int64],
    cosines: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return the signs of every candidate, shape (a, len(parameters.SIGNS)).

    sure: its share of belief (the softmax of the scores) · lead: by how much its score is above the best other one ·
    cosine, last_cosine: of its passage with the whole and with the last burst · share, last_share: of what the words
    of all turns and of the last burst are worth, the part its passage has · rest: last_share without the words of its
    title · title: how much of its title was said in any turn · words, unknown: ln(1 + stems) of the last burst that the
    knowledge base has and has not · question: the last burst asks · turns: ln(1 + bursts) · agreement: it is first by
    meaning alone, by words alone, each 0.5 · ahead: how far the last burst is nearer to it than to the candidates on
    the whole, in deviations · spread: how far the nearest of them is before the sixth · answering: the last burst
    answers an agent's line · agent_cosine: of its passage with that line · size: ln(passages of the index) less _USUAL,
    because the more there are, the nearer the nearest of them is to anything.

    Args:
        said: the turns, heaviest first.
        found: the candidates, at least one.
        scored: their scores without the memory, shape (a,).
        rows: the place of each one's passage in `found.rows`, shape (a,).
        cosines: of that passage with the whole, shape (a,).
    """
    last = next((at for at, turn in enumerate(said) if turn.last), 0)
    line = next((at for at, turn in enumerate(said) if turn.by_agent and turn.part.age == said[last].part.age), None)
    weights = np.array([_FADING**turn.part.age * (0.5 if turn.by_agent else 1) for turn in said], dtype=np.float32)
    belief = np.exp(scored - scored.max())
    order = np.sort(scored)[::-1]
    second = np.where(scored == order[0], order[1] if len(order) > 1 else order[0], order[0])
    kinds = found.evidence.kinds
    by_meaning, by_words = kinds[0] @ weights, kinds[1] @ weights
    near = kinds[0][:, last]
    nearest = np.sort(near)[::-1]
    words, unknown = math.log1p(len(said[last].stems)), math.log1p(said[last].unknown)
    columns = (
        1.0, belief / belief.sum(), np.clip(scored - second, -3, 3), cosines, found.cosines[rows, last],
        found.shares[rows] @ (weights / weights.sum()), found.shares[rows, last], found.rests[rows, last],
        kinds[3].max(axis=1), words, unknown, 1.0 if "?" in said[last].part.text else 0.0,
        math.log1p(sum(not turn.by_agent for turn in said)),
        0.5 * (by_meaning >= by_meaning.max()) + 0.5 * (by_words >= by_words.max()),
        (near - near.mean()) / max(float(near.std()), 1e-6), nearest[0] - nearest[min(_SIXTH, len(nearest) - 1)],
        0.0 if line is None else 1.0, _NO_LINE if line is None else found.cosines[rows, line],
        min(max(math.log(max(found.total, 1)) - _USUAL, _SMALL), _LARGE),
    )  # fmt: skip
    return np.stack([np.broadcast_to(column, len(scored)) for column in columns], axis=1).astype(np.float32)


def probabilities(weights: NDArray[np.float32], of: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return probabilities in [0, 1], shape (a,), from signs of shape (a, len(parameters.SIGNS)) and their weights."""
    # Weights fitted on a few questions may be so large that the exponential has no number any more.
    return np.asarray(1 / (1 + np.exp(-np.clip(of @ weights, -_SURE, _SURE))), dtype=np.float32)


def voted(probability: float, recalled: Recalled | None) -> float:
    """Return a probability with what the memory says of the article."""
    if recalled is None:
        return probability
    odds = math.log(max(probability, 1e-6) / max(1 - probability, 1e-6)) + VOTED * recalled.vote
    return 1 / (1 + math.exp(-odds))


def falling(values: Sequence[float]) -> tuple[float, ...]:
    """Return probabilities that never rise from one rank to the next: a hit is as likely as the likeliest behind it.

    The ranking knows more than these few signs, so a later hit is not told to be likelier than an earlier one.
    """
    return tuple(accumulate(reversed(values), max))[::-1]
