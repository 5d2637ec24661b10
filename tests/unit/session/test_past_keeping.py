"""Vectors are made between searches, never in their way, and a desk holds what all desks have made."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from agentassist.errors import StoreError
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.session import past_keeping
from agentassist.session.desk import Desk
from agentassist.session.past_keeping import PastKeeping
from agentassist.store.similar import SessionVector
from agentassist.store.store import Store


def vector(text: str) -> bytes:
    """Return a vector that depends on a text."""
    return bytes(np.full(4, len(text) % 7 + 1, dtype="<f2").tobytes())


class Encoder:
    """Encodes, and remembers what; `model` is empty while there is none."""

    def __init__(self) -> None:
        self.model = "m"
        self.texts: list[str] = []

    def embed(self, texts: list[str]) -> tuple[str, tuple[bytes, ...]]:
        """Return a vector for each text."""
        self.texts += texts
        return self.model, tuple(vector(text) for text in texts) if self.model else ()


class Steps:
    """A backend that does one call at a time, when it is told to."""

    def __init__(self, store: Store) -> None:
        self.desk = Desk(store, "Ada")
        self.library = Encoder()
        self.waiting: deque[Callable[[], None]] = deque()
        self.broken = False

    def records(self, call: Callable[..., Any], *args: Any) -> Future[Any]:
        """Have the records asked."""
        return self._later(call, self.desk, *args)

    def knowledge(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        """Have the knowledge base asked."""
        return self._later(lambda: call(self.library, *args, **kwargs))

    def _later(self, call: Callable[..., Any], *args: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def work() -> None:
            if self.broken:
                future.set_exception(StoreError("the disk is full", "Make room."))
            else:
                future.set_result(call(*args))

        self.waiting.append(work)
        return future

    def run(self) -> int:
        """Do all that was handed in, and what that hands in; return how many calls it was."""
        count = 0
        while self.waiting:
            self.waiting.popleft()()
            count += 1
        return count


def closed(store: Store, count: int = 1) -> list[int]:
    """Let conversations be had and closed; return their numbers."""
    numbers = []
    for number in range(count):
        new = store.transcript.start(Customer(f"c{number}", "Li"), "web")
        text = f"my bridge relay clicks {'loudly ' * (number % 5)}all night"
        store.transcript.append(new, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text))
        store.claims.handoff(new, "asked")
        store.claims.claim(new, "Ada")
        store.claims.close(new, "Ada", "solved", "done")
        numbers.append(new)
    return numbers


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that have passed, as a list of one to be changed."""
    passed = [1_000.0]
    monkeypatch.setattr(past_keeping, "monotonic", lambda: passed[0])
    return passed


@pytest.fixture
def steps(store: Store) -> Steps:
    """A backend that waits."""
    return Steps(store)


def held(keeping: PastKeeping) -> set[int]:
    """Return which conversations a desk compares with."""
    nearest = keeping.vectors._nearest
    return set(nearest._place) if nearest is not None else set()


def rounds(keeping: PastKeeping, steps: Steps, now: list[float], count: int) -> None:
    """Let seconds pass in which nobody searches."""
    for _ in range(count):
        now[0] += 1
        keeping.tick()
        steps.run()


def test_missing_ones_are_made_a_few_at_a_time(store: Store, steps: Steps, now: list[float]) -> None:
    """No round makes more than it may, all are made in the end, and then nothing is encoded any more."""
    numbers = closed(store, 11)
    keeping = PastKeeping(steps)  # type: ignore[arg-type]
    rounds(keeping, steps, now, 1)
    assert store.similar.count("m")[1] <= past_keeping.AT_ONCE
    rounds(keeping, steps, now, 12)
    assert store.similar.count("m") == (11, 11)
    assert held(keeping) == set(numbers)
    encoded = len(steps.library.texts)
    rounds(keeping, steps, now, 20)
    assert len(steps.library.texts) == encoded


