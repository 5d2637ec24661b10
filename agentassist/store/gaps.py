"""What knowledge gaps are made of: searches, what became of their hits, and what was said. Only read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentassist.store.rows import to_customer, to_json
from agentassist.store.similar import FORGOTTEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agentassist.models import Customer
    from agentassist.store.connection import Connection

NO_INDEX = "no suggestions:*"
"""How `degraded` begins when there was nothing to search in: that says nothing of what the articles lack."""

_SEARCHES = """
SELECT id, conversation_id, seq, at, hits > 0 AND no_match = 0 AS found,
  instr(query, '"source":"typed"') > 0 AS typed
FROM searches q WHERE query <> '[]' AND degraded NOT GLOB :no_index AND NOT EXISTS (
  SELECT 1 FROM session_vectors v WHERE v.conversation_id = q.conversation_id AND v.model = :forgotten)
ORDER BY id
"""
_VERDICTS = """
SELECT g.search_id, g.id AS suggestion_id, g.conversation_id, s.seq, e.at, e.agent, e.outcome
FROM (
  SELECT id, suggestion_id, at, agent, outcome FROM suggestion_events
  WHERE outcome <> 'shown' AND outcome IN ('inserted', 'sent', 'edited', 'thumbs_up', 'thumbs_down', 'restored')
) e JOIN suggestions g ON g.id = e.suggestion_id JOIN searches s ON s.id = g.search_id
WHERE NOT EXISTS (
  SELECT 1 FROM session_vectors v WHERE v.conversation_id = g.conversation_id AND v.model = :forgotten)
ORDER BY e.id
"""
# Bots, trees and notes of the system are no part of a question to a person. seq, so that it reads in its own order.
_LINES = """
SELECT conversation_id, seq, at, author, author_name, kind, coalesce(event, '') AS event, substr(text, 1, :room) AS text
FROM entries
WHERE conversation_id IN (SELECT value FROM json_each(:ids)) AND (
  (author IN ('customer', 'agent') AND kind IN ('message', 'article'))
  OR event IN ('claimed', 'released', 'closed', 'reopened'))
ORDER BY conversation_id, seq
"""
_CUSTOMERS = """
SELECT c.id AS conversation_id, p.id AS customer_id, p.name, p.email, p.timezone, p.language, p.attributes
FROM conversations c JOIN customers p ON p.id = c.customer_id
WHERE c.id IN (SELECT value FROM json_each(:ids))
"""
_TOLD = """
SELECT conversation_id, text FROM entries
WHERE kind = 'form' AND author = 'customer' AND conversation_id IN (SELECT value FROM json_each(:ids))
"""

ROOM = 2_000
"""Characters of one entry that are read: who writes more has said it by then."""


class Asked(NamedTuple):
    """A search of a conversation.

    Attributes:
        seq: the last entry that it had looked at, 0 for typed words.
        at: when, as it is stored.
        found: something that was likely to be right was found, and so was shown.
        typed: an agent asked in their own words.
    """

    id: int
    conversation_id: int
    seq: int
    at: str
    found: int
    typed: int


class Verdict(NamedTuple):
    """What an agent did with a hit, other than looking at it."""

    search_id: int
    suggestion_id: int
    conversation_id: int
    seq: int
    at: str
    agent: str
    outcome: str


class Line(NamedTuple):
    """What a customer or an agent said, or who had the conversation from here on.

    Attributes:
        at: when, as it is stored.
        event: empty for what was said.
    """

    conversation_id: int
    seq: int
    at: str
    author: str
    author_name: str
    kind: str
    event: str
    text: str


class Gaps:
    """Reads what may show that an article is missing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def searches(self) -> list[Asked]:
        """Return every search that asked for something while there was an index, in the order in which they were made.

        Those in conversations of a customer who is to be forgotten are left out, here and in `verdicts`.

        Raises:
            StoreError: the records cannot be read.
        """
        return list(map(Asked._make, self._connection.rows(_SEARCHES, {"no_index": NO_INDEX, "forgotten": FORGOTTEN})))

    def verdicts(self) -> list[Verdict]:
        """Return what agents did with what was found, in order.

        Raises:
            StoreError: the records cannot be read.
        """
        return list(map(Verdict._make, self._connection.rows(_VERDICTS, {"forgotten": FORGOTTEN})))

    def lines(self, conversation_ids: Iterable[int]) -> list[Line]:
        """Return what was said in these conversations, one after the other, each in order.

        Raises:
            StoreError: the records cannot be read.
        """
        rows = self._connection.rows(_LINES, {"ids": to_json([*conversation_ids]), "room": ROOM})
        return list(map(Line._make, rows))

    def queries(self, search_ids: Iterable[int]) -> dict[int, str]:
        """Return what these searches asked for, as it is stored (JSON), by search.

        Raises:
            StoreError: the records cannot be read.
        """
        rows = self._connection.rows(
            "SELECT id, query FROM searches WHERE id IN (SELECT value FROM json_each(?))", (to_json([*search_ids]),)
        )
        return {row["id"]: row["query"] for row in rows}

    def contexts(self, search_ids: Iterable[int], model: str) -> dict[int, bytes]:
        """Return the vectors of these searches that `model` made, by search.

        Raises:
            StoreError: the records cannot be read.
        """
        rows = self._connection.rows(
            "SELECT search_id, vector FROM contexts WHERE search_id IN (SELECT value FROM json_each(?)) AND model = ?",
            (to_json([*search_ids]), model),
        )
        return {row["search_id"]: row["vector"] for row in rows}

    def customers(self, conversation_ids: Iterable[int]) -> Mapping[int, tuple[Customer, tuple[str, ...]]]:
        """Return whose these conversations are and what they typed into forms, by conversation.

        Raises:
            StoreError: the records cannot be read.
        """
        ids = {"ids": to_json([*conversation_ids])}
        told: dict[int, list[str]] = {}
        for row in self._connection.rows(_TOLD, ids):
            told.setdefault(row["conversation_id"], []).append(row["text"])
        return {
            row["conversation_id"]: (to_customer(row), tuple(told.get(row["conversation_id"], ())))
            for row in self._connection.rows(_CUSTOMERS, ids)
        }
