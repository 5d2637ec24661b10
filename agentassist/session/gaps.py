"""Finds what customers ask and no article answers: grouped by meaning, the costliest first."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agentassist.clock import from_stored, to_stored
from agentassist.errors import NotFoundError, SearchError, UsageError
from agentassist.kb.redaction import known_of, redact
from agentassist.models import Query
from agentassist.session.episodes import headline
from agentassist.session.gap_sources import Kind, Reading, Source, parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from agentassist.models import Customer, SearchResult
    from agentassist.search.index import Index
    from agentassist.store.store import Store

DEFINITIONS = (
    "Conversations: those in which it was asked. Minutes: an agent's, from each claim of such a conversation to its "
    "close or release, or to the agent's last entry while it is open; one with several gaps counts in each."
)


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
        sources, spent = Reading(self._store, searches).sources()
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
            asked = [() if ident in kept else parts_of(queries[ident]) for ident in ids]

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
        parts = parts_of(self._store.gaps.queries([gap.sources[0].search_id])[gap.sources[0].search_id])
        try:
            result: SearchResult = index.search(Query(parts), limit=1, today=self._today)
        except SearchError:
            return gap
        if not result.hits:
            return gap
        hit = result.hits[0]
        near = Nearest(hit.article.id, hit.article.title, hit.similarity, not result.no_match)
        return replace(gap, nearest=near)


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
