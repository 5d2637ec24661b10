"""What becomes a conversation's vectors, and what is told of it without its customer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agentassist.models import Author, Customer, Data, Entry, EntryKind
from agentassist.session import similar
from agentassist.session.similar import problem_of, sent_in, telling_of, unnamed, whole_of

DANA = Customer("cust-88121", "Dana Reyes", "dana@example.com", "", "en", {"address": "12 Elm Street", "plan": "Plus"})
AT = datetime(2026, 11, 22, tzinfo=UTC)


def entry(seq: int, author: Author, text: str, kind: EntryKind = EntryKind.MESSAGE, **data: object) -> Entry:
    """Make an entry."""
    known: Data = data  # type: ignore[assignment]
    return Entry(1, seq, AT, author, "Bo" if author is Author.AGENT else "", kind, text, known)


def talk(*said: tuple[Author, str], summary: str = "") -> list[Entry]:
    """Make a conversation that is closed at its end."""
    entries = [
        entry(1, Author.CUSTOMER, "Heating", EntryKind.CHOICE, question="What is it about?"),
        entry(2, Author.CUSTOMER, "DL20418837", EntryKind.FORM, question="Serial number"),
    ]
    entries += [entry(number, author, text) for number, (author, text) in enumerate(said, 3)]
    end = entry(len(entries) + 1, Author.AGENT, summary, EntryKind.EVENT, event="closed", disposition="solved")
    return [*entries, end]


C, A, B = Author.CUSTOMER, Author.AGENT, Author.BOT


def test_the_problem_is_answers_and_telling_bursts() -> None:
    """The tree's answers with their questions, what tells something; no greeting, thanks, form, bot or agent."""
    entries = talk(
        (C, "hello there"),
        (B, "Have you tried the radiator valve?"),
        (C, "my radiator stays cold upstairs"),
        (C, "the valve is open already"),
        (A, "I have bled it for you."),
        (C, "great, that works now, thank you"),
    )
    told = problem_of(entries)
    for words in ("What is it about? Heating", "radiator stays cold upstairs", "valve is open"):
        assert words in told
    for words in ("hello", "thank", "works now", "DL20418837", "tried the radiator", "bled it"):
        assert words not in told


def test_the_whole_tells_how_it_ended() -> None:
    """The closing summary and the problem; without a summary one is drafted."""
    said = ((C, "my radiator stays cold upstairs"), (A, "I have bled the radiator for you."))
    assert "A trapped bubble." in whole_of(talk(*said, summary="A trapped bubble."))
    whole = whole_of(talk(*said))
    assert "bled the radiator" in whole
    assert "stays cold upstairs" in whole


@pytest.mark.parametrize("text", ["x" * 100_000, "word " * 50_000, "\n" * 50_000, "я" * 30_000])
def test_texts_are_bounded(text: str) -> None:
    """However much somebody wrote: an encoder reads no more anyway."""
    entries = talk((C, text), (A, f"I have {text}"), summary=text)
    assert len(problem_of(entries)) <= similar.PROBLEM_SIZE
    assert len(whole_of(entries)) <= similar.WHOLE_SIZE
    assert len(telling_of(entries, DANA)) <= similar.LONGEST


def test_nothing_said_is_nothing() -> None:
    """An empty conversation has no problem and tells nothing."""
    assert problem_of([]) == ""
    assert telling_of([], DANA) == ""
    assert sent_in([]) == ()


def test_what_tells_how_names_no_customer() -> None:
    """A person's own summary is taken whole, a drafted one by what its agent did; the customer is in neither."""
    secret = "Dana Reyes at 12 Elm Street, dana@example.com, +44 20 7946 0958, serial DL20418837"
    written = telling_of(talk((C, "cold"), summary=f"Sent a new valve to {secret}."), DANA)
    drafted = telling_of(talk((C, "it is cold"), (A, f"I have sent a new valve to {secret}.")), DANA)
    for told in (written, drafted):
        assert "new valve" in told
        for part in ("Dana", "Reyes", "Elm", "example.com", "7946", "DL20418837"):
            assert part not in told


def test_forms_are_taken_for_the_customers_own() -> None:
    """What was typed into a form does not come back in what is told or made a vector of."""
    entries = talk((C, "reset for Quillfeather please"), summary="")
    entries[1] = entry(2, C, "Quillfeather 9", EntryKind.FORM, question="Name")
    assert "Quillfeather 9" not in unnamed("for Quillfeather 9 done", entries, DANA)


def test_titles_that_were_sent_are_named_once() -> None:
    """Each article of each entry, in order; what customers send is none."""
    also = [{"title": "Valves"}, {"title": ""}, "broken"]
    sent = entry(1, A, "x", EntryKind.ARTICLE, title="Radiators", also=also)
    again = entry(2, A, "x", EntryKind.ARTICLE, title="Radiators", also="broken")
    assert sent_in([sent, again]) == ("Radiators", "Valves")


def test_where_no_summary_tells_the_last_reply_does() -> None:
    """What an agent wrote last, but their goodbye; and nothing where no agent wrote."""
    entries = talk((C, "the code is gone"), (A, "Press the ring twice, then type it in."), (A, "You are welcome, bye!"))
    assert telling_of(entries, DANA) == "Press the ring twice, then type it in."
    assert telling_of(talk((C, "the code is gone")), DANA) == ""
