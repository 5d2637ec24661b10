"""Builds the index of a knowledge base and publishes it."""

from __future__ import annotations

import errno
import hashlib
import secrets
import shlex
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.clock import to_stored
from agentassist.errors import MissingExtraError, NothingToIndexError, SearchError
from agentassist.kb import library as libraries
from agentassist.kb.passages import content_hash, embedded_text
from agentassist.models import Status
from agentassist.search import build_model, build_reranker, bundle, lexical, lock
from agentassist.search import encoder as encoders
from agentassist.search.build_embed import embed_missing
from agentassist.search.bundle import FORMAT, Manifest, Skipped
from agentassist.search.cache import EmbeddingCache
from agentassist.search.progress import BuildProgress, Phase
from agentassist.text import clean_line, counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from agentassist.kb.library import Library, LoadedArticle
    from agentassist.kb.problems import Problem
    from agentassist.protocols import Clock
    from agentassist.search.build_model import Exported

__all__ = ["BuildProgress", "Phase", "build", "kb_digest", "publish"]

_BLOCK = 4096
"""Vectors in memory at a time while they are written."""


@dataclass(frozen=True, slots=True)
class _Vectors:
    """What a bundle gets besides the words."""

    encoder: Exported | None
    keyword_only: str
    embedded: int = 0
    reused: int = 0


def kb_digest(articles: Iterable[LoadedArticle]) -> str:
    """Return the SHA-256 (hex) over all articles that an index is built from: a changed one changes it."""
    facts = sorted(f"{item.article.id}\0{item.article.digest}\n" for item in articles if _indexed(item))
    return hashlib.sha256("".join(facts).encode("utf-8", "surrogatepass")).hexdigest()


def build(
    kb_folder: Path,
    index_folder: Path,
    cache_folder: Path,
    *,
    model: str = "",
    rebuild: bool = False,
    no_vectors: str = "",
    reranker: str = "",
    progress: Callable[[BuildProgress], None],
    clock: Clock,
) -> Manifest:
    """Build the index of a knowledge base and publish it in one step; until then the one before stays.

    What was embedded before, by an interrupted build too, is not embedded again. Without the [build] extra the encoder
    of an earlier build or of the published index does; else the index is by keyword only, and its manifest says so.

    Args:
        kb_folder: see `kb.library.load`.
        index_folder: see `paths.Paths.index`.
        cache_folder: see `paths.Paths.cache`.
        model: name or folder of a sentence-transformers model; empty means the packaged one.
        rebuild: export and embed everything anew.
        no_vectors: why nothing is to be embedded, as the manifest then says it; empty embeds.
        reranker: name or folder of a CrossEncoder that the bundle gets; empty means none. See `build_reranker.put`.
        progress: called often, on this thread.
        clock: for when it was built.

    Raises:
        NotFoundError: there is no such knowledge base.
        NothingToIndexError: it has no published article that can be used.
        SearchError: another build is running, the model cannot be found, or the disk is full
            or not writable. Nothing was published.
        EncoderError: the model cannot be exported, or the export disagrees with it. Nothing was published.
        MissingExtraError: without the extra, when the published index is by another model. Nothing was published.
    """
    progress(BuildProgress(Phase.READ))
    return publish(
        libraries.load(kb_folder),
        index_folder,
        cache_folder,
        name=str(kb_folder),
        model=model,
        rebuild=rebuild,
        no_vectors=no_vectors,
        reranker=reranker,
        progress=progress,
        clock=clock,
    )


def publish(
    library: Library,
    index_folder: Path,
    cache_folder: Path,
    *,
    name: str,
    model: str = "",
    rebuild: bool = False,
    no_vectors: str = "",
    reranker: str = "",
    progress: Callable[[BuildProgress], None],
    clock: Clock,
) -> Manifest:
    """Do what `build` does with articles that are in memory already, wherever they came from.

    Args:
        library: what to index.
        index_folder: as in `build`, and so are the others.
        cache_folder: as in `build`.
        name: what they are called when there is nothing to index.
        model: as in `build`.
        rebuild: as in `build`.
        no_vectors: as in `build`.
        reranker: as in `build`.
        progress: as in `build`.
        clock: as in `build`.

    Raises:
        SearchError: and the others that `build` raises, but not NotFoundError.
    """
    started = time.monotonic()
    articles = _to_index(name, library)
    try:
        with lock.building(index_folder, clock):
            made = _embed(articles, index_folder, cache_folder, model, no_vectors, rebuild=rebuild, progress=progress)
            progress(BuildProgress(Phase.WRITE))
            own = f"{clock.now():%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
            with bundle.begin(index_folder, own) as building:
                counts = _write(building, articles, made, cache_folder)
                build_reranker.put(reranker, building, index_folder, cache_folder, again=rebuild)
                manifest = _manifest(building, library, made, name=own, counts=counts, started=started, clock=clock)
                bundle.publish(index_folder, building, manifest)
    except OSError as error:
        raise _unwritable(error, index_folder) from error
    return manifest


def _to_index(name: str, library: Library) -> list[LoadedArticle]:
    articles = [item for item in library.articles if _indexed(item)]
    if not articles:
        raise _nothing_to_index(name, library)
    return articles


