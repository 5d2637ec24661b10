"""What can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from agentassist.tui.screens.desk_keys import DeskKeys


class UndoWork:
    """Keeps how to take back what was done last."""

    def __init__(self, desk: DeskKeys) -> None:
        self._desk = desk
        self._done: list[tuple[str, Callable[[], Awaitable[None]]]] = []

    def offer(self, label: str, undo: Callable[[], Awaitable[None]]) -> None:
        """Keep how to take something back."""
        self._done = [*self._done[-19:], (label, undo)]

    def undo(self) -> None:
        """Take the last thing back."""
        if self._done:
            _, undo = self._done.pop()
            self._desk.run_worker(undo(), group="undo")
