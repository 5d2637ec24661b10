"""Which passages have which stems and what that is worth: a memory-mapped inverted index, scored as FTS5's bm25 does.

FTS5 reads the places of every word of every passage that it scores: an OR of twenty common words over 1,000,000
passages takes it seconds. Here the part of BM25 that does not depend on the query is computed when the index is built,
for each stem and passage, and a search adds up arrays.

One file, in the machine's byte order, each part at a multiple of 8 bytes:

    HEAD      what it is, passages, stems, postings (of all stems)
    hashes    uint64 a stem, ascending
    starts    int64 a stem and one more: where its postings begin
    peaks     uint16 a stem: the greatest of its impacts
    rows      uint32 a posting: the passage; ascending within a stem
    impacts   uint16 a posting: f (K1 + 1) / (f + K1 (1 - B + B length / mean length)), in units of IMPACT

f is how often the stem is in the passage, each column counted with its weight in `lexical.WEIGHTS`; length is in stems.
"""

from __future__ import annotations

import hashlib
import math
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from agentassist.errors import SearchError
from agentassist.search.mapped import AROUND, Mapped
from agentassist.search.vectors import best, cores

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

FILE, ARTICLES_FILE = "postings.bin", "postings-articles.bin"
"""Of passages, and of whole articles: there a row is an article."""
K1, B = 1.2, 0.75
"""The constants of FTS5's bm25."""
IMPACT = (K1 + 1) / 65535
"""What one unit of an impact is worth; no impact is greater than K1 + 1."""
HEAD = struct.Struct("<8sqqq")
MAGIC = b"agentas1"
BUDGET = 3_000_000
"""Postings that one search adds up for every passage: about 10 ms. The stems that promise least beyond it are only
looked up in the passages that the others found best."""
THREADED, _THREADS = 500_000, 4
"""From so many postings on they are added up by several threads, at most so many: each has a score a passage."""
_CHUNK = 1 << 17
"""Postings that are made ready at a time: with fewer, threads wait for Python's lock more often than they work."""
_POSTING = 6
_SHORT = 2048
"""Postings of a stem that are read whole rather than looked into: a hundred such stems at once take a fifth of the time
that they take one by one."""
POOL = 2000
"""Passages that the stems beyond BUDGET are looked up in, at least."""
_PLACES = 20_000
"""Stems whose place in the file is remembered: a conversation asks for the same ones with each message."""


class _Place(NamedTuple):
    """Where a stem's postings begin and end, the greatest of its impacts, and what it is worth for being rare."""

    start: int
    stop: int
    peak: int
    idf: float


