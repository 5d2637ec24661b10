"""A long list that is read: the cursor goes by entries and screens, and line by line through what is higher."""

from __future__ import annotations

from agentassist.tui.widgets.blocks import BlockList


class TextList(BlockList):
    """Moves the cursor and the view together; the base of the transcript."""

    LONG = True
    CURSOR_NEEDS_FOCUS = True

    @property
    def at_end(self) -> bool:
        """Whether the newest line is on screen."""
        return self._heights.end == len(self.blocks) and self.scroll_offset.y >= self.max_scroll_y - 1

    def action_end(self) -> None:
        """Go to the newest entry."""
        self.cursor = self.last_choice
        if self._heights.end < len(self.blocks):
            self.measure()
        self.refresh()
        self.scroll_end(animate=False, immediate=True, force=True)

    def action_home(self) -> None:
        """Go to the very start."""
        self.cursor = self.choice_near(0)
        if not self.is_measured(0):
            self.measure(around=0)
        self.refresh()
        self.scroll_home(animate=False, immediate=True, force=True)

    def action_cursor_up(self) -> None:
        """Go to the entry above; through one that is higher than the screen line by line."""
        if not self._step_inside(-1):
            super().action_cursor_up()

    def action_cursor_down(self) -> None:
        """Go to the entry below; through one that is higher than the screen line by line."""
        if not self._step_inside(1):
            super().action_cursor_down()

    def _step_inside(self, step: int) -> bool:
        """Show more of an entry that goes on beyond the screen; say whether it did."""
        if self.cursor is None or not self.is_measured(self.cursor):
            return False
        top, bottom = self.top_of(self.cursor), self.top_of(self.cursor + 1)
        above, below = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        hidden = min(bottom - below, self.size.height // 2) if step > 0 else min(above - top, self.size.height // 2)
        if bottom - top <= self.size.height or hidden <= 0 or bottom <= above or top >= below:
            return False
        self.scroll_to(y=above + step * hidden, animate=False, force=True)
        return True

    def action_page_up(self) -> None:
        """Go up by a screen."""
        self._page(-1)

    def action_page_down(self) -> None:
        """Go down by a screen."""
        self._page(1)

    def _page(self, step: int) -> None:
        """Scroll by a screen, with the cursor at the same height on it."""
        page = max(self.size.height - 1, 1)
        y = self.scroll_offset.y
        target = min(max(y + step * page, 0), self.max_scroll_y)
        if target == y or self.cursor is None or not self.is_measured(self.cursor):
            self.move_cursor(self.choice_near(0 if step < 0 else len(self.blocks)))
            return
        inside = min(max(self.top_of(self.cursor) - y, 0), self.size.height - 1)
        self.scroll_to(y=target, animate=False, force=True, immediate=True)
        at = self.block_at(target + inside)
        found = self.choice_near(at) if at is not None else self.cursor
        if target in (0, self.max_scroll_y) and found == self.cursor:
            found = self.choice_near(0 if step < 0 else len(self.blocks))
        self.cursor = found
        self.refresh()
