"""What crosses between the customer's page and the desk: friction, loans to a tree, typing, opened articles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agentassist.config import HoursConfig
from agentassist.flows import walk
from agentassist.flows.model import FieldType, Flow, FormField, Node, NodeKind, Option
from agentassist.friction.reading import Level, Reading
from agentassist.models import Author, Customer, Data, EntryKind, Event, NewEntry, State
from agentassist.session.hours import Calendar
from agentassist.session.reception import Reception
from agentassist.session.trees import TreeFiles


def noticed(world: Any) -> None:
    """Let the desks notice what another process has just written."""
    for backend in world.backends:
        backend.changed()


def event(world: Any, number: int, what: Event, data: Data | None = None, text: str = "") -> None:
    """Store an event of the customer's, as their page does."""
    entry = NewEntry(Author.CUSTOMER, EntryKind.EVENT, text, data={**(data or {}), "event": what.value})
    world.store.page.take(number, "", [entry])
    noticed(world)


async def told(seat: Any, words: str) -> None:
    """Wait until the note below the conversation says some words, however it is wrapped."""
    await seat.until(lambda: words in str(seat.desk.reply_note.content) and seat.desk.reply_note.is_on_screen, words)


# The queue


async def test_friction_is_marked_and_comes_first(world: Any) -> None:
    """Who is at the point of friction stands above who waits a little longer, and has a mark; who is calm has none."""
    calm = world.arrive("Calm Carl")
    for name, friction in (("Stra Ined", 0.4), ("Fric Tion", 0.9)):
        customer = world.arrive(name)
        world.store.claims.claim(customer, "Bo")
        world.store.claims.return_to_bot(customer, "Bo")
        world.store.claims.handoff(customer, f"reason of {name}", {"friction": friction})
    async with world.desk() as seat:
        await seat.shows("reason of Fric Tion")
        rows = seat.desk.queue_work.overview.waiting
        assert [row.customer.name for row in rows] == ["Fric Tion", "Stra Ined", "Calm Carl"]
        marks = {
            name: next(line for line in seat.text.splitlines() if name in line) for name in ("Fric", "Stra", "Calm")
        }
        assert "▲▲" in marks["Fric"]
        assert "▲" in marks["Stra"]
        assert "▲▲" not in marks["Stra"]
        assert "▲" not in marks["Calm"]
        assert calm in {row.id for row in rows}


async def test_what_is_lent_stays_mine(world: Any) -> None:
    """A conversation that is lent stays in the list of the lender's own, says with which tree, and is not turned to."""
    number = world.arrive()
    world.store.claims.claim(number, "Ada")
    begin = NewEntry(
        Author.BOT, EntryKind.EVENT, "How was it?", data={"event": "flow", "flow": "survey", "version": "1"}
    )
    world.store.claims.lend(number, "Ada", "survey", [begin])
    async with world.desk() as seat:
        await seat.shows("MINE 1")
        await seat.shows("⇄ with the tree: How")
        assert seat.desk.queue_work.next_one(besides=0) is None
        seat.desk.conversation.open(number)
        await seat.shows("with the tree · c takes it back")
        await seat.press("c")
        await seat.until(lambda: world.store.queue.get(number).state is State.CLAIMED, "the conversation is back")


# Typing, and what was opened


async def test_the_customer_types(world: Any) -> None:
    """That they type is on the border of the conversation, not what; it ends when they stop or their page is gone."""
    number = world.arrive()
    async with world.desk(size=(80, 24)) as seat:
        await seat.claim(number)
        world.store.presence.customer_says(number, typing=True)
        noticed(world)
        await seat.shows("Dana Reyes is typing")
        world.store.presence.customer_says(number, typing=False)
        noticed(world)
        await seat.until(lambda: "is typing" not in seat.text, "they have stopped")
        world.store.presence.customer_says(number, typing=True)
        noticed(world)
        await seat.shows("Dana Reyes is typing")
        world.clock.move(7)
        seat.desk.typing.tick()
        await seat.until(lambda: "is typing" not in seat.text, "their page has gone")


async def test_typing_is_of_the_open_conversation(world: Any) -> None:
    """What was shown of one customer is not shown of the next."""
    dana, kim = world.arrive(), world.arrive("Kim Park")
    async with world.desk() as seat:
        await seat.claim(dana)
        world.store.presence.customer_says(dana, typing=True)
        noticed(world)
        await seat.shows("is typing")
        seat.desk.conversation.open(kim)
        await seat.until(lambda: "is typing" not in seat.text)


