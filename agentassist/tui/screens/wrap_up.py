"""How a conversation ended: a disposition, which is required, and a summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static, TextArea
from textual.widgets.option_list import Option

from agentassist.errors import UsageError
from agentassist.tui.commands import bindings
from agentassist.tui.registry import Scope
from agentassist.tui.screens.dialog import Dialog
from agentassist.tui.widgets.lines import label
from agentassist.tui.widgets.status import Note

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from agentassist.models import Disposition


class WrapUpScreen(Dialog):
    """Asks how it ended. Nothing is chosen beforehand, so that nobody closes with a code they did not mean.

    Args:
        customer: whose conversation it is.
        dispositions: the codes to choose from.
        keep: closes the conversation, or raises AgentAssistError.
        unsent: what the composer still holds; closing deletes it, so it is said and closing is asked for twice.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.WRAP_UP)]

    def __init__(
        self,
        customer: str,
        dispositions: Sequence[Disposition],
        keep: Callable[[str, str], Awaitable[None]],
        unsent: str = "",
    ) -> None:
        super().__init__()
        self._customer = customer
        self._dispositions = tuple(dispositions)
        self._keep = keep
        self._unsent = unsent.strip()
        self._asked = False
        self._chosen: int | None = None

    def compose(self) -> ComposeResult:
        """Lay out the codes and the summary."""
        with Vertical(classes="dialog", id="wrap-up") as dialog:
            dialog.border_title = Content(f"Wrap up · {label(self._customer, 40)}")
            if self._unsent:
                words = (
                    f"“{label(self._unsent, 48)}”\nYour unsent reply goes when you close. Esc to go back and send it."
                )
                yield Static(words, classes="unsent", id="unsent", markup=False)
            yield Static("How did it end?", classes="label -first", markup=False)
            yield OptionList(*self._options(), id="disposition", markup=False, compact=True)
            yield Static("Summary", classes="label", markup=False)
            yield TextArea(id="summary", placeholder="What was it about, what was done? (optional)", compact=True)
            yield Note(id="dialog-note")
            yield Static(
                "1–9 choose · ⏎ closes · Tab summary · ^S closes · Esc cancels",
                classes="keys",
                markup=False,
            )

    def on_mount(self) -> None:
        """Begin with nothing chosen."""
        super().on_mount()
        choices = self.query_one("#disposition", OptionList)
        choices.highlighted = None
        choices.focus()

    def on_key(self, event: events.Key) -> None:
        """Choose by number while the list has the focus."""
        choices = self.query_one("#disposition", OptionList)
        if choices.has_focus and event.character and event.character in "123456789":
            number = int(event.character)
            if number <= len(self._dispositions):
                choices.highlighted = number - 1
                event.stop()

    def on_option_list_option_selected(self, _: OptionList.OptionSelected) -> None:
        """Close with the chosen one."""
        self.action_save()

    async def save(self) -> None:
        """Close the conversation."""
        highlighted = self.query_one("#disposition", OptionList).highlighted
        if highlighted is None:
            raise UsageError("Choose how it ended", "A number, or ↑ ↓.")
        if self._unsent and not self._asked:
            self._asked = True
            self.be_deaf()
            raise UsageError("Your reply is not sent", "Press ⏎ or ^S again to close without it, Esc to go back.")
        await self._keep(self._dispositions[highlighted].code, self.query_one("#summary", TextArea).text.strip())

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Mark the chosen one with a sign, so that it is told from the others without colour."""
        choices = event.option_list
        before, self._chosen = self._chosen, choices.highlighted  # the event may be older than the choice
        for index in {index for index in (before, self._chosen) if index is not None}:
            prompt = self._prompt(index, chosen=index == self._chosen)
            choices.replace_option_prompt_at_index(index, prompt)

    def _prompt(self, index: int, *, chosen: bool) -> Content:
        item = self._dispositions[index]
        return Content.assemble(
            ("▸" if chosen else " ", "bold $text-accent"),
            (f"{index + 1} " if index < 9 else "  ", "$text-accent"),
            label(item.label or item.code, 80),
        )

    def _options(self) -> list[Option]:
        return [
            Option(Content("").join([self._prompt(index, chosen=False)])) for index in range(len(self._dispositions))
        ]
