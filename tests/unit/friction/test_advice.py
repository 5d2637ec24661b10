"""What the desk advises: a guide, a person, or nothing; and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentassist.friction.advice import (
    Advice,
    Channels,
    Direction,
    Guide,
    Habits,
    advise,
    asks_how,
    journey_of,
)
from agentassist.friction.reading import Level, Reading
from agentassist.models import Journey
from agentassist.text import clean_line

CALM = Reading(Level.CALM, 0.05)
GOOD = Guide(title="Pair a Dial", probability=0.9, words=300, steps=6)
HOW = "How do I pair the dial?"


def advice(reading: Reading = CALM, **given_: Any) -> Advice:
    """Return the advice for a how-to question with a good guide, but for what is given."""
    usual: dict[str, Any] = {
        "asked_for": HOW, "guide": GOOD, "habits": Habits(), "journey": None, "channels": Channels(),
    }  # fmt: skip
    return advise(reading, **{**usual, **given_})


def test_a_how_to_question_with_a_good_long_guide_goes_digital() -> None:
    """And the reason names the guide and what speaks for it."""
    made = advice()
    assert (made.direction, made.channel) == (Direction.DIGITAL, "chat")
    assert made.reason == "Send “Pair a Dial”: a how-to question, 6 steps, 300 words."


@pytest.mark.parametrize(
    ("reading", "word"),
    [
        (Reading(Level.CALM, 0.1, stakes="safety"), "safety"),
        (Reading(Level.FRICTION, 0.9, asked=True), "asked for a person"),
        (Reading(Level.STRAINED, 0.4, upset=0.9, reasons=("sounds upset: “no” (#1)",)), "sounds upset"),
        (Reading(Level.FRICTION, 0.8, reasons=("asks the same again (#1, #3)",)), "asks the same again"),
    ],
)
def test_a_person_answers_when_it_matters(reading: Reading, word: str) -> None:
    """High stakes, a wish for a person and distress speak against every guide."""
    made = advice(reading)
    assert made.direction is Direction.PERSON
    assert word in made.reason


@pytest.mark.parametrize(
    ("given_", "word"),
    [
        ({"guide": None}, "No good article"),
        ({"guide": replace(GOOD, probability=0.3)}, "No good article"),
        ({"guide": replace(GOOD, tried=True)}, "already"),
        ({"guide": replace(GOOD, words=20, steps=1), "asked_for": "what colour is it"}, "short"),
        ({"habits": Habits(sent=3, opened=0)}, "does not open"),
        ({"journey": Journey.COMPLEX, "asked_for": "it is about three orders"}, "complex"),
    ],
)
def test_nothing_is_advised_when_nothing_serves_better(given_: dict[str, Any], word: str) -> None:
    """The agent answers, and is told why."""
    made = advice(**given_)
    assert (made.direction, made.channel) == (Direction.NONE, "")
    assert word in made.reason


@pytest.mark.parametrize(
    ("wish", "direction"),
    [
        ("person", Direction.PERSON),
        ("callback", Direction.PERSON),
        ("email", Direction.DIGITAL),
        ("bot", Direction.DIGITAL),
    ],
)
def test_the_stated_wish_overrides_everything(wish: str, direction: Direction) -> None:
    """Whatever the meter, the journey and the habits say."""
    for reading in (CALM, Reading(Level.FRICTION, 0.99, stakes="safety", asked=True, upset=1.0)):
        assert advice(reading, wish=wish, journey=Journey.EMOTIONAL).direction is direction


def test_the_channel_fits() -> None:
    """A very long read goes by e-mail, a complex matter that needs a person to a video call, when they are at hand."""
    book = replace(GOOD, words=900)
    assert advice(guide=book, channels=Channels(email=True)).channel == "email"
    assert advice(guide=book).channel == "chat"
    assert advice(guide=replace(book, video=True), channels=Channels(email=True)).channel == "chat"
    call = advice(Reading(Level.FRICTION, 0.8), journey=Journey.COMPLEX, channels=Channels(video_call=True))
    assert call.channel == "video call"


def test_the_three_inputs_are_told() -> None:
    """Behaviour, journey and channels stand beside every advice."""
    made = advice(habits=Habits(opened=2, sent=3, solved=1, tree_answers=4), channels=Channels(email=True))
    assert made.inputs.behaviour == (
        "opened 2 of 3 articles sent, solved digitally 1 time, answered 4 questions of the tree"
    )
    assert made.inputs.journey == "routine (by this conversation)"
    assert "e-mail" in made.inputs.channels
    assert advice().inputs.behaviour == "nothing known yet"
    assert advice(journey=Journey.COMPLEX).inputs.journey == "complex"


def test_the_journey_is_read_off_the_conversation() -> None:
    """When none is configured."""
    assert journey_of(CALM) is Journey.ROUTINE
    assert journey_of(Reading(Level.STRAINED, 0.3)) is Journey.COMPLEX
    assert journey_of(Reading(Level.CALM, 0.3, stakes="money")) is Journey.EMOTIONAL


@pytest.mark.parametrize(("text", "how"), [("How can I reset it", True), ("where is my parcel", False), ("", False)])
def test_how_to_questions(text: str, how: bool) -> None:
    """Are told by the lexicon's phrases."""
    assert asks_how(text) is how


@given(
    reading=st.builds(
        Reading,
        st.sampled_from(Level),
        st.floats(0, 1),
        stakes=st.sampled_from(["", "money", "safety"]),
        asked=st.booleans(),
        upset=st.floats(0, 1),
    ),
    guide=st.builds(
        Guide, title=st.text(max_size=60), probability=st.floats(0, 1), words=st.integers(0, 2_000), tried=st.booleans()
    ),
    journey=st.sampled_from([None, *Journey]),
    text=st.text(max_size=60),
    wish=st.sampled_from(["", "person", "bot", "email", "callback", "chat", "odd"]),
)
def test_there_is_always_one_safe_sentence(
    reading: Reading, guide: Guide, journey: Journey | None, text: str, wish: str
) -> None:
    """Whatever is given, the advice has a reason that can be shown, and never sends a guide against high stakes."""
    made = advice(reading, guide=guide, journey=journey, asked_for=text, wish=wish)
    assert made.reason
    assert clean_line(made.reason) == made.reason
    if reading.stakes and wish not in ("bot", "email"):
        assert made.direction is Direction.PERSON
    if made.direction is Direction.NONE:
        assert made.channel == ""
