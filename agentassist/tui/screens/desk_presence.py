"""Who looks at which conversation, and who types."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError
from agentassist.session.desk import Desk
from agentassist.tui.screens.work import Refresher, done
from agentassist.tui.widgets.present import around, in_title

if TYPE_CHECKING:
    from agentassist.session.desk import Overview
    from agentassist.tui.screens.desk_work import DeskWork

TYPING = timedelta(seconds=5)
"""How long after the last key somebody still counts as typing."""
SAY_AGAIN = timedelta(seconds=5)
"""How often it is said again where this desk is. The store writes it only when it is news, or was written long ago;
and when another process was writing it did not wait, so that what was said then has to be said again."""

_log = logging.getLogger(__name__)


class PresenceWork:
    """Lets other desks see where this one is, and shows who else is in the open conversation.

    It is no part of the records: a look leaves no entry and no read mark. One write at a time is handed in, so that a
    locked store does not collect them before the drafts.
    """

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk
        self._writer = Refresher(desk, "presence", self._tell)
        self._last_key: datetime | None = None
        self._typed_in: int | None = None
        self._told: tuple[int | None, bool] = (None, False)
        self._told_at: datetime | None = None
        self._gone = False

    def tick(self) -> None:
        """Tell it when it has changed, or when it was told long ago."""
        if not self._gone and self._news():
            self._writer.poke()

    def typed(self) -> None:
        """Note that the agent types."""
        current = self._desk.conversation.current
        self._typed_in = current.id if current else None
        self._last_key = self._desk.clock.now()
        self.tick()

    def leave(self) -> None:
        """Be nowhere: the desk is going."""
        if not self._gone:
            self._gone = True
            if self._told_at is not None:
                self._desk.backend.records(Desk.leave)

    def show(self, overview: Overview, now: datetime) -> None:
        """Show in the title who else is in the open conversation, and let others know which one it is."""
        current = self._desk.conversation.current
        words = in_title(around(overview.present.get(current.id, ()), now)) if current else ""
        if words != self._desk.around:
            self._desk.around = words
            self._desk.show_head(current)
        self.tick()

    def _state(self) -> tuple[int | None, bool]:
        """Return the open conversation, and whether something was typed in it just now that is still there."""
        current = self._desk.conversation.current
        if current is None or current.id != self._typed_in:
            return current.id if current else None, False
        resting = self._last_key is None or self._desk.clock.now() - self._last_key >= TYPING
        return current.id, not resting and bool(self._desk.composer.text)

    def _news(self) -> bool:
        if self._state() != self._told:
            return True
        return self._told_at is not None and self._desk.clock.now() - self._told_at >= SAY_AGAIN

    async def _tell(self) -> None:
        if self._gone or not self._news():
            return
        state = self._state()
        self._told, self._told_at = state, self._desk.clock.now()
        try:
            await done(self._desk.backend.records(Desk.present, state[0], typing=state[1]))
        except AgentAssistError as error:
            # Nothing of the agent's is lost, and it is said again soon; what matters is told where it fails.
            _log.warning("presence: %s", error.message)
