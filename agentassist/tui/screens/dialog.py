"""What all dialogs share: a frame, an error line, and deaf first moments."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.screen import ModalScreen
from textual.widgets import Input

from agentassist.errors import AgentAssistError
from agentassist.tui.commands import bindings
from agentassist.tui.registry import Scope
from agentassist.tui.screens.work import begin
from agentassist.tui.timers import after
from agentassist.tui.widgets.status import Note

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType
    from textual.widget import Widget

DEAF_SECONDS = 0.3
"""A dialog decides nothing this soon after it opened: the key was meant for what was there before."""


class Dialog(ModalScreen[None]):
    """A dialog that stays open until what it saves is on disk.

    What it begins with is its `AUTO_FOCUS`: `focus()` comes a moment later, when the agent may be a line further.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.DIALOG)]

    def __init__(self) -> None:
        super().__init__()
        self.ready = False
        self._saving = False
        self._gone = False
        self._leaving = False

    def on_mount(self) -> None:
        """Listen after a moment, unless it was left before it was there."""
        self.be_deaf()
        self.call_later(self._go_now)

    def be_deaf(self) -> None:
        """Decide nothing for a moment: a key that is held down, or meant for what was there before, is no answer."""
        self.ready = False
        after(self, DEAF_SECONDS, self._listen)

    def _listen(self) -> None:
        self.ready = True

    def action_cancel(self) -> None:
        """Close it; nothing is changed."""
        if not self._saving:
            self.go()

    def go(self) -> None:
        """Close, once: as soon as it is there, and when another screen is on top of it, as soon as that one has gone.

        A screen that is taken away before it has its parts looks for them in vain.
        """
        if self.is_active and self.is_mounted and not self._gone:
            self._gone = True
            self.dismiss()
        else:
            self._leaving = True

    def on_screen_resume(self) -> None:
        """Close now, if it was to close while another screen was on top."""
        self._go_now()

    def _go_now(self) -> None:
        if self._leaving:
            self.go()

    def action_help(self) -> None:
        """Show every key, those of this dialog first; what was typed here stays."""
        from agentassist.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen())

    def action_save(self) -> None:
        """Save, and close when it is saved; the words stay until then."""
        if self.ready and not self._saving:
            self._saving = True
            self.when_typed(lambda: begin(self, self._save, group="save"))

    def when_typed(self, then: Callable[[], object], *, line: Widget | None = None) -> None:
        """Do something once an input knows all that was typed in it: some keys overtake letters.

        Args:
            then: what to do.
            line: the input; the one that has the focus unless another is named.
        """
        (line or self.focused or self).call_later(then)

    async def _save(self) -> None:
        try:
            await self.save()
        except AgentAssistError as error:
            self._saving = False
            note = self.query_one("#dialog-note", Note)
            note.fail(error)
            note.call_after_refresh(note.scroll_visible, animate=False, immediate=True)
        else:
            self.go()

    async def save(self) -> None:
        """Do what the dialog is for.

        Raises:
            AgentAssistError: it was not saved; the dialog stays and says so.
        """


class LinesDialog(Dialog):
    """A dialog with lines to fill in, one after the other."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.FORM)]

    def action_next_line(self) -> None:
        """Go to the next line; from the last one, save.

        It goes at once: the letters behind the key may be here already, and those before it are still on their way.
        """
        lines = [*self.query(Input)]
        at = next((number for number, line in enumerate(lines) if line is self.focused), None)
        if at is None or at + 1 == len(lines):
            self.action_save()
        else:
            self.set_focus(lines[at + 1])
            self.left(lines[at], lines[at + 1])

    def left(self, line: Input, following: Input) -> None:
        """Take note that the key has led from a line to the following one, before all that was typed in it is known."""
