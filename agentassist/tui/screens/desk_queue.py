"""The left column's work: what waits, and how the desk keeps up with it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError, StoreError
from agentassist.models import State
from agentassist.session.desk import Desk, Overview
from agentassist.tui.screens.work import Refresher, done

if TYPE_CHECKING:
    from agentassist.tui.screens.desk_work import DeskWork

NOTHING = Overview((), (), ())
NOBODY = "Nobody waits."
"""What is said to an agent who wants the next one while there is none; true until somebody comes."""

FIRST_SECONDS = 0.15
"""How long the first picture waits for the queue: a picture costs more than it usually takes to read it."""


class QueueWork:
    """Keeps the queue and the counts of the status line true."""

    def __init__(self, desk: DeskWork, prefer: tuple[int, ...]) -> None:
        self._desk = desk
        self._prefer = list(prefer)
        self._refresher = Refresher(desk, "queue", self._read)
        self._failed = False
        self.overview = NOTHING
        self.loaded = False
        self._read_once = asyncio.Event()

    async def begin(self) -> None:
        """Read the queue for the first picture; when the records take long, that is shown without."""
        self.refresh()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._read_once.wait(), FIRST_SECONDS)

    def refresh(self) -> None:
        """Read the queue again."""
        self._refresher.poke()

    def tick(self) -> None:
        """Let the waiting times go on; when the store could not be read, try again."""
        if self._failed:
            self.refresh()
        elif self._desk.is_current:
            self.show()

    def show(self) -> None:
        """Show the queue as of now, once it is known."""
        if not self.loaded:
            return
        now = self._desk.clock.now()
        overview = self.overview
        current = self._desk.conversation.current if self._desk.complete else None
        self._desk.queue.show(overview, now, opened=current.id if current else 0)
        self._desk.status.change(
            waiting=len(overview.waiting),
            mine=len(overview.mine),
            due=sum(item.due <= now for item in overview.follow_ups),
        )
        if self._desk.complete:
            self._desk.presence.show(overview, now)
            self._desk.alarm.tick()
            self._desk.count_waiting(len(overview.waiting))

    async def _read(self) -> None:
        before = self.overview
        try:
            self.overview = await done(self._desk.backend.records(Desk.overview))
        except AgentAssistError as error:
            self._read_once.set()
            self._failed = isinstance(error, StoreError)
            self._desk.queue_note.fail(error, "cannot read the queue: ")
            return
        if self._failed:
            self._failed = False
            self._desk.queue_note.say("")
            self._desk.conversation.refresh()
        if self.overview.waiting and self._desk.queue_note.words == NOBODY:
            self._desk.queue_note.say("")
        first, self.loaded = not self.loaded, True
        self.show()
        self._put_cursor(first=first)
        if before.trees and self._desk.complete:
            self._desk.crossing.hear(before, self.overview)
        self._read_once.set()

    def _put_cursor(self, *, first: bool) -> None:
        """Put the cursor where it was asked to be; at the start, else on an own conversation, one with news first."""
        known = {item.id for item in (*self.overview.waiting, *self.overview.mine)}
        if wanted := next((number for number in self._prefer if number in known), None):
            self._prefer.clear()
            self._desk.queue.prefer(wanted)
        elif first and (mine := [item for item in self.overview.mine if item.state is State.CLAIMED]):
            own = next((item for item in mine if item.unread), mine[0])
            self._desk.queue.prefer(own.id)

    def next_one(self, *, besides: int) -> int | None:
        """Return the conversation to turn to: the longest of this agent's own, else the first of those who wait."""
        own = (item for item in self.overview.mine if item.state is State.CLAIMED)
        rest = (item.id for item in (*own, *self.overview.waiting) if item.id != besides)
        return next(rest, None)
