"""Simulated customers in a real store, with a clock that jumps from one event to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agentassist import paths
from agentassist.clock import SystemClock
from agentassist.models import Author, Entry, EntryKind, Event, NewEntry, State
from agentassist.session import demo
from agentassist.session.demo_town import Town, arrivals
from agentassist.store.store import Store

if TYPE_CHECKING:
    from agentassist.protocols import Clock

SCRIPTS = demo.scripts()


class Play:
    """A town and an agent in it, whose time passes as fast as the machine can."""

    def __init__(self, store: Store, agent: Store, clock: Any, seed: int = 0) -> None:
        self.store, self.agent, self.clock = store, agent, clock
        self.town = Town(store, SCRIPTS, seed=seed)
        self.now = 0.0

    def until(self, end: float) -> None:
        """Let time pass."""
        while self.now < end:
            wait = self.town.step(self.now)
            self.now += wait
            self.clock.forward(wait)

    def number(self, name: str) -> int:
        """Return the conversation of a script."""
        return next(visit.conversation_id for visit in self.town.visits if visit.customer.script.id == name)

    def entries(self, name: str) -> tuple[Entry, ...]:
        """Return what was said in it after the handoff."""
        before = len(next(script for script in SCRIPTS if script.id == name).before)
        return self.store.transcript.entries(self.number(name), after=before)

    def texts(self, name: str, author: Author = Author.CUSTOMER) -> list[str]:
        """Return the words of one side."""
        return [entry.text for entry in self.entries(name) if entry.author is author and entry.event is None]

    def say(self, name: str, text: str, article: str = "") -> None:
        """Answer as Ada."""
        number = self.number(name)
        data = {"article": article, "title": article, "url": f"https://help.example/{article}"} if article else {}
        kind = EntryKind.ARTICLE if article else EntryKind.MESSAGE
        seq = self.agent.queue.get(number).last_seq
        self.agent.transcript.send(number, "Ada", NewEntry(Author.AGENT, kind, text, "Ada", data), seen_seq=seq)


@pytest.fixture
def play(tmp_path: Path, clock: Any, store: Store) -> Iterator[Callable[[int], Play]]:
    """Return what makes a play; the agent has a connection of their own, as at a desk."""
    with Store.open(tmp_path / "home" / "agentassist.db", clock) as agent:
        yield lambda seed: Play(store, agent, clock, seed)


@pytest.mark.parametrize("seed", range(20))
def test_they_arrive_over_three_minutes(seed: int) -> None:
    """Two at once, then one every 20 to 40 seconds, for every seed; and not always in the same order."""
    coming = arrivals(SCRIPTS, seed)
    times = [at for at, _ in coming]
    assert len(coming) >= 7
    assert times[1] <= 3.0
    assert all(20.0 <= later - before <= 40.0 for before, later in pairwise(times[1:]))
    assert times[-1] <= 190.0
    assert arrivals(SCRIPTS, seed) == coming


def test_the_seed_decides_the_order() -> None:
    """Another seed, another afternoon."""
    assert len({tuple(script.id for _, script in arrivals(SCRIPTS, seed)) for seed in range(10)}) > 5


def test_what_nobody_answers_waits_and_asks(play: Callable[[int], Play]) -> None:
    """Everybody waits, with tree, bot and reason before them, and nobody writes for ever."""
    stage = play(0)
    stage.until(400)
    waiting = stage.store.queue.waiting("Ada")
    assert len(waiting) >= 7
    assert all(conversation.reason for conversation in waiting)
    counts = [conversation.last_seq for conversation in waiting]
    stage.until(900)
    assert [conversation.last_seq for conversation in stage.store.queue.waiting("Ada")] == counts


def test_a_first_conversation_from_claim_to_coming_back(play: Callable[[int], Play]) -> None:
    """The right article solves it, thanks end it, and once it is closed the customer comes back."""
    stage = play(0)
    name = "dana-pairing-code"
    stage.until(14)
    number = stage.number(name)
    stage.agent.claims.claim(number, "Ada")
    stage.say(name, "Here it is:", "reset-dial-pairing-code")
    stage.until(75)
    said = len(stage.texts(name))
    assert "paired" in stage.texts(name)[-1] or "worked" in stage.texts(name)[-1]
    stage.say(name, "Is there anything else?")
    stage.until(90)
    assert len(stage.texts(name)) > said
    stage.agent.claims.close(number, "Ada", "solved", "Reset the code.")
    stage.until(200)
    back = stage.number("dana-copy-schedule")
    assert stage.store.queue.get(back).customer.id == stage.store.queue.get(number).customer.id
    assert stage.store.sessions.of_customer("cust-dana")[-1].state is State.CLOSED


def test_the_same_afternoon_twice(tmp_path: Path, clock: Any) -> None:
    """The same seed and the same acts give the same words."""
    told = []
    for run in range(2):
        place = tmp_path / str(run) / "agentassist.db"
        with Store.open(place, clock) as store, Store.open(place, clock) as agent:
            stage = Play(store, agent, clock, seed=3)
            stage.until(14)
            stage.agent.claims.claim(stage.number("mikael-cold-nursery"), "Ada")
            stage.say("mikael-cold-nursery", "Is there a smell of gas?")
            stage.until(60)
            told.append([stage.texts(visit.customer.script.id) for visit in stage.town.visits])
    assert told[0] == told[1]
    assert len(told[0][0]) >= 3


def test_a_colleague_takes_one_and_lets_people_finish(play: Callable[[int], Play]) -> None:
    """Bo claims, is seen there, types, answers and closes."""
    stage = play(0)
    name = "hannah-late-parcel"
    typing = False
    while not stage.town.visits or stage.store.sessions.list(limit=50, offset=0, state=State.CLOSED) == ():
        stage.until(stage.now + 1)
        typing = typing or any(item.agent == "Bo" and item.typing for item in stage.agent.presence.others("a desk"))
        assert stage.now < 300
    assert typing
    entries = stage.entries(name)
    assert [entry.author_name for entry in entries if entry.event in (Event.CLAIMED, Event.CLOSED)] == ["Bo", "Bo"]
    assert "track-your-order" in [entry.data.get("article") for entry in entries]
    assert stage.texts(name)[-1].startswith(("no", "No"))


def test_a_colleague_leaves_what_somebody_else_has_taken(play: Callable[[int], Play]) -> None:
    """One wins; the other says nothing."""
    stage = play(0)
    while "hannah-late-parcel" not in [visit.customer.script.id for visit in stage.town.visits]:
        stage.until(stage.now + 0.5)
    stage.agent.claims.claim(stage.number("hannah-late-parcel"), "Ada")
    stage.until(stage.now + 120)
    assert stage.texts("hannah-late-parcel", Author.AGENT) == []


def test_somebody_has_been_here_before(tmp_path: Path, clock: Any, store: Store) -> None:
    """Earlier conversations are closed, dated and summed up."""
    Town(store, SCRIPTS).remember(tmp_path / "home" / "agentassist.db", clock)
    earlier = store.sessions.of_customer("cust-priya")
    assert [item.state for item in earlier] == [State.CLOSED, State.CLOSED]
    assert {(clock.now() - item.started_at).days for item in earlier} == {40, 151}
    assert all(item.disposition for item in earlier)


def test_leaving_ends_the_thread(tmp_path: Path) -> None:
    """The first customer comes soon, and leaving stops the others."""
    import threading

    places = paths.under(tmp_path)
    clock: Clock = SystemClock()
    with demo.customers(places, clock, chosen=SCRIPTS, speed=20.0), Store.open(places.database, clock) as store:
        turn = threading.Event()
        for _ in range(3_000):  # a minute, for a machine that is busy
            if store.queue.waiting("Ada"):
                break
            turn.wait(0.02)
        assert [item.state for item in store.queue.waiting("Ada")] != []
    assert not [thread for thread in threading.enumerate() if thread.name == "customers"]


def test_they_go_on_when_the_records_come_back(play: Callable[[int], Play], monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be stored is stored later, once."""
    from agentassist.errors import StoreBusyError

    stage = play(0)
    stage.until(1.5)
    append = stage.store.transcript.append
    broken = [True]

    def fail(*args: Any) -> Any:
        if broken[0]:
            raise StoreBusyError("busy", "")
        return append(*args)

    monkeypatch.setattr(stage.store.transcript, "append", fail)
    with pytest.raises(StoreBusyError):
        stage.until(30)
    broken[0] = False
    stage.until(60)
    said = stage.texts("dana-pairing-code")
    assert len(said) == len(set(said))
    assert len(said) >= 3
    assert len({visit.conversation_id for visit in stage.town.visits}) == len(stage.town.visits) >= 3
