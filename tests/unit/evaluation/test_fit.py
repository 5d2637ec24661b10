"""Fitting the numbers of search, on a handful of conversations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from agentassist.errors import EvaluationError
from agentassist.evaluation import datasets, fit, indexing
from agentassist.evaluation.fit import SHOWN, Example, First
from agentassist.search import confidence, ranking
from agentassist.search.parameters import EVIDENCE, SIGNS, Weighing
from agentassist.search.turns import FEATURES

pytest.importorskip("torch", reason="needs the [build] extra")

TODAY = date(2026, 11, 22)


@pytest.fixture
def some(dataset: Callable[..., Path], tmp_path: Path, encoder: object, clock: object) -> Iterator[list[Example]]:
    """What search sees of the small data set."""
    loaded = datasets.load(dataset())
    index = indexing.open_index(loaded, tmp_path / "cache", clock=clock)  # type: ignore[arg-type]
    told: list[tuple[int, int]] = []
    made = fit.examples(loaded, index, TODAY, by_meaning=True, progress=lambda done, whole: told.append((done, whole)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    yield made
    index.close()


def loss(weighing: Weighing, some: list[Example]) -> float:
    """Return how much belief the right articles do not get, on average."""
    lost = []
    for item in some:
        scores = ranking.scores(weighing, item.found.evidence).astype(np.float64)
        lost.append(np.logaddexp.reduce(scores) - np.logaddexp.reduce(scores[item.right]))
    return float(np.mean(lost))


def start() -> Weighing:
    """Return the numbers that a fit begins with."""
    turns = np.zeros((len(EVIDENCE), len(FEATURES)), dtype=np.float32)
    for name, value in fit.START.items():
        turns[:, FEATURES.index(name)] = value
    nothing = np.zeros(len(SIGNS), dtype=np.float32)
    return Weighing(np.array(fit.START_SHARES, dtype=np.float32), turns, nothing, nothing, 0.0)


def right(some: list[Example]) -> list[Example]:
    """Return the examples that have a right article."""
    return [item for item in some if item.answerable and item.right.any()]


def test_fitting_lowers_the_loss(some: list[Example]) -> None:
    """The right articles get more belief than they had before, and twice the same examples give the same numbers."""
    asked = right(some)
    assert len(asked) == 3
    fitted = fit.fit_ranking(asked, {})
    assert loss(fitted, asked) < loss(start(), asked)
    again = fit.fit_ranking(asked, {})
    assert np.array_equal(again.turns, fitted.turns)
    assert np.array_equal(again.shares, fitted.shares)


def test_the_weight_of_a_set_counts(some: list[Example]) -> None:
    """Of two sets that contradict each other the heavier one decides."""
    asked = [item for item in right(some) if not item.right.all()]
    assert asked
    wrong = [replace(item, dataset="wrong", right=~item.right) for item in asked]
    for heavy, light, name in ((asked, wrong, asked[0].dataset), (wrong, asked, "wrong")):
        fitted = fit.fit_ranking([*asked, *wrong], {name: 50.0})
        assert loss(fitted, heavy) < loss(fitted, light)


def test_without_a_right_article_nothing_is_fitted() -> None:
    """No example is told in words."""
    with pytest.raises(EvaluationError):
        fit.fit_ranking([], {})


def test_the_whole_fit_gives_numbers(some: list[Example]) -> None:
    """All is finite, rounded as the file has it, and the threshold is a probability."""
    fitted = fit.fit(some, {})
    for values in (fitted.shares, fitted.turns, fitted.confidence, fitted.answerable):
        assert np.isfinite(values).all()
        assert np.allclose(values, np.round(values, 3))
    assert 0 < fitted.threshold <= 1.001


def test_the_threshold_lets_at_most_a_tenth_through(some: list[Example]) -> None:
    """Of every set's unanswerable questions at most SHOWN reach it, and nearly as many do."""
    weights = np.zeros(len(SIGNS), dtype=np.float32)
    weights[0] = 1.0
    nothing = next(item for item in some if not item.answerable)
    rng = np.random.default_rng(0)
    firsts = []
    for name, shift in (("easy", -2.0), ("hard", 1.0)):
        for value in rng.normal(shift, 1, 200):
            signs = np.zeros(len(SIGNS), dtype=np.float32)
            signs[0] = value
            firsts.append(First(replace(nothing, dataset=name), 0, signs))
    weighing = replace(start(), answerable=weights)
    cut = fit.threshold(firsts, weighing)
    for name in ("easy", "hard"):
        signs = np.array([item.signs for item in firsts if item.example.dataset == name])
        shown = float((confidence.probabilities(weights, signs) >= cut).mean())
        assert shown <= SHOWN
        assert name == "easy" or shown > SHOWN / 2
