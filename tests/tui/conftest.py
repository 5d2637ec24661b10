"""A desk on a real store in a temporary folder, with a made-up knowledge base and a clock that stands still."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
from textual.events import Key
from textual.keys import _character_to_key

from agentassist.config import AgentConfig, Config
from agentassist.models import (
    Article,
    ArticleKind,
    Audience,
    Author,
    Customer,
    EntryKind,
    Hit,
    Mode,
    NewEntry,
    Passage,
    Query,
    SearchResult,
    Snippet,
)
from agentassist.session.desk import Desk
from agentassist.store.store import Store
from agentassist.tui.app import DeskApp
from agentassist.tui.screens import desk_alarm, desk_crossing, desk_entries, desk_index, desk_promises
from agentassist.tui.screens.desk import DeskScreen
from agentassist.tui.widgets import queue

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from agentassist.flows.model import Flow
    from agentassist.friction.reading import Reading

DEADLINE = 60.0
"""How long anything is waited for: far longer than it takes on a busy machine."""
QUIET, LOOKS = 3, 8
"""So many looks in a row at which nothing was left to do are enough: a message may lead to another one.

With more than so many it is what the desk does each second that is seen, on a machine that takes as long for a look.
"""
START = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


class StillClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        """Return the moment it stands at."""
        return self.moment

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.moment += timedelta(seconds=seconds)


def hit(rank: int, title: str, text: str, *, word: str = "", **changes: Any) -> Hit:
    """Make a hit; the first `word` in its text is matched."""
    start = text.lower().find(word.lower()) if word else -1
    kind = changes.pop("kind", ArticleKind.ARTICLE)
    identity = changes.pop("id", f"article-{rank}")
    url = changes.pop("url", f"https://help.example/{identity}")
    seconds = changes.pop("start", None)
    article = Article(identity, kind, title, url, f"articles/{identity}.md", **changes)
    link = url if seconds is None or not url else f"{url}#t={seconds:.0f}"
    matched = ((start, start + len(word)),) if start >= 0 else ()
    passage = Passage(identity, 0, "Before you begin", text, seconds)
    return Hit(rank, article, passage, 1.0 / rank, 0.8, matched, link, f"says “{word}”" if word else "close in meaning")


HITS = (
    hit(1, "Reset the pairing code", "Hold the code button for 10 seconds until the ring turns amber.", word="code"),
    hit(
        2,
        "Pair your first devices",
        "Now press the button once and the code appears on the display.",
        word="button",
        kind=ArticleKind.VIDEO,
        start=192.0,
    ),
    hit(3, "Goodwill credits", "Up to 20 without asking.", audience=Audience.INTERNAL),
    hit(4, "Gas smell", "Leave the building. Do not touch switches.", verbatim=True),
)


class MadeUpKnowledge:
    """Finds the same hits for everything, and remembers what it was asked."""

    def __init__(self) -> None:
        self.hits: tuple[Hit, ...] = HITS
        self.degraded = ""
        self.no_match = False
        self.canned: tuple[Snippet, ...] = ()
        self.queries: list[Query] = []
        self.flows: dict[str, Flow] = {}
        self.reading: Reading | None = None

    def search(
        self, query: Query, *, mode: Mode = Mode.HYBRID, limit: int = 5, conversation_id: int = 0
    ) -> SearchResult:
        """Return the hits."""
        self.queries.append(query)
        done = Mode.KEYWORD if self.degraded else mode
        return SearchResult(self.hits[:limit], done, self.degraded, 1.0, self.no_match)

    def embed(self, texts: Sequence[str]) -> tuple[str, tuple[bytes, ...]]:
        """Return no vectors: there is no encoder."""
        return "", ()

    def snippets(self) -> tuple[Snippet, ...]:
        """Return the canned texts."""
        return self.canned

    def passages(self, article_id: str) -> tuple[Passage, ...]:
        """Return an article of two passages, of which the found one is the first."""
        own = Passage(article_id, 0, "In short", f"All of {article_id}.")
        passage = next((hit.passage for hit in self.hits if hit.article.id == article_id), own)
        return (passage, Passage(article_id, 1, "Afterwards", "Check that the ring light is white."))

    def trees(self) -> Mapping[str, Flow]:
        """Return the made-up trees."""
        return self.flows

    def measure(self, *_: object) -> Reading | None:
        """Say what the meter would: it is never ready."""
        return self.reading

    def warm_meter(self, *_: object) -> None:
        """The friction meter is ready, or never will be: see `measure`."""

    def warm(self) -> str:
        """Say how well it works."""
        return self.degraded


class Line:
    """One of the threads behind a desk.

    Attributes:
        asked: how much it was asked for until now.
    """

    def __init__(self) -> None:
        self.asked = 0
        self._pool = ThreadPoolExecutor(1)
        self._gates: list[threading.Event] = []

    def submit(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        """Do something after all that it was asked for before."""
        self.asked += 1
        return self._pool.submit(call, *args, **kwargs)

    def hold(self) -> threading.Event:
        """Let everything that comes from now on wait until what is returned is set."""
        gate = threading.Event()
        self._gates.append(gate)
        self._pool.submit(gate.wait, DEADLINE)
        return gate

    async def idle(self) -> None:
        """Wait until it has done what it was asked for, and whoever asked has been told; not while it is held."""
        if all(gate.is_set() for gate in self._gates):
            await asyncio.wrap_future(self._pool.submit(bool))

    def close(self) -> None:
        """Finish."""
        self._pool.shutdown()


class TestBackend:
    """The backend of the desk, with the knowledge base made up. `broken` makes every call on the records fail."""

    __test__ = False

    def __init__(self, path: Path, agent: str, clock: StillClock) -> None:
        self.agent = agent
        self.library = MadeUpKnowledge()
        self.broken: Exception | None = None
        self.changed: Callable[[], None] = lambda: None
        self._path, self._clock = path, clock
        self._records = Line()
        self._knowledge = Line()
        self._store: Store | None = None
        self._desk: Desk | None = None

    def records(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a call on the store's thread; a write is told to the watcher, as the real one would notice it."""

        def run() -> Any:
            if self.broken is not None:
                raise self.broken
            if self._store is None or self._desk is None:
                self._store = Store.open(self._path, self._clock)
                self._desk = Desk(self._store, self.agent)
            return call(self._desk, *args, **kwargs)

        return self._records.submit(run)

    def knowledge(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a call on the knowledge thread."""
        return self._knowledge.submit(call, self.library, *args, **kwargs)

    def hold_records(self) -> threading.Event:
        """Let the records do nothing more until what is returned is set."""
        return self._records.hold()

    def hold_knowledge(self) -> threading.Event:
        """Let the knowledge base do nothing more until what is returned is set."""
        return self._knowledge.hold()

    async def idle(self) -> int:
        """Wait until both threads have done what they were asked for; return how much that was."""
        await self._records.idle()
        await self._knowledge.idle()
        return self._records.asked + self._knowledge.asked

    def learn(self) -> None:
        """Nothing was learned long ago."""

    def watch(self, changed: Callable[[], None]) -> None:
        """Remember whom to tell."""
        self.changed = changed

    def close(self) -> None:
        """Finish and let go."""
        if self._store is not None:
            self._records.submit(self._store.close).result()
        self._records.close()
        self._knowledge.close()


class World:
    """A store that a test writes to as other processes would, and desks on it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "agentassist.db"
        self.clock = StillClock()
        self.store = Store.open(self.path, self.clock)
        self.backends: list[TestBackend] = []
        self.config = Config(agent=AgentConfig(name="Ada", timezone="UTC"))

    def backend(self, agent: str = "Ada") -> TestBackend:
        """Return a new backend on the store."""
        backend = TestBackend(self.path, agent, self.clock)
        self.backends.append(backend)
        return backend

    def arrive(
        self,
        name: str = "Dana Reyes",
        *messages: str,
        reason: str = "asked for a person",
        answer: str = "Setting up",
        channel: str = "web",
        plan: str = "Plus",
    ) -> int:
        """Let a customer arrive with tree answers and a bot part, handed over; return the conversation."""
        customer = Customer(
            f"cust-{name}",
            name,
            "dana@example.com",
            "Europe/Lisbon",
            "en",
            {"plan": plan, "products": "Dial 2, Bridge"},
        )
        number = self.store.transcript.start(customer, channel)
        self.store.transcript.append(
            number,
            NewEntry(
                Author.CUSTOMER,
                EntryKind.CHOICE,
                answer,
                data={"node": "topic", "question": "What can we help with?"},
            ),
            NewEntry(
                Author.CUSTOMER, EntryKind.FORM, "DL12345678", data={"node": "serial", "question": "Serial number"}
            ),
            NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "my dial wont pair"),
            NewEntry(Author.BOT, EntryKind.MESSAGE, "Have you tried to turn it off?", "Hearth"),
        )
        self.store.claims.handoff(number, reason)
        for text in messages or ("it still won't pair",):
            self.say(number, text)
        return number

    def say(self, number: int, text: str, author: Author = Author.CUSTOMER) -> None:
        """Let somebody write, and the desks notice it."""
        self.clock.move(2)
        self.store.transcript.append(number, NewEntry(author, EntryKind.MESSAGE, text))
        for backend in self.backends:
            backend.changed()

    @asynccontextmanager
    async def desk(
        self,
        backend: TestBackend | None = None,
        size: tuple[int, int] = (120, 36),
        *,
        prefer: tuple[int, ...] = (),
        wait: bool = True,
    ) -> AsyncIterator[Seat]:
        """Open a desk and wait until it has read its queue."""
        backend = backend or self.backend()
        app = DeskApp(backend, self.config, self.clock, prefer=prefer)  # type: ignore[arg-type]
        async with app.run_test(size=size, notifications=True) as pilot:
            seat = Seat(self, app, pilot, backend)
            if not wait:
                yield seat
                return
            await seat.until(lambda: seat.desk.complete, "the desk")
            await seat.until(lambda: seat.desk.queue_work.loaded, "the queue")
            await seat.until(lambda: "getting ready" not in seat.desk.status.status.search, "the encoder")
            yield seat
        await backend.idle()  # a real desk has ended only when its threads have

    def texts(self, number: int) -> list[str]:
        """Return what was said in a conversation, as stored."""
        return [entry.text for entry in self.store.transcript.entries(number) if entry.text]

    def hit(self, *args: Any, **changes: Any) -> Hit:
        """Make a hit, see `hit`."""
        return hit(*args, **changes)

    def seat(self, app: DeskApp, pilot: Pilot[None], backend: Any) -> Seat:
        """Return hands and eyes at a desk that a test has opened itself."""
        return Seat(self, app, pilot, backend)

    def close(self) -> None:
        """Close everything."""
        for backend in self.backends:
            backend.close()
        self.store.close()


