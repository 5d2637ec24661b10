"""One line above the suggestions: whether a guide or a person serves the customer better."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from agentassist.text import clean_line

if TYPE_CHECKING:
    from textual import events

    from agentassist.friction.advice import Advice

MARKS = {"digital": "▤", "person": "◆", "none": "·"}
"""Told apart without colour; an article and an agent have these marks in a conversation, too."""


def headline(advice: Advice) -> str:
    """Return an advice on one line: which way, by which channel, and why; clean."""
    by = f"By {clean_line(advice.channel, limit=20)}: " if advice.channel not in ("", "chat") else ""
    return f"{MARKS[advice.direction.value]} {by}{clean_line(advice.reason, limit=300)}"


class AdviceLine(Static):
    """Says it in one line, cut where the panel ends; takes no room when there is nothing to say, never the focus."""

    DEFAULT_CSS = """
    AdviceLine { height: 1; padding: 0 1; text-overflow: ellipsis; text-wrap: nowrap; color: $foreground 70%; }
    AdviceLine.-digital { color: $text-success; }
    AdviceLine.-person { color: $text-warning; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self.display = False
        self.told = ""

    def show(self, advice: Advice | None) -> None:
        """Show an advice; None, or one without a reason, hides the line."""
        self.told = headline(advice) if advice is not None and advice.reason else ""
        self.display = bool(self.told)
        for direction in MARKS:
            self.set_class(advice is not None and advice.direction.value == direction, f"-{direction}")
        self.update(Content(self.told))

    async def on_click(self, event: events.Click) -> None:
        """Say it in full."""
        event.stop()
        await self.run_action("screen.advice")
