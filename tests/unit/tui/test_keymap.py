"""Key maps: what is accepted, what is refused and how it is told."""

from __future__ import annotations

import string

import pytest
from textual.keys import Keys, _character_to_key

from agentassist.errors import ConfigError
from agentassist.tui.keymap import fold, for_textual, keys_of, one_key, printable, read, written
from agentassist.tui.registry import COMMANDS, Command, Scope

CLAIM, INSERT, NEXT = "conversation.claim", "suggestion.insert", "conversation.next"


def command(ident: str) -> Command:
    """Return a command of the registry."""
    return next(each for each in COMMANDS if each.id == ident)


@pytest.mark.parametrize("character", string.ascii_letters + string.digits + string.punctuation)
def test_every_character_has_textuals_name(character: str) -> None:
    """What is written as a character is the key that Textual sends for it."""
    key = one_key(character)
    assert key == _character_to_key(character)
    assert printable(key)


@pytest.mark.parametrize(
    "text", ["F6", "ctrl+B", "Shift+Tab", "alt+1", "ctrl+shift+f5", "PageUp", "esc", "shift+ctrl+up"]
)
def test_keys_are_read_in_any_case_and_order(text: str) -> None:
    """Names are Textual's own, whatever their case, with the modifiers in its order."""
    key = one_key(text)
    assert key == key.lower()
    assert not printable(key)
    known = {member.value for member in Keys}
    assert key in known or key.startswith("alt+") or key in {"ctrl+shift+f5"}


def test_shift_and_a_letter_is_the_capital() -> None:
    """A terminal sends the capital."""
    assert one_key("shift+a") == "A"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ctrl+i", "tab"), ("ctrl+m", "enter"), ("ctrl+h", "backspace"), ("ctrl+[", "escape"), ("ctrl+c", "copies"),
        ("f25", "f5"), ("entre", "enter"), ("strg+a", "none of"), ("hello world", "f24"), ("\x1b", "f24"),
    ],
)  # fmt: skip
def test_keys_that_there_are_not(text: str, why: str) -> None:
    """A key that does not exist, or that a terminal cannot tell from another, is refused with the reason."""
    with pytest.raises(ValueError, match=why):
        one_key(text)


def test_a_command_gets_all_its_keys_anew() -> None:
    """No default key is left, whichever number of keys there was and is."""
    changed = read({NEXT: "f6", CLAIM: "k, ctrl+b"}, "config.toml")
    assert changed == {NEXT: ("f6",), CLAIM: ("k", "ctrl+b")}
    assert for_textual(changed) == {NEXT: "f6", f"{NEXT}.2": "f6", CLAIM: "k,ctrl+b"}
    assert fold(for_textual(changed)) == changed
    assert keys_of(command(NEXT), changed) == ("f6",)
    assert written(command(CLAIM), changed) == "k or ^B"
    assert written(command("desk.help"), changed) == "? or F1"


def test_digits_keep_their_numbers() -> None:
    """Each key of a command for suggestions is the key of one of them."""
    keys = ",".join(f"ctrl+{digit}" for digit in "123456789")
    changed = read({INSERT: keys}, "config.toml")
    made = for_textual(changed)
    assert made[INSERT] == "ctrl+1"
    assert made[f"{INSERT}.9"] == "ctrl+9"
    assert fold(made) == changed


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"conversation.clame": "k"}, ["conversation.clame", "conversation.claim"]),
        ({CLAIM: "entre"}, [CLAIM, "entre", "enter"]),
        ({CLAIM: ""}, [CLAIM, "empty key"]),
        ({CLAIM: "k,,l"}, [CLAIM, "empty key"]),
        ({CLAIM: "n"}, ["n", NEXT]),
        ({CLAIM: "k", "desk.undo": "k"}, ["k", "desk.undo"]),
        ({INSERT: "a,b"}, [INSERT, "2 keys"]),
        ({"desk.quit": "q"}, ["desk.quit", "typed"]),
        ({"conversation.wrap_up": "space"}, ["typed"]),
        ({"conversation.wrap_up": "?"}, ["typed"]),
        ({"conversation.wrap_up": "backspace"}, ["needed for typing"]),
        ({"composer.send": "s"}, ["composer.send", "typed"]),
        ({"conversation.wrap_up": "ctrl+j"}, ["composer.newline"]),
        ({"list.pick": "ctrl+s"}, ["dialog.save"]),
    ],
)
def test_what_is_refused(keys: dict[str, str], words: list[str]) -> None:
    """The error names the file, the command and what is wrong with which key."""
    with pytest.raises(ConfigError) as caught:
        read(keys, "/home/ada/config.toml")
    told = str(caught.value)
    assert "/home/ada/config.toml" in told
    assert all(word in told for word in words), told


def test_two_commands_may_change_places() -> None:
    """What one gives away is free for the other."""
    assert read({CLAIM: "n", NEXT: "c"}, "f") == {CLAIM: ("n",), NEXT: ("c",)}


def test_one_key_may_mean_different_things_in_different_places() -> None:
    """As Enter does: the queue's key may be the suggestions' as well."""
    assert read({"queue.look": "ctrl+e", "suggestions.read": "ctrl+e"}, "f")


def test_the_defaults_would_be_accepted() -> None:
    """What the registry says is a key map that can be written down."""
    for each in COMMANDS:
        if each.keys:
            assert read({each.id: each.keys}, "f")[each.id] == each.key_list
    assert Scope.DESK
