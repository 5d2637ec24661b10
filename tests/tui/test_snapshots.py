"""How the desk looks, in the states and sizes that matter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agentassist.config import DeskConfig
from agentassist.errors import StoreBusyError
from agentassist.flows.model import FieldType, Flow, FormField, Node, NodeKind
from agentassist.friction.reading import Level, Reading
from agentassist.models import Author, Customer, EntryKind, NewEntry, Recalled, Snippet
from agentassist.session.desk import Desk
from agentassist.session.indexing import IndexProgress, Stage
from agentassist.tui import themes
from agentassist.tui.app import DeskApp
from agentassist.tui.screens.article import ArticleScreen

MAIN = [(80, 24), (120, 36)]
WIDE = (120, 36)
NO_INDEX = "there is no index yet. Build it with: agentassist kb index"
SNIPPETS = (
    Snippet("greeting", "Greeting", "Hi {{customer.first_name}}, this is {{agent.name}}.", ("hello",)),
    Snippet("guide", "Send a guide", "Here it is: {{article.title}}\n{{article.url}}", ("article",)),
    Snippet("promise", "Promise", "I'll be back {{follow_up.time}} about {{serial}}.", ("follow-up",)),
    Snippet("gas", "Gas alarm", "Please leave the building now, with everyone in it.", ("safety",), "en", True),
)

# The days


def nobody(world: Any, backend: Any) -> None:
    """Nothing is there."""


def two_wait(world: Any, backend: Any) -> None:
    """Two customers wait; the first has written in a burst."""
    first = world.arrive("Dana Reyes", "hello?", "so the 6 numbers were there last nihgt and they went away")
    world.arrive("Li Wei", "Where is my refund? I sent it back two weeks ago.", reason="bot had no answer")
    world.say(first, "sorry i mean the dial not the bridge. the dial has the ring that turns")
    world.clock.move(131)


def busy(world: Any, backend: Any) -> None:
    """Nine wait, two are Ada's, two are with others; somebody looks, somebody types; one promise is due."""
    names = ("Sam Oduya", "José Alvarez", "Priya N", "Tom Becker", "Aiko Mori", "Fatima Z", "Lars Holm")
    for count, name in enumerate(names):
        world.arrive(name, "is anybody there?" if count % 2 else "it has been blinking all day", reason="asked twice")
        world.clock.move(37)
    two_wait(world, backend)
    for name, agent in (("Kim Park", "Ada"), ("Ana Maria Fernandes", "Bo"), ("Ola Nordmann", "Cy")):
        number = world.arrive(name, "thanks, I will try that")
        world.store.claims.claim(number, agent)
        world.clock.move(20)
        if agent == "Ada":
            promise(world, number, "did the reset work?", 15)
    promise(world, number, "send the form", 3600)
    world.clock.move(60)
    dana = next(item.id for item in world.store.queue.waiting("Ada") if item.customer.name == "Dana Reyes")
    Desk(world.store, "Bo").present(number - 1, typing=True)
    Desk(world.store, "Cy").present(dana)


def served_before(world: Any, backend: Any) -> None:
    """Dana was served before, and waits again."""
    number = world.arrive("Dana Reyes", "the bridge blinks red", "and it beeps")
    world.store.claims.claim(number, "Bo")
    said = NewEntry(Author.AGENT, EntryKind.MESSAGE, "Unplug it for a minute, then hold the button.", "Bo")
    world.store.transcript.send(number, "Bo", said, seen_seq=999)
    world.say(number, "that did it, thank you!")
    world.store.claims.close(number, "Bo", "solved", "Red light after a power cut. Unplugged it; works now.")
    world.clock.move(86_400 * 3)
    two_wait(world, backend)


def promised(world: Any, backend: Any) -> None:
    """Ada has promised to come back, once already late."""
    two_wait(world, backend)
    for seconds, note in ((60, "ask whether the dial pairs"), (5400, "send the form"), (90_000, "")):
        promise(world, 1, note, seconds)
    world.clock.move(125)


def promise(world: Any, number: int, note: str, seconds: float) -> None:
    """Keep a promise of Ada's."""
    due = world.clock.now() + timedelta(seconds=seconds)
    world.store.followups.add(number, None, "Ada", note, due, "UTC", f"{due:%Y-%m-%dT%H:%M}")


def no_index(world: Any, backend: Any) -> None:
    """Two wait, and there is nothing to search yet."""
    two_wait(world, backend)
    backend.library.degraded = NO_INDEX
    backend.library.hits = ()