def _nothing_to_index(name: str, library: Library) -> NothingToIndexError:
    broken = [problem for problem in library.problems if problem.fatal]
    reasons = []
    if broken:
        reasons.append(f"{counted(len({problem.path for problem in broken}), 'file')} with problems skipped")
    if library.articles:
        reasons.append(f"{counted(len(library.articles), 'article')} not published, or without words")
    message = f"nothing to index in {name}" + (f": {', '.join(reasons)}" if reasons else "")
    look = f"See what is wrong: agentassist kb lint {shlex.quote(name)}"
    return NothingToIndexError(
        message, look if reasons else "Name the folder of the knowledge base.", skipped=tuple(map(_place, broken))
    )


def _place(problem: Problem) -> str:
    where = f"{problem.path}:{problem.line}" if problem.line else problem.path
    return f"{where}: {problem.message}"


def _indexed(item: LoadedArticle) -> bool:
    """Say whether an article gets into the index: what is not published does not leave the machine in a bundle."""
    return item.article.status is Status.PUBLISHED and bool(item.passages)


def _embed(
    articles: Sequence[LoadedArticle],
    index_folder: Path,
    cache_folder: Path,
    model: str,
    no_vectors: str,
    *,
    rebuild: bool,
    progress: Callable[[BuildProgress], None],
) -> _Vectors:
    if no_vectors:
        return _Vectors(None, no_vectors)
    progress(BuildProgress(Phase.ENCODER))
    try:
        encoder = build_model.exported(model, cache_folder, again=rebuild)
    except MissingExtraError as error:
        published = _published_encoder(index_folder)
        if published is None:
            return _Vectors(None, f"{error.message}. {error.hint}, then: agentassist kb index")
        if published.description.model != build_model.name_of(model):
            other = clean_line(published.description.model)
            raise MissingExtraError(
                f"{error.message}, and the published index is by another model ({other}): it stays", error.hint
            ) from error
        encoder = published
    texts = {
        content_hash(item.article, passage): embedded_text(item.article, passage)
        for item in articles
        for passage in item.passages
    }
    total = sum(len(item.passages) for item in articles)
    with EmbeddingCache.open(cache_folder) as cache:
        embedded = embed_missing(texts, encoder, cache, rebuild=rebuild, progress=progress)
    return _Vectors(encoder, "", embedded, total - embedded)


def _published_encoder(index_folder: Path) -> Exported | None:
    """Return the encoder of the published index; None when that has none, or a damaged one."""
    try:
        published = bundle.find(index_folder, earlier=True)
        hashes = published.encoder_hashes()
        if any(encoders.file_hash(published.folder / name) != hashes[name] for name in encoders.FILES):
            return None
        text = (published.folder / encoders.DESCRIPTION_FILE).read_text(encoding="utf-8")
        return build_model.Exported(published.folder, encoders.Description.parse(text), hashes)
    except (SearchError, OSError, ValueError, KeyError, TypeError):
        return None


def _write(folder: Path, articles: Sequence[LoadedArticle], made: _Vectors, cache_folder: Path) -> tuple[int, int]:
    counts = lexical.write(folder / lexical.FILE, ((item.article, item.passages) for item in articles))
    if made.encoder is not None:
        from agentassist.search import vectors

        for file in encoders.FILES:
            bundle.place(made.encoder.folder / file, folder / file)
        digests = [content_hash(item.article, passage) for item in articles for passage in item.passages]
        with EmbeddingCache.open(cache_folder) as cache:
            vectors.write(folder, _rows(digests, made.encoder, cache))
    return counts


def _rows(digests: Sequence[str], encoder: Exported, cache: EmbeddingCache) -> Iterator[NDArray[np.float32]]:
    """Yield the vectors of all passages in order, a block at a time."""
    import numpy as np

    for start in range(0, len(digests), _BLOCK):
        some = digests[start : start + _BLOCK]
        known = cache.vectors(encoder.description.model_hash, some)
        try:
            block = np.stack([np.frombuffer(known[digest], dtype=np.float32) for digest in some])
        except (KeyError, ValueError) as error:
            raise SearchError(
                "the cache of embeddings lost vectors while it was read", "Try again with --rebuild."
            ) from error
        yield block


def _manifest(
    building: Path,
    library: Library,
    vectors: _Vectors,
    *,
    name: str,
    counts: tuple[int, int],
    started: float,
    clock: Clock,
) -> Manifest:
    """Return what the finished bundle in `building` says of itself."""
    described = vectors.encoder.description if vectors.encoder else None
    return Manifest(
        format=FORMAT,
        name=name,
        built_at=to_stored(clock.now()),
        model=described.model if described else "",
        model_hash=described.model_hash if described else "",
        dimension=described.dimension if described else 0,
        kb_digest=kb_digest(library.articles),
        articles=counts[0],
        passages=counts[1],
        left_out=len(library.articles) - counts[0],
        keyword_only=vectors.keyword_only,
        embedded=vectors.embedded,
        reused=vectors.reused,
        seconds=round(time.monotonic() - started, 2),
        skipped=tuple(Skipped(item.path, item.line, item.message) for item in library.problems if item.fatal),
        files=bundle.facts(building),
    )


def _unwritable(error: OSError, index_folder: Path) -> SearchError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return SearchError("the disk is full: the index was not published", "Make room, then run it again.")
    return SearchError(
        f"the index was not published: {error}", f"Make {index_folder} writable, or set AGENTASSIST_HOME."
    )
