"""A real browser before the real server on a real store. Where there is no Chromium these tests are skipped."""

from __future__ import annotations

import asyncio
import re
import shutil
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, async_playwright, expect

from agentassist import paths
from agentassist.clock import SystemClock
from agentassist.config import Config, ServeConfig
from agentassist.models import Author, Entry, EntryKind, NewEntry
from agentassist.server.limits import Limits, Rate
from agentassist.server.run import PageServer
from agentassist.store.store import Store

DEADLINE = 60.0
"""How long anything is waited for: far longer than it takes on a busy machine."""
CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
ARGUMENTS = (
    "--no-sandbox",  # a container's root has none
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing beyond this machine is looked up
)
DESKTOP = {"width": 1100, "height": 800}
PAUSE = 0.05
"""Seconds that the bot waits for the end of a burst: a test does not wait for what it does not test."""
PLENTY = Limits(requests=Rate(10_000, 1_000), begins=Rate(1_000, 100), sends=Rate(10_000, 1_000))
"""Room for what no customer does: hundreds of messages at once."""
OFFLINE = re.compile(r"Failed to load resource|net::ERR_|Failed to fetch")
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let all of these share one process and its browser, but for those with the model, which have theirs."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)  # before the one by default
            if not item.get_closest_marker("model"):
                item.add_marker(pytest.mark.xdist_group("browser"))


class House:
    """A store, and the server that serves it, in this process.

    Attributes:
        home: the folder with everything.
        store: as another process has it, such as a desk.
        url: of the page.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.paths = paths.under(home)
        self.clock = SystemClock()
        self.store = Store.open(self.paths.database, self.clock)
        self.url = ""
        self._server: PageServer | None = None
        self._thread: threading.Thread | None = None

    def open(self, *, kb_folder: Path | None = None, **settings: Any) -> None:
        """Begin to serve; once more at the same address after a `shut`."""
        answers = threading.Event()
        port = int(self.url.rpartition(":")[2]) if self.url else 0
        server = PageServer(
            self.paths,
            Config(serve=ServeConfig(**settings)),
            self.clock,
            host="127.0.0.1",
            port=port,
            kb_folder=kb_folder,
            limits=PLENTY,
            pause=PAUSE,
            ready=lambda _: answers.set(),
        )
        self._server, self.url = server, server.url
        self._thread = threading.Thread(target=server.serve_until_stopped, name="server")
        self._thread.start()
        assert answers.wait(DEADLINE), "the server does not answer"

    def shut(self) -> None:
        """Stop serving, as a signal would."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(DEADLINE)
            assert not self._thread.is_alive(), "the server does not stop"
            self._server = self._thread = None

    def close(self) -> None:
        """Stop everything."""
        self.shut()
        self.store.close()

    def newest(self) -> int:
        """Return the conversation that began last."""
        return self.store.sessions.recent(1)[0].id

    def claim(self, number: int, agent: str = "Ada") -> None:
        """Let an agent take a conversation."""
        self.store.claims.claim(number, agent)

    def reply(self, number: int, text: str, agent: str = "Ada") -> None:
        """Let an agent write."""
        seen = self.entries(number)[-1].seq
        new = NewEntry(Author.AGENT, EntryKind.MESSAGE, text, agent)
        self.store.transcript.send(number, agent, new, seen_seq=seen)

    def entries(self, number: int) -> tuple[Entry, ...]:
        """Return a conversation as it is stored."""
        return self.store.transcript.entries(number)

    def texts(self, number: int) -> list[str]:
        """Return what was said in a conversation, by whomever, in order; what an article says without its link."""
        return [entry.text for entry in self.entries(number) if entry.kind is not EntryKind.EVENT]

    async def until(self, holds: Callable[[], object], what: str = "the condition") -> None:
        """Wait until something of the records holds."""
        end = monotonic() + DEADLINE
        while not holds():
            if monotonic() > end:
                pytest.fail(f"never came: {what}")
            await asyncio.sleep(0.02)