def by_keyword(world: Any, backend: Any) -> None:
    """Two wait, and the encoder cannot be loaded."""
    two_wait(world, backend)
    backend.library.degraded = "keyword search only: the encoder cannot be loaded"


def nothing_fits(world: Any, backend: Any) -> None:
    """Two wait, and nothing that is found is likely to be right."""
    two_wait(world, backend)
    backend.library.no_match = True


def sent_before(world: Any, backend: Any) -> None:
    """Two wait; colleagues have sent two of the articles in similar conversations, and one has a near duplicate."""
    two_wait(world, backend)
    first, second, *rest = backend.library.hits
    alike = replace(first.article, id="reset-code-dial-2", title="New code for a Dial 2", url="https://help.example/d2")
    first = replace(first, probability=0.91, recalled=Recalled(0.8, 14, 11, 2, 0.83), folded=(alike,))
    second = replace(second, probability=0.34, recalled=Recalled(0.2, 2, 1, 0, 0.61))
    backend.library.hits = (first, second, *rest)


def with_snippets(world: Any, backend: Any) -> None:
    """Two wait, and there are texts to send."""
    two_wait(world, backend)
    backend.library.canned = SNIPPETS


def much_said(world: Any, backend: Any) -> None:
    """Dana has written more than a screen shows."""
    world.arrive("Dana Reyes", *(f"and then I tried step {count}" for count in range(1, 41)))
    world.arrive("Li Wei", "Where is my refund?")


def briefed(world: Any, backend: Any) -> None:
    """Dana has been through tree and bot, and comes at the point of friction; Kim is with a survey."""
    two_wait(world, backend)
    customer = Customer("cust-dana-2", "Dana Reyes", "dana@example.com", "Europe/Lisbon", "en", {"plan": "Plus"})
    number = world.store.transcript.start(customer, "web")
    reset = {"article": "reset", "title": "Reset the pairing code", "url": "https://help.example/reset"}
    topic = {"flow": "start", "node": "topic", "question": "What can we help with?", "value": "pairing"}
    serial = {"flow": "start", "node": "details", "field": "serial", "question": "Serial number"}
    world.store.transcript.append(
        number,
        NewEntry(Author.BOT, EntryKind.EVENT, "Hearthwell help", data={"event": "flow", "flow": "start"}),
        NewEntry(Author.CUSTOMER, EntryKind.CHOICE, "Pairing", data=topic),
        NewEntry(Author.CUSTOMER, EntryKind.FORM, "DL12345678", data=serial),
        NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "my dial wont pair, the six numbers went away"),
        NewEntry(Author.BOT, EntryKind.ARTICLE, "Hold the code button for 10 seconds.", "Hearth", reset),
        NewEntry(Author.CUSTOMER, EntryKind.CHOICE, "No", data={"node": "did-it-help", "question": "Did this help?"}),
        NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "it STILL won't pair. I tried that already!!"),
    )
    reason = "asks the same again: “it STILL won't pair” (#4, #7)"
    more = ("says that it is not solved: “STILL won't pair” (#7)", "shouts: “STILL” (#7)", "has tried it already (#7)")
    told = {"friction": 0.83, "level": "friction", "articles": ["reset"], "tried": ["reset"], "skills": ["heating"]}
    signals = [{"text": text} for text in (reason, *more)]
    question = "it STILL won't pair. I tried that already!!"
    world.store.claims.handoff(number, reason, {**told, "signals": signals, "question": question})
    kim = world.arrive("Kim Park", "thanks")
    world.store.claims.claim(kim, "Ada")
    world.store.claims.lend(kim, "Ada", "survey", [flow_begins("survey", "Short survey")])
    world.clock.move(75)
    first, *rest = backend.library.hits
    backend.library.hits = (replace(first, probability=0.91), *rest)
    backend.library.reading = Reading(Level.FRICTION, 0.83, reasons=(reason,))


def flow_begins(ident: str, title: str) -> NewEntry:
    """Return what begins a tree."""
    return NewEntry(Author.BOT, EntryKind.EVENT, title, data={"event": "flow", "flow": ident, "version": "1"})


