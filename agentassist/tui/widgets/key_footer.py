"""The line of keys at the foot of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.widgets import Footer

if TYPE_CHECKING:
    from textual.app import ComposeResult


class KeyFooter(Footer):
    """Shows as many keys as fit in whole; the help has the rest. Textual's own is cut in the middle of a word."""

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
