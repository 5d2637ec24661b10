"""Follow-ups at a desk: set, moved, done, and each of these undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Protocol

import pytest

from agentassist.errors import NotFoundError
from agentassist.session.desk import Desk
from agentassist.session.when import parse
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


def test_a_follow_up_belongs_to_conversation_customer_and_owner(ada: Desk, waiting: int) -> None:
    """It is in the owner's queue with the moment, the zone and the wall time that was meant, until it is done."""
    ada.claim(waiting)
    when = parse("tomorrow 9:00", now=datetime.fromisoformat("2026-11-23T09:30:00+00:00"), zone="Europe/Lisbon")
    kept = ada.follow_up(waiting, when, "call back")
    assert (kept.customer_id, kept.owner, kept.wall, kept.zone) == (
        "cust-1",
        "Ada",
        "2026-11-24T09:00",
        "Europe/Lisbon",
    )
    assert ada.overview().follow_ups == (kept,)
    assert ada.open(waiting).follow_ups == (kept,)
    ada.finish_follow_up(kept.id)
    assert ada.overview().follow_ups == ()


def test_the_overview_names_the_customers_of_follow_ups(
    store: Store, ada: Desk, waiting: int, clock: StandingClock
) -> None:
    """The overview tells what the customers of this agent's own follow-ups are called, each once."""
    at = parse("tomorrow 9:00", now=clock.now(), zone="UTC")
    assert ada.overview().names == {}
    for owner in ("Ada", "Ada", "Bo"):
        Desk(store, owner).follow_up(waiting, at, "call")
    assert ada.overview().names == {"cust-1": "Dana Reyes"}
    store.followups.add(None, None, "Cy", "water the plants", at.due, at.zone, at.wall)
    assert Desk(store, "Cy").overview().names == {}


def test_a_follow_up_for_another_agent_is_theirs(store: Store, ada: Desk, waiting: int, clock: StandingClock) -> None:
    """It is in the owner's overview, not in its author's; the entry says who set it for whom."""
    bo, at = Desk(store, "Bo"), parse("tomorrow 9:00", now=clock.now(), zone="UTC")
    mine, theirs = ada.follow_up(waiting, at, "one"), ada.follow_up(waiting, at, "two", owner="Bo")
    assert ada.overview().follow_ups == ada.follow_ups() == (mine,)
    assert bo.overview().follow_ups == bo.follow_ups() == (theirs,)
    assert bo.overview().names == ada.names((mine, theirs)) == {"cust-1": "Dana Reyes"}
    assert ada.follow_ups(everyone=True) == ada.open(waiting).follow_ups == (mine, theirs)
    first, second = store.transcript.entries(waiting)[-2:]
    assert (first.author_name, "owner" in first.data) == ("Ada", False)
    assert (second.author_name, second.data["owner"]) == ("Ada", "Bo")


def test_done_and_snooze_are_undone(ada: Desk, waiting: int, clock: StandingClock) -> None:
    """A follow-up that is back is as it was, also when its time has come meanwhile."""
    kept = ada.follow_up(waiting, parse("in 1 hours", now=clock.now(), zone="Europe/Lisbon"), "call")
    ada.finish_follow_up(kept.id)
    assert ada.follow_ups() == ()
    assert [item.done_at is not None for item in ada.follow_ups(include_done=True)] == [True]
    ada.resume_follow_up(kept.id)
    ada.resume_follow_up(kept.id)
    assert ada.follow_ups() == (kept,)
    clock.forward(2 * 3600)
    before = ada.snooze(kept.id, parse("in 3 hours", now=clock.now(), zone="Asia/Tokyo"))
    assert before == kept
    assert ada.follow_ups()[0].zone == "Asia/Tokyo"
    ada.restore_follow_up(before)
    assert ada.follow_ups() == (kept,)
    for call in (ada.resume_follow_up, ada.finish_follow_up):
        with pytest.raises(NotFoundError):
            call(99)
    with pytest.raises(NotFoundError):
        ada.restore_follow_up(replace(kept, id=99))
