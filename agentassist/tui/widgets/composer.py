"""Where a reply is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from agentassist.text import clean
from agentassist.tui.commands import bindings
from agentassist.tui.messages import DraftChanged, SendRequested
from agentassist.tui.registry import Scope

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType

PASTE_LIMIT = 100_000
"""The most characters that one paste puts into a reply."""


class Composer(TextArea):
    """A plain text box in which Enter sends."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.COMPOSER)]

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, placeholder="", compact=True, highlight_cursor_line=False)
        self._restored: str | None = None

    async def _on_key(self, event: events.Key) -> None:
        """Leave Enter to the bindings, since the text box would begin a new line; swallow letters that cannot be typed.

        While the box is read-only (a send is in work, the conversation is lost) a letter must not become a command.
        """
        if event.key == "enter":
            event.prevent_default()
        elif self.read_only and event.is_printable:
            event.prevent_default()
            event.stop()

    def check_consume_key(self, key: str, character: str | None = None) -> bool:  # noqa: ARG002
        """Claim the printable keys even while nothing can be typed, so that the footer does not offer them."""
        return character is not None and character.isprintable()

    async def _on_paste(self, event: events.Paste) -> None:
        """Paste without control characters: they must not reach a customer."""
        event.prevent_default()
        event.stop()
        if not self.read_only:
            self.insert(clean(event.text.replace("\r\n", "\n").replace("\r", "\n"), limit=PASTE_LIMIT))

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Tell that the agent has typed; what `restore` put here is no typing."""
        event.stop()
        if self.text != self._restored:
            self._restored = None
            self.post_message(DraftChanged(self.text))

    def restore(self, text: str) -> None:
        """Put a saved draft here, with the cursor at its end."""
        self._restored = text
        self.text = text
        self.move_cursor(self.document.end)

    def point_at(self, start: int, end: int) -> None:
        """Select the characters from `start` to `end`, so that typing replaces them."""
        self.selection = Selection(self._place(start), self._place(end))
        self.scroll_cursor_visible()

    def action_send(self) -> None:
        """Ask to send what is written."""
        if not self.read_only:
            # The empty line that an inserted link leaves behind it is for the writer, not for the customer.
            self.post_message(SendRequested(self.text.rstrip()))

    def action_newline(self) -> None:
        """Begin a new line."""
        if not self.read_only:
            self.insert("\n")

    def put_in(self, text: str) -> None:
        """Put text at the cursor on lines of its own, and go on below: what is typed next must not stick to a link."""
        row, column = self.cursor_location
        line = self.document.get_line(row)
        before = "\n" if line[:column].strip() else ""
        self.insert(f"{before}{text}\n")

    def put_words(self, text: str) -> None:
        """Put words at the cursor, or in place of what is selected, in one edit that ctrl+z takes back whole."""
        start, end = sorted((self.selection.start, self.selection.end))
        before = self.document.get_line(start[0])[: start[1]]
        after = self.document.get_line(end[0])[end[1] :]
        lead = "" if not before or before[-1].isspace() else "\n" if "\n" in text else " "
        tail = "" if not after or after[0].isspace() else "\n" if "\n" in text else " "
        self.replace(f"{lead}{text}{tail}", start, end, maintain_selection_offset=False)
        self.scroll_cursor_visible()

    def _place(self, index: int) -> tuple[int, int]:
        before = self.text[:index]
        return before.count("\n"), len(before) - before.rfind("\n") - 1
