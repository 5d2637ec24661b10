"""How much one customer may ask of the server, so that there is enough for the others."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_KEYS = 20_000
"""Buckets that are kept; past it the one that was used longest ago is forgotten, and so begins full again."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something may be done.

    Attributes:
        burst: so many at once.
        per_second: so many again each second.
    """

    burst: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server gives to one request, one conversation, one address, and in all.

    Attributes:
        body_bytes: the longest body of a request.
        header_bytes: the longest head of a request, its address included.
        header_seconds: how long a request's head may take to arrive.
        body_seconds: how long its body may take.
        drain_seconds: how long a reader may take nothing of what is ready for them before they are cut off.
        idle_seconds: how long a connection may stay open without a request.
        connections: open at once.
        connections_per_address: open at once from one address.
        streams: pages that are shown live at once.
        streams_per_address: of one address.
        streams_per_conversation: of one conversation; with one more, the oldest ends.
        requests: of one address.
        begins: conversations begun from one address.
        links: article links followed from one address.
        sends: what is said, answered or asked in one conversation.
        signs: signs of typing in one conversation; more are passed over.
        mails: transcripts mailed and ratings given in one conversation.
    """

    body_bytes: int = 64 * 1024
    header_bytes: int = 16 * 1024
    header_seconds: float = 10.0
    body_seconds: float = 10.0
    drain_seconds: float = 15.0
    idle_seconds: float = 30.0
    connections: int = 1_000
    connections_per_address: int = 120
    streams: int = 800
    streams_per_address: int = 60
    streams_per_conversation: int = 4
    requests: Rate = field(default_factory=lambda: Rate(600, 60))
    begins: Rate = field(default_factory=lambda: Rate(20, 0.5))
    links: Rate = field(default_factory=lambda: Rate(40, 2))
    sends: Rate = field(default_factory=lambda: Rate(30, 2))
    signs: Rate = field(default_factory=lambda: Rate(10, 1))
    mails: Rate = field(default_factory=lambda: Rate(5, 0.05))


class Buckets:
    """A bucket of tokens for each key: what is done takes one, and they come back with time.

    Args:
        rate: its size, and how fast it fills.
        now: a clock in seconds that never goes back.
        most: keys that are kept.
    """

    def __init__(self, rate: Rate, now: Callable[[], float], *, most: int = MOST_KEYS) -> None:
        self._rate = rate
        self._now = now
        self._most = most
        self._held: OrderedDict[str | int, tuple[float, float]] = OrderedDict()

    def take(self, key: str | int) -> float:
        """Take one token; return 0, or the seconds until there is one."""
        now = self._now()
        left, at = self._held.pop(key, (self._rate.burst, now))
        left = min(self._rate.burst, left + (now - at) * self._rate.per_second)
        wait = 0.0 if left >= 1 else (1 - left) / self._rate.per_second
        self._held[key] = (left if wait else left - 1, now)
        if len(self._held) > self._most:
            self._held.popitem(last=False)
        return wait

    def __len__(self) -> int:
        return len(self._held)
