"""The index that is built while the desk works."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentassist.session.indexing import Indexing
    from agentassist.tui.screens.desk_keys import DeskKeys


class IndexWork:
    """Has the index built in another process and says how far it is."""

    def __init__(self, desk: DeskKeys, indexing: Indexing | None) -> None:
        self._desk = desk
        self._indexing = indexing

    def start(self) -> None:
        """Build what is missing."""

    def build(self) -> None:
        """Build it anew."""

    def stop(self) -> None:
        """End: the desk is going."""
