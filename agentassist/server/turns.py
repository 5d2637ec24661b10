"""The bot's turns: what a customer says in a burst is one question, and whoever goes on is answered to the last."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from agentassist.errors import AgentAssistError

BURST_SECONDS = 0.7
"""A pause that long ends a burst of messages."""

_log = logging.getLogger(__name__)


class Turns:
    """The turns that are to be taken, at most one for each conversation.

    Args:
        take: takes the bot's turn in a conversation; too late a turn says nothing.
        changed: told when a conversation's turn begins to be waited for, and when it is over.
        pause: seconds without a further message.
    """

    def __init__(
        self, take: Callable[[int], Awaitable[None]], changed: Callable[[int], None], *, pause: float = BURST_SECONDS
    ) -> None:
        self._take = take
        self._changed = changed
        self._pause = pause
        self._waiting: dict[int, asyncio.Task[None]] = {}
        self._hurry = asyncio.Event()

    def due(self, conversation_id: int) -> None:
        """Take a turn in a conversation as soon as its customer pauses."""
        before = self._waiting.get(conversation_id)
        if before is not None:
            before.cancel()
        task = asyncio.create_task(self._turn(conversation_id))
        self._waiting[conversation_id] = task
        task.add_done_callback(lambda done: self._over(conversation_id, done))
        self._changed(conversation_id)

    def thinking(self, conversation_id: int) -> bool:
        """Say whether the bot is about to say something."""
        return conversation_id in self._waiting

    async def finish(self) -> None:
        """Take at once every turn that is waited for."""
        self._hurry.set()
        await asyncio.gather(*self._waiting.values(), return_exceptions=True)

    async def _turn(self, conversation_id: int) -> None:
        try:
            async with asyncio.timeout(self._pause):
                await self._hurry.wait()
        except TimeoutError:
            pass
        try:
            await self._take(conversation_id)
        except AgentAssistError as error:
            # The customer can write on or ask for a person; what they said is kept.
            _log.error("a turn of the bot failed: %s", type(error).__name__)

    def _over(self, conversation_id: int, task: asyncio.Task[None]) -> None:
        if self._waiting.get(conversation_id) is task:
            del self._waiting[conversation_id]
            self._changed(conversation_id)
