"""Every key and what it does, from the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.tui.registry import rows
from agentassist.tui.screens.dialog import Dialog
from agentassist.tui.screens.live_keys import live_keys
from agentassist.tui.widgets.blocks import Block, BlockList
from agentassist.tui.widgets.lines import Line, Piece, fit, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from agentassist.tui.registry import Command

KEY_WIDTH = 13


class HelpScreen(Dialog):
    """Lists the keys."""

    AUTO_FOCUS = "#help"

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        keys = BlockList(id="help")
        keys.add_class("dialog")
        keys.border_title = "Keys"
        keys.border_subtitle = "Esc closes"
        yield keys

    def on_mount(self) -> None:
        """Show the registry."""
        super().on_mount()
        blocks: list[Block] = []
        for scope, commands in rows():
            blocks.append(Block(f"scope-{scope}", _heading(str(scope))))
            blocks += [Block(command.id, _row(command, live_keys(self, command))) for command in commands]
        keys = self.query_one("#help", BlockList)
        keys.set_blocks(blocks)
        keys.call_after_refresh(keys.scroll_home, animate=False, immediate=True, force=True)

    def action_save(self) -> None:
        """Close it: there is nothing to save."""
        self.dismiss()


def _heading(title: str) -> Callable[[int], Sequence[Line]]:
    return lambda width: [(Piece(""),), (Piece(fit(title, width), "mark"),)]


def _row(command: Command, keys: str) -> Callable[[int], Sequence[Line]]:
    def lines(width: int) -> Sequence[Line]:
        made: list[Line] = []
        for number, (start, end) in enumerate(wrap(command.help, width - KEY_WIDTH - 2)):
            key = keys if number == 0 else ""
            made.append((Piece(fit(f"  {key}", KEY_WIDTH + 2), "key"), Piece(command.help[start:end])))
        return made

    return lines
