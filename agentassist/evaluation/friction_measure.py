"""How well one and the same reading of the friction meter tells labelled conversations apart."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agentassist.evaluation import metrics
from agentassist.friction.reading import Level
from agentassist.models import Author

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from agentassist.evaluation.friction_sets import Labelled
    from agentassist.evaluation.metrics import Interval
    from agentassist.friction.meter import Meter
    from agentassist.friction.reading import Reading

OUTPUTS = ("score", "asks", "upset")
"""What of a reading is compared with a label: see `friction.reading.Reading`."""
LABELS = {"friction": "score", "transfer": "score", "asks": "asks", "upset": "upset"}
"""Which of them a label is about."""
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled conversation and what the meter says of it.

    Attributes:
        reading: at the judged point.
        request: after how many of the customer's turns they asked for a person themselves; None when they did not.
        fired: after how many the meter first said strained or more; None when it never did.
    """

    item: Labelled
    reading: Reading
    request: int | None
    fired: int | None


@dataclass(frozen=True, slots=True)
class At:
    """What a threshold does.

    Attributes:
        precision: of those at or above it, the share that are problems; None when there are none.
        recall: the share of problems that are at or above it.
    """

    threshold: float
    precision: float | None
    recall: float


@dataclass(frozen=True, slots=True)
class Early:
    """How early the meter noticed, before customers asked for a person themselves.

    Attributes:
        requests: conversations in which they did, not in their first turn.
        before: those of them in which the meter said strained or more in an earlier turn.
        turns: by how many turns earlier, the median of those; None when there are none.
    """

    requests: int
    before: int
    turns: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What one set gives.

    Attributes:
        auroc: how often a problem is placed above another conversation, for each of OUTPUTS.
        precision: the average precision of each of OUTPUTS.
        table: of the output that the label is about.
        levels: problems and others at each level.
    """

    dataset: str
    count: int
    problems: int
    output: str
    auroc: dict[str, Interval]
    precision: dict[str, float]
    table: tuple[At, ...]
    levels: dict[Level, tuple[int, int]]
    early: Early


def judge(
    meter: Meter, items: Sequence[Labelled], progress: Callable[[int, int], None] = lambda *_: None
) -> list[Judged]:
    """Return what the meter says of conversations."""
    made = []
    for number, item in enumerate(items, start=1):
        readings = meter.walk(item.entries, item.now)
        request = fired = None
        turns = 0
        for entry, reading in zip(item.entries, readings, strict=True):
            turns += entry.author is Author.CUSTOMER
            request = turns if request is None and reading.asked else request
            fired = turns if fired is None and reading.level is not Level.CALM else fired
        last = readings[-1] if readings else meter.read((), item.now)
        made.append(Judged(item, last, request, fired))
        progress(number, len(items))
    return made


def figures(judged: Sequence[Judged], output: str, seed: int = 0) -> Figures:
    """Return the figures of one set.

    Args:
        judged: at least one problem and one other.
        output: of OUTPUTS, what the label is about.
        seed: of the intervals.
    """
    from sklearn.metrics import average_precision_score

    yes = np.array([one.item.problem for one in judged])
    dialogs = [one.item.dialog_id for one in judged]
    values = {name: np.array([float(getattr(one.reading, name)) for one in judged]) for name in OUTPUTS}
    return Figures(
        dataset=judged[0].item.dataset,
        count=len(judged),
        problems=int(yes.sum()),
        output=output,
        auroc={name: auroc(yes, some, dialogs, seed) for name, some in values.items()},
        precision={name: float(average_precision_score(yes, some)) for name, some in values.items()},
        table=tuple(_at(yes, values[output], threshold) for threshold in THRESHOLDS),
        levels={level: _split(yes, [one.reading.level is level for one in judged]) for level in Level},
        early=_early(judged),
    )


def auroc(yes: NDArray[np.bool_], values: NDArray[np.float64], dialogs: Sequence[str], seed: int = 0) -> Interval:
    """Return the area under the ROC curve, and where it would be with other dialogs of the same kind (bootstrap)."""
    best, place = np.unique(values, return_inverse=True)
    weights = metrics.resamples(dialogs, seed)
    areas = [_area(yes, place, len(best), some) for some in (np.ones(len(yes)), *weights)]
    known = [area for area in areas[1:] if area is not None]
    edge = (100 - metrics.COVERED) / 2
    low, high = np.percentile(known, [edge, 100 - edge]) if known else (0.0, 0.0)
    return metrics.Interval(areas[0] or 0.0, float(low), float(high))


def _area(yes: NDArray[np.bool_], place: NDArray[np.int64], places: int, weights: NDArray[np.float64]) -> float | None:
    """Return the weighted share of pairs in the right order, ties half; None when one side is missing."""
    up = np.bincount(place[yes], weights[yes], places)
    down = np.bincount(place[~yes], weights[~yes], places)
    if not up.sum() or not down.sum():
        return None
    below = np.cumsum(down) - down
    return float((up * (below + down / 2)).sum() / (up.sum() * down.sum()))


def _at(yes: NDArray[np.bool_], values: NDArray[np.float64], threshold: float) -> At:
    above = values >= threshold
    hit = int((above & yes).sum())
    return At(threshold, hit / int(above.sum()) if above.any() else None, hit / max(int(yes.sum()), 1))


def _split(yes: NDArray[np.bool_], inside: Sequence[bool]) -> tuple[int, int]:
    some = np.array(inside)
    return int((some & yes).sum()), int((some & ~yes).sum())


def _early(judged: Sequence[Judged]) -> Early:
    later = [one for one in judged if one.request is not None and one.request > 1]
    leads = [
        one.request - one.fired
        for one in later
        if one.request is not None and one.fired is not None and one.fired < one.request
    ]
    return Early(len(later), len(leads), statistics.median(leads) if leads else None)
