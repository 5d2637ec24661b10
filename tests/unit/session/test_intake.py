"""What a channel delivers, in the records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentassist.errors import UsageError
from agentassist.models import Author, Customer, EntryKind, NewEntry, State
from agentassist.session.intake import Delivered, play
from agentassist.store.store import Store

DANA = Customer("c1", "Dana")


class FakeClock:
    """A second passes with every look."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the next second."""
        self.moment += timedelta(seconds=1)
        return self.moment


@dataclass
class Arrived:
    """One thing that a channel delivers."""

    at: float
    conversation: str
    customer: Customer | None = None
    entry: NewEntry | None = None
    channel: str = "web"


@dataclass
class FakeChannel:
    """A channel that delivers a list."""

    items: list[Arrived]

    def arrivals(self) -> Iterator[Arrived]:
        """Yield what arrives."""
        yield from self.items


def said(text: str, author: Author = Author.CUSTOMER, name: str = "") -> NewEntry:
    """A message."""
    return NewEntry(author, EntryKind.MESSAGE, text, name)


def channel(*entries: tuple[float, NewEntry], label: str = "one") -> FakeChannel:
    """A channel with one conversation."""
    return FakeChannel([Arrived(0, label, DANA), *(Arrived(at, label, entry=entry) for at, entry in entries)])


HANDOFF = NewEntry(Author.SYSTEM, EntryKind.EVENT, "asked", data={"event": "handoff"})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "agentassist.db", FakeClock()) as opened:
        yield opened


def at_once(store: Store, *channels: FakeChannel, with_agent: bool = True) -> list[Delivered]:
    """Play without waiting."""
    return list(play(store, channels, speed=0, sleep=_never, with_agent=with_agent))


def _never(seconds: float) -> None:
    raise AssertionError(f"waited {seconds} s")


def texts(store: Store, conversation: int) -> Sequence[str]:
    """Return what was said, events by name."""
    return [str(entry.event or entry.text) for entry in store.transcript.entries(conversation)]


def test_each_thing_is_on_disk_when_it_is_yielded(store: Store) -> None:
    """The consumer reads it back from the store at once."""
    for item in play(store, [channel((0, said("a")), (0, HANDOFF))], speed=0, sleep=_never):
        if item.entry:
            assert store.transcript.entries(item.conversation_id)[-1] == item.entry
        else:
            assert item.started
    assert store.queue.get(1).state is State.WAITING
    assert store.queue.get(1).reason == "asked"


@pytest.mark.parametrize(("speed", "waited"), [(1, [2, 3, 5]), (10, [0.2, 0.3, 0.5]), (0.5, [4, 6, 10])])
def test_several_files_are_merged_by_time_at_the_speed_asked_for(
    store: Store, speed: float, waited: list[float]
) -> None:
    """The pauses are those between the arrivals of all files together, over the speed; equal times need no pause."""
    pauses: list[float] = []
    first, second = channel((2, said("a")), (10, said("d"))), channel((5, said("b")), (5, said("c")))
    played = list(play(store, [first, second], speed=speed, sleep=pauses.append))
    assert pauses == pytest.approx(waited)
    assert [item.entry.text for item in played if item.entry] == ["a", "b", "c", "d"]


def test_files_may_use_the_same_label(store: Store) -> None:
    """Each file's conversations are its own; the customer is the same."""
    at_once(store, channel((1, said("a"))), channel((1, said("b"))))
    assert [texts(store, number) for number in (1, 2)] == [["a"], ["b"]]
    assert len(store.sessions.of_customer("c1")) == 2


def test_a_recorded_agent_claims_before_the_first_line(store: Store) -> None:
    """One claim in their name, "agent" when the recording has none, and then only the lines."""
    lines = [(0, said("hi", Author.AGENT, "Ada")), (1, said("there", Author.AGENT, "Ada"))]
    played = at_once(store, channel((0, HANDOFF), *lines), channel((0, said("hi", Author.AGENT))))
    assert texts(store, 1) == ["handoff", "claimed", "hi", "there"]
    assert [item.entry.author_name for item in played if item.entry and item.conversation_id == 2] == ["agent"] * 2
    assert (store.queue.get(1).agent, store.queue.get(2).agent) == ("Ada", "agent")


def test_without_agent_leaves_their_lines_out(store: Store) -> None:
    """Then the conversation waits for somebody at a desk, and time passes all the same."""
    played = at_once(
        store, channel((0, HANDOFF), (1, said("hi", Author.AGENT, "Ada")), (2, said("oh"))), with_agent=False
    )
    assert texts(store, 1) == ["handoff", "oh"]
    assert not any(item.refused for item in played)
    assert store.queue.get(1).state is State.WAITING


def test_a_recording_does_not_talk_over_a_person(store: Store) -> None:
    """While somebody at a desk has the conversation, the recorded agent's lines are refused, and said so."""
    playing = play(
        store,
        [
            channel(
                (0, HANDOFF), (1, said("hi", Author.AGENT, "Bo")), (2, said("ok")), (3, said("x", Author.AGENT, "Bo"))
            )
        ],
        speed=0,
        sleep=_never,
    )
    next(playing)
    next(playing)
    store.claims.claim(1, "Ada")
    refused = next(playing)
    assert (refused.entry, refused.refused, refused.started) == (None, "taken by Ada", False)
    store.claims.close(1, "Ada", "solved", "")
    rest = list(playing)
    assert texts(store, 1) == ["handoff", "claimed", "closed", "ok", "claimed", "x"]
    assert [item.refused for item in rest] == ["", "", ""]


def test_a_handoff_of_what_is_closed_is_refused_not_fatal(store: Store) -> None:
    """The rest of the recording goes on."""
    playing = play(store, [channel((0, said("a")), (1, HANDOFF), (2, said("b")))], speed=0, sleep=_never)
    next(playing)
    next(playing)
    store.claims.claim(1, "Ada")
    store.claims.close(1, "Ada", "solved", "")
    assert "closed" in next(playing).refused
    assert [item.entry.text for item in playing if item.entry] == ["b"]


@pytest.mark.parametrize("speed", [-1.0, float("nan"), float("inf")])
def test_an_impossible_speed_is_refused(store: Store, speed: float) -> None:
    """Before anything is delivered."""
    with pytest.raises(UsageError):
        list(play(store, [channel((0, said("a")))], speed=speed, sleep=_never))
    assert store.sessions.list() == ()
