"""Fits what each kind of signal counts, and measures how well the friction meter tells problems from the rest.

The fit is a logistic regression that is held near START: what no data set shows (shouting, waiting, coming back) keeps
the weight it began with. Weights of signs of friction cannot fall below 0, those of calming ones not rise above it, so
that a reason is never shown for something that lowers the score. Every set counts the same.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agentassist.errors import EvaluationError, MissingExtraError
from agentassist.evaluation import friction_measure
from agentassist.friction.reading import SignalKind
from agentassist.friction.weights import AGAINST, CALMING, FOR, Weights
from agentassist.search import build_model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from agentassist.evaluation.friction_sets import Labelled
    from agentassist.friction.meter import Meter
    from agentassist.models import JsonValue

START = Weights(
    -3.0,
    {
        SignalKind.ASKED: 4.0,
        SignalKind.UPSET: 3.0,
        SignalKind.NEGATIVE: 1.0,
        SignalKind.SHOUTING: 1.0,
        SignalKind.PROFANITY: 1.5,
        SignalKind.UNRESOLVED: 1.5,
        SignalKind.REPEATED: 2.0,
        SignalKind.NO_ANSWER: 1.6,
        SignalKind.BOT_REPEATED: 0.6,
        SignalKind.REFUSED: 0.4,
        SignalKind.TRIED: 1.5,
        SignalKind.BACK: 0.6,
        SignalKind.SILENCE: 1.0,
        SignalKind.WAITING: 0.8,
        SignalKind.RETURNED: 1.0,
        SignalKind.LONG: 0.4,
        SignalKind.STAKES: 2.0,
        SignalKind.DONE: -1.0,
        SignalKind.THANKS: -1.0,
    },
)
"""Where the fit begins: what people who answer customers would say."""
HOLD, HOLD_FAST = 0.005, 0.3
"""How strongly the weights are held near START, and those of FAST."""
FAST = frozenset({SignalKind.UPSET, SignalKind.REPEATED, SignalKind.UNRESOLVED, SignalKind.STAKES})
"""What the sets at hand show in another shape than a desk does: their simulated customers say the same again to confirm
it, and stay polite."""
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """One labelled conversation as the weights see it: how strong each kind of signal is, shape (kinds,)."""

    item: Labelled
    marks: NDArray[np.float64]


def require() -> None:
    """Check that what fits and measures is installed.

    Raises:
        MissingExtraError: the [build] extra is not.
    """
    if importlib.util.find_spec("sklearn") is None:
        raise MissingExtraError(
            "measuring needs the [build] extra (scikit-learn is not installed)",
            f"Type: {build_model.install_line()}",
        )


def require_both(items: Sequence[Labelled]) -> None:
    """Check that there is something to tell apart.

    Raises:
        EvaluationError: there are not both kinds.
    """
    if len({item.problem for item in items}) < 2:
        raise EvaluationError("there is nothing to tell apart", "Give conversations with label 1 and with label 0.")


def see(meter: Meter, items: Sequence[Labelled]) -> list[Seen]:
    """Return what the meter counts in each conversation."""
    made = []
    for item in items:
        marks = meter.marks(item.entries, item.now)
        made.append(Seen(item, np.array([marks.get(kind.value, 0.0) for kind in SignalKind])))
    return made


def fit(seen: Sequence[Seen]) -> Weights:
    """Return the weights that tell problems from the rest, near START. Deterministic.

    Raises:
        EvaluationError: there are not both kinds.
    """
    from scipy.optimize import minimize

    require_both([one.item for one in seen])
    yes = np.array([one.item.problem for one in seen], dtype=bool)
    marks = np.stack([one.marks for one in seen])
    marks = np.hstack([np.ones((len(marks), 1)), marks])
    counts = _shares([one.item.dataset for one in seen])
    begin = np.array([START.constant, *(START.kinds[kind] for kind in SignalKind)])
    hold = np.array([0.0, *(HOLD_FAST if kind in FAST else HOLD for kind in SignalKind)])
    sign = np.where(yes, 1.0, -1.0)

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (marks @ at)
        lost = counts @ np.logaddexp(0.0, -margin) + 0.5 * hold @ (at - begin) ** 2
        pull = -(counts * sign / (1 + np.exp(np.clip(margin, -500, 500)))) @ marks
        return float(lost), pull + hold * (at - begin)

    bounds = [(None, None), *((AGAINST, 0.0) if kind in CALMING else (0.0, FOR) for kind in SignalKind)]
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=bounds)
    return Weights(float(found.x[0]), {kind: float(found.x[at]) for at, kind in enumerate(SignalKind, start=1)})


def scores(seen: Sequence[Seen], weights: Weights) -> NDArray[np.float64]:
    """Return the score of each conversation, shape (seen,)."""
    kinds = np.array([weights.kinds[kind] for kind in SignalKind])
    logit = np.array([weights.constant + float(one.marks @ kinds) for one in seen])
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -30, 30))))


def crossed(seen: Sequence[Seen], seed: int = 0) -> NDArray[np.float64]:
    """Return scores by weights that were fitted without the conversation: FOLDS parts of every set, dialogs whole."""
    part = np.empty(len(seen), dtype=np.int64)
    rng = np.random.default_rng(seed)
    for name in _names(seen):
        places = [at for at, one in enumerate(seen) if one.item.dataset == name]
        dialogs = sorted({seen[at].item.dialog_id for at in places})
        fold = dict(zip(dialogs, rng.permutation(len(dialogs)) % FOLDS, strict=True))
        for at in places:
            part[at] = fold[seen[at].item.dialog_id]
    made = np.empty(len(seen))
    for number in range(FOLDS):
        inside = part == number
        weights = fit([one for one, out in zip(seen, inside, strict=True) if not out])
        made[inside] = scores([one for one, out in zip(seen, inside, strict=True) if out], weights)
    return made


def set_left_out(seen: Sequence[Seen]) -> NDArray[np.float64] | None:
    """Return scores by weights that were fitted on the other sets; None when there is only one."""
    names = _names(seen)
    if len(names) < 2:
        return None
    made = np.empty(len(seen))
    for name in names:
        inside = np.array([one.item.dataset == name for one in seen])
        weights = fit([one for one, out in zip(seen, inside, strict=True) if not out])
        made[inside] = scores([one for one, out in zip(seen, inside, strict=True) if out], weights)
    return made


def compared(seen: Sequence[Seen], new: Weights, now: Weights, seed: int = 0) -> dict[str, dict[str, JsonValue]]:
    """Return the AUROC of the score for each set, with its interval.

    By the weights in use, by new ones on what they were fitted on, and by new ones that have not seen the conversation,
    or the set.

    Args:
        seen: what was fitted on.
        new: fitted on it.
        now: those in use.
        seed: of the parts and of the intervals.
    """
    ways = {"in_use": scores(seen, now), "new": scores(seen, new), "crossed": crossed(seen, seed)}
    if (left_out := set_left_out(seen)) is not None:
        ways["set_out"] = left_out
    made: dict[str, dict[str, JsonValue]] = {}
    for name in _names(seen):
        inside = np.array([one.item.dataset == name for one in seen])
        some = [one.item for one, yes in zip(seen, inside, strict=True) if yes]
        problems, dialogs = np.array([one.problem for one in some]), [one.dialog_id for one in some]
        areas = {way: friction_measure.auroc(problems, values[inside], dialogs, seed) for way, values in ways.items()}
        made[name] = {way: [area.value, area.low, area.high] for way, area in areas.items()}
    return made


def _names(seen: Sequence[Seen]) -> list[str]:
    return sorted({one.item.dataset for one in seen})


def _shares(names: Sequence[str]) -> NDArray[np.float64]:
    """Return what each conversation counts: every set the same."""
    sizes: Mapping[str, int] = {name: names.count(name) for name in set(names)}
    return np.array([1 / (sizes[name] * len(sizes)) for name in names])
