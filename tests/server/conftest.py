"""The real server on a free port with a real store, and customers at it who speak HTTP as a browser does."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import pytest

from agentassist import paths
from agentassist.clock import SystemClock
from agentassist.config import Config, ServeConfig
from agentassist.models import Author, Conversation, Entry, EntryKind, NewEntry
from agentassist.server.limits import Limits
from agentassist.server.run import PageServer
from agentassist.store.store import Store

FLOW = """
title: Start
start: topic
nodes:
  topic:
    say: Hello.
    choice: What is it about?
    options:
      order: {label: An order, next: order}
      several: {label: Several things, next: several}
      ask: {label: Something else, next: ask}
  order:
    form: Which order is it?
    fields:
      number: {label: Order number, type: pattern, pattern: "HW-[0-9]{3}"}
      email: {label: E-mail, type: email, private: true}
      about: {label: About, required: false}
    thanks: Thank you.
    next: person
  several:
    choices: Which of them?
    options: {a: First, b: Second}
    next: person
  person: {person: Needs a person for an order, say: A person does that.}
  ask: {bot: In your own words please.}
"""
SECONDS = 60.0
"""How long anything is waited for: far longer than it takes on a busy machine."""


@dataclass
class Served:
    """A server that runs in a thread.

    Attributes:
        home: AGENTASSIST_HOME of it.
        customers: who has come, for the end.
    """

    home: Path
    server: PageServer
    thread: threading.Thread
    customers: list[Customer] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.server.url

    @property
    def store_path(self) -> Path:
        """The records, which a desk may open beside it."""
        return paths.under(self.home).database

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, for who speaks less than HTTP."""
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        return host, int(port)

    def stop(self) -> None:
        """Stop it as SIGTERM does, and wait for its end."""
        self.server.should_exit = True
        self.thread.join(SECONDS)
        assert not self.thread.is_alive()

    def customer(self, **headers: str) -> Customer:
        """Return somebody with a browser of their own, who has not come yet."""
        made = Customer(self.url, headers)
        self.customers.append(made)
        return made

    def arrived(self) -> Customer:
        """Return a customer who has the page open."""
        made = self.customer()
        made.begin()
        return made

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Open the records beside the server, as a desk does."""
        with Store.open(self.store_path, SystemClock()) as opened:
            yield opened

    def recorded(self) -> list[tuple[Entry, ...]]:
        """Return the entries of every conversation, the first one first."""
        with self.store() as store:
            found: list[Conversation] = sorted(store.sessions.recent(500), key=lambda one: one.id)
            return [store.transcript.entries(one.id) for one in found]

    def agent_says(self, text: str, number: int = 1, agent: str = "Ada") -> None:
        """Answer a customer, who has been claimed by this agent."""
        with self.store() as store:
            last = store.transcript.last_seqs([number])[number]
            store.replies.send(number, agent, NewEntry(Author.AGENT, EntryKind.MESSAGE, text, agent), seen_seq=last)


class Customer:
    """A browser with a page of one's own: it keeps the cookie, and says where its requests come from."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        kept = {"origin": url, "content-type": "application/json", **headers}
        # To read the authorities of certificates takes longer than most tests, and there is no certificate here.
        self.http = httpx.Client(base_url=url, headers=kept, timeout=SECONDS, verify=False)
        self.conversation = ""
        self._ids = itertools.count(1)

    @property
    def token(self) -> str:
        """The value of the cookie."""
        return next(iter(self.http.cookies.jar)).value or ""

    def begin(self) -> httpx.Response:
        """Open the page."""
        answer = self.http.post("/api/begin", json={"language": "en", "timezone": "Europe/Lisbon"})
        self.conversation = answer.json().get("conversation", "")
        return answer

    def post(self, path: str, **body: Any) -> httpx.Response:
        """Do something as the page does, with a new id unless one is given."""
        known = {"id": f"send-id-{next(self._ids):06}", "conversation": self.conversation}
        return self.http.post(f"/api/{path}", content=json.dumps({**known, **body}))

    def say(self, text: str, **more: Any) -> httpx.Response:
        """Write a message."""
        return self.post("say", text=text, **more)

    def view(self, after: str = "") -> dict[str, Any]:
        """Return what a page is shown when it opens."""
        with self.live(after) as events:
            return next(events)

    @contextmanager
    def live(self, after: str = "", **headers: str) -> Iterator[Iterator[dict[str, Any]]]:
        """Open the page; what comes are the views, each with its `cursor`."""
        with self.http.stream("GET", "/api/stream", params={"after": after}, headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            yield views(answer)

    def settled(self) -> dict[str, Any]:
        """Wait until the bot has nothing more to say by itself, and return the view then; what it said is on disk."""
        with self.live() as events:
            return until(events, lambda view: not view["thinking"])

    def texts(self) -> list[str]:
        """Return what the page shows, in words."""
        return [str(entry["text"]) for entry in self.view()["entries"]]


def views(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    """Yield the views of a stream until it ends; the last one is what its goodbye says."""
    end = monotonic() + SECONDS
    event: dict[str, str] = {}
    for line in answer.iter_lines():
        if monotonic() > end:
            pytest.fail(f"the stream went on for {SECONDS} s")  # its beats would keep a test waiting for ever
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
            continue
        if event.get("event") == "view":
            yield {**json.loads(event["data"]), "cursor": event["id"]}
        elif event.get("event") == "bye":
            yield {"bye": event["data"]}
        event = {}


def until(events: Iterator[dict[str, Any]], holds: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Return the first view of which something holds."""
    return next(view for view in events if holds(view))


def soon(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds that the server does on its own thread."""
    end = monotonic() + SECONDS
    while not holds():
        if monotonic() > end:
            pytest.fail(f"never came: {what}")
        sleep(0.01)


Serve = Callable[..., Served]


def write_kb(folder: Path) -> Path:
    """Write a knowledge base with one tree."""
    (folder / "flows").mkdir(parents=True, exist_ok=True)
    (folder / "flows" / "start.yaml").write_text(FLOW, encoding="utf-8")
    return folder


def start(
    home: Path, *, serve: Mapping[str, Any] | None = None, config: Config | None = None, **options: Any
) -> Served:
    """Start a server on a home."""
    home.mkdir(exist_ok=True)
    settings = replace(config or Config(), serve=ServeConfig(**{"company": "Hearthwell", **(serve or {})}))
    ready = threading.Event()
    options = {"pause": 0.02, "measured": False, "kb_folder": write_kb(home / "kb"), **options}
    server = PageServer(
        paths.under(home), settings, SystemClock(), host="127.0.0.1", port=0, ready=lambda _: ready.set(), **options
    )
    thread = threading.Thread(target=server.serve_until_stopped, name="server")
    thread.start()
    assert ready.wait(SECONDS)
    return Served(home, server, thread)


def end(served: Served) -> None:
    """Let everybody go, and stop a server."""
    for customer in served.customers:
        customer.http.close()
    if served.thread.is_alive():
        served.stop()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start servers with settings of one's own."""
    started: list[Served] = []

    def make(name: str = "home", **options: Any) -> Served:
        started.append(start(tmp_path / name, **options))
        return started[-1]

    yield make
    for served in started:
        end(served)


@pytest.fixture
def server(serve: Serve) -> Served:
    """A server as it is by default, on a knowledge base with one tree and without an index."""
    return serve()


GENEROUS = Limits(
    requests=replace(Limits().requests, burst=1e6),
    sends=replace(Limits().sends, burst=1e6),
    begins=replace(Limits().begins, burst=1e6),
    links=replace(Limits().links, burst=1e6),
    mails=replace(Limits().mails, burst=1e6),
)
"""For tests that ask more than a customer does, of something else than the rates."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for a module whose tests leave nothing behind that another would see."""
    served = start(tmp_path_factory.mktemp("shared"), limits=GENEROUS)
    yield served
    end(served)
