"""Follow-ups: set, done, later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError
from agentassist.session.desk import Desk
from agentassist.tui.screens.work import done

if TYPE_CHECKING:
    from agentassist.tui.screens.desk_keys import DeskKeys


class PromiseWork:
    """What becomes of the promises to come back."""

    def __init__(self, desk: DeskKeys) -> None:
        self._desk = desk

    def follow_up(self) -> None:
        """Ask when to come back to the open conversation's customer."""
        work = self._desk.conversation
        if (current := work.current) is not None:
            from agentassist.tui.screens.follow_up import FollowUpScreen

            self._desk.app.push_screen(FollowUpScreen(current.name, work.when, work.follow_up))

    def agenda(self) -> None:
        """List this agent's follow-ups."""

    def done(self) -> None:
        """Tick off the follow-up under the cursor of the queue."""
        if (item := self._desk.queue.chosen_follow_up) is not None:
            self._desk.run_worker(self._done(item.id), group="follow-up")

    def later(self) -> None:
        """Move the follow-up under the cursor of the queue."""

    async def _done(self, follow_up_id: int) -> None:
        try:
            await done(self._desk.backend.records(Desk.finish_follow_up, follow_up_id))
        except AgentAssistError as error:
            self._desk.queue_note.fail(error, "not saved: ")
        self._desk.queue_work.refresh()
