"""Trying numbers out, against figures worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from agentassist.evaluation import trial
from agentassist.evaluation.trial import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.evaluation.fit import Example
    from agentassist.search.parameters import Weighing

pytest.importorskip("sklearn", reason="needs the [build] extra")


def example(dataset: str, dialog: str = "d", *, answerable: bool = True) -> Example:
    """Return as much of an example as is looked at."""
    return cast("Example", SimpleNamespace(dataset=dataset, dialog_id=dialog, answerable=answerable))


def test_outcomes_are_measured() -> None:
    """MRR, AUROC and the shares are what their definitions give, set by set."""
    of = trial.measured(
        [
            Outcome(example("one"), 1, 0.9, shown=True),
            Outcome(example("one"), 4, 0.2, shown=False),
            Outcome(example("one"), 11, 0.8, shown=True),
            Outcome(example("one", answerable=False), 0, 0.5, shown=True),
            Outcome(example("one", answerable=False), 0, 0.1, shown=False),
            Outcome(example("two"), 1, 0.3, shown=False),
        ]
    )
    assert list(of) == ["one", "two"]
    one, two = of.values()
    assert (one.queries, one.unanswerable) == (3, 2)
    assert one.mrr == pytest.approx((1 + 0.25) / 3)
    assert one.auroc == pytest.approx(5 / 6)
    assert (one.shown, one.kept) == (0.5, 1.0)
    assert (two.auroc, two.shown, two.kept) == (None, None, 0.0)
    assert trial.mean(of) == pytest.approx((one.mrr + 1) / 2)
    assert trial.mean({}) == 0


def test_halves_keep_dialogs_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """No dialog is both fitted on and asked, and everything is asked once."""
    some = [example("one", f"d{at // 2}") for at in range(40)]
    seen: list[set[str]] = []

    def fitted(part: Sequence[Example]) -> Weighing:
        seen.append({item.dialog_id for item in part})
        return cast("Weighing", None)

    def outcomes(part: Sequence[Example], _: Weighing) -> list[Outcome]:
        assert not seen[-1] & {item.dialog_id for item in part}
        return [Outcome(item, 1, 0.5, shown=True) for item in part]

    monkeypatch.setattr(trial, "outcomes", outcomes)
    made = trial.crossed(some, fitted)
    assert len(seen) == 2
    assert sorted(map(id, some)) == sorted(id(item.example) for item in made)
