"""How likely a hit is right, from a few plain facts of its ranking. Pure.

A logistic regression, fitted by `python tests/bench/fit_confidence.py` on conversations of doc2dial, mtrag and dstc11t5
in which the right articles are known, and on ones whose question no article of the set answers. That prints the
constants below, how well they are calibrated on a set that was not fitted on, and what the threshold keeps and shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMED = 0.99
"""Of an article whose id or whole title was typed."""

THRESHOLD = 0.15
"""Below this for every hit, there is no good match."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each fact adds to the logit; none but the constant is negative, so that better evidence is never worse."""

    constant: float
    cosine: float
    lead: float
    share: float


BY_MEANING = Weights(-3.95, 1.72, 8.11, 7.23)
BY_WORDS = Weights(-4.15, 0.0, 0.0, 8.63)
"""When there is no encoder."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a hit.

    Attributes:
        cosine: of its best passage with the query, None without meaning.
        lead: see `leads`.
        share: of what was asked for, by how telling the words are, the part that its passage has, in [0, 1]; see
            `lexical.Lexical.shares`.
    """

    cosine: float | None
    lead: float
    share: float


def leads(cosines: Sequence[float | None]) -> tuple[float, ...]:
    """Return by how much each cosine is above the best other one; negative when it is below.

    0 when there is no other, and without meaning: by how much a BM25 is better than the next says nothing that holds
    in another knowledge base (it makes Brier score and AUROC of a set that was not fitted on worse).
    """
    known = sorted((cosine for cosine in cosines if cosine is not None), reverse=True)
    if len(known) < 2:
        return (0.0,) * len(cosines)
    best, second = known[:2]
    return tuple(0.0 if cosine is None else cosine - (second if cosine == best else best) for cosine in cosines)


def probability(evidence: Evidence) -> float:
    """Return how likely a hit is right, in [0, 1]."""
    if evidence.cosine is None:
        weights, cosine = BY_WORDS, 0.0
    else:
        weights, cosine = BY_MEANING, evidence.cosine
    logit = weights.constant + weights.cosine * cosine + weights.lead * evidence.lead + weights.share * evidence.share
    return 1 / (1 + math.exp(-logit))


def falling(values: Sequence[float]) -> tuple[float, ...]:
    """Return probabilities that never rise from one rank to the next: a hit is as likely as the likeliest behind it.

    The ranking knows more than these few facts, so a later hit is not told to be likelier than an earlier one. The
    first is then the greatest of all, which is what the threshold was chosen for.
    """
    return tuple(accumulate(reversed(values), max))[::-1]


def no_match(probabilities: Sequence[float]) -> bool:
    """Say whether none of what was found is likely to be right."""
    return not any(value >= THRESHOLD for value in probabilities)
