"""Exact search over the passages' vectors, in files that are opened by memory map.

One row of int8 a passage is scanned (the nearest by cosine are found among all of them, there is no graph or cluster
that could miss one), and the best are scored again from float16 rows. `tests/bench/vector_libraries.py` holds the
measurement that chose this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numkong
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

INT8_FILE, SCALE_FILE, FLOAT_FILE = "vectors.i8", "vectors.scale", "vectors.f16"
FILES = (INT8_FILE, SCALE_FILE, FLOAT_FILE)
_BLOCKS, _WIDTH = 4, 16
"""`best` cuts scores into this many blocks for each one that is wanted, if a block has at least this many."""


def quantise(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return rows as int8 and the factor by which each has to be multiplied to get back to about what it was.

    Args:
        rows: shape (n, d).
    """
    factors = np.maximum(np.abs(rows).max(axis=1), np.float32(1e-12)) / np.float32(127)
    return np.rint(rows / factors[:, None]).astype(np.int8), factors.astype(np.float32)


def write(folder: Path, blocks: Iterable[NDArray[np.float32]]) -> None:
    """Write the files of all passages' vectors.

    Args:
        folder: an existing folder.
        blocks: unit-length rows, one a passage in the order of the passages, in arrays of shape (some, d).

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    with (
        (folder / INT8_FILE).open("wb") as int8,
        (folder / SCALE_FILE).open("wb") as scale,
        (folder / FLOAT_FILE).open("wb") as floats,
    ):
        for block in blocks:
            small, factors = quantise(block)
            int8.write(small.tobytes())
            scale.write(factors.tobytes())
            floats.write(block.astype(np.float16).tobytes())


class Vectors:
    """The vectors of a bundle, mapped into memory."""

    def __init__(self, int8: NDArray[np.int8], factors: NDArray[np.float32], floats: NDArray[np.float16]) -> None:
        self._int8 = int8
        self._factors = factors
        self._floats = floats

    @classmethod
    def open(cls, folder: Path, count: int, dimension: int) -> Vectors:
        """Map the files of `count` passages.

        Raises:
            OSError: a file cannot be read.
            ValueError: a file does not have the size that `count` and `dimension` ask for.
        """
        shape = (count, dimension)
        return cls(
            _map(folder / INT8_FILE, np.dtype(np.int8), shape),
            _map(folder / SCALE_FILE, np.dtype(np.float32), (count,)),
            _map(folder / FLOAT_FILE, np.dtype(np.float16), shape),
        )

    def __len__(self) -> int:
        return len(self._int8)

    def scan(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return about the dot product of every passage with a query, shape (n,); off by at most 0.01 or so.

        Args:
            query: shape (d,), of any length.
        """
        if not len(self):
            return np.zeros(0, dtype=np.float32)
        small, factor = quantise(query[None, :])
        dots = np.asarray(numkong.dot(small[0], self._int8))
        return np.asarray(dots * self._factors * factor[0], dtype=np.float32)

    def all(self) -> NDArray[np.float32]:
        """Return every row, to float16's rounding, shape (n, d)."""
        return self._floats.astype(np.float32)

    def exact(self, rows: NDArray[np.int64], queries: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the dot products of some passages with some queries, to float16's rounding (1e-4).

        Args:
            rows: which passages, shape (k,).
            queries: shape (q, d).

        Returns:
            Shape (k, q).
        """
        return np.asarray(self._floats[rows].astype(np.float32) @ queries.T, dtype=np.float32)


def best(scores: NDArray[np.float32], limit: int, above: float | None = None) -> NDArray[np.int64]:
    """Return the positions of the `limit` greatest scores, greatest first; equal ones in the order of position.

    Args:
        scores: no NaN among them.
        limit: how many at most.
        above: only scores greater than this; None means all.
    """
    if limit <= 0:
        return np.zeros(0, dtype=np.int64)
    width = len(scores) // (_BLOCKS * limit)
    some: NDArray[np.int64] | None = None
    if width >= _WIDTH:
        # Of as many blocks as are wanted each has one at least as great as the least of their greatest: what is below
        # that cannot be among the best. To read the scores once is much quicker than to partition a million of them.
        peaks = scores[: len(scores) // width * width].reshape(-1, width).max(axis=1)
        least = np.partition(peaks, len(peaks) - limit)[len(peaks) - limit]
        some = np.flatnonzero(scores >= least if above is None or least > above else scores > above)
    elif above is not None:
        some = np.flatnonzero(scores > above)
    few = scores if some is None else scores[some]
    if limit < len(few):
        # All that is equal to the last of the best stays until the order decides.
        least = np.partition(few, len(few) - limit)[len(few) - limit]
        kept = np.flatnonzero(few >= least)
        few, some = few[kept], kept if some is None else some[kept]
    if some is None:
        some = np.arange(len(scores))
    order = np.lexsort((some, -few))[:limit]
    return np.asarray(some[order], dtype=np.int64)


def _map(file: Path, kind: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    size = file.stat().st_size
    wanted = int(np.prod(shape)) * kind.itemsize
    if size != wanted:
        raise ValueError(f"{file.name} has {size:,} bytes, not {wanted:,}")
    if not wanted:
        return np.zeros(shape, dtype=kind)
    return np.memmap(file, dtype=kind, mode="r", shape=shape)
