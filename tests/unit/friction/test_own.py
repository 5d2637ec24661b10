"""The bot and the trees are taken at their data, other people's words at the lexicon."""

from __future__ import annotations

import pytest

from agentassist.flows import bot
from agentassist.friction import told
from agentassist.friction.meter import Meter
from agentassist.friction.offer import ready_to_offer
from agentassist.friction.reading import Level, Signal, SignalKind
from agentassist.models import Data
from agentassist.session import brief, reception_turn
from tests.unit.friction.conftest import Turn, after, said, talk

ASKS: Turn = ("customer", "my radiator is cold")
GUIDE: Turn = ("bot", "Turn it.", {"article": "valve", "title": "The valve", "bot": "answer", "probability": 0.9})


def kinds(meter: Meter, *turns: Turn) -> dict[SignalKind, Signal]:
    """Return the signals at the end, by kind."""
    entries = talk(*turns)
    return {item.kind: item for item in meter.read(entries, after(entries)).signals}


def choice(node: str, value: str, label: str = "No, it is just cold", **more: str) -> Turn:
    """Return an answer of the customer to a question."""
    data: Data = {"node": node, "question": "?", "value": value, **more}
    return ("customer", label, data)


def test_the_nodes_are_those_of_the_bot() -> None:
    """What is read here is what the bot and the reception write."""
    nodes = (brief.SOLVED_NODE, bot.MEANT, reception_turn.OFFER_NODE, reception_turn.ALL_NODE)
    assert nodes == (told.HELPED, told.MEANT, told.PERSON, told.ALL)


@pytest.mark.parametrize(
    "data",
    [{"flow": "start", "node": "words"}, {"bot": "greeting"}, {"bot": "sorry"}, {"bot": "glad"}, {"bot": "promise"},
     {"bot": "handing-over"}, {"bot": "answer", "probability": 0.9}],
)  # fmt: skip
def test_words_of_our_own_bot_are_no_refusal(meter: Meter, data: Data) -> None:
    """That a person takes over if there is no good answer is no missing answer, no offer and nothing done."""
    text = "Unfortunately there is no good answer; a colleague will be booked successfully."
    made = kinds(meter, ("bot", text, data), ASKS)
    assert not {SignalKind.NO_ANSWER, SignalKind.DONE} & set(made)
    entries = talk(("bot", text, data), ("customer", "yes"))
    assert not meter.read(entries, after(entries)).asked


def test_words_of_another_bot_count(meter: Meter) -> None:
    """A transcript without such data is read by its words."""
    assert SignalKind.NO_ANSWER in kinds(meter, ASKS, ("bot", "Unfortunately there is no answer."))


def test_doubt_weighs_less_than_nothing(meter: Meter) -> None:
    """Asking which article is meant is half an answer; so is one that is not likely to be right."""
    none = kinds(meter, ASKS, ("bot", "x", {"bot": "none"}))[SignalKind.NO_ANSWER].weight
    unsure = kinds(meter, ASKS, ("bot", "x", {"bot": "unsure"}))[SignalKind.NO_ANSWER].weight
    unlikely = kinds(meter, ASKS, ("bot", "x", {"bot": "answer", "probability": 0.3}))[SignalKind.NO_ANSWER].weight
    assert none > unsure == unlikely > 0


def test_a_label_that_begins_with_no_is_an_answer(meter: Meter) -> None:
    """In a tree nothing is refused; somebody else's question can be."""
    assert SignalKind.REFUSED not in kinds(meter, choice("which", "cold", flow="start"))
    assert SignalKind.REFUSED in kinds(meter, choice("confirm", "negate"))


