"""Asks for what a snippet needs to know: one line each, and how the text reads with them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from agentassist.errors import UsageError
from agentassist.kb.snippets import VALUE_LIMIT, fill
from agentassist.text import clean
from agentassist.tui.screens.dialog import LinesDialog
from agentassist.tui.widgets.lines import label
from agentassist.tui.widgets.status import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.app import ComposeResult

    from agentassist.kb.snippets import Filled
    from agentassist.models import Snippet

WORDS = {
    "customer.name": "Customer's name",
    "customer.first_name": "Customer's first name",
    "agent.name": "Your name",
    "order.number": "Order number",
    "article.title": "Title of the article",
    "article.url": "Link of the article",
    "follow_up.time": "When you come back",
    "product": "Product",
    "serial": "Serial number",
}
"""What a variable is called when it is asked for."""
PREVIEW_LIMIT = 4_000


class SnippetScreen(LinesDialog):
    """Asks for the variables that are not known, with the text below as it will read.

    Args:
        snippet: what is filled in.
        values: what is known; see `session.variables.known`.
        put: gets the filled text once nothing is missing; closing the dialog otherwise leaves nothing behind.
    """

    DEFAULT_CSS = """
    SnippetScreen .dialog { padding: 0 2; }
    SnippetScreen #snippet-preview { height: auto; max-height: 12; background: transparent; padding: 0; }
    SnippetScreen #snippet-text { height: auto; }
    """
    AUTO_FOCUS = "#value-0"

    def __init__(self, snippet: Snippet, values: Mapping[str, str], put: Callable[[str], None]) -> None:
        super().__init__()
        self._snippet = snippet
        self._values = values
        self._put = put
        self._asked = fill(snippet, values).asked
        self._text = Static("", id="snippet-text", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out one line for each variable, and the text below."""
        with Vertical(classes="dialog", id="snippet") as dialog:
            dialog.border_title = Content(label(self._snippet.title, 60))
            for number, name in enumerate(self._asked):
                first = " -first" if number == 0 else ""
                yield Static(Content(label(WORDS.get(name, name), 60)), classes=f"label{first}", markup=False)
                yield Input(id=f"value-{number}", max_length=VALUE_LIMIT)
            yield Static("How it reads", classes="label", markup=False)
            yield VerticalScroll(self._text, id="snippet-preview", can_focus=False)
            yield Note(id="dialog-note")
            yield Static("⏎ next, then puts it in · Esc leaves the reply as it is", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Begin with the first."""
        super().on_mount()
        self._preview()

    def filled(self) -> Filled:
        """Return the text with what was typed so far."""
        typed = {name: self.query_one(f"#value-{number}", Input).value for number, name in enumerate(self._asked)}
        return fill(self._snippet, {**self._values, **typed})

    def _preview(self) -> None:
        """Show how it reads; what is still missing stands out."""
        filled = self.filled()
        parts: list[Content] = []
        at = 0
        for place in filled.missing:
            parts.append(Content(clean(filled.text[at : place.start])))
            parts.append(Content.styled(clean(filled.text[place.start : place.end]), "bold reverse $text-warning"))
            at = place.end
        parts.append(Content(clean(filled.text[at:], limit=PREVIEW_LIMIT)))
        self._text.update(Content("").join(parts))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show how it reads now."""
        event.stop()
        self._preview()

    def left(self, line: Input, following: Input) -> None:
        """Come back to the line once it is known to be empty."""
        self.when_typed(partial(self._back_to_empty, line, following), line=line)

    def _back_to_empty(self, line: Input, following: Input) -> None:
        """Stay where nothing was typed, now that this is known."""
        if not line.value.strip() and self.focused is following and not following.value:
            self.set_focus(line)

    def _first_empty(self) -> Input | None:
        missing = self.filled().asked
        numbers = (number for number, name in enumerate(self._asked) if name in missing)
        return next((self.query_one(f"#value-{number}", Input) for number in numbers), None)

    async def save(self) -> None:
        """Hand the text on.

        Raises:
            UsageError: something is missing; the cursor is on it.
        """
        if (empty := self._first_empty()) is not None:
            empty.focus()
            name = self._asked[int((empty.id or "").rpartition("-")[2])]
            raise UsageError(f"{WORDS.get(name, name)} is missing", "Fill it in, or Esc.")
        self.app.call_later(self._put, self.filled().text)
