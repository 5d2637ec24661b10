"""A hint at the foot of the desk."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Hint(Static):
    """Says what to try next; takes no room when there is nothing to say."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self.display = False

    def say(self, content: Content | None) -> None:
        """Show a hint; None hides it."""
        self.display = content is not None
        self.update(content or Content(""))
