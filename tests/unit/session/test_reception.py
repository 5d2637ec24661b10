"""Customers at the reception: nothing lost, nothing twice, a person at every step, and nobody talked over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agentassist.config import Config, HoursConfig
from agentassist.errors import FlowInputError, NotFoundError, StaleNodeError, StateError, UsageError
from agentassist.friction.offer import Offer
from agentassist.friction.reading import Level, Reading, SignalKind
from agentassist.models import (
    Article,
    ArticleKind,
    Author,
    Entry,
    EntryKind,
    Event,
    Hit,
    Mode,
    Passage,
    SearchResult,
    State,
)
from agentassist.session import reception_wishes as wishes
from agentassist.session.brief import Brief
from agentassist.session.desk import Desk
from agentassist.session.forms import SharedForm
from agentassist.session.hours import Calendar
from agentassist.session.reception import Reception
from agentassist.session.reception_turn import Thought, consider
from agentassist.session.trees import TreeFiles
from agentassist.store.page import Page
from agentassist.store.store import Store
from tests.unit.session.conftest import StandingClock

FLOW = """
title: Start
start: topic
nodes:
  topic:
    say: Hello.
    choice: What is it about?
    options:
      order: {label: An order, next: order}
      ask: {label: Something else, next: ask}
      fix: {label: A fix, next: fix}
      gas: {label: Danger, next: gas}
      more: {label: Another tree, next: more}
  order:
    form: Which order is it?
    fields:
      number: {label: Order number, type: pattern, pattern: "HW-[0-9]{3}"}
      email: {label: E-mail, type: email, private: true}
    thanks: Thank you.
    next: person
  person: {person: Needs a person for an order, skills: [orders], say: A person does that.}
  ask: {bot: In your own words please.}
  gas: {person: Smells gas, skills: [safety], say: Leave the building.}
  fix:
    choice: Did it work?
    options: {yes: {label: "Yes", next: solved}, no: {label: "No", next: unsolved}}
  solved: {end: Good., solved: true}
  unsolved: {end: A pity., solved: false}
  more: {flow: second}
"""
SECOND = """
title: Second
start: q
nodes:
  q:
    choice: How are you?
    options: {well: {label: Well, next: out}, ill: {label: Ill, next: out}}
  out: {end: Thanks.}
"""
TOKEN = "t" * 22


class Door:
    """A reception and a customer at it."""

    def __init__(self, reception: Reception, store: Store) -> None:
        self.reception = reception
        self.store = store
        self.number = reception.arrive(TOKEN, language="en", timezone="Europe/Lisbon")
        self._sent = 0

    @property
    def send_id(self) -> str:
        """A new one each time."""
        self._sent += 1
        return f"s{self._sent}"

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything that was said."""
        return self.store.transcript.entries(self.number)

    @property
    def said(self) -> list[str]:
        """Who said what."""
        return [f"{entry.author}: {entry.text or entry.event}" for entry in self.entries]

    @property
    def state(self) -> State:
        """Where the conversation is."""
        return self.store.queue.get(self.number).state

    @property
    def prompt(self) -> str:
        """The node that is asked now, empty for none."""
        prompt = self.reception.view(self.number).prompt
        return str(prompt["node"]) if prompt else ""

    def picks(self, node: str, given: object) -> bool:
        """Answer; return whether the bot is to take a turn."""
        return self.reception.answer(self.number, self.send_id, node, given).turn  # type: ignore[arg-type]

    def says(self, text: str) -> bool:
        """Write; return whether the bot is to take a turn."""
        return self.reception.say(self.number, self.send_id, text).turn

    def thinks(self, *hits: Hit, **more: object) -> tuple[Entry, ...]:
        """Let the bot take its turn with what was found."""
        result = SearchResult(hits, Mode.HYBRID, no_match=not hits)
        thought = replace(Thought(self.entries[-1].seq, result), **more)  # type: ignore[arg-type]
        return self.reception.turn(self.number, thought)


def hit(name: str, probability: float) -> Hit:
    """Return a hit."""
    article = Article(name, ArticleKind.ARTICLE, name.title(), f"https://x/{name}", f"{name}.md")
    return Hit(1, article, Passage(name, 0, "", f"Do {name}."), 1.0, 0.5, (), article.url, "words", probability)


