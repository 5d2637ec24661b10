"""Other conversations, from the desk: this customer's earlier ones, and the most recent of all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError
from agentassist.session.desk import Desk
from agentassist.tui.screens.work import begin, found
from agentassist.tui.widgets import words
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.models import Conversation
    from agentassist.tui.screens.desk_work import DeskWork
    from agentassist.tui.screens.pick import Item
    from agentassist.tui.screens.reading import ConversationList

MOST = 1_000
"""Conversations that are listed at most; `agentassist sessions search` finds the others."""
AT_ONCE = 50
"""So many are made ready at a time, between two keys."""


class ReadingWork:
    """Lists other conversations, and opens one to read."""

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk

    def earlier(self) -> None:
        """Read an earlier conversation of the open one's customer: the only one at once, several by choice."""
        current = self._desk.conversation.current
        if current is None:
            return
        others = current.opened.earlier
        if len(others) == 1:
            self.read(others[0].id)
        elif others:
            items = [self._item(other, name=False) for other in others]
            self._list(f"Conversations with {current.name}", items)
        else:
            self._desk.reply_note.say(f"{current.name} has no other conversation.")

    def recent(self) -> None:
        """Find any conversation, the one in which something was said last first."""
        begin(self._desk, self._recent, group="recent", exclusive=True)

    async def _recent(self) -> None:
        try:
            recent = await found(self._desk.backend.records(Desk.recent, MOST))
        except AgentAssistError as error:
            self._desk.queue_note.fail(error, "cannot list them: ")
            return
        if not self._desk.is_active:
            return
        items = [self._item(other, name=True) for other in recent[:AT_ONCE]]
        title = "Recent conversations" if len(recent) < MOST else f"The {MOST:,} most recent conversations"
        shown = self._list(title, items)
        for start in range(AT_ONCE, len(recent), AT_ONCE):
            await asyncio.sleep(0)  # keys come first
            items += [self._item(other, name=True) for other in recent[start : start + AT_ONCE]]
        if len(recent) > AT_ONCE and shown.is_attached:
            shown.set_items(items)

    def read(self, conversation_id: int) -> None:
        """Read a conversation; reading leaves no trace."""
        from agentassist.tui.screens.reading import ReadingScreen

        self._desk.app.push_screen(ReadingScreen(self._desk, conversation_id))

    def _list(self, title: str, items: Sequence[Item]) -> ConversationList:
        from agentassist.tui.screens.reading import ConversationList

        shown = ConversationList(title, items, on_pick=self._picked, empty="There is no conversation yet.")
        self._desk.app.push_screen(shown)
        return shown

    def _picked(self, key: str) -> None:
        self.read(int(key))

    def _item(self, other: Conversation, *, name: bool) -> Item:
        from agentassist.tui.screens.pick import Item
        from agentassist.tui.screens.reading import state_words

        now, zone = self._desk.clock.now(), self._desk.zone
        at = other.last_at if name else other.started_at
        who = [label(other.customer.name or other.customer.id, 40)] if name else []
        told = [*who, f"{words.day(at, now, zone)} {words.clock_time(at, zone)}", state_words(other)]
        return Item(str(other.id), " · ".join(told), other.summary or other.preview)
