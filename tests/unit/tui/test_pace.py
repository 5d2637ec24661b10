"""What keeps background work out of the way: one reading at a time, not too often, and between two keys."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, ParamSpec, cast

import pytest

from agentassist.tui import keyboard as keys
from agentassist.tui.keyboard import Keyboard
from agentassist.tui.screens import work
from agentassist.tui.screens.work import Refresher

if TYPE_CHECKING:
    from textual.dom import DOMNode

P = ParamSpec("P")
LEAST = 1e-6
"""Seconds that every step of the loop takes: what is left of a wait may be too little to be added to the time."""


class Jumping(asyncio.SelectorEventLoop):
    """A loop whose time goes on when nothing is left to do before a timer, and by exactly so much."""

    def __init__(self) -> None:
        self.now = 1_000.0
        super().__init__(_Jumps(self))

    def time(self) -> float:
        """Return the moment."""
        return self.now


class _Jumps(selectors.DefaultSelector):
    def __init__(self, loop: Jumping) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Let the time pass instead of waiting."""
        self._loop.now += max(timeout or 0.0, LEAST)
        return super().select(0)


def in_its_own_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a test in a time that no busy machine can hold up."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=Jumping) as runner:
            runner.run(test(*args, **kwargs))

    return run


def monotonic() -> float:
    """Return the time of the loop."""
    return asyncio.get_running_loop().time()


@pytest.fixture(autouse=True)
def _one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (keys, work):
        monkeypatch.setattr(module, "monotonic", monotonic)


class Node:
    """Runs workers as a screen does: an exclusive one ends those of its group."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def run_worker(self, work: Callable[[], Coroutine[Any, Any, None]], *, group: str, exclusive: bool) -> None:
        """Begin to run it."""
        if exclusive and group in self._tasks:
            self._tasks[group].cancel()
        self._tasks[group] = asyncio.get_running_loop().create_task(work())

    async def end(self) -> None:
        """Wait until nothing runs."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


class Readings:
    """Notes when each reading began; each takes a moment."""

    def __init__(self, node: Node, every: float, keyboard: Keyboard | None = None, takes: float = 0.01) -> None:
        self.begun: list[float] = []
        self.ended = 0
        self._takes = takes
        self.refresher = Refresher(cast("DOMNode", node), "it", self._read, every=every, keyboard=keyboard)

    async def _read(self) -> None:
        self.begun.append(monotonic())
        await asyncio.sleep(self._takes)
        self.ended += 1


@in_its_own_time
async def test_the_first_is_read_at_once_and_the_last_is_not_forgotten() -> None:
    """What comes alone is read at once; of what comes on and on, the last is read, too."""
    node = Node()
    readings = Readings(node, every=0.1)
    started = monotonic()
    for _ in range(25):
        readings.refresher.poke()
        await asyncio.sleep(0.01)
    poked = monotonic()
    await node.end()
    assert readings.begun[0] - started < 0.05
    assert readings.begun[-1] >= poked - 0.01
    gaps = [later - before for before, later in zip(readings.begun, readings.begun[1:], strict=False)]
    assert gaps
    assert min(gaps) >= 0.095


@in_its_own_time
async def test_after_a_rest_it_is_read_at_once_again() -> None:
    """Only what comes soon after the one before waits."""
    node = Node()
    readings = Readings(node, every=0.1)
    readings.refresher.poke()
    await asyncio.sleep(0.12)
    started = monotonic()
    readings.refresher.poke()
    await node.end()
    assert len(readings.begun) == 2
    assert readings.begun[1] - started < 0.05


@in_its_own_time
async def test_a_restart_drops_what_is_read_and_does_not_wait() -> None:
    """Another conversation does not wait for what was read of the one before, and pokes count from then on."""
    node = Node()
    readings = Readings(node, every=5.0, takes=0.2)
    readings.refresher.poke()
    await asyncio.sleep(0.01)
    started = monotonic()
    readings.refresher.restart()
    await node.end()
    assert readings.begun[1] - started < 0.1
    assert readings.ended == 1
    readings.refresher.restart()
    await node.end()
    assert readings.ended == 2


@in_its_own_time
async def test_nobody_types_so_nothing_waits() -> None:
    """While no key is pressed there is nothing to keep out of the way of."""
    started = monotonic()
    await Keyboard().between()
    assert monotonic() - started < 0.05


@in_its_own_time
async def test_the_picture_of_a_key_comes_first() -> None:
    """What comes with a key waits until that is on screen, and then goes before the next."""
    keyboard = Keyboard()
    keyboard.pressed()
    started = monotonic()
    await keyboard.between()
    assert keys.PICTURE_SECONDS * 0.9 <= monotonic() - started < keys.LONGEST_SECONDS


@in_its_own_time
async def test_what_comes_late_after_a_key_waits_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the next key is due, work waits for it."""
    monkeypatch.setattr(keys, "LONGEST_SECONDS", 5.0)
    monkeypatch.setattr(keys, "RESTING_SECONDS", 5.0)
    keyboard = Keyboard()
    keyboard.pressed()
    await asyncio.sleep(keys.AFTER_SECONDS + 0.01)
    waiting = asyncio.ensure_future(keyboard.between())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    keyboard.pressed()
    await asyncio.wait_for(waiting, 1.0)


@in_its_own_time
async def test_nothing_waits_for_ever() -> None:
    """Somebody who holds a key down does not keep news from the screen."""
    keyboard = Keyboard()
    started = monotonic()
    waiting = asyncio.ensure_future(keyboard.between())
    while not waiting.done() and monotonic() - started < 2.0:
        keyboard.pressed()
        await asyncio.sleep(0.005)
    assert monotonic() - started < keys.LONGEST_SECONDS + 0.5
