"""What was typed, found in labels."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentassist.tui.widgets.match import fits, folded


def _order(typed: str, *labels: str) -> list[str]:
    words = tuple(folded(typed).split())
    found = [(match.score, text) for text in labels if (match := fits(words, folded(text))) is not None]
    return [text for _, text in sorted(found, key=lambda each: -each[0])]


@pytest.mark.parametrize(
    ("typed", "labels", "expected"),
    [
        ("pair", ["Repair", "Pair it", "To pair"], ["Pair it", "To pair", "Repair"]),
        ("rpc", ["Reset the pairing code", "Red"], ["Reset the pairing code"]),
        ("code reset", ["Reset the pairing code", "Reset"], ["Reset the pairing code"]),
        ("muller", ["Zoë Müller"], ["Zoë Müller"]),
        ("zebra", ["Zoo"], []),
        ("code", ["a fine old sort of thing: dear"], []),
    ],
)
def test_order(typed: str, labels: list[str], expected: list[str]) -> None:
    """The start of a label comes first, then the start of a word, then the inside; all words have to be there."""
    assert _order(typed, *labels) == expected


def test_detail_counts_least() -> None:
    """What stands beside a label is searched too, but comes after what is in a label."""
    beside, inside = fits(("video",), "pairing", "video"), fits(("video",), "a video")
    assert beside is not None
    assert inside is not None
    assert inside.score > beside.score > 0
    assert beside.marks == ()


@given(st.text(max_size=40), st.text(max_size=200))
def test_marks_are_in_the_label(typed: str, label: str) -> None:
    """Whatever is typed and searched, folding keeps the length, and marks are in order inside the label."""
    text = folded(label)
    assert len(text) == len(label)
    found = fits(tuple(folded(typed).split()), text)
    at = 0
    for start, end in found.marks if found else ():
        assert at <= start < end <= len(label)
        at = end


def test_no_text_is_slow() -> None:
    """Many equal letters, which take Textual's own matcher for ever, take no time here."""
    started = process_time()
    for _ in range(100):
        fits(("a" * 40 + "b",), "a" * 200)
        fits(("aaaaaaaaaaaaaaaa",), "ab" * 100)
    assert process_time() - started < 0.5
