"""The friction meter: a function of the entries, so that reading them again gives the same.

Nothing but what texts mean is remembered between two readings. Hysteresis comes from walking all entries each time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from agentassist.friction import tell, weights
from agentassist.friction.reading import Level, Reading
from agentassist.friction.said import Reader
from agentassist.friction.settings import MeterSettings
from agentassist.friction.walk import Walk
from agentassist.models import Author, EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from agentassist.friction.reading import Earlier, Signal, SignalKind
    from agentassist.friction.said import Embed
    from agentassist.friction.walk import Mark
    from agentassist.models import Entry
    from agentassist.protocols import Encoder

DEFAULTS = MeterSettings()
REASONS = 3
LEAST = 0.05
"""Signals that add less to the logit are not told."""
NEGATIVE, CHEERFUL, LOUD, UNRESOLVED, TRIED, MOOD = 1.0, 1.5, 0.8, 1.5, 1.0, 1.0
"""What negative and positive words, swearing or shouting, "still doesn't work", "I tried that" and the message before
add to the logit of `Reading.upset`, beside what the message means."""


class Meter:
    """Reads how strained the customer of a conversation is. Safe to use from several threads.

    Args:
        reader: reads the texts.
        settings: how to read.
        both: what each kind of signal counts.
    """

    def __init__(self, reader: Reader, settings: MeterSettings, both: weights.Both) -> None:
        self._reader = reader
        self._both = both
        self.settings = settings

    @classmethod
    def load(
        cls,
        encoder: Embed | Encoder | None = None,
        settings: MeterSettings = DEFAULTS,
        both: weights.Both | None = None,
    ) -> Meter:
        """Return a meter; nothing is encoded yet.

        Args:
            encoder: `Knowledge.embed`, or an encoder; None reads by words.
            settings: how to read.
            both: what each kind of signal counts; None takes what ships.

        Raises:
            FrictionError: a data file is damaged.
        """
        return cls(Reader(_embed(encoder), settings), settings, both or weights.shipped())

    def warm(self) -> str:
        """Read the examples now (seconds with an encoder), so that no customer waits for it; and again after a failure.

        Returns:
            Why messages are read by their words only; empty when all is well.
        """
        self._reader.warm()
        return self._reader.degraded

    def read(self, entries: Sequence[Entry], now: datetime, *, earlier: Sequence[Earlier] = ()) -> Reading:
        """Return how strained the customer is.

        Args:
            entries: of one conversation, in order, from its first.
            now: this moment, UTC.
            earlier: the customer's earlier conversations, for whether they came back.
        """
        reading = Reading(Level.CALM, 0.0, degraded=self._reader.degraded)
        for reading in self._readings(entries, now, earlier, every=False):  # noqa: B007 — the last one is wanted
            pass
        return reading

    def walk(self, entries: Sequence[Entry], now: datetime, *, earlier: Sequence[Earlier] = ()) -> tuple[Reading, ...]:
        """Return the reading after each entry, at the time of the next; the last is what `read` gives."""
        return tuple(self._readings(entries, now, earlier, every=True))

    def marks(self, entries: Sequence[Entry], now: datetime, *, earlier: Sequence[Earlier] = ()) -> dict[str, float]:
        """Return how strong each kind of signal is at the end, by its name: what `friction fit` fits the weights on."""
        walk = Walk(self._reader, self.settings, earlier)
        self._learn(entries)
        for entry in entries:
            walk.add(entry)
        return {kind.value: mark.value for kind, mark in walk.marks(now).items()}

    def weights(self, *, by_meaning: bool) -> weights.Weights:
        """Return what each kind of signal counts when messages are read by meaning, or by their words."""
        return self._both.by_meaning if by_meaning else self._both.by_words

    def _learn(self, entries: Sequence[Entry]) -> None:
        said = [item.text for item in entries if item.author is Author.CUSTOMER and item.kind is EntryKind.MESSAGE]
        self._reader.learn(said)

    def _readings(
        self, entries: Sequence[Entry], now: datetime, earlier: Sequence[Earlier], *, every: bool
    ) -> Iterator[Reading]:
        """Yield the reading after each entry, or only the last one."""
        self._learn(entries)
        walk = Walk(self._reader, self.settings, earlier)
        some = self.weights(by_meaning=self._reader.by_meaning)
        level = Level.CALM
        for at, entry in enumerate(entries, start=1):
            walk.add(entry)
            # As it was when nothing more had been said: the moment before the next entry.
            marks = walk.marks(entries[at].at if at < len(entries) else now)
            score = some.score({kind: mark.value for kind, mark in marks.items()})
            at_once = walk.asked or walk.stakes in self.settings.hand_over_at_once
            level = Level.FRICTION if at_once else self._level(score, level)
            if every or at == len(entries):
                yield self._reading(walk, level, score, _signals(marks, some), entry.seq)

    def _reading(self, walk: Walk, level: Level, score: float, signals: tuple[Signal, ...], seq: int) -> Reading:
        return Reading(
            level=level,
            score=score,
            signals=signals,
            reasons=tuple(item.text for item in signals if item.weight > 0)[:REASONS],
            stakes=walk.stakes,
            asked=walk.asked,
            asks=walk.last.asks[0] if walk.last else 0.0,
            upset=_upset(walk),
            tried=tuple(walk.tried),
            seq=seq,
            by_meaning=self._reader.by_meaning,
            degraded=self._reader.degraded,
        )

    def _level(self, score: float, before: Level) -> Level:
        """Return the level of a score: a level is left only when the score is well below where it began."""
        hold = self.settings.hold
        if score >= self.settings.friction - (hold if before is Level.FRICTION else 0.0):
            return Level.FRICTION
        if score >= self.settings.strained - (hold if before is not Level.CALM else 0.0):
            return Level.STRAINED
        return Level.CALM


def _signals(marks: Mapping[SignalKind, Mark], some: weights.Weights) -> tuple[Signal, ...]:
    made = [tell.signal(kind, mark, some.kinds[kind] * mark.value) for kind, mark in marks.items()]
    return tuple(sorted((item for item in made if abs(item.weight) >= LEAST), key=lambda item: -item.weight))


def _upset(walk: Walk) -> float:
    """Return how likely the last message shows a negative emotion: by meaning, by its words, and by the one before."""
    said = walk.last
    if said is None:
        return 0.0
    likely = min(max(said.upset[0], 1e-6), 1 - 1e-6)
    logit = math.log(likely / (1 - likely)) + NEGATIVE * said.negative[0] - CHEERFUL * said.cheer + MOOD * walk.mood
    logit += LOUD * bool(said.shouted or "profanity" in said.phrases)
    logit += UNRESOLVED * bool(said.unresolved) + TRIED * ("tried" in said.phrases)
    return 1 / (1 + math.exp(-logit))


def _embed(encoder: Embed | Encoder | None) -> Embed | None:
    """Return what gives vectors as bytes, whatever was given."""
    encode = getattr(encoder, "encode", None)
    if encoder is None or encode is None:
        return encoder  # type: ignore[return-value]  # what has no `encode` is an `Embed`

    def embed(texts: Sequence[str]) -> tuple[str, tuple[bytes, ...]]:
        return "encoder", tuple(row.astype("<f2").tobytes() for row in encode(texts))

    return embed
