"""What an agent reads at a handoff: kept in its data, read back from any data."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentassist.friction.reading import Level, Reading, Signal, SignalKind
from agentassist.models import Author, Data, Entry, EntryKind
from agentassist.session.brief import Brief, handoff_data, open_question, tried

AT = datetime(2026, 11, 29, 10, tzinfo=UTC)


def said(seq: int, text: str, author: Author = Author.CUSTOMER) -> Entry:
    """Return a message."""
    return Entry(1, seq, AT, author, "", EntryKind.MESSAGE, text)


def sent(seq: int, name: str) -> Entry:
    """Return an article that was sent."""
    data: Data = {"article": name, "title": name.title(), "url": f"https://x/{name}"}
    return Entry(1, seq, AT, Author.BOT, "", EntryKind.ARTICLE, "", data)


def chose(seq: int, text: str, data: Data) -> Entry:
    """Return a choice."""
    return Entry(1, seq, AT, Author.CUSTOMER, "", EntryKind.CHOICE, text, data)


def handed(seq: int, text: str, data: Data) -> Entry:
    """Return a handoff."""
    return Entry(1, seq, AT, Author.SYSTEM, "", EntryKind.EVENT, text, {**data, "event": "handoff"})


READING = Reading(
    Level.FRICTION,
    0.81234,
    (
        Signal(SignalKind.REPEATED, (1, 4), "still cold", 1.5, "asked the same again: “still cold” (entries 1 and 4)"),
        Signal(SignalKind.THANKS, (2,), "thanks", -0.5, "thanked"),
    ),
    ("asked the same again",),
    stakes="safety",
)


def test_what_is_kept_is_what_is_read() -> None:
    """Reason, level, signals that speak for friction, articles with titles, what did not help, the question, skills."""
    before = [
        said(1, "radiator cold"),
        sent(2, "bleed"),
        chose(3, "No", {"node": "did-it-help", "value": "no"}),
        said(4, "still cold"),
        said(5, "what now"),
    ]
    data = handoff_data(before, READING, skills=["heating"])
    brief = Brief.of([*before, handed(6, "asked twice", data)])
    assert brief == Brief(
        seq=6,
        reason="asked twice",
        level="friction",
        friction=0.812,
        stakes="safety",
        signals=("asked the same again: “still cold” (entries 1 and 4)",),
        seen=("Bleed",),
        tried=("Bleed",),
        question="still cold\nwhat now",
        skills=("heating",),
    )


def test_no_handoff_no_brief() -> None:
    """A conversation that was never handed over has none; a bare handoff has its reason."""
    assert Brief.of([said(1, "hello")]) is None
    assert Brief.of([handed(1, "asked", {})]) == Brief(1, "asked")


def test_the_last_handoff_counts() -> None:
    """After a return the newer one is read."""
    brief = Brief.of([handed(1, "first", {"friction": 0.9}), said(2, "x"), handed(3, "second", {})])
    assert brief is not None
    assert (brief.reason, brief.friction) == ("second", 0.0)


def test_the_open_question() -> None:
    """The last burst, whatever was opened in between; without messages, what was chosen in the tree."""
    opened = Entry(1, 3, AT, Author.CUSTOMER, "", EntryKind.EVENT, "", {"event": "opened"})
    assert open_question([said(1, "a"), said(2, "b"), opened, said(4, "c")]) == "a\nb\nc"
    assert open_question([said(1, "a"), said(2, "hm", Author.BOT), said(3, "b")]) == "b"
    tree = [chose(1, "Heating", {"flow": "start", "node": "topic"}), chose(2, "Cold", {"flow": "start", "node": "x"})]
    assert open_question(tree) == "Heating → Cold"
    assert open_question([]) == ""
    assert len(open_question([said(1, "x" * 9000)])) == 400


def test_what_did_not_help_is_what_was_shown_before_the_no() -> None:
    """A yes, and a no without an article, say nothing of one."""
    no, yes = {"node": "did-it-help", "value": "no"}, {"node": "did-it-help", "value": "yes"}
    entries = [sent(1, "a"), chose(2, "Yes", yes), chose(3, "No", no), sent(4, "b"), sent(5, "c"), chose(6, "No", no)]
    assert list(tried(entries)) == ["c"]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = ("friction", "level", "stakes", "signals", "articles", "tried", "question", "skills", "asked")


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_odd_data_reads_as_nothing_said(data: Data) -> None:
    """Whatever a handoff holds, it is read without an error."""
    assert Brief.of([handed(1, "asked", data)]) is not None


@pytest.mark.parametrize("reading", [None, READING])
def test_asked_is_told(reading: Reading | None) -> None:
    """Whoever asked for a person is not taken for somebody who was sent on."""
    assert handoff_data([], reading, asked=True)["asked"] is True
    assert handoff_data([], reading)["asked"] is False
