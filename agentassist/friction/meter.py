"""The friction meter: a function of the entries, so that reading them again gives the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.friction.reading import Level, Reading
from agentassist.friction.settings import MeterSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from agentassist.friction.reading import Earlier
    from agentassist.models import Entry
    from agentassist.protocols import Encoder

    Embed = Callable[[Sequence[str]], tuple[str, tuple[bytes, ...]]]

DEFAULTS = MeterSettings()


class Meter:
    """Reads how strained the customer of a conversation is. Safe to use from several threads."""

    def __init__(self, encoder: Embed | Encoder | None, settings: MeterSettings) -> None:
        self._encoder = encoder
        self.settings = settings

    @classmethod
    def load(cls, encoder: Embed | Encoder | None = None, settings: MeterSettings = DEFAULTS) -> Meter:
        """Return a meter; nothing is encoded yet.

        Args:
            encoder: `Knowledge.embed`, or anything that turns texts into unit vectors; None reads by words.
            settings: how to read.
        """
        return cls(encoder, settings)

    def warm(self) -> str:
        """Read the examples now (a second or so with an encoder), so that no customer waits for it.

        Returns:
            Why messages are read by their words only; empty when all is well.
        """
        return ""

    def read(self, entries: Sequence[Entry], now: datetime, *, earlier: Sequence[Earlier] = ()) -> Reading:
        """Return how strained the customer is.

        Args:
            entries: of one conversation, in order, from its first.
            now: this moment, UTC.
            earlier: the customer's earlier conversations, for whether they came back.
        """
        return Reading(Level.CALM, 0.0)

    def walk(self, entries: Sequence[Entry], now: datetime, *, earlier: Sequence[Earlier] = ()) -> tuple[Reading, ...]:
        """Return the reading after each entry; the last is what `read` gives."""
        return ()
