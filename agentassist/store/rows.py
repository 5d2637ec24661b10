"""What a row means, and what a value becomes before it is stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from agentassist.clock import from_stored
from agentassist.models import (
    Author,
    Conversation,
    Customer,
    Draft,
    Entry,
    EntryKind,
    FollowUp,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agentassist.store.driver import sqlite3


CONVERSATION = """
SELECT c.id, c.channel, c.started_at, s.state, s.agent, s.since_at, s.last_seq, s.last_at, s.reason, s.disposition,
  s.friction,
  p.id AS customer_id, p.name, p.email, p.timezone, p.language, p.attributes,
  coalesce(substr(said.text, 1, 500), '') AS preview, coalesce(substr(ended.text, 1, 500), '') AS summary,
  CASE WHEN :agent = '' THEN 0 ELSE (
    SELECT count(*) FROM entries e
    WHERE e.conversation_id = c.id AND e.author = 'customer' AND e.kind <> 'event' AND e.seq > coalesce(
      (SELECT seen.seq FROM seen WHERE seen.conversation_id = c.id AND seen.agent = :agent), 0)
  ) END AS unread
FROM conversations c
JOIN conversation_state s ON s.conversation_id = c.id
JOIN customers p ON p.id = c.customer_id
LEFT JOIN entries said ON said.conversation_id = c.id AND said.seq = s.preview_seq
LEFT JOIN entries ended ON s.state = 'closed' AND ended.conversation_id = c.id AND ended.seq = s.since_seq
"""
"""The SELECT of `to_conversation`; the parameter `:agent` is who asks, empty for nobody (then nothing is unread)."""

ENTRY = "e.conversation_id, e.seq, e.at, e.author, e.author_name, e.kind, e.text, e.data"
"""The columns of `to_entry`, for `SELECT … FROM entries e`."""
_AUTHORS = {author.value: author for author in Author}
_KINDS = {kind.value: kind for kind in EntryKind}


def storable(text: str) -> str:
    """Return `text` as UTF-8 can hold it: halves of a surrogate pair are joined, lone ones become U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def to_json(value: Mapping[str, Any] | Iterable[Any]) -> str:
    """Write `value` as the JSON that a column holds.

    Raises:
        ValueError: it holds a number that JSON does not have.
    """
    return storable(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def to_customer(row: sqlite3.Row) -> Customer:
    """Read the columns customer_id, name, email, timezone, language and attributes."""
    return Customer(
        row["customer_id"],
        row["name"],
        row["email"],
        row["timezone"],
        row["language"],
        json.loads(row["attributes"]),
    )


def to_conversation(row: sqlite3.Row) -> Conversation:
    """Read a row of `CONVERSATION`."""
    return Conversation(
        id=row["id"],
        customer=to_customer(row),
        channel=row["channel"],
        started_at=from_stored(row["started_at"]),
        state=State(row["state"]),
        agent=row["agent"],
        since=from_stored(row["since_at"]),
        last_seq=row["last_seq"],
        last_at=from_stored(row["last_at"]),
        reason=row["reason"],
        unread=row["unread"],
        preview=row["preview"],
        disposition=row["disposition"],
        summary=row["summary"],
        friction=row["friction"],
    )


def to_entry(row: sqlite3.Row) -> Entry:
    """Read the columns of `ENTRY`. By their places and with little else: a long conversation has thousands."""
    conversation_id, seq, at, author, author_name, kind, text, data = row
    return Entry(
        conversation_id,
        seq,
        from_stored(at),
        _AUTHORS[author],
        author_name,
        _KINDS[kind],
        text,
        json.loads(data) if data != "{}" else {},
    )


def to_follow_up(row: sqlite3.Row) -> FollowUp:
    """Read a row of `follow_ups`."""
    return FollowUp(
        id=row["id"],
        conversation_id=row["conversation_id"],
        customer_id=row["customer_id"],
        owner=row["owner"],
        note=row["note"],
        due=from_stored(row["due"]),
        zone=row["zone"],
        wall=row["wall"],
        only_if_no_reply=bool(row["only_if_no_reply"]),
        created_at=from_stored(row["created_at"]),
        done_at=from_stored(row["done_at"]) if row["done_at"] else None,
    )


def to_draft(row: sqlite3.Row) -> Draft:
    """Read a row of `drafts`."""
    return Draft(row["conversation_id"], row["agent"], row["text"], row["seen_seq"], from_stored(row["saved_at"]))
