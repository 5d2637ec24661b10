"""The conversations in which a decision tree began, to count what became of its nodes. Only read."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from agentassist.store.rows import ENTRY, to_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentassist.models import Entry
    from agentassist.store.connection import Connection

_ENTRIES = f"""
SELECT {ENTRY} FROM entries e
WHERE e.conversation_id IN (SELECT conversation_id FROM entries WHERE event = 'flow' AND at >= :since)
AND (e.kind IN ('choice', 'form', 'event') OR (e.kind = 'message' AND e.author = 'bot'))
ORDER BY e.conversation_id, e.seq
"""  # noqa: S608 — the columns are a constant


class FlowStats:
    """Reads what customers did in decision trees."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def conversations(self, *, since: str = "") -> Iterator[tuple[Entry, ...]]:
        """Yield the answers, events and bot messages of each conversation in which a tree began.

        Args:
            since: only those in which one began since, as it is stored; empty for all.
        """
        rows = self._connection.rows(_ENTRIES, {"since": since})
        for _, group in groupby(map(to_entry, rows), key=lambda entry: entry.conversation_id):
            yield tuple(group)
