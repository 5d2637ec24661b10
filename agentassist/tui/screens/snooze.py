"""A follow-up that is moved: to one of a few usual times, or to one in own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from agentassist.errors import UsageError
from agentassist.tui.commands import bindings
from agentassist.tui.registry import Scope
from agentassist.tui.screens.dialog import Dialog
from agentassist.tui.screens.follow_up import LONGEST_WHEN, WhenEcho
from agentassist.tui.widgets.lines import label
from agentassist.tui.widgets.status import Note

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from agentassist.session.when import When

USUAL = ("in 1 hour", "in 3 hours", "tomorrow 9:00", "in 1 business day 9:00", "in 1 week 9:00")
"""What is offered; the first is taken by Enter alone."""
OWN_WORDS = "Enter takes the marked time above."


class SnoozeScreen(Dialog):
    """Asks for a later time.

    Args:
        about: whom or what it is about.
        was: when it is due until now, in words.
        read: makes a moment of words, or raises UsageError.
        keep: moves it, or raises AgentAssistError.
    """

    DEFAULT_CSS = """
    SnoozeScreen OptionList { margin: 1 0; }
    SnoozeScreen #was { color: $foreground 70%; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.LIST)]
    AUTO_FOCUS = "#when"

    def __init__(
        self, about: str, was: str, read: Callable[[str], When], keep: Callable[[When], Awaitable[None]]
    ) -> None:
        super().__init__()
        self._about = about
        self._was = was
        self._read = read
        self._keep = keep
        self._offered: list[tuple[str, When]] = []

    def compose(self) -> ComposeResult:
        """Lay out the usual times above the line for any other."""
        for phrase in USUAL:
            try:
                when = self._read(phrase)
            except UsageError:  # an hour that the clocks are put forward over: it is not offered
                continue
            if when.due not in [known.due for _, known in self._offered]:
                self._offered.append((phrase, when))
        with Vertical(classes="dialog", id="snooze") as dialog:
            dialog.border_title = Content(f"Later · {label(self._about, 50)}")
            yield Static(Content(label(f"Until now: {self._was}", 66)), id="was")
            times = OptionList(*(Option(Content("")) for _ in self._offered), id="usual", compact=True)
            times.can_focus = False
            yield times
            yield Input(placeholder="or in your own words: fri 15:00", id="when", max_length=LONGEST_WHEN)
            yield WhenEcho(self._read)
            yield Note(id="dialog-note")
            yield Static("↑↓ choose · ⏎ takes it · Esc cancels", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Begin with the first of the usual times."""
        self.query_one(OptionList).highlighted = 0 if self._offered else None
        self.query_one(WhenEcho).hear("", empty=OWN_WORDS)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Echo own words; while there are any, no usual time is marked."""
        self.query_one("#dialog-note", Note).say("")
        self.query_one(WhenEcho).hear(event.value, empty=OWN_WORDS)
        times = self.query_one(OptionList)
        if event.value.strip():
            times.highlighted = None
            self._show_marks()
        elif times.highlighted is None and self._offered:
            times.highlighted = 0

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show which one is marked, without colour too."""
        event.stop()
        self._show_marks()

    def _show_marks(self) -> None:
        times = self.query_one(OptionList)
        room = max((cell_len(phrase) for phrase, _ in self._offered), default=0)
        for index, (phrase, when) in enumerate(self._offered):
            mark = "▸ " if index == times.highlighted else "  "
            line = Content.assemble(mark, phrase.ljust(room + 2), (when.words, "dim"))
            times.replace_option_prompt_at_index(index, line)

    def action_cursor_up(self) -> None:
        """Mark the time above; own words give way to it."""
        self._mark(-1)

    def action_cursor_down(self) -> None:
        """Mark the time below; own words give way to it."""
        self._mark(1)

    def action_page_up(self) -> None:
        """Mark the first time."""
        self._mark(-len(USUAL))

    def action_page_down(self) -> None:
        """Mark the last time."""
        self._mark(len(USUAL))

    def _mark(self, by: int) -> None:
        times = self.query_one(OptionList)
        field = self.query_one("#when", Input)
        if field.value:
            field.value = ""
        if self._offered:
            at = times.highlighted
            times.highlighted = 0 if at is None else min(max(at + by, 0), len(self._offered) - 1)

    def action_pick(self) -> None:
        """Take what is typed, or else what is marked."""
        self.action_save()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the one that was clicked."""
        event.stop()
        self.query_one("#when", Input).value = ""
        event.option_list.highlighted = event.option_index
        self.action_save()

    async def save(self) -> None:
        """Move it."""
        text = self.query_one("#when", Input).value
        marked = self.query_one(OptionList).highlighted
        if text.strip() or marked is None:
            await self._keep(self._read(text))
        else:
            await self._keep(self._offered[marked][1])
