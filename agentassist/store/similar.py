"""Closed conversations as vectors: what the customer asked, and the whole; never a word of either.

A row belongs to one closing of a conversation (`last_seq` is the number of the entry that closed it) and to one
encoder. What a customer wants forgotten leaves an empty row, so that nobody makes it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.clock import from_stored, to_stored
from agentassist.store.rows import CONVERSATION, ENTRY, storable, to_conversation, to_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from agentassist.models import Conversation, Entry
    from agentassist.protocols import Clock
    from agentassist.store.connection import Connection

FORGOTTEN = "forgotten"
"""The model of a row whose customer wants it forgotten: it has no vectors, and is never made again."""

SPAN = 2_000
"""Ids of conversations that one look for missing vectors goes through: some milliseconds."""

FIRST, LAST = 120, 60
"""Entries from the beginning and from the end of a conversation that are read to make its vectors."""


@dataclass(frozen=True, slots=True)
class Closing:
    """A closed conversation, and the number of the entry that closed it."""

    conversation_id: int
    seq: int


@dataclass(frozen=True, slots=True)
class SessionVector:
    """What a closed conversation is about.

    Attributes:
        last_seq: the entry that closed it then.
        model: which encoder made the vectors.
        problem: what the customer asked: unit length, float16, NumPy's "<f2".
        vector: the whole of it, as `problem` is.
        made_at: when, as it is stored.
    """

    conversation_id: int
    last_seq: int
    model: str
    problem: bytes
    vector: bytes
    made_at: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a conversation ended.

    Attributes:
        at: when it was closed, UTC.
    """

    conversation_id: int
    disposition: str
    agent: str
    at: datetime


