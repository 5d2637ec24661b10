"""The meter over whole conversations, read by their words."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentassist.friction.meter import Meter
from agentassist.friction.reading import Earlier, Level, Reading, SignalKind, earlier_of
from agentassist.friction.settings import MeterSettings
from agentassist.models import Conversation, Customer, Entry, State
from tests.unit.friction.conftest import BEGAN, STEP, Turn, after, said, talk

NONE: Turn = ("bot", "I have no answer to that.", {"bot": "none", "probability": 0.1})
GUIDE: Turn = ("bot", "Hold the button.", {"article": "pair", "title": "Pair", "bot": "answer", "probability": 0.9})
LOOP: tuple[Turn, ...] = (
    ("customer", "my dial does not pair with the bridge"), GUIDE,
    ("customer", "I did that already, it still won't pair"), NONE,
    ("customer", "the dial still does not pair with the bridge!!!"), NONE, ("customer", "this is useless"),
)  # fmt: skip


def read(meter: Meter, entries: list[Entry], **times: float) -> Reading:
    """Return the reading a moment after the last entry."""
    return meter.read(entries, after(entries, **times))


def kinds(reading: Reading) -> set[SignalKind]:
    """Return the kinds of the signals."""
    return {item.kind for item in reading.signals}


def test_a_calm_conversation_is_calm(meter: Meter) -> None:
    """A question, an answer and a thank you give no reason at all."""
    reading = read(meter, talk(("customer", "How do I change the Wi-Fi?"), GUIDE, ("customer", "thanks, that worked")))
    assert (reading.level, reading.reasons, reading.asked) == (Level.CALM, (), False)
    assert reading.score < 0.1


def test_no_entries_are_calm(meter: Meter) -> None:
    """A conversation that has only begun is calm, and walking it gives nothing."""
    assert meter.read((), BEGAN).level is Level.CALM
    assert meter.walk((), BEGAN) == ()


def test_a_loop_reaches_the_point_of_friction(meter: Meter) -> None:
    """An answer that was tried, the same again, no answer twice: the score rises, and the reasons cite it."""
    entries = talk(*LOOP)
    readings = meter.walk(entries, after(entries))
    assert readings[0].level is Level.CALM
    assert readings[-1].level is Level.FRICTION
    assert {SignalKind.TRIED, SignalKind.REPEATED, SignalKind.NO_ANSWER, SignalKind.UNRESOLVED} <= kinds(readings[-1])
    tried = next(item for item in readings[-1].signals if item.kind is SignalKind.TRIED)
    assert (tried.entries, tried.words) == ((2, 3), "did that")
    assert readings[-1].tried == ("pair",)
    assert len(readings[-1].reasons) == 3


@pytest.mark.parametrize(
    "text",
    ["Can I talk to a person?", "human", "agent please", "Please put me through to a member of your team",
     "I only wanted to raise it but pass me to a human please", "get me the manager"],
)  # fmt: skip
def test_a_wish_for_a_person_is_heard(meter: Meter, text: str) -> None:
    """Asking for a person, in whatever words, is the point of friction."""
    reading = read(meter, said(text))
    assert reading.asked
    assert reading.level is Level.FRICTION


@pytest.mark.parametrize(
    "text",
    ["How many persons fit in the room?", "I'd like to transfer 200 to another person", "what is your phone number?",
     "the travel agent booked it", "thanks, you are very helpful for a bot", "Who are you?"],
)  # fmt: skip
def test_words_about_persons_are_no_wish_for_one(meter: Meter, text: str) -> None:
    """The words alone do not ask for a person."""
    assert not read(meter, said(text)).asked


@pytest.mark.parametrize(("answer", "asked"), [("Yes please, that would be helpful", True), ("no thanks", False)])
@pytest.mark.parametrize(
    "offer",
    [("bot", "Shall I get one?", {"bot": "offer"}), ("bot", "Shall I transfer you to a human agent?")],
)  # fmt: skip
def test_yes_to_an_offer_asks_for_a_person(meter: Meter, offer: tuple[str, str], answer: str, asked: bool) -> None:
    """A yes right after an offer of a person is a wish for one, a no is none."""
    assert read(meter, talk(("customer", "it fails"), offer, ("customer", answer))).asked is asked


def test_a_stated_wish_counts_until_it_is_taken_back(meter: Meter) -> None:
    """The event `wished` says it outright; choosing the bot afterwards takes it back."""
    wished = talk(("customer", "hello"), ("customer", "a person", {"event": "wished", "wish": "person"}))
    assert read(meter, wished).asked
    back = talk(
        ("customer", "a person", {"event": "wished", "wish": "person"}),
        ("customer", "go on", {"event": "wished", "wish": "bot"}),
    )
    assert not read(meter, back).asked
    assert SignalKind.ASKED not in kinds(read(meter, back))


@pytest.mark.parametrize(("author", "event"), [("agent", "returned"), ("agent", "closed"), ("customer", "reopened")])
def test_an_old_wish_is_over_when_it_was_met(meter: Meter, author: str, event: str) -> None:
    """Given back to the bot, closed or opened again: what was asked before does not hand over again."""
    entries = talk(("customer", "get me a human"), ("system", "", {"event": "handoff"}), (author, "", {"event": event}))
    reading = read(meter, entries)
    assert not reading.asked
    assert kinds(reading) <= {SignalKind.RETURNED}


def test_a_level_is_left_later_than_it_is_reached() -> None:
    """Between the score at which a level begins and the one at which it ends it stays what it was."""
    meter = Meter.load(settings=MeterSettings(strained=0.2, friction=0.5, hold=0.1))
    steps = [(0.1, "calm"), (0.2, "strained"), (0.11, "strained"), (0.5, "friction"), (0.41, "friction"),
             (0.39, "strained"), (0.15, "strained"), (0.09, "calm"), (0.19, "calm"), (0.45, "strained")]  # fmt: skip
    level = Level.CALM
    for score, expected in steps:
        level = meter._level(score, level)
        assert level.value == expected, score


def test_it_calms_down_when_things_go_well(meter: Meter) -> None:
    """What was said fades with every further message: a friction that is solved is not one for ever."""
    well: list[Turn] = [
        ("customer", "thank you, that worked"),
        ("customer", "one more question"),
        ("customer", "great, thanks"),
    ]
    entries = talk(*LOOP, GUIDE, *well)
    assert meter.read(entries, after(entries)).score < meter.read(entries[:7], after(entries[:7])).score


@pytest.mark.parametrize(
    ("text", "topic"),
    [("I smell gas in the kitchen", "safety"), ("my solicitor will contact you", "legal"),
     ("my mother passed away last week", "bereavement"), ("please cancel my subscription", "cancellation"),
     ("my card was stolen and used", "money")],
)  # fmt: skip
def test_high_stakes_are_named(meter: Meter, text: str, topic: str) -> None:
    """A topic that is a person's matter is named; those of `hand_over_at_once` are the point of friction."""
    reading = read(meter, said(text))
    assert reading.stakes == topic
    assert (reading.level is Level.FRICTION) == (topic in ("safety", "legal", "bereavement"))


