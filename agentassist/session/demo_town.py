"""Lets simulated customers and colleagues live in a store: they arrive, read what is written to them, and answer."""

from __future__ import annotations

import logging
import math
import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from agentassist.channels.scripted import SimulatedCustomer
from agentassist.channels.scripted_colleague import SimulatedColleague
from agentassist.errors import ClaimedError, StateError, StoreBusyError, UnseenEntriesError
from agentassist.models import Author, EntryKind, Event, NewEntry
from agentassist.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from agentassist.channels.scripted_colleague import Act
    from agentassist.channels.scripts import Earlier, Script
    from agentassist.models import Entry
    from agentassist.protocols import Clock

FIRST_SECONDS = (0.8, 2.4)
"""When the first two arrive."""
BETWEEN_SECONDS = (20.0, 30.0)
"""The least and the most between two later arrivals."""
LOOK_SECONDS = 0.1
"""How often somebody looks whether anything was written to them."""
PAUSE_SECONDS = 40.0
"""Between the lines of an earlier conversation."""

_log = logging.getLogger(__name__)


class PastClock:
    """A clock that shows a time some days ago, and goes on by itself with every look."""

    def __init__(self, clock: Clock, days: float) -> None:
        self._moment = clock.now() - timedelta(days=days)

    def now(self) -> datetime:
        """Return the moment, a little later each time."""
        self._moment += timedelta(seconds=PAUSE_SECONDS)
        return self._moment


@dataclass(slots=True)
class Visit:
    """A customer in a conversation.

    Attributes:
        began: when they were handed over, in seconds since the beginning.
        seq: the last entry that they have read.
        unsent: what they have written and is not stored yet.
    """

    conversation_id: int
    began: float
    customer: SimulatedCustomer
    colleague: SimulatedColleague | None
    seq: int = 0
    unsent: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Returning:
    """Somebody who comes back once another conversation is closed."""

    script: Script
    at: float = math.inf


def arrivals(scripts: Sequence[Script], seed: int) -> tuple[tuple[float, Script], ...]:
    """Return who arrives when, in seconds from the beginning; those who come back later are not among them."""
    source = random.Random(f"{seed} arrivals")  # noqa: S311 — not for secrets
    coming = sorted((script for script in scripts if not script.returns_after), key=lambda script: script.id)
    source.shuffle(coming)
    coming.sort(key=lambda script: script.place)
    times = list(FIRST_SECONDS)
    while len(times) < len(coming):
        times.append(times[-1] + source.uniform(*BETWEEN_SECONDS))
    return tuple(zip(times, coming, strict=False))


