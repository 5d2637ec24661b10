"""The knowledge base as a desk sees it: always answers, says how well, and notices a new index."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from agentassist.errors import IndexMissingError, SearchError
from agentassist.models import Mode, Query
from agentassist.paths import sample_kb

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from agentassist.flows.model import Flow
    from agentassist.friction.reading import Earlier, Reading
    from agentassist.models import Entry, Passage, SearchResult, Snippet
    from agentassist.protocols import Clock
    from agentassist.search.index import Index
    from agentassist.session.advising import Rules
    from agentassist.session.measuring import Measuring
    from agentassist.session.remembering import Remembering
    from agentassist.session.trees import TreeFiles

FIRST = "How do I pair the radiator valve?"
"""What is searched for when nobody has asked for anything yet; what it finds is shown to nobody."""

_log = logging.getLogger(__name__)


class Knowledge:
    """The published index, opened when first needed and again whenever a newer one is published.

    Args:
        index_folder: where it is published.
        clock: what day it is.
        kb_folder: where the snippets are read from; None means the knowledge base that ships.
        memory: what was learned from earlier conversations; None for nothing.
        reranker_ms: milliseconds of a search for the index's re-ranker, if it has one; 0 leaves it out.
    """

    def __init__(
        self,
        index_folder: Path,
        clock: Clock,
        kb_folder: Path | None = None,
        memory: Remembering | None = None,
        *,
        reranker_ms: float = 0,
    ) -> None:
        self._folder = index_folder
        self._kb_folder = kb_folder
        self._snippets: tuple[object, tuple[Snippet, ...]] = (None, ())
        self._clock = clock
        self._memory = memory
        self._reranker_ms = reranker_ms
        self._index: Index | None = None
        self._state = ""
        self._trees: TreeFiles | None = None
        self._measuring: Measuring | None = None

    def search(
        self, query: Query, *, mode: Mode = Mode.HYBRID, limit: int = 5, conversation_id: int = 0
    ) -> SearchResult:
        """Return what fits a query. Never raises for a missing or broken index: the result says what is wrong.

        Args:
            query: what to look for.
            mode: how.
            limit: hits at most.
            conversation_id: for which conversation: what was sent in it says nothing about what to send in it.
        """
        memory = self._memory.for_conversation(conversation_id) if self._memory is not None else None
        try:
            index = self._current()
            return index.search(query, mode=mode, limit=limit, today=self._today(), memory=memory)
        except IndexMissingError as error:
            return _nothing(error)
        except SearchError as error:
            self._let_go()
            return _nothing(error)

    def passages(self, article_id: str) -> tuple[Passage, ...]:
        """Return a whole article to read, passage by passage; none when it is no longer in the index.

        Raises:
            SearchError: the index is missing or cannot be read.
        """
        return self._current().passages(article_id)

    def embed(self, texts: Sequence[str]) -> tuple[str, tuple[bytes, ...]]:
        """Return the encoder's hash and a vector for each text, as a `SearchResult` has them.

        Returns:
            An empty hash and no vectors when there is no index or no encoder: a search says why.
        """
        try:
            return self._current().embed(texts)
        except SearchError as error:
            _log.debug("no vectors: %s", error.message)
            return "", ()

    def snippets(self) -> tuple[Snippet, ...]:
        """Return the snippets of the knowledge base as its files are now; broken ones are left out.

        Raises:
            NotFoundError: there is no such folder.
        """
        from agentassist.kb import files, library

        root = files.root_of(self._kb_folder or sample_kb())
        state = tuple((path, *_stamp(root / path)) for path in library.snippet_paths(root))
        if state != self._snippets[0]:
            self._snippets = (state, library.load_snippets(root))
        return self._snippets[1]

    def trees(self) -> Mapping[str, Flow]:
        """Return the decision trees of the knowledge base by id, as its files are now; broken ones are left out.

        Raises:
            NotFoundError: there is no such folder.
        """
        if self._trees is None:
            from agentassist.session.trees import TreeFiles

            self._trees = TreeFiles(self._kb_folder, self._clock)
        return self._trees.all()

    def measure(
        self, entries: Sequence[Entry], now: datetime, earlier: Sequence[Earlier], rules: Rules
    ) -> Reading | None:
        """Return how strained a customer is, by their words; None while the meter is still getting ready.

        Args:
            entries: of the conversation.
            now: this moment, UTC.
            earlier: the customer's earlier conversations.
            rules: what is configured; that of the first call counts.
        """
        return self._meter(rules).read(entries, now, earlier)

    def warm_meter(self, rules: Rules) -> None:
        """Let the friction meter get ready on the side, while no customer waits; see `measure`."""
        self._meter(rules).begin()

    def _meter(self, rules: Rules) -> Measuring:
        if self._measuring is None:
            from agentassist.friction.settings import MeterSettings
            from agentassist.session.measuring import Measuring

            self._measuring = Measuring(MeterSettings(never=rules.ignore, hand_over_at_once=rules.stakes))
        return self._measuring

    def warm(self) -> str:
        """Load the encoder and search once, so that the first customer does not wait for what only the first one needs.

        Returns:
            Why search is less than by meaning; empty when all is well.
        """
        try:
            index = self._current()
            index.warm()
            index.search(Query.typed(FIRST), limit=1, today=self._today())
        except SearchError as error:
            self._let_go()
            return f"{error.message}. {error.hint}"
        return index.degraded

    def learn(self) -> bool:
        """Read a little of what was learned long ago, so that no search has to; say whether there is more."""
        return self._memory is not None and self._memory.learn()

    @property
    def forgetful(self) -> str:
        """Why suggestions are made without what was learned lately; empty when all is well."""
        return self._memory.degraded if self._memory is not None else ""

    def close(self) -> None:
        """Let go of the index's files and of the records."""
        if self._memory is not None:
            self._memory.close()
        self._let_go()

    def _let_go(self) -> None:
        """Let go of the index's files."""
        if self._index is not None:
            self._index.close()
        self._index = None
        self._state = ""

    def _current(self) -> Index:
        from agentassist.search.index import Index  # with numpy: more than the first picture may wait for

        state = Index.state(self._folder)
        if self._index is None or state != self._state:
            self._let_go()
            self._index = Index.open(self._folder, reranker_ms=self._reranker_ms)
            self._state = state
        return self._index

    def _today(self) -> date:
        return self._clock.now().date()


def _stamp(file: Path) -> tuple[int, int]:
    """Return what changes when a file is written; a file that is gone meanwhile has changed, too."""
    try:
        state = file.stat()
    except OSError:
        return -1, -1
    return state.st_mtime_ns, state.st_size


def _nothing(error: SearchError) -> SearchResult:
    from agentassist.models import SearchResult

    return SearchResult((), Mode.KEYWORD, f"no suggestions: {error.message}. {error.hint}")
