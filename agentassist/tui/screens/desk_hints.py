"""The hints that lead a newcomer through the first conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentassist.tui.screens.desk_keys import DeskKeys


class HintWork:
    """Shows one hint at a time until it is done or hidden."""

    def __init__(self, desk: DeskKeys) -> None:
        self._desk = desk

    def start(self) -> None:
        """Show the first hint, when hints are wanted."""

    def hide(self) -> None:
        """Hide the hint."""
