"""Who needs an agent now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from agentassist.clock import from_stored
from agentassist.models import State
from agentassist.store.rows import CONVERSATION, storable, to_conversation
from agentassist.store.transcript import standing, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentassist.models import Conversation
    from agentassist.store.connection import Connection


HEAD_START = timedelta(minutes=10)
"""How much longer than they did a customer at the very point of friction counts as having waited; 0 for who is calm."""


def urgency(waiting: Conversation) -> tuple[datetime, int]:
    """Return by what those who wait are ordered, the first first: since when, with a head start for friction.

    A head start and not a rank: who is calm is passed by the strained only for so long, and never starves.
    """
    return _urgency(waiting.since, waiting.friction, waiting.id)


def _urgency(since: datetime, friction: float, conversation_id: int) -> tuple[datetime, int]:
    return since - friction * HEAD_START, conversation_id


class Queue:
    """Open conversations as one agent sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting(self, agent: str) -> tuple[Conversation, ...]:
        """Return what was handed over and nobody has, who needs an agent most first; see `urgency`."""
        return tuple(sorted(self._where("s.state = 'waiting' AND s.agent = ''", agent), key=urgency))

    def order(self) -> tuple[int, ...]:
        """Return the ids of what waits in the order of `waiting`: every customer who waits asks for their place."""
        rows = self._connection.rows(
            "SELECT conversation_id, since_at, friction FROM conversation_state "
            "WHERE state <> 'closed' AND state = 'waiting' AND agent = ''"
        )
        waiting = sorted(
            _urgency(from_stored(row["since_at"]), row["friction"], row["conversation_id"]) for row in rows
        )
        return tuple(ident for _, ident in waiting)

    def mine(self, agent: str) -> tuple[Conversation, ...]:
        """Return what `agent` has claimed or has lent to a decision tree, the longest first."""
        return self._where("s.state IN ('claimed', 'digital') AND s.agent = :agent", agent)

    def others(self, agent: str, limit: int = 50) -> tuple[Conversation, ...]:
        """Return what other agents have claimed, the one that changed last first; nothing in them counts as unread."""
        rows = self._connection.rows(
            f"{CONVERSATION} WHERE c.id IN ("  # noqa: S608 - constant text
            "SELECT conversation_id FROM conversation_state WHERE state <> 'closed' AND state = 'claimed' "
            "AND agent <> :me ORDER BY last_at DESC, conversation_id DESC LIMIT :limit"
            ") ORDER BY s.last_at DESC, c.id DESC",
            {"agent": "", "me": storable(agent), "limit": limit},
        )
        return tuple(to_conversation(row) for row in rows)

    def trees(self, conversation_ids: Iterable[int]) -> dict[int, str]:
        """Return the title of the tree that each of these conversations is in, or was in last; by conversation."""
        found: dict[int, str] = {}
        for number in conversation_ids:
            row = self._connection.row(
                "SELECT text FROM entries WHERE conversation_id = ? AND event = 'flow' ORDER BY seq DESC LIMIT 1",
                (number,),
            )
            if row is not None:
                found[number] = row["text"]
        return found

    def owns(self, conversation_id: int, agent: str) -> bool:
        """Say whether a conversation is claimed by `agent`.

        Raises:
            NotFoundError: there is no such conversation.
        """
        now = standing(self._connection, conversation_id)
        return now.state is State.CLAIMED and now.agent == storable(agent)

    def get(self, conversation_id: int, agent: str = "") -> Conversation:
        """Return one conversation; looking leaves no trace.

        Args:
            conversation_id: which.
            agent: for whom `unread` is counted; for nobody it is 0.

        Raises:
            NotFoundError: there is no such conversation.
        """
        row = self._connection.row(
            f"{CONVERSATION} WHERE c.id = :id",
            {"id": conversation_id, "agent": storable(agent)},
        )
        if row is None:
            raise unknown(conversation_id)
        return to_conversation(row)

    def seen(self, conversation_id: int, agent: str) -> int:
        """Return the number of the last entry that `agent` has seen, 0 when they never had the conversation."""
        known = self._connection.row(
            "SELECT seq FROM seen WHERE conversation_id = ? AND agent = ?", (conversation_id, storable(agent))
        )
        return known["seq"] if known is not None else 0

    def mark_seen(self, conversation_id: int, agent: str, seq: int) -> None:
        """Keep that `agent` has seen everything up to `seq`; never goes back, and writes nothing when it is known.

        Raises:
            NotFoundError: there is no such conversation.
        """
        if self.seen(conversation_id, agent) >= seq:
            return
        with self._connection.write() as write:
            put_seen(write, conversation_id, agent, seq)

    def _where(self, condition: str, agent: str) -> tuple[Conversation, ...]:
        rows = self._connection.rows(
            # Said as in the partial index, which SQLite uses only when its condition is there word for word.
            f"{CONVERSATION} WHERE s.state <> 'closed' AND {condition} ORDER BY s.since_at, c.id",
            {"agent": storable(agent)},
        )
        return tuple(to_conversation(row) for row in rows)


def put_seen(write: Connection, conversation_id: int, agent: str, seq: int) -> None:
    """Keep inside a write that `agent` has seen everything up to `seq`; never goes back.

    Raises:
        NotFoundError: there is no such conversation.
    """
    write.run(
        "INSERT INTO seen (conversation_id, agent, seq) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)",
        (conversation_id, storable(agent), min(seq, standing(write, conversation_id).last_seq)),
    )
