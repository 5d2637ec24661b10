"""One entry in full, however long it is."""

from __future__ import annotations

import unicodedata
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from agentassist.text import clean, counted
from agentassist.tui.commands import bindings
from agentassist.tui.registry import Scope
from agentassist.tui.screens.desk_entries import copy, say_for_a_while
from agentassist.tui.screens.dialog import Dialog
from agentassist.tui.screens.work import begin
from agentassist.tui.widgets import words
from agentassist.tui.widgets.blocks import Block, BlockList
from agentassist.tui.widgets.entry_lines import MARKS, entry_text
from agentassist.tui.widgets.lines import Piece, wrap
from agentassist.tui.widgets.status import Note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from agentassist.config import Config
    from agentassist.models import Entry
    from agentassist.tui.widgets.entry_lines import Voice
    from agentassist.tui.widgets.lines import Line

STRETCH = 2_000
"""Characters that are cleaned and wrapped at a time: even of the worst text less than the time of a frame."""
LONGEST_GRAPHEME = 32
"""Characters past a stretch that may belong to its last letter."""


def stretches(text: str) -> Iterator[str]:
    """Cut a text into pieces of about `STRETCH` characters that can be shown below each other.

    It is cut at a line's end where it can be, else at a space, else anywhere but inside a letter.

    Args:
        text: anything at all; joined again, the pieces are all of it but the newlines that were cut at.
    """
    start, size = 0, len(text)
    while start < size:
        end = min(start + STRETCH, size)
        if end < size:
            cut = text.rfind("\n", start, end)
            if cut > start:
                yield text[start:cut]
                start = cut + 1
                continue
            space = text.rfind(" ", start, end)
            end = space + 1 if space > start else _letter_end(text, end)
        yield text[start:end]
        start = end


def _letter_end(text: str, end: int) -> int:
    for index in range(end, min(end + LONGEST_GRAPHEME, len(text))):
        joined = "\u200d" in (text[index], text[index - 1]) or text[index - 1 : index + 1] == "\r\n"
        if not joined and unicodedata.category(text[index]) not in ("Mn", "Me", "Mc", "Sk", "Cf"):
            return index
    return end


class TextReader(BlockList):
    """Shows a text of any length; only what is on screen is cleaned and laid out at once."""

    LONG = True
    DEFAULT_CSS = """
    TextReader { height: auto; background: $surface !important; }
    """

    def show(self, text: str) -> None:
        """Show a text from its beginning."""
        self.set_blocks([Block(str(number), partial(_lines, part)) for number, part in enumerate(stretches(text))])


def _lines(part: str, width: int) -> Sequence[Line]:
    text = clean(part, limit=20 * STRETCH)
    return [(Piece(text[start:end]),) for start, end in wrap(text, width)]


class EntryScreen(Dialog):
    """Shows who said what and when, and all of it.

    Args:
        entry: any kind.
        voice: who reads.
        now: for the name of the day.
        config: whether copying is turned on.
    """

    DEFAULT_CSS = """
    EntryScreen #entry { width: 96%; max-width: 120; max-height: 94%; }
    EntryScreen #entry-head { height: auto; margin: 0 0 1 0; color: $foreground 70%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.ENTRY)]
    AUTO_FOCUS = "#entry-text"

    def __init__(self, entry: Entry, voice: Voice, now: datetime, config: Config) -> None:
        super().__init__()
        self._text = entry_text(entry)
        self._config = config
        self._title = f"{MARKS[entry.author]} {voice.name(entry)}"
        day = words.day(entry.at, now, voice.zone)
        size = counted(len(self._text), "character") if len(self._text) > STRETCH else ""
        told = [f"{day} {words.clock_time(entry.at, voice.zone)}", f"entry {entry.seq}", size]
        self._head = " · ".join(filter(None, told))
        self.reader = TextReader(id="entry-text")

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        with Vertical(classes="dialog", id="entry") as dialog:
            dialog.border_title = Content(self._title)
            dialog.border_subtitle = "y copies · Esc closes"
            yield Static(Content(self._head), id="entry-head", markup=False)
            yield self.reader
            yield Note(id="dialog-note")

    def on_mount(self) -> None:
        """Show the text."""
        super().on_mount()
        self.reader.show(self._text or "(no words)")
        self.on_resize()

    def on_resize(self) -> None:
        """Take as many lines as there are, but no more than fit."""
        self.reader.styles.max_height = max(self.app.size.height * 94 // 100 - 8, 3)

    def action_copy_entry(self) -> None:
        """Copy all of it."""
        begin(self, self._copy, group="copy", exclusive=True)

    async def _copy(self) -> None:
        say_for_a_while(self.query_one("#dialog-note", Note), await copy(self, self._config, self._text))

    def action_save(self) -> None:
        """Close it: there is nothing to save."""
        self.go()
