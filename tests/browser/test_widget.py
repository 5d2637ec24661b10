"""The page within another site: where it is welcome it opens, works and closes; elsewhere it cannot be framed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from tests.browser.conftest import House, Visit

SITE = """<!doctype html><html lang="en"><title>A shop</title><main><h1>A shop</h1><p>Buy a lamp.</p></main>
<script src="{url}/widget.js" data-label="Help" defer></script></html>"""
FRAME = """<!doctype html><html lang="en"><title>A trap</title><iframe id="trap" src="{url}/"></iframe></html>"""


class Site(ThreadingHTTPServer):
    """Somebody's site on a port of its own: another origin."""

    daemon_threads = True
    body = ""

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Gives the same page for everything."""

    server: Site

    def do_GET(self) -> None:
        """Answer."""
        body = self.server.body.encode()
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called there
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[Site]:
    """Another site; its page is set by the test."""
    server = Site(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


async def test_the_widget_on_another_site(own_house: House, visit: Visit, site: Site) -> None:
    """A button opens the page over the site, a conversation is had in it, Esc closes it, and it is there again."""
    own_house.open(allowed_origins=(site.url,))
    site.body = SITE.format(url=own_house.url)
    async with visit(own_house, arrive=False) as visitor:
        page = visitor.page
        await page.goto(site.url)
        opener = page.locator("#agentassist-open")
        await expect(opener).to_have_text("Help")
        assert len(page.frames) == 1, "nothing is loaded before it is wanted"
        await opener.press("Enter")
        frame = page.frame_locator("iframe")
        await frame.get_by_role("button", name="Setting up").click()
        await expect(frame.locator("#prompt")).to_contain_text("Which product is it about?")
        await frame.locator("#text").fill("from within a shop")
        await frame.locator("#text").press("Enter")
        await expect(frame.locator("#log")).to_contain_text("from within a shop")
        number = own_house.newest()
        await own_house.until(lambda: "from within a shop" in own_house.texts(number), "the message")
        await frame.locator("#text").press("Escape")
        await expect(page.locator("iframe")).to_be_hidden()
        await expect(opener).to_be_focused()
        await expect(frame.locator("#panel")).to_contain_text("You are in the queue")
        own_house.claim(number)
        own_house.reply(number, "hello in the shop")
        await expect(opener).to_have_text("Help (1)")
        await opener.click()
        await expect(frame.locator("#log")).to_contain_text("hello in the shop")
        await expect(frame.locator("#text")).to_be_focused()
        await page.reload()
        await opener.click()
        await expect(frame.locator("#log")).to_contain_text("hello in the shop")
        assert own_house.store.sessions.ids(0, 10) == (number,)


async def test_a_site_that_is_not_named(own_house: House, visit: Visit, site: Site) -> None:
    """Neither the widget nor a frame of the page comes up on a site that is not among those allowed."""
    own_house.open(allowed_origins=("https://shop.example",))
    async with visit(own_house, arrive=False) as visitor:
        page = visitor.page
        site.body = SITE.format(url=own_house.url)
        await page.goto(site.url)
        await expect(page.get_by_role("heading")).to_have_text("A shop")
        assert await page.locator("#agentassist-open").count() == 0
        site.body = FRAME.format(url=own_house.url)
        await page.goto(site.url)
        assert len(page.frames) == 2
        assert await page.frame_locator("#trap").locator("#text, #prompt").count() == 0
        assert own_house.store.sessions.ids(0, 10) == ()
        assert visitor.troubles != []
        visitor.troubles.clear()  # what the browser says of a frame that it refuses
