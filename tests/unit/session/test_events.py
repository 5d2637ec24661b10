"""What happens between tree, bot and person, in words; what counts no more; who came back from a tree."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count

import pytest

from agentassist.models import Author, Data, Entry, EntryKind, Event
from agentassist.session import events
from agentassist.session.brief_words import facts, last_brief, noticed
from agentassist.session.strain import FRICTION, MARKS, STRAINED, strain

AT = datetime(2026, 11, 29, 10, tzinfo=UTC)
CUSTOMER, BOT, AGENT, SYSTEM = Author.CUSTOMER, Author.BOT, Author.AGENT, Author.SYSTEM
CHOICE, FORM = EntryKind.CHOICE, EntryKind.FORM


def numbered(*said: tuple[Author, EntryKind | Event, str, Data]) -> list[Entry]:
    """Return entries with their numbers; an event is given as such."""
    made, numbers = [], count(1)
    for author, kind, text, data in said:
        name = "Ada" if author is AGENT else ""
        event: Data = {"event": kind.value} if isinstance(kind, Event) else {}
        sort = EntryKind.EVENT if isinstance(kind, Event) else kind
        made.append(Entry(1, next(numbers), AT, author, name, sort, text, {**data, **event}))
    return made


def one(author: Author, event: Event, text: str = "", data: Data | None = None) -> Entry:
    """Return one event."""
    return numbered((author, event, text, data or {}))[0]


@pytest.mark.parametrize("event", Event)
def test_every_event_has_words_everywhere(event: Event) -> None:
    """No event is shown without saying what happened, at the desk, in plain mode and in an export."""
    from agentassist.session.export import _entry_parts
    from agentassist.tui.plain.printing import entry_lines as plain_lines
    from agentassist.tui.widgets.entry_lines import Voice, entry_lines

    entry = one(BOT if event is Event.FLOW else CUSTOMER, event, "", {"disposition": ""})
    desk = "".join(p.text for line in entry_lines(entry, Voice("Ada", "Dana", UTC), 78, head=True) for p in line)
    assert len(desk.strip("─ ").split()) > 2
    assert len(plain_lines(entry, "Ada", AT, UTC)[0].split()) > 3
    assert not _entry_parts(entry)[0].endswith(": ")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"wish": "callback"}, "asked to be called back"),
        ({"wish": "email"}, "asked for an answer by e-mail"),
        ({"wish": "<b>"}, "said how they want to be helped"),
        ({}, "said how they want to be helped"),
    ],
)
def test_a_wish(data: Data, said: str) -> None:
    """What the customer wants is told in words; a wish that nobody knows does not fail."""
    assert events.what(one(CUSTOMER, Event.WISHED, "", data)) == said


@pytest.mark.parametrize(
    ("rating", "said"), [(4, "rated it 4 of 5"), (None, "gave no rating"), (True, "gave no rating")]
)
def test_a_rating(rating: int | None, said: str) -> None:
    """A rating that was skipped is told as such."""
    assert events.what(one(CUSTOMER, Event.RATED, "", {"rating": rating})) == said


def test_what_nobody_said_is_not_missed() -> None:
    """An article that was opened and a rating hold no reply up; a wish does."""
    assert [event for event in Event if not events.wants_reading(one(CUSTOMER, event))] == [Event.OPENED, Event.RATED]
    assert events.from_customer(one(CUSTOMER, Event.WISHED))
    assert not events.from_customer(one(BOT, Event.FLOW))


def ids(entries: Iterable[Entry], gone: Iterable[int]) -> list[str]:
    """Return the texts of some numbers."""
    return [entry.text for entry in entries if entry.seq in gone]


def test_going_back_takes_answers_back() -> None:
    """What was answered from that question on counts no more; what was before stays; another tree is left alone."""
    entries = numbered(
        (CUSTOMER, CHOICE, "other tree", {"flow": "b", "node": "x"}),
        (CUSTOMER, CHOICE, "first", {"flow": "a", "node": "one"}),
        (CUSTOMER, CHOICE, "second", {"flow": "a", "node": "two"}),
        (CUSTOMER, FORM, "mail", {"flow": "a", "node": "three", "field": "mail"}),
        (CUSTOMER, Event.BACK, "", {"flow": "a", "node": "two"}),
        (CUSTOMER, CHOICE, "second again", {"flow": "a", "node": "two"}),
    )
    assert ids(entries, events.taken_back(entries)) == ["second", "mail"]


def test_a_field_that_is_filled_again_counts_once() -> None:
    """The newest counts; a tree that is begun anew is another run, whose answers take nothing back."""
    field: Data = {"flow": "a", "node": "one", "field": "mail"}
    entries = numbered(
        (CUSTOMER, FORM, "old run", field),
        (BOT, Event.FLOW, "Tree", {"flow": "a"}),
        (CUSTOMER, FORM, "typo", field),
        (AGENT, FORM, "right", field),
        (CUSTOMER, Event.BACK, "", {"flow": "a", "node": "nowhere"}),
    )
    assert ids(entries, events.taken_back(entries)) == ["typo"]


def test_coming_back_from_a_tree() -> None:
    """Only the handoff after a loan is one; it has the tree's title; taking the customer back ends the loan."""
    entries = numbered(
        (SYSTEM, Event.HANDOFF, "first", {}),
        (AGENT, Event.CLAIMED, "", {}),
        (AGENT, Event.LENT, "", {"flow": "survey"}),
        (BOT, Event.FLOW, "Survey", {"flow": "survey"}),
        (SYSTEM, Event.HANDOFF, "done", {}),
        (AGENT, Event.LENT, "", {"flow": "survey"}),
        (AGENT, Event.CLAIMED, "", {}),
        (SYSTEM, Event.HANDOFF, "again", {}),
        (AGENT, Event.LENT, "", {"flow": "odd"}),
        (SYSTEM, Event.HANDOFF, "no title", {}),
    )
    assert events.came_back(entries) == {5: "Survey", 10: "odd"}
    brief = last_brief(entries)
    assert brief is not None
    assert brief.reason == "again"
    assert last_brief(entries[:2] + entries[2:5]) == last_brief(entries[:2])
    assert last_brief(()) is None