async def test_an_opened_article_holds_nothing_up(world: Any) -> None:
    """It is a line of the conversation, neither unread nor missed: a reply that is being written is sent at once."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("hello")
        event(
            world, number, Event.OPENED, {"article": "reset", "title": "Reset the code", "url": "https://help.example"}
        )
        event(world, number, Event.RATED, {"rating": 5})
        await seat.press("enter")
        await seat.until(lambda: world.texts(number)[-1] == "hello", "the reply")
        await seat.shows("Dana Reyes opened: Reset the code")
        assert "missed" not in seat.text
        assert world.store.queue.get(number, "Ada").unread == 0


# To a tree, and back


SURVEY = Flow(
    "survey",
    "Short survey",
    "stars",
    {
        "stars": Node("stars", NodeKind.CHOICE, "How was it?", options=(Option("good", "Good", "end"),)),
        "end": Node("end", NodeKind.END, "Thank you."),
    },
)
FORM = Node(
    "details",
    NodeKind.FORM,
    "Where shall we send it?",
    next="end",
    fields=(
        FormField("email", "E-mail address", FieldType.EMAIL, private=True),
        FormField("order", "Order number", hint="such as HW-1234"),
        FormField("note", "Anything else", required=False),
    ),
)
ORDER = Flow("order", "Order a part", "details", {"details": FORM, "end": Node("end", NodeKind.END, "Thank you.")})


async def lend(seat: Any, words: str = "survey") -> None:
    """Hand the open conversation to a tree, by its key and what is typed."""
    await seat.press("escape", "d")
    await seat.until(lambda: getattr(seat.app.screen, "ready", False), "the list of trees")
    await seat.write(words)
    await seat.press("enter")


def answer(world: Any, number: int, tree: Flow, node: str, given: Any) -> None:
    """Let the customer answer a question of a tree."""
    new = walk.answer(tree, world.store.transcript.entries(number), node, given, author=Author.CUSTOMER)
    world.store.page.take(number, "", new)


async def test_to_a_tree_and_back_with_the_answers(world: Any) -> None:
    """A key lists the trees, typing finds one; the customer answers there, and comes back with the answers."""
    number = world.arrive()
    async with world.desk() as seat:
        seat.backend.library.flows = {"survey": SURVEY, "order": ORDER}
        await seat.claim(number)
        await lend(seat)
        await told(seat, "is with the tree Short survey · u takes them back")
        assert seat.desk.composer.read_only
        await seat.shows("MINE 1")
        answer(world, number, SURVEY, "stars", "good")
        world.store.claims.handoff(number, "came back from “Short survey”")
        noticed(world)
        await told(seat, "Dana Reyes is back from the tree Short survey")
        await seat.shows("came back from the tree")
        await seat.shows("How was it?  Good")
        await seat.until(lambda: not seat.desk.composer.read_only, "the reply can be written")


async def test_back_while_another_is_open(world: Any) -> None:
    """Wherever the agent is, they are told who has come back."""
    number, other = world.arrive(), world.arrive("Kim Park")
    async with world.desk() as seat:
        seat.backend.library.flows = {"survey": SURVEY}
        await seat.claim(number)
        await lend(seat)
        await seat.shows("is with the tree")
        await seat.claim(other)
        world.store.claims.handoff(number, "came back")
        noticed(world)
        await seat.shows("Dana Reyes is back from the")


async def test_a_loan_is_taken_back(world: Any) -> None:
    """Undo claims again; once the customer has gone on it refuses and says how; a claim does it at any time."""
    number = world.arrive()
    async with world.desk() as seat:
        seat.backend.library.flows = {"survey": SURVEY}
        await seat.claim(number)
        await lend(seat)
        await told(seat, "u takes them back")
        await seat.press("u")
        await seat.shows("Taken back: the loan of Dana Reyes")
        assert world.store.queue.get(number).state is State.CLAIMED
        await lend(seat)
        await told(seat, "u takes them back")
        world.say(number, "what is this?")
        await seat.shows("what is this?")
        await seat.press("u")
        await told(seat, "has gone on since")
        await seat.press("c")
        await seat.until(lambda: world.store.queue.get(number).state is State.CLAIMED, "taken back")


async def test_back_to_the_bot(world: Any) -> None:
    """It is nobody's, and a note says so; undone, the reply that was being written is there again."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("one more thing")
        await seat.press("f7")
        await told(seat, "Dana Reyes is back with the bot · u takes them back")
        assert world.store.queue.get(number).agent == ""
        assert seat.desk.composer.text == ""
        await seat.press("u")
        await seat.shows("Taken back: the return of Dana Reyes")
        await seat.until(lambda: seat.desk.composer.text == "one more thing", "the reply")


