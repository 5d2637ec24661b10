"""The stems of every passage in the order in which they stand there: a memory-mapped file, for words side by side.

One file, in the machine's byte order:

    HEAD      what it is, passages, marks
    starts    int64 a passage and one more: where its marks begin
    marks     uint32 a stem: see `mark_of`; END after each column (title, heading, tags, text)

Two of a million stems have the same mark once in ten thousand indexes for the hundred that are looked for; then a pair
of words is seen that is not there.
"""

from __future__ import annotations

import functools
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from agentassist.errors import SearchError
from agentassist.search.mapped import AROUND, Mapped
from agentassist.search.postings import hash_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FILE = "sequences.bin"
HEAD = struct.Struct("<8sqq")
MAGIC = b"agentas1"
END = 0
_LOW = 0xFFFF

Pair = int
"""Two words in their order: 64 bits, the mark of the first above that of the second."""


@functools.lru_cache(maxsize=8192)
def mark_of(stem: str) -> int:
    """Return the number that stands for a stem: 32 bits, never END."""
    return hash_of(stem) & 0xFFFFFFFF or 1


def pair_of(one: str, other: str) -> Pair:
    """Return the number that stands for two stems side by side."""
    return mark_of(one) << 32 | mark_of(other)


class Sequences:
    """The file of an open bundle. May be shared by threads."""

    def __init__(self, file: Mapped, starts: NDArray[np.int64], marks: NDArray[np.uint32]) -> None:
        self._file = file
        self._starts = starts
        self._marks = marks

    @classmethod
    def open(cls, folder: Path, passages: int) -> Sequences:
        """Map the file of a bundle with `passages` passages.

        Raises:
            SearchError: it is missing or damaged.
        """
        try:
            with (folder / FILE).open("rb") as file:
                magic, held, count = HEAD.unpack(file.read(HEAD.size))
            if magic != MAGIC or held != passages or count < 0:
                raise _damaged("it is not of this index")
            at = HEAD.size + 8 * (passages + 1)
            mapped = Mapped(folder / FILE, at + 4 * count)
        except (OSError, ValueError, struct.error) as error:
            raise _damaged(error) from error
        starts = mapped.array(np.dtype(np.int64), (passages + 1,), HEAD.size)
        if int(starts[0]) != 0 or int(starts[-1]) != count:
            raise _damaged("its parts do not fit together")
        return cls(mapped, starts, mapped.array(np.dtype(np.uint32), (count,), at))

    def having(
        self, wanted: NDArray[np.uint64], rows: NDArray[np.int64], stop: NDArray[np.uint32]
    ) -> NDArray[np.bool_]:
        """Return which of some passages have which pairs of words side by side, shape (len(rows), len(wanted)).

        Args:
            wanted: numbers as `pair_of` makes them, each once.
            rows: which passages; those that follow each other are read at once.
            stop: marks of the stop words: what stands beside each other but for them does so too.

        Raises:
            SearchError: the file turns out to be damaged.
        """
        found = np.zeros((len(rows), len(wanted)), dtype=np.bool_)
        if not len(rows) or not len(wanted):
            return found
        marks, ends = self._read(rows)
        first, second = (wanted >> 32).astype(np.uint32), wanted.astype(np.uint32)
        keys = np.unique(np.concatenate((first, second, stop)))
        begins, ends_one = np.isin(keys, first), np.isin(keys, second)
        order = np.argsort(wanted)
        in_order = wanted[order]
        places, known = _known(marks, keys)
        telling = np.flatnonzero(~np.isin(keys, stop)[known])
        # Nothing but stop words is between two telling ones when as many marks as places are.
        for at in (np.arange(len(places)), telling):
            some, of = known[at], places[at]
            beside = (of[1:] - of[:-1] == at[1:] - at[:-1]) & begins[some[:-1]] & ends_one[some[1:]]
            left = np.flatnonzero(beside)
            made = keys[some[left]].astype(np.uint64) << 32 | keys[some[left + 1]]
            which = np.minimum(np.searchsorted(in_order, made), len(order) - 1)
            hit = in_order[which] == made
            found[np.searchsorted(ends, of[left[hit]], side="right"), order[which[hit]]] = True
        return found

    def _read(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Return the marks of some passages, one after the other, and where those of each end."""
        begin, end = self._starts[rows], self._starts[rows + 1]
        if np.any(begin < 0) or np.any(end < begin) or np.any(end > len(self._marks)):
            raise _damaged("its parts do not fit together")
        breaks = np.flatnonzero(np.diff(rows) != 1) + 1
        firsts, lasts = np.append(0, breaks), np.append(breaks, len(rows)) - 1
        parts = [self._marks[int(begin[one]) : int(end[last])] for one, last in zip(firsts, lasts, strict=True)]
        marks = np.concatenate(parts)
        self._file.touched(marks.nbytes + 2 * AROUND * len(parts))
        return marks, np.cumsum(end - begin)


def _known(marks: NDArray[np.uint32], keys: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where marks that are among `keys`, which ascend, are, ascending, and the place of each in `keys`."""
    # A table by the low half of a mark is much quicker than to look for each, and nearly always tells one key.
    low = keys & _LOW
    table = np.zeros(_LOW + 1, dtype=np.uint16)
    table[low] = np.arange(1, len(keys) + 1)
    maybe = table[marks & _LOW]
    some = np.flatnonzero(maybe)
    at = maybe[some].astype(np.int64) - 1
    shared = np.bincount(low, minlength=_LOW + 1) > 1
    if shared[low].any():
        several = np.flatnonzero(shared[marks[some] & _LOW])
        at[several] = np.minimum(np.searchsorted(keys, marks[some[several]]), len(keys) - 1)
    exact = keys[at] == marks[some]
    return some[exact], at[exact]


def _damaged(why: Any) -> SearchError:
    return SearchError(f"the index is damaged: {FILE}: {why}", "Build it again: agentassist kb index")
