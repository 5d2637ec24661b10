"""Who comes to the customer's page: a token that only their browser has, and the conversation that it opens."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.clock import to_stored
from agentassist.store import customers
from agentassist.store.rows import storable

if TYPE_CHECKING:
    from agentassist.models import Customer
    from agentassist.protocols import Clock
    from agentassist.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser that has been here before.

    Attributes:
        conversation_id: the conversation that is open in it, None before the first.
    """

    customer_id: str
    conversation_id: int | None


class Visitors:
    """The visitors, by the hash of their token: whoever reads the records cannot speak for a customer."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def get(self, token: str) -> Visitor | None:
        """Return whose token it is, None for nobody's."""
        row = self._connection.row(
            "SELECT customer_id, conversation_id FROM visitors WHERE token_hash = ?", (hashed(token),)
        )
        return None if row is None else Visitor(row["customer_id"], row["conversation_id"])

    def begin(self, token: str, customer: Customer, channel: str) -> int:
        """Begin a conversation for a visitor and return its id; a new token becomes the customer's.

        Raises:
            StoreError: nothing was stored.
        """
        now = to_stored(self._clock.now())
        with self._connection.write() as write:
            customers.put(write, customer)
            conversation_id = write.run(
                "INSERT INTO conversations (customer_id, channel, started_at) VALUES (?, ?, ?)",
                (storable(customer.id), storable(channel), now),
            )
            write.run(
                "INSERT INTO visitors (token_hash, customer_id, conversation_id, created_at, seen_at) "
                "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET conversation_id = excluded.conversation_id, "
                "seen_at = excluded.seen_at",
                (hashed(token), storable(customer.id), conversation_id, now, now),
            )
            return conversation_id

    def belongs(self, token: str, conversation_id: int) -> bool:
        """Say whether a conversation is this visitor's, now or earlier."""
        row = self._connection.row(
            "SELECT 1 FROM visitors v JOIN conversations c ON c.customer_id = v.customer_id "
            "WHERE v.token_hash = ? AND c.id = ?",
            (hashed(token), conversation_id),
        )
        return row is not None


def hashed(token: str) -> str:
    """Return the SHA-256 (hex) of a token: 128 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
