"""Embeds passages with the exported encoder: on every core, a batch at a time, each kept as soon as it is done."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from agentassist.search.encoder import OnnxEncoder
from agentassist.search.progress import BuildProgress, Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from agentassist.search.build_model import Exported
    from agentassist.search.cache import EmbeddingCache

TASK = 8
"""Texts that a thread takes at a time."""
BATCH = 64
"""Texts that are kept at a time: what a crash can cost is about a second of work."""


def workers() -> int:
    """Return how many threads embed: one for each core that this process may use.

    The threads share one session of one thread each, outside of the interpreter's lock: on two cores that is 1.9 times
    one thread, as much as two processes reach, which would each load the model.
    """
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1


def embed_all(encoder: OnnxEncoder, texts: Sequence[str]) -> Iterator[tuple[Sequence[int], NDArray[np.float32]]]:
    """Yield the vectors of texts in batches: the positions of the texts, and one row for each.

    Texts of like length are embedded together, long ones first, so that the time left is never underestimated.

    Raises:
        EncoderError: the runtime refused.
    """
    import numpy as np

    order = sorted(range(len(texts)), key=lambda position: -len(texts[position]))
    count = workers()
    batch = max(BATCH, TASK * count)
    with ThreadPoolExecutor(count, thread_name_prefix="embed") as pool:
        try:
            for start in range(0, len(order), batch):
                positions = order[start : start + batch]
                tasks = [positions[at : at + TASK] for at in range(0, len(positions), TASK)]
                rows = pool.map(lambda task: encoder.embed([texts[position] for position in task]), tasks)
                yield positions, np.concatenate(list(rows))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def embed_missing(
    texts: Mapping[str, str],
    exported: Exported,
    cache: EmbeddingCache,
    *,
    rebuild: bool,
    progress: Callable[[BuildProgress], None],
) -> int:
    """Embed the texts whose vectors are not in the cache, and keep them there.

    Args:
        texts: what to embed, by its digest.
        exported: the encoder.
        cache: gets the vectors, batch by batch.
        rebuild: forget the vectors of this encoder first.
        progress: called after each batch.

    Returns:
        How many were embedded.

    Raises:
        EncoderError: the encoder cannot be loaded or fails.
        SearchError: the cache cannot be read or written.
    """
    model = exported.description.model_hash
    if rebuild:
        cache.forget(model)
    known = cache.known(model, list(texts))
    missing = [digest for digest in texts if digest not in known]
    if not missing:
        return 0
    encoder = OnnxEncoder.load(exported.folder, hashes=exported.hashes, documents=True)
    wanted = [texts[digest] for digest in missing]
    letters = sum(map(len, wanted)) or 1
    progress(BuildProgress(Phase.EMBED, 0, len(missing)))
    started = time.monotonic()
    done = seen = 0
    for positions, rows in embed_all(encoder, wanted):
        cache.add(model, [(missing[position], row.tobytes()) for position, row in zip(positions, rows, strict=True)])
        done += len(positions)
        seen += sum(len(wanted[position]) for position in positions)
        seconds = max(time.monotonic() - started, 1e-9)
        # Long texts take longer: what is left is estimated by letters, not by passages.
        left = (letters - seen) / (seen / seconds) if seen else None
        progress(BuildProgress(Phase.EMBED, done, len(missing), done / seconds, left))
    return len(missing)
