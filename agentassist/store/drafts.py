"""What agents are writing, so that a crash or a remount loses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.clock import to_stored
from agentassist.store.rows import storable, to_draft
from agentassist.store.transcript import standing

if TYPE_CHECKING:
    from agentassist.models import Draft
    from agentassist.protocols import Clock
    from agentassist.store.connection import Connection


class Drafts:
    """One draft for each conversation and agent."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def save(self, conversation_id: int, agent: str, text: str, seen_seq: int) -> None:
        """Keep a draft, replacing the one before; the same again writes nothing.

        Raises:
            NotFoundError: there is no such conversation.
            StoreError: nothing was stored.
        """
        kept = self.get(conversation_id, agent)
        if kept is not None and (kept.text, kept.seen_seq) == (storable(text), seen_seq):
            return
        with self._connection.write() as write:
            standing(write, conversation_id)
            write.run(
                "INSERT INTO drafts (conversation_id, agent, text, seen_seq, saved_at) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET text = excluded.text, seen_seq = excluded.seen_seq, "
                "saved_at = excluded.saved_at",
                (conversation_id, storable(agent), storable(text), seen_seq, to_stored(self._clock.now())),
            )

    def get(self, conversation_id: int, agent: str) -> Draft | None:
        """Return the draft, or None."""
        row = self._connection.row(
            "SELECT * FROM drafts WHERE conversation_id = ? AND agent = ?", (conversation_id, storable(agent))
        )
        return None if row is None else to_draft(row)

    def delete(self, conversation_id: int, agent: str) -> None:
        """Remove the draft, if there is one.

        Raises:
            StoreError: nothing was changed.
        """
        if self.get(conversation_id, agent) is None:
            return
        with self._connection.write() as write:
            remove(write, conversation_id, agent)


def remove(write: Connection, conversation_id: int, agent: str) -> None:
    """Remove a draft inside a write, if there is one."""
    write.run("DELETE FROM drafts WHERE conversation_id = ? AND agent = ?", (conversation_id, storable(agent)))
