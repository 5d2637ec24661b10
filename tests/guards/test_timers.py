"""Timers are started in one place: a negative one freezes Textual, one of zero never fires."""

from __future__ import annotations

import ast
from pathlib import Path

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

        def set_timer(self, delay: float, callback: object) -> None:
            self.given.append(delay)

        set_interval = set_timer

    pump = Pump()
    timers.after(pump, seconds, print)  # type: ignore[arg-type]
    timers.every(pump, seconds, print)  # type: ignore[arg-type]
    assert pump.given == [max(seconds, timers.SHORTEST)] * 2
