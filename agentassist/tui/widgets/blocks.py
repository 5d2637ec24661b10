"""A list of blocks of different heights, painted line by line, so that its cost does not grow with its length."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
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

    from textual import events
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


class BlockList(ScrollView, can_focus=True):
    """Shows blocks; the base of queue, transcript, suggestions and lists.

    A list that is `LONG` measures what is on screen at once and the rest in slices when nothing else is to do, so that
    it is on screen at once however long it is; one that is `FROM_END` begins at its end.
    """

    LONG: ClassVar[bool] = False
    FROM_END: ClassVar[bool] = False
    ONE_LINE: ClassVar[bool] = False
    """Whether every block has one line, so that there is nothing to measure."""
    CURSOR_NEEDS_FOCUS: ClassVar[bool] = False

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line--{style}" for style in STYLES}
    ALLOW_SELECT = False

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._blocks: list[Block] = []
        self._choices: list[int] = []
        self.cursor: int | None = None
        self._heights = Heights()
        self._slicing = False
        self._made: LRUCache[int, list[Strip]] = LRUCache(600)
        self._measured_width = 0
        self._styles: dict[str, Style] = {}

    # What is shown

    @property
    def blocks(self) -> list[Block]:
        """What is shown, from the top; `measure` has to follow when it is set."""
        return self._blocks

    @blocks.setter
    def blocks(self, blocks: Sequence[Block]) -> None:
        self._blocks = list(blocks)
        self._choices = [index for index, block in enumerate(self._blocks) if block.selectable]

    def set_blocks(self, blocks: Sequence[Block]) -> None:
        """Show these blocks; the cursor stays on the block with the same key, or near where it was."""
        key = self.cursor_key
        self.blocks = list(blocks)
        self._place_cursor(key)
        self.measure()

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

    def block_under(self, event: events.MouseEvent) -> int | None:
        """Return the index of the block under the mouse, None when there is none, as on the border."""
        inside = event.get_content_offset(self)
        return self.block_at(inside.y + self.scroll_offset.y) if inside is not None else None

    def is_measured(self, index: int) -> bool:
        """Say whether it is known where a block is."""
        return self._heights.first <= index < self._heights.end

    # The cursor

    @property
    def cursor_key(self) -> str | None:
        """The key of the block under the cursor."""
        return self._blocks[self.cursor].key if self.cursor is not None and self.cursor < len(self._blocks) else None

    @property
    def last_choice(self) -> int | None:
        """The last block that the cursor can stand on."""
        return self._choices[-1] if self._choices else None

    def _place_cursor(self, key: str | None) -> None:
        same = next((index for index in self._choices if self._blocks[index].key == key), None) if key else None
        self.cursor = same if same is not None else self.choice_near(self.cursor or 0)

    def choice_near(self, index: int, *, step: int = 0) -> int | None:
        """Return the block nearest to `index` that the cursor can stand on; with a step, the nearest that way from it.

        Args:
            index: where to look.
            step: 1 for the first after `index`, -1 for the last before it, 0 for either or itself.
        """
        after_it = bisect_right(self._choices, index) if step > 0 else bisect_left(self._choices, index)
        low = self._choices[after_it - 1] if after_it > 0 else None
        high = self._choices[after_it] if after_it < len(self._choices) else None
        if step:
            return high if step > 0 else low
        if low is None or high is None:
            return low if high is None else high
        return low if index - low < high - index else high

    def move_cursor(self, index: int | None) -> None:
        """Put the cursor on a block and bring it into view."""
        if index is None or index == self.cursor:
            return
        self.cursor = index
        self.refresh()
        self.reveal()

    def reveal(self) -> None:
        """Bring the block under the cursor into view; with the first one, what is above it too."""
        if self.cursor is None or not self._measured_width:
            return
        if not self.is_measured(self.cursor):
            self.measure(around=self.cursor)
        top, bottom = self.top_of(self.cursor), self.top_of(self.cursor + 1)
        if self.cursor == self._choices[0] and self._heights.first == 0:
            top = 0
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, force=True)
        elif bottom > self.scroll_offset.y + self.size.height:
            self.scroll_to(y=min(bottom - self.size.height, top), animate=False, force=True)

    def action_cursor_up(self) -> None:
        """Go to the one above."""
        self.move_cursor(self.choice_near(self.cursor or 0, step=-1))

    def action_cursor_down(self) -> None:
        """Go to the one below."""
        self.move_cursor(self.choice_near(-1 if self.cursor is None else self.cursor, step=1))

    def action_cursor_first(self) -> None:
        """Go to the first."""
        self.move_cursor(self._choices[0] if self._choices else None)

    def action_cursor_last(self) -> None:
        """Go to the last."""
        self.move_cursor(self.last_choice)

    def action_select(self) -> None:
        """Do with the block under the cursor what its list is for."""

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        index = self.block_under(event)
        if index is not None and self._blocks[index].selectable:
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

    def under_cursor(self, index: int, line: int) -> bool:  # noqa: ARG002
        """Say whether line number `line` of a block is to be painted as chosen."""
        return index == self.cursor and self._blocks[index].selectable

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint what is visible; the first time before the size is told, so that the first picture is whole."""
        if not self._measured_width:
            self.measure()
        return super().render_lines(crop)

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
        if (self.has_focus or not self.CURSOR_NEEDS_FOCUS) and self.under_cursor(index, inside):
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
