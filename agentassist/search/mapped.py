"""Files that are read by memory map, without what was once read staying part of this process."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

KEEP = 32 << 20
"""Bytes of a file read here and there that stay part of the process; then they are given back. The system still has
them in its own cache, so they are not read from the disk again."""
AROUND = 1 << 16
"""Bytes that Linux maps around one that is read."""


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
        with file.open("rb") as opened:
            found = opened.seek(0, 2)
            if found != size:
                raise ValueError(f"{file.name} has {found:,} bytes, not {size:,}")
            if size:
                self._map = mmap.mmap(opened.fileno(), size, access=mmap.ACCESS_READ)

    def array(self, kind: np.dtype[Any], shape: tuple[int, ...], offset: int = 0) -> NDArray[Any]:
        """Return a part of it as an array that is read when it is looked at."""
        count = int(np.prod(shape))
        if self._map is None or not count:
            return np.zeros(shape, dtype=kind)
        return np.frombuffer(self._map, dtype=kind, count=count, offset=offset).reshape(shape)

    def touched(self, size: int) -> None:
        """Take note that about so many bytes were read that will hardly be read again soon."""
        self._touched += size
        if self._touched > KEEP:
            self._touched = 0
            if self._map is not None and hasattr(mmap, "MADV_DONTNEED"):
                self._map.madvise(mmap.MADV_DONTNEED)