def make(store: Store, clock: StandingClock, folder: Path, **more: object) -> Reception:
    """Return a reception on a knowledge base of two trees."""
    (folder / "flows").mkdir(parents=True, exist_ok=True)
    (folder / "flows" / "start.yaml").write_text(FLOW, encoding="utf-8")
    (folder / "flows" / "second.yaml").write_text(SECOND, encoding="utf-8")
    config = replace(Config(), **more)  # type: ignore[arg-type]
    return Reception(
        store,
        config=config,
        decision_trees=TreeFiles(folder, clock),
        calendar=Calendar(config.hours),
        meter=None,
        clock=clock,
    )


@pytest.fixture
def reception(store: Store, clock: StandingClock, tmp_path: Path) -> Reception:
    """A reception that is always open."""
    return make(store, clock, tmp_path / "kb", hours=HoursConfig("UTC"))


@pytest.fixture
def door(reception: Reception, store: Store) -> Iterator[Door]:
    """A customer who has just come; at the end the triggers agree with the entries."""
    yield Door(reception, store)
    assert not store._connection.raw.in_transaction


def test_a_new_customer_meets_the_first_tree(door: Door) -> None:
    """The conversation begins with the tree; the browser is known, another is not; a zone that is none is left out."""
    assert door.said == ["bot: Start", "bot: Hello."]
    assert door.prompt == "topic"
    assert door.reception.known(TOKEN) == door.number
    assert door.reception.known("other") is None
    assert door.reception.belongs(TOKEN, door.number)
    other = door.reception.arrive("other", timezone="Mars/Olympus")
    assert not door.reception.belongs(TOKEN, other)
    assert door.store.queue.get(door.number).customer.timezone == "Europe/Lisbon"
    assert door.store.queue.get(other).customer.timezone == ""


def test_the_same_browser_begins_again_as_the_same_customer(door: Door) -> None:
    """A second conversation is the same customer's, and the first stays readable."""
    second = door.reception.arrive(TOKEN)
    assert door.reception.known(TOKEN) == second
    assert door.reception.belongs(TOKEN, door.number)
    customers = [door.store.queue.get(number).customer.id for number in (door.number, second)]
    assert customers[0] == customers[1]


def test_without_trees_the_bot_says_hello(store: Store, clock: StandingClock, tmp_path: Path) -> None:
    """A knowledge base without trees begins with the bot."""
    (tmp_path / "kb").mkdir()
    config = Config(hours=HoursConfig("UTC"))
    trees, calendar = TreeFiles(tmp_path / "kb", clock), Calendar(config.hours)
    made = Reception(store, config=config, decision_trees=trees, calendar=calendar, meter=None, clock=clock)
    door = Door(made, store)
    assert [entry.author for entry in door.entries] == [Author.BOT]
    assert door.prompt == ""


def test_a_tree_ends_with_a_person_who_sees_every_answer(door: Door) -> None:
    """Form fields, the reason and the skills are in the records; the address is the customer's."""
    door.picks("topic", "order")
    with pytest.raises(FlowInputError) as caught:
        door.picks("order", {"number": "nonsense", "email": "dana"})
    assert set(caught.value.fields) == {"number", "email"}
    before = door.said
    assert before[-1] == "customer: An order"
    door.picks("order", {"number": "HW-123", "email": "dana@example.com"})
    assert door.state is State.WAITING
    brief = Brief.of(door.entries)
    assert brief is not None
    assert (brief.reason, brief.skills) == ("Needs a person for an order", ("orders",))
    assert door.store.queue.get(door.number).customer.email == "dana@example.com"
    assert [entry.text for entry in door.entries if entry.kind is EntryKind.FORM] == ["HW-123", "dana@example.com"]


def test_an_answer_comes_once(door: Door) -> None:
    """The same send again stores nothing; an answer to a question that is answered is told so."""
    assert len(door.reception.answer(door.number, "x", "topic", "ask").entries) == 2
    count = len(door.entries)
    assert door.reception.answer(door.number, "x", "topic", "ask").entries == ()
    with pytest.raises(StaleNodeError):
        door.reception.answer(door.number, "another", "topic", "order")
    assert len(door.reception.back(door.number, "b").entries) == 2
    assert door.reception.back(door.number, "b").entries == ()
    count += 2
    assert door.reception.say(door.number, "y", "hello there").entries
    assert door.reception.say(door.number, "y", "hello there").entries == ()
    assert len(door.entries) == count + 1


