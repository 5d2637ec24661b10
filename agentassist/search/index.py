"""Answers queries from the published bundle, by meaning and by words."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from agentassist.errors import EncoderError, SearchError
from agentassist.kb.similar import PassageVectors
from agentassist.models import Hit, Mode, SearchResult
from agentassist.search import answers, candidates, lexical, nearest, refining
from agentassist.search import bundle as bundles
from agentassist.search.candidates import Question, Sources
from agentassist.search.columns import Columns
from agentassist.search.encoder import OnnxEncoder
from agentassist.search.encoding import Beside, Encoded
from agentassist.search.postings import ARTICLES_FILE, Postings
from agentassist.search.reranker import BundleReranker
from agentassist.search.sequences import Sequences
from agentassist.search.telling import told
from agentassist.search.vectors import Vectors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from agentassist.models import Passage, Query, QueryPart, Recalled
    from agentassist.protocols import Encoder, Memory
    from agentassist.search.answers import Answer
    from agentassist.search.bundle import Bundle, Manifest
    from agentassist.search.candidates import Candidates

POOL = 100
"""Passages that each search names at first; more when they are of too few articles."""
_ALL = 4
"""A search as deep as so many times all passages names every article: see `candidates.TOP`."""


class Found(NamedTuple):
    """What a search came to: the hits, the vector of what was asked (None without an encoder), how good they are."""

    hits: tuple[Hit, ...]
    context: NDArray[np.float32] | None
    answerable: float
    good: bool


NOTHING = Found((), None, 0.0, good=False)


class Index:
    """The published bundle, open. May be shared by threads; it answers one query at a time."""

    def __init__(self, bundle: Bundle, words: lexical.Lexical, encoder: Encoder | None, reranker_ms: float = 0) -> None:
        self._bundle = bundle
        self._words = words
        self._encoder = encoder
        self._vectors: Vectors | None = None
        self._trouble = bundle.manifest.keyword_only
        self._reranker = BundleReranker.of(bundle) if reranker_ms > 0 else None
        self._reranker_ms = reranker_ms
        self._lock = threading.Lock()
        self._columns = Columns.open(bundle.folder, bundle.manifest.articles, bundle.manifest.passages)
        self._postings = Postings.open(bundle.folder, bundle.manifest.passages)
        self._sequences = Sequences.open(bundle.folder, bundle.manifest.passages)
        self._by_article = Postings.open(bundle.folder, bundle.manifest.articles, ARTICLES_FILE)
        self._known = Encoded()
        self._beside = Beside()
        self._titles: dict[int, Mapping[str, float]] = {}

    @classmethod
    def open(cls, index_folder: Path, encoder: Encoder | None = None, *, reranker_ms: float = 0) -> Index:
        """Open the published bundle.

        Args:
            index_folder: see `paths.Paths.index`.
            encoder: turns queries into vectors; None takes the one in the bundle when it is first needed.
            reranker_ms: milliseconds of a search for the bundle's re-ranker, if it has one; 0 leaves it out.

        Raises:
            IndexMissingError: none was published, or it was deleted.
            SearchError: it is damaged.
        """
        try:
            return cls._open(index_folder, encoder, reranker_ms)
        except SearchError:
            # Another process may have published, and removed this one, between the pointer and the files: once more.
            return cls._open(index_folder, encoder, reranker_ms)

    @classmethod
    def _open(cls, index_folder: Path, encoder: Encoder | None, reranker_ms: float) -> Index:
        bundle = bundles.find(index_folder)
        words = lexical.Lexical.open(bundle.database)
        try:
            return cls(bundle, words, encoder, reranker_ms)
        except SearchError:
            words.close()
            raise

    @staticmethod
    def published(index_folder: Path) -> str:
        """Return the name of the published bundle: when it is another than before, open the index again.

        Raises:
            IndexMissingError: none was published.
            SearchError: the pointer is damaged.
        """
        return bundles.published(index_folder)

    @staticmethod
    def state(index_folder: Path) -> str:
        """Return what was published and how its files are: when that is not as before, open the index again.

        Raises:
            IndexMissingError: none was published.
            SearchError: the pointer is damaged.
        """
        return bundles.state(index_folder)

    @property
    def manifest(self) -> Manifest:
        """What the bundle says of itself."""
        return self._bundle.manifest

    @property
    def degraded(self) -> str:
        """Why it is searched less well than it should be, as far as is known by now; empty when all is well."""
        told = (f"keyword search only: {self._trouble}" if self._trouble else "", self._not_reranked)
        return "; ".join(filter(None, told))

    @property
    def _not_reranked(self) -> str:
        return self._reranker.trouble if self._reranker is not None else ""

    def warm(self) -> None:
        """Load the encoder, the vectors and the re-ranker now; what goes wrong is told by `degraded`."""
        with self._lock:
            self._semantics()
            if self._reranker is not None:
                self._reranker.warm()

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._beside.close()
            self._words.close()
            self._vectors = None

    def search(
        self,
        query: Query,
        *,
        mode: Mode = Mode.HYBRID,
        limit: int = 5,
        today: date,
        memory: Memory | None = None,
        languages: frozenset[str] | None = None,
    ) -> SearchResult:
        """Return the best articles for a query.

        Only published articles that are not past their review on `today` are looked at, so there are fewer than
        `limit` only when no more fit. An article whose id or whole title was typed comes first. Articles that say
        nearly the same as a better one are folded under it.

        Args:
            query: what to look for.
            mode: how.
            limit: hits at most.
            today: the day.
            memory: what was learned; None for nothing.
            languages: only articles in these; None means all.

        Raises:
            SearchError: the passages cannot be read. (Trouble with encoder, vectors or re-ranker only degrades the
                result.)
        """
        started = time.perf_counter()
        with self._lock:
            asked = [part for part in query.parts if part.text.strip() and part.weight > 0]
            parts = sorted(asked, key=lambda part: -part.weight)
            done, found = mode, NOTHING
            if parts:  # where nothing was asked nothing is missing either
                question = self._asked(parts, mode, today, languages)
                done = Mode.KEYWORD if question.vectors is None else mode
                if limit > 0:
                    found = self._found(question, done, limit, today, memory, rerank=mode is not Mode.KEYWORD)
            degraded = self.degraded if mode is not Mode.KEYWORD else ""
        nothing = bool(parts) and not found.good
        took_ms = (time.perf_counter() - started) * 1000
        if found.context is None:
            return SearchResult(found.hits, done, degraded, took_ms, nothing, answerable=found.answerable)
        context, model = found.context.astype("<f2").tobytes(), self.manifest.model_hash
        return SearchResult(found.hits, done, degraded, took_ms, nothing, context, model, found.answerable)

    def evidence(
        self, query: Query, *, today: date, by_meaning: bool = True
    ) -> tuple[tuple[str, ...], Question, Candidates]:
        """Return what is ranked for a query, for `evaluation.fit`: the candidates' ids, the question, the candidates.

        Raises:
            SearchError: the passages cannot be read.
        """
        with self._lock:
            vectors = self._encoded(query.parts) if by_meaning else None
            question = replace(self._question(query.parts, Mode.HYBRID, today), vectors=vectors)
            found = candidates.gather(question, self._sources(), POOL)
            return tuple(self._words.record(number).article.id for number in found.articles.tolist()), question, found

    def embed(self, texts: Sequence[str]) -> tuple[str, tuple[bytes, ...]]:
        """Return the encoder's hash and a vector for each text, as `SearchResult` has them; empty without an encoder.

        Raises:
            EncoderError: the runtime refused.
        """
        with self._lock:
            loaded = self._semantics()
        return (self.manifest.model_hash, nearest.embedded(loaded[0], texts)) if loaded else ("", ())

    def passages(self, article_id: str) -> tuple[Passage, ...]:
        """Return every passage of an article in order, to be read; none when the article is not in the index.

        Raises:
            SearchError: the passages cannot be read.
        """
        with self._lock:
            for number in self._words.numbers((article_id,)).values():
                rows = self._columns.passages_of(number)
                found = self._words.passages(rows, dict.fromkeys(rows, article_id))
                return tuple(found[row] for row in rows if row in found)
        return ()

    def passage_vectors(self) -> PassageVectors | None:
        """Return the vectors of all passages, for `kb.lint`; None when there are none or they cannot be read."""
        manifest = self.manifest
        if manifest.keyword_only:
            return None
        try:
            vectors = Vectors.open(self._bundle.folder, manifest.passages, manifest.dimension)
        except (OSError, ValueError):
            return None
        with self._lock:
            ids = [record.article.id for record in self._words.records() for _ in range(record.count)]
        return PassageVectors(ids, vectors.all())

    def _semantics(self) -> tuple[Encoder, Vectors] | None:
        """Return what searching by meaning needs, loaded; None when it cannot be had."""
        if self._trouble:
            return None
        manifest = self.manifest
        try:
            if self._vectors is None:
                self._vectors = Vectors.open(self._bundle.folder, manifest.passages, manifest.dimension)
            if self._encoder is None:
                self._encoder = OnnxEncoder.load(self._bundle.folder, hashes=self._bundle.encoder_hashes())
        except EncoderError as error:
            self._trouble = error.message
            return None
        except (OSError, ValueError) as error:
            self._trouble = f"the vectors cannot be read: {error}"
            return None
        if self._encoder.dimension != manifest.dimension:
            self._trouble = f"the encoder gives {self._encoder.dimension} numbers, not {manifest.dimension}"
            return None
        return self._encoder, self._vectors

    def _encoded(self, parts: Sequence[QueryPart]) -> NDArray[np.float32] | None:
        """Return a unit-length row a part; None when there are none or they cannot be encoded."""
        loaded = self._semantics()
        if loaded is None or not parts:
            return None
        try:
            return self._known.rows([part.text for part in parts], loaded[0])
        except EncoderError as error:
            self._trouble = error.message
            return None

    def _asked(self, parts: Sequence[QueryPart], mode: Mode, today: date, languages: frozenset[str] | None) -> Question:
        """Return what is asked: while a text is encoded its words are looked for.

        Without vectors it is asked by words, whatever the mode.
        """

        def by_words() -> Question:
            question = self._question(parts, mode, today, languages)
            return replace(question, worded=candidates.by_words(question, self._sources(), POOL))

        if mode is Mode.KEYWORD:
            return by_words()
        if self._trouble or self._known.knows([part.text for part in parts]):
            vectors, question = self._encoded(parts), by_words()
        else:
            vectors, question = self._beside.both(lambda: self._encoded(parts), by_words)
        if vectors is None and not question.by_words:
            return replace(question, by_words=True, worded=None)
        return replace(question, vectors=vectors)

    def _sources(self) -> Sources:
        return Sources(
            self._words, self._columns, self._postings, self._by_article, self._sequences, self._words.talk()[1],
            self._vectors, self._titles,
        )  # fmt: skip

    def _question(
        self, parts: Sequence[QueryPart], mode: Mode, today: date, languages: frozenset[str] | None = None
    ) -> Question:
        """Return what is asked, without its vectors."""
        typed = parts[0].text if parts[0].source == "typed" else ""
        said = candidates.ready(parts, self._sources(), self._words.talk()[1 if typed else 0])
        allowed = self._columns.allowed(today, languages)
        named = [number for number in self._words.named(typed) if allowed.articles[number]] if typed else ()
        return Question(said, None, mode is not Mode.SEMANTIC, allowed, named)

    def _found(
        self, question: Question, mode: Mode, limit: int, today: date, memory: Memory | None, *, rerank: bool
    ) -> Found:
        whole = question.whole
        votes: dict[int, Recalled] = {}
        if memory is not None and whole is not None:
            known = memory.recall(self.manifest.model_hash, whole, today)
            numbers = self._words.numbers(known)
            votes = {numbers[name]: said for name, said in known.items() if name in numbers}
            votes = {number: said for number, said in votes.items() if question.allowed.articles[number]}
            question = replace(question, voted=tuple(votes))
        size = POOL
        while True:
            found = candidates.gather(question, self._sources(), size)
            # More are only fetched where there are more; else what was found would be looked at again and again.
            enough = not found.more or size >= _ALL * len(self._columns.article_of)
            if enough or len(found.articles) >= limit:
                ranked = answers.ranked(question, found, votes, keyword=mode is Mode.KEYWORD)
                order: Sequence[Answer] = ranked.answers
                if rerank and self._reranker is not None:
                    order = refining.reranked(question, order, self._words, self._reranker, self._reranker_ms)
                self._open_vectors()
                kept = refining.folded(question, order, limit, self._sources())
                if enough or len(kept) >= limit:
                    return Found(told(self._words, question, kept), whole, ranked.answerable, ranked.good)
            size *= 8

    def _open_vectors(self) -> None:
        """Open the vectors, also when there is no encoder for them: copies are told by them."""
        manifest = self.manifest
        if self._vectors is None and not manifest.keyword_only:
            with suppress(OSError, ValueError):  # a search by meaning says why
                self._vectors = Vectors.open(self._bundle.folder, manifest.passages, manifest.dimension)