def in_a_form(world: Any, backend: Any) -> None:
    """Dana has filled a field of a form, and Ada another."""
    two_wait(world, backend)
    fields = (
        FormField("email", "E-mail address", FieldType.EMAIL, private=True),
        FormField("order", "Order number", hint="such as HW-1234"),
        FormField("phone", "Phone number", FieldType.PHONE, private=True),
        FormField("note", "Anything else", required=False),
    )
    node = Node("details", NodeKind.FORM, "Where shall we send the part?", fields=fields)
    backend.library.flows = {"order": Flow("order", "Order a part", "details", {"details": node})}
    place = {"flow": "order", "node": "details"}
    world.store.transcript.append(
        1,
        flow_begins("order", "Order a part"),
        NewEntry(Author.CUSTOMER, EntryKind.FORM, "dana@example.com", data={**place, "field": "email"}),
        NewEntry(Author.AGENT, EntryKind.FORM, "HW-1234", "Ada", {**place, "field": "order"}),
        NewEntry(Author.CUSTOMER, EntryKind.FORM, "call me", data={**place, "field": "phone"}),
    )


class Building:
    """An index that is a third ready."""

    at_once, published = True, False

    def start(self, tell: Callable[[IndexProgress], None]) -> bool:
        """Say how far it is."""
        tell(IndexProgress(Stage.BUILDING, "embedding", 33, 12.0))
        return True

    def stop(self) -> None:
        """Nothing runs."""


# The ways


async def settle(pilot: Any, holds: Callable[[], bool]) -> None:
    """Let the desk work until something holds, then until nothing is left to paint."""
    seat = pilot.app.world.seat(pilot.app, pilot, pilot.app.backend)
    await seat.until(holds)
    await seat.settled()


def desk_of(pilot: Any) -> Any:
    """Return the desk's own screen."""
    return pilot.app.screen_stack[0]


async def started(pilot: Any) -> None:
    """Wait for the queue and the encoder; no cursor blinks."""
    desk = desk_of(pilot)
    desk.composer.cursor_blink = desk.search_box.cursor_blink = False
    await settle(
        pilot, lambda: desk.queue_work.loaded and desk.status.status.search not in ("", "search: getting ready")
    )


async def guided(pilot: Any) -> None:
    """Wait for the hint, and for how far the index is."""
    await started(pilot)
    desk = desk_of(pilot)
    await settle(pilot, lambda: desk.hint.size.height == 2 and bool(desk.status.status.indexing))


async def claimed(pilot: Any) -> None:
    """Claim the first and wait for its suggestions."""
    await started(pilot)
    desk = desk_of(pilot)
    waiting = [item.id for item in desk.queue_work.overview.waiting if item.customer.name == "Dana Reyes"]
    desk.conversation.claim(waiting[0])
    await settle(pilot, lambda: bool(desk.conversation.current and desk.conversation.current.mine))
    found = desk.suggesting
    await settle(pilot, lambda: bool(found.offers or found.shown.hidden) and desk.transcript.fully_measured)
    await settle(pilot, lambda: found.shown.offers[0].suggestion is not None)
    last = desk.transcript.entries[-1].seq
    await settle(pilot, lambda: desk.transcript.seen_seq == last)
    await settle(pilot, lambda: all(not item.unread for item in desk.queue_work.overview.mine if item.id == waiting[0]))


async def beside(pilot: Any) -> None:
    """Go to the suggestions, which a narrow screen has on a tab of their own."""
    await claimed(pilot)
    await pilot.press("ctrl+g")
    await settle(pilot, lambda: bool(desk_of(pilot).suggestions.has_focus))


async def asked_why(pilot: Any) -> None:
    """Ask why the first is suggested, and wait for its whole article."""
    await beside(pilot)
    await pilot.press("w")
    await settle(pilot, lambda: isinstance(pilot.app.screen, ArticleScreen))
    await settle(pilot, lambda: bool(pilot.app.screen.query_one("#whole").render().plain))


async def in_trouble(pilot: Any) -> None:
    """Search goes by keyword, and then the store cannot be read any more; the reply is still there."""
    await claimed(pilot)
    desk = desk_of(pilot)
    desk.backend.broken = StoreBusyError("the records are in use by another program", "It is tried again by itself.")
    desk.backend.changed()
    await pilot.press(*"the ring")
    await settle(pilot, lambda: bool(desk.queue_note.words and desk.reply_note.words))


async def held(pilot: Any) -> None:
    """Send a reply that was written before entries that were out of sight."""
    await claimed(pilot)
    desk = desk_of(pilot)
    await pilot.press(*"Hold the button")
    desk.transcript.action_home()
    await pilot.pause()
    for text in ("wait", "it works now"):
        pilot.app.world.say(1, text)
    await settle(pilot, lambda: desk.transcript.below == 2)
    await pilot.press("enter")
    await settle(pilot, lambda: "by Dana Reyes" in desk.reply_note.words)
    await settle(pilot, lambda: desk.transcript.fully_measured and desk.transcript.below == 0)


