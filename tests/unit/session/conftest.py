"""A real store in a temporary folder, a clock that stands still until it is told to go on, and one waiting customer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.store.store import Store


class StandingClock:
    """A clock for tests."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the moment."""
        return self.moment

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> StandingClock:
    """Return a clock that stands still."""
    return StandingClock()


@pytest.fixture
def store(tmp_path: Path, clock: StandingClock) -> Iterator[Store]:
    """Open a store in a temporary folder."""
    with Store.open(tmp_path / "home" / "agentassist.db", clock) as opened:
        yield opened


@pytest.fixture
def waiting(store: Store) -> int:
    """Return a conversation that was handed over and has two messages since."""
    customer = Customer("cust-1", "Dana Reyes", timezone="Europe/Lisbon")
    number = store.transcript.start(customer, "web")
    store.transcript.append(
        number,
        NewEntry(Author.CUSTOMER, EntryKind.CHOICE, "Setting up", data={"node": "topic", "question": "What is it?"}),
        NewEntry(Author.BOT, EntryKind.MESSAGE, "Try this."),
    )
    store.claims.handoff(number, "asked for a person")
    store.transcript.append(
        number,
        NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "it still won't pair"),
        NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "the code is gone"),
    )
    return number