@pytest.mark.parametrize("text", ["The battery is dead", "my phone died", "where is the smoke detector"])
def test_words_of_high_stakes_alone_are_none(meter: Meter, text: str) -> None:
    """A phone that died is no bereavement."""
    assert read(meter, said(text)).stakes == ""


def test_topics_that_are_not_configured_are_not_named() -> None:
    """Only the configured topics are looked for."""
    assert read(Meter.load(settings=MeterSettings(stakes=("money",))), said("I smell gas in the kitchen")).stakes == ""


def test_in_phrases_that_are_set_aside_nothing_is_a_sign() -> None:
    """A product's name is no swearing and no complaint; what stands beside it is read as ever."""
    plain, aware = Meter.load(), Meter.load(settings=MeterSettings(never=("Damn Bloody Mary Mix",)))
    text = "I'd like two bottles of damn bloody mary mix"
    assert SignalKind.PROFANITY in kinds(read(plain, said(text)))
    assert SignalKind.PROFANITY not in kinds(read(aware, said(text)))
    assert SignalKind.PROFANITY in kinds(read(aware, said(f"{text}, you bastards")))


def test_the_tree_counts_going_back_and_answering_twice(meter: Meter) -> None:
    """Going back, and answering the same question again, are counted; a new run of the tree begins anew."""
    choice: Turn = ("customer", "Radiator", {"flow": "heat", "node": "which", "question": "Which?", "value": "r"})
    begins: Turn = ("bot", "Heating", {"event": "flow", "flow": "heat", "version": "1"})
    back: Turn = ("customer", "", {"event": "back", "flow": "heat", "node": "which"})
    once = next(s for s in read(meter, talk(begins, choice, back, choice)).signals if s.kind is SignalKind.BACK)
    assert sorted(once.entries) == [2, 3, 4]
    assert SignalKind.BACK not in kinds(read(meter, talk(begins, choice, begins, choice)))


def test_silence_and_waiting_are_told_by_the_clock(meter: Meter) -> None:
    """An unanswered question becomes a sign after minutes, a farewell never; waiting counts from the handoff."""
    question = talk(("customer", "it is broken"), ("bot", "Is the light on?"))
    assert SignalKind.SILENCE not in kinds(read(meter, question, minutes=4))
    assert SignalKind.SILENCE in kinds(read(meter, question, minutes=6))
    farewell = talk(("customer", "thanks"), ("bot", "You're welcome, have a nice day!"))
    assert SignalKind.SILENCE not in kinds(read(meter, farewell, minutes=60))
    waiting = talk(("customer", "hello"), ("system", "asks", {"event": "handoff"}))
    assert SignalKind.WAITING not in kinds(read(meter, waiting, minutes=2))
    assert SignalKind.WAITING in kinds(read(meter, waiting, minutes=5))
    claimed = talk(("customer", "hello"), ("system", "asks", {"event": "handoff"}), ("agent", "", {"event": "claimed"}))
    assert SignalKind.WAITING not in kinds(read(meter, claimed, minutes=60))


