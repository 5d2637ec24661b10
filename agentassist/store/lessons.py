"""Reads what agents did with what was suggested, and how the conversations ended, as lessons for the memory.

Nothing here is kept: how a conversation ended follows from its entries and from when its customer came back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from agentassist.clock import from_stored
from agentassist.models_memory import Deed, Did, Ending, Lesson, expected

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from agentassist.store.connection import Connection
    from agentassist.store.driver import sqlite3

CAME_BACK_DAYS = 7
"""A customer who writes again within so many days after the end came back."""
SOLVED = "solved"
"""How a disposition begins that says that it ended well: solved, solved-article."""
LONGEST = 400
"""Characters of a customer's message that are looked at for whether it worked."""

_LAST_WORD = {"thumbs_up": Did.THUMBS_UP, "thumbs_down": Did.THUMBS_DOWN, "dismissed": Did.DISMISSED, "restored": None}


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the records were read.

    Attributes:
        forgotten: changes whenever something was taken away: then all has to be read anew.
    """

    event: int
    entry: int
    conversation: int
    forgotten: int


@dataclass(slots=True)
class _Done:
    """What was done with an article, as far as it was read."""

    did: Did | None = None
    edited: bool = False
    verdict: Did | None = None
    opened: bool = False
    at: str = ""
    entry_seq: int = 0
    search_id: int = 0

    def take(self, row: sqlite3.Row) -> None:
        """Go on to the next event, in the order of their ids."""
        outcome = row["outcome"]
        if outcome == "opened":
            # By an agent it is curiosity; what a customer opens has no agent.
            self.opened = self.opened or not row["agent"]
            return
        if outcome == "edited":
            self.edited = True
            return
        if outcome == "sent":
            self.did, self.entry_seq = Did.SENT, max(self.entry_seq, row["entry_seq"] or 0)
        elif outcome in _LAST_WORD:
            self.verdict = _LAST_WORD[outcome]
        else:
            return
        self.at, self.search_id = row["at"], row["search_id"]

    def told(self) -> Did | None:
        """Return what was done in the end; None for nothing that teaches."""
        if self.verdict is Did.THUMBS_DOWN or self.did is None:
            return self.verdict
        return Did.EDITED if self.edited else self.did


@dataclass(slots=True)
class _End:
    """How a conversation ended, as far as it was read."""

    closed_at: datetime | None = None
    disposition: str = ""
    back: bool = False
    well: bool = False

    def take(self, row: sqlite3.Row, after: int, hear: Callable[[str], Ending | None]) -> None:
        """Go on to the next entry."""
        if row["event"] == "closed":
            self.closed_at, self.disposition = from_stored(row["at"]), row["disposition"]
            return
        if row["author"] != "customer":
            return
        if row["seq"] <= after and self.closed_at is None:
            return
        heard = hear(row["said"]) if row["said"] else None
        self.well = self.well or (heard is Ending.SOLVED and row["seq"] > after)
        if self.closed_at is not None and heard is None:
            self.back = self.back or _soon(self.closed_at, from_stored(row["at"]))

    def ending(self) -> Ending:
        """Return how it ended."""
        if self.back:
            return Ending.CAME_BACK
        return Ending.SOLVED if self.well or self.disposition.startswith(SOLVED) else Ending.UNKNOWN


class LessonReader:
    """Reads lessons. Belongs to the thread of its connection; never writes.

    Args:
        connection: to the records.
        hear: says of a customer's message that it is solved, or unknown when it is but polite; None for all else.
    """

    def __init__(self, connection: Connection, hear: Callable[[str], Ending | None] = lambda _: None) -> None:
        self._connection = connection
        self._hear = hear

    def mark(self) -> Mark:
        """Return how far the records go now. Read it first: what comes meanwhile is then read twice, and not never."""
        row = self._connection.row(
            "SELECT (SELECT coalesce(max(id), 0) FROM suggestion_events) AS event, "
            "(SELECT coalesce(max(id), 0) FROM entries) AS entry, "
            "(SELECT coalesce(max(id), 0) FROM conversations) AS conversation, "
            "(SELECT contexts FROM forgetting) AS forgotten"
        )
        assert row is not None  # noqa: S101 - a SELECT without FROM has one row
        return Mark(row["event"], row["entry"], row["conversation"], row["forgotten"] or 0)

    def before(self, event: int, limit: int) -> tuple[tuple[int, ...], int]:
        """Return the conversations of the telling events up to one, the newest first, and the event to go on from.

        Args:
            event: the highest event to look at.
            limit: events to look at.

        Returns:
            Ids of conversations, each once, and the `event` of the next look; 0 when all were looked at.
        """
        rows = self._connection.rows(
            "SELECT e.id, g.conversation_id FROM suggestion_events e "
            "CROSS JOIN suggestions g ON g.id = e.suggestion_id "
            "WHERE e.outcome <> 'shown' AND e.id <= ? ORDER BY e.id DESC LIMIT ?",
            (event, limit),
        )
        found = tuple(dict.fromkeys(row["conversation_id"] for row in rows))
        return found, rows[-1]["id"] - 1 if len(rows) == limit else 0

    def touched(self, mark: Mark, known: Collection[int]) -> set[int]:
        """Return the conversations whose lessons are not what they were at a mark.

        Args:
            mark: how far the records were read.
            known: conversations that have lessons: of others it does not count how they went on.
        """
        # Without DISTINCT, and in this order: only what is newer is read, not a whole index.
        found = {
            row[0]
            for row in self._connection.rows(
                "SELECT g.conversation_id FROM suggestion_events e CROSS JOIN suggestions g "
                "ON g.id = e.suggestion_id WHERE e.id > ? AND e.outcome <> 'shown'",
                (mark.event,),
            )
        }
        went_on = self._connection.rows(
            "SELECT conversation_id FROM entries "
            "WHERE id > ? AND (author = 'customer' OR event IN ('closed', 'reopened'))",
            (mark.entry,),
        )
        began = self._connection.rows(
            "SELECT c.id FROM conversations n CROSS JOIN conversations c ON c.customer_id = n.customer_id "
            "WHERE n.id > ? AND c.id < n.id",
            (mark.conversation,),
        )
        return found | {row[0] for row in (*went_on, *began) if row[0] in known}

    def lessons(self, conversations: Iterable[int]) -> list[Lesson]:
        """Return every lesson of some conversations."""
        ids = json.dumps(sorted(conversations))
        done = self._done(ids)
        if not done:
            return []
        endings = self._endings(ids, {number: min(d.entry_seq for d in some.values()) for number, some in done.items()})
        deeds: dict[int, list[Deed]] = {}
        owner: dict[int, int] = {}
        contexts = self._contexts(ids)
        for number, some in done.items():
            for article_id, item in some.items():
                did = item.told()
                if did is None:
                    continue
                deed = Deed(article_id, did, _day(item.at), endings[number], item.opened)
                for search_id in _asked(item.search_id, contexts.get(number, [])):
                    deeds.setdefault(search_id, []).append(deed)
                    owner[search_id] = number
        searches = json.dumps(sorted(deeds))
        believed = self._believed(searches)
        rows = self._connection.rows(
            "SELECT search_id, model, vector FROM contexts WHERE search_id IN (SELECT value FROM json_each(?))",
            (searches,),
        )
        return [
            Lesson(
                owner[row["search_id"]],
                row["search_id"],
                row["model"],
                row["vector"],
                tuple(_surprising(deed, believed.get(row["search_id"], {})) for deed in deeds[row["search_id"]]),
            )
            for row in rows
        ]

    def _believed(self, searches: str) -> dict[int, dict[str, float]]:
        """Return the share of belief that each search gave each article that it suggested."""
        scores: dict[int, dict[str, float]] = {}
        for row in self._connection.rows(
            "SELECT search_id, article_id, score FROM suggestions "
            "WHERE search_id IN (SELECT value FROM json_each(?)) ORDER BY search_id, rank",
            (searches,),
        ):
            scores.setdefault(row["search_id"], {}).setdefault(row["article_id"], row["score"])
        return {search_id: expected(some) for search_id, some in scores.items()}

    def _done(self, ids: str) -> dict[int, dict[str, _Done]]:
        found: dict[int, dict[str, _Done]] = {}
        # CROSS JOIN and the plus: from the few conversations to their events, never through all events in order.
        for row in self._connection.rows(
            "SELECT g.conversation_id, g.article_id, g.search_id, e.outcome, e.agent, e.entry_seq, e.at "
            "FROM json_each(?) j CROSS JOIN suggestions g ON g.conversation_id = j.value "
            "CROSS JOIN suggestion_events e ON e.suggestion_id = g.id "
            "LEFT JOIN unlearned u ON u.article_id = g.article_id "
            "WHERE e.outcome <> 'shown' AND e.id > coalesce(u.event_id, 0) ORDER BY +e.id",
            (ids,),
        ):
            found.setdefault(row["conversation_id"], {}).setdefault(row["article_id"], _Done()).take(row)
        return found

    def _contexts(self, ids: str) -> dict[int, list[tuple[int, bool]]]:
        """Return the searches that have a vector, by conversation in order, and whether they were for typed words."""
        found: dict[int, list[tuple[int, bool]]] = {}
        for row in self._connection.rows(
            "SELECT s.conversation_id, s.id, json_extract(s.query, '$[0].source') IS 'typed' AS typed FROM searches s "
            "WHERE s.conversation_id IN (SELECT value FROM json_each(?)) "
            "AND EXISTS (SELECT 1 FROM contexts c WHERE c.search_id = s.id) ORDER BY s.id",
            (ids,),
        ):
            found.setdefault(row["conversation_id"], []).append((row["id"], bool(row["typed"])))
        return found

    def _endings(self, ids: str, sent: dict[int, int]) -> dict[int, Ending]:
        """Return how each conversation ended.

        Args:
            ids: as JSON.
            sent: by conversation, the entry after which a customer can say that it worked.
        """
        ends = {number: _End() for number in sent}
        for row in self._connection.rows(
            "SELECT conversation_id, seq, at, author, event, disposition, "
            "iif(author = 'customer' AND kind = 'message', substr(text, 1, ?), '') AS said FROM entries "
            "WHERE conversation_id IN (SELECT value FROM json_each(?)) "
            "AND (author = 'customer' OR event = 'closed') ORDER BY conversation_id, seq",
            (LONGEST, ids),
        ):
            if (end := ends.get(row["conversation_id"])) is not None:
                end.take(row, sent[row["conversation_id"]], self._hear)
        for row in self._connection.rows(
            "SELECT c.id, (SELECT min(n.started_at) FROM conversations n WHERE n.customer_id = c.customer_id "
            "AND n.started_at > c.started_at AND n.started_at > coalesce((SELECT max(e.at) FROM entries e "
            "WHERE e.conversation_id = c.id AND e.event = 'closed'), '')) AS again "
            "FROM conversations c WHERE c.id IN (SELECT value FROM json_each(?))",
            (ids,),
        ):
            end = ends.get(row["id"])
            # While it is open the customer is still there: another conversation is about another matter.
            if end is not None and end.closed_at is not None and row["again"]:
                end.back = end.back or _soon(end.closed_at, from_stored(row["again"]))
        return {number: end.ending() for number, end in ends.items()}


def _surprising(deed: Deed, believed: Mapping[str, float]) -> Deed:
    """Return a deed with how little was expected of its article; one that was not suggested at all surprises wholly."""
    return replace(deed, surprise=1.0 - believed.get(deed.article_id, 0.0))


def _asked(search_id: int, contexts: list[tuple[int, bool]]) -> list[int]:
    """Return the searches whose vectors stand for what was asked.

    What was found with typed words teaches most for the conversation itself, which had not found it: its last own
    search before that counts, too.
    """
    found = [number for number, _ in contexts if number == search_id]
    if (search_id, False) not in contexts:
        found += [number for number, typed in contexts if number < search_id and not typed][-1:]
    return found


def _soon(end: datetime, again: datetime) -> bool:
    return timedelta(0) <= again - end <= timedelta(days=CAME_BACK_DAYS)


def _day(stored: str) -> date:
    return from_stored(stored).date()