def test_an_article_that_did_not_help_was_tried(meter: Meter) -> None:
    """It is unresolved and tried, and cited by its title; that it helped takes all of that back."""
    no, yes = choice("did-it-help", "no", "Not yet"), choice("did-it-help", "yes", "Yes, that solved it")
    made = kinds(meter, ASKS, GUIDE, no)
    assert {SignalKind.UNRESOLVED, SignalKind.TRIED} <= set(made)
    assert (made[SignalKind.TRIED].entries, made[SignalKind.TRIED].words) == ((2, 3), "The valve")
    entries = talk(ASKS, GUIDE, no)
    assert meter.read(entries, after(entries)).tried == ("valve",)
    solved = kinds(meter, ASKS, GUIDE, no, GUIDE, yes)
    assert SignalKind.DONE in solved
    assert not {SignalKind.UNRESOLVED, SignalKind.TRIED, SignalKind.BACK, SignalKind.BOT_REPEATED} & set(solved)


def test_the_other_questions_of_the_bot(meter: Meter) -> None:
    """None of these is a weak lack of an answer, that was all is done, something else is nothing."""
    unsure: Turn = ("bot", "Did you mean", {"bot": "unsure"})
    weak = kinds(meter, ASKS, unsure, choice("did-you-mean", "none", "None of these"))[SignalKind.NO_ANSWER]
    assert weak.entries == (2, 3)
    assert weak.weight < kinds(meter, ASKS, ("bot", "x", {"bot": "none"}))[SignalKind.NO_ANSWER].weight
    assert SignalKind.DONE in kinds(meter, ASKS, choice("is-that-all", "yes", "Yes, thank you"))
    assert not {SignalKind.REFUSED, SignalKind.DONE} & set(
        kinds(meter, choice("is-that-all", "no", "No, something else"))
    )
    twice = (choice("did-you-mean", "a", "A"), unsure, choice("did-you-mean", "b", "B"))
    assert SignalKind.BACK not in kinds(meter, ASKS, unsure, *twice)


def test_who_wants_no_person_now_is_left_alone_for_a_while(meter: Meter) -> None:
    """The cool-down begins with the answer; yes asks for one."""
    offer: Turn = ("bot", "Shall I?", {"bot": "offer", "cause": "upset"})
    angry: Turn = ("customer", "this is useless, you are hopeless!!!")
    entries = talk(angry, offer, choice("talk-to-a-person", "no", "No, go on"), angry)
    reading = meter.read(entries, after(entries))
    assert not reading.asked
    assert SignalKind.REFUSED not in {item.kind for item in reading.signals}
    assert reading.level is Level.FRICTION
    assert ready_to_offer(reading, entries, entries[2].at) is None
    assert ready_to_offer(reading, entries, after(entries, minutes=11)) is not None
    wanted = talk(angry, offer, choice("talk-to-a-person", "yes", "Yes, a person please"))
    assert meter.read(wanted, after(wanted)).asked


def test_a_form_is_not_a_long_way(meter: Meter) -> None:
    """Each field is an entry, and none of them strains."""
    fields: list[Turn] = [("customer", "x", {"flow": "f", "node": "n", "field": str(at)}) for at in range(20)]
    assert SignalKind.LONG not in kinds(meter, *fields)


@pytest.mark.parametrize("text", ["hello", "how do I change my plan", "thanks, that worked", "42", "ok"])
def test_what_says_nothing_is_no_reason(meter: Meter, text: str) -> None:
    """A faint signal moves the score a little; it is not told as a reason."""
    entries = said(text)
    assert meter.read(entries, after(entries)).reasons == ()


def test_a_reason_weighs_and_is_likely() -> None:
    """Both, where meaning is judged; else its weight is enough."""
    assert not Signal(SignalKind.UPSET, (1,), "", 1.2, "", 0.4).speaks
    assert Signal(SignalKind.UPSET, (1,), "", 1.2, "", 0.6).speaks
    assert not Signal(SignalKind.ASKED, (1,), "", 0.4, "", 0.9).speaks
    assert Signal(SignalKind.TRIED, (1,), "", 0.6, "", 0.1).speaks
