"""What a customer has before their eyes on a small screen while others write, and while they write themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import Locator, expect

from agentassist.models import Author, EntryKind, NewEntry
from tests.browser.test_line import waiting

if TYPE_CHECKING:
    from agentassist.models import Data, JsonValue
    from tests.browser.conftest import House, Visit, Visitor

PHONE = {"width": 390, "height": 760}
SEES = """one => {
    const box = document.querySelector("#scroll").getBoundingClientRect(), own = one.getBoundingClientRect();
    return {top: own.top >= box.top - 1 && own.top < box.bottom, bottom: own.bottom <= box.bottom + 1};
}"""


async def with_agent(house: House, visitor: Visitor) -> int:
    """Let a customer come to an agent."""
    number = await waiting(visitor)
    house.claim(number)
    house.reply(number, "hello there")
    await visitor.shows("hello there")
    return number


async def seen(entry: Locator, edge: str) -> None:
    """Wait until an edge of an entry is in sight."""
    handle = await entry.element_handle()
    await entry.page.wait_for_function(f"one => ({SEES})(one).{edge}", arg=handle)


async def test_a_long_answer_is_read_from_its_beginning(house: House, visit: Visit) -> None:
    """What is longer than the screen begins at its top: nobody has to scroll back for the first line."""
    async with visit(house, viewport=PHONE) as visitor:
        number = await with_agent(house, visitor)
        house.reply(number, "It begins here. " + "And it goes on and on, step by step. " * 60)
        await visitor.shows("It begins here.")
        entry = visitor.log.locator("article").last
        await seen(entry, "top")
        assert not (await entry.evaluate(SEES))["bottom"]
        await visitor.write("I have read it")
        await visitor.shows("I have read it")
        await seen(visitor.log.locator("article").last, "bottom")


async def test_what_was_said_last_stays_in_sight(house: House, visit: Visit) -> None:
    """Neither a message that grows nor the keyboard of a phone covers it; who has scrolled up is left there."""
    async with visit(house, viewport=PHONE) as visitor:
        number = await with_agent(house, visitor)
        for count in range(12):
            house.reply(number, f"step {count}\nof twelve")
            await visitor.shows(f"step {count}")
        last = visitor.log.locator("article").last
        await seen(last, "bottom")
        await visitor.composer.fill("a\nb\nc\nd\ne")
        await seen(last, "bottom")
        await visitor.page.set_viewport_size({"width": 390, "height": 420})
        await seen(last, "bottom")
        await visitor.page.locator("#scroll").evaluate("box => (box.scrollTop = 0)")
        await visitor.page.set_viewport_size(PHONE)
        await visitor.composer.fill("")
        assert await visitor.page.locator("#scroll").evaluate("box => box.scrollTop") == 0


async def test_a_question_is_written_once(house: House, visit: Visit) -> None:
    """What the bot has just asked is not written once more above the answers; who hears the page still hears it."""
    async with visit(house) as visitor:
        number = house.newest()
        asked: dict[str, JsonValue] = {
            "article": "a",
            "title": "A lamp",
            "url": "https://x.example/a",
            "passage": "It glows.",
        }
        data: Data = {"bot": "unsure", "choices": [asked]}
        house.store.transcript.append(
            number, NewEntry(Author.BOT, EntryKind.MESSAGE, "Did you mean this?", "Assistant", data)
        )
        await visitor.shows("Did you mean this?")
        title = visitor.prompt.locator("h2")
        await expect(title).to_have_text("Did you mean this?")
        box = await title.bounding_box()
        assert box is not None
        assert box["height"] <= 1
        await expect(visitor.prompt.get_by_role("group", name="Did you mean this?")).to_be_visible()
        await visitor.choose("A lamp")
        await visitor.asks("Did that help?")
        box = await visitor.prompt.locator("h2").bounding_box()
        assert box is not None
        assert box["height"] > 10


async def test_a_mistake_goes_as_soon_as_it_is_corrected(house: House, visit: Visit) -> None:
    """Not when the line is left: what goes then moves the button away from under the finger that presses it."""
    async with visit(house) as visitor:
        await visitor.choose("I would like to talk to a person")
        await visitor.choose("Please call me back")
        await visitor.press("Continue")
        about = visitor.page.get_by_label("What is it about?")
        await expect(about).to_have_attribute("aria-invalid", "true")
        await about.fill("a valve")
        await expect(about).to_have_attribute("aria-invalid", "false")
        await expect(about).to_be_focused()
