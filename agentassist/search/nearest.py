"""The nearest of many vectors that are held in memory: those of past conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numkong
import numpy as np

from agentassist.search.vectors import best

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from agentassist.protocols import Encoder

KIND = np.dtype("<f2")
"""How a vector is kept: float16, in an order that does not depend on the machine."""
SMALLEST = 256
"""Rows for which there is room at first."""


def packed(rows: NDArray[np.float32]) -> tuple[bytes, ...]:
    """Return unit-length rows as they are kept, shape (n, d)."""
    return tuple(row.astype(KIND).tobytes() for row in rows)


def embedded(encoder: Encoder, texts: Sequence[str]) -> tuple[bytes, ...]:
    """Return a vector for each text, as it is kept; the encoder remembers none of them where it can choose.

    Raises:
        EncoderError: the runtime refused.
    """
    from agentassist.search.encoder import OnnxEncoder

    if not texts:
        return ()
    # What is made once and kept would push out what a desk asks again and again.
    rows = encoder.embed(texts) if isinstance(encoder, OnnxEncoder) else encoder.encode(texts)
    return packed(rows)


def likeness(
    numbers: Sequence[int], columns: Sequence[Sequence[bytes]], query: bytes, floor: float
) -> list[tuple[int, float]]:
    """Return the numbers of what is like a query, with the greatest cosine that one of their vectors has with it.

    Args:
        numbers: whose.
        columns: some vectors for each number, as `packed` makes them; one of another size is like nothing.
        query: such a vector.
        floor: the least cosine.
    """
    asked = np.frombuffer(query, dtype=KIND)
    nothing = bytes(len(query))
    scores = np.full(len(numbers), -1.0, dtype=np.float32)
    if numbers and query:
        for column in columns:
            if any(len(row) != len(query) for row in column):
                column = [row if len(row) == len(query) else nothing for row in column]  # noqa: PLW2901
            rows = np.frombuffer(b"".join(column), dtype=KIND).reshape(len(numbers), -1)
            scores = np.maximum(scores, np.asarray(numkong.dot(asked, rows), dtype=np.float32))
    return [(numbers[place], float(scores[place])) for place in map(int, np.flatnonzero(scores >= floor))]


class Nearest:
    """Vectors by number, all of one encoder. Belongs to one thread."""

    def __init__(self) -> None:
        self._rows: NDArray[np.float16] = np.empty((0, 0), dtype=KIND)
        self._numbers: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._place: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._place)

    def put(self, numbers: Sequence[int], vectors: Sequence[bytes]) -> None:
        """Hold some more vectors; a number that is known gets the new one. What has another size is left out.

        Args:
            numbers: whose.
            vectors: as `packed` makes them, one for each number.
        """
        size = self._rows.shape[1] * KIND.itemsize or (len(vectors[0]) if vectors else 0)
        whole = [(number, row) for number, row in zip(numbers, vectors, strict=True) if size and len(row) == size]
        if not whole:
            return
        rows = np.frombuffer(b"".join(row for _, row in whole), dtype=KIND).reshape(len(whole), -1)
        places = np.array([self._place.setdefault(number, len(self._place)) for number, _ in whole])
        self._make_room(len(self._place), rows.shape[1])
        self._rows[places] = rows
        self._numbers[places] = [number for number, _ in whole]

    def best(self, query: bytes, limit: int, floor: float) -> tuple[tuple[int, float], ...]:
        """Return the numbers of the most similar vectors with their cosine, the most similar first.

        Args:
            query: a vector as `packed` makes it; of another size nothing is similar to it.
            limit: at most so many.
            floor: the least cosine.
        """
        count = len(self._place)
        if not count or len(query) != self._rows.shape[1] * KIND.itemsize:
            return ()
        scores = np.asarray(numkong.dot(np.frombuffer(query, dtype=KIND), self._rows[:count]), dtype=np.float32)
        near = np.flatnonzero(scores >= floor)
        chosen = near[best(scores[near], limit)]
        return tuple((int(self._numbers[place]), float(scores[place])) for place in chosen)

    def _make_room(self, count: int, dimension: int) -> None:
        if count <= len(self._rows):
            return
        room = max(count, 2 * len(self._rows), SMALLEST)
        rows, numbers = np.zeros((room, dimension), dtype=KIND), np.zeros(room, dtype=np.int64)
        if len(self._rows):
            rows[: len(self._rows)], numbers[: len(self._numbers)] = self._rows, self._numbers
        self._rows, self._numbers = rows, numbers
