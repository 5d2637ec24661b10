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
from agentassist.tui.widgets.match import fits, folded
from agentassist.tui.widgets.status import Note

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from agentassist.models import Disposition

QUESTION = "How did it end?"


class WrapUpScreen(Dialog):
    """Asks how it ended. Nothing is chosen beforehand, so that nobody closes with a code they did not mean.

    Args:
        customer: whose conversation it is.
        dispositions: the codes to choose from.
        keep: closes the conversation, or raises AgentAssistError.
        unsent: what the composer still holds; closing deletes it, so it is said and closing is asked for twice.
        left: is told the summary when the dialog is left without closing and a person has written it, else None.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.WRAP_UP)]
    AUTO_FOCUS = "#disposition"

    def __init__(
        self,
        customer: str,
        dispositions: Sequence[Disposition],
        keep: Callable[[str, str], Awaitable[None]],
        unsent: str = "",
        *,
        left: Callable[[str | None], None] = lambda _: None,
    ) -> None:
        super().__init__()
        self._customer = customer
        self._dispositions = tuple(dispositions)
        self._keep = keep
        self._unsent = unsent.strip()
        self._left = left
        self._asked = False
        self._chosen: int | None = None
        self._filter = ""
        self._shown = list(range(len(self._dispositions)))
        self._drafted = ""
        self._edited = False
        self.summary = TextArea(
            id="summary", placeholder="What was it about, what was done? (optional)", compact=True, show_cursor=True
        )

    def compose(self) -> ComposeResult:
        """Lay out the codes and the summary."""
        with Vertical(classes="dialog", id="wrap-up") as dialog:
            dialog.border_title = Content(f"Wrap up · {label(self._customer, 40)}")
            if self._unsent:
                words = (
                    f"“{label(self._unsent, 48)}”\nYour unsent reply goes when you close. Esc to go back and send it."
                )
                yield Static(words, classes="unsent", id="unsent", markup=False)
            yield Static(QUESTION, classes="label -first", id="question", markup=False)
            yield OptionList(*self._options(), id="disposition", markup=False, compact=True)
            yield Static("Summary", classes="label", id="summary-label", markup=False)
            yield self.summary
            yield Note(id="dialog-note")
            yield Static(
                "1–9 or letters choose · ⏎ or ^S closes · Tab summary · Esc cancels",
                classes="keys",
                markup=False,
            )

    def on_mount(self) -> None:
        """Begin with nothing chosen."""
        super().on_mount()
        choices = self.query_one("#disposition", OptionList)
        choices.highlighted = None
        self._fit_height()

    def on_resize(self) -> None:
        """Use the room there is."""
        self._fit_height()

    def _fit_height(self) -> None:
        """Give the summary what the codes leave of the screen, and keep the dialog still while they are filtered."""
        codes = min(len(self._dispositions), 12)
        rest = 10 if self._unsent else 7  # the frame, the labels, the keys and what is said of an unsent reply
        self.summary.styles.height = min(max(int(self.app.size.height * 0.94) - codes - rest, 2), 5)
        if self.app.size.height >= 24:
            self.query_one("#disposition", OptionList).styles.min_height = codes

    # The summary

    def summarise(self, text: str, *, edited: bool = False) -> None:
        """Fill the summary in, unless a person has written one.

        Args:
            text: the summary.
            edited: a person has written it, earlier.
        """
        if not self._edited and self.summary.text == self._drafted:
            self._drafted = text
            self._edited = edited
            self.summary.load_text(text)
            self.summary.move_cursor(self.summary.document.end)
            self.summary.call_after_refresh(self.summary.scroll_home, animate=False, immediate=True)
            self._tell_summary()

    def on_text_area_changed(self, _: TextArea.Changed) -> None:
        """Note that a person has written: from then on the summary is theirs."""
        if self.summary.text != self._drafted:
            self._edited = True
        self._tell_summary()

    def _tell_summary(self) -> None:
        if self.is_mounted:
            drafted = bool(self._drafted) and not self._edited
            self.query_one("#summary-label", Static).update("Summary (drafted)" if drafted else "Summary")

    # The disposition

    def on_key(self, event: events.Key) -> None:
        """Choose by number, and filter by letters, while the list has the focus."""
        choices = self.query_one("#disposition", OptionList)
        if not choices.has_focus:
            return
        character = event.character or ""
        if character in tuple("123456789"):
            event.stop()
            if int(character) <= len(self._dispositions):
                self._narrow("")
                choices.highlighted = int(character) - 1
        elif event.key == "backspace" and self._filter:
            event.stop()
            self._narrow(self._filter[:-1])
        elif event.is_printable and character and (character != " " or self._filter):
            event.stop()
            event.prevent_default()
            self._narrow(self._filter + character)

    def _narrow(self, typed: str) -> None:
        """Show only what fits the letters, and choose the first of them."""
        if typed == self._filter:
            return
        self._filter = typed
        words = tuple(folded(typed).split())
        found = [(fits(words, folded(self._label(index))), index) for index in range(len(self._dispositions))]
        kept = [(match.score, index) for match, index in found if match is not None]
        self._shown = (
            [index for _, index in sorted(kept, key=lambda each: -each[0])] if words else list(range(len(found)))
        )
        choices = self.query_one("#disposition", OptionList)
        self._chosen = None
        choices.clear_options()
        for row in range(len(self._shown)):
            choices.add_option(Option(Content("").join([self._prompt(row, chosen=False)])))
        choices.highlighted = 0 if self._filter and self._shown else None
        said = f"{QUESTION} {label(typed, 30)}" + ("" if self._shown else " · nothing fits, ⌫")
        self.query_one("#question", Static).update(Content(said))

    def _label(self, index: int) -> str:
        item = self._dispositions[index]
        return label(item.label or item.code, 80)

    def on_option_list_option_selected(self, _: OptionList.OptionSelected) -> None:
        """Close with the chosen one."""
        self.action_save()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Mark the chosen one with a sign, so that it is told from the others without colour."""
        choices = event.option_list
        before, self._chosen = self._chosen, choices.highlighted  # the event may be older than the choice
        for row in {row for row in (before, self._chosen) if row is not None and row < len(self._shown)}:
            choices.replace_option_prompt_at_index(row, self._prompt(row, chosen=row == self._chosen))

    def _prompt(self, row: int, *, chosen: bool) -> Content:
        index = self._shown[row]
        return Content.assemble(
            ("▸" if chosen else " ", "bold $text-accent"),
            (f"{index + 1} " if index < 9 else "  ", "$text-accent"),
            self._label(index),
        )

    def _options(self) -> list[Option]:
        return [Option(Content("").join([self._prompt(row, chosen=False)])) for row in range(len(self._shown))]

    # The end

    async def save(self) -> None:
        """Close the conversation."""
        highlighted = self.query_one("#disposition", OptionList).highlighted
        if highlighted is None:
            raise UsageError("Choose how it ended", "A number, or ↑ ↓.")
        if self._unsent and not self._asked:
            self._asked = True
            self.be_deaf()
            raise UsageError("Your reply is not sent", "Press ⏎ or ^S again to close without it, Esc to go back.")
        await self._keep(self._dispositions[self._shown[highlighted]].code, self.summary.text.strip())

    def action_cancel(self) -> None:
        """Leave; what a person has written of the summary is there when they come back."""
        if not self._saving:
            self._left(self.summary.text if self._edited else None)
        super().action_cancel()
