"""A promise to come back: when in plain words, echoed as an exact time before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Checkbox, Input, Static

from agentassist.errors import AgentAssistError, UsageError
from agentassist.text import clean_line
from agentassist.tui.screens.dialog import LinesDialog
from agentassist.tui.screens.work import begin
from agentassist.tui.widgets import words
from agentassist.tui.widgets.lines import label
from agentassist.tui.widgets.status import Note

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime, tzinfo

    from textual.app import ComposeResult

    from agentassist.models import FollowUp
    from agentassist.session.when import When

LONGEST_WHEN = 100
"""Characters of a time in words; the longest that means something has half as many."""
SHOWN = 4
"""Lines of follow-ups that are there already."""
SAY_WHEN = "Say when in your own words."


class Tick(Checkbox):
    """A checkbox that is told apart without colour: [x] when it is on, [ ] when it is off."""

    @property
    def _button(self) -> Content:
        """The box; Textual's own draws the same glyph in another colour."""
        return Content.styled("[x]" if self.value else "[ ]", self.get_visual_style("toggle--button"))


class WhenEcho(Static):
    """Says what a time in words means, exactly, or why it is none."""

    def __init__(self, read: Callable[[str], When]) -> None:
        super().__init__(SAY_WHEN, classes="echo -wrong", id="echo", markup=False)
        self._read = read

    def hear(self, text: str, *, empty: str = SAY_WHEN) -> None:
        """Echo what was typed; `empty` is said while there is nothing."""
        try:
            said, wrong = self._read(text).words, False
        except UsageError as error:
            said, wrong = (f"{error.message.rstrip('.')}. {error.hint}" if text.strip() else empty), True
        self.update(Content(clean_line(said, limit=400)))
        self.set_class(wrong, "-wrong")


@dataclass(frozen=True, slots=True)
class Promise:
    """What was said in the dialog."""

    when: When
    note: str
    only_if_no_reply: bool
    owner: str


class FollowUpScreen(LinesDialog):
    """Asks when, why, who, and whether a reply settles it.

    Args:
        customer: whom it is about.
        agent: who comes back unless somebody else is named.
        read: makes a moment of words, or raises UsageError.
        keep: saves it, or raises AgentAssistError.
        known: the customer's follow-ups that are there already, with now and the zone to say them in.
    """

    DEFAULT_CSS = """
    FollowUpScreen #known { height: auto; color: $foreground 70%; margin: 0 0 1 0; }
    .-low FollowUpScreen #known { margin: 0; }
    """
    AUTO_FOCUS = "#when"

    def __init__(
        self,
        customer: str,
        agent: str,
        read: Callable[[str], When],
        keep: Callable[[Promise], Awaitable[None]],
        known: Callable[[], Awaitable[tuple[Sequence[FollowUp], datetime, tzinfo]]],
    ) -> None:
        super().__init__()
        self._customer = customer
        self._agent = agent
        self._read = read
        self._keep = keep
        self._known = known

    def compose(self) -> ComposeResult:
        """Lay out the questions."""
        with Vertical(classes="dialog", id="follow-up") as dialog:
            dialog.border_title = Content(f"Follow-up · {label(self._customer, 40)}")
            yield Static("", id="known", markup=False)
            yield Static("When", classes="label -first", markup=False)
            placeholder = "tomorrow 9 · in 2 business days · fri 15:00 their time"
            yield Input(placeholder=placeholder, id="when", max_length=LONGEST_WHEN)
            yield WhenEcho(self._read)
            yield Static("Note", classes="label", markup=False)
            yield Input(placeholder="what you promised", id="what", max_length=500)
            yield Static("Who comes back", classes="label", markup=False)
            yield Input(self._agent, id="owner", max_length=100)
            yield Tick("only if the customer has not replied by then", id="only", compact=True)
            yield Note(id="dialog-note")
            yield Static("⏎ next, then saves · ^S saves · Esc cancels", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Begin with the time, and look what was promised before."""
        self.query_one("#known").display = False
        begin(self, self._look, group="known")

    async def _look(self) -> None:
        try:
            items, now, zone = await self._known()
        except AgentAssistError as error:
            self.query_one("#dialog-note", Note).fail(error, "cannot read what was promised before: ")
            return
        known = self.query_one("#known", Static)
        known.display = bool(items)
        lines = ["Promised already:", *(f"  {self._line(item, now, zone)}" for item in items[:SHOWN])]
        if len(items) > SHOWN:
            lines.append(f"  and {len(items) - SHOWN} more")
        known.update(Content("\n".join(lines)))

    def _line(self, item: FollowUp, now: datetime, zone: tzinfo) -> str:
        who = "you" if item.owner == self._agent else label(item.owner, 20)
        only = ", only if no reply" if item.only_if_no_reply else ""
        return label(f"{words.due(item.due, now, zone)} · {who}{only} · {label(item.note, 100) or 'come back'}", 64)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Echo the moment as it will be saved."""
        if event.input.id == "when":
            self.query_one("#dialog-note", Note).say("")
            self.query_one(WhenEcho).hear(event.value)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave the key to the box to tick, which it ticks."""
        return action != "next_line" or isinstance(self.focused, Input)

    def action_next_line(self) -> None:
        """Go from the time to the note, and from there to the end; at once, since the next letters may be here."""
        if self.focused is self.query_one("#when"):
            self.set_focus(self.query_one("#what", Input))
        else:
            self.action_save()

    async def save(self) -> None:
        """Save the promise."""
        when = self._read(self.query_one("#when", Input).value)
        note = self.query_one("#what", Input).value.strip()
        owner = self.query_one("#owner", Input).value.strip() or self._agent
        await self._keep(Promise(when, note, self.query_one("#only", Checkbox).value, owner))