class Seat:
    """A test's hands and eyes at one desk."""

    def __init__(self, world: World, app: DeskApp, pilot: Pilot[None], backend: TestBackend) -> None:
        self.world, self.app, self.pilot, self.backend = world, app, pilot, backend

    @property
    def desk(self) -> DeskScreen:
        """The desk's own screen, even while a dialog is open."""
        screen = self.app.screen_stack[0]
        assert isinstance(screen, DeskScreen)
        return screen

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, and wait until all that comes of it is done."""
        await self.pilot.press(*keys)
        await self.settled()

    async def settled(self) -> None:
        """Wait until screen and threads have done all that they were asked for, but for what a timer will ask."""
        await self.pilot.pause()
        await self._rested()

    async def ready(self) -> None:
        """Wait for the end of a dialog's deaf first moment."""
        await self.until(lambda: bool(getattr(self.app.screen, "ready", False)), "a dialog that listens")

    async def _rested(self) -> None:
        quiet, before = 0, -1
        for _ in range(LOOKS):
            # Before it is complete a test may hold the screen, which then answers nothing.
            if quiet == QUIET or not self.app.is_running or not self.desk.complete:
                return
            asked = await idle(self.backend)
            await self.pilot._wait_for_screen(DEADLINE)
            quiet, before = quiet + 1 if asked == before else 0, asked

    async def until(self, holds: Callable[[], bool], what: str = "the condition") -> None:
        """Let the desk work until something holds, and until all that came of it by then is done."""
        end = monotonic() + DEADLINE
        while not holds():
            if monotonic() > end:
                pytest.fail(f"never came: {what}\n{self.text}")
            await asyncio.sleep(0.01)  # lets the threads behind the desk have their turn
        await self._rested()

    async def shows(self, words: str) -> None:
        """Wait until words are on the screen."""
        await self.until(lambda: words in self.text, words)

    @property
    def text(self) -> str:
        """What the screen shows, one line a row."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    async def claim(self, number: int) -> None:
        """Open and claim a conversation, and wait for its suggestions."""
        self.desk.conversation.claim(number)
        await self.until(lambda: self._has(number), f"conversation {number}")
        await self.until(lambda: bool(self.desk.suggesting.offers) or not self.backend.library.hits, "suggestions")

    def _has(self, number: int) -> bool:
        current = self.desk.conversation.current
        return current is not None and current.id == number and current.mine

    async def write(self, text: str) -> None:
        """Type into what has the focus, faster than `press`: every key is posted before any is waited for."""
        for char in text:
            self.app.post_message(Key(char if char.isalnum() else _character_to_key(char), char))
        await self.settled()


async def idle(backend: Any) -> int:
    """Wait until the threads of any backend have done what they were asked for; return how much that was, if known."""
    if isinstance(backend, TestBackend):
        return await backend.idle()
    done = (asyncio.wrap_future(ask(bool)) for ask in (backend.records, backend.knowledge))
    await asyncio.gather(*done, return_exceptions=True)
    return 0


@pytest.fixture(autouse=True)
def lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what the desk says in passing stay: a busy machine would look for it when it has gone."""
    for module, name in (
        (desk_promises, "SAID_SECONDS"),
        (desk_entries, "TOLD_SECONDS"),
        (desk_index, "NOTE_SECONDS"),
        (desk_alarm, "TOAST_SECONDS"),
        (desk_crossing, "TOAST_SECONDS"),
        (queue, "SAID_SECONDS"),
    ):
        monkeypatch.setattr(module, name, 3_600.0)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A store in a temporary folder."""
    world = World(tmp_path)
    yield world
    world.close()
