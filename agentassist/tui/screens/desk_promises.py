"""Follow-ups: set, done, later."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError
from agentassist.session.desk import Desk
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.screens.work import begin, done
from agentassist.tui.timers import after
from agentassist.tui.widgets import words
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from agentassist.models import FollowUp
    from agentassist.session.when import When
    from agentassist.tui.screens.desk_work import DeskWork
    from agentassist.tui.screens.follow_up import Promise
    from agentassist.tui.widgets.status import Note

SAID_SECONDS = 8.0
"""How long it is said what was done, and how to take it back."""

NONE = "Put the cursor on a follow-up first."


class PromiseWork:
    """What becomes of the promises to come back. Whatever is done here can be undone."""

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk

    # What the keys ask for

    def follow_up(self) -> None:
        """Ask when to come back to the open conversation's customer."""
        if (current := self._desk.conversation.current) is None:
            return
        from agentassist.tui.screens.follow_up import FollowUpScreen

        customer = current.opened.conversation.customer
        self._desk.app.push_screen(
            FollowUpScreen(
                current.name,
                self._desk.backend.agent,
                partial(self.when, their_zone=customer.timezone),
                partial(self._keep, current.id),
                partial(self._known, customer.id, current.id),
            )
        )

    def agenda(self) -> None:
        """List this agent's follow-ups."""
        from agentassist.tui.screens.agenda import AgendaScreen

        self._desk.app.push_screen(AgendaScreen(self._desk))

    def done(self) -> None:
        """Tick off the follow-up under the cursor of the queue."""
        if (item := self._desk.queue.chosen_follow_up) is not None:
            self.finish(item, self._desk.queue_note)
        else:
            self._desk.queue_note.say(NONE)

    def later(self) -> None:
        """Move the follow-up under the cursor of the queue."""
        if (item := self._desk.queue.chosen_follow_up) is not None:
            self.snooze(item, self._desk.queue_note)
        else:
            self._desk.queue_note.say(NONE)

    def when(self, text: str, *, their_zone: str = "") -> When:
        """Read when a follow-up is due.

        Args:
            text: what was typed.
            their_zone: the customer's zone, empty when nobody knows it.

        Raises:
            UsageError: it is past, or not understood.
        """
        from agentassist.session.when import parse

        return parse(text, now=self._desk.clock.now(), zone=self._desk.zone.key, their_zone=their_zone)

    # Setting one

    async def _known(self, customer_id: str, conversation_id: int) -> tuple[Sequence[FollowUp], datetime, tzinfo]:
        """Return what was promised to a customer, whoever promised it."""
        listed = await done(self._desk.backend.records(Desk.follow_ups, everyone=True))
        theirs = [item for item in listed if customer_id == item.customer_id or conversation_id == item.conversation_id]
        return theirs, self._desk.clock.now(), self._desk.zone

    async def _keep(self, conversation_id: int, promise: Promise) -> None:
        """Save a promise.

        Raises:
            AgentAssistError: it was not saved.
        """
        item = await done(
            self._desk.backend.records(
                Desk.follow_up,
                conversation_id,
                promise.when,
                promise.note,
                only_if_no_reply=promise.only_if_no_reply,
                owner=promise.owner,
            )
        )
        self._desk.undoing.follow_up_set(item)
        await self._look_again()

    # Done, and later

    def finish(self, item: FollowUp, note: Note) -> None:
        """Tick a follow-up off, and say so in `note`."""
        begin(self._desk, self._finish, item, note, group="follow-up")

    async def _finish(self, item: FollowUp, note: Note) -> None:
        try:
            await done(self._desk.backend.records(Desk.finish_follow_up, item.id))
        except AgentAssistError as error:
            note.fail(error, "not saved: ")
            return

        async def back() -> None:
            await done(self._desk.backend.records(Desk.resume_follow_up, item.id))
            await self._look_again()

        self._desk.undoing.offer(f"the tick on “{_name(item)}”", back)
        self._say(note, f"Done: {_name(item)}")
        await self._look_again()

    def snooze(self, item: FollowUp, note: Note) -> None:
        """Ask for a later time, and say in `note` what it is."""
        from agentassist.tui.screens.snooze import SnoozeScreen

        their_zone = self._zone_of(item)
        was = words.due(item.due, self._desk.clock.now(), self._desk.zone)
        self._desk.app.push_screen(
            SnoozeScreen(_name(item), was, partial(self.when, their_zone=their_zone), partial(self._move, item, note))
        )

    async def _move(self, item: FollowUp, note: Note, when: When) -> None:
        """Move a follow-up.

        Raises:
            AgentAssistError: it was not saved.
        """
        before = await done(self._desk.backend.records(Desk.snooze, item.id, when))

        async def back() -> None:
            await done(self._desk.backend.records(Desk.restore_follow_up, before))
            await self._look_again()

        self._desk.undoing.offer(f"the later time of “{_name(item)}”", back)
        self._say(note, f"{_name(item)}: {when.words}")
        await self._look_again()

    def _zone_of(self, item: FollowUp) -> str:
        """Return the zone of the customer, when the desk has the conversation at hand."""
        overview = self._desk.queue_work.overview
        at_hand = (*overview.mine, *overview.waiting, *overview.others)
        current = self._desk.conversation.current
        if current is not None:
            at_hand = (*at_hand, current.opened.conversation)
        return next((one.customer.timezone for one in at_hand if one.customer.id == item.customer_id), "")

    async def _look_again(self) -> None:
        """Show the follow-ups of the open conversation and of the queue as they are now."""
        self._desk.queue_work.refresh()
        if (current := self._desk.conversation.current) is None:
            return
        try:
            opened = await done(self._desk.backend.records(Desk.open, current.id))
        except AgentAssistError as error:  # what was done is saved all the same, and must not be done twice
            self._desk.reply_note.fail(error, "cannot read the conversation: ")
        else:
            self._desk.conversation.show_details(opened)

    def _say(self, note: Note, said: str) -> None:
        """Say what was done, and how to take it back, for a while."""
        said = f"{said} · {key_of(self._desk, 'desk.undo')} takes it back"
        note.say(said)
        after(self._desk, SAID_SECONDS, lambda: note.say("") if note.is_attached and note.words == said else None)


def _name(item: FollowUp) -> str:
    return label(item.note, 50) or "come back"
