"""One conversation in plain lines: open, keep up, claim, release, read."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agentassist.errors import ClaimedError, UsageError
from agentassist.models import Entry, Event, State
from agentassist.session import events
from agentassist.session import undo as steps
from agentassist.session.desk import Desk, Opened
from agentassist.session.open_conversation import OpenConversation
from agentassist.tui.plain import printing
from agentassist.tui.plain.brief import brief_lines
from agentassist.tui.plain.commands import a_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from agentassist.models import Customer
    from agentassist.tui.plain.desk import PlainDesk
    from agentassist.tui.plain.listener import News

READ_SECONDS = 1.0
"""An entry that came by itself counts as seen once it has been printed this long."""


@dataclass
class Current(OpenConversation):
    """The open conversation, as far as it has been printed.

    Attributes:
        fresh: (number, when printed) of entries that came by themselves and may not have been heard yet.
    """

    fresh: list[tuple[int, float]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The customer's name, clean."""
        return printing.name_of(self.opened.conversation.customer)

    @property
    def seen_seq(self) -> int:
        """The number of the last entry that the agent has had time to hear."""
        unheard = [seq for seq, printed in self.fresh if monotonic() - printed < READ_SECONDS]
        return min(unheard) - 1 if unheard else self.last_seq


class ConversationPart:
    """Opens conversations and tells what comes in."""

    def __init__(self, desk: PlainDesk) -> None:
        self._desk = desk
        self.current: Current | None = None
        self._typing = 0

    # Commands

    def open(self, text: str) -> None:
        """Look at a conversation; looking leaves no trace."""
        number = a_number(text, "conversation")
        self.show(self._desk.records(Desk.open, number))

    def claim(self, text: str) -> None:
        """Take a conversation, the open one by default."""
        self._claim(a_number(text, "conversation", self.current.id if self.current else None))

    def next(self, _: str = "") -> None:
        """Take the one that comes first; when another agent is faster, the one after it."""
        for conversation in self._desk.records(Desk.overview).waiting:
            try:
                self._claim(conversation.id)
            except ClaimedError as error:
                self._desk.say(printing.error_lines(error))
            else:
                return
        self._desk.say(["System: Nobody waits."])

    def release(self, _: str = "") -> None:
        """Give the open conversation back to the queue."""
        current = self.the_open_one()
        self._desk.reply.keep()
        self._desk.records(Desk.release, current.id)
        self.catch_up()
        if (entry := steps.last_event(current.entries, Event.RELEASED)) is not None:
            seq = entry.seq
            again = partial(self._desk.records, steps.reclaim, current.id, seq)
            self._desk.undoing.offer(f"the release of {current.name}", lambda: self.show(again()))

    def say(self, _: str = "") -> None:
        """Read the open conversation out again."""
        current = self.the_open_one()
        now = self._desk.clock.now()
        self._desk.say(printing.head_lines(current.opened, self._desk.agent, now, self._desk.zone))
        self._desk.say(self._spoken(current.entries))

    def brief(self, _: str = "") -> None:
        """Say what an agent should know of the open conversation."""
        self._desk.say(brief_lines(self.the_open_one().entries) or ["System: It was not handed over."])

    def card(self, _: str = "") -> None:
        """Say who the customer is."""
        customer = self.the_open_one().opened.conversation.customer
        self._desk.say(printing.customer_lines(customer, self._desk.clock.now(), _zone_of(customer)))

    def earlier(self, _: str = "") -> None:
        """List the customer's earlier conversations."""
        earlier = self.the_open_one().opened.earlier
        now = self._desk.clock.now()
        self._desk.say(printing.other_line(item, now, self._desk.zone, self._desk.agent) for item in earlier)
        self._desk.say(["System: To read one: read and its number." if earlier else "System: No earlier conversation."])

    def read(self, text: str) -> None:
        """Read any conversation out, without opening it."""
        opened = self._desk.records(Desk.open, a_number(text, "conversation"))
        self._desk.say(printing.head_lines(opened, self._desk.agent, self._desk.clock.now(), self._desk.zone))
        self._desk.say(self._spoken(opened.entries))
        self._desk.say([f"System: End of conversation {opened.conversation.id}."])

    def reopen(self, text: str) -> None:
        """Take a closed conversation up again."""
        number = a_number(text, "conversation", self.current.id if self.current else None)
        self.show(self._desk.records(Desk.reopen, number))

    def _claim(self, number: int) -> None:
        opened = self._desk.records(Desk.claim, number)
        self.show(opened)
        entry = steps.last_event(opened.entries, Event.CLAIMED)
        if entry is not None and entry.author_name == self._desk.agent:
            seq = entry.seq

            def undo() -> None:
                self._desk.reply.keep()
                self._desk.records(steps.unclaim, number, seq)
                self.catch_up()

            self._desk.undoing.offer(f"the claim of {printing.name_of(opened.conversation.customer)}", undo)

    # Showing

    def the_open_one(self) -> Current:
        """Return the open conversation.

        Raises:
            UsageError: there is none.
        """
        if self.current is None:
            raise UsageError("no conversation is open", "Type next, or open and a number.")
        return self.current

    def my_own(self) -> Current:
        """Return the open conversation, when it is this agent's.

        Raises:
            UsageError: there is none, or it is not theirs.
        """
        current = self.the_open_one()
        if not current.mine:
            raise UsageError("this conversation is not yours", "Type claim first.")
        return current

    def show(self, opened: Opened) -> None:
        """Read a conversation out and keep up with it from now on; what was read out before is not read again."""
        if self.current is not None and self.current.id == opened.conversation.id:
            draft, self.current.opened = self._desk.reply.draft, opened
            if not draft:
                self._desk.reply.attach(self.current)
            self.take(opened.entries, opened)
            self._desk.suggesting.refresh()
            return
        self._desk.reply.keep()
        now = self._desk.clock.now()
        self.current = current = Current(opened, list(opened.entries), self._desk.agent)
        self._desk.listener.watching = (current.id, current.last_seq)
        self._desk.say(printing.head_lines(opened, self._desk.agent, now, self._desk.zone))
        self._desk.say(brief_lines(current.entries))
        self._desk.say(self._spoken(current.entries))
        if not current.mine and opened.conversation.state is State.WAITING:
            self._desk.say(["System: You only look. To take it: claim"])
        self._desk.reply.attach(current)
        self._desk.suggesting.start()
        if current.mine:
            self._desk.records(Desk.seen, current.id, current.last_seq)

    def leave(self) -> None:
        """Open nothing."""
        self.current = None
        self._desk.listener.watching = (0, 0)
        self._desk.suggesting.start()

    # Keeping up

    def catch_up(self) -> None:
        """Read now what has come in to the open conversation."""
        if (current := self.current) is not None:
            entries = self._desk.records(Desk.entries, current.id, current.last_seq)
            self.take(entries, self._desk.records(Desk.open, current.id))

    def hear(self, news: News) -> None:
        """Tell what came in while nobody asked."""
        if self.current is not None and news.conversation_id == self.current.id:
            self.take(news.entries, news.opened, by_itself=True)
            typing = self.current.id if news.customer is not None and news.customer.typing else 0
            if typing and typing != self._typing and not news.entries:
                self._desk.say([f"System: {self.current.name} is typing."])
            self._typing = typing

    def take(self, entries: Sequence[Entry], opened: Opened | None = None, *, by_itself: bool = False) -> None:
        """Print what is new, and keep that it was seen."""
        current = self.current
        if current is None:
            return
        new = [entry for entry in entries if entry.seq > current.last_seq]
        if new and new[0].seq > current.last_seq + 1:
            # An own reply came back before what the customer did meanwhile, such as opening an article: read it all.
            new = list(self._desk.records(Desk.entries, current.id, current.last_seq))
        was_mine = current.mine
        if opened is not None:
            current.opened = opened
        if not new:
            return
        self._desk.say(self._spoken(new))
        current.entries += new
        self._desk.listener.watching = (current.id, current.last_seq)
        if by_itself:
            current.fresh = [*current.fresh[-50:], *((entry.seq, monotonic()) for entry in new)]
        if was_mine and not current.mine:
            moved = [entry.author_name for entry in new if events.changes_hands(entry)]
            self._desk.reply.lose(moved[-1] if moved else "")
        if current.mine:
            self._desk.records(Desk.seen, current.id, current.last_seq)
        if any(events.from_customer(entry) for entry in new) or was_mine != current.mine:
            self._desk.suggesting.refresh()

    def heard(self) -> None:
        """Take every printed entry as seen."""
        if self.current is not None:
            self.current.fresh.clear()

    def _spoken(self, entries: Sequence[Entry]) -> list[str]:
        me, now, zone = self._desk.agent, self._desk.clock.now(), self._desk.zone
        first = entries[0].seq if entries else 0
        known = (entry for entry in (self.current.entries if self.current else ()) if entry.seq < first)
        back = events.came_back((*known, *entries))
        lines = [
            line
            for entry in entries
            for line in printing.entry_lines(entry, me, now, zone, back_from=back.get(entry.seq, ""))
        ]
        return lines or ["System: Nothing was said yet."]


def _zone_of(customer: Customer) -> tzinfo | None:
    try:
        return ZoneInfo(customer.timezone)
    except (KeyError, ValueError, OSError):  # empty, unknown, or no name at all
        return None
