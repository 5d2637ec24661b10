"""How long customers wait for a person: from recent claims, so that what they are told is honest."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agentassist.clock import from_stored, to_stored

if TYPE_CHECKING:
    from agentassist.protocols import Clock
    from agentassist.store.connection import Connection

RECENT = timedelta(hours=24)
LATEST = 20
"""Claims that are looked at, the newest: what was an hour ago says more than the morning."""
LOOK_BACK = 20_000
"""Entries that are looked through for them, so that a day without claims costs no more."""


class Waits:
    """Waiting times."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def recent(self) -> tuple[float, ...]:
        """Return how many seconds the customers of the newest claims had waited, the newest first.

        From the last handoff or release before the claim: how the conversation came into the queue.
        """
        rows = self._connection.rows(
            "SELECT at, (SELECT max(h.at) FROM entries h WHERE h.conversation_id = e.conversation_id AND h.seq < e.seq "
            "AND h.event IN ('handoff', 'released')) AS since FROM entries e "
            "WHERE e.id > (SELECT max(id) FROM entries) - ? AND e.event = 'claimed' AND e.at > ? "
            "ORDER BY e.id DESC LIMIT ?",
            (LOOK_BACK, to_stored(self._clock.now() - RECENT), LATEST),
        )
        return tuple(
            (from_stored(row["at"]) - from_stored(row["since"])).total_seconds() for row in rows if row["since"]
        )

    def place(self, conversation_id: int) -> int:
        """Return the place of a conversation among those that wait, 1 is the next; 0 when it does not wait."""
        from agentassist.store.queue import Queue

        waiting = Queue(self._connection).order()
        return waiting.index(conversation_id) + 1 if conversation_id in waiting else 0
