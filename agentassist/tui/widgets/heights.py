"""Where the blocks of a long list are, when only some of them have been measured yet. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right


class Heights:
    """The heights of a run of blocks that grows at both ends; adding is O(1), looking up O(log n).

    Lines are counted from the top of the first block in the run. What is added above moves them all, but nothing is
    rewritten for it: heights are summed up away from the block at which the run began.

    Args:
        anchor: the index of the block that the run begins at; the run is empty at first.
    """

    __slots__ = ("_anchor", "_down", "_up")

    def __init__(self, anchor: int = 0) -> None:
        self._anchor = anchor
        self._up: list[int] = []
        self._down: list[int] = []

    @property
    def first(self) -> int:
        """The index of the first block in the run."""
        return self._anchor - len(self._up)

    @property
    def end(self) -> int:
        """The index after the last block in the run."""
        return self._anchor + len(self._down)

    @property
    def total(self) -> int:
        """The lines of the whole run."""
        return self._above + (self._down[-1] if self._down else 0)

    @property
    def _above(self) -> int:
        return self._up[-1] if self._up else 0

    def add_above(self, height: int) -> None:
        """Put the block before the first one into the run."""
        self._up.append(self._above + height)

    def add_below(self, height: int) -> None:
        """Put the block after the last one into the run."""
        self._down.append((self._down[-1] if self._down else 0) + height)

    def top(self, index: int) -> int:
        """Return the first line of a block in the run; for `end`, the line after the last.

        Raises:
            IndexError: the block is not in the run.
        """
        if not self.first <= index <= self.end:
            raise IndexError(index)
        if index >= self._anchor:
            return self._above + (self._down[index - self._anchor - 1] if index > self._anchor else 0)
        return self._above - self._up[self._anchor - 1 - index]

    def at(self, line: int) -> int | None:
        """Return the index of the block that covers a line, None outside of the run."""
        if not 0 <= line < self.total:
            return None
        away = line - self._above
        if away >= 0:
            return self._anchor + bisect_right(self._down, away)
        return self._anchor - 1 - bisect_left(self._up, -away)
