"""What was asked and how it was answered."""

from __future__ import annotations

import pytest

from agentassist.session.episodes import TITLE, answer_of, asks, episodes, headline, minutes
from agentassist.store.gaps import Line

ANSWER = "We do not sell solar panels, but the Bridge reads any inverter with a pulse output."


def said(*parts: tuple[str, str]) -> list[Line]:
    """Return lines: `c` is the customer, `a` an agent, `A` an article, anything else an event of the agent."""
    lines = []
    for number, (who, text) in enumerate(parts, start=1):
        author = "customer" if who == "c" else "agent"
        kind = {"c": "message", "a": "message", "A": "article"}.get(who, "event")
        event = who if kind == "event" else ""
        lines.append(Line(1, number, f"2026-11-22T10:{number:02}:00.000000Z", author, "Ada", kind, event, text))
    return lines


def test_an_answer_after_questions_back_belongs_to_what_was_asked() -> None:
    """The customer's name and order number are no questions of their own."""
    found = episodes(
        said(
            ("claimed", ""), ("c", "hi"), ("c", "do you sell solar panels?"), ("a", "May I have your name?"),
            ("c", "Crystal Minh"), ("a", ANSWER), ("c", "thanks!"), ("a", "You're welcome!"),
            ("c", "And how long does a refund take?"), ("A", "Refunds\nhttps://x.example"), ("closed", "done"),
        )
    )  # fmt: skip
    assert [(item.first, item.last, item.article) for item in found] == [(2, 8, False), (9, 10, True)]
    assert (found[0].question, found[0].answers, found[0].answered) == ("hi\ndo you sell solar panels?", (ANSWER,), 6)


def test_a_question_again_before_an_answer_is_the_same_question() -> None:
    """Who asks for help first and says what for then has asked one thing."""
    found = episodes(said(("c", "Can you help me with a return?"), ("a", "Sure, what is it?"), ("c", "I got the wrong size, how do I send it back?")))  # fmt: skip # noqa: E501
    assert len(found) == 1
    assert headline(found[0].question) == "I got the wrong size, how do I send it back?"


def test_nothing_asked_is_no_episode() -> None:
    """What agents say before the customer belongs to nothing."""
    assert episodes([]) == []
    assert episodes(said(("claimed", ""), ("a", ANSWER), ("closed", ""))) == []


@pytest.mark.parametrize("text", ["HEY HO!", "ok", "thanks", "Crystal Minh", "cminh730@email.com", "yes, I did"])
def test_small_talk_asks_nothing(text: str) -> None:
    """Greetings, thanks and data are no questions."""
    assert not asks(text)


@pytest.mark.parametrize("text", ["how long does it take?", "my dial won't pair", "電源が入りません", "Heizung kalt?"])
def test_a_need_asks(text: str) -> None:
    """A question mark, a word of need, or a script for which no words are known."""
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    ["Hi! One moment.", "May I have your username, email address and order ID please", "Is the light on it white?",
     "You're welcome, have a great day!", "Next I need to validate your purchase.", ""],
)  # fmt: skip
def test_small_talk_of_agents_is_no_answer(text: str) -> None:
    """Who asks back, looks or says goodbye has answered nothing."""
    assert answer_of(text) == ""


def test_an_answer_loses_its_small_talk() -> None:
    """What stays is what an article needs."""
    assert answer_of(f"Hi Dana! {ANSWER} Is there anything else?") == ANSWER


def test_a_headline_is_short() -> None:
    """However long a customer writes."""
    assert len(headline("why does it not work " * 50)) <= TITLE
    assert headline("") == ""


def test_minutes_are_from_claim_to_close_release_or_the_last_entry() -> None:
    """The bot's and the queue's time is nobody's work; a second agent's time is added."""
    assert minutes(said(("c", "x"), ("claimed", ""), ("a", "x"), ("c", "x"), ("closed", ""), ("c", "x"))) == 3
    assert minutes(said(("claimed", ""), ("released", ""), ("c", "x"), ("claimed", ""), ("a", "x"), ("c", "x"))) == 2
    assert minutes(said(("c", "x"), ("a", "x"))) == 0
