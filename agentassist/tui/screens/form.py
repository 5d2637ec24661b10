"""A form that customer and agent fill together, each field saved by itself, with its author."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from agentassist.errors import AgentAssistError, FlowInputError, UsageError
from agentassist.models import Author
from agentassist.text import clean_line
from agentassist.tui.commands import bindings
from agentassist.tui.registry import Scope
from agentassist.tui.screens.dialog import LinesDialog
from agentassist.tui.screens.work import begin
from agentassist.tui.timers import every
from agentassist.tui.widgets.lines import label
from agentassist.tui.widgets.status import Note

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from agentassist.flows.walk import FieldState, FormState
    from agentassist.models import Entry
    from agentassist.session.forms import SharedForm

LOOK_SECONDS = 0.2
"""How often it is looked whether the customer has filled something; nothing is worked out unless there is an entry."""
LONGEST = 2_000


@dataclass
class Line:
    """One field on the screen.

    Attributes:
        state: as it is stored.
        wrong: why what was typed is not saved; empty when nothing was refused.
        saving: what is being saved now, None for nothing.
    """

    state: FieldState
    head: Static
    input: Input
    below: Static
    wrong: str = ""
    saving: str | None = None

    @property
    def typed(self) -> str:
        """What stands in the input, as it would be saved."""
        return self.input.value.strip()

    @property
    def changed(self) -> bool:
        """Whether something was typed that is not saved."""
        return self.typed != clean_line(self.state.value, limit=LONGEST)


class FormScreen(LinesDialog):
    """Shows each field with its author, and whether it is right. What the customer fills meanwhile appears by itself.

    Args:
        form: which.
        entries: gives those of the conversation as they are now.
        fill: saves one field, or raises AgentAssistError.
        submit: submits what is saved, or raises AgentAssistError.
        me: this agent.
        customer: what the customer is called, clean.
    """

    DEFAULT_CSS = """
    FormScreen .dialog { padding: 0 2; width: 76; }
    FormScreen #form-fields { height: auto; max-height: 100%; padding: 0; background: transparent; }
    FormScreen .question { height: auto; color: $foreground; text-style: bold; }
    FormScreen .head { height: auto; margin: 1 0 0 0; }
    FormScreen .below { height: auto; color: $text-warning; }
    .-low FormScreen .head { margin: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.SHARED_FORM)]
    AUTO_FOCUS = ""

    def __init__(
        self,
        form: SharedForm,
        entries: Callable[[], Sequence[Entry]],
        fill: Callable[[str, str], Awaitable[None]],
        submit: Callable[[], Awaitable[None]],
        *,
        me: str,
        customer: str,
    ) -> None:
        super().__init__()
        self._form = form
        self._entries = entries
        self._fill, self._submit = fill, submit
        self._submits = False
        self._me, self._customer = me, customer
        self._seen = self._last
        self._note = Note(id="dialog-note")
        self._lines = [
            Line(
                state,
                Static("", classes="head", markup=False),
                Input(clean_line(state.value, limit=LONGEST), id=f"field-{number}", max_length=LONGEST),
                Static("", classes="below", markup=False),
            )
            for number, state in enumerate(self._state().fields)
        ]

    @property
    def _last(self) -> int:
        entries = self._entries()
        return entries[-1].seq if entries else 0

    def _state(self) -> FormState:
        return self._form.state(tuple(self._entries()))

    def compose(self) -> ComposeResult:
        """Lay out two lines for each field."""
        with Vertical(classes="dialog", id="form") as dialog:
            dialog.border_title = Content(f"{label(self._form.flow.title, 40)} · with {label(self._customer, 24)}")
            question = label(self._form.node.text, 300)
            yield Static(Content(question), classes="question", markup=False)
            with VerticalScroll(id="form-fields", can_focus=False):
                for line in self._lines:
                    yield line.head
                    yield line.input
                    yield line.below
            yield self._note
            yield Static("⏎ saves the line, and goes on · ^D submits · Esc closes", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Begin with the first field that is not right; keep up with the customer."""
        super().on_mount()
        self._show(self._state())
        first = next((line for line in self._lines if line.state.problem), self._lines[0] if self._lines else None)
        if first is not None:
            self.set_focus(first.input)
        every(self, LOOK_SECONDS, self._look)

    # Keeping up

    def _look(self) -> None:
        """Show what was filled since; what is being typed stays."""
        if self._last != self._seen:
            self._seen = self._last
            self._show(self._state())

    def _show(self, state: FormState) -> None:
        for line, now in zip(self._lines, state.fields, strict=True):
            self._show_line(line, now)
        filled = sum(bool(item.value) for item in state.fields)
        told = "complete" if state.complete else f"{filled} of {len(state.fields)} filled"
        self.query_one("#form").border_subtitle = Content(f"{told} · {'open' if state.open else 'not asked now'}")

    def _show_line(self, line: Line, now: FieldState) -> None:
        """Show a field as it is stored now; an input in which something else was typed is left alone."""
        others = ""
        if now.value != line.state.value:
            if line.changed and now.value != line.typed:
                others = f"{self._who(now)} wrote: {label(now.value, 200) or '(nothing)'}"
            else:
                line.input.value = clean_line(now.value, limit=LONGEST)
                line.wrong = ""
        line.state = now
        line.head.update(Content("").join([self._head(now)]))
        told = line.wrong or others or (now.problem if now.value else "")
        line.below.update(Content(clean_line(told, limit=300)))
        line.below.display = bool(told)

    def _head(self, state: FieldState) -> Content:
        """Say what a field is, how it stands, and who filled it; told apart without colour."""
        field = state.field
        mark, style = ("✓", "$text-success") if state.value and not state.problem else ("·", "$foreground 70%")
        if state.problem:
            mark, style = ("✗", "bold $text-error") if state.value else ("!", "bold $text-warning")
        told = ["" if field.required else "can be left out", "private" if field.private else ""]
        told += [f"by {self._who(state)}" if state.author else "", label(field.hint, 80)]
        rest = " · ".join(part for part in told if part)
        return Content.assemble((f"{mark} ", style), label(field.label, 60), (f"  {rest}", "$foreground 70%"))

    def _who(self, state: FieldState) -> str:
        if state.author is Author.AGENT:
            return "you" if state.author_name == self._me else label(state.author_name, 30)
        return self._customer

    # Saving

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Save the line that was left."""
        line = next((line for line in self._lines if line.input is event.widget), None)
        if line is not None and self.is_active:
            self.when_typed(partial(self._keep, line), line=line.input)

    def _keep(self, line: Line) -> None:
        if line.changed and line.typed != line.saving:
            begin(self, self._kept, line, group="keep")

    async def _kept(self, line: Line) -> bool:
        """Save one line; say whether it is saved."""
        line.saving = line.typed
        try:
            await self._fill(line.state.field.id, line.saving)
        except FlowInputError as error:
            line.wrong = " ".join(error.fields.values())
            self._show(self._state())
            return False
        except AgentAssistError as error:
            self._note.fail(error, "not saved: ")
            return False
        finally:
            line.saving = None
        line.wrong = ""
        self._note.say("")
        self._look()
        return True

    def action_submit(self) -> None:
        """Save what is not saved yet, and submit the form; what is missing keeps it here."""
        if self.ready and not self._saving:
            self._submits = True
            self.action_save()

    async def save(self) -> None:
        """Save what is not saved yet; submit the form if that was asked for.

        Raises:
            AgentAssistError: something is not right; the cursor is on it.
        """
        submits, self._submits = self._submits, False
        for line in self._lines:
            if line.changed and not await self._kept(line):
                line.input.focus()
                raise UsageError(line.wrong or self._note.words or "not saved", "Correct it, or Esc leaves it.")
        if submits:
            self._need_all()
            await self._submit()

    def _need_all(self) -> None:
        """Go to the first line that keeps the form from being submitted.

        Raises:
            UsageError: there is one.
        """
        missing = next((line for line in self._lines if line.state.problem), None)
        if missing is not None:
            missing.input.focus()
            raise UsageError(f"not submitted: {missing.state.problem}", "Fill it in, or ask the customer.")
