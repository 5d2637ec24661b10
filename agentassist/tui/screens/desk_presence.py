"""Who looks at which conversation, and who types."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentassist.tui.screens.desk_keys import DeskKeys


class PresenceWork:
    """Lets other desks see where this one is."""

    def __init__(self, desk: DeskKeys) -> None:
        self._desk = desk

    def tick(self) -> None:
        """Let time pass."""

    def typed(self) -> None:
        """Note that the agent types."""

    def moved(self) -> None:
        """Note that another conversation is open."""

    def leave(self) -> None:
        """Be nowhere: the desk is going."""