class SessionVectors:
    """The vectors of closed conversations."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    # Making them

    def newest(self) -> int:
        """Return the highest id of a conversation, 0 for none."""
        row = self._connection.row("SELECT max(id) AS id FROM conversations")
        return row["id"] or 0 if row is not None else 0

    def closing(self, conversation_id: int) -> Closing | None:
        """Return how a conversation was closed; None when it is open, gone or to be forgotten."""
        row = self._connection.row(
            "SELECT s.since_seq FROM conversation_state s "
            "LEFT JOIN session_vectors v ON v.conversation_id = s.conversation_id "
            "WHERE s.conversation_id = ? AND s.state = 'closed' AND v.model IS NOT ?",
            (conversation_id, FORGOTTEN),
        )
        return Closing(conversation_id, row["since_seq"]) if row is not None else None

    def unmade(self, model: str, *, below: int, limit: int) -> tuple[tuple[Closing, ...], int]:
        """Look for closed conversations without vectors of a model and of their last closing.

        Args:
            model: the encoder's hash.
            below: look only at ids below this one, the highest first; at most `SPAN` of them.
            limit: at most so many.

        Returns:
            Them, and the `below` of the next look; 0 when all was looked at.
        """
        floor = max(below - SPAN, 0)
        rows = self._connection.rows(
            "SELECT s.conversation_id, s.since_seq FROM conversation_state s "
            "LEFT JOIN session_vectors v ON v.conversation_id = s.conversation_id "
            "WHERE s.conversation_id < :below AND s.conversation_id >= :floor AND s.state = 'closed' "
            "AND (v.conversation_id IS NULL OR (v.model <> :forgotten AND "
            "(v.model <> :model OR v.last_seq <> s.since_seq))) "
            "ORDER BY s.conversation_id DESC LIMIT :limit",
            {"below": below, "floor": floor, "model": model, "limit": limit, "forgotten": FORGOTTEN},
        )
        found = tuple(Closing(row["conversation_id"], row["since_seq"]) for row in rows)
        return found, found[-1].conversation_id if len(found) == limit else floor

    def count(self, model: str) -> tuple[int, int]:
        """Return how many conversations are closed, and how many of them have vectors of a model that still stand."""
        row = self._connection.row(
            "SELECT count(*) AS closed, coalesce(sum(v.model = ? AND v.last_seq = s.since_seq), 0) AS made "
            "FROM conversation_state s LEFT JOIN session_vectors v ON v.conversation_id = s.conversation_id "
            "WHERE s.state = 'closed' AND v.model IS NOT ?",
            (model, FORGOTTEN),
        )
        return (row["closed"], row["made"]) if row is not None else (0, 0)

    def said(self, closing: Closing) -> tuple[Entry, ...]:
        """Return what was said up to a closing, and the entry that closed it; of a long conversation both ends."""
        rows = self._connection.rows(
            f"SELECT {ENTRY} FROM entries e WHERE e.conversation_id = :id "  # noqa: S608 - constant text
            "AND (e.seq <= :first OR e.seq > :seq - :last) AND e.seq <= :seq ORDER BY e.seq",
            {"id": closing.conversation_id, "seq": closing.seq, "first": FIRST, "last": LAST},
        )
        return tuple(to_entry(row) for row in rows)

    def put(self, made: Iterable[SessionVector], *, lightly: bool = False) -> int:
        """Keep vectors; what was opened again, removed or forgotten meanwhile is left out.

        Args:
            made: what to keep.
            lightly: wait neither for the disk nor for others: what a power cut takes is made again.

        Returns:
            How many were kept.

        Raises:
            StoreBusyError: lightly, and another process is writing.
            StoreError: nothing was kept.
        """
        kept = 0
        with self._connection.write_lightly() if lightly else self._connection.write() as write:
            at = to_stored(self._clock.now())
            for item in made:
                # An upsert, not a replacement: that would count as something forgotten.
                write.run(
                    "INSERT INTO session_vectors (conversation_id, last_seq, model, problem, vector, made_at) "
                    "SELECT conversation_id, since_seq, ?, ?, ?, ? FROM conversation_state "
                    "WHERE conversation_id = ? AND state = 'closed' AND since_seq = ? "
                    "ON CONFLICT (conversation_id) DO UPDATE SET last_seq = excluded.last_seq, "
                    "model = excluded.model, problem = excluded.problem, vector = excluded.vector, "
                    "made_at = excluded.made_at WHERE session_vectors.model <> ?",
                    (item.model, item.problem, item.vector, at, item.conversation_id, item.last_seq, FORGOTTEN),
                )
                row = write.row("SELECT changes() AS changed")
                kept += row["changed"] if row is not None else 0
        return kept

    # Reading them

    def page(self, model: str, *, below: int, limit: int) -> tuple[SessionVector, ...]:
        """Return vectors of a model, of conversations with ids below one, the highest first."""
        rows = self._connection.rows(
            "SELECT * FROM session_vectors WHERE conversation_id < ? AND model = ? "
            "ORDER BY conversation_id DESC LIMIT ?",
            (below, model, limit),
        )
        return tuple(SessionVector(*row) for row in rows)

    def scan(self, size: int) -> Iterator[list[tuple[int, str, bytes, bytes]]]:
        """Yield id, model, problem and vector of every row, `size` at a time: what reads all history once."""
        below = 2**63 - 1
        while rows := self._connection.rows(
            "SELECT conversation_id, model, problem, vector FROM session_vectors "
            "WHERE conversation_id < ? ORDER BY conversation_id DESC LIMIT ?",
            (below, size),
        ):
            below = rows[-1][0]
            yield [(row[0], row[1], row[2], row[3]) for row in rows]

    def closed(self) -> int:
        """Return how many conversations are closed."""
        row = self._connection.row("SELECT count(*) AS closed FROM conversation_state WHERE state = 'closed'")
        return int(row["closed"]) if row is not None else 0

    def since(self, model: str, made_at: str, limit: int) -> tuple[SessionVector, ...]:
        """Return vectors of a model that were made at some moment or later, the earliest first."""
        rows = self._connection.rows(
            "SELECT * FROM session_vectors WHERE made_at >= ? AND model = ? ORDER BY made_at LIMIT ?",
            (made_at, model, limit),
        )
        return tuple(SessionVector(*row) for row in rows)

    def forgotten(self) -> int:
        """Return a number that changes whenever vectors were taken away."""
        row = self._connection.row("SELECT session_vectors FROM forgetting")
        return row["session_vectors"] if row is not None else 0

    def standing(self, ids: Iterable[int], model: str, *, without: int | None = None) -> tuple[Ended, ...]:
        """Return how those conversations ended that are closed and have vectors of that closing, in no order.

        Args:
            ids: of conversations.
            model: the encoder's hash.
            without: a conversation whose customer's are left out, itself too.
        """
        rows = self._connection.rows(
            "SELECT s.conversation_id, s.disposition, s.agent, s.since_at FROM conversation_state s "
            "JOIN session_vectors v ON v.conversation_id = s.conversation_id AND v.last_seq = s.since_seq "
            "JOIN conversations c ON c.id = s.conversation_id "
            "WHERE s.conversation_id IN (SELECT value FROM json_each(:ids)) AND s.state = 'closed' "
            "AND v.model = :model "
            "AND c.customer_id IS NOT (SELECT customer_id FROM conversations WHERE id = :without)",
            {"ids": str(sorted(ids)), "model": model, "without": without},
        )
        return tuple(Ended(row[0], row[1], row[2], from_stored(row[3])) for row in rows)

    def conversations(self, ids: Iterable[int]) -> tuple[Conversation, ...]:
        """Return some conversations, in no order."""
        rows = self._connection.rows(
            f"{CONVERSATION} WHERE c.id IN (SELECT value FROM json_each(:ids))",  # noqa: S608 - constant text
            {"agent": "", "ids": str(sorted(ids))},
        )
        return tuple(to_conversation(row) for row in rows)

    def forget_customer(self, customer_id: str) -> int:
        """Remove the vectors of a customer's conversations for good: they are not made again.

        Returns:
            How many there were.
        """
        with self._connection.write() as write:
            return forget_customer(write, self._clock, customer_id)


def forget_customer(write: Connection, clock: Clock, customer_id: str) -> int:
    """Do what `SessionVectors.forget_customer` does, inside a write."""
    customer = storable(customer_id)
    write.run(
        "DELETE FROM session_vectors WHERE model <> ? "
        "AND conversation_id IN (SELECT id FROM conversations WHERE customer_id = ?)",
        (FORGOTTEN, customer),
    )
    row = write.row("SELECT changes() AS changed")
    write.run(
        "INSERT INTO session_vectors (conversation_id, last_seq, model, problem, vector, made_at) "
        "SELECT id, 0, ?, x'', x'', ? FROM conversations WHERE customer_id = ? ON CONFLICT DO NOTHING",
        (FORGOTTEN, to_stored(clock.now()), customer),
    )
    return row["changed"] if row is not None else 0