def test_a_search_comes_first(store: Store, steps: Steps, now: list[float]) -> None:
    """While customers are searched for nothing is begun; one that comes during a round ends it soon."""
    closed(store, 8)
    keeping = PastKeeping(steps)  # type: ignore[arg-type]
    for _ in range(5):
        now[0] += past_keeping.QUIET_SECONDS / 2
        keeping.searched()
        keeping.tick()
        assert steps.run() == 0
    now[0] += past_keeping.QUIET_SECONDS + 1
    keeping.tick()
    while not steps.library.texts:
        steps.waiting.popleft()()
    keeping.searched()
    steps.run()
    assert store.similar.count("m")[1] == 1
    assert len(steps.library.texts) == 2


def test_what_was_just_closed_does_not_wait_for_ever(store: Store, steps: Steps, now: list[float]) -> None:
    """It is made soon, and after a while also when searches go on and on; nothing else is then."""
    first, second = closed(store, 2)
    keeping = PastKeeping(steps)  # type: ignore[arg-type]
    keeping.closed(second)
    passed = 0.0
    while passed < past_keeping.LATE_SECONDS + 0.4:
        now[0] += 0.2
        passed += 0.2
        keeping.searched()
        keeping.tick()
        steps.run()
    assert store.similar.closing(first) is not None
    assert [row.conversation_id for row in store.similar.page("m", below=99, limit=9)] == [second]


def test_what_others_made_and_forgot_is_taken_in(store: Store, steps: Steps, now: list[float]) -> None:
    """Another desk's vectors are compared with after a while, and forgotten ones are let go."""
    mine, others = closed(store, 2)
    closing = store.similar.closing(mine)
    assert closing is not None
    store.similar.put([SessionVector(mine, closing.seq, "m", vector("a"), vector("a"))])
    keeping = PastKeeping(steps)  # type: ignore[arg-type]
    steps.library.model = ""
    rounds(keeping, steps, now, 3)
    assert held(keeping) == set()
    steps.library.model = "m"
    now[0] += 1
    keeping.searched()
    now[0] += past_keeping.QUIET_SECONDS
    rounds(keeping, steps, now, 4)
    assert held(keeping) == {mine, others}
    store.similar.forget_customer("c0")
    now[0] += past_keeping.LOOK_SECONDS
    rounds(keeping, steps, now, 4)
    assert held(keeping) == {others}
    (later,) = closed(store)
    closing = store.similar.closing(later)
    assert closing is not None
    store.similar.put([SessionVector(later, closing.seq, "m", vector("b"), vector("b"))])
    now[0] += past_keeping.LOOK_SECONDS
    rounds(keeping, steps, now, 2)
    assert held(keeping) == {others, later}


def test_another_encoder_makes_all_anew(store: Store, steps: Steps, now: list[float]) -> None:
    """Vectors of two encoders are never compared."""
    numbers = closed(store, 3)
    keeping = PastKeeping(steps)  # type: ignore[arg-type]
    rounds(keeping, steps, now, 6)
    steps.library.model = "n"
    rounds(keeping, steps, now, 6)
    assert store.similar.count("n") == (3, 3)
    assert held(keeping) == set(numbers)
    library: Any = steps.library
    assert keeping.vectors.near(library, vector("x"), "m") == ()


def test_trouble_is_waited_out(store: Store, steps: Steps, now: list[float]) -> None:
    """A full disk ends the round; later it goes on where it was, and what was just closed is not lost."""
    (number,) = closed(store)
    keeping = PastKeeping(steps)  # type: ignore[arg-type]
    keeping.closed(number)
    steps.broken = True
    rounds(keeping, steps, now, 3)
    steps.broken = False
    rounds(keeping, steps, now, 3)
    assert store.similar.count("m")[1] == 0, "it rests"
    now[0] += past_keeping.TROUBLE_SECONDS
    rounds(keeping, steps, now, 3)
    assert store.similar.count("m")[1] == 1


def test_after_the_end_nothing_is_handed_in(store: Store, steps: Steps, now: list[float]) -> None:
    """A step that is still under way is the last one."""
    closed(store, 3)
    keeping = PastKeeping(steps)  # type: ignore[arg-type]
    now[0] += 10
    keeping.tick()
    steps.waiting.popleft()()
    assert len(steps.waiting) == 1
    keeping.stop()
    assert steps.run() == 1
    keeping.tick()
    assert steps.run() == 0