def hash_of(stem: str) -> int:
    """Return the number under which a stem is kept: 64 bits, so that two of a million meet once in 10^7 indexes."""
    return int.from_bytes(hashlib.blake2b(stem.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def layout(stems: int, postings: int) -> dict[str, tuple[int, np.dtype[Any], int]]:
    """Return where each part begins, what it holds and how many, and under "" where the file ends."""
    parts: dict[str, tuple[int, np.dtype[Any], int]] = {}
    at = HEAD.size
    for name, kind, count in (
        ("hashes", np.dtype(np.uint64), stems),
        ("starts", np.dtype(np.int64), stems + 1),
        ("peaks", np.dtype(np.uint16), stems),
        ("rows", np.dtype(np.uint32), postings),
        ("impacts", np.dtype(np.uint16), postings),
    ):
        parts[name] = (at, kind, count)
        at += -(-count * kind.itemsize // 8) * 8
    parts[""] = (at, np.dtype(np.uint8), 0)
    return parts


class Postings:
    """The postings of an open bundle. May be shared by threads.

    Raises:
        SearchError: from every method, when the file turns out to be damaged.
    """

    def __init__(self, file: Mapped, passages: int, stems: int, postings: int) -> None:
        parts = {
            name: file.array(kind, (count,), at) for name, (at, kind, count) in layout(stems, postings).items() if name
        }
        self._file = file
        self._passages = passages
        self._hashes, self._starts, self._peaks = parts["hashes"], parts["starts"], parts["peaks"]
        self._rows, self._impacts = parts["rows"], parts["impacts"]
        self._places: dict[str, _Place] = {}

    @classmethod
    def open(cls, folder: Path, passages: int, name: str = FILE) -> Postings:
        """Map a file of a bundle with `passages` passages, or of that many articles.

        Raises:
            SearchError: it is missing or damaged.
        """
        try:
            with (folder / name).open("rb") as file:
                magic, held, stems, postings = HEAD.unpack(file.read(HEAD.size))
        except (OSError, struct.error) as error:
            raise _damaged(error) from error
        if magic != MAGIC or held != passages or min(stems, postings) < 0:
            raise _damaged("it is not of this index")
        try:
            return cls(Mapped(folder / name, layout(stems, postings)[""][0]), passages, stems, postings)
        except (OSError, ValueError) as error:
            raise _damaged(error) from error

    def __len__(self) -> int:
        return self._passages

    def counts(self, stems: Iterable[str]) -> dict[str, int]:
        """Return how many passages have each stem."""
        return {stem: place.stop - place.start for stem, place in self._found(stems).items()}

    def idf(self, stems: Iterable[str]) -> dict[str, float]:
        """Return what each stem is worth for being rare, as FTS5's bm25 has it; one that none has is worth most."""
        return {stem: place.idf for stem, place in self._found(stems).items()}

    def best(
        self, weights: Mapping[str, float], limit: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the rows of the passages with the greatest weighted BM25, greatest first, and their scores.

        Exact while the postings of all stems are at most BUDGET. Beyond it the stems that can add least are only added
        to the max(POOL, 4 limit) passages that are best by the others: a passage that is missed for that has less by
        the others than the last of these, and so is at most what the stems left over can add better than it seemed.

        Args:
            weights: what each stem counts; only those above 0 are looked for.
            limit: how many at most; passages with none of the stems are never among them.
            allowed: which passages may be found, shape (passages,); None means all.

        Returns:
            Two arrays of the same length, at most `limit`.
        """
        found = self._wanted(weights)
        scanned, left = _within_budget(found)
        scores = self._added_up(scanned)
        if allowed is not None:
            scores *= allowed
        rows = best(scores, max(POOL, 4 * limit) if left else limit, above=0.0)
        top = scores[rows]
        if left:
            for start, stop, worth, _ in left:
                top += self._look_up(start, stop, rows.astype(np.uint32)) * np.float32(worth)
            order = best(top, limit)
            rows, top = rows[order], top[order]
        self._give_back(scanned, left)
        return rows, top

    def scores(self, weights: Mapping[str, float], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the weighted BM25 of some passages, shape (len(rows),).

        Args:
            weights: what each stem counts.
            rows: which passages, in any order.
        """
        stems = list(weights)
        of = np.array([weights[stem] for stem in stems], dtype=np.float32)
        return np.asarray(of @ self.table(stems, rows), dtype=np.float32)

    def table(self, stems: Sequence[str], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the BM25 of each stem in each of some passages, shape (len(stems), len(rows)).

        A weighted sum over the stems is the score of the passages: to score them under several weights, this is
        computed once.

        Args:
            stems: in any order.
            rows: which passages, each once, in any order.
        """
        parts = np.zeros((len(stems), len(rows)), dtype=np.float32)
        places = self._found(stems)
        wanted = rows.astype(np.uint32)
        short = []
        for at, stem in enumerate(stems):
            start, stop, _, idf = places[stem]
            if stop - start > _SHORT:
                np.multiply(self._look_up(start, stop, wanted), np.float32(IMPACT * idf), out=parts[at])
            elif stop > start:
                short.append((at, start, stop, np.float32(IMPACT * idf)))
        if short:
            self._fill(parts, wanted, short)
        self._give_back(places.values())
        return parts

    def _fill(
        self, parts: NDArray[np.float32], rows: NDArray[np.uint32], stems: Sequence[tuple[int, int, int, np.float32]]
    ) -> None:
        """Put what rare stems have in some passages where it belongs: read whole, all at once.

        Args:
            parts: as `table` returns it.
            rows: which passages.
            stems: of each the line of `parts`, where its postings begin and end, and what an impact is worth.
        """
        column = np.full(self._passages, -1, dtype=np.int32)
        column[rows] = np.arange(len(rows), dtype=np.int32)
        try:
            columns = column[np.concatenate([self._rows[start:stop] for _, start, stop, _ in stems])]
        except IndexError as error:
            raise _damaged(error) from error
        there = np.flatnonzero(columns >= 0)
        impacts = np.concatenate([self._impacts[start:stop] for _, start, stop, _ in stems])[there]
        of = np.repeat(np.arange(len(stems)), [stop - start for _, start, stop, _ in stems])[there]
        lines, worth = np.array([at for at, *_ in stems]), np.array([stem[3] for stem in stems])
        parts[lines[of], columns[there]] = impacts * worth[of]

    def _added_up(self, stems: Sequence[tuple[int, int, float, float]]) -> NDArray[np.float32]:
        """Return what some stems add to every passage, shape (passages,)."""
        if len(stems) < 2 or sum(stop - start for start, stop, _, _ in stems) < THREADED:
            return self._added(stems)
        from concurrent.futures import ThreadPoolExecutor  # only an index of that size pays for it

        threads = min(cores(), _THREADS)
        by_size = sorted(stems, key=lambda stem: stem[0] - stem[1])
        with ThreadPoolExecutor(threads, thread_name_prefix="words") as pool:
            first, *others = pool.map(self._added, [by_size[at::threads] for at in range(threads)])
        for other in others:
            first += other
        return first

    def _added(self, stems: Sequence[tuple[int, int, float, float]]) -> NDArray[np.float32]:
        scores = np.zeros(self._passages, dtype=np.float32)
        try:
            for start, stop, worth, _ in stems:
                for at in range(start, stop, _CHUNK):
                    some = slice(at, min(at + _CHUNK, stop))
                    rows = self._rows[some].astype(np.intp)
                    added = self._impacts[some] * np.float32(worth)
                    # A stem has a row once. To add in place (`np.add.at`) would hold Python's lock all the while.
                    added += scores.take(rows)
                    scores[rows] = added
        except IndexError as error:
            raise _damaged(error) from error
        return scores

    def _give_back(self, *stems: Iterable[tuple[Any, ...]]) -> None:
        """Tell the file, once a call, what was read of it."""
        self._file.touched(sum((stem[1] - stem[0]) * _POSTING + 2 * AROUND for some in stems for stem in some))

    def _look_up(self, start: int, stop: int, rows: NDArray[np.uint32]) -> NDArray[np.uint16]:
        """Return the impacts of one stem in some passages, 0 where it is not."""
        there = self._rows[start:stop]
        places = there.searchsorted(rows)
        places[places == stop - start] = 0
        found: NDArray[np.uint16] = self._impacts[start:stop][places]
        found *= there[places] == rows
        return found

    def _found(self, stems: Iterable[str]) -> dict[str, _Place]:
        """Return the place of each stem; nowhere for one that no passage has."""
        names = list(stems)
        known = self._places
        new = [stem for stem in dict.fromkeys(names) if stem not in known]
        if new:
            if len(known) + len(new) > _PLACES:
                known = self._places = {}  # not emptied: another thread may be reading it
                new = list(dict.fromkeys(names))
            known.update(zip(new, self._looked_for(new), strict=True))
        return {stem: known[stem] for stem in names}

    def _looked_for(self, names: Sequence[str]) -> Iterable[_Place]:
        """Yield the place of each stem, from the file."""
        nowhere = _Place(0, 0, 0, _idf(self._passages, 0))
        if not len(self._hashes):
            return [nowhere] * len(names)
        wanted = np.array([hash_of(stem) for stem in names], dtype=np.uint64)
        at = np.minimum(np.searchsorted(self._hashes, wanted), len(self._hashes) - 1)
        known = self._hashes[at] == wanted
        starts = np.where(known, self._starts[at], 0)
        stops = np.where(known, self._starts[at + 1], 0)
        if np.any(starts < 0) or np.any(stops > len(self._rows)):
            raise _damaged("its parts do not fit together")
        if np.any(stops < starts) or np.any(stops - starts > self._passages):
            raise _damaged("its parts do not fit together")
        found = zip(starts.tolist(), stops.tolist(), self._peaks[at].tolist(), strict=True)
        return [_Place(start, stop, peak, _idf(self._passages, stop - start)) for start, stop, peak in found]

    def _wanted(self, weights: Mapping[str, float]) -> list[tuple[int, int, float, float]]:
        """Return of each stem: where its postings begin and end, what an impact is worth, the most it can add."""
        wanted = []
        places = self._found(stem for stem, weight in weights.items() if weight > 0)
        for stem, (start, stop, peak, idf) in places.items():
            if stop > start:
                worth = weights[stem] * IMPACT * idf
                wanted.append((start, stop, worth, worth * peak))
        return wanted


def _within_budget(
    stems: Sequence[tuple[int, int, float, float]],
) -> tuple[list[tuple[int, int, float, float]], list[tuple[int, int, float, float]]]:
    """Return the stems to add up for every passage, those that can add most, and the ones left over."""
    scanned: list[tuple[int, int, float, float]] = []
    left: list[tuple[int, int, float, float]] = []
    room = BUDGET
    for stem in sorted(stems, key=lambda some: -some[3]):
        size = stem[1] - stem[0]
        if size <= room or not scanned:
            scanned.append(stem)
            room -= size
        else:
            left.append(stem)
    return scanned, left


def _idf(passages: int, count: int) -> float:
    """Return FTS5's idf: ln((N - n + 0.5) / (n + 0.5)), a millionth at least."""
    return max(math.log((passages - count + 0.5) / (count + 0.5)), 1e-6)


def _damaged(why: object) -> SearchError:
    return SearchError(f"the index is damaged: {FILE}: {why}", "Build it again: agentassist kb index")
