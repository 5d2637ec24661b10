"""Trees, the bot, shared forms, e-mail, calls and advice at the plain desk, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agentassist.flows import walk
from agentassist.flows.model import FieldType, Flow, FormField, Node, NodeKind, Option
from agentassist.friction.reading import Level, Reading
from agentassist.models import Author, Customer, EntryKind, NewEntry, State

END = Node("end", NodeKind.END, "Thank you.")
ASK = Node("stars", NodeKind.CHOICE, "How was it?", options=(Option("good", "Good", "end"),))
SURVEY = Flow("survey", "Short survey", "stars", {"stars": ASK, "end": END})
FIELDS = (
    FormField("email", "E-mail address", FieldType.EMAIL, private=True),
    FormField("note", "Anything else", required=False),
)
DETAILS = Node("details", NodeKind.FORM, "Where shall we send it?", next="end", fields=FIELDS)
ORDER = Flow("order", "Order a part", "details", {"details": DETAILS, "end": END})


def test_a_brief(world: Any, plain: Any) -> None:
    """What a handoff tells is said when the conversation is opened, and again when asked for."""
    number = world.arrive()
    world.store.claims.claim(number, "Bo")
    world.store.claims.return_to_bot(number, "Bo")
    told = {"friction": 0.8, "level": "friction", "question": "how do I pair it?", "tried": ["reset"], "asked": True}
    world.store.claims.handoff(number, "asked twice", {**told, "signals": [{"text": "shouts: “HELP” (#3)"}]})
    ear = plain()
    assert any("since 0 minutes, at the point of friction, asked twice" in line for line in ear.begin())
    brief = [
        "Brief: shouts: “HELP” (#3)",
        "Brief: Asks: how do I pair it?",
        "Brief: Tried, no help: reset",
        "Brief: Level: at the point of friction · asked for a person",
    ]
    assert ear.type("next")[1:5] == brief
    assert ear.type("brief") == brief


def test_to_a_tree_and_back(world: Any, plain: Any) -> None:
    """The trees are listed and found by words; who comes back is told, with the answers; undo takes a loan back."""
    number = world.arrive()
    ear = plain()
    ear.backend.library.flows = {"survey": SURVEY, "order": ORDER}
    ear.begin()
    ear.type("next")
    assert ear.type("lend") == [
        "Tree 1: Order a part, 1 question · order",
        "Tree 2: Short survey, 1 question · survey",
        "System: To hand the customer over: lend and its number.",
    ]
    assert ear.type("lend how was") == [
        "System: you handed the customer to a tree (14:00)",
        "System: the bot began the tree: Short survey (14:00)",
        "System: The customer comes back by themselves. To take them back: undo, or claim",
    ]
    assert f"Yours: Dana Reyes, with the tree: Short survey, conversation {number}" in ear.type("queue")
    assert ear.type("undo")[-1] == "System: Taken back: the loan of Dana Reyes."
    ear.type("lend 2")
    entries = world.store.transcript.entries(number)
    world.store.page.take(number, "", walk.answer(SURVEY, entries, "stars", "good", author=Author.CUSTOMER))
    world.store.claims.handoff(number, "came back from “Short survey”")
    assert [line for line in ear.look() if not line.startswith("Suggestion")] == [
        f"Back: Dana Reyes from the tree Short survey, conversation {number}",
        "Customer: asked “How was it?”, answered: Good (14:00)",
        "Bot: Thank you. (14:00)",
        "System: the customer came back from the tree “Short survey” (14:00)",
    ]
    assert ear.type("lend nowhere")[0].startswith("Error: no tree has these words.")


def test_back_to_the_bot(world: Any, plain: Any) -> None:
    """Handed back for good it is nobody's; undone, with the draft."""
    number = world.arrive()
    ear = plain()
    ear.begin()
    ear.type("next", "reply", "one more thing", ".keep")
    assert ear.type("to bot")[-1] == "System: To take them back: undo, or claim"
    assert (world.store.queue.get(number).state, world.store.queue.get(number).agent) == (State.DIGITAL, "")
    assert "System: Taken back: the return of Dana Reyes." in ear.type("undo")
    assert world.store.drafts.get(number, "Ada").text == "one more thing"


