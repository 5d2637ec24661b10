"""Who writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.errors import NotFoundError
from agentassist.store.rows import storable, to_customer, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentassist.models import Customer
    from agentassist.store.connection import Connection


class Customers:
    """The customers, by the channel's own id."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def upsert(self, customer: Customer) -> None:
        """Keep what is known of a customer; what is empty here does not erase what was known before.

        Raises:
            StoreError: nothing was stored.
        """
        with self._connection.write() as write:
            put(write, customer)

    def get(self, customer_id: str) -> Customer:
        """Return a customer.

        Raises:
            NotFoundError: there is none with this id.
        """
        row = self._connection.row("SELECT *, id AS customer_id FROM customers WHERE id = ?", (storable(customer_id),))
        if row is None:
            raise NotFoundError(f"no customer {customer_id}", "`agentassist sessions list` shows who wrote.")
        return to_customer(row)

    def names(self, customer_ids: Iterable[str]) -> dict[str, str]:
        """Return what these customers are called, by id; who is not known is left out."""
        rows = self._connection.rows(
            "SELECT id, name FROM customers WHERE id IN (SELECT value FROM json_each(?))",
            (to_json([storable(number) for number in customer_ids]),),
        )
        return {row["id"]: row["name"] for row in rows}


def put(write: Connection, customer: Customer) -> None:
    """Insert or update a customer inside a write."""
    write.run(
        """
        INSERT INTO customers (id, name, email, timezone, language, attributes) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET
          name = coalesce(nullif(excluded.name, ''), name),
          email = coalesce(nullif(excluded.email, ''), email),
          timezone = coalesce(nullif(excluded.timezone, ''), timezone),
          language = coalesce(nullif(excluded.language, ''), language),
          attributes = coalesce(nullif(excluded.attributes, '{}'), attributes)
        """,
        (
            storable(customer.id),
            storable(customer.name),
            storable(customer.email),
            storable(customer.timezone),
            storable(customer.language),
            to_json(dict(customer.attributes)),
        ),
    )