def test_going_back_changes_an_answer(door: Door) -> None:
    """One step back asks again; at the first question there is nothing to go back to."""
    assert not door.reception.view(door.number).can_go_back
    door.picks("topic", "order")
    assert door.reception.view(door.number).can_go_back
    door.reception.back(door.number, door.send_id)
    assert door.prompt == "topic"
    door.picks("topic", "fix")
    assert door.prompt == "fix"


def test_one_tree_leads_to_another(door: Door) -> None:
    """The second begins by itself, and going back leads to the question before it, in the first."""
    door.picks("topic", "more")
    assert door.prompt == "q"
    assert door.reception.view(door.number).can_go_back
    door.reception.back(door.number, door.send_id)
    assert door.prompt == "topic"
    door.picks("topic", "more")
    door.picks("q", "well")
    assert door.prompt == ""


def test_what_the_tree_solved_is_closed_and_can_be_rated(door: Door) -> None:
    """Solved means closed by the bot, with a rating once; what was not solved offers a person."""
    door.picks("topic", "fix")
    with pytest.raises(UsageError):
        door.reception.rate(door.number, 5, "")
    door.picks("fix", "yes")
    conversation = door.store.queue.get(door.number)
    assert (conversation.state, conversation.disposition) == (State.CLOSED, "solved-digital")
    assert door.reception.view(door.number).rating == "asked"
    for wrong in (0, 6, True):
        with pytest.raises(UsageError):
            door.reception.rate(door.number, wrong, "")
    assert door.reception.rate(door.number, 5, " quick ")
    assert not door.reception.rate(door.number, 1, "no")
    assert door.entries[-1].data["rating"] == 5
    assert door.reception.view(door.number).rating == "done"


def test_what_the_tree_did_not_solve_offers_a_person(door: Door) -> None:
    """A pity is not the end of it."""
    door.picks("topic", "fix")
    door.picks("fix", "no")
    assert door.prompt == "talk-to-a-person"
    door.picks("talk-to-a-person", "yes")
    assert door.state is State.WAITING


def test_a_word_that_is_an_option_is_that_answer(door: Door) -> None:
    """Whoever types what a button says has pressed it; other words are for the bot, and the question stays open."""
    assert not door.says("an ORDER")
    assert door.prompt == "order"
    assert door.says("where is my parcel")
    assert door.prompt == "order"


@pytest.mark.parametrize("text", ["", "  \n", "x" * 8_001])
def test_what_is_no_message_is_refused(door: Door, text: str) -> None:
    """Nothing, and more than a page takes, is told; nothing is stored."""
    before = door.said
    with pytest.raises(UsageError):
        door.says(text)
    assert door.said == before


def test_the_bot_waits_for_the_customers_own_words(door: Door) -> None:
    """At the end of the tree it asks for them; then its own questions have no way back into the tree."""
    assert not door.picks("topic", "ask")
    assert door.reception.view(door.number).can_go_back
    assert door.says("radiator cold")
    door.thinks(hit("bleed", 0.9))
    assert door.prompt == "did-it-help"
    assert not door.reception.view(door.number).can_go_back


def test_the_bot_answers_and_asks_whether_it_helped(door: Door) -> None:
    """Yes closes it; no says sorry once, and goes on."""
    door.picks("topic", "ask")
    assert door.says("radiator cold")
    door.thinks(hit("bleed", 0.9))
    assert door.prompt == "did-it-help"
    assert door.picks("did-it-help", "no")
    door.thinks()
    assert door.said[-1].startswith("bot: I am sorry")
    assert door.prompt == ""
    door.says("still cold")
    door.thinks(hit("balance", 0.4))
    assert door.prompt == "did-you-mean"
    door.picks("did-you-mean", "balance")
    door.picks("did-it-help", "yes")
    assert door.state is State.CLOSED


def test_a_thought_that_comes_too_late_says_nothing(door: Door) -> None:
    """The customer has written more, or a person has come: the bot is silent."""
    door.says("radiator cold")
    seq = door.entries[-1].seq
    door.says("in the bath")
    assert door.reception.turn(door.number, Thought(seq, SearchResult((hit("a", 0.9),), Mode.HYBRID))) == ()
    door.store.claims.claim(door.number, "Ada")
    assert door.thinks(hit("a", 0.9)) == ()
    assert not door.says("are you there?")


def test_a_bot_that_fails_gets_a_person(door: Door) -> None:
    """Whatever went wrong, the customer is told and waits for somebody; a person who has it is not disturbed."""
    door.says("radiator cold")
    door.reception.give_up(door.number)
    assert (door.state, door.store.queue.get(door.number).reason) == (State.WAITING, "the bot failed")
    door.store.claims.claim(door.number, "Ada")
    assert door.reception.give_up(door.number) == ()


