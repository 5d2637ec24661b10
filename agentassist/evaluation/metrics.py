"""How good rankings and probabilities are: trec_eval's measures by ir-measures, scikit-learn's for probabilities."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agentassist.errors import MissingExtraError
from agentassist.search import build_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

MEASURES = ("hit@1", "hit@3", "hit@5", "recall@5", "mrr@10", "ndcg@10")
DEPTH = 10
"""How many articles of a ranking are looked at."""
RESAMPLES = 1_000
COVERED = 95
"""Percent of the resamples that an interval covers."""
BINS = 10
_NEEDED = ("ir_measures", "sklearn", "bm25s")


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, and where it would be with other conversations of the same kind (bootstrap, 95 %)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bin:
    """First hits that were said to be about equally likely.

    Attributes:
        low: the least probability of this bin.
        high: the least one of the next.
        count: how many.
        said: their mean probability.
        right: the share that is right.
    """

    low: float
    high: float
    count: int
    said: float
    right: float


@dataclass(frozen=True, slots=True)
class Judged:
    """One search, as far as its probability is concerned.

    Attributes:
        answerable: there is a right article.
        right: the first hit is right.
        probability: how likely the first hit was said to be right.
        likely: how likely the knowledge base was said to have an answer.
        shown: the desk shows it rather than "No good match".
    """

    answerable: bool
    right: bool
    probability: float
    likely: float
    shown: bool


@dataclass(frozen=True, slots=True)
class Confidence:
    """How well the search knows when it has nothing. Shares of nothing are None.

    Attributes:
        auroc: how often an answerable query is told to be likelier to have an answer than an unanswerable one.
        shown_unanswerable: the share of unanswerable queries that show a suggestion.
        shown_answerable: the share of answerable ones that do.
        kept: of the queries whose first hit is right, the share that shows it.
        brier: mean squared difference between what was said and 1 for a right first hit, 0 for a wrong one.
        brier_constant: the same when the share of right ones is always said.
        off: mean distance between said and right over the bins, by how many are in each (expected calibration error).
        bins: the reliability table; only bins with something in them.
    """

    answerable: int
    unanswerable: int
    auroc: float | None
    shown_unanswerable: float | None
    shown_answerable: float | None
    kept: float | None
    brier: float
    brier_constant: float
    off: float
    bins: tuple[Bin, ...]


def require() -> None:
    """Check that what measures is installed.

    Raises:
        MissingExtraError: the [build] extra is not, or not all of it.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"measuring needs the [build] extra ({', '.join(missing)} is not installed)",
            f"Type: {build_model.install_line()}",
        )


def scores(rankings: Sequence[Sequence[str]], right: Sequence[Mapping[str, float]]) -> NDArray[np.float64]:
    """Return what each ranking scores, shape (rankings, MEASURES).

    Args:
        rankings: article ids, best first.
        right: for each ranking how right which articles are, whole numbers above 0.
    """
    from ir_measures import RR, R, Success, iter_calc, nDCG

    measures = (Success @ 1, Success @ 3, Success @ 5, R @ 5, RR @ DEPTH, nDCG @ DEPTH)
    column = {measure: at for at, measure in enumerate(measures)}
    # Only which ids are the same matters; numbers cannot hold what C strings choke on. trec_eval breaks ties by id:
    # scores that fall with the rank leave it none to break.
    numbers: dict[str, str] = {}

    def number(ident: str) -> str:
        return numbers.setdefault(ident, str(len(numbers)))

    qrels = {str(at): {number(item): int(grade) for item, grade in some.items()} for at, some in enumerate(right)}
    run = {
        str(at): {number(item): -float(rank) for rank, item in enumerate(some)}
        for at, some in enumerate(rankings)
        if some
    }
    table = np.zeros((len(rankings), len(measures)))
    if run:
        for found in iter_calc(list(measures), qrels, run):
            table[int(found.query_id), column[found.measure]] = found.value
    return table


def resamples(dialogs: Sequence[str], seed: int) -> NDArray[np.float64]:
    """Return how often each query counts in each resample, shape (RESAMPLES, queries).

    Conversations are drawn, not queries: the turns of one conversation are not independent, and drawing them one by
    one would promise too narrow an interval (cluster bootstrap, Davison & Hinkley 1997, 3.8).
    """
    _, group = np.unique(np.array(dialogs, dtype=object).astype(str), return_inverse=True)
    count = int(group.max()) + 1 if len(group) else 0
    if not count:
        return np.zeros((RESAMPLES, 0))
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    return drawn[:, group].astype(np.float64)


def interval(values: NDArray[np.float64], weights: NDArray[np.float64]) -> Interval:
    """Return the mean of values and the interval that `resamples` gives it; all zeros for none."""
    if not len(values):
        return Interval(0.0, 0.0, 0.0)
    totals = weights.sum(axis=1)
    means = (weights @ values)[totals > 0] / totals[totals > 0]
    low, high = np.percentile(means, [(100 - COVERED) / 2, (100 + COVERED) / 2])
    return Interval(float(values.mean()), float(low), float(high))


def confidence(judged: Sequence[Judged]) -> Confidence:
    """Return how well probabilities tell right from wrong, and answerable from not.

    Args:
        judged: at least one.
    """
    from sklearn.metrics import brier_score_loss, roc_auc_score

    answerable = np.array([item.answerable for item in judged])
    right = np.array([item.right for item in judged])
    said = np.clip([item.probability for item in judged], 0.0, 1.0)
    shown = np.array([item.shown for item in judged])
    both = bool(answerable.any() and not answerable.all())
    rate = float(right.mean())
    bins = _bins(said, right)
    return Confidence(
        answerable=int(answerable.sum()),
        unanswerable=int((~answerable).sum()),
        auroc=float(roc_auc_score(answerable, [item.likely for item in judged])) if both else None,
        shown_unanswerable=_share(shown[~answerable]),
        shown_answerable=_share(shown[answerable]),
        kept=_share(shown[answerable & right]),
        brier=float(brier_score_loss(right, said, pos_label=True)),
        brier_constant=rate * (1 - rate),
        off=sum(item.count * abs(item.said - item.right) for item in bins) / len(judged),
        bins=bins,
    )


def _share(values: NDArray[np.bool_]) -> float | None:
    return float(values.mean()) if len(values) else None


def _bins(said: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    which = np.minimum((said * BINS).astype(np.int64), BINS - 1)
    return tuple(
        Bin(at / BINS, (at + 1) / BINS, int(inside.sum()), float(said[inside].mean()), float(right[inside].mean()))
        for at in range(BINS)
        if (inside := which == at).any()
    )