def test_a_shared_form(world: Any, plain: Any) -> None:
    """Each field with who filled it and how it stands; a number and words fill one; what is wrong is said."""
    number = world.arrive()
    ear = plain()
    ear.backend.library.flows = {"order": ORDER}
    ear.begin()
    ear.type("next")
    assert ear.type("form")[0] == "Error: the customer was asked to fill in no form. Hint: To hand them one: lend"
    world.store.transcript.append(number, *walk.begin(ORDER))
    entries = world.store.transcript.entries(number)
    new = walk.fill(ORDER, entries, "details", "email", "dana@example.com", author=Author.CUSTOMER)
    world.store.page.take(number, "", new)
    ear.look()
    assert ear.type("form") == [
        "Form: Order a part: Where shall we send it?",
        "Field 1: E-mail address, private, by Dana Reyes, is right: dana@example.com",
        "Field 2: Anything else, can be left out: empty",
        "System: To fill one: form, its number and the words. When all are right: form submit.",
    ]
    assert ear.type("form 2 ring twice")[:4] == [
        "You: asked “Anything else”, answered: ring twice (14:00)",
        "Form: Order a part: Where shall we send it?",
        "Field 1: E-mail address, private, by Dana Reyes, is right: dana@example.com",
        "Field 2: Anything else, can be left out, by you, is right: ring twice",
    ]
    assert ear.type("form 1 dana")[0].startswith("Error: E-mail address: please write an e-mail address")
    assert ear.type("form 9 x")[0].startswith("Error: there is no field 9.")
    assert ear.type("form submit")[-1] == "System: Submitted: Order a part"
    assert world.store.transcript.entries(number)[-1].data["agent"] == "Ada"
    assert ear.type("form submit")[0].startswith("Error: this question is not open any more.")


def test_by_mail(world: Any, plain: Any) -> None:
    """The first suggestion unless a number is said; the address is asked for when none is known."""
    number = world.store.transcript.start(Customer("c-9", "Vera"), "web")
    world.store.transcript.append(number, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "how do I pair it?"))
    world.store.claims.handoff(number, "asked for a person")
    ear = plain()
    ear.begin()
    ear.type("next")
    assert ear.type("email 2") == ["System: To which address?"]
    assert ear.type("vera@example.com")[-1] == "System: In the outbox, to vera@example.com"
    assert ear.type("email")[-1] == "System: In the outbox, to vera@example.com"
    assert [item.mail.subject for item in world.store.outbox.list(number)] == [
        "Pair your first devices",
        "Reset the pairing code",
    ]
    assert ear.type("email nobody")[0].startswith("Error: this is no e-mail address.")


def test_a_call(world: Any, plain: Any) -> None:
    """The link is put into the draft; without a pattern it says what to configure."""
    world.arrive()
    ear = plain()
    ear.begin()
    ear.type("next")
    assert ear.type("call")[0].startswith("Error: no video calls are set up.")
    world.config = replace(world.config, serve=replace(world.config.serve, video_call="https://meet.example/{room}"))
    ear = plain()
    ear.begin()
    ear.type("open 1")
    assert ear.type("call")[0].startswith("Draft: https://meet.example/")


def test_advice(world: Any, plain: Any) -> None:
    """Which way, why, and the three inputs."""
    world.arrive("Dana Reyes", "how do I pair the dial with the bridge?")
    ear = plain()
    first = ear.backend.library.hits[0]
    ear.backend.library.hits = (replace(first, probability=0.9), *ear.backend.library.hits[1:])
    ear.backend.library.reading = Reading(Level.CALM, 0.1)
    ear.begin()
    ear.type("next")
    told = ear.type("advice")
    assert told[0].startswith("Advice: a guide serves them better, by chat: Send “Reset the pairing code”")
    assert [line.split(":")[1].strip() for line in told[1:]] == ["the customer", "the journey", "at hand"]


def test_the_customer_types(world: Any, plain: Any) -> None:
    """It is said once, when it begins."""
    number = world.arrive()
    ear = plain()
    ear.begin()
    ear.type("next")
    world.store.presence.customer_says(number, typing=True)
    assert ear.look() == ["System: Dana Reyes is typing."]
    assert ear.look() == []
    world.store.presence.customer_says(number, typing=False)
    ear.look()
    world.store.presence.customer_says(number, typing=True)
    assert ear.look() == ["System: Dana Reyes is typing."]


def test_what_happened_before_an_own_reply_is_told_too(world: Any, plain: Any) -> None:
    """The customer opens an article while the reply is on its way: both are printed, in their order."""
    number = world.arrive()
    ear = plain()
    ear.begin()
    ear.type("next")
    data = {"event": "opened", "article": "reset", "title": "Reset the code", "url": "https://help.example"}
    world.store.transcript.append(number, NewEntry(Author.CUSTOMER, EntryKind.EVENT, "", data=data))
    told = [line for line in ear.type("say hello") if "opened" in line or "hello" in line]
    assert ["opened" in line for line in told[:2]] == [True, False]
