"""Every conversation there ever was: listed, found by words, read again."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.clock import to_stored
from agentassist.store.rows import CONVERSATION, ENTRY, storable, to_conversation, to_entry

if TYPE_CHECKING:
    from datetime import datetime

    from agentassist.models import Conversation, Entry, State
    from agentassist.store.connection import Connection

MAX_WORDS = 32
"""Words of a search that count; what is beyond them is left out."""

SNIPPET = 160
"""Characters of an entry that are shown around the first word found."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that holds every word that was looked for.

    Attributes:
        snippet: a stretch of the entry's text, exact, around the first word.
        spans: (start, end) character spans of the words in `snippet`, in order, not overlapping.
    """

    conversation: Conversation
    entry: Entry
    snippet: str
    spans: tuple[tuple[int, int], ...]


class Sessions:
    """All history."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(
        self,
        limit: int = 50,
        offset: int = 0,
        state: State | None = None,
        agent: str | None = None,
        since: datetime | None = None,
    ) -> tuple[Conversation, ...]:
        """Return conversations, the newest first.

        Args:
            limit: at most so many.
            offset: leave out so many before.
            state: only those in this state.
            agent: only those that this agent has, or had when they were closed.
            since: only those that began at or after this moment.
        """
        conditions = ["1"]
        parameters: dict[str, str | int] = {"agent": "", "limit": limit, "offset": offset}
        if state is not None:
            conditions.append("s.state = :state")
            parameters["state"] = state.value
        if agent is not None:
            # The second half is the condition of the partial index, word for word.
            conditions.append("s.agent = :owner AND s.agent <> ''")
            parameters["owner"] = storable(agent)
        if since is not None:
            conditions.append("c.started_at >= :since")
            parameters["since"] = to_stored(since)
        rows = self._connection.rows(
            f"{CONVERSATION} WHERE {' AND '.join(conditions)} "
            "ORDER BY c.started_at DESC, c.id DESC LIMIT :limit OFFSET :offset",
            parameters,
        )
        return tuple(to_conversation(row) for row in rows)

    def of_customer(self, customer_id: str) -> tuple[Conversation, ...]:
        """Return a customer's conversations, the newest first."""
        rows = self._connection.rows(
            f"{CONVERSATION} WHERE c.customer_id = :customer ORDER BY c.started_at DESC, c.id DESC",
            {"agent": "", "customer": storable(customer_id)},
        )
        return tuple(to_conversation(row) for row in rows)

    def recent(self, limit: int) -> tuple[Conversation, ...]:
        """Return conversations in any state, the one in which something was said last first."""
        rows = self._connection.rows(
            f"{CONVERSATION} WHERE c.id IN ("  # noqa: S608 - constant text
            "SELECT conversation_id FROM conversation_state ORDER BY last_at DESC, conversation_id DESC LIMIT :limit"
            ") ORDER BY s.last_at DESC, c.id DESC",
            {"agent": "", "limit": limit},
        )
        return tuple(to_conversation(row) for row in rows)

    def ids(self, after: int, limit: int) -> tuple[int, ...]:
        """Return ids of conversations above `after`, the lowest first."""
        rows = self._connection.rows("SELECT id FROM conversations WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
        return tuple(row["id"] for row in rows)

    def search(self, words: str, limit: int = 20) -> tuple[Found, ...]:
        """Return the entries that hold every word, the newest first.

        Case and accents do not count. Whatever is not a word (quotes, operators, controls) is left out, and nothing
        is found when no word is left.

        Args:
            words: anything at all; its first `MAX_WORDS` words are looked for.
            limit: at most so many.
        """
        wanted = words_of(words)[:MAX_WORDS]
        if not wanted:
            return ()
        match = " ".join(f'"{word}"' for word in wanted)
        rows = self._connection.rows(
            f"SELECT {ENTRY} FROM entries_fts f JOIN entries e ON e.id = f.rowid "  # noqa: S608 - constant text
            "WHERE entries_fts MATCH ? ORDER BY f.rowid DESC LIMIT ?",
            (match, limit),
        )
        entries = [to_entry(row) for row in rows]
        conversations = self._conversations({entry.conversation_id for entry in entries})
        folded = {_fold(word) for word in wanted}
        return tuple(
            Found(conversations[entry.conversation_id], entry, *_snippet(entry.text, folded)) for entry in entries
        )

    def _conversations(self, ids: set[int]) -> dict[int, Conversation]:
        rows = self._connection.rows(
            f"{CONVERSATION} WHERE c.id IN (SELECT value FROM json_each(:ids))",  # noqa: S608 - constant text
            {"agent": "", "ids": str(sorted(ids))},
        )
        return {row["id"]: to_conversation(row) for row in rows}


def words_of(text: str) -> list[str]:
    """Return the words of a text as the full-text index takes them, without anything else."""
    return _WORD.findall(unicodedata.normalize("NFC", storable(text)))


def _fold(word: str) -> str:
    """Return a word as the full-text index compares it: lower case, without accents."""
    return "".join(char for char in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(char))


def _snippet(text: str, folded: set[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return a stretch of `text` around the first word found, and the spans of all that are in it."""
    spans = [found.span() for found in _WORD.finditer(text) if _fold(found.group()) in folded]
    first = spans[0][0] if spans else 0
    start = 0 if first <= SNIPPET // 3 else text.rfind(" ", 0, first - SNIPPET // 4) + 1
    start = max(start, first - SNIPPET // 2)
    snippet = text[start : start + SNIPPET]
    inside = [(left - start, right - start) for left, right in spans if start <= left and right <= start + SNIPPET]
    return snippet, tuple(inside)
