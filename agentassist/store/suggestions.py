"""What was suggested, exactly as it was then, and what became of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from agentassist.clock import from_stored, to_stored
from agentassist.errors import NotFoundError
from agentassist.models import Mode, Outcome, QueryPart
from agentassist.store.rows import storable, to_json, to_suggestion
from agentassist.store.transcript import standing

if TYPE_CHECKING:
    from datetime import datetime

    from agentassist.models import Hit, Query, SearchResult, Suggestion
    from agentassist.protocols import Clock
    from agentassist.store.connection import Connection

_SUGGESTION = """
SELECT g.*, s.seq, s.at FROM suggestions g JOIN searches s ON s.id = g.search_id
"""


@dataclass(frozen=True, slots=True)
class Searched:
    """A search of a conversation, as it was.

    Attributes:
        seq: the last entry that it had looked at.
        degraded: why it was less than it should have been; empty when all was well.
        suggestions: what it found, in rank order; none means a knowledge gap.
    """

    id: int
    seq: int
    at: datetime
    query: tuple[QueryPart, ...]
    mode: Mode
    degraded: str
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a suggestion.

    Attributes:
        entry_seq: the entry in which it was sent, None for anything else.
    """

    suggestion_id: int
    outcome: Outcome
    agent: str
    reason: str
    entry_seq: int | None
    at: datetime


class Suggestions:
    """The searches of a conversation, their hits in rank order, and the life of each hit."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def record(self, conversation_id: int, query: Query, result: SearchResult) -> tuple[Suggestion, ...]:
        """Keep a search and its hits as they are now; a search that found nothing is kept too, as a knowledge gap.

        The same search that found nothing again, with no entry in between, is one gap.

        Raises:
            NotFoundError: there is no such conversation.
            StoreError: nothing was stored.
        """
        asked = to_json([asdict(part) for part in query.parts])
        with self._connection.write() as write:
            standing(write, conversation_id)
            if not result.hits and self._same_gap(write, conversation_id, query.seq, asked):
                return ()
            search_id = write.run(
                "INSERT INTO searches (conversation_id, seq, query, mode, degraded, hits, took_ms, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    conversation_id,
                    query.seq,
                    asked,
                    result.mode.value,
                    storable(result.degraded),
                    len(result.hits),
                    result.took_ms,
                    to_stored(self._clock.now()),
                ),
            )
            for hit in result.hits:
                _put_hit(write, search_id, conversation_id, hit)
            rows = write.rows(f"{_SUGGESTION} WHERE g.search_id = ? ORDER BY g.rank", (search_id,))
        return tuple(to_suggestion(row, ()) for row in rows)

    def mark(
        self, suggestion_id: int, outcome: Outcome, agent: str, reason: str = "", entry_seq: int | None = None
    ) -> None:
        """Keep what happened to a suggestion; the same as the last thing that this agent did to it is not kept twice.

        Args:
            suggestion_id: which.
            outcome: what happened.
            agent: who did it.
            reason: why, in the agent's words.
            entry_seq: the entry in which it was sent.

        Raises:
            NotFoundError: there is no such suggestion.
            StoreError: nothing was stored.
        """
        event = (outcome.value, storable(agent), storable(reason), entry_seq)
        if self._known(self._connection, suggestion_id, event):
            return
        with self._connection.write() as write:
            if write.row("SELECT 1 FROM suggestions WHERE id = ?", (suggestion_id,)) is None:
                raise NotFoundError(f"no suggestion {suggestion_id}", "Search again.")
            if not self._known(write, suggestion_id, event):
                write.run(
                    "INSERT INTO suggestion_events (suggestion_id, outcome, agent, reason, entry_seq, at) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    (suggestion_id, *event, to_stored(self._clock.now())),
                )

    def of(self, conversation_id: int) -> tuple[Suggestion, ...]:
        """Return every suggestion of a conversation, search by search, each in rank order."""
        outcomes: dict[int, list[str]] = {}
        for happening in self.life(conversation_id):
            outcomes.setdefault(happening.suggestion_id, []).append(happening.outcome)
        rows = self._connection.rows(
            f"{_SUGGESTION} WHERE g.conversation_id = ? ORDER BY g.search_id, g.rank",
            (conversation_id,),
        )
        return tuple(to_suggestion(row, outcomes.get(row["id"], ())) for row in rows)

    def searches(self, conversation_id: int) -> tuple[Searched, ...]:
        """Return every search of a conversation with what it found, in order."""
        found: dict[int, list[Suggestion]] = {}
        rows = self._connection.rows("SELECT * FROM searches WHERE conversation_id = ? ORDER BY id", (conversation_id,))
        searched = self._connection.rows(
            "SELECT id, search_id FROM suggestions WHERE conversation_id = ?", (conversation_id,)
        )
        search_of = {row["id"]: row["search_id"] for row in searched}
        for suggestion in self.of(conversation_id):
            found.setdefault(search_of[suggestion.id], []).append(suggestion)
        return tuple(
            Searched(
                row["id"],
                row["seq"],
                from_stored(row["at"]),
                tuple(QueryPart(**part) for part in json.loads(row["query"])),
                Mode(row["mode"]),
                row["degraded"],
                tuple(found.get(row["id"], ())),
            )
            for row in rows
        )

    def life(self, conversation_id: int) -> tuple[Happening, ...]:
        """Return what happened to the suggestions of a conversation, in order."""
        rows = self._connection.rows(
            "SELECT e.* FROM suggestion_events e JOIN suggestions g ON g.id = e.suggestion_id "
            "WHERE g.conversation_id = ? ORDER BY e.id",
            (conversation_id,),
        )
        return tuple(
            Happening(
                row["suggestion_id"],
                Outcome(row["outcome"]),
                row["agent"],
                row["reason"],
                row["entry_seq"],
                from_stored(row["at"]),
            )
            for row in rows
        )

    @staticmethod
    def _same_gap(write: Connection, conversation_id: int, seq: int, asked: str) -> bool:
        last = write.row(
            "SELECT seq, query, hits FROM searches WHERE conversation_id = ? ORDER BY id DESC LIMIT 1",
            (conversation_id,),
        )
        return last is not None and (last["seq"], last["query"], last["hits"]) == (seq, asked, 0)

    @staticmethod
    def _known(connection: Connection, suggestion_id: int, event: tuple[str, str, str, int | None]) -> bool:
        outcome, agent, _, _ = event
        if outcome == "shown":
            return (
                connection.row(
                    "SELECT 1 FROM suggestion_events WHERE suggestion_id = ? AND agent = ? AND outcome = 'shown'",
                    (suggestion_id, agent),
                )
                is not None
            )
        last = connection.row(
            "SELECT outcome, agent, reason, entry_seq FROM suggestion_events "
            "WHERE suggestion_id = ? AND agent = ? ORDER BY id DESC LIMIT 1",
            (suggestion_id, agent),
        )
        return last is not None and tuple(last) == event


def _put_hit(write: Connection, search_id: int, conversation_id: int, hit: Hit) -> None:
    write.run(
        "INSERT INTO suggestions (search_id, conversation_id, rank, article_id, title, url, passage, score, "
        "similarity, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            search_id,
            conversation_id,
            hit.rank,
            storable(hit.article.id),
            storable(hit.article.title),
            storable(hit.link),
            storable(hit.passage.text),
            float(hit.score),
            None if hit.similarity is None else float(hit.similarity),
            storable(hit.reason),
        ),
    )
