"""Blocks of different heights, painted line by line, so that their cost does not grow with their number."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from agentassist.tui.timers import after
from agentassist.tui.widgets.heights import Heights

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.geometry import Region

    from agentassist.tui.widgets.lines import Line

SLICE_SECONDS = 0.004
"""How long blocks out of sight are measured at a time; well below the 16 ms of one frame."""

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


class MeasuredList(ScrollView, can_focus=True):
    """Shows blocks and knows where they are.

    A list that is `LONG` measures what is on screen at once and the rest in slices when nothing else is to do, so that
    it is on screen at once however long it is; one that is `FROM_END` begins at its end.
    """

    LONG: ClassVar[bool] = False
    FROM_END: ClassVar[bool] = False
    ONE_LINE: ClassVar[bool] = False
    """Whether every block has one line, so that there is nothing to measure."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line--{style}" for style in STYLES}
    ALLOW_SELECT = False

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._blocks: list[Block] = []
        self._choices: list[int] = []
        self._heights = Heights()
        self._slicing = False
        self._made: LRUCache[int, list[Strip]] = LRUCache(600)
        self._measured_width = 0
        self._styles: dict[str, Style] = {}
        self._line_style = Style()

    # What is shown

    @property
    def blocks(self) -> list[Block]:
        """What is shown, from the top; `measure` has to follow when it is set."""
        return self._blocks

    @blocks.setter
    def blocks(self, blocks: Sequence[Block]) -> None:
        self._blocks = list(blocks)
        self._choices = [index for index, block in enumerate(self._blocks) if block.selectable]

    def add_blocks(self, blocks: Sequence[Block]) -> None:
        """Show more blocks at the end."""
        reached = self._heights.end == len(self._blocks)
        for block in blocks:
            if block.selectable:
                self._choices.append(len(self._blocks))
            self._blocks.append(block)
            if self._measured_width and reached:
                self._heights.add_below(self._height_of(len(self._blocks) - 1))
        if self._measured_width:
            self._size_changed(0)
            self.refresh()

    # Measuring

    def measure(self, *, around: int | None = None) -> None:
        """Measure every block anew; of a long list at once only some screens around a block, or at its beginning."""
        self._made.clear()
        self._measured_width = self.line_width
        end = len(self._blocks)
        anchor = (around if around is not None else end if self.FROM_END else 0) if self.LONG else 0
        heights = self._heights = Heights(anchor)
        if self._measured_width:
            screen = 2 * max(self.size.height, 24) if self.LONG else None
            while heights.end < end and (screen is None or heights.total < screen):
                heights.add_below(self._height_of(heights.end))
            upwards = 0 if screen is None else heights.total + (screen if anchor == end else screen // 2)
            while heights.first > 0 and heights.total < upwards:
                heights.add_above(self._height_of(heights.first - 1))
            self.virtual_size = Size(self._measured_width, heights.total)
            self._go_on_measuring()
        self.refresh()

    @property
    def line_width(self) -> int:
        """The cells of one line, with room kept for the scrollbar; the last known ones while it is hidden."""
        return max(self.size.width - self.styles.scrollbar_size_vertical, 0)

    @property
    def fully_measured(self) -> bool:
        """Whether every block is in the height."""
        return self._heights.first == 0 and self._heights.end == len(self._blocks)

    def _height_of(self, index: int) -> int:
        if self.ONE_LINE:
            return 1
        # Most blocks of a long list are never seen: their lines are only counted.
        return len(self._blocks[index].lines(self._measured_width) if self.LONG else self._strips(index))

    def _go_on_measuring(self) -> None:
        if not self._slicing and not self.fully_measured:
            self._slicing = True
            after(self, 0.0, self._measure_slice)

    def _measure_slice(self) -> None:
        """Measure for the time of one slice: what is below, then what is above."""
        self._slicing = False
        if not self.app.animator.is_being_animated(self, "scroll_y"):
            heights, started = self._heights, perf_counter()
            before = heights.total
            while heights.end < len(self._blocks) and perf_counter() - started < SLICE_SECONDS:
                heights.add_below(self._height_of(heights.end))
            below = heights.total
            while heights.first > 0 and perf_counter() - started < SLICE_SECONDS:
                heights.add_above(self._height_of(heights.first - 1))
            if heights.total != before:
                self._size_changed(heights.total - below)
        self._go_on_measuring()

    def _size_changed(self, added_above: int) -> None:
        """Make the list as high as its blocks; what is on screen stays where it is.

        A new virtual size makes Textual lay out the whole screen, which takes longer than a slice. Nothing but the
        scrollbar changes, so only that is told.
        """
        size = Size(self._measured_width, self._heights.total)
        y = self.scroll_y + added_above
        if not self.show_vertical_scrollbar or size.height <= self.container_size.height:
            self.virtual_size = size
            if added_above:
                self.scroll_to(y=y, animate=False, force=True)
            return
        self.set_reactive(Widget.virtual_size, size)
        self.vertical_scrollbar.window_virtual_size = size.height
        if added_above:
            self.set_reactive(Widget.scroll_y, y)
            self.set_reactive(Widget.scroll_target_y, y)
            self.vertical_scrollbar.position = y

    # Where things are

    def top_of(self, index: int) -> int:
        """Return the first line of a measured block."""
        return self._heights.top(index)

    def block_at(self, y: int) -> int | None:
        """Return the index of the block that covers line `y` of the whole, None outside."""
        return self._heights.at(y)

    def is_measured(self, index: int) -> bool:
        """Say whether it is known where a block is."""
        return self._heights.first <= index < self._heights.end

    # Painting

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

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint what is visible; the first time before the size is told, so that the first picture is whole."""
        if not self._measured_width:
            self.measure()
        self._line_style = self.rich_style  # made anew whenever it is asked for
        return super().render_lines(crop)

    def is_chosen(self, index: int, line: int) -> bool:  # noqa: ARG002
        """Say whether line number `line` of a block is to be painted as chosen."""
        return False

    def render_line(self, y: int) -> Strip:
        """Paint one line of what is visible."""
        width = self.size.width
        line = y + self.scroll_offset.y
        index = self.block_at(line)
        if index is None:
            return Strip.blank(width, self._line_style)
        strips = self._strips(index)
        inside = line - self.top_of(index)
        if inside >= len(strips):
            return Strip.blank(width, self._line_style)
        style = self._line_style
        if self.is_chosen(index, inside):
            style += Style(bgcolor=self.get_component_rich_style("line--cursor").bgcolor)
        return strips[inside].adjust_cell_length(width, Style()).apply_style(style)

    def _strips(self, index: int) -> list[Strip]:
        made: list[Strip] | None = self._made.get(index)
        if made is None:
            made = [self._strip(line) for line in self._blocks[index].lines(self._measured_width)]
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
