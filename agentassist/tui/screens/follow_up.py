"""A promise to come back: when in plain words, echoed as an exact time before it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Checkbox, Input, Static

from agentassist.errors import UsageError
from agentassist.text import clean_line
from agentassist.tui.screens.dialog import Dialog
from agentassist.tui.widgets.lines import label
from agentassist.tui.widgets.status import Note

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import ComposeResult

    from agentassist.session.when import When


class Tick(Checkbox):
    """A checkbox that is told apart without colour: [x] when it is on, [ ] when it is off."""

    @property
    def _button(self) -> Content:
        """The box; Textual's own draws the same glyph in another colour."""
        return Content.styled("[x]" if self.value else "[ ]", self.get_visual_style("toggle--button"))


class FollowUpScreen(Dialog):
    """Asks when, why, and whether a reply settles it.

    Args:
        customer: whom it is about.
        read: makes a moment of words, or raises UsageError.
        keep: saves it, or raises AgentAssistError.
    """

    def __init__(
        self, customer: str, read: Callable[[str], When], keep: Callable[[When, str, bool], Awaitable[None]]
    ) -> None:
        super().__init__()
        self._customer = customer
        self._read = read
        self._keep = keep

    def compose(self) -> ComposeResult:
        """Lay out the three questions."""
        with Vertical(classes="dialog", id="follow-up") as dialog:
            dialog.border_title = Content(f"Follow-up · {label(self._customer, 40)}")
            yield Static("When", classes="label -first", markup=False)
            yield Input(placeholder="tomorrow 9 · in 2 hours · fri 15:00", id="when")
            yield Static("Say when in your own words.", classes="echo -wrong", id="echo", markup=False)
            yield Static("Note", classes="label", markup=False)
            yield Input(placeholder="what you promised", id="what", max_length=500)
            yield Tick("only if the customer has not replied by then", id="only", compact=True)
            yield Note(id="dialog-note")
            yield Static("⏎ next, then saves · ^S saves · Esc cancels", classes="keys", markup=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Echo the moment as it will be saved."""
        if event.input.id != "when":
            return
        self.query_one("#dialog-note", Note).say("")
        echo = self.query_one("#echo", Static)
        try:
            said, wrong = self._read(event.value).words, False
        except UsageError as error:
            said, wrong = (str(error) if event.value.strip() else "Say when in your own words."), True
        echo.update(Content(clean_line(said, limit=200)))
        echo.set_class(wrong, "-wrong")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go from the time to the note, and from the note to the end."""
        if event.input.id == "when":
            self.query_one("#what", Input).focus()
        else:
            self.action_save()

    async def save(self) -> None:
        """Save the promise."""
        when = self._read(self.query_one("#when", Input).value)
        await self._keep(when, self.query_one("#what", Input).value.strip(), self.query_one("#only", Checkbox).value)
