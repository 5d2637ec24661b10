"""Who needs an agent now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.store.rows import CONVERSATION, storable, to_conversation
from agentassist.store.transcript import unknown

if TYPE_CHECKING:
    from agentassist.models import Conversation
    from agentassist.store.connection import Connection


class Queue:
    """Open conversations as one agent sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting(self, agent: str) -> tuple[Conversation, ...]:
        """Return what was handed over and nobody has, the longest waiting first."""
        return self._where("s.state = 'waiting' AND s.agent = ''", agent)

    def mine(self, agent: str) -> tuple[Conversation, ...]:
        """Return what `agent` has claimed, the longest first."""
        return self._where("s.state = 'claimed' AND s.agent = :agent", agent)

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

    def mark_seen(self, conversation_id: int, agent: str, seq: int) -> None:
        """Keep that `agent` has seen everything up to `seq`; never goes back, and writes nothing when it is known.

        Raises:
            NotFoundError: there is no such conversation.
        """
        known = self._connection.row(
            "SELECT seq FROM seen WHERE conversation_id = ? AND agent = ?", (conversation_id, storable(agent))
        )
        if known is not None and known["seq"] >= seq:
            return
        with self._connection.write() as write:
            state = write.row("SELECT last_seq FROM conversation_state WHERE conversation_id = ?", (conversation_id,))
            if state is None:
                raise unknown(conversation_id)
            write.run(
                "INSERT INTO seen (conversation_id, agent, seq) VALUES (?, ?, ?) "
                "ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)",
                (conversation_id, storable(agent), min(seq, state["last_seq"])),
            )

    def _where(self, condition: str, agent: str) -> tuple[Conversation, ...]:
        rows = self._connection.rows(
            # Said as in the partial index, which SQLite uses only when its condition is there word for word.
            f"{CONVERSATION} WHERE s.state <> 'closed' AND {condition} ORDER BY s.since_at, c.id",
            {"agent": storable(agent)},
        )
        return tuple(to_conversation(row) for row in rows)
