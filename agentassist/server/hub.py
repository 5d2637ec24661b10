"""Who has the page open, and what wakes each of them: one look at the records for all of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from agentassist.errors import StoreError
from agentassist.server.errors import Refusal

if TYPE_CHECKING:
    from agentassist.server.limits import Limits

BETWEEN_LOOKS = 0.04
"""Seconds between two looks at the records, however much is written: people do not see less."""
REFRESH_SECONDS = 5.0
"""How often, at most, a place in the queue is worked out again while others write."""

_log = logging.getLogger(__name__)

Look = Callable[[Collection[int]], Awaitable[tuple[Mapping[int, int], Collection[int]]]]


class Stream:
    """One page that is shown live.

    Attributes:
        conversation_id: whose.
        address: where it is.
        queued: it shows a place in the queue, which others change.
        over: why it is to end: "many", "moved", "stop" or "gone"; empty while it is not.
        woken: there may be something to tell.
    """

    def __init__(self, conversation_id: int, address: str) -> None:
        self.conversation_id = conversation_id
        self.address = address
        self.queued = False
        self.over = ""
        self.woken = asyncio.Event()

    def end(self, why: str) -> None:
        """Let it end, and say why to its page."""
        self.over = why
        self.woken.set()


class Hub:
    """Every page that is open.

    Args:
        look: asks the records, for some conversations, for the last entry's number of each and for those in which an
            agent types.
        limits: how many there may be.
        now: a clock in seconds that never goes back.
    """

    def __init__(self, look: Look, limits: Limits, now: Callable[[], float]) -> None:
        self._look = look
        self._limits = limits
        self._now = now
        self._streams: dict[int, list[Stream]] = {}
        self._seqs: dict[int, int] = {}
        self._typing: frozenset[int] = frozenset()
        self._refreshed = 0.0
        self._something = asyncio.Event()
        self._stopped = False

    @contextmanager
    def joined(self, stream: Stream) -> Iterator[None]:
        """Count a page among those that are open.

        Raises:
            Refusal: there are too many, or the server stops.
        """
        everyone = [other for others in self._streams.values() for other in others]
        if self._stopped or len(everyone) >= self._limits.streams:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "busy", retry=5)
        if sum(other.address == stream.address for other in everyone) >= self._limits.streams_per_address:
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "slow-down", retry=5)
        mine = self._streams.setdefault(stream.conversation_id, [])
        mine.append(stream)
        for oldest in mine[: -self._limits.streams_per_conversation]:
            oldest.end("many")
        try:
            yield
        finally:
            mine.remove(stream)
            if not mine:
                del self._streams[stream.conversation_id]
                self._seqs.pop(stream.conversation_id, None)

    def changed(self) -> None:
        """Say that something was written, by whomever."""
        self._something.set()

    def wake(self, conversation_id: int) -> None:
        """Let the pages of one conversation look again."""
        for stream in self._streams.get(conversation_id, ()):
            stream.woken.set()

    def end(self, conversation_id: int, why: str) -> None:
        """End the pages of a conversation; `moved` says that their browser has another one now."""
        for stream in self._streams.get(conversation_id, ()):
            stream.end(why)

    def stop(self) -> None:
        """End every page."""
        self._stopped = True
        for conversation_id in list(self._streams):
            self.end(conversation_id, "stop")

    async def run(self) -> None:
        """Wake whoever has something to see, for as long as it is not cancelled."""
        while True:
            await self._something.wait()
            self._something.clear()
            if self._streams:
                await self._wake_changed()
            await asyncio.sleep(BETWEEN_LOOKS)

    async def _wake_changed(self) -> None:
        asked = list(self._streams)
        try:
            seqs, typing = await self._look(asked)
        except StoreError as error:
            # Whoever writes or reads is told; the next change asks again.
            _log.warning("looking for changes: %s", type(error).__name__)
            return
        now = self._now()
        refresh = now - self._refreshed >= REFRESH_SECONDS
        if refresh:
            self._refreshed = now
        turned = self._typing.symmetric_difference(typing)
        self._typing = frozenset(typing)
        for conversation_id in asked:
            known, last = self._seqs.get(conversation_id), seqs.get(conversation_id, 0)
            self._seqs[conversation_id] = last
            for stream in self._streams.get(conversation_id, ()):
                if last != known or conversation_id in turned or (refresh and stream.queued):
                    stream.woken.set()
