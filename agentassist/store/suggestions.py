"""What was suggested, exactly as it was then, and what became of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from agentassist.clock import from_stored, to_stored
from agentassist.errors import NotFoundError
from agentassist.models import Mode, Outcome, Query, QueryPart, Suggestion
from agentassist.store import contexts
from agentassist.store.rows import storable, to_json
from agentassist.store.transcript import standing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from agentassist.models import Hit, SearchResult
    from agentassist.protocols import Clock
    from agentassist.store.connection import Connection
    from agentassist.store.driver import sqlite3

UNASKED = Query(())
"""The query of what nobody looked for."""

VERSION_DIGITS = 12
"""So much of an article's digest names its version: enough to tell any two versions of one article apart."""

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
        no_match: nothing that it found was likely to be right, which is a knowledge gap too.
    """

    id: int
    seq: int
    at: datetime
    query: tuple[QueryPart, ...]
    mode: Mode
    degraded: str
    suggestions: tuple[Suggestion, ...]
    no_match: bool = False


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


@dataclass(frozen=True, slots=True)
class Picked:
    """A hit that an agent chose.

    Attributes:
        suggestion_id: its row in the records; None when its search is not kept yet.
        query: what was looked for, for a search that is not kept yet.
        result: what that search found.
        rank: the rank of the hit in it.
        edited: the agent changed what was put in before sending it.
    """

    suggestion_id: int | None
    query: Query = UNASKED
    result: SearchResult | None = None
    rank: int = 0
    edited: bool = False


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
        with self._connection.write() as write:
            standing(write, conversation_id)
            if not result.hits and _same(write, conversation_id, query, result) is not None:
                return ()
            return _of_search(write, _put_search(write, self._clock, conversation_id, query, result))

    def show(self, conversation_id: int, agent: str, query: Query, result: SearchResult) -> tuple[Suggestion, ...]:
        """Keep in one write a search, its hits, and that they were shown to `agent`.

        What found the same as before for the same entries is not kept again, and where all is known nothing is
        written. Of a search without a good match the hits are kept as ranked, but not as shown.

        Returns:
            The row of each hit, in rank order, with everything that happened to it.

        Raises:
            NotFoundError: there is no such conversation.
            StoreError: nothing was stored.
        """
        search_id = _same(self._connection, conversation_id, query, result)
        if search_id is not None:
            rows = _of_search(self._connection, search_id)
            if result.no_match or not _unshown(self._connection, search_id, agent):
                return rows
        with self._connection.write() as write:
            search_id = _put_shown(write, self._clock, conversation_id, agent, query, result)
            return _of_search(write, search_id)

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
                put_event(write, self._clock, suggestion_id, outcome, agent, reason, entry_seq)

    def of(self, conversation_id: int) -> tuple[Suggestion, ...]:
        """Return every suggestion of a conversation, search by search, each in rank order."""
        outcomes: dict[int, list[str]] = {}
        for happening in self.life(conversation_id):
            outcomes.setdefault(happening.suggestion_id, []).append(happening.outcome)
        rows = self._connection.rows(
            f"{_SUGGESTION} WHERE g.conversation_id = ? ORDER BY g.search_id, g.rank",
            (conversation_id,),
        )
        return tuple(_suggestion(row, outcomes.get(row["id"], ())) for row in rows)

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
                bool(row["no_match"]),
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


def put_event(  # noqa: PLR0917 - one row
    write: Connection,
    clock: Clock,
    suggestion_id: int,
    outcome: Outcome,
    agent: str,
    reason: str = "",
    entry_seq: int | None = None,
) -> None:
    """Add what happened to a suggestion inside a write; shown a second time to the same agent is kept once."""
    write.run(
        "INSERT INTO suggestion_events (suggestion_id, outcome, agent, reason, entry_seq, at) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (suggestion_id, outcome.value, storable(agent), storable(reason), entry_seq, to_stored(clock.now())),
    )


def put_picked(write: Connection, clock: Clock, conversation_id: int, agent: str, picked: Picked) -> int:
    """Return the row of a hit inside a write, keeping its search first when that is not in the records.

    Raises:
        NotFoundError: there is no such suggestion.
    """
    if picked.suggestion_id is None and picked.result is not None:
        search_id = _put_shown(write, clock, conversation_id, agent, picked.query, picked.result)
        found = write.row("SELECT id FROM suggestions WHERE search_id = ? AND rank = ?", (search_id, picked.rank))
    else:
        found = write.row("SELECT id FROM suggestions WHERE id = ?", (picked.suggestion_id,))
    if found is None:
        raise NotFoundError(f"no suggestion {picked.suggestion_id}", "Search again.")
    return int(found["id"])


def _put_shown(  # noqa: PLR0917 - as `Suggestions.show`
    write: Connection, clock: Clock, conversation_id: int, agent: str, query: Query, result: SearchResult
) -> int:
    """Keep a search inside a write unless it is known, and that its hits were shown; return its id."""
    standing(write, conversation_id)
    search_id = _same(write, conversation_id, query, result)
    if search_id is None:
        search_id = _put_search(write, clock, conversation_id, query, result)
    if not result.no_match:
        for number in _unshown(write, search_id, agent):
            put_event(write, clock, number, Outcome.SHOWN, agent)
    return search_id


def _asked(query: Query) -> str:
    return to_json([asdict(part) for part in query.parts])


def _same(connection: Connection, conversation_id: int, query: Query, result: SearchResult) -> int | None:
    """Return the search that found the same for the same entries, or the gap that was just the same; None for neither.

    A search that found something is the same as the last one for these entries that found something, whatever was
    looked for: typed words and a burst that lead to the same articles count once.
    """
    if not result.hits:
        last = connection.row(
            "SELECT id, seq, query, hits FROM searches WHERE conversation_id = ? ORDER BY id DESC LIMIT 1",
            (conversation_id,),
        )
        return last["id"] if last is not None and tuple(last)[1:] == (query.seq, _asked(query), 0) else None
    last = connection.row(
        "SELECT id, no_match FROM searches WHERE conversation_id = ? AND seq = ? AND hits > 0 ORDER BY id DESC LIMIT 1",
        (conversation_id, query.seq),
    )
    if last is None or bool(last["no_match"]) != result.no_match:
        return None
    rows = connection.rows(
        "SELECT rank, article_id, url FROM suggestions WHERE search_id = ? ORDER BY rank", (last["id"],)
    )
    found = [(hit.rank, storable(hit.article.id), storable(hit.link)) for hit in result.hits]
    return last["id"] if [tuple(row) for row in rows] == found else None


def _put_search(write: Connection, clock: Clock, conversation_id: int, query: Query, result: SearchResult) -> int:
    """Keep a search and its hits inside a write, and return its id."""
    search_id = write.run(
        "INSERT INTO searches (conversation_id, seq, query, mode, degraded, hits, took_ms, at, no_match) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            conversation_id,
            query.seq,
            _asked(query),
            result.mode.value,
            storable(result.degraded),
            len(result.hits),
            result.took_ms,
            to_stored(clock.now()),
            int(result.no_match),
        ),
    )
    for hit in result.hits:
        _put_hit(write, search_id, conversation_id, hit)
    if result.context and result.model:
        contexts.put(write, search_id, result.model, result.context)
    return search_id


def _unshown(connection: Connection, search_id: int, agent: str) -> list[int]:
    """Return the suggestions of a search that `agent` has not been shown."""
    rows = connection.rows(
        "SELECT g.id FROM suggestions g WHERE g.search_id = ? AND NOT EXISTS ("
        "SELECT 1 FROM suggestion_events e WHERE e.suggestion_id = g.id AND e.agent = ? AND e.outcome = 'shown'"
        ") ORDER BY g.rank",
        (search_id, storable(agent)),
    )
    return [row["id"] for row in rows]


def _of_search(connection: Connection, search_id: int) -> tuple[Suggestion, ...]:
    """Return what a search found, in rank order, with what happened to it."""
    outcomes: dict[int, list[str]] = {}
    for row in connection.rows(
        "SELECT suggestion_id, outcome FROM suggestion_events "
        "WHERE suggestion_id IN (SELECT id FROM suggestions WHERE search_id = ?) ORDER BY id",
        (search_id,),
    ):
        outcomes.setdefault(row["suggestion_id"], []).append(row["outcome"])
    rows = connection.rows(f"{_SUGGESTION} WHERE g.search_id = ? ORDER BY g.rank", (search_id,))
    return tuple(_suggestion(row, outcomes.get(row["id"], ())) for row in rows)


def _put_hit(write: Connection, search_id: int, conversation_id: int, hit: Hit) -> None:
    write.run(
        "INSERT INTO suggestions (search_id, conversation_id, rank, article_id, title, url, passage, score, "
        "similarity, reason, probability, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
            None if hit.probability is None else float(hit.probability),
            hit.article.digest[:VERSION_DIGITS],
        ),
    )


def _suggestion(row: sqlite3.Row, outcomes: Iterable[str]) -> Suggestion:
    """Read a row of `suggestions` joined with its search, and its outcomes in order."""
    return Suggestion(
        id=row["id"],
        conversation_id=row["conversation_id"],
        seq=row["seq"],
        rank=row["rank"],
        article_id=row["article_id"],
        title=row["title"],
        url=row["url"],
        passage=row["passage"],
        score=row["score"],
        reason=row["reason"],
        at=from_stored(row["at"]),
        outcomes=tuple(Outcome(outcome) for outcome in outcomes),
        probability=row["probability"],
    )
