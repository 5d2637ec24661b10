"""What is put into a terminal notification."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentassist.tui.screens.desk_alarm import LONGEST_NOTIFICATION, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Follow-up due now: Dana, call back", "agentassist: Follow-up due now: Dana, call back"),
        ("José Müller", "agentassist: Jose Muller"),
        ("6;calc.exe", "agentassist: 6,calc.exe"),
        ("日本", "agentassist: ??"),
    ],
)
def test_words_stay_words(text: str, expected: str) -> None:
    """What ASCII can say is said; nothing can become a command of the terminal."""
    assert plain(text) == expected


@given(st.text())
def test_nothing_but_printable_ascii_leaves(text: str) -> None:
    """Whatever the note says, the sequence stays one, short, and without a separator."""
    said = plain(text)
    assert len(said) <= LONGEST_NOTIFICATION
    assert all(" " <= char <= "~" and char != ";" for char in said)
    assert said.startswith("agentassist: ")
