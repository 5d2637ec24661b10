"""Patterns mean what they mean everywhere, and never take long."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentassist.flows.pattern import PatternError, compiled

ATOMS = st.sampled_from(["a", "b", "-", ".", r"\d", "[ab]", "[^a]", "[0-9-]", r"\."])
COUNTS = st.sampled_from(["", "", "?", "*", "+", "{2}", "{1,3}", "{0,2}", "{2,}"])
ROWS = st.lists(st.tuples(ATOMS, COUNTS), max_size=4).map(lambda row: "".join(map("".join, row)))
PATTERNS = st.recursive(
    ROWS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda ways: f"({'|'.join(ways)})")
        | st.tuples(inner, st.sampled_from(["", "?", "*", "{1,3}"]), inner).map(
            lambda three: f"(?:{three[0]}){three[1]}{three[2]}"
        )
    ),
    max_leaves=3,
)


@settings(max_examples=300, deadline=None)
@given(pattern=PATTERNS, text=st.text("ab0-.", max_size=6))
def test_it_fits_what_the_standard_library_fits(pattern: str, text: str) -> None:
    """Whatever is written with the small part, the whole text fits exactly when `re` says so."""
    if 0 < len(pattern) <= 200:
        wanted = re.fullmatch(pattern, text, re.IGNORECASE | re.ASCII) is not None
        assert compiled(pattern).fits(text) is wanted


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("HW-[0-9]{7}", ["HW-1234567", "hw-1234567"], ["HW-123456", "HW-12345678", " HW-1234567", "HW-１２３４５６７"]),
        ("(DL|VL)[0-9]{8}", ["DL20418837", "VL20418837"], ["XL20418837"]),
        (r"\d{2}\.\d{2}", ["12.34"], ["12a34"]),
        ("a?b*c+", ["c", "abbc"], ["ab", ""]),
    ],
)
def test_examples(pattern: str, yes: list[str], no: list[str]) -> None:
    """Order and serial numbers as people write them."""
    assert all(compiled(pattern).fits(text) for text in yes)
    assert not any(compiled(pattern).fits(text) for text in no)


@pytest.mark.parametrize(
    "pattern",
    ["", "(", ")", "a)", "[", "[]", "[z-a]", "a**", "*a", "a{3,2}", "a{999}", r"\1", r"(?=a)", "(?P<x>a)", r"\b", "^a$",
     "[a--b]", "x" * 201, "(" * 9 + ")" * 9],
)  # fmt: skip
def test_what_is_not_understood_is_refused(pattern: str) -> None:
    """No look-around, no back references, nothing that could surprise."""
    with pytest.raises(PatternError):
        compiled(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b",
        "(a|a)*b",
        "(a*)*b",
        "a*a*a*a*a*a*a*a*b",
        "(((a{1,200}){1,200}){1,200})b",
        "(a?){200}a{200}b",
        "(((((a?){200}){200}){200}){200}){200}b",
        "((((a*){2,}){2,}){2,}){2,}b",
        "(((a|aa|b?){200}){200}){200}c",
    ],
)
def test_no_pattern_takes_long(pattern: str) -> None:
    """What takes other engines for ever is done at once, at the longest text."""
    started = time.process_time()
    assert not compiled(pattern).fits("a" * 200)
    assert time.process_time() - started < 2


def test_a_longer_text_never_fits() -> None:
    """The length is bounded."""
    assert compiled("a*").fits("a" * 200)
    assert not compiled("a*").fits("a" * 201)
