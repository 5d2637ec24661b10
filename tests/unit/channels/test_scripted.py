"""Simulated customers: what they write, when, and what they answer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from agentassist.channels.scripted import SimulatedCustomer, articles_of, trigger_of
from agentassist.channels.scripts import Line, Reaction, Script, Trigger
from agentassist.models import Author, Customer, Entry, EntryKind, Event, NewEntry

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HANDOFF = NewEntry(Author.SYSTEM, EntryKind.EVENT, "asked for a person", data={"event": "handoff"})


def says(*texts: str, after: float = 0.0) -> tuple[Line, ...]:
    """Return lines without a choice."""
    return tuple(Line((text,), after) for text in texts)


def script(**changes: Any) -> Script:
    """Return a customer with an opening of two lines."""
    facts: dict[str, Any] = {
        "id": "dana",
        "customer": Customer("cust-dana", "Dana Reyes", language="en"),
        "channel": "web",
        "before": (HANDOFF,),
        "opening": says("hello?", "the pairing code on my dial is gone"),
        "reactions": (
            Reaction(Trigger.ARTICLE, says("reading it", "it worked"), articles=("reset-code",), solved=True),
            Reaction(Trigger.ARTICLE, says("starts at the right place"), articles=("film",), seconds=(200, 300)),
            Reaction(Trigger.ARTICLE, says("where in it?"), articles=("film",)),
            Reaction(Trigger.WRONG_ARTICLE, says("that is not it")),
            Reaction(Trigger.QUESTION, says("no idea")),
            Reaction(Trigger.QUESTION, says("DL12345678"), about=("serial",)),
            Reaction(Trigger.GREETING, says("hi!")),
            Reaction(Trigger.PROMISE, says("ok, tomorrow then")),
            Reaction(Trigger.GOODBYE, says("no, thank you!")),
        ),
        "impatient": ("hello?", "anyone there?", "??"),
        "unanswered": ("are you there?",),
        "patience": 20.0,
    }
    return Script(**{**facts, **changes})


def reply(text: str, *, article: str = "", url: str = "https://help.example/a", seq: int = 9) -> Entry:
    """Return what an agent sends."""
    data = {"article": article, "title": article, "url": url} if article else {}
    kind = EntryKind.ARTICLE if article else EntryKind.MESSAGE
    return Entry(1, seq, NOW, Author.AGENT, "Ada", kind, text, data)


def event(what: Event) -> Entry:
    """Return an event."""
    return Entry(1, 5, NOW, Author.AGENT, "Ada", EntryKind.EVENT, "", {"event": what.value})


def live(
    customer: SimulatedCustomer, until: float, acts: Iterable[tuple[float, Entry]] = (), *, step: float = 0.1
) -> list[tuple[float, str]]:
    """Let a customer live, and return what they wrote and when."""
    waiting = sorted(acts, key=lambda act: act[0])
    said: list[tuple[float, str]] = []
    for tick in range(int(until / step)):
        now = tick * step
        while waiting and waiting[0][0] <= now:
            customer.hear(waiting.pop(0)[1], now)
        said += [(now, text) for text in customer.due(now)]
    return said


def words(said: list[tuple[float, str]]) -> list[str]:
    """Return only what was said."""
    return [text for _, text in said]


def test_the_same_seed_and_the_same_acts_give_the_same_words_at_the_same_time() -> None:
    """Everything is drawn from the seed, however often it is asked."""
    talkative = script(typos=0.3, opening=tuple(Line((f"one phrasing number {n}", f"another {n}")) for n in range(6)))
    acts = [(4.0, event(Event.CLAIMED)), (6.0, reply("Hello!")), (20.0, reply("…", article="reset-code"))]
    first = live(SimulatedCustomer(talkative, 7), 120, acts)
    assert live(SimulatedCustomer(talkative, 7), 120, acts) == first
    assert words(live(SimulatedCustomer(talkative, 7), 120, acts, step=0.05)) == words(first)
    assert words(live(SimulatedCustomer(talkative, 8), 120, acts)) != words(first)


def test_a_longer_text_takes_longer() -> None:
    """Typing takes time in proportion to the letters."""
    customer = SimulatedCustomer(script(opening=says("a" * 20, "b" * 200), pace=10.0), 0)
    (first, _), (second, _) = live(customer, 40)
    assert 2.0 <= first <= 3.5
    assert second - first >= 20.0


@pytest.mark.parametrize("seed", range(5))
def test_nobody_talks_over_themselves(seed: int) -> None:
    """However fast the agent writes, the next line comes only when there was time to type it."""
    customer = SimulatedCustomer(script(pace=10.0), seed)
    acts = [(1.0 + number * 0.7, reply(text)) for number, text in enumerate(["Hello!", "What serial?", "Well?"] * 4)]
    said = live(customer, 90, [*acts, (3.0, reply("…", article="reset-code"))])
    assert len(said) > 5
    for (before, _), (now, text) in pairwise(said):
        assert now - before >= len(text) / 10.0 - 0.11, text


def test_somebody_who_waits_asks_at_most_a_few_times_and_ever_later() -> None:
    """Impatience has an end."""
    said = live(SimulatedCustomer(script(), 0), 1000)
    assert words(said)[2:] == ["hello?", "anyone there?", "??"]
    gaps = [later - before for (before, _), (later, _) in pairwise(said[1:])]
    assert gaps[0] >= 16.0
    assert gaps == sorted(gaps)


def test_impatience_stops_when_claimed_and_comes_back_when_nobody_answers() -> None:
    """A claim is worth some patience; silence after it is not."""
    customer = SimulatedCustomer(script(), 0)
    said = live(customer, 300, [(15.0, event(Event.CLAIMED))])
    assert words(said)[2:] == ["are you there?"]
    assert said[2][0] >= 15.0 + 20.0 * 1.6 * 0.8
    assert customer.wakes == math.inf


def test_nobody_asks_while_it_is_the_customers_turn() -> None:
    """An answered customer has nothing to complain about."""
    said = live(SimulatedCustomer(script(), 0), 400, [(10.0, event(Event.CLAIMED)), (12.0, reply("One moment"))])
    assert "are you there?" not in words(said[: words(said).index("ok") + 1])


def test_an_article_is_known_by_its_id_and_solves_the_problem() -> None:
    """What was sent decides, not what was written around it."""
    customer = SimulatedCustomer(script(), 0)
    acts = [
        (9.0, event(Event.CLAIMED)),
        (10.0, reply("Perhaps?", article="other")),
        (25.0, reply("…", article="reset-code")),
    ]
    said = words(live(customer, 60, [*acts, (50.0, reply("Good to hear."))]))
    assert said[2:] == ["that is not it", "reading it", "it worked", "no, thank you!"]


def test_an_article_that_was_sent_as_one_of_several_counts() -> None:
    """`also` is looked at too."""
    entry = reply("two", article="other")
    both = Entry(
        1,
        9,
        NOW,
        Author.AGENT,
        "Ada",
        EntryKind.ARTICLE,
        "",
        {**entry.data, "also": [{"article": "film", "url": "https://v.example/f#t=42"}]},
    )
    assert articles_of(both) == (("other", None), ("film", 42.0))


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("https://www.youtube.com/watch?v=HWdialFit02&t=250s", "starts at the right place"),
        ("https://www.youtube.com/watch?v=HWdialFit02", "where in it?"),
        ("https://video.example/film.mp4#t=20", "where in it?"),
    ],
)
def test_a_video_has_to_begin_where_the_customer_is(url: str, answer: str) -> None:
    """The second in the link decides."""
    customer = SimulatedCustomer(script(), 0)
    said = words(live(customer, 60, [(9.0, event(Event.CLAIMED)), (10.0, reply("…", article="film", url=url))]))
    assert said[2:3] == [answer]


def test_a_question_that_is_known_is_answered_every_time() -> None:
    """Others get an answer once, then short words, then nothing."""
    acts = [(20.0 * n, reply("What is the serial?")) for n in range(1, 4)]
    assert words(live(SimulatedCustomer(script(), 0), 80, acts))[2:] == ["DL12345678"] * 3
    acts = [(20.0 * n, reply("Is it raining?")) for n in range(1, 8)]
    assert words(live(SimulatedCustomer(script(), 0), 160, acts))[2:] == ["no idea", "ok", "alright", "ok thanks"]


def test_a_promise_is_worth_waiting_for() -> None:
    """Who was promised an answer does not ask for one."""
    said = live(
        SimulatedCustomer(script(), 0), 600, [(10.0, event(Event.CLAIMED)), (11.0, reply("I'll get back to you"))]
    )
    assert words(said)[2:] == ["ok, tomorrow then"]


def test_what_is_only_polite_is_dropped_when_the_agent_goes_on() -> None:
    """A greeting that was not begun to be answered is not answered after the article."""
    acts = [(10.0, reply("Hello!")), (10.5, reply("…", article="reset-code"))]
    assert words(live(SimulatedCustomer(script(), 0), 60, acts))[2:] == ["reading it", "it worked"]


def test_who_has_the_answer_does_not_go_on_with_the_question() -> None:
    """What was not begun of the first burst is not written after the right article."""
    customer = SimulatedCustomer(script(opening=says("hello?", "my code is gone", "what do i do")), 0)
    said = words(live(customer, 60, [(2.5, event(Event.CLAIMED)), (3.0, reply("…", article="reset-code"))]))
    assert said == ["hello?", "my code is gone", "reading it", "it worked"]


def test_nothing_is_said_once_it_is_closed() -> None:
    """A line that was being typed stays unsent."""
    customer = SimulatedCustomer(script(), 0)
    assert words(live(customer, 200, [(3.0, event(Event.CLOSED))])) == ["hello?"]
    assert customer.over


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("Hi Dana!", Trigger.GREETING),
        ("Hola, buenas", Trigger.GREETING),
        ("I am so sorry about that.", Trigger.APOLOGY),
        ("Sorry! What does the display show?", Trigger.QUESTION),
        ("Is there anything else I can do?", Trigger.GOODBYE),
        ("Shall I call you tomorrow?", Trigger.PROMISE),
        ("Hold the button for ten seconds.", Trigger.OTHER),
    ],
)
def test_what_an_agent_writes_is_understood(text: str, trigger: Trigger) -> None:
    """What asks for something comes before what is only polite."""
    assert trigger_of(reply(text)) is trigger