def test_the_bots_questions_are_its_own() -> None:
    """Their nodes are those that the bot asks with; an answer to them is no answer in a tree."""
    from agentassist.flows.bot import MEANT
    from agentassist.session.brief import SOLVED_NODE
    from agentassist.session.reception_turn import ALL_NODE, OFFER_NODE

    assert {SOLVED_NODE, OFFER_NODE, ALL_NODE, MEANT} == events.BOT_NODES
    yes, tree = numbered(
        (CUSTOMER, CHOICE, "Yes", {"node": SOLVED_NODE, "value": "yes"}),
        (CUSTOMER, CHOICE, "Yes", {"node": SOLVED_NODE, "flow": "a"}),
    )
    assert events.answers_the_bot(yes)
    assert not events.answers_the_bot(tree)


def test_a_brief_says_each_thing_once() -> None:
    """A signal that the reason has is left out; what was tried is not told as seen again."""
    (entry,) = numbered(
        (
            SYSTEM,
            Event.HANDOFF,
            "asked twice; the bot had no answer",
            {
                "signals": [{"text": "The bot had no answer."}, {"text": "shouts: “HELP” (#3)"}],
                "articles": ["a", "b"],
                "tried": ["a"],
                "question": "why",
                "friction": 0.7,
                "skills": ["heating"],
                "stakes": "safety",
            },
        )
    )
    brief = last_brief([entry])
    assert brief is not None
    assert noticed(brief) == ["shouts: “HELP” (#3)"]
    assert list(facts(brief)) == [
        ("Asks", "why"),
        ("Tried, no help", "a"),
        ("Seen", "b"),
        ("Stakes", "safety"),
        ("Needs", "heating"),
        ("Level", "at the point of friction"),
    ]


def test_the_marks_are_those_of_the_meter() -> None:
    """The scores are the meter's own; each level has a mark of its own; what the meter said comes before the score."""
    from agentassist.friction.settings import MeterSettings

    assert (MeterSettings().strained, MeterSettings().friction) == (STRAINED, FRICTION)
    assert [strain(score) for score in (0.0, STRAINED, FRICTION)] == [0, 1, 2]
    assert strain(0.9, "strained") == 1
    assert strain(0.9, "odd") == 2
    assert len(set(MARKS)) == 3
