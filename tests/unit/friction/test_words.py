"""Words of a text: whatever is typed, in time."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentassist.friction import words

HOSTILE = (
    "!" * 8_000, "a" * 8_000, "a " * 4_000, "no " * 2_600, "\x00\x1b[31m" * 1_000, " but " * 1_600, "😀" * 8_000,
    "can't " * 1_300, ", " * 4_000, " " * 8_000, "'" * 8_000, "\ud800\u202e" * 4_000, "still not work " * 500,
    "İß" * 4_000, "a'" * 4_000, "\n" * 8_000, "?!" * 4_000, "é̂" * 4_000, ".;:" * 2_600,
)  # fmt: skip


@given(st.text(max_size=400))
def test_every_text_has_clauses_and_a_vector(text: str) -> None:
    """There is at least one clause and no more than CLAUSES, and the vector is of unit length or all zeros."""
    parts = words.clauses(words.short(text))
    assert 1 <= len(parts) <= words.CLAUSES
    assert all(len(part) <= words.JUDGED for part in parts)
    length = float(np.linalg.norm(words.vector(text)))
    assert length == pytest.approx(1, abs=1e-5) or length == 0


@given(st.text(max_size=200))
def test_tokens_do_not_depend_on_case_or_on_the_apostrophe(text: str) -> None:
    """What is typed with ’ or in lower case has the same words."""
    plain = words.tokens(words.short(text))
    assert words.tokens(words.short(text.replace("'", "\u2019"))) == plain
    assert words.tokens(words.short(text.casefold())) == plain


def test_a_wish_at_the_end_is_a_clause_of_its_own() -> None:
    """A clause is judged by itself when a text has several; two words belong to what is before them."""
    assert words.clauses("I only wanted to raise the limit but please pass me to a human, thank you") == (
        "I only wanted to raise the limit",
        "please pass me to a human, thank you",
    )
    assert words.clauses("pass me to a human") == ("pass me to a human",)


def test_vectors_are_the_same_everywhere() -> None:
    """The hash is no process's own: a vector is the same in every run."""
    made = words.vector("Hello there")
    assert np.flatnonzero(made).tolist() == np.flatnonzero(words.vector("hello THERE")).tolist()
    assert float(made @ words.vector("hello there you")) > float(made @ words.vector("something else"))


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:6]))
def test_no_text_takes_long(text: str) -> None:
    """The work grows with the text and no faster: 8,000 characters of anything take a fraction of a second."""
    began = time.process_time()
    short = words.short(text)
    words.tokens(short)
    words.clauses(short)
    words.vector(short)
    assert time.process_time() - began < 0.25


@pytest.mark.parametrize("blank", ["#NAME#", "[EMAIL]", "<PHONE>", "{{order}}", "XXXX"])
def test_what_was_blanked_out_says_nothing(blank: str) -> None:
    """Names and numbers that an anonymous transcript has blanked out are all the same; marks of the customer stay."""
    assert words.short(f"hi {blank}, where is it?") == "hi x, where is it?"
    assert words.short("WHY #1 [sic] <3") == "WHY #1 [sic] <3"
