"""A list of blocks of different heights, painted line by line, so that its cost does not grow with its length."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from agentassist.tui.timers import after

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

    from agentassist.tui.widgets.lines import Line

SLICE_SECONDS = 0.006
"""How long older blocks are measured at a time; well below the 16 ms of one frame."""

STYLES = (
    "strong", "dim", "accent", "customer", "agent", "bot", "system", "match", "alert", "rule", "cursor", "heading",
    "reason", "mark", "event", "key", "customer-name", "agent-name", "bot-name", "system-name",
)  # fmt: skip
"""What a piece of a line can look like; the style sheet says how."""


class Block(NamedTuple):
    """Some lines that belong together.

    Attributes:
        key: stays the same when the block is made anew, so that the cursor stays on it.
        lines: makes the lines for a width in cells.
        selectable: whether the cursor can stand on it.
    """

    key: str
    lines: Callable[[int], Sequence[Line]]
    selectable: bool = False


class BlockList(ScrollView, can_focus=True):
    """Shows blocks; the base of queue, transcript and suggestions.

    A list that is `FROM_END` measures the blocks at its end at once and the older ones in slices when nothing else is
    to do, so that the end is on screen at once however long the list is.
    """

    FROM_END: ClassVar[bool] = False

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line--{style}" for style in STYLES}
    ALLOW_SELECT = False

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.blocks: list[Block] = []
        self.cursor: int | None = None
        self._first = 0
        self._starts: list[int] = []
        self._height = 0
        self._made: LRUCache[int, list[Strip]] = LRUCache(600)
        self._measured_width = 0
        self._styles: dict[str, Style] = {}

    # What is shown

    def set_blocks(self, blocks: Sequence[Block]) -> None:
        """Show these blocks; the cursor stays on the block with the same key, or near where it was."""
        key = self.cursor_key
        self.blocks = list(blocks)
        self._place_cursor(key)
        self.measure()

    def add_blocks(self, blocks: Sequence[Block]) -> None:
        """Show more blocks at the end."""
        width = self._measured_width
        for block in blocks:
            self.blocks.append(block)
            if width:
                self._starts.append(self._height)
                self._height += len(self._strips(len(self.blocks) - 1))
        if width:
            self.virtual_size = Size(width, self._height)
            self.refresh()

    def measure(self, *, down_to: int | None = None) -> None:
        """Measure every block anew; from the end, only two screens (or down to a block) at once."""
        if not self.FROM_END:
            down_to = 0
        self._made.clear()
        self._measured_width = self.line_width
        self._first = len(self.blocks)
        self._starts = []
        self._height = 0
        if self._measured_width:
            self._measure_slice(2 * max(self.size.height, 24), down_to=down_to)
        self.refresh()

    @property
    def line_width(self) -> int:
        """The cells of one line, with room kept for the scrollbar; the last known ones while it is hidden."""
        return max(self.size.width - self.styles.scrollbar_size_vertical, 0)

    @property
    def fully_measured(self) -> bool:
        """Whether every block is in the height."""
        return self._first == 0

    def _measure_slice(self, lines: int, *, down_to: int | None = None) -> int:
        """Measure backwards until `lines` lines or the time of a slice is used up; return the lines that were added."""
        started = perf_counter()
        heights: list[int] = []
        added = 0
        while self._first > 0:
            wanted = added < lines or (down_to is not None and self._first > down_to)
            if not wanted or (down_to is None and added and perf_counter() - started > SLICE_SECONDS):
                break
            self._first -= 1
            heights.append(len(self._strips(self._first)))
            added += heights[-1]
        heights.reverse()
        before = list(accumulate(heights, initial=0))
        self._starts = before[:-1] + [start + added for start in self._starts]
        self._height += added
        self.virtual_size = Size(self._measured_width, self._height)
        if self._first > 0:
            after(self, 0.0, self._measure_more)
        return added

    def _measure_more(self) -> None:
        if self._first == 0:
            return
        y = self.scroll_offset.y
        added = self._measure_slice(1_000_000)
        self.scroll_to(y=y + added, animate=False, force=True)
        self.refresh()

    # Where things are

    def top_of(self, index: int) -> int:
        """Return the first line of a measured block."""
        return self._starts[index - self._first]

    def block_at(self, y: int) -> int | None:
        """Return the index of the block that covers line `y` of the whole, None outside."""
        if not self._starts or not 0 <= y < self._height:
            return None
        return self._first + bisect_right(self._starts, y) - 1

    # The cursor

    @property
    def cursor_key(self) -> str | None:
        """The key of the block under the cursor."""
        return self.blocks[self.cursor].key if self.cursor is not None and self.cursor < len(self.blocks) else None

    def _place_cursor(self, key: str | None) -> None:
        choices = [index for index, block in enumerate(self.blocks) if block.selectable]
        same = [index for index in choices if self.blocks[index].key == key]
        near = min(choices, key=lambda index: abs(index - (self.cursor or 0)), default=None)
        self.cursor = same[0] if same else near

    def move_cursor(self, index: int | None) -> None:
        """Put the cursor on a block and bring it into view."""
        if index is None or index == self.cursor:
            return
        self.cursor = index
        self.refresh()
        self.reveal()

    def reveal(self) -> None:
        """Bring the block under the cursor into view; with the first one, what is above it too."""
        if self.cursor is None or not self._measured_width or self.cursor < self._first:
            return
        top, bottom = self.top_of(self.cursor), self.top_of(self.cursor) + len(self._strips(self.cursor))
        if not any(block.selectable for block in self.blocks[: self.cursor]):
            top = 0
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, force=True)
        elif bottom > self.scroll_offset.y + self.size.height:
            self.scroll_to(y=bottom - self.size.height, animate=False, force=True)

    def action_cursor_up(self) -> None:
        """Go to the one above."""
        choices = [index for index, block in enumerate(self.blocks) if block.selectable]
        self.move_cursor(max((index for index in choices if index < (self.cursor or 0)), default=None))

    def action_cursor_down(self) -> None:
        """Go to the one below."""
        here = -1 if self.cursor is None else self.cursor
        choices = [index for index, block in enumerate(self.blocks) if block.selectable]
        self.move_cursor(min((index for index in choices if index > here), default=None))

    def action_cursor_first(self) -> None:
        """Go to the first."""
        self.move_cursor(next((index for index, block in enumerate(self.blocks) if block.selectable), None))

    def action_cursor_last(self) -> None:
        """Go to the last."""
        self.move_cursor(max((index for index, block in enumerate(self.blocks) if block.selectable), default=None))

    def action_select(self) -> None:
        """Do with the block under the cursor what its list is for."""

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        index = self.block_at(event.y + self.scroll_offset.y)
        if index is not None and self.blocks[index].selectable:
            self.move_cursor(index)
            self.action_select()

    # Painting

    def on_resize(self) -> None:
        """Wrap anew when the width has changed, and keep the cursor in view."""
        if self.line_width != self._measured_width:
            self.measure()
        self.reveal()

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """Put the scrollbar where the text is: Textual moves only one that is shown already."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def notify_style_update(self) -> None:
        """Forget what was painted in the old colours."""
        super().notify_style_update()
        self._styles.clear()
        self._made.clear()

    def watch_has_focus(self, focused: bool) -> None:
        """Paint the cursor as strong as the focus is."""
        super().watch_has_focus(focused)
        self._styles.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint one line of what is visible."""
        width = self.size.width
        line = y + self.scroll_offset.y
        index = self.block_at(line)
        if index is None:
            return Strip.blank(width, self.rich_style)
        strips = self._strips(index)
        inside = line - self.top_of(index)
        if inside >= len(strips):
            return Strip.blank(width, self.rich_style)
        style = self.rich_style
        if index == self.cursor and self.blocks[index].selectable:
            style += Style(bgcolor=self.get_component_rich_style("line--cursor").bgcolor)
        return strips[inside].adjust_cell_length(width, Style()).apply_style(style)

    def _strips(self, index: int) -> list[Strip]:
        made: list[Strip] | None = self._made.get(index)
        if made is None:
            made = [self._strip(line) for line in self.blocks[index].lines(self._measured_width)]
            self._made[index] = made
        return made

    def _strip(self, line: Line) -> Strip:
        return Strip(Segment(piece.text, self._style(piece.style)) for piece in line)

    def _style(self, name: str) -> Style:
        """Return how a piece looks, without a background: that is the line's."""
        if name not in self._styles:
            full = self.get_component_rich_style(f"line--{name}") if name else Style()
            self._styles[name] = full.without_color + Style(color=full.color)
        return self._styles[name]
