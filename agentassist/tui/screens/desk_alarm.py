"""Follow-ups whose time has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentassist.tui.screens.desk_keys import DeskKeys


class AlarmWork:
    """Tells the agent when a follow-up is due, wherever they are."""

    def __init__(self, desk: DeskKeys) -> None:
        self._desk = desk

    def tick(self) -> None:
        """Look whether something is due."""
