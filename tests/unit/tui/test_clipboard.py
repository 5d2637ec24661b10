"""What may be copied: clean, and not more than terminals take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentassist.text import clean
from agentassist.tui.clipboard import MOST_BYTES, copyable
from agentassist.tui.screens.desk_entries import quoted
from agentassist.tui.screens.entry import STRETCH, stretches

FORBIDDEN = {*range(0x20), 0x7F, *range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)} - {0x0A}


@given(st.text(max_size=300))
def test_no_control_character_is_copied(text: str) -> None:
    """Whatever the text, only newlines are left of its controls, and it counts its lines."""
    made = copyable(text)
    assert not {ord(char) for char in made.text} & FORBIDDEN
    assert made.text == clean(text, limit=10_000).rstrip("\n")
    assert made.lines == (len(made.text.split("\n")) if made.text else 0)
    assert made.whole


@pytest.mark.parametrize("unit", ["a", "é", "\U0001f469\u200d\U0001f680", "\x1b[0m", "e\u0301\u0302", "\ud800"])
@pytest.mark.parametrize("shift", range(4))
def test_what_is_cut_is_clean_and_fits(unit: str, shift: int) -> None:
    """Wherever a text is cut, what is left fits, is clean, and is said not to be all."""
    made = copyable("x" * shift + unit * (MOST_BYTES // len(unit) + 5))
    assert len(made.text.encode()) <= MOST_BYTES
    assert not made.whole
    assert clean(made.text, limit=MOST_BYTES * 10) == made.text


@given(st.text(max_size=400))
def test_every_line_of_a_quote_is_marked(text: str) -> None:
    """A quote's lines all begin with “>”, so that none of it reads as the agent's own words."""
    made = quoted(text)
    assert all(line.startswith(">") for line in made.split("\n")) or not made
    assert not {ord(char) for char in made} & FORBIDDEN


@given(st.text(alphabet="ab \n\r\u0301\u200d\U0001f469", max_size=200), st.integers(1, 40))
def test_stretches_are_the_whole_text(text: str, times: int) -> None:
    """Nothing but newlines at which it is cut is lost, no stretch is long, and none begins inside a letter."""
    whole = text * times * 10
    parts = list(stretches(whole))
    assert "".join(parts).replace("\n", "") == whole.replace("\n", "")
    assert all(len(part) <= STRETCH + 32 for part in parts)
