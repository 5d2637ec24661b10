"""Finds what customers ask and no article answers: grouped by meaning, the costliest first."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from agentassist.clock import from_stored, to_stored
from agentassist.errors import NotFoundError, SearchError, UsageError
from agentassist.kb.redaction import known_of, redact
from agentassist.models import Query, QueryPart
from agentassist.session.episodes import TELLING, asks, episodes, headline, minutes, telling

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from agentassist.models import Customer, SearchResult
    from agentassist.search.index import Index
    from agentassist.session.episodes import Episode
    from agentassist.store.gaps import Asked, Line, Verdict
    from agentassist.store.store import Store

MOST = 10_000
"""Questions that are grouped, the newest: what is older than so many was seen long ago."""
DEFINITIONS = (
    "Conversations: those in which it was asked. Minutes: an agent's, from each claim of such a conversation to its "
    "close or release, or to the agent's last entry while it is open; one with several gaps counts in each."
)


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


@dataclass(frozen=True, slots=True)
class Nearest:
    """The article that comes nearest to a gap.

    Attributes:
        similarity: cosine in [-1, 1], None without an encoder.
        matches: it would be suggested now.
    """

    article_id: str
    title: str
    similarity: float | None
    matches: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that no article answers.

    Attributes:
        id: the same in every run: made of its oldest question, whatever is added to it.
        title: its most central question, without personal data.
        sources: the most central first.
        minutes: of people, see DEFINITIONS.
        nearest: None when there is no index or nothing comes near.
    """

    id: str
    title: str
    sources: tuple[Source, ...]
    minutes: float
    nearest: Nearest | None = None

    @property
    def conversations(self) -> tuple[int, ...]:
        """The conversations in which it was asked, in order."""
        return tuple(sorted({source.conversation_id for source in self.sources}))

    @property
    def kinds(self) -> dict[Kind, int]:
        """How many questions are of each kind."""
        counts = {kind: sum(kind in source.kinds for source in self.sources) for kind in Kind}
        return {kind: count for kind, count in counts.items() if count}

    @property
    def first_seen(self) -> datetime:
        """When it was first asked."""
        return from_stored(min(source.at for source in self.sources))

    @property
    def last_seen(self) -> datetime:
        """When it was last asked."""
        return from_stored(max(source.at for source in self.sources))


@dataclass(frozen=True, slots=True)
class Found:
    """The gaps of a knowledge base.

    Attributes:
        gaps: that by which most conversations are concerned first.
        total: how many there are, shown or not.
        searches: how many searches were looked at.
        trouble: why they are grouped by words; empty when by meaning.
    """

    gaps: tuple[Gap, ...]
    total: int
    searches: int
    trouble: str = ""


