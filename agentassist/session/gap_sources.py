"""Reads from the records which questions may show that an article is missing."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from agentassist.models import QueryPart
from agentassist.session.episodes import TELLING, asks, episodes, minutes, telling

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentassist.session.episodes import Episode
    from agentassist.store.gaps import Asked, Line, Verdict
    from agentassist.store.store import Store

MOST = 10_000
"""Questions that are grouped, the newest: what is older than so many was seen long ago."""


class Kind(StrEnum):
    """Why something is taken for a gap.

    no_match: nothing that was found was likely to be right · typed_search: an agent searched in their own words and
    sent nothing of it · own_words: an agent answered in their own words though articles were suggested ·
    thumbs_down: an agent said that a suggestion does not fit.
    """

    NO_MATCH = "no_match"
    TYPED = "typed_search"
    OWN_WORDS = "own_words"
    THUMBS_DOWN = "thumbs_down"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a gap shows.

    Attributes:
        seq: the entry with which the question begins.
        kinds: each once, in the order of `Kind`.
        search_id: the search that stands for it.
        question: what was asked, exact: redact it before anybody reads it.
        answers: what agents answered in their own words, exact.
    """

    conversation_id: int
    seq: int
    at: str
    kinds: tuple[Kind, ...]
    search_id: int
    question: str
    answers: tuple[str, ...]


class Reading:
    """One look at the records: which questions may be gaps."""

    def __init__(self, store: Store, searches: Sequence[Asked]) -> None:
        self._store = store
        self._searches: defaultdict[int, list[Asked]] = defaultdict(list)
        for asked in searches:
            self._searches[asked.conversation_id].append(asked)
        verdicts = store.gaps.verdicts()
        self._used = {item.search_id for item in verdicts if item.outcome in ("inserted", "sent", "edited")}
        self._down: defaultdict[int, list[Verdict]] = defaultdict(list)
        for verdict in _standing(verdicts):
            self._down[verdict.conversation_id].append(verdict)

    def sources(self) -> tuple[list[Source], dict[int, float]]:
        """Return the questions that may be gaps, the oldest first, and the minutes of each conversation."""
        found: list[Source] = []
        spent: dict[int, float] = {}
        lines = self._store.gaps.lines(self._searches)
        for conversation_id, group in groupby(lines, key=lambda line: line.conversation_id):
            said = list(group)
            mine = list(self._of(conversation_id, said))
            if mine:
                spent[conversation_id] = minutes(said)
                found += mine
        found.sort(key=lambda source: (source.at, source.conversation_id, source.seq))
        return self._asked(found[-MOST:]), spent

    def _asked(self, sources: Sequence[Source]) -> list[Source]:
        """Give those in which a customer wrote nothing the words that were looked for."""
        silent = [source.search_id for source in sources if not source.question]
        queries = self._store.gaps.queries(silent) if silent else {}
        return [
            source if source.question else replace(source, question=parts_of(queries[source.search_id])[0].text)
            for source in sources
        ]

    def _of(self, conversation_id: int, said: Sequence[Line]) -> Iterable[Source]:
        closed = bool(said) and said[-1].event == "closed"
        parts = episodes(said)
        searches: defaultdict[int, list[Asked]] = defaultdict(list)
        for asked in self._searches[conversation_id]:
            searches[_place(parts, asked.seq, asked.at)].append(asked)
        downs: defaultdict[int, list[Verdict]] = defaultdict(list)
        for verdict in self._down.get(conversation_id, ()):
            downs[_place(parts, verdict.seq, verdict.at)].append(verdict)
        for number in sorted(searches):
            episode = parts[number] if parts else None
            source = self._source(conversation_id, episode, searches[number], downs[number], closed=closed)
            if source is not None:
                yield source

    def _source(
        self,
        conversation_id: int,
        episode: Episode | None,
        searches: Sequence[Asked],
        downs: Sequence[Verdict],
        *,
        closed: bool,
    ) -> Source | None:
        """Return what is missing in one episode; None when nothing is."""
        used = any(asked.id in self._used for asked in searches)
        typed = [asked for asked in searches if asked.typed]
        last = _decisive([asked for asked in searches if not asked.typed], episode)
        kinds: list[Kind] = []
        if last is not None and episode is not None and not episode.article and not used:
            # A greeting finds nothing either.
            if not last.found and (closed or episode.replies) and len(telling(episode.question)) >= TELLING:
                kinds.append(Kind.NO_MATCH)
            elif last.found and episode.answers and asks(episode.question):
                kinds.append(Kind.OWN_WORDS)
        if typed and not used:
            kinds.append(Kind.TYPED)
        if downs:
            kinds.append(Kind.THUMBS_DOWN)
        if not kinds:
            return None
        search_id = last.id if last is not None else (typed[-1].id if typed else downs[-1].search_id)
        question = episode.question if episode is not None else ""
        return Source(
            conversation_id,
            episode.first if episode is not None else 0,
            episode.at if episode is not None else searches[-1].at,
            tuple(kind for kind in Kind if kind in kinds),
            search_id,
            question,
            episode.answers if episode is not None else (),
        )


def _place(parts: Sequence[Episode], seq: int, at: str) -> int:
    """Return the number of the episode in which something was looked for: by the entry, for typed words by the time."""
    before = [number for number, part in enumerate(parts) if (part.first <= seq if seq else part.at <= at)]
    return before[-1] if before else 0


def _decisive(searches: Sequence[Asked], episode: Episode | None) -> Asked | None:
    """Return the search with which the agent was when they answered: the last one before, else the last."""
    before = [asked for asked in searches if episode is None or not episode.answered or asked.seq < episode.answered]
    some = before or searches
    return some[-1] if some else None


def _standing(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the thumbs down that nobody took back."""
    last: dict[tuple[int, str], Verdict] = {}
    for verdict in verdicts:
        if verdict.outcome in ("thumbs_up", "thumbs_down", "restored"):
            last[verdict.suggestion_id, verdict.agent] = verdict
    return [verdict for verdict in last.values() if verdict.outcome == "thumbs_down"]


def parts_of(query: str) -> tuple[QueryPart, ...]:
    """Read a query as it is stored."""
    return tuple(QueryPart(**part) for part in json.loads(query))
