"""Whoever comes can use the page: on a phone, in the dark, by keyboard alone, and with what reads it aloud."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from agentassist.models import Author, EntryKind, NewEntry, State

if TYPE_CHECKING:
    from tests.browser.conftest import House, Visit, Visitor

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
SMALLEST = 24
"""CSS pixels of the smallest target of a finger: WCAG 2.2, 2.5.8."""
ANSWER = NewEntry(
    Author.BOT,
    EntryKind.ARTICLE,
    "Hold the button for 10 seconds, until the display shows NEW CODE, and let go then.",
    "Assistant",
    {"article": "reset", "title": "Reset the pairing code", "url": "https://help.example/reset", "bot": "answer"},
)

# The states of the page that matter


async def at_a_choice(visitor: Visitor) -> None:
    """Stand at a question of the tree."""
    await visitor.choose("Setting up")
    await visitor.asks("Which product is it about?")


async def at_several_choices(visitor: Visitor) -> None:
    """Stand at a question with several answers."""
    await to_the_callback(visitor)
    await visitor.page.get_by_label("Your name").fill("Kim")
    await visitor.page.get_by_label("Phone number").fill("+351 912 345 678")
    await visitor.page.get_by_label("What is it about?").fill("the Dial")
    await visitor.press("Continue")
    await visitor.asks("When does it suit you?")


async def to_the_callback(visitor: Visitor) -> None:
    """Go to the form that asks for a telephone number."""
    await visitor.choose("I would like to talk to a person")
    await visitor.choose("Please call me back")
    await visitor.asks("Where can we reach you?")


async def at_a_form_with_errors(visitor: Visitor) -> None:
    """Stand at a form that was sent with mistakes."""
    await to_the_callback(visitor)
    await visitor.page.get_by_label("Phone number").fill("soon")
    await visitor.press("Continue")
    await expect(visitor.prompt.locator(".error:visible").first).to_be_visible()


async def in_the_chat(visitor: Visitor) -> None:
    """Read an article of the bot's, after a question of one's own."""
    number = visitor.house.newest()
    said = NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "it says NEW CODE, see http://shop.example/dial")
    visitor.house.store.transcript.append(number, said, ANSWER)
    await visitor.asks("Did that help?")


async def in_the_queue(visitor: Visitor) -> None:
    """Wait for a person."""
    await visitor.press("Talk to a person")
    await expect(visitor.panel).to_contain_text("You are in the queue")


async def with_a_person(visitor: Visitor) -> None:
    """Talk with a person, who types."""
    await in_the_queue(visitor)
    number = visitor.house.newest()
    visitor.house.claim(number)
    visitor.house.reply(number, "Hello, I read it all.")
    visitor.house.store.presence.say("desk-1", "Ada", number, typing=True)
    await expect(visitor.page.locator("#busy")).to_be_visible()


async def at_a_dialog(visitor: Visitor) -> None:
    """Ask for an answer by e-mail, with an address that is none."""
    await in_the_queue(visitor)
    await visitor.press("Get an answer by e-mail")
    await visitor.page.get_by_label("E-mail address").fill("nowhere")
    await visitor.page.get_by_role("dialog").get_by_role("button", name="Send").click()
    await expect(visitor.page.locator("dialog .error:visible")).to_be_visible()


async def at_the_end(visitor: Visitor) -> None:
    """Be asked for a rating."""
    await with_a_person(visitor)
    visitor.house.store.claims.close(visitor.house.newest(), "Ada", "solved", "A new code.")
    await expect(visitor.panel).to_contain_text("How was it?")


STATES = (
    at_a_choice,
    at_several_choices,
    at_a_form_with_errors,
    in_the_chat,
    in_the_queue,
    with_a_person,
    at_a_dialog,
    at_the_end,
)
by_state = pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)


@asynccontextmanager
async def at(state: Any, house: House, visit: Visit, **options: Any) -> AsyncIterator[Visitor]:
    """Open the page and bring it to a state."""
    async with visit(house, **options) as visitor:
        await state(visitor)
        yield visitor


# What must hold in each


@by_state
async def test_axe_finds_nothing_that_is_serious(house: House, visit: Visit, state: Any) -> None:
    """The usual checker of accessibility has nothing serious or critical to say, in the light or in the dark."""
    async with at(state, house, visit, reduced_motion="reduce") as visitor:
        for scheme in ("light", "dark"):
            await visitor.page.emulate_media(color_scheme=scheme)
            result = await Axe().run(visitor.page)
            assert len(result.response["passes"]) > 15, "it has not looked"
            grave = []
            for found in result.response["violations"]:
                where = [" ".join(node["target"]) for node in found["nodes"]]
                told = f"{state.__name__}, {scheme}: {found['impact']} {found['id']}: {found['help']} at {where}"
                print(told)
                if found["impact"] in ("serious", "critical"):
                    grave.append(f"{told}\n{json.dumps(found['nodes'][0].get('any'), indent=1)}")
            assert grave == [], "\n".join(grave)


SMALL_TARGETS = """smallest => [...document.querySelectorAll("a, button, summary, input, textarea, label, [tabindex]")]
    .filter(one => one.checkVisibility({checkOpacity: false, checkVisibilityCSS: true}) && one.tabIndex >= 0)
    .filter(one => !one.matches(".skip, .bubble > a"))  // out of sight until it is gone to; within a line of text
    .map(one => {
        const box = (one.matches("label input") ? one.closest("label") : one).getBoundingClientRect();
        return [one.outerHTML.slice(0, 80), box.width, box.height];
    })
    .filter(([, width, height]) => width < smallest || height < smallest)"""


@by_state
async def test_a_phone(house: House, visit: Visit, state: Any) -> None:
    """On a phone nothing is wider than the screen, the line to write in is there, and every target is large enough."""
    async with at(state, house, visit, color_scheme="dark", **PHONE) as visitor:
        page = visitor.page
        width = await page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
        assert width <= 390
        wide = await page.evaluate(
            """[...document.querySelectorAll("body *")].filter(one => one.checkVisibility() && !one.closest(".away"))
            .filter(one => one.getBoundingClientRect().right > innerWidth + 0.5 || one.scrollWidth > one.clientWidth + 1
            && getComputedStyle(one).overflowX === "auto").map(one => one.outerHTML.slice(0, 80))"""
        )
        assert wide == []
        box = await visitor.composer.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 844
        assert box["height"] >= SMALLEST
        assert await page.evaluate(SMALL_TARGETS, SMALLEST) == []
        paper = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert max(int(number) for number in re.findall(r"\d+", paper)[:3]) < 60, f"{paper} is not dark"


async def test_a_phone_is_used_with_fingers(house: House, visit: Visit) -> None:
    """Taps go through the tree, and what is written at the end is seen above the line to write in."""
    async with visit(house, **PHONE) as visitor:
        await visitor.prompt.get_by_role("button", name="Setting up").tap()
        await visitor.prompt.get_by_role("button", name="Sense, the room sensor").tap()
        await visitor.prompt.get_by_role("button", name="I cannot look at it now").tap()
        await visitor.asks("Is it paired now?")
        await visitor.page.get_by_role("button", name="Talk to a person").tap()
        await expect(visitor.panel).to_contain_text("You are in the queue")
        await visitor.composer.fill("one\ntwo\nthree")
        await visitor.page.get_by_role("button", name="Send", exact=True).tap()
        await visitor.shows("three")
        bubble = visitor.log.locator(".bubble").last
        await expect(bubble).to_be_in_viewport()
        await expect(visitor.panel).to_be_in_viewport()


# By keyboard alone


FOCUSED = """() => {
    const one = document.activeElement;
    const ring = getComputedStyle(one.matches("label input") ? one.closest("label") : one);
    return {
        name: (one.getAttribute("aria-label") || one.labels?.[0]?.textContent || one.textContent).trim(),
        ring: ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 2,
    };
}"""


async def tab_to(visitor: Visitor, name: str, *, back: bool = False) -> None:
    """Go by the tabulator to what is called so; everything on the way shows that it has the focus."""
    for _ in range(30):
        await visitor.page.keyboard.press("Shift+Tab" if back else "Tab")
        focused = await visitor.page.evaluate(FOCUSED)
        assert focused["ring"], f"{focused['name']} does not show that it has the focus"
        if focused["name"] == name:
            return
    pytest.fail(f"the tabulator never came to {name}")


async def test_a_tree_by_keyboard_alone(house: House, visit: Visit) -> None:
    """Through a tree, its form and its several choices: no mouse, and the focus is always seen."""
    async with visit(house) as visitor:
        keyboard = visitor.page.keyboard
        await keyboard.press("Tab")
        assert (await visitor.page.evaluate(FOCUSED))["name"] == "Skip to your message"
        await expect(visitor.page.locator(".skip")).to_be_in_viewport()
        await tab_to(visitor, "I would like to talk to a person")
        await keyboard.press("Enter")
        await visitor.asks("How would you like to talk to us?")
        await tab_to(visitor, "Please call me back")
        await keyboard.press("Space")
        await visitor.asks("Where can we reach you?")
        await tab_to(visitor, "Continue")
        await keyboard.press("Enter")
        await expect(visitor.page.get_by_label("Your name")).to_be_focused()  # the first that is wrong
        for text in ("Kim", "+351 912 345 678", "the Dial"):
            await keyboard.type(text)
            await keyboard.press("Tab" if text != "the Dial" else "Enter")
        await visitor.asks("When does it suit you?")
        await tab_to(visitor, "Around noon, 12 to 14")
        await keyboard.press("Space")
        await tab_to(visitor, "Continue")
        await keyboard.press("Enter")
        await visitor.asks("Which day?")
        await tab_to(visitor, "The next one that is possible")
        await keyboard.press("Enter")
        await expect(visitor.panel).to_contain_text("You are in the queue")
        assert house.store.queue.get(house.newest()).customer.name == "Kim"


async def test_a_message_and_a_rating_by_keyboard_alone(house: House, visit: Visit) -> None:
    """A person is asked for, a message of two lines is sent, and a rating is given: no mouse."""
    async with visit(house) as visitor:
        keyboard = visitor.page.keyboard
        await tab_to(visitor, "Talk to a person")
        await keyboard.press("Enter")
        await expect(visitor.panel).to_contain_text("You are in the queue")
        await expect(visitor.composer).to_be_focused()  # the button that had the focus is not there any more
        await keyboard.type("I write, too")
        await keyboard.press("Shift+Enter")
        await keyboard.type("in two lines")
        await keyboard.press("Enter")
        await visitor.shows("in two lines")
        number = house.newest()
        assert house.texts(number)[-1] == "I write, too\nin two lines"
        house.claim(number)
        house.store.claims.close(number, "Ada", "solved", "")
        await expect(visitor.panel).to_contain_text("How was it?")
        await tab_to(visitor, "5Very good", back=True)
        await keyboard.press("ArrowLeft")
        await tab_to(visitor, "Send rating")
        await keyboard.press("Enter")
        await expect(visitor.panel).to_contain_text("Thank you")
        assert house.entries(number)[-1].data["rating"] == 4


async def test_escape_closes_what_is_open(house: House, visit: Visit) -> None:
    """The menu and a dialog close with Esc, the focus is where it was, and nothing was sent."""
    async with visit(house) as visitor:
        keyboard = visitor.page.keyboard
        await in_the_queue(visitor)
        number = house.newest()
        before = len(house.entries(number))
        menu = visitor.page.locator("#menu")
        await menu.locator("summary").press("Enter")
        await expect(visitor.page.get_by_text("Download this conversation")).to_be_visible()
        await keyboard.press("Tab")
        await keyboard.press("Escape")
        await expect(visitor.page.get_by_text("Download this conversation")).to_be_hidden()
        await expect(menu.locator("summary")).to_be_focused()
        opener = visitor.page.get_by_role("button", name="Be called back")
        await opener.press("Enter")
        await expect(visitor.page.get_by_role("dialog")).to_be_visible()
        await expect(visitor.page.get_by_label("Phone number")).to_be_focused()
        await keyboard.press("Escape")
        await expect(visitor.page.get_by_role("dialog")).to_be_hidden()
        await expect(opener).to_be_focused()
        assert len(house.entries(number)) == before
        assert house.store.queue.get(number).state is State.WAITING


async def test_what_comes_is_read_aloud(house: House, visit: Visit) -> None:
    """What is said anew is in a live region, which says nothing of what was there before; so is the open question."""
    async with visit(house) as visitor:
        await expect(visitor.log).to_have_attribute("aria-live", "polite")
        assert await visitor.log.get_attribute("role") == "log"
        await expect(visitor.page.locator("#said")).to_contain_text("What can we help with?")
        await visitor.choose("Setting up")
        await visitor.asks("Which product is it about?")
        await expect(visitor.prompt.get_by_role("heading")).to_be_focused()  # and is read for it
        await expect(visitor.page.locator("#status")).to_have_attribute("role", "status")
