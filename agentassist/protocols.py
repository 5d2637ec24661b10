"""What tests fake: the encoder, the clock, the memory, and where conversations come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from agentassist.models import Customer, NewEntry, Recalled, Scores


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


class Reranker(Protocol):
    """Reads a query and a passage together, which is slower than vectors and may be better."""

    @property
    def trouble(self) -> str:
        """Why it does not re-rank, as far as is known by now; empty when all is well."""
        ...

    def warm(self) -> None:
        """Load it now; what goes wrong is told by `trouble`."""
        ...

    def rerank(self, query: str, passages: Sequence[str], budget_ms: float) -> Scores:
        """Score the first passages, as many as fit into a time. Never raises for what goes wrong: it says so.

        Args:
            query: what is asked.
            passages: as they are embedded, the best first.
            budget_ms: milliseconds to use.
        """
        ...


class Memory(Protocol):
    """Knows what agents did with the articles in earlier conversations."""

    def recall(self, model: str, context: NDArray[np.float32], today: date) -> Mapping[str, Recalled]:
        """Return what it knows for a conversation, by article id; only articles with a vote other than 0.

        Args:
            model: which encoder made `context`.
            context: what is asked, unit length, shape (d,).
            today: the day of the question.
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