def test_a_turn_that_was_never_taken_is_due_again(door: Door) -> None:
    """A message, or a no, without an answer: until somebody says something, and never while a person has it."""
    assert not door.reception.turn_due(door.number)
    door.says("radiator cold")
    assert door.reception.turn_due(door.number)
    door.thinks(hit("bleed", 0.9))
    assert not door.reception.turn_due(door.number)
    door.picks("did-it-help", "no")
    assert door.reception.turn_due(door.number)
    door.store.claims.claim(door.number, "Ada")
    assert not door.reception.turn_due(door.number)


def test_the_offer_of_a_person(door: Door) -> None:
    """At the point of friction the bot offers a person with what it found; yes hands over, no goes on."""
    offer = Offer(False, SignalKind.REPEATED, "asked the same twice")
    reading = Reading(Level.FRICTION, 0.8)
    door.says("still cold")
    door.thinks(hit("bleed", 0.9), offer=offer, reading=reading)
    assert [entry.data.get("bot") for entry in door.entries[-2:]] == ["answer", "offer"]
    assert door.prompt == "talk-to-a-person"
    door.picks("talk-to-a-person", "no")
    assert door.state == "digital"
    door.says("STILL cold")
    door.thinks(offer=offer, reading=reading)
    assert door.prompt == "talk-to-a-person"
    door.picks("talk-to-a-person", "yes")
    assert door.state == "waiting"
    brief = Brief.of(door.entries)
    assert brief is not None
    assert brief.seen == ("Bleed",)


def test_without_an_answer_at_the_point_of_friction_a_person_comes(door: Door) -> None:
    """Who was offered a person and wrote on is not asked once more; the queue reads why. Who said no is left alone."""
    reading = Reading(Level.FRICTION, 0.9, reasons=("sounds upset: “useless” (#5)",))
    offer = Offer(False, SignalKind.UPSET, "sounds upset")
    door.says("this is no help")
    door.thinks(reading=reading, offer=offer)
    door.picks("talk-to-a-person", "no")
    door.says("this is useless")
    door.thinks(hit("bleed", 0.4), reading=reading)
    assert door.prompt == "did-you-mean"
    other = Door(door.reception, door.store)
    other.says("this is useless")
    other.thinks(hit("bleed", 0.4), reading=reading)
    assert (other.state, door.store.queue.get(other.number).reason) == (State.WAITING, "sounds upset: “useless” (#5)")


def test_an_offer_is_the_only_question(door: Door) -> None:
    """In doubt which article is meant, at the point of friction, the bot does not ask two things at once."""
    door.says("still cold")
    offer = Offer(False, SignalKind.REPEATED, "asked the same twice")
    door.thinks(hit("bleed", 0.4), offer=offer, reading=Reading(Level.FRICTION, 0.8))
    assert [entry.data.get("bot") for entry in door.entries[-1:]] == ["offer"]
    assert not any("Did you mean" in text for text in door.said)


def test_high_stakes_hand_over_at_once(door: Door) -> None:
    """No question is asked first; however calm the customer writes, they come before who only waits."""
    door.says("it smells of gas")
    offer = Offer(True, SignalKind.STAKES, "safety: smells of gas")
    door.thinks(hit("gas", 0.9), offer=offer, reading=Reading(Level.FRICTION, 0.9, stakes="safety"))
    conversation = door.store.queue.get(door.number)
    assert (conversation.state, conversation.reason, conversation.friction) == (
        State.WAITING,
        "safety: smells of gas",
        1.0,
    )
    assert door.reception.view(door.number).prompt is None


def test_a_tree_that_leads_to_a_person_for_safety_comes_first(door: Door) -> None:
    """A skill that names one of the configured stakes is as urgent as the customer's own words would be."""
    other = door.reception.arrive("other")
    door.reception.wish(other, "", "person", {})
    door.picks("topic", "gas")
    assert [item.id for item in door.store.queue.waiting("Ada")] == [door.number, other]
    brief = Brief.of(door.entries)
    assert brief is not None
    assert (brief.level, brief.stakes, brief.skills) == ("friction", "safety", ("safety",))


