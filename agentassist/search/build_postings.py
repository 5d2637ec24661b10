"""Writes the file of `search.postings`, row by row while the passages are written.

Asking FTS5 for every place of every word (fts5vocab) would hand hundreds of millions of rows to Python. Instead each
piece of text between spaces is given to FTS5's tokenizer once, and the rest is sorting of numbers: memory holds the
vocabulary and one block of passages.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from agentassist.search import postings
from agentassist.search.build_sequences import SequencesWriter
from agentassist.search.stems import Stemmer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_ROWS, _PLACES = 1 << 14, 1 << 21
"""A block ends after this many passages or pieces of text."""
_PIECES = 400_000
"""Pieces of text whose stems are remembered, about 60 MB: then they are forgotten, and learned again."""
_RUN = np.dtype([("stem", "<u4"), ("row", "<u4"), ("weighted", "<u2")])
_MOST = 65535


class _Numbers(dict[str, int]):
    """Numbers what it is asked for in order."""

    def __missing__(self, name: str) -> int:
        number = self[name] = len(self)
        return number


class PostingsWriter:
    """Takes every passage in the order of the rows, and writes the file at the end. To be closed."""

    def __init__(
        self, folder: Path, weights: Sequence[float], name: str = postings.FILE, *, in_order: bool = False
    ) -> None:
        """Begin.

        Args:
            folder: gets the file.
            weights: what a word counts in each column; whole numbers.
            name: of the file.
            in_order: write the file of `sequences`, too.

        Raises:
            OSError: the folder cannot be written.
        """
        self._file = folder / name
        self._weights = np.array(weights, dtype=np.int64)
        self._stemmer = Stemmer()
        self._stems = _Numbers()
        self._pieces = _Numbers()
        self._stems_of = array("I")
        self._ends = array("q", [0])
        self._block = array("I")
        self._fields = array("q")
        self._lengths: list[NDArray[np.int64]] = []
        self._runs: list[int] = []
        self._run_file = folder / f".{name}.run"
        self._run: BinaryIO = self._run_file.open("w+b")
        self._order = SequencesWriter(folder) if in_order else None

    def close(self) -> None:
        """Let go of what is only needed while writing."""
        self._stemmer.close()
        if self._order is not None:
            self._order.close()
        self._run.close()
        self._run_file.unlink(missing_ok=True)

    def add(self, *columns: str) -> None:
        """Take the next passage: a text for each of the weights.

        Raises:
            OSError: the disk is full.
        """
        for text in columns:
            pieces = text.split()
            self._block.extend(map(self._pieces.__getitem__, pieces))
            self._fields.append(len(pieces))
        if len(self._fields) >= _ROWS * len(self._weights) or len(self._block) >= _PLACES:
            self._flush()

    def finish(self) -> None:
        """Write the file.

        Raises:
            OSError: the disk is full or the folder cannot be written.
        """
        self._flush()
        if self._order is not None:
            self._order.finish()
        counts = np.zeros(len(self._stems), dtype=np.int64)
        for run in self._read_runs():
            counts += np.bincount(run["stem"], minlength=len(counts))
        hashes = np.fromiter(map(postings.hash_of, self._stems), dtype=np.uint64, count=len(counts))
        order = np.argsort(hashes, kind="stable")
        ends = np.cumsum(counts[order])
        total, lengths = int(counts.sum()), _joined(self._lengths)
        parts = postings.layout(len(counts), total)
        with self._file.open("wb") as file:
            file.write(postings.HEAD.pack(postings.MAGIC, len(lengths), len(counts), total))
            file.truncate(parts[""][0])
        out = {name: self._map(place) for name, place in parts.items() if name}
        out["hashes"][:] = hashes[order]
        out["starts"][0], out["starts"][1:] = 0, ends
        fill = np.empty(len(counts), dtype=np.int64)
        fill[order] = ends - counts[order]
        peaks = np.zeros(len(counts), dtype=np.uint16)
        self._place(out, fill, peaks, _norms(lengths))
        out["peaks"][:] = peaks[order]
        for part in out.values():
            if isinstance(part, np.memmap):
                part.flush()

    def _map(self, place: tuple[int, np.dtype[Any], int]) -> NDArray[Any]:
        at, kind, count = place
        if not count:
            return np.zeros(0, dtype=kind)
        return np.memmap(self._file, dtype=kind, mode="r+", offset=at, shape=(count,))

    def _place(
        self,
        out: dict[str, NDArray[Any]],
        fill: NDArray[np.int64],
        peaks: NDArray[np.uint16],
        norms: NDArray[np.float32],
    ) -> None:
        """Put every posting where its stem's are, in the order of the rows."""
        for run in self._read_runs():
            stems, rows = run["stem"], run["row"]
            weighted = run["weighted"].astype(np.float32)
            shares = np.rint(weighted / (weighted + norms[rows]) * np.float32(_MOST))
            impacts = np.maximum(shares, 1).astype(np.uint16)
            first = np.flatnonzero(np.concatenate(([True], stems[1:] != stems[:-1])))
            sizes = np.diff(np.append(first, len(stems)))
            places = np.arange(len(stems)) + np.repeat(fill[stems[first]] - first, sizes)
            out["rows"][places] = rows
            out["impacts"][places] = impacts
            fill[stems[first]] += sizes
            peaks[stems[first]] = np.maximum(peaks[stems[first]], np.maximum.reduceat(impacts, first))

    def _flush(self) -> None:
        """Count what is in the block, and put it aside sorted by stem and row."""
        self._learn()
        columns = len(self._weights)
        fields = np.array(self._fields, dtype=np.int64)
        rows = np.repeat(np.arange(len(fields)) // columns, fields)
        weights = np.repeat(np.tile(self._weights, len(fields) // columns), fields)
        pieces = np.frombuffer(self._block, dtype=np.uint32).astype(np.int64)
        ends = np.array(self._ends, dtype=np.int64)
        begin, sizes = ends[pieces], ends[pieces + 1] - ends[pieces]
        passages = len(fields) // columns
        before = np.cumsum(sizes) - sizes
        stems = np.array(self._stems_of, dtype=np.int64)[np.repeat(begin - before, sizes) + np.arange(int(sizes.sum()))]
        if self._order is not None:
            field_of = np.repeat(np.repeat(np.arange(len(fields)), fields), sizes)
            self._order.add(self._stems, stems, field_of, len(fields), columns)
        rows, weights = np.repeat(rows, sizes), np.repeat(weights, sizes)
        start = sum(map(len, self._lengths))
        if len(stems):
            run = _counted(stems, rows, weights)
            run["row"] += start
            self._run.write(run.tobytes())
            self._runs.append(len(run))
        self._lengths.append(np.bincount(rows, minlength=passages))
        del self._block[:], self._fields[:]
        if len(self._pieces) > _PIECES:
            self._pieces.clear()
            self._stems_of, self._ends = array("I"), array("q", [0])

    def _learn(self) -> None:
        """Look up the stems of the pieces that are new in this block."""
        new = list(self._pieces)[len(self._ends) - 1 :]
        for stems in self._stemmer.tokens(new):
            self._stems_of.extend(map(self._stems.__getitem__, stems))
            self._ends.append(len(self._stems_of))

    def _read_runs(self) -> list[NDArray[Any]]:
        self._run.flush()
        at = 0
        runs: list[NDArray[Any]] = []
        for size in self._runs:
            runs.append(np.memmap(self._run_file, dtype=_RUN, mode="r", offset=at, shape=(size,)))
            at += size * _RUN.itemsize
        return runs


def _counted(stems: NDArray[np.int64], rows: NDArray[np.int64], weights: NDArray[np.int64]) -> NDArray[Any]:
    """Return each (stem, row) once, in that order, with the sum of its weights."""
    # One number holds all three, so that a plain sort does it: 16 bits of weight, 21 of row, 26 of stem.
    packed = np.sort((stems << 37) | (rows << 16) | weights)
    pairs = packed >> 16
    first = np.flatnonzero(np.concatenate(([True], pairs[1:] != pairs[:-1])))
    run = np.empty(len(first), dtype=_RUN)
    run["stem"] = pairs[first] >> 21
    run["row"] = pairs[first] & ((1 << 21) - 1)
    run["weighted"] = np.minimum(np.add.reduceat(packed & _MOST, first), _MOST)
    return run


def _norms(lengths: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return what each passage's length adds below the line of BM25."""
    mean = float(lengths.mean()) if len(lengths) else 0.0
    relative = lengths / mean if mean else np.zeros(len(lengths))
    return np.asarray(postings.K1 * (1 - postings.B + postings.B * relative), dtype=np.float32)


def _joined(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
