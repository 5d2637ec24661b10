"""A hint at the foot of the desk."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.widgets import Static

from agentassist.text import clean_line

LINES = 2
"""So many lines a hint takes at most."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to try next.

    Attributes:
        mark: how far one is, such as `1/3`.
        full: the whole, for a wide desk.
        short: what is said where the whole takes more than two lines.
        hide: how to be rid of it.
    """

    mark: str
    full: str
    short: str
    hide: str


class Hint(Static):
    """Says what to try next; takes no room when there is nothing to say, and never the focus."""

    DEFAULT_CSS = """
    Hint {
        height: auto;
        max-height: 2;
        padding: 0 1;
        background: $accent 20%;
        color: $foreground;
    }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self.display = False
        self.advice: Advice | None = None

    def say(self, advice: Advice | None) -> None:
        """Show a hint; None hides it."""
        if advice != self.advice:
            self.advice = advice
            self.display = advice is not None
            self._show()

    def on_resize(self) -> None:
        """Say it shorter where there is less room."""
        self._show()

    def _show(self) -> None:
        advice = self.advice
        if advice is None:
            self.update(Content(""))
            return
        mark, hide = (f"{advice.mark} ", "bold $text-accent"), (f"  {advice.hide}", "$foreground 70%")
        words = clean_line(advice.full)
        if len(Content.assemble(mark, words, hide).wrap(max(self.content_size.width, 1))) > LINES:
            words = clean_line(advice.short)
        self.update(Content.assemble(mark, words, hide))
