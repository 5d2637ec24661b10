"""Whether the customer of the open conversation is writing; what, nobody sees before they send it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError
from agentassist.session.desk import Desk
from agentassist.tui.screens.work import Refresher, found

if TYPE_CHECKING:
    from agentassist.models import CustomerPresence
    from agentassist.tui.screens.desk_work import DeskWork

READ_SECONDS = 0.2
"""How often it is read at most, however often others write."""
STOPPED = timedelta(seconds=6)
"""A page that has not said so again for so long has stopped typing, or is gone."""


class TypingWork:
    """Says below the conversation that the customer types: read when somebody has written, over by itself."""

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk
        self._refresher = Refresher(desk, "customer typing", self._read, every=READ_SECONDS)
        self._of = 0
        self._present: CustomerPresence | None = None

    def refresh(self) -> None:
        """Look whether they type now."""
        if self._desk.conversation.current is not None:
            self._refresher.poke()

    def tick(self) -> None:
        """Show it no longer when it was not said again."""
        self._show()

    async def _read(self) -> None:
        current = self._desk.conversation.current
        if current is None:
            return
        try:
            present = await found(self._desk.backend.records(Desk.customer_present, current.id))
        except AgentAssistError:
            present = None  # the queue and the conversation tell what is wrong
        self._of, self._present = current.id, present
        self._show()

    def _show(self) -> None:
        current, present = self._desk.conversation.current, self._present
        fresh = present is not None and present.typing and self._desk.clock.now() - present.at < STOPPED
        typing = fresh and current is not None and current.id == self._of
        self._desk.transcript.show_typing(current.name if current is not None and typing else "")
