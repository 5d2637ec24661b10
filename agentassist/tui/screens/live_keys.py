"""The keys as they are now: what the registry says, unless the agent's key map says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.tui.registry import COMMANDS, Command, key_words

if TYPE_CHECKING:
    from textual.screen import Screen


def live_keys(screen: Screen[None], command: Command) -> str:
    """Write the keys of a command as they are now, the way people write them.

    Args:
        screen: any screen of the desk; its app knows the key map.
        command: which.
    """
    keymap = screen.app._keymap  # Textual offers no way to read it
    mapped = keymap.get(command.id)
    others = [f"{command.id}.{number + 1}" for number in range(1, len(command.key_list))]
    if mapped is None and not any(other in keymap for other in others):
        return command.key_words
    keys = (mapped or command.key_list[0]).split(",")
    keys += [
        key
        for other, default in zip(others, command.key_list[1:], strict=True)
        for key in keymap.get(other, default).split(",")
    ]
    return " or ".join(key_words(key) for key in dict.fromkeys(keys) if key)


def key_of(screen: Screen[None], command_id: str) -> str:
    """Write the first key of a command as it is now; `^P` for one that only the palette has."""
    command = next(each for each in COMMANDS if each.id == command_id)
    return live_keys(screen, command).split(" or ")[0]
