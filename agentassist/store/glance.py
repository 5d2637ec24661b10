"""A quick look at the records for shell completion: it writes nothing, and where it cannot read there is nothing."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from agentassist.store.driver import sqlite3

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_SECONDS = 0.2
"""Nobody waits longer for a completion that another process holds up."""
MOST = 200

_CONVERSATIONS = """
SELECT c.id, p.name, s.state FROM conversations c
JOIN customers p ON p.id = c.customer_id JOIN conversation_state s ON s.conversation_id = c.id
ORDER BY c.id DESC LIMIT ?
"""
_FOLLOW_UPS = """
SELECT f.id, COALESCE(p.name, ''), f.note FROM follow_ups f LEFT JOIN customers p ON p.id = f.customer_id
WHERE f.done_at IS NULL ORDER BY f.due LIMIT ?
"""
_AGENTS = """
SELECT agent, COUNT(*), '' FROM (SELECT agent FROM conversation_state UNION ALL SELECT owner FROM follow_ups)
WHERE agent <> '' GROUP BY agent ORDER BY 2 DESC LIMIT ?
"""


def conversations(path: Path) -> list[tuple[str, str]]:
    """Return number and customer's name, with its state, of the newest conversations."""
    return [(str(number), f"{name}, {state}") for number, name, state in _rows(path, _CONVERSATIONS)]


def follow_ups(path: Path) -> list[tuple[str, str]]:
    """Return number, and customer and note, of the open follow-ups, the next one first."""
    return [(str(number), ", ".join(filter(None, (name, note)))) for number, name, note in _rows(path, _FOLLOW_UPS)]


def agents(path: Path) -> list[tuple[str, str]]:
    """Return the names of the agents, those with the most work first."""
    return [(name, "") for name, _, _ in _rows(path, _AGENTS)]


def _rows(path: Path, query: str) -> list[tuple[str, str, str]]:
    # Nobody has the records open when the log is gone; to open them for reading would then need to write one.
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?{how}", uri=True, timeout=PATIENCE_SECONDS)) as db:
            return list(db.execute(query, (MOST,)))
    except (sqlite3.Error, ValueError):  # no file, not ours, busy: a completion is silent
        return []
