"""What an advice is made of: the reading, the best suggestion, the customer's habits, the journey, the channels."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agentassist.config import Config
from agentassist.errors import NotFoundError, SearchError
from agentassist.flows.model import Flow
from agentassist.friction.advice import Direction
from agentassist.friction.reading import Level, Reading
from agentassist.friction.settings import MeterSettings
from agentassist.models import (
    Article,
    ArticleKind,
    Author,
    Customer,
    Data,
    Entry,
    EntryKind,
    Event,
    Hit,
    Journey,
    Mode,
    NewEntry,
    Passage,
    SearchResult,
)
from agentassist.session import advising
from agentassist.session.advising import Case, History, Rules
from agentassist.session.desk import Desk
from agentassist.session.knowledge import Knowledge
from agentassist.session.measuring import Measuring
from agentassist.store.store import Store
from tests.unit.session.conftest import StandingClock

AT = datetime(2026, 11, 29, 10, tzinfo=UTC)
STEPS = "1. Hold the button.\n2. Wait for the ring.\n3) Press once.\nStep 4: read the code."


class Shelf:
    """A knowledge base with what a test puts there."""

    def __init__(self, reading: Reading | None = None, flows: dict[str, Flow] | None = None, text: str = STEPS) -> None:
        self.reading, self.flows, self.text = reading, flows or {}, text

    def measure(self, *_: object) -> Reading | None:
        """Return what the meter says."""
        return self.reading

    def trees(self) -> dict[str, Flow]:
        """Return the trees."""
        return self.flows

    def passages(self, article_id: str) -> tuple[Passage, ...]:
        """Return the one passage of each article."""
        return (Passage(article_id, 0, "In short", self.text, None),)


class Broken(Shelf):
    """A knowledge base that cannot be read."""

    def trees(self) -> dict[str, Flow]:
        """Fail."""
        raise NotFoundError("no folder", "")

    def passages(self, article_id: str) -> tuple[Passage, ...]:
        """Fail."""
        raise SearchError("no index", "")


def hit(probability: float | None = 0.9, *, rank: int = 1, link: str = "https://help.example/reset") -> Hit:
    """Return a suggestion."""
    article = Article("reset", ArticleKind.ARTICLE, "Reset the code", link, "articles/reset.md")
    passage = Passage("reset", 0, "In short", "Hold the button.", None)
    return Hit(rank, article, passage, 1.0, 0.9, (), link, "close", probability)


def entry(seq: int, author: Author, kind: EntryKind, text: str = "", data: Data | None = None) -> Entry:
    """Return an entry."""
    return Entry(1, seq, AT, author, "", kind, text, data or {})


def said(text: str, *more: Entry) -> tuple[Entry, ...]:
    """Return a conversation in which a customer asks something."""
    return (entry(1, Author.CUSTOMER, EntryKind.MESSAGE, text), *more)


def case(entries: tuple[Entry, ...], *hits: Hit, **changes: Any) -> Case:
    """Return a conversation to advise on."""
    result = SearchResult(hits or (hit(),), Mode.HYBRID)
    return replace(Case(entries, result, History(), Rules(), AT), **changes)


CALM = Reading(Level.CALM, 0.1)
HOW = said("how do I get a new pairing code?")


def test_a_how_to_question_with_steps_is_for_a_guide() -> None:
    """The whole article is counted, its steps too; the reason and the three inputs are told."""
    made = advising.advise(Shelf(CALM), case(HOW, email=True))  # type: ignore[arg-type]
    assert made.measured
    assert made.advice.direction is Direction.DIGITAL
    assert "4 steps" in made.advice.reason
    assert all((made.advice.inputs.behaviour, made.advice.inputs.journey, made.advice.inputs.channels))


@pytest.mark.parametrize("wish", ["person", "callback"])
def test_a_wish_overrides_everything(wish: str) -> None:
    """However good the guide is: who asked for a person gets one."""
    wished = entry(2, Author.CUSTOMER, EntryKind.EVENT, "", {"event": "wished", "wish": wish})
    made = advising.advise(Shelf(CALM), case((*HOW, wished)))  # type: ignore[arg-type]
    assert made.advice.direction is Direction.PERSON


def test_until_the_meter_is_ready_the_handoff_counts() -> None:
    """Its level, stakes and reasons; odd values count as nothing said."""
    told: Data = {"event": "handoff", "friction": 0.9, "level": "friction", "stakes": "safety", "asked": True}
    handoff = entry(2, Author.SYSTEM, EntryKind.EVENT, "asked", told)
    made = advising.advise(Shelf(None), case((*HOW, handoff)))  # type: ignore[arg-type]
    assert not made.measured
    assert made.advice.direction is Direction.PERSON
    assert "safety" in made.advice.reason
    reading = advising.reading_of((replace(handoff, data={"event": "handoff", "level": "odd", "friction": "x"}),))
    assert (reading.level, reading.score) == (Level.CALM, 0.0)
    assert advising.reading_of(()).level is Level.CALM


def test_nothing_is_said_of_what_is_not_known() -> None:
    """What keyword search finds has no probability: that no article is good is not claimed."""
    made = advising.advise(Shelf(CALM), case(HOW, hit(None)))  # type: ignore[arg-type]
    assert (made.advice.direction, made.advice.reason) == (Direction.NONE, "")


def test_the_best_that_may_be_sent_is_the_guide() -> None:
    """One without a link is passed over; no match is no guide; one that was sent or tried is told as such."""
    guide = advising.guide_of(Shelf(), case(HOW, hit(link=""), hit(0.6, rank=2)), CALM)  # type: ignore[arg-type]
    assert guide is not None
    assert (guide.probability, guide.tried, guide.steps, guide.words) == (0.6, False, 4, 17)
    nothing = case(HOW, result=SearchResult((hit(),), Mode.HYBRID, no_match=True))
    assert advising.guide_of(Shelf(), nothing, CALM) is None  # type: ignore[arg-type]
    sent = entry(2, Author.BOT, EntryKind.ARTICLE, "", {"article": "reset", "title": "Reset", "url": "https://x"})
    for entries, reading in (((*HOW, sent), CALM), (HOW, replace(CALM, tried=("reset",)))):
        tried = advising.guide_of(Shelf(), case(entries), reading)  # type: ignore[arg-type]
        assert tried is not None
        assert tried.tried
    alone = advising.guide_of(Broken(), case(HOW), CALM)  # type: ignore[arg-type]
    assert alone is not None
    assert alone.words == 3


def test_the_journey_is_the_topics_or_the_trees() -> None:
    """What is configured for a topic comes first, then the tree's own; without either it is worked out later."""
    flow = Flow("move", "Moving house", "a", {}, journey=Journey.COMPLEX, topic="contract")
    begun = entry(2, Author.BOT, EntryKind.EVENT, "Moving house", {"event": "flow", "flow": "move"})
    shelf, asked = Shelf(CALM, {"move": flow}), case((*HOW, begun))
    assert advising.journey_of(shelf, asked, CALM) is Journey.COMPLEX  # type: ignore[arg-type]
    ruled = replace(asked, rules=Rules(journeys={"contract": "emotional", "money": "routine"}))
    assert advising.journey_of(shelf, ruled, CALM) is Journey.EMOTIONAL  # type: ignore[arg-type]
    assert advising.journey_of(shelf, ruled, replace(CALM, stakes="money")) is Journey.ROUTINE  # type: ignore[arg-type]
    assert advising.journey_of(Shelf(), asked, CALM) is None  # type: ignore[arg-type]
    assert advising.journey_of(Broken(), asked, CALM) is None  # type: ignore[arg-type]