class Gaps:
    """Reads the records and the index of one desk.

    Args:
        store: the records.
        index_folder: where the index is published; there need not be one.
        today: what may be suggested is judged by.
    """

    def __init__(self, store: Store, index_folder: Path, today: date) -> None:
        self._store = store
        self._folder = index_folder
        self._today = today

    def find(self, since: datetime | None = None, limit: int | None = None) -> Found:
        """Return the gaps that were asked for since a moment, the costliest first.

        All of history is grouped, so that a gap has the same id whatever is asked for; what is older is then left out.

        Args:
            since: None for all.
            limit: at most so many.

        Raises:
            StoreError: the records cannot be read.
        """
        searches = self._store.gaps.searches()
        sources, spent = _Reading(self._store, searches).sources()
        index = self._index()
        try:
            rows, trouble = self._rows(sources, index)
            grouped = _grouped(sources, rows, by_words=bool(trouble))
            begin = to_stored(since) if since else ""
            gaps = [gap for ident, members in grouped.items() if (gap := _gap(ident, members, spent, begin))]
            gaps.sort(key=lambda gap: (-len(gap.conversations), -gap.minutes, gap.id))
            shown = self._redacted(gaps[:limit])
            told = tuple(self._with_nearest(gap, index) for gap in shown)
        finally:
            if index is not None:
                index.close()
        return Found(told, len(gaps), len(searches), trouble)

    def one(self, ident: str) -> Gap:
        """Return the gap whose id begins so.

        Raises:
            NotFoundError: there is none.
            UsageError: there are several.
            StoreError: the records cannot be read.
        """
        gaps = self.find().gaps
        found = [gap for gap in gaps if ident and gap.id.startswith(ident.strip().lower())]
        if not found:
            raise NotFoundError(f"no gap {ident[:80]}", "`agentassist kb gaps --since all` lists those that there are.")
        if len(found) > 1:
            raise UsageError(f"several gaps begin with {ident[:80]}", f"Choose {' or '.join(gap.id for gap in found)}.")
        return found[0]

    def _index(self) -> Index | None:
        from agentassist.search.index import Index

        try:
            return Index.open(self._folder)
        except SearchError:
            return None

    def _rows(self, sources: Sequence[Source], index: Index | None) -> tuple[NDArray[np.float32], str]:
        """Return a vector for each source, and why they are by words; empty when they are by meaning."""
        from agentassist.search import grouping

        trouble = "no index can be read (agentassist kb index)" if index is None else index.degraded
        if index is not None and sources and not trouble:
            ids = [source.search_id for source in sources]
            kept = self._store.gaps.contexts(ids, index.manifest.model_hash)
            known = {position: kept[ident] for position, ident in enumerate(ids) if ident in kept}
            missing = [ident for ident in ids if ident not in kept]
            queries = self._store.gaps.queries(missing) if missing else {}
            asked = [() if ident in kept else _parts(queries[ident]) for ident in ids]

            def embed(texts: Sequence[str]) -> Sequence[bytes]:
                vectors = index.embed(texts)[1]
                if not vectors:
                    raise SearchError(index.degraded or "there is no encoder")
                return vectors

            try:
                return grouping.by_meaning(asked, known, grouping.common_of(self._folder), embed), ""
            except SearchError as error:
                trouble = error.message
        return grouping.by_words([source.question for source in sources]), trouble

    def _redacted(self, gaps: Sequence[Gap]) -> list[Gap]:
        whose = self._store.gaps.customers(gap.sources[0].conversation_id for gap in gaps)
        return [replace(gap, title=_title(gap.sources[0], whose)) for gap in gaps]

    def _with_nearest(self, gap: Gap, index: Index | None) -> Gap:
        if index is None:
            return gap
        parts = _parts(self._store.gaps.queries([gap.sources[0].search_id])[gap.sources[0].search_id])
        try:
            result: SearchResult = index.search(Query(parts), limit=1, today=self._today)
        except SearchError:
            return gap
        if not result.hits:
            return gap
        hit = result.hits[0]
        near = Nearest(hit.article.id, hit.article.title, hit.similarity, not result.no_match)
        return replace(gap, nearest=near)


class _Reading:
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
            source if source.question else replace(source, question=_parts(queries[source.search_id])[0].text)
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


def _grouped(sources: Sequence[Source], rows: NDArray[np.float32], *, by_words: bool) -> dict[str, list[Source]]:
    """Return the sources of each gap by its id, the most central first."""
    from agentassist.search import grouping

    threshold = grouping.SAME_WORDS if by_words else grouping.SAME_MEANING
    grouped: dict[str, list[Source]] = {}
    for positions in grouping.group(rows, threshold) if sources else ():
        order = grouping.middle(rows[positions])
        grouped[_ident(sources[positions[0]])] = [sources[positions[place]] for place in order]
    return grouped


def _ident(oldest: Source) -> str:
    """Return the id of a gap that begins with this question."""
    text = f"{oldest.conversation_id}\0{oldest.seq}\0{' '.join(oldest.question.split()[:20]).casefold()}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _gap(ident: str, members: Sequence[Source], spent: Mapping[int, float], begin: str) -> Gap | None:
    recent = tuple(source for source in members if source.at >= begin)
    if not recent:
        return None
    return Gap(ident, "", recent, sum(spent[number] for number in {source.conversation_id for source in recent}))


def _title(source: Source, whose: Mapping[int, tuple[Customer, tuple[str, ...]]]) -> str:
    customer, told = whose[source.conversation_id]
    # The whole is redacted before it is cut: half an address is not recognised as one.
    return headline(redact(source.question, known_of(customer, told)))


def _parts(query: str) -> tuple[QueryPart, ...]:
    return tuple(QueryPart(**part) for part in json.loads(query))
