"""What is to leave by e-mail: queued here in the same transaction as the entry that says so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.clock import from_stored, to_stored
from agentassist.errors import UsageError
from agentassist.store.rows import storable, to_json
from agentassist.store.transcript import put, standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from agentassist.models import Entry, NewEntry
    from agentassist.protocols import Clock
    from agentassist.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail.

    Attributes:
        to: the address.
        text: plain text.
    """

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Queued:
    """An e-mail in the outbox.

    Attributes:
        state: queued, sent, dead or cancelled.
    """

    id: int
    key: str
    conversation_id: int
    mail: Mail
    state: str
    created_at: datetime


class Outbox:
    """The deliveries, oldest first."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def queue(
        self, conversation_id: int, mail: Mail, *, purpose: str, entries: Sequence[NewEntry] = ()
    ) -> tuple[Entry, ...] | None:
        """Queue an e-mail and store the entries that say so, both or none.

        Args:
            conversation_id: what it is about.
            mail: as it will be sent: what is queued never changes.
            purpose: what it is for; the same purpose is queued once for each state of a conversation.
            entries: what the transcript says of it.

        Returns:
            The entries as stored; None when it is in the outbox already.

        Raises:
            UsageError: there is nobody to send it to.
            NotFoundError: there is no such conversation.
            StoreError: nothing was stored.
        """
        if not mail.to.strip():
            raise UsageError("an e-mail needs an address", "Ask the customer for it.")
        with self._connection.write() as write:
            version = standing(write, conversation_id).last_seq
            key = f"conv-{conversation_id}-v{version}-{purpose}"
            if write.row("SELECT 1 FROM outbox WHERE key = ?", (storable(key),)) is not None:
                return None
            payload = to_json({"to": mail.to, "subject": mail.subject, "text": mail.text})
            write.run(
                "INSERT INTO outbox (key, kind, conversation_id, payload, created_at) VALUES (?, 'email', ?, ?, ?)",
                (storable(key), conversation_id, payload, to_stored(self._clock.now())),
            )
            return put(write, self._clock, conversation_id, entries)

    def list(self, conversation_id: int | None = None) -> tuple[Queued, ...]:
        """Return what was queued, the oldest first; of one conversation, or of all."""
        where, parameters = (
            ("WHERE conversation_id = ?", (conversation_id,)) if conversation_id is not None else ("", ())
        )
        rows = self._connection.rows(f"SELECT * FROM outbox {where} ORDER BY id", parameters)  # noqa: S608 - constant text
        return tuple(
            Queued(
                row["id"],
                row["key"],
                row["conversation_id"],
                Mail(**json.loads(row["payload"])),
                row["state"],
                from_stored(row["created_at"]),
            )
            for row in rows
        )
