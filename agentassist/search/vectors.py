"""Exact search over the passages' vectors, in files that are opened by memory map.

One row of int8 a passage is scanned (the nearest by cosine are found among all of them, there is no graph or cluster
that could miss one), and the best are scored again from float16 rows. `tests/bench/vector_libraries.py` holds the
measurement that chose this.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import numkong
import numpy as np

from agentassist.search.mapped import KEEP, Mapped

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

INT8_FILE, SCALE_FILE, FLOAT_FILE = "vectors.i8", "vectors.scale", "vectors.f16"
FILES = (INT8_FILE, SCALE_FILE, FLOAT_FILE)
THREADED, BLOCK = 50_000, 1 << 16
"""From so many rows on they are scanned by several threads, so many rows at a time: small enough that a thread which
has to wait for its core does not hold up the scan."""
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


class Near(NamedTuple):
    """The passages nearest to a query, nearest first.

    Attributes:
        rows: which passages, shape (k,).
        scores: their dot products with the query, to float16's rounding, shape (k,).
    """

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]


class Vectors:
    """The vectors of a bundle, mapped into memory. May be shared by threads."""

    def __init__(self, folder: Path, count: int, dimension: int) -> None:
        shape = (count, dimension)
        self._float_file = Mapped(folder / FLOAT_FILE, count * dimension * 2)
        self._int8 = Mapped(folder / INT8_FILE, count * dimension).array(np.dtype(np.int8), shape)
        self._factors = Mapped(folder / SCALE_FILE, count * 4).array(np.dtype(np.float32), (count,))
        self._floats = self._float_file.array(np.dtype(np.float16), shape)

    @classmethod
    def open(cls, folder: Path, count: int, dimension: int) -> Vectors:
        """Map the files of `count` passages.

        Raises:
            OSError: a file cannot be read.
            ValueError: a file does not have the size that `count` and `dimension` ask for.
        """
        return cls(folder, count, dimension)

    def __len__(self) -> int:
        return len(self._int8)

    def scan(self, query: NDArray[np.float32], rows: NDArray[np.int64] | None = None) -> NDArray[np.float32]:
        """Return about the dot product of every passage with a query; off by at most 0.01 or so.

        Args:
            query: shape (d,), of any length.
            rows: look only at these passages; worth it for up to about a tenth of all. None means all.

        Returns:
            Shape (n,), or (len(rows),) in the order of `rows`.
        """
        count = len(self) if rows is None else len(rows)
        scores = np.zeros(count, dtype=np.float32)
        small, factor = quantise(query[None, :])

        def part(start: int) -> None:
            some = slice(start, min(start + BLOCK, count))
            which = some if rows is None else rows[some]
            dots = np.asarray(numkong.dot(small[0], self._int8[which]))
            np.multiply(dots, self._factors[which] * factor[0], out=scores[some], casting="unsafe")

        starts = range(0, count, BLOCK)
        if count < THREADED:
            for start in starts:
                part(start)
        else:
            from concurrent.futures import ThreadPoolExecutor  # only an index of that size pays for it

            with ThreadPoolExecutor(cores(), thread_name_prefix="scan") as pool:
                for _ in pool.map(part, starts):
                    pass
        return scores

    def nearest(
        self,
        query: NDArray[np.float32],
        limit: int,
        *,
        mask: NDArray[np.bool_] | None = None,
        rows: NDArray[np.int64] | None = None,
        depth: int = 0,
    ) -> Near:
        """Return the passages nearest to a query.

        Args:
            query: shape (d,).
            limit: how many at most.
            mask: which passages may be found, shape (n,); None means all.
            rows: these alone are looked at, in place of a mask; see `scan`.
            depth: how many of the best by int8 are scored again by float16; 0 takes 100 more than are wanted.
        """
        scanned = self.scan(query, rows)
        if mask is not None and rows is None:
            # A multiplication is much quicker than to choose between two numbers: what is masked becomes 0.
            scanned += np.float32(2) * np.float32(np.linalg.norm(query))
            scanned *= mask
            found = best(scanned, depth or limit + 100, above=0.0)
        else:
            found = best(scanned, depth or limit + 100)
        if rows is not None:
            found = rows[found]
        scores = self.exact(found, query[None, :])[:, 0]
        order = best(scores, limit)
        return Near(found[order], scores[order])

    def all(self) -> NDArray[np.float32]:
        """Return every row, to float16's rounding, shape (n, d)."""
        return self._floats.astype(np.float32)

    def some(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return some rows, to float16's rounding, shape (len(rows), d)."""
        if self._floats.nbytes <= KEEP:
            return self._floats[rows].astype(np.float32)
        # Rows here and there would map all of a file that is twice as large as what is scanned.
        read = self._float_file.rows(self._floats.dtype, self._floats.shape[1], rows)
        return np.asarray(read.astype(np.float32), dtype=np.float32)

    def exact(self, rows: NDArray[np.int64], queries: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the dot products of some passages with some queries, to float16's rounding (1e-4).

        Args:
            rows: which passages, shape (k,).
            queries: shape (q, d).

        Returns:
            Shape (k, q).
        """
        with np.errstate(invalid="ignore", over="ignore"):  # of a damaged file: what is no number is like nothing
            return np.asarray(self.some(rows) @ queries.T, dtype=np.float32)


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


def cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1
