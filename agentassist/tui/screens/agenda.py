"""The list of an agent's follow-ups."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from agentassist.tui.commands import bindings
from agentassist.tui.registry import Scope
from agentassist.tui.screens.pick import Item, PickScreen
from agentassist.tui.timers import every
from agentassist.tui.widgets import words
from agentassist.tui.widgets.lines import label
from agentassist.tui.widgets.status import Note

if TYPE_CHECKING:
    from textual.binding import BindingType

    from agentassist.models import FollowUp
    from agentassist.tui.screens.desk_work import DeskWork

LOOK_SECONDS = 0.5
"""How often the list is compared with what the queue knows; it is made anew only when something has changed."""


class AgendaScreen(PickScreen):
    """Lists the open follow-ups, the most overdue first; it keeps up with what is done and set meanwhile."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.AGENDA)]
    KEYS: ClassVar[str] = "⏎ opens its conversation · ^D done · ^L later · Esc closes"

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk
        super().__init__(
            "Follow-ups",
            self._entries(),
            on_pick=self._open,
            empty="You have promised nothing.",
        )

    def on_mount(self) -> None:
        """Keep up."""
        every(self, LOOK_SECONDS, self._look)

    def _entries(self) -> list[Item]:
        now = self._desk.clock.now()
        overview = self._desk.queue_work.overview
        entries = []
        for item in overview.follow_ups:
            name = label(overview.names.get(item.customer_id or "", "") or item.customer_id or "", 40)
            mark = "! " if item.due <= now else ""
            only = " · only if no reply" if item.only_if_no_reply else ""
            note = label(item.note, 120) or "come back"
            said = f"{mark}{name}{' · ' if name else ''}{note}"
            entries.append(Item(str(item.id), said, f"{words.due(item.due, now, self._desk.zone)}{only}"))
        return entries

    def _look(self) -> None:
        if (entries := self._entries()) != self.items:
            self.set_items(entries)

    @property
    def _chosen(self) -> FollowUp | None:
        items = self._desk.queue_work.overview.follow_ups
        return next((item for item in items if str(item.id) == self.chosen), None)

    def take(self, key: str | None) -> None:
        """Close the list and open the conversation; a follow-up that is about none stays where it is."""
        items = self._desk.queue_work.overview.follow_ups
        item = next((item for item in items if str(item.id) == key), None)
        if item is not None and item.conversation_id is None:
            self.query_one("#dialog-note", Note).say("It is about no conversation.")
        else:
            super().take(key)

    def _open(self, key: str) -> None:
        items = self._desk.queue_work.overview.follow_ups
        item = next((item for item in items if str(item.id) == key), None)
        if item is not None and item.conversation_id is not None:
            self._desk.conversation.open(item.conversation_id)

    def action_done(self) -> None:
        """Tick off the one under the cursor."""
        if self.ready and (item := self._chosen) is not None:
            self._desk.promises.finish(item, self.query_one("#dialog-note", Note))

    def action_later(self) -> None:
        """Move the one under the cursor."""
        if self.ready and (item := self._chosen) is not None:
            self._desk.promises.snooze(item, self.query_one("#dialog-note", Note))
