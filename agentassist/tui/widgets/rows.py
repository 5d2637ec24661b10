"""A list of rows that is shown again and again and paints only what has changed."""

from __future__ import annotations

from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from textual.geometry import Region

from agentassist.tui.widgets.blocks import Block, BlockList
from agentassist.tui.widgets.heights import Heights

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.strip import Strip

    from agentassist.tui.widgets.lines import Line

JUST_NOW = 0.6
"""Seconds for which a key is taken as meant for what was under the cursor before it had to move."""


class Row(NamedTuple):
    """One entry of the list.

    Attributes:
        key: stays the same when the row is made anew, so that the cursor stays on it.
        facts: all that its lines are made of; a row with equal facts looks the same and is not painted again.
        height: how many lines it has at a width in cells, without making them.
        lines: makes them.
        selectable: whether the cursor can stand on it.
    """

    key: str
    facts: object
    height: Callable[[int], int]
    lines: Callable[[int], Sequence[Line]]
    selectable: bool = False


class RowList(BlockList):
    """Shows rows.

    Its cost is that of what is on screen: a row elsewhere is counted but not made, and of a row on screen only the
    lines that read differently are painted.
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._rows: list[Row] = []
        self._high: list[int] = []
        self._counter = count()
        self._numbers: list[int] = []
        self._moved_at: float | None = None

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows; the cursor stays on the row with the same key, or near where it was."""
        was = {row.key: (row, number) for row, number in zip(self._rows, self._numbers, strict=True)}
        kept: list[Row] = []
        numbers: list[int] = []
        for row in rows:
            known = was.get(row.key)
            same = known is not None and known[0].facts == row.facts
            kept.append(known[0] if known is not None and same else row)
            numbers.append(known[1] if known is not None and same else next(self._counter))
        if numbers == self._numbers:
            return
        moved = [row.key for row in kept] != [row.key for row in self._rows]
        high = [row.height(self._measured_width) for row in kept]
        before, self._rows, self._numbers = self._numbers, kept, numbers
        if moved or high != self._high:
            self._lay_out()
        else:
            self._repaint(before)

    def _lay_out(self) -> None:
        """Show rows that are others, or elsewhere, than before."""
        key, seen = self.cursor_key, self._cursor_in_view
        self.blocks = [Block(row.key, row.lines, row.selectable) for row in self._rows]
        self._place_cursor(key)
        if key is not None and self.cursor_key != key:
            self._moved_at = monotonic()
        self.measure()
        if seen:
            self.reveal()

    def _repaint(self, before: Sequence[int]) -> None:
        """Paint the lines on screen that read differently."""
        top, bottom = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        for index, (old, new) in enumerate(zip(before, self._numbers, strict=True)):
            if old == new:
                continue
            row = self._rows[index]
            self.blocks[index] = Block(row.key, row.lines, row.selectable)
            start = self.top_of(index) if self._measured_width else bottom
            painted = self._made.get(old) or []
            if start >= bottom or start + len(painted) <= top:
                continue
            for number, strip in enumerate(self._strips(index)):
                if number >= len(painted) or painted[number] != strip:
                    self.refresh(Region(0, start + number - top, self.size.width, 1))

    @property
    def just_moved(self) -> bool:
        """Whether the row under the cursor went away a moment ago, so that the cursor is on one that nobody chose."""
        return self._moved_at is not None and monotonic() - self._moved_at < JUST_NOW

    @property
    def _cursor_in_view(self) -> bool:
        if self.cursor is None or not self.is_measured(self.cursor):
            return False
        top = self.scroll_offset.y
        return top <= self.top_of(self.cursor) < top + self.size.height

    def move_cursor(self, index: int | None) -> None:
        """Put the cursor on a row: from now on it is where somebody put it."""
        super().move_cursor(index)
        self._moved_at = None

    def measure(self, *, around: int | None = None) -> None:  # noqa: ARG002
        """Count the lines; none is made."""
        if self.line_width != self._measured_width:
            self._made.clear()
        self._measured_width = width = self.line_width
        self._high = [row.height(width) for row in self._rows]
        self._heights = Heights()
        for high in self._high:
            self._heights.add_below(high)
        if width:
            self._size_changed(0)
        self.refresh()

    def _strips(self, index: int) -> list[Strip]:
        """Return the painted lines of a row; they are kept by its number, which another row never gets."""
        number = self._numbers[index]
        made: list[Strip] | None = self._made.get(number)
        if made is None:
            made = [self._strip(line) for line in self._rows[index].lines(self._measured_width)]
            self._made[number] = made
        return made
