"""The line of keys at the foot of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.widgets import Footer

if TYPE_CHECKING:
    from textual.app import ComposeResult


class KeyFooter(Footer):
    """Shows as many keys as fit in whole; the help has the rest. Textual's own is cut in the middle of a word."""

    _laid_out: tuple[object, ...] | None = None

    async def recompose(self) -> None:
        """Lay the keys out anew, when they are others than before: each change of focus asks, and most change none."""
        active = self.screen.active_bindings.values()
        keys = tuple((item.binding, item.enabled, item.tooltip) for item in active if item.binding.show)
        if keys != self._laid_out:
            self._laid_out = keys
            await super().recompose()

    def compose(self) -> ComposeResult:
        """Lay out what fits."""
        yield from super().compose()
        self.call_after_refresh(self.fit)

    def on_resize(self) -> None:
        """Fit the keys to the new width."""
        self.fit()

    def fit(self) -> None:
        """Show keys from the left until one does not fit."""
        left = self.size.width
        for key in self.query("FooterKey").results(Widget):
            left -= key.get_content_width(self.size, self.size)
            key.display = left >= 0