def test_without_an_index_the_bot_is_off(door: Door) -> None:
    """It does not pretend: it hands over and says so."""
    door.says("radiator cold")
    door.thinks(off="no suggestions: no index")
    assert door.state is State.WAITING
    assert "cannot look anything up" in " ".join(door.said)


def test_a_bot_with_nothing_more_to_say_hands_over(door: Door) -> None:
    """It says that it has nothing, then offers a person; whoever writes on gets one."""
    door.picks("topic", "ask")
    for prompt in ("", "talk-to-a-person"):
        door.says("what about the moon")
        door.thinks()
        assert door.prompt == prompt
    door.says("what about the moon")
    door.thinks()
    assert door.state is State.WAITING


def test_hello_is_no_question(door: Door) -> None:
    """Whoever only greets is greeted once, and never handed over for it."""
    for _ in range(3):
        door.says("hi")
        door.thinks(result=None)
    assert door.state is State.DIGITAL
    assert sum("own words" in text for text in door.said) == 1


class Shelf:
    """A knowledge base that finds the same for everything, and remembers whether it was asked."""

    def __init__(self, *hits: Hit) -> None:
        self.hits = hits
        self.asked = 0

    def search(self, query: object, *, limit: int, conversation_id: int) -> SearchResult:
        """Return the hits."""
        self.asked += 1
        return SearchResult(self.hits, Mode.HYBRID)


def considered(door: Door, shelf: Shelf) -> Thought:
    """Return what the bot makes of what was said, without a meter."""
    return consider(shelf, None, door.entries, door.entries[-1].at)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["thanks, that worked", "perfect, it works now", "Great, thank you!"])
def test_whoever_is_done_is_asked_whether_that_is_all(door: Door, text: str) -> None:
    """Nothing is searched for; yes closes the conversation, no goes on."""
    door.picks("topic", "ask")
    shelf = Shelf(hit("bleed", 0.9))
    door.says("radiator cold")
    door.reception.turn(door.number, considered(door, shelf))
    assert shelf.asked == 1
    door.says(text)
    door.reception.turn(door.number, considered(door, shelf))
    assert shelf.asked == 1
    assert door.prompt == "is-that-all"
    door.picks("is-that-all", "no")
    assert door.state == "digital"
    assert "own words" in door.said[-1]
    door.says(text)
    door.reception.turn(door.number, considered(door, shelf))
    door.picks("is-that-all", "yes")
    assert door.store.queue.get(door.number).disposition == "solved-digital"


def test_a_greeting_in_the_middle_is_not_answered_with_articles(door: Door) -> None:
    """What the tree was told does not make a question of a hello."""
    shelf = Shelf(hit("bleed", 0.9))
    door.picks("topic", "order")
    door.says("hello")
    assert considered(door, shelf).result is None
    door.says("my radiator is cold")
    assert considered(door, shelf).result is not None


def test_a_person_at_every_step(door: Door) -> None:
    """One press hands over, from a tree and from the bot; the second changes nothing."""
    assert door.reception.view(door.number).can_ask
    door.reception.wish(door.number, door.send_id, "person", {})
    count = len(door.entries)
    door.reception.wish(door.number, door.send_id, "person", {})
    assert len(door.entries) == count
    view = door.reception.view(door.number)
    assert (view.state, view.can_ask, view.prompt) == (State.WAITING, False, None)
    assert view.queue is not None
    assert (view.queue.position, view.queue.wait_minutes) == (1, None)
    assert view.wishes == ("email", "callback", "bot")


def test_the_wait_is_told_from_recent_claims(door: Door, clock: StandingClock) -> None:
    """Three claims give a median; who waits far longer is told so, not a number that is wrong."""
    for index in range(3):
        other = door.reception.arrive(f"token-{index}")
        door.reception.wish(other, "", "person", {})
        clock.forward(240)
        door.store.claims.claim(other, "Ada")
    door.reception.wish(door.number, "", "person", {})
    queue = door.reception.view(door.number).queue
    assert queue is not None
    assert (queue.wait_minutes, queue.text) == (4, "You are next. It usually takes about 4 minutes.")
    clock.forward(1_000)
    queue = door.reception.view(door.number).queue
    assert queue is not None
    assert queue.wait_minutes is None
    assert "longer than usual" in queue.text


