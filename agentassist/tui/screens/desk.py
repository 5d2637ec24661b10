"""The desk: who needs me, what was said, what helps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from agentassist.tui.garbage import Garbage
from agentassist.tui.messages import DeskComplete, StoreChanged
from agentassist.tui.screens.desk_keys import DeskKeys
from agentassist.tui.screens.work import Refresher
from agentassist.tui.timers import every

if TYPE_CHECKING:
    from agentassist.tui.messages import (
        ClaimRequested,
        DraftChanged,
        EntriesSeen,
        FollowUpOpened,
        OpenRequested,
        ReadRequested,
        SearchRequested,
        SendRequested,
    )

TICK_SECONDS = 1.0
AFTER_SECONDS = 0.05
"""How long what is new in the queue waits while a conversation is open: what was said there is searched for first."""
NEWS_SECONDS = 0.1
"""How often the queue is read while others write all the time; the first time at once."""


class DeskScreen(DeskKeys):
    """Passes what happens and what the panels ask for to the work behind them."""

    leaving = False
    """Whether the agent has asked to leave while something could not be saved."""

    async def on_mount(self) -> None:
        """Read the queue for the first picture."""
        self.status.change(agent=self.backend.agent)
        await self.queue_work.begin()
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        """Do what the first picture of the desk does not wait for, and keep up with the store from then on."""
        self._news = Refresher(self, "news", self._read_news, every=NEWS_SECONDS, keyboard=self.keyboard)
        await self.furnish()
        self.show_pane("queue")
        self.conversation.leave()
        self.alarm.tick()
        self.backend.watch(self._changed)
        self.queue_work.refresh()
        every(self, TICK_SECONDS, self._tick)
        self.hint_work.start()
        self.suggesting.warm()
        self.indexing_work.start()
        self.garbage = Garbage()
        self.garbage.begin()
        self.post_message(DeskComplete())

    def on_unmount(self) -> None:
        """Hand in what is unsaved, however the desk ends."""
        if self.complete:
            self.reply.hand_in()
            self.presence.leave()
            self.indexing_work.stop()
            self.similar.stop()

    def on_screen_resume(self) -> None:
        """Look again when a dialog has gone: what came in behind it was not seen."""
        if self.complete:
            self.transcript.look()

    def _changed(self) -> None:
        """Hear from the watcher's thread that somebody wrote."""
        self.post_message(StoreChanged())

    def _tick(self) -> None:
        self.garbage.tick()
        self.queue_work.tick()
        self.alarm.tick()
        self.presence.tick()
        self.typing.tick()
        self.suggesting.tick()
        self.similar.tick()
        self.advising.tick()
        self.customer.tick(self.clock.now())

    def on_store_changed(self, _: StoreChanged) -> None:
        """Read what is new."""
        self.conversation.refresh()  # first: what was said there is also searched for
        self._news.poke()

    async def _read_news(self) -> None:
        if self.conversation.current is not None and self.keyboard.rests:
            await asyncio.sleep(AFTER_SECONDS)  # not while the agent types: it is between two keys right now
        self.typing.refresh()
        self.queue_work.refresh()

    def on_open_requested(self, event: OpenRequested) -> None:
        """Look at a conversation."""
        self.conversation.open(event.conversation_id)

    def on_claim_requested(self, event: ClaimRequested) -> None:
        """Take a conversation."""
        self.conversation.claim(event.conversation_id)

    def on_follow_up_opened(self, event: FollowUpOpened) -> None:
        """Look at the conversation that a follow-up is about."""
        if event.conversation_id is not None:
            self.conversation.open(event.conversation_id)

    def on_send_requested(self, event: SendRequested) -> None:
        """Send what is in the composer."""
        self.reply.send(event.text)

    def on_draft_changed(self, _: DraftChanged) -> None:
        """Save the draft soon, and let others see that somebody writes."""
        self.reply.typed()
        self.presence.typed()

    def on_entries_seen(self, event: EntriesSeen) -> None:
        """Keep what was read."""
        self.conversation.seen(event.conversation_id, event.seq)

    def on_search_requested(self, event: SearchRequested) -> None:
        """Search with typed words."""
        self.suggesting.search(event.words)

    def on_read_requested(self, event: ReadRequested) -> None:
        """Show an article's passage in full."""
        self.suggesting.read_offer(event.rank)

    async def may_leave(self) -> bool:
        """Save the draft; say whether the desk may end: when it cannot be saved, only the second time."""
        asked_before, self.leaving = self.leaving, True
        return await self.reply.save_before_leaving() or asked_before
