"""Alt and a digit, as terminals send them, through the parser that reads the terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.events import Key

from agentassist.tui.registry import COMMANDS
from agentassist.tui.terminal_keys import SEQUENCES, alt_digits

OPTION = "¡™£¢∞§¶•ª"
"""What the Option key of a Mac types with 1 to 9."""


@pytest.fixture
def keys() -> Iterator[None]:
    """Read alt and digits as keys."""
    with alt_digits():
        yield


def read(data: str) -> list[tuple[str, str | None]]:
    """Return the keys that the parser makes of what a terminal sends."""
    parser = XTermParser()
    return [(event.key, event.character) for event in parser.feed(data) if isinstance(event, Key)]


@pytest.mark.parametrize("digit", "123456789")
def test_escape_and_a_digit_is_alt_and_the_digit(keys: None, digit: str) -> None:
    """The two bytes that most terminals send are one key, at once, without a character that could be typed."""
    assert read(f"\x1b{digit}") == [(f"alt+{digit}", None)]


@pytest.mark.parametrize("digit", "123456789")
def test_the_kitty_protocol_is_the_same_key(keys: None, digit: str) -> None:
    """Terminals that tell keys apart give the same name."""
    assert [key for key, _ in read(f"\x1b[{ord(digit)};3u")] == [f"alt+{digit}"]


@pytest.mark.parametrize("char", OPTION)
def test_a_typed_sign_stays_a_sign(keys: None, char: str) -> None:
    """A £ that is typed or comes from the Option key is a character, and no key of any command."""
    ((key, character),) = read(char)
    assert character == char
    assert key not in {name for command in COMMANDS for name in command.key_list}


def test_a_held_key_types_nothing(keys: None) -> None:
    """Repeats, and whatever follows at once, are keys of their own and never text."""
    assert read("\x1b1" * 5) == [("alt+1", None)] * 5
    assert read("\x1b1ab") == [("alt+1", None), ("a", "a"), ("b", "b")]
    assert [key for key, _ in read("\x1b2\x1b[A\x1b[1;3A\x1b3")] == ["alt+2", "up", "alt+up", "alt+3"]


def test_what_textual_made_of_them_comes_back() -> None:
    """Outside the desk, and when it ended by an error, the table is as it was."""
    before = dict(ANSI_SEQUENCES_KEYS)

    def run() -> None:
        with alt_digits():
            assert ANSI_SEQUENCES_KEYS["\x1b1"] != before["\x1b1"]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        run()
    assert dict(ANSI_SEQUENCES_KEYS) == before


def test_textual_still_needs_this() -> None:
    """Fails when Textual changes what it makes of these sequences: then this module has to be looked at again."""
    assert tuple(ANSI_SEQUENCES_KEYS.get(sequence) for sequence in SEQUENCES) == tuple(OPTION)
    assert read("\x1b3") == [("pound_sign", "£")]


def test_every_key_that_sends_is_read() -> None:
    """The command that sends a suggestion has exactly these keys."""
    (command,) = (command for command in COMMANDS if command.id == "suggestion.send")
    assert command.key_list == tuple(str(key) for (key,) in SEQUENCES.values())
