"""Timers are started in one place: a negative one freezes Textual, one of zero never fires."""

from __future__ import annotations

import ast
from itertools import chain, repeat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

PACKAGE = Path(__file__).parents[2] / "agentassist"
FILES = sorted(PACKAGE.rglob("*.py"))


def test_only_the_helper_starts_timers() -> None:
    """Only tui/timers.py calls set_timer or set_interval."""
    assert FILES
    calls = [
        f"{file.relative_to(PACKAGE)}:{node.lineno}"
        for file in FILES
        if file != PACKAGE / "tui" / "timers.py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"set_timer", "set_interval"}
    ]
    assert calls == []


@pytest.mark.parametrize("seconds", [-5.0, 0.0, 0.001, 2.0])
def test_no_timer_is_shorter_than_the_shortest(seconds: float) -> None:
    """The helpers never hand a negative or zero time on."""
    from agentassist.tui import timers

    class Pump:
        given: list[float] = []  # noqa: RUF012

        def set_timer(self, delay: float, callback: object) -> SimpleNamespace:
            self.given.append(delay)
            return SimpleNamespace()

        set_interval = set_timer

    pump = Pump()
    timers.after(pump, seconds, print)  # type: ignore[arg-type]
    timers.every(pump, seconds, print)  # type: ignore[arg-type]
    assert pump.given == [max(seconds, timers.SHORTEST)] * 2


async def test_a_timer_that_is_late_before_it_waits_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the processor is given to others just then, for longer than it was to wait, it fires all the same."""
    from textual import _time
    from textual import timer as textual_timer

    from agentassist.tui import timers

    class Pump:
        def set_timer(self, delay: float, callback: Any) -> textual_timer.Timer:
            return textual_timer.Timer(self, delay, callback=callback, repeat=0)  # type: ignore[arg-type]

    fired: list[int] = []
    moments = chain([0.0], repeat(5.0))
    monkeypatch.setattr(_time, "get_time", lambda: next(moments))

    async def ticked(_: textual_timer.Timer, *, count: int, **__: float) -> None:
        fired.append(count)

    monkeypatch.setattr(textual_timer.Timer, "_tick", ticked)
    pump = Pump()
    await timers.after(pump, 0.3, print)._run()  # type: ignore[arg-type]
    assert fired == [1]
