"""Records with customers who wait, and a desk in a terminal on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agentassist.clock import SystemClock
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.store.store import Store


class Records:
    """The records of one home, written to as another process would."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / "agentassist.db"
        self.store = Store.open(self.path, SystemClock())

    def arrive(self, name: str = "Dana Reyes", *messages: str) -> int:
        """Let a customer arrive and wait; return the conversation."""
        number = self.store.transcript.start(Customer(f"cust-{name}", name), "web")
        self.store.claims.handoff(number, "asked for a person")
        self.say(number, *(messages or ("my dial wont pair",)))
        return number

    def say(self, number: int, *messages: str) -> None:
        """Let the customer write."""
        self.store.transcript.append(number, *(NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text) for text in messages))

    def sent(self, number: int) -> list[str]:
        """Return what the agent has sent."""
        entries = self.store.transcript.entries(number)
        return [entry.text for entry in entries if entry.author is Author.AGENT and entry.kind is EntryKind.MESSAGE]

    def draft(self, number: int, agent: str = "Ada") -> str:
        """Return what the agent was writing."""
        draft = self.store.drafts.get(number, agent)
        return draft.text if draft else ""


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    """Empty records in a home of their own."""
    made = Records(tmp_path / "home")
    yield made
    made.store.close()


@pytest.fixture
def open_desk(open_terminal: Callable[..., Any], records: Records) -> Callable[..., Any]:
    """Open Ada's desk on the records."""

    def start(*arguments: str, **options: Any) -> Any:
        desk = open_terminal("--agent", "Ada", *arguments, home=records.home, **options)
        desk.shows("Nobody waits" if "--plain" in arguments else "WAITING")
        return desk

    return start


@pytest.fixture
def writing(open_desk: Callable[..., Any], records: Records) -> Callable[..., tuple[Any, int]]:
    """Open Ada's desk on a conversation that she has just claimed, the reply ready to be typed."""

    def start(**options: Any) -> tuple[Any, int]:
        number = records.arrive()
        desk = open_desk(**options)
        desk.shows("Dana Reyes")
        desk.send("n")
        desk.shows("Write a reply")
        desk.until(lambda: records.store.queue.get(number, "Ada").agent == "Ada", "the claim")
        return desk, number

    return start