class Visitor:
    """A customer at the page: a test's hands and eyes in one tab.

    Attributes:
        quiet: whether troubles that the page tells the console are to be expected: it loses its line in this test.
    """

    def __init__(self, page: Page, house: House) -> None:
        self.page = page
        self.house = house
        self.quiet = False
        self.troubles: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("dialog", self._dialog)

    def _said(self, message: ConsoleMessage) -> None:
        refused = "status of 422" in message.text  # what a customer has to correct
        expected = refused or (self.quiet and OFFLINE.search(message.text))
        if message.type in ("error", "warning") and not expected:
            self.troubles.append(f"{message.type}: {message.text}")

    async def _dialog(self, dialog: Any) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    # Hands

    async def arrive(self) -> None:
        """Open the page and wait for its first question."""
        await self.page.goto(self.house.url)
        await expect(self.prompt).to_be_visible()

    async def choose(self, label: str) -> None:
        """Press an option of the open question."""
        await self.prompt.get_by_role("button", name=label, exact=True).click()

    async def write(self, text: str) -> None:
        """Write a message and send it."""
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def press(self, label: str) -> None:
        """Press a button, wherever it is."""
        await self.page.get_by_role("button", name=label, exact=True).click()

    # Eyes

    @property
    def composer(self) -> Locator:
        """Where a message is written."""
        return self.page.locator("#text")

    @property
    def prompt(self) -> Locator:
        """The open question."""
        return self.page.locator("#prompt")

    @property
    def panel(self) -> Locator:
        """What stands below the conversation: the queue, the hours, the rating."""
        return self.page.locator("#panel")

    @property
    def log(self) -> Locator:
        """The conversation."""
        return self.page.locator("#log")

    async def shows(self, words: str) -> None:
        """Wait until words are in the conversation."""
        await expect(self.log.get_by_text(words).last).to_be_visible()

    async def asks(self, question: str) -> None:
        """Wait until a question is open."""
        await expect(self.prompt).to_contain_text(question)

    async def said(self) -> list[str]:
        """Return what the conversation shows, bubble by bubble: without names, times, questions and links."""
        return list(
            await self.log.evaluate(
                """log => [...log.querySelectorAll(".bubble")].map(bubble => {
                    const copy = bubble.cloneNode(true);
                    for (const more of copy.querySelectorAll("small, .links")) more.remove();
                    return copy.textContent;
                })"""
            )
        )

    async def notes(self) -> list[str]:
        """Return what the conversation tells beside what was said."""
        return await self.log.locator(".note").all_inner_texts()


Visit = Callable[..., Any]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One headless Chromium for all tests of a process."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium to show the page: apt-get install chromium")
    expect.set_options(timeout=DEADLINE * 1000)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        await opened.close()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server that the tests share, each with customers of its own; without an index, so that the bot hands over."""
    house = House(tmp_path_factory.mktemp("house") / "home")
    house.open()
    yield house
    house.close()


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[House]:
    """A store for a server of the test's own."""
    house = House(tmp_path / "home")
    yield house
    house.close()


@pytest.fixture
def visit(browser: Browser) -> Visit:
    """Return what opens a browser of its own for a customer; what goes wrong in its pages fails the test."""

    @asynccontextmanager
    async def opened(at: House, *, arrive: bool = True, **options: Any) -> AsyncIterator[Visitor]:
        settings = {"viewport": DESKTOP, "locale": "en-GB", "timezone_id": "Europe/Lisbon", **options}
        context = await browser.new_context(**settings)
        context.set_default_timeout(DEADLINE * 1000)
        try:
            visitor = Visitor(await context.new_page(), at)
            if arrive:
                await visitor.arrive()
            yield visitor
            assert visitor.troubles == []
        finally:
            await context.close()

    return opened


@pytest.fixture
def another_tab() -> Callable[[Visitor], Awaitable[Visitor]]:
    """Return what opens the page once more in the same browser."""

    async def opened(visitor: Visitor) -> Visitor:
        other = Visitor(await visitor.page.context.new_page(), visitor.house)
        await other.page.goto(visitor.house.url)
        return other

    return opened
