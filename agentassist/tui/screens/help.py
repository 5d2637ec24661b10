"""Every key and what it does, from the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from agentassist.tui.commands import rows
from agentassist.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from textual.app import ComposeResult

KEY_WIDTH = 14


def help_content() -> Content:
    """Return the help text: one section a scope, one line a command."""
    lines: list[Content] = []
    for scope, commands in rows():
        lines += (
            [Content(""), Content.styled(str(scope), "bold $text-accent")]
            if lines
            else [Content.styled(str(scope), "bold $text-accent")]
        )
        for command in commands:
            key = Content.styled(f"  {command.key_words:<{KEY_WIDTH}}", "bold")
            lines.append(Content.assemble(key, command.help))
    return Content("\n").join(lines)


class HelpScreen(Dialog):
    """Lists the keys."""

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        with VerticalScroll(classes="dialog", id="help") as dialog:
            dialog.border_title = "Keys"
            dialog.border_subtitle = "Esc closes"
            yield Static(help_content(), markup=False)

    def action_save(self) -> None:
        """Close it: there is nothing to save."""
        self.dismiss()