def dialog(*keys: str, first: Callable[[Any], Awaitable[None]] = claimed) -> Callable[[Any], Awaitable[None]]:
    """Return a way: press a dialog's key and wait for it, then press the others."""

    async def way(pilot: Any) -> None:
        await first(pilot)
        await pilot.press("escape", keys[0])
        await settle(pilot, lambda: getattr(pilot.app.screen, "ready", False))
        for field in pilot.app.screen.query("Input, TextArea"):
            field.cursor_blink = False
        await pilot.press(*keys[1:])
        await settle(pilot, lambda: getattr(pilot.app.screen, "opened", True) is not None)

    return way


async def wrapping_up(pilot: Any) -> None:
    """Open the wrap-up with its summary drafted and a disposition chosen."""
    await dialog("ctrl+w", "2")(pilot)
    await settle(pilot, lambda: bool(pilot.app.screen.summary.text))


async def advised(pilot: Any) -> None:
    """Claim who is at the point of friction, and wait for the advice."""
    await started(pilot)
    desk = desk_of(pilot)
    first = desk.queue_work.overview.waiting[0]
    desk.conversation.claim(first.id)
    await settle(pilot, lambda: bool(desk.conversation.current and desk.conversation.current.mine))
    await settle(pilot, lambda: desk.advice_line.display and desk.transcript.fully_measured)
    await settle(pilot, lambda: desk.suggesting.shown.offers[0].suggestion is not None)
    last = desk.transcript.entries[-1].seq
    await settle(pilot, lambda: desk.transcript.seen_seq == last)
    await settle(pilot, lambda: all(not item.unread for item in desk.queue_work.overview.mine if item.id == first.id))


async def helped(pilot: Any) -> None:
    """Open the help from the conversation."""
    await dialog("question_mark")(pilot)


STATES: dict[str, tuple[Callable[[Any, Any], None], Callable[[Any], Awaitable[None]], list[tuple[int, int]]]] = {
    "first_run": (no_index, guided, MAIN),
    "empty": (nobody, started, MAIN),
    "waiting": (two_wait, started, MAIN),
    "busy": (busy, claimed, [*MAIN, (200, 60), (60, 20)]),
    "queue": (busy, started, MAIN),
    "suggestions": (two_wait, beside, MAIN),
    "degraded": (by_keyword, in_trouble, MAIN),
    "keyword_only": (by_keyword, beside, [(80, 24)]),
    "memory": (sent_before, beside, MAIN),
    "why": (sent_before, asked_why, [(80, 24)]),  # higher it shows how much the parts count, which is fitted
    "no_match": (nothing_fits, beside, MAIN),
    "wrap_up": (two_wait, wrapping_up, MAIN),
    "held": (much_said, held, MAIN),
    "snippets": (with_snippets, dialog("t"), MAIN),
    "follow_up": (promised, dialog("f", *"tomorrow 9"), MAIN),
    "agenda": (promised, dialog("g"), [WIDE]),
    "reading": (served_before, dialog("e"), MAIN),
    "help": (two_wait, helped, MAIN),
    "brief": (briefed, advised, MAIN),
    "lent": (briefed, started, MAIN),
    "form": (in_a_form, dialog("i"), MAIN),
    "light": (busy, claimed, [WIDE]),
}
LOOKS = [
    pytest.param(state, size, id=f"{state}-{size[0]}x{size[1]}") for state, facts in STATES.items() for size in facts[2]
]


@pytest.mark.parametrize(("state", "size"), LOOKS)
def test_looks(world: Any, snap_compare: Any, state: str, size: tuple[int, int]) -> None:
    """The desk looks as it did when somebody last found it good."""
    day, way, _ = STATES[state]
    backend = world.backend()
    day(world, backend)
    first = state == "first_run"
    theme = themes.LIGHT_NAME if state == "light" else world.config.desk.theme
    config = replace(world.config, desk=DeskConfig(theme=theme))
    building: Any = Building() if first else None
    app = DeskApp(backend, config, world.clock, indexing=building, hints=first)
    app.world = world  # type: ignore[attr-defined]
    assert snap_compare(app, terminal_size=size, run_before=way)
