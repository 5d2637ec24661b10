"""Indexes the articles of a data set as the product indexes a knowledge base, once for the same articles and model."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

import numpy as np

from agentassist.clock import SystemClock
from agentassist.errors import SearchError
from agentassist.kb.articles import LoadedArticle
from agentassist.kb.library import Library
from agentassist.kb.passages import embedded_text
from agentassist.search import build, build_model, bundle
from agentassist.search.build_embed import embed_all
from agentassist.search.cache import EmbeddingCache
from agentassist.search.encoder import OnnxEncoder
from agentassist.search.index import Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from agentassist.evaluation.datasets import Dataset
    from agentassist.models import Article, Passage
    from agentassist.protocols import Clock
    from agentassist.search.build_model import Exported
    from agentassist.search.progress import BuildProgress

FOLDER = "evaluation"
"""Below the cache: an index for each content, and the vectors of what was asked."""
KEPT = 12
"""Indexes that are kept; a trainer who edits an article and measures again makes a new one each time."""


class RememberingEncoder:
    """An encoder whose vectors are kept on disk: what was asked in an earlier evaluation is not encoded again.

    For one thread.
    """

    def __init__(self, made: Exported, folder: Path) -> None:
        self._exported = made
        self._folder = folder
        self._model = f"{made.description.model_hash} queries"
        self._inner: OnnxEncoder | None = None
        self._known: dict[str, NDArray[np.float32]] = {}

    @property
    def model_hash(self) -> str:
        """Which model it is, see `build_model.model_hash`."""
        return self._exported.description.model_hash

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return self._exported.description.dimension

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row a text, shape (len(texts), dimension).

        Raises:
            EncoderError: the encoder cannot be loaded or fails.
            SearchError: the cache cannot be used.
        """
        self.learn(texts)
        return np.stack([self._known[text] for text in texts]) if texts else np.zeros((0, self.dimension), np.float32)

    def learn(self, texts: Iterable[str], progress: Callable[[str, int, int], None] = lambda *_: None) -> None:
        """Get the vectors of texts that will be asked for, on every core.

        Args:
            texts: those that are known already cost nothing.
            progress: called after each batch with what is done, how many are, and of how many.

        Raises:
            EncoderError: the encoder cannot be loaded or fails.
            SearchError: the cache cannot be used.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if not new:
            return
        digests = {text: hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in new}
        with EmbeddingCache.open(self._folder) as cache:
            kept = cache.vectors(self._model, list(digests.values()))
            for text, digest in digests.items():
                if len(kept.get(digest, b"")) == 4 * self.dimension:
                    self._known[text] = np.frombuffer(kept[digest], dtype=np.float32)
            missing = [text for text in new if text not in self._known]
            done = 0
            for positions, rows in embed_all(self._loaded(), missing) if missing else ():
                some = [missing[position] for position in positions]
                cache.add(self._model, [(digests[text], row.tobytes()) for text, row in zip(some, rows, strict=True)])
                self._known.update(zip(some, rows, strict=True))
                done += len(some)
                progress("encoding", done, len(missing))

    def _loaded(self) -> OnnxEncoder:
        if self._inner is None:
            self._inner = OnnxEncoder.load(self._exported.folder, hashes=self._exported.hashes)
        return self._inner


def query_encoder(cache_folder: Path, model: str = "") -> RememberingEncoder:
    """Return the encoder of a model.

    Raises:
        MissingExtraError: the [build] extra is not installed, and the encoder is not in the cache.
        SearchError: there is no such model, or it cannot be exported.
    """
    return RememberingEncoder(build_model.exported(model, cache_folder), cache_folder / FOLDER)


def open_index(
    dataset: Dataset,
    cache_folder: Path,
    model: str = "",
    *,
    encoder: RememberingEncoder | None = None,
    progress: Callable[[BuildProgress], None] = lambda _: None,
    clock: Clock | None = None,
) -> Index:
    """Return the index of a data set's articles, built by the product's own code or kept from an earlier call.

    Args:
        dataset: whose articles are indexed.
        cache_folder: see `paths.Paths.cache`; the index is kept in it, in a folder named after what is in it.
        model: name or folder of a sentence-transformers model; empty means the packaged one.
        encoder: the one of this model, if there is one already.
        progress: called often while it is built.
        clock: for when it was built; None takes the system's.

    Raises:
        MissingExtraError: the [build] extra is not installed, and the encoder is not in the cache.
        SearchError: it cannot be built or opened.
    """
    remembering = encoder or query_encoder(cache_folder, model)
    folder = cache_folder / FOLDER / content_key(dataset.articles, remembering.model_hash)
    try:
        opened = Index.open(folder, remembering)
        folder.touch()  # the ones that were used last are kept
    except SearchError:
        loaded = tuple(LoadedArticle(article, passages, "") for article, passages in dataset.articles)
        build.publish(
            Library(loaded, (), ()),
            folder,
            cache_folder,
            name=dataset.name,
            model=model,
            progress=progress,
            clock=clock or SystemClock(),
        )
        _tidy(folder.parent)
        return Index.open(folder, remembering)
    return opened


def _tidy(folder: Path) -> None:
    """Remove all indexes but the newest; one that is open in another process stays readable there."""
    found = [(place.stat().st_mtime, place) for place in folder.iterdir() if (place / bundle.POINTER).is_file()]
    for _, place in sorted(found, reverse=True)[KEPT:]:
        shutil.rmtree(place, ignore_errors=True)


def content_key(articles: Sequence[tuple[Article, Sequence[Passage]]], model_hash: str) -> str:
    """Return a name that changes with the articles, their passages, the model, and the format of a bundle."""
    whole = hashlib.sha256(f"{bundle.FORMAT}\0{model_hash}\0".encode())
    for article, passages in articles:
        whole.update(f"{article!r}\0".encode("utf-8", "surrogatepass"))
        for passage in passages:
            whole.update(f"{embedded_text(article, passage)}\0{passage.start}\0".encode("utf-8", "surrogatepass"))
    return whole.hexdigest()[:32]
