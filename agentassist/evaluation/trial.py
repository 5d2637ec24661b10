"""Tries numbers of search out on examples of `evaluation.fit`: the ones they were fitted on, or others."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agentassist.evaluation import fit
from agentassist.evaluation.metrics import DEPTH
from agentassist.search import confidence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agentassist.evaluation.fit import Example
    from agentassist.search.parameters import Weighing


@dataclass(frozen=True, slots=True)
class Outcome:
    """What some numbers make of one example.

    Attributes:
        rank: of the first right article, 0 when it is not found.
        likely: how likely there is an answer, in [0, 1].
        shown: whether that reaches the threshold.
    """

    example: Example
    rank: int
    likely: float
    shown: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """How good outcomes of one data set are. Shares of nothing are None.

    Attributes:
        queries: how many have an answer.
        unanswerable: how many have none.
        mrr: MRR@10 of those that have one.
        auroc: how often one with an answer is told to be likelier than one without.
        shown: the share of unanswerable ones that show a suggestion.
        kept: of those whose first hit is right, the share that shows it.
    """

    queries: int
    unanswerable: int
    mrr: float
    auroc: float | None
    shown: float | None
    kept: float | None


def outcomes(some: Sequence[Example], weighing: Weighing) -> list[Outcome]:
    """Return what some numbers make of examples, in their order."""
    made = []
    for item in some:
        found = fit.first(item, weighing)
        empty = not len(item.found.articles)
        likely = 0.0 if empty else float(confidence.probabilities(weighing.answerable, found.signs[None, :])[0])
        made.append(Outcome(item, found.rank, likely, likely >= weighing.threshold))
    return made


def crossed(some: Sequence[Example], fitted: Callable[[Sequence[Example]], Weighing]) -> list[Outcome]:
    """Return outcomes of which each half comes from numbers that were fitted on the other; dialogs stay whole.

    Args:
        some: of every set both halves are taken.
        fitted: fits numbers.
    """
    halves: tuple[list[Example], list[Example]] = ([], [])
    for item in some:
        halves[hashlib.sha256(item.dialog_id.encode("utf-8", "surrogatepass")).digest()[0] & 1].append(item)
    made = []
    for asked, taught in (halves, halves[::-1]):
        if asked:
            made += outcomes(asked, fitted(taught or asked))
    return made


def measured(some: Sequence[Outcome]) -> dict[str, Measured]:
    """Return how good outcomes are, by data set in the order in which they come."""
    sets = dict.fromkeys(item.example.dataset for item in some)
    return {name: _measured([item for item in some if item.example.dataset == name]) for name in sets}


def mean(of: Mapping[str, Measured]) -> float:
    """Return the mean MRR@10 of the sets that have queries with an answer; 0 for none."""
    values = [item.mrr for item in of.values() if item.queries]
    return sum(values) / len(values) if values else 0.0


def _measured(some: Sequence[Outcome]) -> Measured:
    from sklearn.metrics import roc_auc_score

    answerable = np.array([item.example.answerable for item in some])
    shown = np.array([item.shown for item in some])
    right = np.array([item.rank == 1 for item in some])
    reciprocal = [1 / item.rank if 0 < item.rank <= DEPTH else 0.0 for item in some if item.example.answerable]
    both = bool(answerable.any() and not answerable.all())
    kept, nothing = shown[answerable & right], shown[~answerable]
    return Measured(
        queries=int(answerable.sum()),
        unanswerable=len(nothing),
        mrr=sum(reciprocal) / max(len(reciprocal), 1),
        auroc=float(roc_auc_score(answerable, [item.likely for item in some])) if both else None,
        shown=float(nothing.mean()) if len(nothing) else None,
        kept=float(kept.mean()) if len(kept) else None,
    )
