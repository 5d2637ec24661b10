"""Other keys for commands, from the configuration: checked before anything is drawn. Pure.

A key map gives a command all of its keys anew: what it had by default is free again.
"""

from __future__ import annotations

import difflib
import re
import string
import unicodedata
from typing import TYPE_CHECKING

from agentassist.errors import ConfigError
from agentassist.tui.registry import COMMANDS, Command, Scope, key_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Keys = Mapping[str, tuple[str, ...]]

_MODIFIERS = ("alt", "ctrl", "hyper", "meta", "shift", "super")
"""In the order in which Textual writes them."""
_NAMED = {
    *("escape", "enter", "tab", "space", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown"),
    *("up", "down", "left", "right"),
    *(f"f{number}" for number in range(1, 25)),
}
_FRIENDLY = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_ALIASES = {"esc": "escape", "return": "enter", "del": "delete", "ins": "insert", "pgup": "pageup", "pgdn": "pagedown"}
_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+h": "backspace", "ctrl+left_square_bracket": "escape"}
"""What a terminal cannot tell apart."""
_TAKEN = {"ctrl+c": "it copies, and ends the program when nothing else does"}
_EDITING = frozenset(("space", "backspace", "delete", "left", "right", "enter", "tab"))
"""Not printable, and still needed for typing."""
_IN_DIALOGS = (
    Scope.DIALOG,
    Scope.FORM,
    Scope.SHARED_FORM,
    Scope.LIST,
    Scope.AGENDA,
    Scope.READING,
    Scope.ENTRY,
    Scope.ARTICLE,
    Scope.WRAP_UP,
)
_WHILE_TYPING = (Scope.SEARCH, Scope.FILTER, Scope.COMPOSER)
"""Scopes whose keys reach an input before it makes letters of them."""


def _character_key(character: str) -> str:
    """Return Textual's name of a printable character's key."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return _FRIENDLY.get(name, name) or character


_SIGNS = frozenset(_character_key(character) for character in string.punctuation)


def one_key(text: str) -> str:
    """Return a key the way Textual writes it: `?` becomes question_mark, `Ctrl+B` ctrl+b.

    Raises:
        ValueError: there is no such key; says why, and what comes near.
    """
    written = text.strip()
    *modifiers, base = [written] if len(written) == 1 else re.split(r"\+(?=.)", written)
    modifiers = [modifier.strip().lower() for modifier in modifiers]
    base = base.strip()
    for modifier in modifiers:
        if modifier not in _MODIFIERS:
            raise ValueError(f"{modifier} is none of {', '.join(_MODIFIERS)}")
    if len(base) == 1 and base.isprintable():
        if modifiers and modifiers != ["shift"]:
            base = base.lower()
        elif modifiers:
            modifiers, base = [], base.upper()
        name = _character_key(base)
    else:
        name = _ALIASES.get(base.lower(), base.lower())
        if name not in _NAMED and name not in _SIGNS:
            known = [*sorted(_NAMED), *sorted(_SIGNS)]
            near = difflib.get_close_matches(name, known, n=1)
            raise ValueError(f"did you mean {near[0]}?" if near else "a letter, a sign, f1 to f24, enter, up, home …")
    key = "+".join([*sorted(set(modifiers)), name])
    if key in _SAME:
        raise ValueError(f"a terminal sends the same for it as for {_SAME[key]}")
    if key in _TAKEN:
        raise ValueError(_TAKEN[key])
    return key


def printable(key: str) -> bool:
    """Say whether a key, by Textual's name, types a character."""
    return len(key) == 1 or key == "space" or key in _SIGNS


def read(keys: Mapping[str, str], file: Path | str) -> Keys:
    """Return the keys of the commands that a configuration gives others.

    Args:
        keys: the command's id, and its keys separated by commas.
        file: named in errors.

    Raises:
        ConfigError: no such command or key, a key that is used twice where both would work, or one without which
            nothing could be typed.
    """
    commands = {command.id: command for command in COMMANDS}
    changed: dict[str, tuple[str, ...]] = {}
    for ident, text in keys.items():
        if ident not in commands:
            near = difflib.get_close_matches(ident, commands, n=1)
            hint = f"Did you mean {near[0]}?" if near else "agentassist keys lists them."
            raise ConfigError(f"{file}: keys: there is no command {ident}", hint)
        changed[ident] = _keys_for(commands[ident], text, file)
    _unique(changed, file)
    return changed


def _keys_for(command: Command, text: str, file: Path | str) -> tuple[str, ...]:
    where = f"{file}: keys.{command.id}"
    found: list[str] = []
    for part in text.split(","):
        if not part.strip():
            raise ConfigError(
                f"{where}: {text!r} has an empty key", "Write the comma's own key as comma, and no command without one."
            )
        try:
            key = one_key(part)
        except ValueError as error:
            raise ConfigError(f"{where}: {part.strip()} cannot be used: {error}", "Correct the key.") from error
        if (command.priority or command.scope in _WHILE_TYPING) and printable(key):
            raise ConfigError(
                f"{where}: {part.strip()} could not be typed any more", "Take one with ctrl, or an F key."
            )
        if command.priority and command.scope is Scope.DESK and key in _EDITING:
            raise ConfigError(f"{where}: {part.strip()} is needed for typing", "Take one with ctrl, or an F key.")
        if key not in found:
            found.append(key)
    numbered = len(command.key_list)
    if takes_a_number(command) and len(found) != numbered:
        raise ConfigError(
            f"{where}: {len(found)} keys, but there are {numbered} suggestions",
            f"Give {numbered}, the first one first.",
        )
    return tuple(found)


def _unique(changed: Keys, file: Path | str) -> None:
    """Refuse a key that two commands would have where both work."""
    for ident, own in changed.items():
        command = next(each for each in COMMANDS if each.id == ident)
        for other in COMMANDS:
            if other.id == ident or not _meet(command, other):
                continue
            for key in own:
                always = key in command.key_list and key in other.key_list
                if key in keys_of(other, changed) and not always:
                    raise ConfigError(
                        f"{file}: keys.{ident}: {key} is also the key of {other.id} ({other.label})",
                        "Take another key, or give that command another one, too.",
                    )


def _meet(one: Command, other: Command) -> bool:
    """Say whether a key of one could take the other's: in one scope, or by priority on one screen."""
    if one.scope is other.scope:
        return True
    together = (one.scope in _IN_DIALOGS) == (other.scope in _IN_DIALOGS)
    return together and (one.priority or other.priority)


def takes_a_number(command: Command) -> bool:
    """Say whether each key of a command means another suggestion."""
    return len(command.key_list) > 1 and all(key[-1].isdigit() and key[0] != "f" for key in command.key_list)


def keys_of(command: Command, changed: Keys) -> tuple[str, ...]:
    """Return the keys of a command as they are now."""
    return changed.get(command.id, command.key_list)


def written(command: Command, changed: Keys) -> str:
    """Return the keys of a command as people write them."""
    if command.id not in changed:
        return command.key_words
    keys = changed[command.id]
    return (
        f"{key_words(keys[0])} … {key_words(keys[-1])}"
        if takes_a_number(command)
        else " or ".join(map(key_words, keys))
    )


def for_textual(changed: Keys) -> dict[str, str]:
    """Return a key map by the ids of the bindings, as `App.set_keymap` takes it.

    A command has a binding for each of its default keys (see `commands.bindings`): where a key means a number each
    gets its own, else every one gets all, so that no default key is left.
    """
    made: dict[str, str] = {}
    for command in COMMANDS:
        if command.id not in changed:
            continue
        keys = changed[command.id]
        for number in range(len(command.key_list)):
            binding = command.id if number == 0 else f"{command.id}.{number + 1}"
            made[binding] = keys[number] if takes_a_number(command) else ",".join(keys)
    return made


def key_now(ident: str, keymap: Mapping[str, str]) -> str:
    """Return the first key of a command, as people write it, with a map that `for_textual` made; ^P without a key."""
    command = next(each for each in COMMANDS if each.id == ident)
    keys = keys_of(command, fold(keymap))
    return key_words(keys[0]) if keys else "^P"


def fold(keymap: Mapping[str, str]) -> Keys:
    """Return what `for_textual` was given, from what it made."""
    folded: dict[str, tuple[str, ...]] = {}
    for command in COMMANDS:
        if command.id in keymap:
            ids = [command.id, *(f"{command.id}.{number + 1}" for number in range(1, len(command.key_list)))]
            keys = [key for ident in ids for key in keymap.get(ident, "").split(",") if key]
            folded[command.id] = tuple(dict.fromkeys(keys))
    return folded
