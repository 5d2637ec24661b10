"""Makes `page-desktop.png` and `page-phone.png`, the pictures of the customer's page: `python docs/page.py`.

Needs the [build] extra and Chromium. The real server shows the page, on the shipped knowledge base: a customer goes
through the tree to the bot, which is pictured on a phone, and on to a person, which is pictured on a desktop.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import Page, async_playwright, expect

from agentassist import config, paths
from agentassist.cli.kb_search import build_index
from agentassist.models import Author, EntryKind, NewEntry
from agentassist.server.run import PageServer
from agentassist.store.store import Store

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
LOOKS: Any = {"locale": "en-GB", "timezone_id": "Europe/Lisbon", "reduced_motion": "reduce"}
DESKTOP: Any = {"viewport": {"width": 1100, "height": 860}}
PHONE: Any = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 1.5,
    "is_mobile": True,
    "has_touch": True,
}
QUESTION = "how do i move the bridge to a new router?"
COMPLAINT = "i did that twice, it still doesn't find the wifi"
REPLY = (
    "Hello, this is Ada. I have read what you tried. Many new routers give 2.4 and 5 GHz one name, and the Bridge "
    "needs 2.4 GHz. This shows where to change it:"
)
GUIDE = (
    "wi-fi-that-works",
    "Which Wi-Fi works? 2.4 GHz, guest networks and captive portals",
    "https://help.hearthwell.example/articles/wi-fi-that-works",
)


class PictureClock:
    """The same times in every picture."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the moment; each look at the clock takes a moment."""
        self.moment += timedelta(milliseconds=50)
        return self.moment


async def arrive(context: BrowserContext, url: str, clock: PictureClock) -> Page:
    """Open the page, go through the tree, and ask the bot."""
    page = await context.new_page()
    await page.clock.set_fixed_time(clock.now())
    await page.goto(url)
    await page.get_by_role("button", name="Something else").click()
    await expect(page.locator("#log")).to_contain_text("in your own words")
    await page.locator("#text").fill(QUESTION)
    await page.locator("#text").press("Enter")
    await expect(page.locator("#prompt")).to_contain_text("Did that help?", timeout=60_000)
    await page.locator("#text").blur()
    await page.mouse.move(0, 0)
    return page


async def to_a_person(page: Page, store: Store) -> None:
    """Complain, take the offer of a person, and be helped."""
    await page.get_by_role("button", name="Not yet").click()
    await page.locator("#text").fill(COMPLAINT)
    await page.locator("#text").press("Enter")
    await expect(page.locator("#log")).to_contain_text(COMPLAINT)
    await page.get_by_role("button", name="person").first.click()
    await expect(page.locator("#panel")).to_contain_text("You are next")
    number = store.queue.waiting("Ada")[0].id
    store.claims.claim(number, "Ada")
    article, title, url = GUIDE
    data = {"article": article, "title": title, "url": url}
    store.transcript.append(number, NewEntry(Author.AGENT, EntryKind.ARTICLE, REPLY, "Ada", dict(data)))
    store.presence.say("desk", "Ada", number, typing=True)
    await expect(page.locator("#busy")).to_contain_text("Ada is typing")
    await page.locator("#text").fill("ah, the Bridge is two floors down")


async def take(url: str, store: Store, clock: PictureClock, folder: Path) -> None:
    """Take both pictures."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        phone = await browser.new_context(**PHONE, **LOOKS)
        page = await arrive(phone, url, clock)
        await page.screenshot(path=folder / "page-phone.png")
        desktop = await browser.new_context(**DESKTOP, **LOOKS)
        page = await arrive(desktop, url, clock)
        await to_a_person(page, store)
        await page.screenshot(path=folder / "page-desktop.png")
        await browser.close()


def main() -> None:
    """Write the pictures beside this file."""
    clock, answers = PictureClock(), threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        places = paths.under(Path(folder))
        build_index(paths.sample_kb(), places)
        with Store.open(places.database, clock) as store:
            server = PageServer(places, config.Config(), clock, host="127.0.0.1", port=0, ready=lambda _: answers.set())
            serving = threading.Thread(target=server.serve_until_stopped)
            serving.start()
            answers.wait(30)
            try:
                asyncio.run(take(server.url, store, clock, Path(__file__).parent))
            finally:
                server.should_exit = True
                serving.join()


if __name__ == "__main__":
    main()
