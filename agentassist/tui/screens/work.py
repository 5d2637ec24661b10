"""How the screen waits for the threads behind it."""

from __future__ import annotations

import asyncio
from functools import partial
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from concurrent.futures import Future

    from textual.dom import DOMNode

    from agentassist.tui.keyboard import Keyboard

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


async def done(future: Future[T]) -> T:
    """Wait for a write: when the waiter goes away, what was handed in is still done."""
    return await asyncio.shield(asyncio.wrap_future(future))


async def found(future: Future[T]) -> T:
    """Wait for a look-up: when the waiter goes away and it has not begun, it is dropped."""
    return await asyncio.wrap_future(future)


def begin(
    node: DOMNode,
    work: Callable[[*Ts], Coroutine[Any, Any, object]],
    *args: *Ts,
    group: str,
    exclusive: bool = False,
) -> None:
    """Begin slow work: it ends when its node goes away, or with the next of its group when that is exclusive.

    It takes what makes the coroutine: of a worker that is ended before it has begun, a coroutine would stay that nobody
    ever awaits.
    """
    making: Any = partial(work, *args)
    node.run_worker(making, group=group, exclusive=exclusive)


class Refresher:
    """Reads something again whenever it is poked: never twice at the same time, and never one time too few.

    Args:
        node: what the reading belongs to; it ends with it.
        name: of the group of workers.
        read: reads and shows.
        every: seconds between the beginnings of two readings while it is poked on and on: the first is at once, each
            later one for everything that has come by then.
        keyboard: with it, those later ones keep out of the way of keys.
    """

    def __init__(
        self,
        node: DOMNode,
        name: str,
        read: Callable[[], Awaitable[None]],
        *,
        every: float = 0.0,
        keyboard: Keyboard | None = None,
    ) -> None:
        self._node = node
        self._name = name
        self._read = read
        self._every = every
        self._keyboard = keyboard
        self._begun = -inf
        self._wanted = False
        self._running: object = None

    def poke(self) -> None:
        """Read soon; several pokes while reading make one more reading."""
        self._wanted = True
        if self._running is None:
            self._start()

    @property
    def engaged(self) -> bool:
        """Whether a reading that is wanted now would have to wait for its time, or for the one that is under way."""
        return self._running is not None or self._begun + self._every > monotonic()

    def at_once(self) -> None:
        """Let the next reading not wait: nothing came of this one."""
        self._begun = -inf

    def restart(self) -> None:
        """Read now; a reading that is under way is dropped."""
        self._begun, self._wanted = -inf, True
        self._start()

    def _start(self) -> None:
        self._running = me = object()
        begin(self._node, self._run, me, group=self._name, exclusive=True)

    async def _run(self, me: object) -> None:
        try:
            while self._wanted:
                await self._rest()
                self._wanted = False
                self._begun = monotonic()
                await self._read()
        finally:
            if self._running is me:
                self._running = None

    async def _rest(self) -> None:
        left = self._begun + self._every - monotonic()
        if left > 0:
            await asyncio.sleep(left)
            if self._keyboard is not None:
                await self._keyboard.between()