def test_an_answer_by_email(door: Door) -> None:
    """The address is checked and kept, the conversation waits for a person, and the customer is told."""
    with pytest.raises(UsageError):
        door.reception.wish(door.number, door.send_id, "email", {"email": "dana"})
    door.reception.wish(door.number, door.send_id, "email", {"email": "dana@example.com", "text": "my code is gone"})
    conversation = door.store.queue.get(door.number)
    assert (conversation.state, conversation.customer.email) == (State.WAITING, "dana@example.com")
    assert conversation.reason == "wants to be answered by e-mail"
    assert "dana@example.com" in door.said[-1]
    brief = Brief.of(door.entries)
    assert brief is not None
    assert brief.question == "my code is gone"


def test_a_call_is_a_follow_up_in_the_customers_zone(door: Door) -> None:
    """Everybody's promise, at the time meant; words that are no time are told."""
    with pytest.raises(UsageError, match="tomorrow 9:00"):
        door.reception.wish(door.number, door.send_id, "callback", {"phone": "+351912345678", "when": "whenever"})
    with pytest.raises(UsageError):
        door.reception.wish(door.number, door.send_id, "callback", {"phone": "12", "when": "tomorrow 9"})
    door.reception.wish(door.number, door.send_id, "callback", {"phone": "+351 912 345 678", "when": "tomorrow 9"})
    (promise,) = door.store.followups.list(owner="Ada")
    assert (promise.wall, promise.zone) == ("2026-11-24T09:00", "Europe/Lisbon")
    assert promise.note == "call +351 912 345 678"
    assert door.state is State.WAITING


@pytest.mark.parametrize(
    ("words", "wall", "told"),
    [
        ("", "2026-11-23T", "as soon as we can"),
        ("tomorrow at 10", "2026-11-24T10:00", "Tue 24 Nov 2026, 10:00 (Europe/Lisbon)"),
        ("any time after 16:00", "2026-11-23T16:00", "as you wrote: “any time after 16:00”"),
        ("tomorrow 9:00, please", "", ""),
        ("between tomorrow 9:00 and 11", "2026-11-24T09:00", "as you wrote: “between tomorrow 9:00 and 11”"),
        ("after tomorrow 9:00 or later", "2026-11-24T09:00", "as you wrote:"),
        ("after the match", "", ""),
    ],
)
def test_when_to_call_in_the_customers_words(door: Door, words: str, wall: str, told: str) -> None:
    """No time means soon; from a time on means then, with their own words; what cannot be read is asked again."""
    details = {"phone": "+351 912 345 678", "when": words}
    if not wall:
        with pytest.raises(UsageError, match="tomorrow 9:00"):
            door.reception.wish(door.number, door.send_id, "callback", details)
        return
    door.reception.wish(door.number, door.send_id, "callback", details)
    (promise,) = door.store.followups.list(owner="Ada")
    assert promise.wall.startswith(wall)
    assert told in door.said[-1]
    assert any(told in entry.text for entry in door.entries if entry.event is Event.WISHED)


def test_whoever_has_chosen_a_call_is_not_told_to_wait(door: Door) -> None:
    """The place in the queue stays, and what was promised is told beside it; who goes back to waiting waits again."""
    for wish, details, told in (
        ("callback", {"phone": "+351912345678"}, "You are next. You need not wait here: we will call you."),
        ("email", {"email": "dana@example.com"}, "You are next. You need not wait here: we will answer by e-mail."),
        ("bot", {}, ""),
        ("person", {}, "You are next. We cannot say yet how long it takes."),
    ):
        door.reception.wish(door.number, f"{door.send_id}-{wish}", wish, details)
        queue = door.reception.view(door.number).queue
        assert (queue.text if queue else "") == told


def test_a_call_while_nobody_is_there() -> None:
    """Whoever names no time is called when people are there again, by the customer's own clock."""
    opens = datetime(2026, 11, 24, 9, tzinfo=UTC)
    now = datetime(2026, 11, 23, 20, tzinfo=UTC)
    said, wish = wishes.call_back({"phone": "+351912345678"}, (), None, "Bot", now, "Europe/Madrid", opens)
    assert wish.call_back is not None
    assert (wish.call_back.due, wish.call_back.wall) == (opens, "2026-11-24T10:00")
    assert "as soon as we can" in said[0].text


def test_going_on_with_the_bot_leaves_the_queue(door: Door) -> None:
    """The bot is there again, the tree that was left asks nothing more, and a person can be asked for again."""
    door.reception.wish(door.number, door.send_id, "person", {})
    door.reception.wish(door.number, door.send_id, "bot", {})
    assert (door.state, door.prompt) == (State.DIGITAL, "")
    assert door.says("radiator cold")
    door.thinks(hit("bleed", 0.9))
    assert door.prompt == "did-it-help"
    door.reception.wish(door.number, door.send_id, "person", {})
    assert door.state is State.WAITING
    with pytest.raises(UsageError):
        door.reception.wish(door.number, door.send_id, "pony", {})


