"""The vectors of what a conversation says, each computed once, and something else done while the encoder works."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import ThreadPoolExecutor

    from numpy.typing import NDArray

    from agentassist.protocols import Encoder

T = TypeVar("T")

REMEMBERED = 4096
"""Texts whose vectors are remembered: about 6 MB."""


class Encoded:
    """Remembers the vectors of texts, so that a new message costs one encoding. To be used by one thread at a time."""

    def __init__(self) -> None:
        self._rows: dict[str, NDArray[np.float32]] = {}

    def knows(self, texts: Sequence[str]) -> bool:
        """Return whether nothing has to be encoded for these texts."""
        return all(text in self._rows for text in texts)

    def rows(self, texts: Sequence[str], encoder: Encoder) -> NDArray[np.float32]:
        """Return a unit-length row a text, shape (len(texts), d).

        Args:
            texts: at least one.
            encoder: is asked for those that are not known.

        Raises:
            EncoderError: it refused.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if len(self._rows) + len(new) > REMEMBERED:
            self._rows.clear()
            new = list(dict.fromkeys(texts))
        self._rows.update(zip(new, encoder.encode(new) if new else (), strict=True))
        return np.stack([self._rows[text] for text in texts])


class Beside:
    """A thread for what needs no vectors: the encoder computes for ten milliseconds and more without Python's lock.

    To be used by one thread at a time.
    """

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    def both(self, slow: Callable[[], NDArray[np.float32] | None], other: Callable[[], T]) -> tuple[
        NDArray[np.float32] | None, T
    ]:  # fmt: skip
        """Return what both give; when both raise, the other's error is told.

        Args:
            slow: runs on this thread: what holds no lock while it computes must not wait for one to begin.
            other: runs on the thread beside.
        """
        from concurrent.futures import ThreadPoolExecutor, wait  # nobody pays for it before the first search

        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="words beside")
        beside = self._pool.submit(other)
        try:
            found = slow()
        finally:
            wait([beside])  # it uses what the caller's lock guards
        return found, beside.result()

    def close(self) -> None:
        """Let go of the thread."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None
