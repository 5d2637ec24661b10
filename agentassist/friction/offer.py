"""Whether the bot should offer a person now. Pure: everything is read from the entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from agentassist.friction.reading import Level, SignalKind
from agentassist.friction.settings import MeterSettings
from agentassist.friction.told import Answer, answer
from agentassist.models import Author, EntryKind, Event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from agentassist.friction.reading import Reading, Signal
    from agentassist.models import Entry

DEFAULTS = MeterSettings()
_ENDS = (Event.CLOSED, Event.REOPENED, Event.RETURNED)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the bot should do.

    Attributes:
        at_once: hand over without asking: the customer asked for a person, or the stakes are high.
        cause: the kind of signal that weighs most of those for which no person was offered yet.
        reason: in plain words, for the row of the queue; safe to show.
        signals: those that speak for it, the weightiest first.
    """

    at_once: bool
    cause: SignalKind
    reason: str
    signals: tuple[Signal, ...] = ()


def ready_to_offer(
    reading: Reading, entries: Sequence[Entry], now: datetime, settings: MeterSettings = DEFAULTS
) -> Offer | None:
    """Return what the bot should offer now; None when it should go on.

    A wish for a person and the topics of `hand_over_at_once` are followed at once. Else a person is offered at the
    point of friction: once for each cause, and not within the cool-down after the last offer. A customer who wished for
    the bot is not asked again, unless the stakes are high; one who wants no person now is not asked for a while.

    Args:
        reading: of these entries.
        entries: of the conversation, in order.
        now: this moment, UTC.
        settings: those of the meter.
    """
    signals = tuple(item for item in reading.signals if item.weight > 0)
    signals = tuple(item for item in signals if item.speaks) or signals[:1]
    if reading.asked:
        return _at_once(reading, signals, SignalKind.ASKED, "the customer asks for a person")
    if reading.stakes and reading.stakes in settings.hand_over_at_once:
        return _at_once(reading, signals, SignalKind.STAKES, f"high stakes: {reading.stakes}")
    if reading.level is not Level.FRICTION:
        return None
    since = _since(entries)
    if wish_of(since) == "bot":
        return None
    offers = [entry for entry in since if entry.author is Author.BOT and entry.data.get("bot") == "offer"]
    asked = [*offers, *(entry for entry in since if refuses_a_person(entry))]
    if asked and now - max(entry.at for entry in asked) < timedelta(minutes=settings.cool_down_minutes):
        return None
    offered = {str(entry.data.get("cause", "")) for entry in offers}
    for item in signals:
        if item.kind.value not in offered:
            return Offer(at_once=False, cause=item.kind, reason=item.text, signals=signals)
    return None


def refuses_a_person(entry: Entry) -> bool:
    """Say whether the customer wants no person now, by their answer to the bot's offer."""
    return entry.author is Author.CUSTOMER and answer(entry, "") is Answer.NO_PERSON


def _at_once(reading: Reading, signals: tuple[Signal, ...], cause: SignalKind, otherwise: str) -> Offer:
    first = next((item.text for item in reading.signals if item.kind is cause), otherwise)
    return Offer(at_once=True, cause=cause, reason=first, signals=signals)


def _since(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries since the bot last got the conversation: what was offered before that is over."""
    begins = 0
    for at, entry in enumerate(entries):
        if entry.kind is EntryKind.EVENT and entry.event in _ENDS:
            begins = at + 1
    return list(entries[begins:])


def wish_of(entries: Sequence[Entry]) -> str:
    """Return what the customer last said they want (`wished`): person, bot, email, callback or chat; else empty."""
    for entry in reversed(entries):
        if entry.kind is EntryKind.EVENT and entry.event is Event.WISHED:
            return str(entry.data.get("wish", ""))
    return ""