def test_habits_of_this_conversation_and_before() -> None:
    """What was sent and opened is added up; the answers in the tree are the customer's own, not the agent's."""
    now = (
        *HOW,
        entry(2, Author.CUSTOMER, EntryKind.CHOICE, "A", {"node": "x"}),
        entry(3, Author.AGENT, EntryKind.FORM, "B", {"node": "y"}),
        entry(4, Author.BOT, EntryKind.ARTICLE, "", {"article": "reset", "title": "R", "url": "u"}),
        entry(5, Author.CUSTOMER, EntryKind.EVENT, "", {"event": "opened", "article": "reset"}),
    )
    habits = advising.habits_of(case(now, history=History(opened=1, sent=2, solved=3, persons=4)))
    assert (habits.opened, habits.sent, habits.solved, habits.persons, habits.tree_answers) == (2, 3, 3, 4, 1)


def test_earlier_conversations(store: Store, clock: StandingClock) -> None:
    """Which needed a person, which were solved without, what was sent and opened in them; not this one."""
    customer = Customer("c-1", "Dana")
    alone = store.transcript.start(customer, "web")
    sent: Data = {"article": "reset", "title": "Reset", "url": "https://x"}
    opened: Data = {**sent, "event": Event.OPENED.value}
    store.transcript.append(
        alone,
        NewEntry(Author.BOT, EntryKind.ARTICLE, "", data=sent),
        NewEntry(Author.CUSTOMER, EntryKind.EVENT, "", data=opened),
    )
    store.page.finish(alone, "solved-digital", "")
    helped = store.transcript.start(customer, "web")
    store.claims.handoff(helped, "asked")
    store.claims.claim(helped, "Bo")
    store.claims.close(helped, "Bo", "solved", "")
    now = store.transcript.start(customer, "web")
    found = advising.history(Desk(store, "Ada"), now)
    assert (found.opened, found.sent, found.solved, found.persons) == (1, 1, 1, 1)
    assert {item.conversation_id: item.solved for item in found.earlier} == {alone: True, helped: True}


def test_the_rules_are_the_configuration() -> None:
    """Video calls, journeys, and what the meter heeds."""
    config = Config()
    assert Rules.of(config) == Rules(False, {}, (), config.friction.stakes)
    calls = replace(config, serve=replace(config.serve, video_call="https://meet.example/{room}"))
    assert Rules.of(calls).video_call


def test_the_meter_gets_ready_beside_everything_else() -> None:
    """The first reading comes back at once, and is none; once it is ready it reads."""
    measuring = Measuring(MeterSettings())
    assert measuring.read(HOW, AT, ()) is None
    measuring.wait()
    reading = measuring.read(said("I WANT TO TALK TO A REAL PERSON NOW"), AT, ())
    assert reading is not None
    assert reading.seq == 1


def test_the_trees_of_a_knowledge_base(tmp_path: Path, clock: StandingClock) -> None:
    """Those that ship are there; a folder that is not there is told."""
    assert Knowledge(tmp_path, clock).trees()
    with pytest.raises(NotFoundError):
        Knowledge(tmp_path, clock, tmp_path / "nowhere").trees()
