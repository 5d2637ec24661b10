"""One line below the suggestions: how many past conversations are like the open one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from agentassist.text import counted

if TYPE_CHECKING:
    from textual import events


class SimilarLine(Static):
    """Says how many there are, and the key that lists them; takes no room when there are none, and never the focus."""

    DEFAULT_CSS = """
    SimilarLine { height: 1; padding: 0 1; color: $foreground 70%; text-overflow: ellipsis; text-wrap: nowrap; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self.display = False
        self.told = ""

    def show(self, number: int, solved: int, key: str) -> None:
        """Show how many there are, and how many of them ended solved; 0 hides the line."""
        some = counted(number, "similar conversation")
        which = "" if solved in (0, number) else f", {solved} solved"
        # The key first where the panel is narrow: the number of the solved is what can be done without.
        self.told = f"{some}: {key}{which}" if number else ""
        self.display = bool(number)
        self.update(Content(self.told))

    async def on_click(self, event: events.Click) -> None:
        """List them."""
        event.stop()
        await self.run_action("screen.similar")
