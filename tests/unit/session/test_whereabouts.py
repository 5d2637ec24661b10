"""Where the desks are, what other agents have, and what was said last."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Protocol

import pytest

from agentassist.models import Author, Customer, EntryKind, NewEntry, State
from agentassist.session.desk import Desk
from agentassist.store.driver import sqlite3
from agentassist.store.store import Store


class StandingClock(Protocol):
    """The clock of these tests."""

    def now(self) -> datetime:
        """Return the moment."""

    def forward(self, seconds: float) -> None:
        """Let time pass."""


@pytest.fixture
def ada(store: Store) -> Desk:
    """Return one agent's desk."""
    return Desk(store, "Ada")


def test_desks_see_each_other(store: Store, ada: Desk, waiting: int, clock: StandingClock) -> None:
    """Who looks at what and who types, until they leave or are silent for a minute; one's own is not among them."""
    bo, second = Desk(store, "Bo"), Desk(store, "Ada")
    bo.present(waiting, typing=True)
    second.present(None)
    ada.present(waiting)
    (seen,) = ada.overview().present[waiting]
    assert (seen.agent, seen.typing, seen.at) == ("Bo", True, clock.now())
    assert [item.agent for item in bo.overview().present[waiting]] == ["Ada"]
    assert [item.agent for item in second.overview().present[waiting]] == ["Ada", "Bo"]
    bo.leave()
    assert waiting not in ada.overview().present
    bo.present(waiting)
    clock.forward(61)
    assert ada.overview().present == {}


def test_presence_gives_way_to_who_writes(store: Store, ada: Desk, waiting: int, tmp_path: Path) -> None:
    """While somebody else holds the lock, saying where one is and leaving are left out, without an error."""
    other = sqlite3.connect(str(tmp_path / "home" / "agentassist.db"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    ada.present(waiting, typing=True)
    ada.leave()
    other.execute("ROLLBACK")
    assert Desk(store, "Bo").overview().present == {}
    ada.present(waiting, typing=True)
    assert list(Desk(store, "Bo").overview().present) == [waiting]
    other.execute("BEGIN IMMEDIATE")
    ada.leave()
    other.execute("ROLLBACK")
    other.close()


def test_what_others_have_is_in_the_overview(store: Store, ada: Desk, waiting: int, clock: StandingClock) -> None:
    """The one that changed last first, at most fifty, never one's own and never a closed one."""
    bo = Desk(store, "Bo")
    bo.claim(waiting)
    later = [store.transcript.start(Customer(f"c{n}", f"C{n}"), "web") for n in range(60)]
    for number in later:
        clock.forward(1)
        bo.claim(number)
    assert [item.id for item in ada.overview().others] == later[:9:-1]
    clock.forward(1)
    store.transcript.append(waiting, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "hello?"))
    first = ada.overview().others[0]
    assert (first.id, first.agent, first.unread) == (waiting, "Bo", 0)
    assert bo.overview().others == ()
    bo.close(waiting, "solved", "")
    assert waiting not in [item.id for item in ada.overview().others]


def test_recent_is_everything_by_its_last_entry(store: Store, ada: Desk, waiting: int, clock: StandingClock) -> None:
    """Whatever its state and whoever has it; a customer who writes again brings theirs to the top."""
    clock.forward(1)
    digital = store.transcript.start(Customer("c2", "Li"), "web")
    clock.forward(1)
    ada.claim(waiting)
    ada.close(waiting, "solved", "done")
    assert [item.id for item in ada.recent()] == [waiting, digital]
    clock.forward(1)
    store.transcript.append(digital, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "hello?"))
    assert [(item.id, item.state) for item in ada.recent()] == [(digital, State.DIGITAL), (waiting, State.CLOSED)]
    assert [item.id for item in ada.recent(1)] == [digital]