@dataclass(slots=True)
class Town:
    """Everybody who is simulated. Lives on the thread that opened the store.

    When the store fails, they go on with another one where they were.
    """

    store: Store
    scripts: Sequence[Script]
    seed: int = 0
    visits: list[Visit] = field(default_factory=list)
    _coming: list[tuple[float, Script]] = field(default_factory=list)
    _returning: list[_Returning] = field(default_factory=list)
    _version: int = -1

    def __post_init__(self) -> None:
        self._coming = list(arrivals(self.scripts, self.seed))
        self._returning = [_Returning(script) for script in self.scripts if script.returns_after]

    def remember(self, path: Path, clock: Clock) -> None:
        """Put the earlier conversations of those who have any into the store, as of some days ago.

        Raises:
            StoreError: not all of them were stored.
        """
        for script in self.scripts:
            for earlier in script.earlier:
                with Store.open(path, PastClock(clock, earlier.days)) as past:
                    _tell(past, script, earlier)

    def live(self, elapsed: Callable[[], float], wait: Callable[[float], bool]) -> None:
        """Let everybody live until told to stop.

        Args:
            elapsed: seconds since the beginning, at the customers' speed.
            wait: waits at most so many of those seconds; true means stop.

        Raises:
            StoreError: the records cannot be read or written.
        """
        while not wait(self.step(elapsed())):
            pass

    def step(self, now: float) -> float:
        """Do what is due, and return how long nothing will be unless somebody writes.

        Raises:
            StoreError: the records cannot be read or written.
        """
        while self._coming and self._coming[0][0] <= now:
            self._arrive(self._coming[0][1], now)
            self._coming.pop(0)
        for late in [item for item in self._returning if item.at <= now]:
            self._arrive(late.script, now)
            self._returning.remove(late)
        if (version := self.store.version()) != self._version:
            self._version = version
            for visit in self.visits:
                self._read(visit, now)
        for visit in self.visits:
            self._write(visit, now)
        next_one = min([at for at, _ in self._coming[:1]] + [item.at for item in self._returning], default=math.inf)
        wakes = min([next_one, *(self._wakes(visit) for visit in self.visits)])
        return min(max(wakes - now, 0.01), LOOK_SECONDS)

    def _wakes(self, visit: Visit) -> float:
        wakes = visit.customer.wakes
        if visit.colleague is not None and not visit.customer.busy:
            wakes = min(wakes, visit.colleague.wakes)
        return visit.began + wakes

    def _arrive(self, script: Script, now: float) -> None:
        number = self.store.transcript.start(script.customer, script.channel)
        *before, handoff = script.before
        self.store.transcript.append(number, *before)
        self.store.claims.handoff(number, handoff.text)
        colleague = SimulatedColleague(script.colleague) if script.colleague else None
        visit = Visit(number, now, SimulatedCustomer(script, self.seed), colleague, seq=len(script.before))
        self.visits.append(visit)
        _log.info("%s arrives in conversation %d", script.id, number)

    def _read(self, visit: Visit, now: float) -> None:
        """Let everybody in a conversation take in what is new."""
        for entry in self.store.transcript.entries(visit.conversation_id, after=visit.seq):
            visit.seq = entry.seq
            self._hear(visit, entry, now)

    def _hear(self, visit: Visit, entry: Entry, now: float) -> None:
        visit.customer.hear(entry, now - visit.began)
        if visit.colleague is not None:
            visit.colleague.hear(entry, now - visit.began)
        if entry.event is Event.CLOSED:
            for late in self._returning:
                if late.script.returns_after == visit.customer.script.id:
                    late.at = min(late.at, now + late.script.pause)

    def _write(self, visit: Visit, now: float) -> None:
        visit.unsent += visit.customer.due(now - visit.began)
        while visit.unsent:
            entry = NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, visit.unsent[0])
            self.store.transcript.append(visit.conversation_id, entry)
            visit.unsent.pop(0)
            self._read(visit, now)
        if visit.colleague is not None and not visit.colleague.over:
            self._work(visit, visit.colleague, now)

    def _work(self, visit: Visit, colleague: SimulatedColleague, now: float) -> None:
        """Let a colleague do what is due; when the conversation is not theirs any more, they leave it."""
        name, number = colleague.colleague.name, visit.conversation_id
        # A colleague lets people finish.
        act = None if visit.customer.busy and colleague.claimed else colleague.due(now - visit.began)
        try:
            if act is not None:
                self._do(act, colleague, number, visit.seq)
                self._read(visit, now)
        except (ClaimedError, StateError, UnseenEntriesError) as error:
            _log.info("%s: %s", name, error.message)
            colleague.over = not isinstance(error, UnseenEntriesError)
        # Nobody waits for this: where they are is said again with the next look.
        with suppress(StoreBusyError):
            self.store.presence.say(
                f"demo {name}", name, None if colleague.over else number, typing=colleague.typing(now - visit.began)
            )

    def _do(self, act: Act, colleague: SimulatedColleague, number: int, seen: int) -> None:
        about = colleague.colleague
        if act.entry is not None:
            entry = NewEntry(Author.AGENT, act.entry.kind, act.entry.text, about.name, act.entry.data)
            self.store.transcript.send(number, about.name, entry, seen_seq=seen)
        elif act.closes:
            self.store.claims.close(number, about.name, about.disposition, about.summary)
        else:
            self.store.claims.claim(number, about.name)


def _tell(past: Store, script: Script, earlier: Earlier) -> None:
    number = past.transcript.start(script.customer, script.channel)
    claimed = False
    for entry in _named(earlier):
        if entry.kind is EntryKind.EVENT:
            past.claims.handoff(number, entry.text)
        else:
            if entry.author is Author.AGENT and not claimed:
                past.claims.claim(number, earlier.agent)
                claimed = True
            past.transcript.append(number, entry)
    if not claimed:
        past.claims.claim(number, earlier.agent)
    past.claims.close(number, earlier.agent, earlier.disposition, earlier.summary)


def _named(earlier: Earlier) -> Iterator[NewEntry]:
    for entry in earlier.entries:
        name = earlier.agent if entry.author is Author.AGENT else entry.author_name
        yield NewEntry(entry.author, entry.kind, entry.text, name, entry.data)
