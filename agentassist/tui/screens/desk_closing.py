"""How a conversation ends, and begins again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentassist.tui.screens.desk_keys import DeskKeys


class ClosingWork:
    """Closes conversations and turns to the next one."""

    def __init__(self, desk: DeskKeys) -> None:
        self._desk = desk

    def wrap_up(self) -> None:
        """Ask how the open conversation ended, and close it."""
        current = self._desk.conversation.current
        if current is None:
            return
        from agentassist.tui.screens.wrap_up import WrapUpScreen

        self._desk.reply.keep()
        close = partial(self._desk.conversation.close, current.id)
        text = self._desk.composer.text
        self._desk.app.push_screen(WrapUpScreen(current.name, self._desk.config.dispositions, close, text))

    def close_now(self) -> None:
        """Close the open conversation with the usual disposition and a drafted summary."""

    def reopen(self, conversation_id: int | None = None) -> None:
        """Take a closed conversation up again; None means the open one."""
