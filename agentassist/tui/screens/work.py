"""How the screen waits for the threads behind it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Future

    from textual.dom import DOMNode

T = TypeVar("T")


async def done(future: Future[T]) -> T:
    """Wait for a write: when the waiter goes away, what was handed in is still done."""
    return await asyncio.shield(asyncio.wrap_future(future))


async def found(future: Future[T]) -> T:
    """Wait for a look-up: when the waiter goes away and it has not begun, it is dropped."""
    return await asyncio.wrap_future(future)


class Refresher:
    """Reads something again whenever it is poked: never twice at the same time, and never one time too few."""

    def __init__(self, node: DOMNode, name: str, read: Callable[[], Awaitable[None]]) -> None:
        self._node = node
        self._name = name
        self._read = read
        self._wanted = False
        self._running = False

    def poke(self) -> None:
        """Read soon; several pokes while reading make one more reading."""
        self._wanted = True
        if not self._running:
            self._running = True
            self._node.run_worker(self._run(), group=self._name)

    async def _run(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                await self._read()
        finally:
            self._running = False
