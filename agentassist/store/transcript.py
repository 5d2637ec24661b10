"""The entries of a conversation: numbered, only added to, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.clock import from_stored, to_stored
from agentassist.errors import NotFoundError, StateError, UnseenEntriesError, UsageError
from agentassist.models import Author, Entry, EntryKind, Event, State
from agentassist.store import customers
from agentassist.store.rows import ENTRY, storable, to_entry, to_json

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from agentassist.models import Customer, NewEntry
    from agentassist.protocols import Clock
    from agentassist.store.connection import Connection

_OWNERSHIP = frozenset({Event.CLAIMED, Event.RELEASED, Event.CLOSED, Event.REOPENED, Event.LENT, Event.RETURNED})
UNANSWERED = (Event.OPENED, Event.RATED)
"""Events of a customer that nobody has to have read before they answer."""


class Transcript:
    """What was said, in order."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def start(self, customer: Customer, channel: str) -> int:
        """Begin a conversation and return its id; the customer is kept or brought up to date with it.

        Raises:
            StoreError: nothing was stored.
        """
        with self._connection.write() as write:
            customers.put(write, customer)
            return write.run(
                "INSERT INTO conversations (customer_id, channel, started_at) VALUES (?, ?, ?)",
                (storable(customer.id), storable(channel), to_stored(self._clock.now())),
            )

    def append(self, conversation_id: int, *entries: NewEntry) -> tuple[Entry, ...]:
        """Add entries, all or none, and return them numbered; once it returns, they are on disk.

        Raises:
            NotFoundError: there is no such conversation.
            UsageError: an entry changes who has the conversation; that is what `Claims` is for.
            StoreError: nothing was stored.
        """
        for entry in entries:
            if entry.kind is EntryKind.EVENT and Event(str(entry.data.get("event"))) in _OWNERSHIP:
                raise UsageError("only a claim changes who has a conversation", "Use the store's claims.")
        with self._connection.write() as write:
            return put(write, self._clock, conversation_id, entries)

    def entries(self, conversation_id: int, *, after: int = 0) -> tuple[Entry, ...]:
        """Return the entries numbered above `after`; none for a conversation that does not exist."""
        rows = self._connection.rows(
            f"SELECT {ENTRY} FROM entries e WHERE conversation_id = ? AND seq > ? ORDER BY seq",  # noqa: S608 - constant text
            (conversation_id, after),
        )
        return tuple(to_entry(row) for row in rows)

    def last_seqs(self, conversation_ids: Collection[int]) -> dict[int, int]:
        """Return the number of the last entry of conversations, by id; those that there are not are left out."""
        rows = self._connection.rows(
            "SELECT conversation_id, last_seq FROM conversation_state "
            "WHERE conversation_id IN (SELECT value FROM json_each(?))",
            (to_json(list(conversation_ids)),),
        )
        return {row["conversation_id"]: row["last_seq"] for row in rows}

    def send(self, conversation_id: int, agent: str, entry: NewEntry, *, seen_seq: int) -> Entry:
        """Add an agent's reply, unless somebody wrote what the agent has not seen; all in one transaction.

        Args:
            conversation_id: whose.
            agent: who sends; it must be theirs.
            entry: the reply.
            seen_seq: the number of the last entry that the agent had on screen.

        Raises:
            NotFoundError: there is no such conversation.
            StateError: it is not claimed by `agent`.
            UnseenEntriesError: others wrote after `seen_seq`; names the entries.
            StoreError: nothing was stored.
        """
        with self._connection.write() as write:
            return put_reply(write, self._clock, conversation_id, agent, entry, seen_seq)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a conversation is, inside a write."""

    state: State
    agent: str
    since_seq: int
    last_seq: int


def standing(write: Connection, conversation_id: int) -> Standing:
    """Return where a conversation is.

    Raises:
        NotFoundError: there is no such conversation.
    """
    row = write.row(
        "SELECT state, agent, since_seq, last_seq FROM conversation_state WHERE conversation_id = ?",
        (conversation_id,),
    )
    if row is None:
        raise unknown(conversation_id)
    return Standing(State(row["state"]), row["agent"], row["since_seq"], row["last_seq"])


def unknown(conversation_id: int) -> NotFoundError:
    """Return the error for a conversation that does not exist."""
    return NotFoundError(
        f"no conversation {conversation_id}", "`agentassist sessions list` shows those that there are."
    )


def require_owner(now: Standing, agent: str, verb: str) -> None:
    """Refuse when a conversation is not claimed by `agent`.

    Raises:
        StateError: it is another's, nobody's or closed.
    """
    if now.state is State.CLOSED:
        raise StateError(f"cannot {verb}: the conversation is closed", "Reopen it first.")
    if now.state is not State.CLAIMED:
        raise StateError(f"cannot {verb}: nobody has claimed the conversation", "Claim it first.")
    if now.agent != storable(agent):
        raise StateError(f"cannot {verb}: {now.agent} has the conversation", "Ask them to release it.")


def put_reply(  # noqa: PLR0917 - the parts of one reply
    write: Connection, clock: Clock, conversation_id: int, agent: str, entry: NewEntry, seen_seq: int
) -> Entry:
    """Add a reply inside a write, unless somebody wrote what the agent has not seen; see `Transcript.send`.

    Raises:
        NotFoundError: there is no such conversation.
        StateError: it is not claimed by `agent`.
        UnseenEntriesError: others wrote after `seen_seq`.
        UsageError: the entry is not this agent's.
    """
    if entry.author is not Author.AGENT or entry.author_name != agent:
        raise UsageError("a reply is from the agent who sends it", "Use `append` for what others say.")
    require_owner(standing(write, conversation_id), agent, "send")
    unseen = write.rows(
        "SELECT seq FROM entries WHERE conversation_id = ? AND seq > ? "
        "AND NOT (author = 'agent' AND author_name = ?) AND coalesce(event, '') NOT IN (?, ?) ORDER BY seq",
        (conversation_id, seen_seq, storable(agent), *UNANSWERED),
    )
    if unseen:
        raise UnseenEntriesError(tuple(row["seq"] for row in unseen))
    return put(write, clock, conversation_id, [entry])[0]


def put(write: Connection, clock: Clock, conversation_id: int, entries: Sequence[NewEntry]) -> tuple[Entry, ...]:
    """Number and insert entries inside a write.

    Raises:
        NotFoundError: there is no such conversation.
    """
    seq = standing(write, conversation_id).last_seq
    at = to_stored(clock.now())
    stored = []
    for number, entry in enumerate(entries, start=seq + 1):
        name, text, data = storable(entry.author_name), storable(entry.text), dict(entry.data)
        write.run(
            "INSERT INTO entries (conversation_id, seq, at, author, author_name, kind, text, data, event, disposition) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(conversation_id, number, at, entry.author.value, name, entry.kind.value, text, to_json(data)),
                *_event(entry),
            ),
        )
        stored.append(Entry(conversation_id, number, from_stored(at), entry.author, name, entry.kind, text, data))
    return tuple(stored)


def _event(entry: NewEntry) -> tuple[str | None, str | None]:
    """Return the event of an entry, and its disposition when it closes a conversation."""
    if entry.kind is not EntryKind.EVENT:
        return None, None
    event = Event(str(entry.data.get("event")))
    return event.value, storable(str(entry.data.get("disposition", ""))) if event is Event.CLOSED else None
