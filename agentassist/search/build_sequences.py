"""Writes the file of `search.sequences` while the passages are written."""

from __future__ import annotations

import itertools
import shutil
from array import array
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from agentassist.search import sequences

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray


class SequencesWriter:
    """Takes the stems of passages in order, and writes the file at the end. To be closed."""

    def __init__(self, folder: Path) -> None:
        """Begin.

        Raises:
            OSError: the folder cannot be written.
        """
        self._file = folder / sequences.FILE
        self._aside = folder / f".{sequences.FILE}.run"
        self._run: BinaryIO = self._aside.open("w+b")
        self._marks = array("I")
        self._sizes: list[NDArray[np.int64]] = []

    def close(self) -> None:
        """Let go of what is only needed while writing."""
        self._run.close()
        self._aside.unlink(missing_ok=True)

    def add(
        self, names: Mapping[str, int], stems: NDArray[np.int64], field_of: NDArray[np.int64], fields: int, columns: int
    ) -> None:
        """Take the next passages.

        Args:
            names: the number of each stem, in the order of the numbers; those of before stay.
            stems: numbers, in order.
            field_of: in which field each is, counted from the first of these passages.
            fields: how many there are.
            columns: fields of a passage.

        Raises:
            OSError: the disk is full.
        """
        self._marks.extend(map(sequences.mark_of, itertools.islice(names, len(self._marks), None)))
        made = np.full(len(stems) + fields, sequences.END, dtype=np.uint32)
        made[np.arange(len(stems)) + field_of] = np.array(self._marks, dtype=np.uint32)[stems]
        self._run.write(made.tobytes())
        self._sizes.append(np.bincount(field_of // columns, minlength=fields // columns) + columns)

    def finish(self) -> None:
        """Write the file.

        Raises:
            OSError: the disk is full or the folder cannot be written.
        """
        starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(np.concatenate([[0], *self._sizes])[1:])])
        with self._file.open("wb") as file:
            file.write(sequences.HEAD.pack(sequences.MAGIC, len(starts) - 1, int(starts[-1])))
            file.write(starts.astype(np.int64).tobytes())
            self._run.seek(0)
            shutil.copyfileobj(self._run, file, 1 << 20)