def test_a_form_that_was_begun_goes_on_with_a_person(door: Door) -> None:
    """Customer and agent fill it together, each field with its author; the tree says nothing over the person."""
    door.picks("topic", "order")
    door.reception.fill(door.number, door.send_id, "order", "number", "HW-123")
    door.reception.wish(door.number, door.send_id, "person", {})
    door.store.claims.claim(door.number, "Ada")
    prompt = door.reception.view(door.number).prompt
    assert prompt is not None
    assert prompt["node"] == "order"
    from agentassist.flows import walk

    flow = door.reception._trees.get("start")
    assert flow is not None
    filled = walk.fill(flow, door.entries, "order", "email", "dana@example.com", author=Author.AGENT, author_name="Ada")
    door.store.transcript.append(door.number, *filled)
    prompt = door.reception.view(door.number).prompt
    assert prompt is not None
    fields = prompt["fields"]
    assert isinstance(fields, list)
    authors = [field["author_name"] or field["author"] for field in fields if isinstance(field, dict)]
    assert authors == ["customer", "Ada"]
    door.picks("order", {})
    assert (door.state, door.prompt) == (State.CLAIMED, "")
    assert door.said[-1] == "bot: Thank you."
    assert door.store.queue.get(door.number).agent == "Ada"


def test_an_answer_to_a_form_that_an_agent_submits_at_that_moment(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked again what is open: the form is submitted once, and the page is told that it is not open."""
    door.picks("topic", "order")
    for field, value in (("number", "HW-123"), ("email", "dana@example.com")):
        door.reception.fill(door.number, door.send_id, "order", field, value)
    door.reception.wish(door.number, door.send_id, "person", {})
    door.store.claims.claim(door.number, "Ada")
    flow = door.reception._trees.get("start")
    assert flow is not None
    form = SharedForm(flow, flow.nodes["order"], door.reception._trees.all())
    take = Page.take

    def first_the_agent(page: Page, *args: Any, **more: Any) -> Any:
        monkeypatch.undo()
        Desk(door.store, "Ada").submit(door.number, form)
        return take(page, *args, **more)

    monkeypatch.setattr(Page, "take", first_the_agent)
    with pytest.raises(StaleNodeError):
        door.picks("order", {})
    assert sum(entry.data.get("done") is True for entry in door.entries) == 1
    assert door.prompt == ""


def test_a_tree_that_was_lent_comes_back_with_the_answers(door: Door) -> None:
    """At its end, and as soon as the customer writes instead, the agent has it again; it is not in the queue."""
    from agentassist.flows import walk

    door.reception.wish(door.number, door.send_id, "person", {})
    flow = door.reception._trees.get("second")
    assert flow is not None
    for way in ("answer", "write"):
        door.store.claims.claim(door.number, "Ada")
        door.store.claims.lend(door.number, "Ada", "second", walk.begin(flow))
        assert (door.state, door.prompt) == (State.DIGITAL, "q")
        if way == "answer":
            door.picks("q", "well")
        else:
            assert not door.says("I would rather talk")
        conversation = door.store.queue.get(door.number)
        assert (conversation.state, conversation.agent) == (State.CLAIMED, "Ada")
        assert door.store.queue.waiting("Ada") == ()


def test_after_hours_the_customer_is_told_and_is_in_the_queue(
    store: Store, clock: StandingClock, tmp_path: Path
) -> None:
    """When somebody is there again, in the customer's time; handed over all the same."""
    clock.moment = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)
    hours = HoursConfig("Europe/Berlin", "Mo-Fr 09:00-17:00")
    door = Door(make(store, clock, tmp_path / "kb", hours=hours), store)
    view = door.reception.view(door.number)
    assert not view.open
    assert "on Monday at 08:00" in view.notice  # nine in Berlin is eight in Lisbon
    door.reception.wish(door.number, "", "person", {})
    assert door.state is State.WAITING
    assert "Leave an e-mail" in door.reception.view(door.number).notice


