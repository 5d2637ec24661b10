"""A list of blocks with a cursor; the base of queue, transcript, suggestions and lists."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, ClassVar

from agentassist.tui.widgets.measured import STYLES, Block, MeasuredList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

__all__ = ["STYLES", "Block", "BlockList"]


class BlockList(MeasuredList):
    """Shows blocks, and a cursor that stands on one of those that can be chosen."""

    CURSOR_NEEDS_FOCUS: ClassVar[bool] = False
    """Whether the cursor is shown only while the list has the focus."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.cursor: int | None = None

    def set_blocks(self, blocks: Sequence[Block]) -> None:
        """Show these blocks; the cursor stays on the block with the same key, or near where it was."""
        key = self.cursor_key
        self.blocks = list(blocks)
        self._place_cursor(key)
        self.measure()

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

    def block_under(self, event: events.MouseEvent) -> int | None:
        """Return the index of the block under the mouse, None when there is none, as on the border."""
        inside = event.get_content_offset(self)
        return self.block_at(inside.y + self.scroll_offset.y) if inside is not None else None

    def on_resize(self) -> None:
        """Wrap anew when the width has changed, and keep the cursor in view."""
        if self.line_width != self._measured_width:
            self.measure()
        self.reveal()

    def is_chosen(self, index: int, line: int) -> bool:  # noqa: ARG002
        """Say whether line number `line` of a block is to be painted as chosen."""
        shown = self.has_focus or not self.CURSOR_NEEDS_FOCUS
        return shown and index == self.cursor and self._blocks[index].selectable
