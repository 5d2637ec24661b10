"""Where each desk and each customer is now. Not a record, and never exported."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agentassist.clock import from_stored, to_stored
from agentassist.models import CustomerPresence, Presence
from agentassist.store.rows import storable
from agentassist.store.transcript import standing

if TYPE_CHECKING:
    from agentassist.protocols import Clock
    from agentassist.store.connection import Connection

FORGOTTEN = timedelta(seconds=60)
"""A desk that has said nothing for so long is taken for gone, and its row is removed at the next write."""

HEARTBEAT = timedelta(seconds=20)
"""What is still true is said again so often: two of three may be late before a desk is taken for gone."""


TYPING = timedelta(seconds=6)
"""A customer's page says every few seconds that they type; when it has not for so long, they have stopped."""


class Presences:
    """One row for each desk that is open, and one for each customer whose page is."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def say(self, desk: str, agent: str, conversation_id: int | None, *, typing: bool) -> None:
        """Keep where a desk is; what was said less than `HEARTBEAT` ago is not written again.

        Args:
            desk: which desk, one name for each that is open.
            agent: who sits there.
            conversation_id: what is open there, None for nothing.
            typing: a reply is being written.

        Raises:
            NotFoundError: there is no such conversation.
            StoreBusyError: another process is writing: nobody waits for this, the next heartbeat says it again.
            StoreError: nothing was stored.
        """
        now = self._clock.now()
        where = (storable(agent), conversation_id, int(typing))
        known = self._connection.row("SELECT agent, conversation_id, typing, at FROM presence WHERE desk = ?", (desk,))
        if known is not None and tuple(known)[:3] == where and abs(now - from_stored(known["at"])) < HEARTBEAT:
            return
        with self._connection.write_lightly() as write:
            if conversation_id is not None:
                standing(write, conversation_id)
            write.run("DELETE FROM presence WHERE NOT at BETWEEN ? AND ?", self._lately())
            write.run(
                "INSERT INTO presence (desk, agent, conversation_id, typing, at) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET agent = excluded.agent, conversation_id = excluded.conversation_id, "
                "typing = excluded.typing, at = excluded.at",
                (desk, *where, to_stored(now)),
            )

    def leave(self, desk: str) -> None:
        """Forget a desk.

        Raises:
            StoreBusyError: another process is writing; the row goes stale by itself.
            StoreError: nothing was changed.
        """
        if self._connection.row("SELECT 1 FROM presence WHERE desk = ?", (desk,)) is None:
            return
        with self._connection.write_lightly() as write:
            write.run("DELETE FROM presence WHERE desk = ?", (desk,))

    def customer_says(self, conversation_id: int, *, typing: bool) -> None:
        """Keep that a customer has the page open, and whether they type; never what.

        Raises:
            NotFoundError: there is no such conversation.
            StoreBusyError: another process is writing; the next sign says it again.
            StoreError: nothing was stored.
        """
        with self._connection.write_lightly() as write:
            standing(write, conversation_id)
            write.run(
                "INSERT INTO customer_presence (conversation_id, typing, at) VALUES (?, ?, ?) "
                "ON CONFLICT DO UPDATE SET typing = excluded.typing, at = excluded.at",
                (conversation_id, int(typing), to_stored(self._clock.now())),
            )

    def customer(self, conversation_id: int) -> CustomerPresence | None:
        """Return whether a customer is there; None when their page has said nothing for a while."""
        row = self._connection.row(
            "SELECT typing, at FROM customer_presence WHERE conversation_id = ? AND at BETWEEN ? AND ?",
            (conversation_id, *self._lately()),
        )
        if row is None:
            return None
        at = from_stored(row["at"])
        return CustomerPresence(bool(row["typing"]) and self._clock.now() - at < TYPING, at)

    def others(self, desk: str) -> tuple[Presence, ...]:
        """Return where every desk but this one is, in the order of the agents' names."""
        rows = self._connection.rows(
            "SELECT agent, conversation_id, typing, at FROM presence WHERE desk <> ? AND at BETWEEN ? AND ? "
            "ORDER BY agent, desk",
            (desk, *self._lately()),
        )
        return tuple(
            Presence(row["agent"], row["conversation_id"], bool(row["typing"]), from_stored(row["at"])) for row in rows
        )

    def _lately(self) -> tuple[str, str]:
        """Return the span in which a desk must have spoken; a row from after it is of a clock that was put back."""
        now = self._clock.now()
        return to_stored(now - FORGOTTEN), to_stored(now + FORGOTTEN)
