"""The whole way, with nothing made up: a browser, the server, the index by meaning, the records, and a desk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from agentassist import config
from agentassist.clock import SystemClock
from agentassist.models import Author, Entry, EntryKind, Event, State
from agentassist.session.backend import Backend
from agentassist.session.reception_view import Public
from agentassist.tui.app import DeskApp

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from tests.browser.conftest import House, Visit, Visitor

pytestmark = [pytest.mark.model, pytest.mark.slow]

DEADLINE = 60.0
QUESTION = "how do i get a new code to pair the dial"
AGAIN = "how do i get a new pairing code for my dial??"
COMPLAINTS = (
    "it still doesn't work",
    "no, it does NOT work, I have tried that already",
    "this is useless, still not paired",
)
REPLY = "Hello, I have read it all: the Dial does not take the code."
ANSWERS = {"Is your question solved?": "Yes", "What was good?": "It was quick, I had to tell it only once"}
ADDED = "good to have a person"


class Seat:
    """Hands and eyes at a desk."""

    def __init__(self, app: DeskApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def text(self) -> str:
        """What the screen shows, in one line with single spaces."""
        rows = (strip.text for strip in self.app.screen._compositor.render_strips())
        return " ".join(" ".join(rows).split())

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The open conversation, as the desk has it."""
        desk: Any = self.app.screen_stack[0]
        return tuple(desk.conversation.current.entries)

    @property
    def offers(self) -> tuple[Any, ...]:
        """The suggestions that are shown."""
        desk: Any = self.app.screen_stack[0]
        return tuple(desk.suggesting.offers)

    async def until(self, holds: Callable[[], object], what: str) -> None:
        """Let the desk work until something holds."""
        end = monotonic() + DEADLINE
        while not holds():
            if monotonic() > end:
                pytest.fail(f"never came: {what}\n{self.text}")
            await asyncio.sleep(0.01)

    async def shows(self, words: str) -> None:
        """Wait until words are on the screen."""
        await self.until(lambda: words in self.text, words)

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def write(self, text: str) -> None:
        """Type."""
        names = {" ": "space", ",": "comma", ".": "full_stop", ":": "colon"}
        await self.press(*(names.get(char, char) for char in text))

    async def ready(self) -> None:
        """Wait for the end of a dialog's deaf first moment."""
        await self.until(lambda: getattr(self.app.screen, "ready", False), "the dialog")


@pytest.fixture
def office(own_house: House, built_home: Path) -> House:
    """A server on an empty store with an index by meaning of the shipped knowledge base."""
    for name in ("index", "cache"):
        (own_house.home / name).symlink_to(built_home / name)
    own_house.open()
    return own_house


def shown(entries: tuple[Entry, ...]) -> list[tuple[str, str]]:
    """Return what a customer is to see of entries: whether it is a note, and its text."""
    made = [Public(lambda _: "", "Assistant").entry(entry) for entry in entries]
    return [("note" if one["kind"] == "note" else "said", str(one["text"])) for one in made if one is not None]


async def on_the_page(visitor: Visitor) -> list[tuple[str, str]]:
    """Return what the page shows: notes and what was said, in order."""
    found = await visitor.log.evaluate(
        """log => [...log.querySelectorAll(".note, .bubble")].map(one => {
            const copy = one.cloneNode(true);
            for (const more of copy.querySelectorAll("small, .links")) more.remove();
            return [one.matches(".note") ? "note" : "said", copy.textContent];
        })"""
    )
    return [(kind, text) for kind, text in found]


def of(entries: tuple[Entry, ...], event: Event) -> list[Entry]:
    """Return the entries of one kind of event."""
    return [entry for entry in entries if entry.event is event]


def answered(house: House, number: int, words: str) -> bool:
    """Say whether something was said after a message."""
    return words in house.texts(number)[:-1]


async def to_the_point_of_friction(visitor: Visitor, number: int) -> None:
    """Go through the tree to the bot, and complain until it offers a person."""
    house = visitor.house
    await visitor.choose("Something else")
    await visitor.shows("in your own words")
    await visitor.write(QUESTION)
    await visitor.asks("Did that help?")
    await expect(visitor.log.locator(".links a")).to_have_count(1)
    await visitor.choose("Not yet")
    await visitor.shows("I am sorry that it did not help.")
    await visitor.write(AGAIN)
    await expect(visitor.log.locator(".links a")).to_have_count(2)
    await visitor.asks("Did that help?")
    for words in COMPLAINTS:
        await visitor.write(words)
        await house.until(partial(answered, house, number, words), "the bot's turn")
        if any(entry.data.get("bot") == "offer" for entry in house.entries(number)):
            break
    await visitor.asks("Shall I get a person for you?")


async def send_first(seat: Seat, given: Container[object]) -> None:
    """Send the first suggestion that was not given yet; what has only just become another one is not sent."""
    desk: Any = seat.app.screen_stack[0]
    sent = len(seat.entries)

    def told() -> bool:
        return len(seat.entries) > sent or desk.suggestion_note.words.startswith("Not sent")

    while len(seat.entries) == sent:
        await seat.until(lambda: not any(map(desk.suggesting.just_moved, range(1, 10))), "suggestions that stay")
        rank = next(rank for rank, offer in enumerate(seat.offers, start=1) if offer.hit.article.id not in given)
        await seat.press(f"alt+{rank}")
        await seat.until(told, "what became of the suggestion")


