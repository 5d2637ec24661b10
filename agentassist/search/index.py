"""Answers queries from the published bundle, by meaning and by words."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from agentassist.errors import EncoderError, SearchError
from agentassist.kb.links import link
from agentassist.kb.similar import PassageVectors
from agentassist.models import Hit, Mode, SearchResult
from agentassist.search import bundle as bundles
from agentassist.search import candidates, confidence, lexical, nearest
from agentassist.search.candidates import Candidate, Meaning, Question
from agentassist.search.columns import Columns
from agentassist.search.encoder import OnnxEncoder
from agentassist.search.postings import Postings
from agentassist.search.reason import explain, phrases
from agentassist.search.vectors import Vectors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from agentassist.models import Passage, Query, QueryPart
    from agentassist.protocols import Encoder, Memory
    from agentassist.search.bundle import Bundle, Manifest

POOL = 100
"""Passages that are looked at closely at first; more when they are of too few articles."""


class Index:
    """The published bundle, open. May be shared by threads; it answers one query at a time."""

    def __init__(self, bundle: Bundle, words: lexical.Lexical, encoder: Encoder | None) -> None:
        self._bundle = bundle
        self._words = words
        self._encoder = encoder
        self._vectors: Vectors | None = None
        self._trouble = bundle.manifest.keyword_only
        self._lock = threading.Lock()
        self._columns = Columns.open(bundle.folder, bundle.manifest.articles, bundle.manifest.passages)
        self._postings = Postings.open(bundle.folder, bundle.manifest.passages)

    @classmethod
    def open(cls, index_folder: Path, encoder: Encoder | None = None) -> Index:
        """Open the published bundle.

        Args:
            index_folder: see `paths.Paths.index`.
            encoder: turns queries into vectors; None takes the one in the bundle when it is first needed.

        Raises:
            IndexMissingError: none was published, or it was deleted.
            SearchError: it is damaged.
        """
        try:
            return cls._open(index_folder, encoder)
        except SearchError:
            # Another process may have published, and removed this one, between the pointer and the files: once more.
            return cls._open(index_folder, encoder)

    @classmethod
    def _open(cls, index_folder: Path, encoder: Encoder | None) -> Index:
        bundle = bundles.find(index_folder)
        words = lexical.Lexical.open(bundle.database)
        try:
            return cls(bundle, words, encoder)
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
        """Why it is not searched by meaning, as far as is known by now; empty when all is well."""
        return f"keyword search only: {self._trouble}" if self._trouble else ""

    def warm(self) -> None:
        """Load the encoder and the vectors now; what goes wrong is told by `degraded`."""
        with self._lock:
            self._semantics()

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._words.close()
            self._vectors = None

    def search(
        self, query: Query, *, mode: Mode = Mode.HYBRID, limit: int = 5, today: date, memory: Memory | None = None
    ) -> SearchResult:
        """Return the best articles for a query.

        Only published articles that are not past their review on `today` are looked at, so there are fewer than
        `limit` only when no more fit. An article whose id or whole title was typed comes first.

        Raises:
            SearchError: the passages cannot be read. (Trouble with encoder or vectors only degrades the result.)
        """
        started = time.perf_counter()
        with self._lock:
            asked = [part for part in query.parts if part.text.strip() and part.weight > 0]
            parts = sorted(asked, key=lambda part: -part.weight)
            meaning = self._meaning(parts) if parts and mode is not Mode.KEYWORD else None
            degraded = self.degraded if mode is not Mode.KEYWORD else ""
            done = Mode.KEYWORD if degraded else mode
            hits = self._hits(parts, meaning, done, limit, today) if parts and limit > 0 else ()
        likely = [hit.probability for hit in hits if hit.probability is not None]
        nothing = bool(parts) and confidence.no_match(likely)
        took_ms = (time.perf_counter() - started) * 1000
        if meaning is None:
            return SearchResult(hits, done, degraded, took_ms, nothing)
        context = meaning.kept()
        if memory is not None:
            known = memory.recall(self.manifest.model_hash, meaning.query, today)
            hits = tuple(replace(hit, recalled=known.get(hit.article.id)) for hit in hits)
        return SearchResult(hits, done, degraded, took_ms, nothing, context, self.manifest.model_hash)

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

    def _meaning(self, parts: Sequence[QueryPart]) -> Meaning | None:
        loaded = self._semantics()
        if loaded is None:
            return None
        encoder, vectors = loaded
        try:
            return Meaning.of(vectors, encoder.encode([part.text for part in parts]), parts)
        except EncoderError as error:
            self._trouble = error.message
            return None

    def _hits(
        self, parts: Sequence[QueryPart], meaning: Meaning | None, mode: Mode, limit: int, today: date
    ) -> tuple[Hit, ...]:
        words = candidates.weighted_words(parts, self._words)
        typed = parts[0].text if parts[0].source == "typed" else ""
        question = Question(
            words=words,
            meaning=meaning,
            mode=mode,
            first=self._words.named(typed) if typed else (),
            allowed=self._columns.allowed(today).mask,
            article_of=self._columns.article_of,
        )
        size = POOL
        found, more = candidates.gather(question, self._words, size)
        while len(found) < limit and more:
            size *= 8
            found, more = candidates.gather(question, self._words, size)
        every_word = tuple(dict.fromkeys(word for _, some in words for word in some))[: lexical.MAX_WORDS]
        leads = confidence.leads([item.cosine for item in found])
        hits = self._tell(found[:limit], every_word, question.first)
        return self._weigh(hits, leads, parts, question.first)

    def _weigh(
        self, hits: Sequence[Hit], leads: Sequence[float], parts: Sequence[QueryPart], first: Sequence[int]
    ) -> tuple[Hit, ...]:
        """Say of each hit how likely it is right."""
        texts = [f"{hit.article.title}\n{hit.passage.heading}\n{hit.passage.text}" for hit in hits]
        asked = [(part.weight, candidates.asked(part)) for part in parts]
        shares = self._words.shares(texts, asked, len(self._columns.article_of))
        named = {self._words.record(number).article.id for number in first}
        likely = confidence.falling(
            [
                confidence.NAMED
                if hit.article.id in named
                else confidence.probability(confidence.Evidence(hit.similarity, lead, share))
                for hit, lead, share in zip(hits, leads, shares, strict=False)
            ]
        )
        return tuple(replace(hit, probability=value) for hit, value in zip(hits, likely, strict=True))

    def _tell(self, found: Sequence[Candidate], words: Sequence[str], first: Sequence[int]) -> tuple[Hit, ...]:
        ids = {item.row: self._words.record(item.article).article.id for item in found}
        passages = self._words.passages([item.row for item in found], ids)
        hits = []
        for rank, item in enumerate(found, start=1):
            article, passage = self._words.record(item.article).article, passages[item.row]
            spans = self._words.spans(item.row, words)
            reason = explain(
                named=item.article in first,
                text=phrases(passage.text, spans),
                title=phrases(article.title, self._words.spans(item.row, words, "title")) if not spans else (),
                similarity=item.cosine,
            )
            address = link(article, passage.start)
            hits.append(Hit(rank, article, passage, item.score, item.cosine, spans, address, reason))
        return tuple(hits)
