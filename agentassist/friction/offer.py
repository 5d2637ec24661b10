"""Whether the bot should offer a person now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.friction.settings import MeterSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from agentassist.friction.reading import Reading, SignalKind
    from agentassist.models import Entry

DEFAULTS = MeterSettings()


@dataclass(frozen=True, slots=True)
class Offer:
    """What the bot should do.

    Attributes:
        at_once: hand over without asking: the customer asked for a person, or the stakes are high.
        cause: the kind of signal that weighs most; an offer for the same cause is not made twice.
        reason: in plain words, for the row of the queue; safe to show.
    """

    at_once: bool
    cause: SignalKind
    reason: str


def ready_to_offer(
    reading: Reading, entries: Sequence[Entry], now: datetime, settings: MeterSettings = DEFAULTS
) -> Offer | None:
    """Return what the bot should offer now; None when it should go on.

    Args:
        reading: of these entries.
        entries: of the conversation, in order.
        now: this moment, UTC.
        settings: those of the meter.
    """
    return None
