"""How a conversation ends, and begins again."""

from __future__ import annotations

import asyncio
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError, UsageError
from agentassist.models import State
from agentassist.session import undo as steps
from agentassist.session.desk import Desk
from agentassist.session.events import from_customer
from agentassist.tui.screens.work import begin, done
from agentassist.tui.widgets import words
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from agentassist.models import Disposition
    from agentassist.tui.screens.desk_conversation import Current
    from agentassist.tui.screens.desk_work import DeskWork
    from agentassist.tui.screens.wrap_up import WrapUpScreen

DEAF_SECONDS = 0.5
"""A key that is held down closes one conversation, not every one that comes up, and is no answer to a question."""


class ClosingWork:
    """Closes conversations and turns to the next one."""

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk
        self._summaries: dict[int, str] = {}
        self._asked: tuple[int, str, int] | None = None
        self._pressed = float("-inf")

    # With a dialog

    def wrap_up(self) -> None:
        """Ask how the open conversation ended, and close it."""
        current = self._mine()
        if current is None:
            return
        from agentassist.tui.screens.wrap_up import WrapUpScreen

        self._desk.reply.keep()
        screen = WrapUpScreen(
            current.name,
            self._desk.config.dispositions,
            _Closing(self, current).close,
            self._desk.composer.text,
            left=partial(self._left, current.id),
        )
        self._desk.app.push_screen(screen)
        begin(self._desk, self._fill, screen, current, group="summary")

    async def _fill(self, screen: WrapUpScreen, current: Current) -> None:
        text, edited = await self._summary(current)
        screen.summarise(text, edited=edited)

    def _left(self, conversation_id: int, summary: str | None) -> None:
        """Keep what a person has written, when they leave without closing."""
        if summary is not None:
            self._summaries[conversation_id] = summary

    async def _summary(self, current: Current) -> tuple[str, bool]:
        """Return a summary of a conversation, and whether a person has written it: then it stays as it is."""
        from agentassist.session.summary import draft, edited_summary

        if current.id in self._summaries:
            return self._summaries[current.id], True
        entries = tuple(current.entries)
        edited = await asyncio.to_thread(edited_summary, entries)
        return (edited, True) if edited else (await asyncio.to_thread(draft, entries), False)

    # At once

    def close_now(self) -> None:
        """Close the open conversation with the usual disposition and a drafted summary, and turn to the next."""
        now = monotonic()
        held, self._pressed = now - self._pressed < DEAF_SECONDS, now
        if held or (current := self._mine()) is None:
            return
        if question := self._question(current):
            self._desk.undoing.say(question, level="warning")
            return
        begin(self._desk, self._close_now, current, group="open", exclusive=True)

    def _question(self, current: Current) -> str:
        """Return what the agent is asked before the conversation is closed, once; empty for nothing."""
        text = self._desk.composer.text.strip()
        seen = self._desk.transcript.seen_seq
        unseen = [entry for entry in current.entries if entry.seq > seen and from_customer(entry)]
        asked = (current.id, text, unseen[-1].seq if unseen else 0)
        if asked == self._asked or not (text or unseen):
            return ""
        self._asked = asked
        key = self._desk.undoing.keys("conversation.close_now")
        if unseen:
            count = words.count(len(unseen), "message")
            return f"Not closed: {current.name} wrote {count} that you have not seen. {key} again closes all the same."
        return f"Not closed: your reply is not sent. {key} again closes without it; undo brings it back."

    async def _close_now(self, current: Current) -> None:
        try:
            summary, _ = await self._summary(current)
            await self.close(current, self._quick().code, summary)
        except AgentAssistError as error:
            self._desk.reply_note.fail(error, "not closed: ")
            self._desk.conversation.refresh()
        self._pressed = monotonic()

    def _quick(self) -> Disposition:
        choices = self._desk.config.dispositions
        return next((item for item in choices if item.code == self._desk.config.desk.quick_close), choices[0])

    # Both

    def _mine(self) -> Current | None:
        """Return the open conversation when this agent may close it; else say why not."""
        current = self._desk.conversation.current
        if current is None:
            self._desk.undoing.say("Open a conversation first.")
        elif not current.mine:
            state = current.opened.conversation.state
            other = label(current.opened.conversation.agent, 40)
            why = {
                State.CLOSED: "It is closed already.",
                State.CLAIMED: f"{other} has this conversation.",
            }.get(state, "Claim the conversation first.")
            self._desk.undoing.say(why, level="warning")
        else:
            return current
        return None

    async def close(self, current: Current, disposition: str, summary: str) -> None:
        """Close a conversation and turn to the next one.

        Raises:
            AgentAssistError: it could not be closed; nothing has changed.
        """
        desk = self._desk
        text = desk.composer.text if desk.conversation.current is current else ""
        closing = partial(steps.close, draft=text, seen_seq=desk.transcript.seen_seq)
        ending = await done(desk.backend.records(closing, current.id, disposition, summary))
        self._summaries.pop(current.id, None)
        desk.reply.forget(current.id)
        desk.undoing.closed(current.name, ending)
        desk.similar.closed(current.id)
        await self._next(current.id)
        chosen = next((item for item in desk.config.dispositions if item.code == disposition), None)
        said = label(chosen.label or chosen.code if chosen else disposition, 40)
        desk.undoing.tell(f"Closed as {said}", "reopens")

    async def _next(self, closed_id: int) -> None:
        """Turn to the conversation that comes after the closed one; with none, to the queue."""
        desk = self._desk
        try:
            desk.queue_work.overview = await done(desk.backend.records(Desk.overview))
        except AgentAssistError as error:
            desk.queue_note.fail(error, "cannot read the queue: ")
        following = desk.queue_work.next_one(besides=closed_id)
        desk.conversation.leave()
        desk.go("queue", desk.queue)
        if following is not None:
            await desk.conversation.turn_to(following)

    # And back

    def reopen(self, conversation_id: int | None = None) -> None:
        """Take a closed conversation up again; None means the open one."""
        current = self._desk.conversation.current
        number = conversation_id if conversation_id is not None or current is None else current.id
        if number is None:
            self._desk.undoing.say("Open a closed conversation first.")
        else:
            begin(self._desk, self._reopen, number, group="open", exclusive=True)

    async def _reopen(self, conversation_id: int) -> None:
        desk = self._desk
        desk.reply.keep()
        try:
            before, opened = await done(desk.backend.records(steps.reopen, conversation_id))
        except AgentAssistError as error:
            desk.undoing.say(f"Not reopened: {steps.sentence(error)}", level="warning")
            desk.conversation.refresh()
            return
        desk.conversation.show(opened)
        desk.undoing.reopened(before, opened)
        desk.queue_work.refresh()
        desk.undoing.tell("Reopened", "closes it again")


class _Closing:
    """Closes one conversation for the dialog; asks once more when the customer has written since it opened."""

    def __init__(self, work: ClosingWork, current: Current) -> None:
        self._work = work
        self._current = current
        self._seen = current.entries[-1].seq if current.entries else 0

    async def close(self, disposition: str, summary: str) -> None:
        """Close it.

        Raises:
            AgentAssistError: it is not closed; nothing has changed.
        """
        fresh = [entry for entry in self._current.entries if entry.seq > self._seen]
        said = [entry for entry in fresh if from_customer(entry)]
        if said:
            self._seen = fresh[-1].seq
            raise UsageError(
                f"{self._current.name} has written since: “{label(said[-1].text, 60)}”",
                "Again closes all the same, Esc goes back to read it.",
            )
        await self._work.close(self._current, disposition, summary)
