"""When the desk collects its garbage."""

import gc
from collections.abc import Iterator

import pytest

from agentassist.tui import garbage
from agentassist.tui.garbage import Garbage


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Return what grows with every full collection; the collector is afterwards as it was before."""
    done: list[int] = []
    was, before = gc.isenabled(), gc.get_threshold()
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(gc, "collect", lambda: done.append(1))
    yield done
    gc.set_threshold(*before)
    if was:
        gc.enable()


def ticking(monkeypatch: pytest.MonkeyPatch, looks: Garbage, seconds: float, used: float) -> None:
    """Let time pass for a desk, and let it use some of the processor meanwhile."""
    now, cpu = looks._looked + seconds, looks._used + used
    monkeypatch.setattr(garbage, "monotonic", lambda: now)
    monkeypatch.setattr(garbage, "process_time", lambda: cpu)
    looks.tick()


def test_a_collector_that_runs_is_left_alone(collected: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the desk of a process of its own decides about the whole process."""
    before = gc.get_threshold()
    looks = Garbage()
    looks.begin()
    ticking(monkeypatch, looks, 1000.0, 0.0)
    assert (gc.get_threshold(), collected) == (before, [])


def test_everything_is_looked_through_only_while_nothing_goes_on(
    collected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy desk never stops for it; an idle one does, and not at every look."""
    gc.disable()
    looks = Garbage()
    looks.begin()
    assert gc.isenabled()
    assert gc.get_threshold() == (garbage.YOUNG, garbage.MIDDLE, garbage.SELDOM)
    for _ in range(100):
        ticking(monkeypatch, looks, 1.0, 0.5)
    assert collected == []
    ticking(monkeypatch, looks, 1.0, 0.01)
    assert collected == [1]
    for _ in range(50):
        ticking(monkeypatch, looks, 1.0, 0.01)
    assert collected == [1]
    for _ in range(20):
        ticking(monkeypatch, looks, 1.0, 0.01)
    assert collected == [1, 1]
