"""Fitting and measuring the friction meter."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the [build] extra")

from agentassist.errors import EvaluationError
from agentassist.evaluation import friction_fit, friction_measure
from agentassist.evaluation.friction_sets import BEGAN, ENDED, Labelled
from agentassist.friction.meter import Meter
from agentassist.friction.reading import Level, SignalKind
from agentassist.friction.weights import CALMING
from agentassist.models import Author, Entry, EntryKind

GOOD = ("where is my parcel", "how do I change the colour", "thanks, that worked", "my number is 42")
BAD = (
    "get me a human",
    "this is terrible, you are useless",
    "still not working, I want a person",
    "worst service ever",
)


def item(dataset: str, number: int, text: str, *, problem: bool) -> Labelled:
    """Return a conversation of one message."""
    entry = Entry(1, 1, BEGAN, Author.CUSTOMER, "", EntryKind.MESSAGE, text)
    return Labelled(dataset, str(number), str(number), problem, (entry,), BEGAN + ENDED)


@pytest.fixture(scope="module")
def meter() -> Meter:
    """A meter that reads by words."""
    return Meter.load()


@pytest.fixture(scope="module")
def items() -> list[Labelled]:
    """Two small sets."""
    made = []
    for name in ("one", "two"):
        made += [item(name, at, text, problem=False) for at, text in enumerate(GOOD * 3)]
        made += [item(name, at + 100, text, problem=True) for at, text in enumerate(BAD * 3)]
    return made


def test_the_fit_is_deterministic_and_keeps_signs(meter: Meter, items: list[Labelled]) -> None:
    """The same conversations give the same weights; what they do not show stays as it began; no sign is wrong."""
    seen = friction_fit.see(meter, items)
    weights = friction_fit.fit(seen)
    assert weights == friction_fit.fit(seen)
    assert weights.kinds[SignalKind.WAITING] == pytest.approx(friction_fit.START.kinds[SignalKind.WAITING])
    assert all((value <= 0) if kind in CALMING else (value >= 0) for kind, value in weights.kinds.items())
    scores = friction_fit.scores(seen, weights)
    assert scores[[one.item.problem for one in seen]].min() > scores[[not one.item.problem for one in seen]].max()


def test_scores_are_those_of_the_meter(meter: Meter, items: list[Labelled]) -> None:
    """What is fitted on is what the meter reads with."""
    seen = friction_fit.see(meter, items)
    scores = friction_fit.scores(seen, meter.weights(by_meaning=False))
    for one, score in zip(items, scores, strict=True):
        assert meter.read(one.entries, one.now).score == pytest.approx(score)


def test_crossed_scores_and_sets_left_out(meter: Meter, items: list[Labelled]) -> None:
    """Every conversation gets a score from weights that have not seen it; with one set there is none to leave out."""
    seen = friction_fit.see(meter, items)
    table = friction_fit.compared(seen, friction_fit.fit(seen), meter.weights(by_meaning=False))
    assert set(table) == {"one", "two"}
    assert set(table["one"]) == {"in_use", "new", "crossed", "set_out"}
    assert friction_fit.set_left_out([one for one in seen if one.item.dataset == "one"]) is None


def test_one_kind_only_cannot_be_fitted(meter: Meter, items: list[Labelled]) -> None:
    """Without both labels there is nothing to tell apart, and that is said."""
    with pytest.raises(EvaluationError, match="nothing to tell apart"):
        friction_fit.fit(friction_fit.see(meter, [one for one in items if one.problem]))


def test_figures(meter: Meter, items: list[Labelled]) -> None:
    """Areas within their intervals, recall that falls with the threshold, and levels that count everybody."""
    judged = friction_measure.judge(meter, [one for one in items if one.dataset == "one"])
    found = friction_measure.figures(judged, "score")
    assert (found.count, found.problems) == (24, 12)
    for area in found.auroc.values():
        assert 0 <= area.low <= area.high <= 1
    recalls = [at.recall for at in found.table]
    assert recalls == sorted(recalls, reverse=True)
    assert sum(sum(counts) for counts in found.levels.values()) == 24
    assert set(found.levels) == set(Level)


def test_the_area_is_the_usual_one() -> None:
    """With ties, it is what scikit-learn says."""
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    yes, values = rng.random(200) < 0.3, rng.integers(0, 20, 200) / 20
    found = friction_measure.auroc(yes, values, [str(at) for at in range(200)])
    assert found.value == pytest.approx(roc_auc_score(yes, values))
    assert found.low < found.value < found.high


def test_how_early_it_fires_is_counted_in_the_customers_turns(meter: Meter) -> None:
    """Of a conversation in which the customer asks later, how many turns before it was strained."""
    texts = ("my dial does not pair", "the dial still does not pair, this is terrible", "get me a human")
    entries = tuple(
        Entry(1, at + 1, BEGAN, Author.CUSTOMER, "", EntryKind.MESSAGE, text) for at, text in enumerate(texts)
    )
    judged = friction_measure.judge(meter, [Labelled("x", "1", "1", True, entries, BEGAN)])
    assert (judged[0].request, judged[0].fired) == (3, 2)
