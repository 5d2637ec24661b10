"""Slow work begins in one place: a coroutine that is handed to a worker which never begins is told as an error."""

from __future__ import annotations

import ast
import asyncio
import gc
from pathlib import Path

from textual.app import App

from agentassist.tui.screens.work import begin

PACKAGE = Path(__file__).parents[2] / "agentassist"


def test_only_the_helper_starts_workers() -> None:
    """Only tui/screens/work.py calls run_worker."""
    calls = {
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "run_worker"
    }
    assert calls == {"tui/screens/work.py"}


async def test_what_is_ended_before_it_began_leaves_nothing() -> None:
    """The last of a group is done and those before it are not, and no coroutine is missed (warnings are errors)."""
    app: App[None] = App()
    done: list[int] = []
    ended = asyncio.Event()

    async def work(number: int) -> None:
        done.append(number)
        ended.set()

    async with app.run_test():
        for number in range(20):
            begin(app, work, number, group="it", exclusive=True)
        await asyncio.wait_for(ended.wait(), 30)
        gc.collect()
    assert done == [19]
