"""Cutting text into lines, and the words for times: pure functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from agentassist.text import clean, clean_line
from agentassist.tui.widgets import words
from agentassist.tui.widgets.lines import Piece, clean_marked, fit, label, marked, spread, wrap

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


@given(st.text(max_size=200), st.integers(min_value=2, max_value=40))
def test_wrapped_lines_fit_and_lose_no_word(text: str, width: int) -> None:
    """Every line fits the width, and only white space at the cuts is left out."""
    text = clean(text)
    spans = wrap(text, width)
    assert all(cell_len(text[start:end]) <= width for start, end in spans)
    assert "".join("".join(text[start:end] for start, end in spans).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a\n\nb", ["a", "", "b"]),
        ("one two three", ["one two", "three"]),
        ("abcdefghijkl", ["abcdefgh", "ijkl"]),
        ("日本語日本語", ["日本語日", "本語"]),
        ("👨‍👩‍👧‍👦" * 5, ["👨‍👩‍👧‍👦" * 4, "👨‍👩‍👧‍👦"]),
    ],
)
def test_wrapping(text: str, lines: list[str]) -> None:
    """Lines break at spaces, long words are cut, wide characters count two cells, an emoji family is never torn."""
    assert [text[start:end] for start, end in wrap(text, 8)] == lines


def test_marked_words_keep_their_place_over_lines() -> None:
    """A marked stretch that is wrapped is marked on both lines, and nothing else is."""
    lines = marked("hold the code button", [(5, 13)], 10)
    assert lines == [(Piece("hold "), Piece("the", "match")), (Piece("code", "match"),), (Piece("button"),)]


def test_spans_follow_cleaning() -> None:
    """Spans in raw text point at the same words once controls have become visible."""
    text, spans = clean_marked("a\x1bb CODE\u202e tail", [(4, 8)], limit=100)
    assert [text[start:end] for start, end in spans] == ["CODE"]
    assert text == "a␛b CODE⟨RLO⟩ tail"


@pytest.mark.parametrize("spans", [[(50, 60)], [(3, 1)], [(-5, -1)], [(0, 4), (2, 6)]])
def test_wrong_spans_do_no_harm(spans: list[tuple[int, int]]) -> None:
    """Spans outside the text, backwards or overlapping neither fail nor double a character."""
    text, _ = clean_marked("plain text", spans, limit=100)
    assert text == "plain text"


@given(st.text(max_size=40), st.integers(min_value=0, max_value=30))
def test_fit_is_exact(text: str, width: int) -> None:
    """What is fitted takes exactly the width."""
    assert cell_len(fit(clean(text).replace("\n", " "), width)) == width


def test_spread_cuts_the_left_side() -> None:
    """When both sides do not fit, the left one is cut and the right one stays whole."""
    line = spread((Piece("a long name", "strong"),), (Piece(" 2:13"),), 10)
    assert "".join(piece.text for piece in line) == "a lo… 2:13"


@pytest.mark.parametrize(
    ("seconds", "said"), [(-3, "0:00"), (41, "0:41"), (725, "12:05"), (12_000, "3 h 20"), (200_000, "2 d")]
)
def test_waiting(seconds: float, said: str) -> None:
    """A waiting time takes few cells and is never negative."""
    assert words.waiting(seconds) == said


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (timedelta(hours=1), "15:00"),
        (timedelta(hours=19), "tomorrow 09:00"),
        (timedelta(days=3), "Mon 23 Nov 14:00"),
        (timedelta(days=60), "Tue 19 Jan 2027 14:00"),
        (timedelta(0), "due now"),
        (timedelta(minutes=-12), "due 12 min ago"),
    ],
)
def test_due(later: timedelta, said: str) -> None:
    """A follow-up's time is said as a person says it; an overdue one says for how long."""
    assert words.due(NOW + later, NOW, ZoneInfo("UTC")) == said


def test_days_are_those_of_the_zone() -> None:
    """Whether it is today depends on the reader's zone."""
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert words.day(late, late, ZoneInfo("Asia/Tokyo")) == "today"
    assert words.day(NOW, late, ZoneInfo("Asia/Tokyo")) == "yesterday"


@pytest.mark.parametrize(("start", "said"), [(192.9, "3:12"), (5, "0:05"), (3725, "1:02:05")])
def test_video_seconds(start: float, said: str) -> None:
    """A place in a video reads as a player shows it."""
    assert words.seconds(start) == said


@pytest.mark.parametrize(
    "text", ["", "Dana", "x" * 5_000, "世界" * 90, "Z" + "\u0351" * 60 + "algo " * 30, "a\n b\x1b" * 99]
)
@pytest.mark.parametrize("limit", [1, 8, 20, 60])
def test_a_label_is_cut_without_a_count(text: str, limit: int) -> None:
    """A label fits, is clean, and says with one sign that it was cut; what fits is not touched."""
    made = label(text, limit)
    assert cell_len(made) <= limit
    assert "more characters" not in made
    assert "\n" not in made
    assert "\x1b" not in made
    assert made == clean_line(text, limit=5_000) or made.endswith("…")