async def test_no_trees(world: Any) -> None:
    """Without any the list says where they come from."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "d")
        await seat.shows("has no decision trees")


# E-mail and calls


async def test_an_address_is_asked_for(world: Any) -> None:
    """When none is known the line is empty and says so; what is no address is refused; then it is in the outbox."""
    number = world.store.transcript.start(Customer("c-9", "Vera"), "web")
    world.store.transcript.append(number, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "how do I pair it?"))
    world.store.claims.handoff(number, "asked for a person")
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "@")
        await seat.until(lambda: getattr(seat.app.screen, "ready", False), "the dialog")
        await seat.shows("no address is known")
        await seat.shows("Hold the code button")
        await seat.write("vera")
        await seat.press("enter")
        await seat.shows("this is no e-mail address")
        await seat.write("@example.com")
        await seat.press("enter")
        await seat.shows("In the outbox, to vera@example.com")
        (queued,) = world.store.outbox.list(number)
        assert queued.mail.to == "vera@example.com"
        await seat.shows("Sent by e-mail: Reset the pairing code")
        assert world.store.customers.get("c-9").email == "vera@example.com"


async def test_what_is_internal_is_not_mailed(world: Any) -> None:
    """No dialog opens; it says why."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("ctrl+g", "down", "down", "@")
        await seat.shows("cannot be sent")
        assert seat.app.screen is seat.desk


async def test_one_room_for_a_conversation(world: Any) -> None:
    """The link is put into the reply; asked for again, it is the same; without a pattern it says what to configure."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "l")
        await seat.shows("serve.video_call")
    world.config = replace(world.config, serve=replace(world.config.serve, video_call="https://meet.example/{room}"))
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "l")
        await seat.until(lambda: seat.desk.composer.text.startswith("https://meet.example/"), "the link")
        link = seat.desk.composer.text.strip()
        await seat.press("enter")
        await seat.until(lambda: world.texts(number)[-1] == link, "the reply")
        await seat.press("escape", "l")
        await seat.until(lambda: seat.desk.composer.text.strip() == link, "the same link")


# Forms


async def in_form(world: Any, seat: Any) -> int:
    """Let a customer begin a form, and the agent open it; return the conversation."""
    number = world.arrive()
    seat.backend.library.flows = {"order": ORDER}
    world.store.transcript.append(number, *walk.begin(ORDER))
    fill(world, number, "email", "dana@example.com")
    await seat.claim(number)
    await seat.press("escape", "i")
    await seat.until(lambda: getattr(seat.app.screen, "ready", False), "the form")
    return int(number)


def fill(world: Any, number: int, field: str, value: str) -> None:
    """Let the customer fill one field."""
    entries = world.store.transcript.entries(number)
    world.store.page.take(number, "", walk.fill(ORDER, entries, "details", field, value, author=Author.CUSTOMER))
    noticed(world)


async def test_a_form_is_filled_together(world: Any) -> None:
    """Each field has its author; the cursor is on the first that is missing; what the customer fills appears."""
    async with world.desk() as seat:
        number = await in_form(world, seat)
        await seat.shows("✓ E-mail address  private · by Dana Reyes")
        await seat.shows("! Order number  such as HW-1234")
        await seat.write("HW-1")
        fill(world, number, "note", "ring twice")
        await seat.shows("ring twice")
        fields = [line.input.value for line in seat.app.screen._lines]
        assert fields == ["dana@example.com", "HW-1", "ring twice"]
        await seat.write("234")
        await seat.press("enter")
        await seat.shows("✓ Order number  by you · such as HW-1234")
        await seat.shows("complete")
        entries = world.store.transcript.entries(number)
        stored = {entry.data["field"]: (entry.text, entry.author) for entry in entries if "field" in entry.data}
        assert stored["order"] == ("HW-1234", Author.AGENT)


async def test_what_both_write_is_kept_apart(world: Any) -> None:
    """The customer fills the very field that the agent types in: the typed words stay, and theirs are told."""
    async with world.desk() as seat:
        number = await in_form(world, seat)
        await seat.write("HW-9")
        fill(world, number, "order", "HW-1")
        await seat.shows("Dana Reyes wrote: HW-1")
        assert seat.app.screen.focused.value == "HW-9"
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.desk)


async def test_a_wrong_value_stays_to_be_corrected(world: Any) -> None:
    """It is not stored, and the line below says why; saving leads back to it."""
    async with world.desk() as seat:
        number = await in_form(world, seat)
        await seat.press("shift+tab", "home", "ctrl+k")
        await seat.write("dana")
        await seat.press("enter")
        await seat.shows("please write an e-mail address")
        before = world.store.queue.get(number).last_seq
        await seat.press("ctrl+s")
        await seat.until(lambda: getattr(seat.app.screen.focused, "id", "") == "field-0", "back to the line")
        assert world.store.queue.get(number).last_seq == before


async def test_an_agent_submits_the_form(world: Any) -> None:
    """Not before every line is right: the cursor goes to the first that is not. Then it is closed, and told."""
    async with world.desk() as seat:
        number = await in_form(world, seat)
        await seat.press("shift+tab")
        await seat.press("ctrl+d")
        await seat.shows("not submitted: ")
        assert seat.app.screen.focused.id == "field-1"
        await seat.write("HW-1234")
        await seat.press("ctrl+d")
        await seat.until(lambda: seat.app.screen is seat.desk, "closed")
        await seat.shows("Submitted: “Order a part”")
        last = world.store.transcript.entries(number)[-1]
        assert (last.data.get("done"), last.data.get("agent")) == (True, "Ada")
        await seat.press("escape", "i")
        await seat.until(lambda: getattr(seat.app.screen, "ready", False), "the form again")
        await seat.shows("not asked now")
        await seat.press("ctrl+d")
        await seat.shows("this question is not open any more")


async def test_no_form(world: Any) -> None:
    """Who was asked to fill in none: it says so."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "i")
        await seat.shows("was asked to fill in no form")


