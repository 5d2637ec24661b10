"""What tests fake: the encoder, the clock, and where conversations come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from agentassist.models import Customer, NewEntry


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return this moment as an aware UTC time."""
        ...


class Encoder(Protocol):
    """Turns texts into vectors."""

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row a text, shape (len(texts), dimension).

        Raises:
            EncoderError: the runtime refused.
        """
        ...


class Arrival(Protocol):
    """One thing that a channel delivers: the start of a conversation, or its next entry."""

    @property
    def at(self) -> float:
        """Seconds since the channel was opened, at real speed."""
        ...

    @property
    def conversation(self) -> str:
        """The channel's own label of the conversation."""
        ...

    @property
    def customer(self) -> Customer | None:
        """Who writes, when this starts a conversation."""
        ...

    @property
    def channel(self) -> str:
        """The kind of channel, such as `web`."""
        ...

    @property
    def entry(self) -> NewEntry | None:
        """The entry, unless this starts a conversation."""
        ...


class Channel(Protocol):
    """Where conversations come from."""

    def arrivals(self) -> Iterator[Arrival]:
        """Yield what arrives, in the order of time."""
        ...
