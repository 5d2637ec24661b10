"""The knowledge base as a desk sees it: always answers, says how well, and notices a new index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.errors import IndexMissingError, SearchError
from agentassist.models import Mode, SearchResult

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from agentassist.models import Passage, Query
    from agentassist.protocols import Clock
    from agentassist.search.index import Index


class Knowledge:
    """The published index, opened when first needed and again whenever a newer one is published."""

    def __init__(self, index_folder: Path, clock: Clock) -> None:
        self._folder = index_folder
        self._clock = clock
        self._index: Index | None = None
        self._published = ""

    def search(self, query: Query, *, mode: Mode = Mode.HYBRID, limit: int = 5) -> SearchResult:
        """Return what fits a query. Never raises for a missing or broken index: the result says what is wrong."""
        try:
            index = self._current()
            return index.search(query, mode=mode, limit=limit, today=self._today())
        except IndexMissingError as error:
            return SearchResult((), Mode.KEYWORD, f"no suggestions: {error.message}. {error.hint}")
        except SearchError as error:
            self.close()
            return SearchResult((), Mode.KEYWORD, f"no suggestions: {error.message}. {error.hint}")

    def passages(self, article_id: str) -> tuple[Passage, ...]:
        """Return a whole article to read, passage by passage; none when it is no longer in the index.

        Raises:
            SearchError: the index is missing or cannot be read.
        """
        return self._current().passages(article_id)

    def warm(self) -> str:
        """Load the encoder now, so that the first customer does not wait for it.

        Returns:
            Why search is less than by meaning; empty when all is well.
        """
        try:
            index = self._current()
            index.warm()
        except SearchError as error:
            return f"{error.message}. {error.hint}"
        return index.degraded

    def close(self) -> None:
        """Let go of the index's files."""
        if self._index is not None:
            self._index.close()
        self._index = None
        self._published = ""

    def _current(self) -> Index:
        from agentassist.search.index import Index  # with numpy: more than the first picture may wait for

        published = Index.published(self._folder)
        if self._index is None or published != self._published:
            self.close()
            self._index = Index.open(self._folder)
            self._published = published
        return self._index

    def _today(self) -> date:
        return self._clock.now().date()
