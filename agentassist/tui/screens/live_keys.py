"""The keys as they are now: what the registry says, unless the agent's key map says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.tui.keymap import fold, key_now, written

if TYPE_CHECKING:
    from textual.screen import Screen

    from agentassist.tui.registry import Command


def live_keys(screen: Screen[None], command: Command) -> str:
    """Write the keys of a command as they are now, the way people write them.

    Args:
        screen: any screen of the desk; its app knows the key map.
        command: which.
    """
    return written(command, fold(screen.app._keymap))  # Textual offers no way to read it


def key_of(screen: Screen[None], command_id: str) -> str:
    """Write the first key of a command as it is now; `^P` for one that only the palette has."""
    return key_now(command_id, screen.app._keymap)