# Advice


async def test_advice_with_its_inputs(world: Any) -> None:
    """A line above the suggestions, in full with the three inputs behind a key; a wish changes it at once."""
    number = world.arrive("Dana Reyes", "how do I pair the dial with the bridge?")
    async with world.desk() as seat:
        first = seat.backend.library.hits[0]
        seat.backend.library.hits = (replace(first, probability=0.9), *seat.backend.library.hits[1:])
        seat.backend.library.reading = Reading(Level.CALM, 0.1)
        await seat.claim(number)
        await seat.shows("▤ Send “Reset the pairing code”")
        await seat.press("escape", "a")
        for words in ("A guide serves them better", "The customer", "answered 2 questions", "routine", "e-mail"):
            await seat.shows(words)
        await seat.press("escape")
        event(world, number, Event.WISHED, {"wish": "callback"}, "ring me please")
        await seat.shows("◆ The customer asked for a person.")


# The whole way, with the reception that the customer's page has


async def test_the_whole_way(world: Any) -> None:
    """A visitor comes through the shipped tree to the desk, is lent to the survey, comes back, and goes to the bot."""
    trees = TreeFiles(None, world.clock)
    reception = Reception(
        world.store, config=world.config, decision_trees=trees, calendar=Calendar(HoursConfig()), meter=None,
        clock=world.clock,
    )  # fmt: skip
    number = reception.arrive("t" * 22, language="en", timezone="Europe/Lisbon")
    reception.say(number, "send-0", "how do I pair my dial with the bridge?")
    reception.wish(number, "send-1", "person", {})
    async with world.desk() as seat:
        seat.backend.library.flows = dict(trees.all())
        await seat.shows("WAITING 1")
        await seat.claim(number)
        await lend(seat, "three short")
        await told(seat, "is with the tree Three short questions")
        reception.answer(number, "send-2", "solved", "yes")
        reception.answer(number, "send-3", "good", ["clear", "once"])
        reception.answer(number, "send-4", "comment", {"comment": "all said"})
        noticed(world)
        await told(seat, "is back from the tree Three short questions")
        await seat.until(lambda: not seat.desk.composer.read_only, "the reply")
        for words in ("It was easy to understand", "In your own words", "all said", "came back from the tree"):
            await seat.shows(words)
        await seat.press("f7")
        await told(seat, "is back with the bot")
        world.store.page.finish(number, "solved-digital", "")
        reception.rate(number, 5, "great")
        noticed(world)
        await seat.shows("Bot closed: solved-digital")
        await seat.shows("rated it 5 of 5: great")
