"""What can be taken back."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.widgets import Input, TextArea

from agentassist.errors import AgentAssistError, StoreBusyError, StoreFullError
from agentassist.models import Author, Entry, EntryKind, Event
from agentassist.session import undo as steps
from agentassist.session.desk import Desk, Opened
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.screens.work import begin, done
from agentassist.tui.widgets.lines import label as cut

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from agentassist.models import FollowUp
    from agentassist.tui.screens.desk_conversation import Current
    from agentassist.tui.screens.desk_work import DeskWork
    from agentassist.tui.widgets.status import Note

KEPT = 20
"""So many things can be taken back, the last first."""
PASSING = (StoreBusyError, StoreFullError)
"""Errors that go by: what could not be taken back for them is offered again."""
DONE = ("Taken back", "Closed as", "sending …", "Sent: ", "In the outbox")
"""How a note begins that only tells what was done: once something else is told in another place, it is old."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done.

    Attributes:
        label: what is taken back, as a noun: "the claim of Dana Reyes".
        undo: takes it back.
        conversation_id: which conversation was open then, 0 for none.
        seq: its last entry then.
    """

    label: str
    undo: Callable[[], Awaitable[None]]
    conversation_id: int
    seq: int


class UndoWork:
    """Keeps how to take back what was done last, and does it."""

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk
        self._steps: deque[Step] = deque(maxlen=KEPT)
        self._told: tuple[int, int] | None = None
        self._busy = False

    @property
    def label(self) -> str:
        """What would be taken back next; empty for nothing."""
        return self._steps[-1].label if self._steps else ""

    def offer(self, label: str, undo: Callable[[], Awaitable[None]]) -> None:
        """Keep how to take something back.

        Args:
            label: what it takes back, as a noun: "the thumbs up for …"; may be hostile.
            undo: takes it back, whole or not at all; raises AgentAssistError with what has happened meanwhile when it
                cannot be taken back any more.
        """
        current = self._desk.conversation.current
        last = current.entries[-1].seq if current and current.entries else 0
        self._steps.append(Step(cut(label, 80), undo, current.id if current else 0, last))

    def undo(self) -> None:
        """Take the last thing back, and say so."""
        if not self._busy:
            self._busy = True
            begin(self._desk, self._undo, group="undo")

    async def _undo(self) -> None:
        try:
            if not self._steps:
                sent = self._sent_since(0) is not None
                self.say("A sent reply cannot be taken back." if sent else "There is nothing to take back.")
                return
            step = self._steps[-1]
            if self._tell_sent(step):
                return
            self._steps.pop()
            try:
                await step.undo()
            except PASSING as error:
                self._steps.append(step)
                self.say(f"Not taken back: {steps.sentence(error)}", level="error")
            except AgentAssistError as error:
                self.say(f"Cannot take back {step.label}: {steps.sentence(error)}", level="warning")
            else:
                self.say(f"Taken back: {step.label}")
        finally:
            self._busy = False

    def _tell_sent(self, step: Step) -> bool:
        """Say once that the last thing was a reply, which cannot be taken back, before older things are."""
        current = self._desk.conversation.current
        if current is None or current.id != step.conversation_id:
            return False
        sent = self._sent_since(step.seq)
        if sent is None or self._told == (current.id, sent.seq):
            return False
        self._told = (current.id, sent.seq)
        self.say(f"A sent reply cannot be taken back. {self.key} again takes back {step.label}.")
        return True

    def _sent_since(self, seq: int) -> Entry | None:
        """Return this agent's last reply in the open conversation, when it is later than entry `seq`."""
        current = self._desk.conversation.current
        for entry in reversed(current.entries if current else []):
            if entry.seq <= seq:
                return None
            said = entry.kind in (EntryKind.MESSAGE, EntryKind.ARTICLE)
            if said and entry.author is Author.AGENT and entry.author_name == self._desk.backend.agent:
                return entry
        return None

    # Saying it

    def tell(self, done: str, back: str) -> None:
        """Say what was done and how to take it back: "Closed as Solved · u reopens".

        Args:
            done: what was done.
            back: what undo would do.
        """
        # Textual moves the focus a moment after it is asked to, and the key depends on where it is.
        self._desk.app.call_later(lambda: self.say(f"{done} · {self.key} {back}"))

    @property
    def key(self) -> str:
        """How to undo from where the focus is."""
        return self.keys("desk.undo")

    def keys(self, command_id: str) -> str:
        """Write the key of a command from where the focus is: while words are typed, a letter is a letter."""
        key = key_of(self._desk, command_id)
        typing = isinstance(self._desk.focused, Input | TextArea)
        return f"Esc {key}" if typing and len(key) == 1 else key

    def say(self, text: str, *, level: str = "info") -> None:
        """Say something where it is seen: below the conversation, or below whichever pane hides it."""
        self._turn_to_note().say(text, level=level)

    def fail(self, error: AgentAssistError, prefix: str = "") -> None:
        """Show an error there: what went wrong and what to do."""
        self._turn_to_note().fail(error, prefix)

    def _turn_to_note(self) -> Note:
        """Return the note that is seen, and let the others forget what was done before."""
        desk = self._desk
        notes = (desk.reply_note, desk.queue_note, desk.suggestion_note)
        shown = [note for note in notes if all(node.display for node in note.ancestors_with_self if node is not note)]
        for note in notes:
            if note is not (shown or notes)[0] and note.words.startswith(DONE):
                note.say("")
        return (shown or notes)[0]

    # What the parts did: each of these is told what was done, and knows how to take it back

    def claimed(self, opened: Opened) -> None:
        """Offer to give a conversation back that was just claimed."""
        number = opened.conversation.id
        entry = steps.last_event(opened.entries, Event.CLAIMED)
        had_it = any(item.id == number for item in self._desk.queue_work.overview.mine)
        if entry is None or had_it or entry.author_name != self._desk.backend.agent:
            return

        async def back(seq: int = entry.seq) -> None:
            self._desk.reply.keep()
            await done(self._desk.backend.records(steps.unclaim, number, seq))
            await self._turn_to(number)

        self.offer(f"the claim of {_name(opened)}", back)

    def released(self, current: Current) -> None:
        """Offer to claim a conversation again that was just released."""
        number = current.id
        entry = steps.last_event(current.entries, Event.RELEASED)
        if entry is None or entry.author_name != self._desk.backend.agent:
            return

        async def back(seq: int = entry.seq) -> None:
            self._show(await done(self._desk.backend.records(steps.reclaim, number, seq)))

        self.offer(f"the release of {current.name}", back)

    def handed_over(self, current: Current, entry: Entry, what: str, *, draft: str = "", seen_seq: int = 0) -> None:
        """Offer to take a customer back who was just handed to a tree or to the bot.

        Args:
            current: whose conversation.
            entry: the one that handed it over.
            what: "the loan of", "the return of".
            draft: what was being written, when that has gone.
            seen_seq: the last entry that was seen then.
        """
        number, seq = current.id, entry.seq

        async def back() -> None:
            take_back = partial(steps.take_back, draft=draft, seen_seq=seen_seq)
            self._show(await done(self._desk.backend.records(take_back, number, seq)))

        self.offer(f"{what} {current.name}", back)

    def closed(self, name: str, ending: steps.Ending) -> None:
        """Offer to open a conversation again that was just closed."""

        async def back() -> None:
            self._desk.reply.keep()
            self._show(await done(self._desk.backend.records(steps.unclose, ending)))

        self.offer(f"the closing of {name}", back)

    def reopened(self, before: Entry, opened: Opened) -> None:
        """Offer to close a conversation again that was just reopened, as `before` had closed it."""
        number = opened.conversation.id
        entry = steps.last_event(opened.entries, Event.REOPENED)
        disposition = str(before.data.get("disposition", ""))
        if entry is None or not disposition:
            return

        async def back(seq: int = entry.seq) -> None:
            self._desk.reply.keep()
            await done(self._desk.backend.records(steps.reclose, number, seq, disposition, before.text))
            await self._turn_to(number)

        self.offer(f"the reopening of {_name(opened)}", back)

    def follow_up_set(self, item: FollowUp) -> None:
        """Offer to drop a follow-up that was just set."""

        async def back() -> None:
            await done(self._desk.backend.records(Desk.finish_follow_up, item.id))
            await self._look_again()

        self.offer(f"the follow-up “{_promise(item)}”", back)

    async def _turn_to(self, conversation_id: int) -> None:
        """Show what a conversation is now, when it is the open one."""
        current = self._desk.conversation.current
        if current is not None and current.id == conversation_id:
            self._show(await done(self._desk.backend.records(Desk.open, conversation_id)))
        self._desk.queue_work.refresh()

    async def _look_again(self) -> None:
        """Show the follow-ups of the open conversation and of the queue as they are now."""
        if (current := self._desk.conversation.current) is not None:
            opened = await done(self._desk.backend.records(Desk.open, current.id))
            self._desk.conversation.show_details(opened)
        self._desk.queue_work.refresh()

    def _show(self, opened: Opened) -> None:
        self._desk.conversation.show(opened)
        self._desk.queue_work.refresh()


def _promise(item: FollowUp) -> str:
    return item.note or item.wall.replace("T", " ")


def _name(opened: Opened) -> str:
    customer = opened.conversation.customer
    return cut(customer.name or customer.id, 60)
