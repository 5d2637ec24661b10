"""The line of keys at the foot of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Footer
from textual.widgets._footer import FooterKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult


class KeyFooter(Footer):
    """Shows as many keys as fit in whole; the help has the rest. Textual's own is cut in the middle of a word.

    Args:
        offers: says of an action whether its key is shown; one that is not works all the same, and says why not.
    """

    def __init__(self, offers: Callable[[str], bool]) -> None:
        super().__init__(show_command_palette=False)
        self._offers = offers
        self._laid_out: tuple[object, ...] | None = None

    async def recompose(self) -> None:
        """Lay the keys out anew, when they are others than before: each change of focus asks, and most change none."""
        active = self.screen.active_bindings.values()
        keys = tuple(
            (item.binding, item.enabled, item.tooltip, self._offers(item.binding.action))
            for item in active
            if item.binding.show
        )
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
        for key in self.query(FooterKey):
            offered = self._offers(key.action)
            left -= key.get_content_width(self.size, self.size) if offered else 0
            key.display = offered and left >= 0