def test_coming_back_within_days_counts(meter: Meter) -> None:
    """An earlier conversation counts for some days, one that was solved for less, one of long ago not at all."""
    entries = said("hello")

    def value(*earlier: Earlier) -> float:
        found = [
            s for s in meter.read(entries, after(entries), earlier=earlier).signals if s.kind is SignalKind.RETURNED
        ]
        return found[0].weight if found else 0.0

    lately, long_ago = BEGAN - timedelta(days=2), BEGAN - timedelta(days=8)
    assert value(Earlier(7, lately)) > value(Earlier(7, lately, solved=True)) > 0
    assert value(Earlier(7, long_ago)) == 0


def test_the_order_of_earlier_conversations_does_not_matter(meter: Meter) -> None:
    """They are a set: in whatever order they come the reading is the same."""
    entries = said("hello again")
    some = [Earlier(at, BEGAN - timedelta(days=at), solved=at % 2 == 0) for at in range(1, 6)]
    assert meter.read(entries, after(entries), earlier=some) == meter.read(entries, after(entries), earlier=some[::-1])


def test_earlier_conversations_leave_out_the_one_that_is_read() -> None:
    """`earlier_of` takes what the records have, without the conversation itself."""
    one = Conversation(
        1, Customer("c", "C"), "web", BEGAN, State.CLOSED, "", BEGAN, 3, BEGAN, disposition="solved-article"
    )
    two = Conversation(2, Customer("c", "C"), "web", BEGAN, State.DIGITAL, "", BEGAN, 3, BEGAN)
    assert earlier_of((two, one), 2) == (Earlier(1, BEGAN, solved=True),)


TEXT = st.sampled_from(
    ["yes", "no", "still does not work", "WHY IS THIS BROKEN", "get me a human", "thanks", "where is my parcel", "damn",
     "I smell gas", "I tried that already", "", "\x1b[2J\u202e"]
)  # fmt: skip
TURN = st.one_of(
    st.tuples(st.just("customer"), TEXT),
    st.tuples(
        st.just("bot"), TEXT, st.sampled_from([{}, {"bot": "none"}, {"bot": "offer"}, {"article": "a"}, {"node": "n"}])
    ),
    st.tuples(st.just("customer"), TEXT, st.just({"node": "n", "question": "q", "value": "v"})),
    st.tuples(st.sampled_from(["customer", "agent", "system"]), TEXT, st.sampled_from(
        [{"event": name} for name in ("handoff", "claimed", "released", "closed", "reopened", "returned", "lent",
                                      "back", "opened", "rated", "flow", "follow_up")]
        + [{"event": "wished", "wish": wish} for wish in ("person", "bot", "email", "odd")])),
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(TURN, max_size=12))
def test_reading_again_gives_the_same_and_every_prefix_is_a_reading(meter: Meter, turns: list[tuple[str, str]]) -> None:
    """The reading after an entry depends on what was until then, and on nothing that came later or was read before."""
    entries = talk(*turns)
    now = BEGAN + STEP * (len(entries) + 1)
    readings = meter.walk(entries, now)
    assert len(readings) == len(entries)
    assert meter.walk(entries, now) == readings
    for length in range(1, len(entries) + 1):
        moment = entries[length].at if length < len(entries) else now
        assert meter.read(entries[:length], moment) == readings[length - 1]
    for reading in readings:
        assert 0 <= reading.score <= 1
        assert 0 <= reading.asks <= 1
        assert 0 <= reading.upset <= 1
        assert all(
            item.entries and min(item.entries) >= 1 and max(item.entries) <= reading.seq for item in reading.signals
        )
        assert all(item.text.isprintable() and item.words.isprintable() for item in reading.signals)


@pytest.mark.parametrize(
    "text",
    ["!" * 8_000, "a " * 4_000, "no " * 2_600, "\x00\x1b[31m" * 1_000, "but good " * 800, "😀" * 8_000,
     "can't " * 1_300, "still not work " * 500, "\ud800\u202e" * 4_000, "damn " * 1_600, ("x" * 40 + " ") * 190],
    ids=lambda text: repr(text[:6]),
)  # fmt: skip
def test_hostile_strings_take_no_time(meter: Meter, text: str) -> None:
    """8,000 characters of anything are read within a fraction of a second, and cited safely."""
    entries = said(text, text[::-1])
    began = time.process_time()
    reading = read(meter, entries)
    assert time.process_time() - began < 0.5
    assert all(item.text.isprintable() and len(item.text) < 200 for item in reading.signals)


def test_a_long_conversation_is_read_in_time(meter: Meter) -> None:
    """Once its texts are known, 200 messages are read again within a few milliseconds of work."""
    entries = said(*(f"message {at} about my parcel that has not arrived, what now?" for at in range(200)))
    meter.read(entries, after(entries))
    began = time.process_time()
    meter.read(entries, after(entries))
    assert time.process_time() - began < 0.1
