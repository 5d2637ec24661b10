"""The friction meter: a function of the entries, so that reading them again gives the same.

What is remembered between two readings, what texts mean and how far a conversation was walked, never changes one.
Hysteresis comes from walking all entries.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from agentassist.friction import tell, weights
from agentassist.friction.reading import Level, Reading
from agentassist.friction.said import Reader
from agentassist.friction.settings import MeterSettings
from agentassist.friction.walk import Walk
from agentassist.friction.walked import Kept, Walked
from agentassist.models import Author, EntryKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from agentassist.friction.notes import Mark
    from agentassist.friction.reading import Earlier, Signal, SignalKind
    from agentassist.friction.said import Embed
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
        self._kept = Kept()
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
        if not entries:
            return Reading(Level.CALM, 0.0, degraded=self._reader.degraded)
        walked = self._walked(entries, earlier)
        reading = self._reading(walked.walk, walked.level, now, entries[-1].seq)
        self._kept.keep(walked, earlier)
        return reading

    def walk(self, entries: Sequence[Entry], now: datetime, *, earlier: Sequence[Earlier] = ()) -> tuple[Reading, ...]:
        """Return the reading after each entry, at the time of the next; the last is what `read` gives."""
        self._learn(entries)
        walk = Walk(self._reader, self.settings, earlier)
        readings: list[Reading] = []
        for at, entry in enumerate(entries, start=1):
            walk.add(entry)
            # As it was when nothing more had been said: the moment before the next entry.
            moment = entries[at].at if at < len(entries) else now
            readings.append(self._reading(walk, readings[-1].level if readings else Level.CALM, moment, entry.seq))
        return tuple(readings)

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

    def _walked(self, entries: Sequence[Entry], earlier: Sequence[Earlier]) -> Walked:
        """Return a walk of all entries: what was walked before is not walked again."""
        self._reader.warm(again=False)
        known = self._kept.take(entries, earlier, self._reader.fit)
        self._learn(entries[len(known.entries) :] if known else entries)
        if known is None or known.fit != self._reader.fit:  # it was another encoder meanwhile
            self._learn(entries)
            known = Walked(Walk(self._reader, self.settings, earlier), (), Level.CALM, self._reader.fit)
        level = known.level
        for at in range(len(known.entries), len(entries)):
            if at:
                level = self._measured(known.walk, level, entries[at].at)[0]
            known.walk.add(entries[at])
        return Walked(known.walk, tuple(entries), level, known.fit)

    def _measured(self, walk: Walk, before: Level, moment: datetime) -> tuple[Level, float, Mapping[SignalKind, Mark]]:
        """Return level, score and what they rest on at a moment, after a level."""
        marks = walk.marks(moment)
        some = self.weights(by_meaning=self._reader.by_meaning)
        score = some.score({kind: mark.value for kind, mark in marks.items()})
        at_once = walk.asked or walk.stakes in self.settings.hand_over_at_once
        return Level.FRICTION if at_once else self._level(score, before), score, marks

    def _reading(self, walk: Walk, before: Level, moment: datetime, seq: int) -> Reading:
        level, score, marks = self._measured(walk, before, moment)
        signals = _signals(marks, self.weights(by_meaning=self._reader.by_meaning))
        return Reading(
            level=level,
            score=score,
            signals=signals,
            reasons=tuple(item.text for item in signals if item.speaks)[:REASONS],
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
