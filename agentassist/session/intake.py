"""Puts what a channel delivers into the records, where every desk sees it arrive."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agentassist.errors import ClaimedError, StateError, UsageError
from agentassist.models import Author, EntryKind, Event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agentassist.models import Entry, NewEntry
    from agentassist.protocols import Arrival, Channel
    from agentassist.store.store import Store

DEFAULT_AGENT = "agent"
"""The name of a recorded agent who has none."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one arrival.

    Attributes:
        conversation_id: its conversation in the records.
        label: the channel's own label of it.
        entry: what was stored; None for the start of a conversation, and for what was not stored.
        refused: why it was not stored, else empty.
    """

    conversation_id: int
    label: str
    entry: Entry | None = None
    refused: str = ""

    @property
    def started(self) -> bool:
        """Whether this is the start of a conversation."""
        return self.entry is None and not self.refused


def play(
    store: Store,
    channels: Sequence[Channel],
    *,
    speed: float,
    sleep: Callable[[float], None],
    with_agent: bool = True,
) -> Iterator[Delivered]:
    """Deliver what several channels bring, merged by time, and yield each thing once it is on disk.

    A recorded agent claims the conversation before the first line; while another has it, or once it is closed, their
    lines are refused: a recording does not talk over a person.

    Args:
        store: where to.
        channels: where from; their conversations are separate even when labels are the same.
        speed: 1 is real time, 10 is ten times as fast, 0 is at once.
        sleep: waits so many seconds.
        with_agent: False leaves the recorded agents' lines out, for somebody at a desk to answer.

    Raises:
        UsageError: the speed is not a number of 0 or more.
        StoreError: this arrival was not stored; those before were.
    """
    if not (speed >= 0 and math.isfinite(speed)):
        raise UsageError("the speed must be 0 or more", "1 is real time, 10 is ten times as fast, 0 is at once.")
    started: dict[tuple[int, str], int] = {}
    before = 0.0
    for number, arrival in _merged(channels):
        if speed and arrival.at > before:
            sleep((arrival.at - before) / speed)
        before = max(before, arrival.at)
        key = (number, arrival.conversation)
        if arrival.customer is not None:
            started[key] = store.transcript.start(arrival.customer, arrival.channel)
            yield Delivered(started[key], arrival.conversation)
        elif arrival.entry is not None and (with_agent or arrival.entry.author is not Author.AGENT):
            yield from _deliver(store, started[key], arrival.conversation, arrival.entry)


def _merged(channels: Sequence[Channel]) -> Iterator[tuple[int, Arrival]]:
    """Yield the arrivals of all channels by time, each with the number of its channel."""
    streams = [_numbered(number, channel) for number, channel in enumerate(channels)]
    return heapq.merge(*streams, key=lambda item: item[1].at)


def _numbered(number: int, channel: Channel) -> Iterator[tuple[int, Arrival]]:
    for arrival in channel.arrivals():
        yield number, arrival


def _deliver(store: Store, conversation_id: int, label: str, entry: NewEntry) -> Iterator[Delivered]:
    try:
        for stored in _put(store, conversation_id, entry):
            yield Delivered(conversation_id, label, stored)
    except (ClaimedError, StateError) as error:
        yield Delivered(conversation_id, label, refused=error.message)


def _put(store: Store, conversation_id: int, entry: NewEntry) -> Iterator[Entry]:
    if entry.kind is EntryKind.EVENT and entry.data.get("event") == Event.HANDOFF:
        yield store.claims.handoff(conversation_id, entry.text)
        return
    if entry.author is Author.AGENT:
        entry = replace(entry, author_name=entry.author_name or DEFAULT_AGENT)
        last = store.queue.get(conversation_id).last_seq
        claim = store.claims.claim(conversation_id, entry.author_name)
        if claim.seq > last:
            yield claim
    yield from store.transcript.append(conversation_id, entry)