def test_a_link_counts_once_and_leads_only_where_it_was_stored(door: Door) -> None:
    """The page gets a token; opening it is an entry, once; a look ahead is none; nobody's token leads nowhere."""
    door.says("radiator cold")
    door.thinks(hit("bleed", 0.9))
    shown = door.reception.view(door.number).entries[-1]
    articles = shown["articles"]
    assert isinstance(articles, list)
    assert isinstance(articles[0], dict)
    token = str(articles[0]["href"]).removeprefix("/a/")
    assert door.reception.open_link("guessed") is None
    assert door.reception.open_link(token, counted=False) == "https://x/bleed"
    assert [entry for entry in door.entries if entry.event == "opened"] == []
    for _ in range(3):
        assert door.reception.open_link(token) == "https://x/bleed"
    assert len([entry for entry in door.entries if entry.event == "opened"]) == 1
    assert door.prompt == "did-it-help"


def test_a_customer_reads_nothing_internal(door: Door) -> None:
    """No signal, no friction, no follow-up's note, no agent's summary reaches the page."""
    door.says("radiator cold")
    offer = Offer(True, SignalKind.STAKES, "INTERNAL reason")
    door.thinks(offer=offer, reading=Reading(Level.FRICTION, 0.9, stakes="safety"))
    door.store.claims.claim(door.number, "Ada")
    door.store.claims.close(door.number, "Ada", "solved", "INTERNAL summary")
    told = str(door.reception.view(door.number).to_json()) + door.reception.transcript(door.number)
    assert "INTERNAL" not in told
    assert "friction" not in told


def test_the_view_goes_on_from_the_cursor(door: Door) -> None:
    """Only what is newer is returned, and the cursor names the newest."""
    door.says("one")
    cursor = door.reception.view(door.number).seq
    door.says("two")
    view = door.reception.view(door.number, cursor)
    assert [entry["text"] for entry in view.entries] == ["two"]
    assert [entry["send_id"] for entry in view.entries] == ["s2"]
    assert door.reception.last_seqs([door.number, 99]) == {door.number: view.seq}


def test_the_transcript_is_whole_and_can_be_mailed(door: Door) -> None:
    """Questions with answers, articles with links, in the customer's time; mailed once as it stands."""
    door.picks("topic", "ask")
    door.says("radiator cold")
    door.thinks(hit("bleed", 0.9))
    text = door.reception.transcript(door.number)
    for part in (
        "09:30  Assistant: Hello.",
        "You: What is it about? → Something else",
        "You: radiator cold",
        "https://x/bleed",
    ):
        assert part in text
    with pytest.raises(UsageError):
        door.reception.mail_transcript(door.number, "nobody")
    assert door.reception.mail_transcript(door.number, "dana@example.com")
    assert not door.reception.mail_transcript(door.number, "dana@example.com")
    (queued,) = door.store.outbox.list(door.number)
    assert queued.mail.text == text


def test_typing_is_seen_and_an_agent_who_types_too(door: Door) -> None:
    """Both see that the other writes, and neither sees what."""
    door.reception.typing(door.number, typing=True)
    presence = door.store.presence.customer(door.number)
    assert presence is not None
    assert presence.typing
    door.store.claims.claim(door.number, "Ada")
    assert not door.reception.view(door.number).agent_typing
    door.store.presence.say("desk", "Ada", door.number, typing=True)
    assert door.reception.view(door.number).agent_typing


def test_what_is_said_after_the_close_waits_for_a_person(door: Door) -> None:
    """It is heard; what is wished then is told to begin anew."""
    door.store.claims.claim(door.number, "Ada")
    door.store.claims.close(door.number, "Ada", "solved", "")
    with pytest.raises(StateError):
        door.reception.wish(door.number, door.send_id, "email", {"email": "dana@example.com"})
    assert not door.says("one more thing")
    assert door.state is State.WAITING


def test_nobody_is_nobody(door: Door) -> None:
    """A conversation that there is not is an error of its own kind."""
    for call in (
        lambda: door.reception.view(99),
        lambda: door.reception.say(99, "", "hello"),
        lambda: door.reception.transcript(99),
    ):
        with pytest.raises(NotFoundError):
            call()


def test_a_changed_tree_is_read_again(door: Door, tmp_path: Path) -> None:
    """A trainer's change is there for the next customer."""
    (tmp_path / "kb" / "flows" / "start.yaml").write_text(FLOW.replace("title: Start", "title: Anew"), encoding="utf-8")
    number = door.reception.arrive("another")
    assert door.store.transcript.entries(number)[0].text == "Anew"