async def reply_and_article(seat: Seat, visitor: Visitor, number: int) -> None:
    """Let the agent type a reply, send it and the first suggestion; the customer opens the article, twice."""
    house, page = visitor.house, visitor.page
    await seat.press("r")
    await seat.write(REPLY[:20])
    await expect(page.locator("#busy")).to_contain_text("Ada is typing")
    await seat.write(REPLY[20:])
    await seat.press("enter")
    await visitor.shows(REPLY)
    await expect(page.locator("#busy")).to_be_hidden()
    links = visitor.log.locator(".entry.agent .links a")
    given = {entry.data.get("article") for entry in house.entries(number)}
    await send_first(seat, given)
    await expect(links).to_have_count(1)
    title = await links.inner_text()
    for _ in range(2):
        async with page.context.expect_event("response", lambda answer: "/a/" in answer.url) as caught:
            await links.click()
        answer = await caught.value
        assert answer.status == 302
        assert answer.headers["location"] == of(house.entries(number), Event.OPENED)[-1].data["url"]
    await seat.shows(f"opened: {title}"[:40])
    assert len(of(house.entries(number), Event.OPENED)) == 1


async def through_the_survey(seat: Seat, visitor: Visitor) -> None:
    """Let the agent hand the customer to a tree, and the customer come back with the answers."""
    await seat.press("escape", "d")
    await seat.ready()
    await seat.write("survey")
    await seat.press("enter")
    await visitor.shows("Ada asks you a few questions.")
    await visitor.asks("Is your question solved?")
    await visitor.choose("Yes")
    await visitor.asks("What was good?")
    await visitor.page.get_by_label("It was quick").check()
    await visitor.page.get_by_label("I had to tell it only once").check()
    await visitor.press("Continue")
    await visitor.asks("Would you like to add something?")
    await visitor.page.get_by_label("In your own words").fill(ADDED)
    await visitor.press("Continue")
    await seat.shows("came back from")
    await expect(visitor.prompt).to_be_hidden()


async def close_and_rate(seat: Seat, visitor: Visitor) -> None:
    """Let the agent close the conversation, and the customer rate it."""
    await seat.press("ctrl+w")
    await seat.shows("Solved")
    await seat.ready()
    await seat.press("1", "ctrl+s")
    await expect(visitor.panel).to_contain_text("How was it?")
    await visitor.panel.get_by_label("Very good").check()
    await visitor.page.get_by_label("Anything you would like to add?").fill("thank you, Ada")
    await visitor.press("Send rating")
    await expect(visitor.panel).to_contain_text("Thank you")
    await visitor.page.reload()
    await expect(visitor.panel).to_contain_text("Thank you")
    assert "How was it?" not in await visitor.panel.inner_text()


async def test_tree_bot_friction_person_tree_rating(office: House, visit: Visit) -> None:
    """A customer goes all the way and back; page, desk and records tell the same, nothing repeated, nothing lost."""
    backend = Backend(office.paths, "Ada", SystemClock())
    app = DeskApp(backend, config.Config(agent=config.AgentConfig("Ada", "UTC")), SystemClock())
    async with visit(office) as visitor, app.run_test(size=(140, 60)) as pilot:
        seat, number = Seat(app, pilot), office.newest()
        await seat.shows("search: by meaning")
        visitor.page.context.on("page", lambda page: visitor.troubles.clear())
        await to_the_point_of_friction(visitor, number)
        assert office.store.queue.get(number).state is State.DIGITAL
        await visitor.choose("Yes, a person please")
        await expect(visitor.panel).to_contain_text("You are next.")
        handoff = of(office.entries(number), Event.HANDOFF)[-1]
        assert {"repeated"} <= {signal["kind"] for signal in handoff.data["signals"]}  # type: ignore[union-attr,index,call-overload]
        assert len(handoff.data["articles"]) >= 2  # type: ignore[arg-type]
        await seat.shows(handoff.text[:20])
        await seat.press("n")
        await visitor.shows("Ada is here and has read everything above.")
        await seat.until(lambda: seat.entries[-1].event is Event.CLAIMED, "the conversation")
        await seat.press("f3", "home")
        for words in ("asks the same again", "Something else", QUESTION):
            await seat.shows(words)
        await seat.press("end")
        await reply_and_article(seat, visitor, number)
        await through_the_survey(seat, visitor)
        assert office.store.queue.get(number).agent == "Ada"
        answers = {str(one.data.get("question")): one.text for one in office.entries(number) if one.data.get("node")}
        assert ANSWERS.items() <= answers.items()
        await seat.until(lambda: seat.entries == office.entries(number), "the answers")
        for words in ("It was quick", ADDED):
            await seat.shows(words)
        await close_and_rate(seat, visitor)
        entries = office.entries(number)
        assert await on_the_page(visitor) == shown(entries)
    backend.close()
    rated = of(entries, Event.RATED)
    assert [(one.data["rating"], one.text) for one in rated] == [(5, "thank you, Ada")]
    said = [entry.text for entry in entries if entry.kind is EntryKind.MESSAGE]
    assert len(said) == len(set(said)), "somebody repeats themselves"
    given = [entry.data["article"] for entry in entries if entry.kind is EntryKind.ARTICLE]
    assert len(given) == len(set(given)), "an article is given twice"
    order = [
        entry.event for entry in entries if entry.event in (Event.HANDOFF, Event.CLAIMED, Event.LENT, Event.CLOSED)
    ]
    assert order == [Event.HANDOFF, Event.CLAIMED, Event.LENT, Event.HANDOFF, Event.CLOSED]
    assert entries[-1].author is Author.CUSTOMER
