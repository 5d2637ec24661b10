"""Files that are read by memory map, without what was once read staying part of this process."""

from __future__ import annotations

import mmap
import os
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

KEEP = 48 << 20
"""Bytes of a file read here and there that may stay part of the process; then they are given back. The system still has
them in its own cache, so they are not read from the disk again."""
AROUND = 1 << 16
"""Bytes that Linux maps around one that is read, usually; up to 2 MB where it keeps a file in large pages."""


class Mapped:
    """A file's bytes. May be shared by threads."""

    def __init__(self, file: Path, size: int) -> None:
        """Map a file.

        Raises:
            OSError: it cannot be read.
            ValueError: it does not have `size` bytes.
        """
        self._map: mmap.mmap | None = None
        self._touched = 0
        self._file = os.open(file, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        weakref.finalize(self, os.close, self._file)
        found = os.fstat(self._file).st_size
        if found != size:
            raise ValueError(f"{file.name} has {found:,} bytes, not {size:,}")
        if size:
            self._map = mmap.mmap(self._file, size, access=mmap.ACCESS_READ)

    def array(self, kind: np.dtype[Any], shape: tuple[int, ...], offset: int = 0) -> NDArray[Any]:
        """Return a part of it as an array that is read when it is looked at."""
        count = int(np.prod(shape))
        if self._map is None or not count:
            return np.zeros(shape, dtype=kind)
        return np.frombuffer(self._map, dtype=kind, count=count, offset=offset).reshape(shape)

    def rows(self, kind: np.dtype[Any], width: int, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Return some rows of `width` numbers each, shape (len(rows), width), without mapping what is around them.

        Raises:
            OSError: the file cannot be read.
            ValueError: it ends before.
        """
        size = width * kind.itemsize
        parts = [os.pread(self._file, size, row * size) for row in rows.tolist()]
        return np.frombuffer(b"".join(parts), dtype=kind).reshape(len(rows), width)

    def touched(self, size: int) -> None:
        """Take note that about so many bytes were read that will hardly be read again soon."""
        if self._map is None or len(self._map) <= KEEP or not hasattr(mmap, "MADV_DONTNEED"):
            return
        self._touched += size
        if self._touched > KEEP:
            self._touched = 0
            self._map.madvise(mmap.MADV_DONTNEED)
