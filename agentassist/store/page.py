"""What comes from the customer's page and from the bot, each stored once and only where it still fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.errors import StateError, UnseenEntriesError
from agentassist.models import Author, Customer, EntryKind, Event, NewEntry, State
from agentassist.store import customers, followups
from agentassist.store.claims import handoff_entry
from agentassist.store.rows import ENTRY, storable, to_entry
from agentassist.store.transcript import put, standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.models import Data, Entry
    from agentassist.protocols import Clock
    from agentassist.store.connection import Connection

MOST_SENDS = 64
"""Characters of a send id that are kept; a page makes them, and another's may be longer."""


@dataclass(frozen=True, slots=True)
class Handoff:
    """A handoff that is written with what the bot says to it.

    Attributes:
        reason: why, in words.
        data: see `Claims.handoff`.
    """

    reason: str
    data: Data


@dataclass(frozen=True, slots=True)
class Wish:
    """What follows from what a customer did, in the same transaction.

    Attributes:
        handoff: a person is needed; nothing happens where one has the conversation.
        email: where the customer is to be answered.
        name: what the customer is called.
        call_back: a promise to call.
        bot: whether the customer goes on with the bot instead of waiting.
        then: what is said to it.
    """

    handoff: Handoff | None = None
    email: str = ""
    name: str = ""
    call_back: followups.Meant | None = None
    bot: bool = False
    then: tuple[NewEntry, ...] = ()


class Page:
    """The customer's side of a conversation."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def was_sent(self, conversation_id: int, send_id: str) -> bool:
        """Say whether what a page sends was stored before: then it is not looked at again."""
        return bool(send_id) and _sent(self._connection, conversation_id, send_id)

    def take(
        self,
        conversation_id: int,
        send_id: str,
        entries: Sequence[NewEntry],
        wish: Wish | None = None,
        *,
        seen_seq: int | None = None,
    ) -> tuple[Entry, ...]:
        """Store what a customer did, once for each send id; all of it or nothing.

        Args:
            conversation_id: whose.
            send_id: the page's own number of this; empty for what cannot come twice.
            entries: what was said.
            wish: what follows from it beside entries.
            seen_seq: the last entry that was looked at when this was made; None when it fits whatever came since.

        Returns:
            The entries as stored, that of a handoff among them; none when this was stored before.

        Raises:
            NotFoundError: there is no such conversation.
            StateError: there is a handoff, and it is closed.
            UnseenEntriesError: there are entries after `seen_seq`.
            StoreError: nothing was stored.
        """
        with self._connection.write() as write:
            now = standing(write, conversation_id)
            if send_id and _sent(write, conversation_id, send_id):
                return ()
            if seen_seq is not None and now.last_seq > seen_seq:
                raise UnseenEntriesError(tuple(range(seen_seq + 1, now.last_seq + 1)))
            if send_id:
                write.run(
                    "INSERT INTO page_sends (conversation_id, send_id, seq) VALUES (?, ?, ?)",
                    (conversation_id, _kept(send_id), now.last_seq + 1),
                )
            stored = put(write, self._clock, conversation_id, entries)
            return (*stored, *self._follow(write, conversation_id, now.state, wish)) if wish else stored

    def _follow(self, write: Connection, conversation_id: int, state: State, wish: Wish) -> tuple[Entry, ...]:
        """Do inside a write what follows from a wish."""
        if state is State.CLOSED:
            raise StateError("the conversation is closed", "Begin a new one.")
        if wish.email or wish.name:
            row = write.rows("SELECT customer_id FROM conversations WHERE id = ?", (conversation_id,))[0]
            customers.put(write, Customer(row["customer_id"], wish.name, wish.email))
        if wish.call_back is not None:
            followups.put(write, self._clock, conversation_id, None, wish.call_back, wish.call_back.owner)
        after: list[NewEntry] = []
        if wish.handoff is not None and state is not State.CLAIMED:
            after.append(handoff_entry(wish.handoff.reason, wish.handoff.data))
        if wish.bot and state is State.WAITING:
            after.append(NewEntry(Author.CUSTOMER, EntryKind.EVENT, "", data={"event": Event.RETURNED.value}))
        return put(write, self._clock, conversation_id, [*after, *wish.then])

    def once(self, conversation_id: int, entry: NewEntry, *, same: str) -> Entry | None:
        """Store an event that a conversation has at most once; None when it is there.

        Args:
            conversation_id: whose.
            entry: the event.
            same: the key of its data by which two are the same; empty when there is only one of its kind.

        Raises:
            NotFoundError: there is no such conversation.
        """
        event = Event(str(entry.data["event"]))
        with self._connection.write() as write:
            standing(write, conversation_id)
            known = write.rows(
                f"SELECT {ENTRY} FROM entries e WHERE conversation_id = ? AND event = ?",  # noqa: S608 - constant text
                (conversation_id, event),
            )
            if any(not same or to_entry(row).data.get(same) == entry.data.get(same) for row in known):
                return None
            return put(write, self._clock, conversation_id, [entry])[0]

    def answer(
        self, conversation_id: int, seen_seq: int, entries: Sequence[NewEntry], handoff: Handoff | None = None
    ) -> tuple[Entry, ...]:
        """Store what the tree or the bot says, unless a person has the conversation or the customer has gone on.

        Args:
            conversation_id: whose.
            seen_seq: the last entry that was looked at when this was made.
            entries: what it says.
            handoff: hand over to a person with it.

        Returns:
            The entries as stored; none when it came too late.

        Raises:
            NotFoundError: there is no such conversation.
        """
        with self._connection.write() as write:
            if standing(write, conversation_id).state is not State.DIGITAL:
                return ()
            since = write.row(
                "SELECT 1 FROM entries WHERE conversation_id = ? AND seq > ? AND coalesce(event, '') NOT IN (?, ?)",
                (conversation_id, seen_seq, Event.OPENED, Event.FOLLOW_UP),
            )
            if since is not None:
                return ()
            last = [handoff_entry(handoff.reason, handoff.data)] if handoff else []
            return put(write, self._clock, conversation_id, [*entries, *last])

    def finish(self, conversation_id: int, disposition: str, summary: str) -> Entry | None:
        """Close what the tree or the bot has solved; None when a person has it, or it is closed.

        Raises:
            NotFoundError: there is no such conversation.
        """
        with self._connection.write() as write:
            now = standing(write, conversation_id)
            if now.state is not State.DIGITAL or now.agent:
                return None
            data: Data = {"event": Event.CLOSED.value, "disposition": disposition}
            entry = NewEntry(Author.BOT, EntryKind.EVENT, summary, data=data)
            return put(write, self._clock, conversation_id, [entry])[0]


def _sent(connection: Connection, conversation_id: int, send_id: str) -> bool:
    row = connection.row(
        "SELECT 1 FROM page_sends WHERE conversation_id = ? AND send_id = ?", (conversation_id, _kept(send_id))
    )
    return row is not None


def _kept(send_id: str) -> str:
    return storable(send_id)[:MOST_SENDS]
