"""Measures against figures worked out by hand."""

from __future__ import annotations

import importlib.util
import math

import numpy as np
import pytest

from agentassist.errors import MissingExtraError
from agentassist.evaluation import metrics
from agentassist.evaluation.metrics import MEASURES, Judged

pytest.importorskip("ir_measures", reason="needs the [build] extra")


def test_rankings_are_scored() -> None:
    """Hits, recall, MRR and nDCG are what their definitions give."""
    ten = [f"x{number}" for number in range(10)]
    table = metrics.scores(
        [["a", "b"], ["x", "b", "a"], [*ten[:9], "a"], [*ten, "a"], []],
        [{"a": 1}, {"a": 1, "b": 1}, {"a": 1}, {"a": 1}, {"a": 1}],
    )
    by = dict(zip(MEASURES, table.T, strict=True))
    assert by["hit@1"].tolist() == [1, 0, 0, 0, 0]
    assert by["hit@3"].tolist() == [1, 1, 0, 0, 0]
    assert by["hit@5"].tolist() == [1, 1, 0, 0, 0]
    assert by["recall@5"].tolist() == [1, 1, 0, 0, 0]
    assert by["mrr@10"].tolist() == [1, 0.5, 0.1, 0, 0]
    second = (1 / math.log2(3) + 1 / math.log2(4)) / (1 + 1 / math.log2(3))
    assert by["ndcg@10"].tolist() == pytest.approx([1, second, 1 / math.log2(11), 0, 0])


def test_grades_count_in_ndcg() -> None:
    """A better article first is a better order; the other measures only see that both are right."""
    right = {"good": 3, "fair": 1}
    best, worse = metrics.scores([["good", "fair"], ["fair", "good"]], [right, right])
    assert best.tolist() == [1] * len(MEASURES)
    assert worse[:-1].tolist() == [1] * (len(MEASURES) - 1)
    assert worse[-1] < 1


@pytest.mark.parametrize("ident", ["a b\tc", "\x00", "\ud800", "é", "", "x" * 5_000])
def test_any_id_will_do(ident: str) -> None:
    """Ids may hold anything."""
    assert metrics.scores([["other", ident]], [{ident: 1}])[0].tolist()[:2] == [0, 1]


def test_an_interval_holds_the_mean() -> None:
    """The interval is about the mean, as narrow as the number of conversations lets it be."""
    values = np.array([0.0, 1.0] * 50)
    few = metrics.interval(values, metrics.resamples([str(number // 20) for number in range(100)], 0))
    many = metrics.interval(values, metrics.resamples([str(number) for number in range(100)], 0))
    assert few.value == many.value == 0.5
    assert many.low == pytest.approx(0.4, abs=0.03)
    assert many.high == pytest.approx(0.6, abs=0.03)


def test_conversations_are_drawn_whole() -> None:
    """Turns of one conversation are not independent: with all of a conversation alike the interval is wider."""
    values = np.repeat([0.0, 1.0], 50)
    alone = metrics.interval(values, metrics.resamples([str(number) for number in range(100)], 0))
    together = metrics.interval(values, metrics.resamples([str(number // 10) for number in range(100)], 0))
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_the_same_seed_gives_the_same_interval() -> None:
    """An evaluation can be repeated to the last digit."""
    dialogs = ["a", "b", "b", "c"]
    assert (metrics.resamples(dialogs, 3) == metrics.resamples(dialogs, 3)).all()
    assert (metrics.resamples(dialogs, 3) != metrics.resamples(dialogs, 4)).any()


def test_nothing_has_no_interval() -> None:
    """No query gives zeros, not a warning."""
    assert metrics.interval(np.zeros(0), metrics.resamples([], 0)).value == 0


def test_confidence_is_judged() -> None:
    """AUROC, shares, Brier score and the reliability table are what their definitions give."""
    judged = [
        Judged(answerable=True, right=True, probability=0.9, likely=0.6, shown=True),
        Judged(answerable=True, right=True, probability=0.2, likely=0.1, shown=False),
        Judged(answerable=True, right=False, probability=0.95, likely=0.9, shown=True),
        Judged(answerable=False, right=False, probability=0.3, likely=0.5, shown=True),
        Judged(answerable=False, right=False, probability=0.1, likely=0.2, shown=False),
    ]
    found = metrics.confidence(judged)
    assert (found.answerable, found.unanswerable) == (3, 2)
    assert found.auroc == pytest.approx(4 / 6)
    assert found.shown_unanswerable == 0.5
    assert found.shown_answerable == pytest.approx(2 / 3)
    assert found.kept == 0.5
    assert found.brier == pytest.approx((0.01 + 0.64 + 0.9025 + 0.09 + 0.01) / 5)
    assert found.brier_constant == pytest.approx(0.24)
    assert [(item.low, item.count, item.right) for item in found.bins] == [
        (0.1, 1, 0), (0.2, 1, 1), (0.3, 1, 0), (0.9, 2, 0.5)
    ]  # fmt: skip
    assert found.off == pytest.approx((0.1 + 0.8 + 0.3 + 2 * 0.425) / 5)


@pytest.mark.parametrize("answerable", [True, False])
def test_confidence_of_one_kind(answerable: bool) -> None:
    """With only answerable queries, or none of them, what cannot be measured is None."""
    one = Judged(answerable=answerable, right=False, probability=1.0, likely=1.0, shown=True)
    found = metrics.confidence([one] * 2)
    assert found.auroc is None
    assert found.kept is None
    assert (found.shown_unanswerable is None) == answerable


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the line to type is told."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError) as refused:
        metrics.require()
    assert "ir_measures" in refused.value.message
    assert "install" in refused.value.hint
