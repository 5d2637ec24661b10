"""When the bot offers a person: once for each cause, not again and again, and at once when it matters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agentassist.friction.meter import Meter
from agentassist.friction.offer import Offer, ready_to_offer, wish_of
from agentassist.friction.reading import Level, Reading, Signal, SignalKind
from agentassist.friction.settings import MeterSettings
from tests.unit.friction.conftest import BEGAN, Turn, after, said, talk

HELLO: Turn = ("customer", "it does not work")


def signal(kind: SignalKind, weight: float) -> Signal:
    """Return a signal of this weight."""
    return Signal(kind, (1,), "words", weight, f"{kind.value} (#1)")


def reading(*kinds: SignalKind, level: Level = Level.FRICTION, asked: bool = False, stakes: str = "") -> Reading:
    """Return a reading with signals of falling weight."""
    some = tuple(signal(kind, 3.0 - at) for at, kind in enumerate(kinds))
    return Reading(level, 0.8, some, tuple(item.text for item in some), asked=asked, stakes=stakes)


def test_nothing_is_offered_while_all_is_calm_or_strained() -> None:
    """Only the point of friction is a reason."""
    for level in (Level.CALM, Level.STRAINED):
        assert ready_to_offer(reading(SignalKind.UPSET, level=level), talk(HELLO), BEGAN) is None


def test_a_person_is_offered_at_the_point_of_friction() -> None:
    """With the weightiest signal as the cause and as the reason."""
    entries = talk(HELLO)
    offer = ready_to_offer(reading(SignalKind.REPEATED, SignalKind.UPSET), entries, after(entries))
    assert offer is not None
    assert (offer.at_once, offer.cause, offer.reason) == (False, SignalKind.REPEATED, "repeated (#1)")
    assert len(offer.signals) == 2


def test_once_for_each_cause_and_not_within_the_cool_down() -> None:
    """The same cause is not offered twice; another one is, once the cool-down is over."""
    offered: Turn = ("bot", "Shall I get a person?", {"bot": "offer", "offer": "person", "cause": "repeated"})
    entries = talk(HELLO, offered, ("customer", "no thanks"))
    now = reading(SignalKind.REPEATED, SignalKind.UPSET)
    assert ready_to_offer(now, entries, after(entries, minutes=1)) is None
    later = ready_to_offer(now, entries, after(entries, minutes=11))
    assert later is not None
    assert later.cause is SignalKind.UPSET
    assert ready_to_offer(reading(SignalKind.REPEATED), entries, after(entries, days=1)) is None


@pytest.mark.parametrize("event", ["returned", "reopened"])
def test_after_a_return_it_begins_anew(event: str) -> None:
    """What was offered before a person had the conversation is over."""
    offered: Turn = ("bot", "Shall I?", {"bot": "offer", "cause": "repeated"})
    entries = talk(HELLO, offered, ("agent", "", {"event": event}), HELLO)
    assert ready_to_offer(reading(SignalKind.REPEATED), entries, after(entries)) is not None


def test_a_wish_and_high_stakes_are_followed_at_once() -> None:
    """Even within the cool-down, and whoever wished for the bot."""
    entries = talk(HELLO, ("bot", "Shall I?", {"bot": "offer", "cause": "asked"}),
                   ("customer", "go on", {"event": "wished", "wish": "bot"}))  # fmt: skip
    now = after(entries)
    asked = ready_to_offer(reading(SignalKind.ASKED, asked=True), entries, now)
    assert asked is not None
    assert (asked.at_once, asked.cause) == (True, SignalKind.ASKED)
    stakes = ready_to_offer(reading(level=Level.CALM, stakes="safety"), entries, now)
    assert stakes == Offer(at_once=True, cause=SignalKind.STAKES, reason="high stakes: safety")
    assert ready_to_offer(reading(level=Level.CALM, stakes="money"), entries, now) is None


def test_who_wants_the_bot_is_left_with_it() -> None:
    """The stated wish overrides the meter."""
    entries = talk(HELLO, ("customer", "go on", {"event": "wished", "wish": "bot"}))
    assert ready_to_offer(reading(SignalKind.UPSET), entries, after(entries)) is None
    assert wish_of(entries) == "bot"
    assert wish_of(talk(HELLO)) == ""


def test_the_whole_way_from_entries_to_an_offer(meter: Meter) -> None:
    """Read, offer, decline: it is offered once, and not after each further message."""
    turns: list[Turn] = [
        ("customer", "my dial does not pair with the bridge"), ("bot", "No answer.", {"bot": "none"}),
        ("customer", "the dial does not pair with the bridge"), ("bot", "No answer.", {"bot": "none"}),
        ("customer", "the dial still does not pair, this is terrible!!!"),
    ]  # fmt: skip
    offers = 0
    for _ in range(4):
        entries = talk(*turns)
        now = entries[-1].at + timedelta(seconds=5)
        offer = ready_to_offer(meter.read(entries, now), entries, now, MeterSettings())
        if offer is not None:
            offers += 1
            turns.append(("bot", "Shall I get a person?", {"bot": "offer", "cause": offer.cause.value}))
        turns.append(("customer", "no, the dial still does not pair, terrible!!!"))
    assert offers == 1


def test_gas_hands_over_at_once(meter: Meter) -> None:
    """The topic is in the reason."""
    entries = said("I smell gas in my kitchen")
    offer = ready_to_offer(meter.read(entries, after(entries)), entries, after(entries))
    assert offer is not None
    assert offer.at_once
    assert "smell gas" in offer.reason
