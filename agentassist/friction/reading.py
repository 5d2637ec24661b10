"""What the friction meter says of a conversation, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentassist.models import Conversation


class Level(StrEnum):
    """How strained the customer is: calm, strained, or at the point of friction, where a person helps better."""

    CALM = "calm"
    STRAINED = "strained"
    FRICTION = "friction"


class SignalKind(StrEnum):
    """What a signal is about.

    asked: wants a person · upset: what was said means anger, worry or disappointment · negative: words that a lexicon
    calls negative · shouting · profanity · unresolved: "still doesn't work" · repeated: the same question again or
    rephrased · no-answer: the bot had no answer, was in doubt or refused · bot-repeated: the bot asked or said the same
    again · refused: the customer says no to what the bot says · tried: a suggested article was tried already ·
    back: back and forth in the tree · silence: long silence after an answer or a question · waiting: waiting for a
    person · returned: came back within days, or the conversation was opened again · long: many messages so far ·
    stakes: a topic that is a person's matter · done: what was wanted is done · thanks: the customer is content.
    The last two speak against friction.
    """

    ASKED = "asked"
    UPSET = "upset"
    NEGATIVE = "negative"
    SHOUTING = "shouting"
    PROFANITY = "profanity"
    UNRESOLVED = "unresolved"
    REPEATED = "repeated"
    NO_ANSWER = "no-answer"
    BOT_REPEATED = "bot-repeated"
    REFUSED = "refused"
    TRIED = "tried"
    BACK = "back"
    SILENCE = "silence"
    WAITING = "waiting"
    RETURNED = "returned"
    LONG = "long"
    STAKES = "stakes"
    DONE = "done"
    THANKS = "thanks"


MEANT = frozenset({SignalKind.ASKED, SignalKind.UPSET, SignalKind.STAKES})
"""The kinds that are judged by meaning."""
SPEAKS, LIKELY = 0.5, 0.5
"""From which weight on a signal is told as a reason, and from which probability one that is judged by meaning is."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that was counted.

    Attributes:
        entries: the sequence numbers that it rests on, rising.
        words: what was said, shortened; safe to show.
        weight: what it adds to the logit of the score; below 0 it speaks against friction.
        text: one plain sentence that cites the words and the entries; safe to show.
        strength: how strong it was when it was said; of what is judged by meaning, its probability.
    """

    kind: SignalKind
    entries: tuple[int, ...]
    words: str
    weight: float
    text: str
    strength: float = 1.0

    @property
    def speaks(self) -> bool:
        """Whether it weighs enough, and is likely enough, to be told as a reason."""
        return self.weight >= SPEAKS and (self.kind not in MEANT or self.strength >= LIKELY)


@dataclass(frozen=True, slots=True)
class Reading:
    """How strained a conversation is after an entry.

    Attributes:
        level: with hysteresis: it rises at one score and falls at a lower one.
        score: how likely this is a conversation that a person should have, in [0, 1].
        signals: everything that was counted, the weightiest first.
        reasons: the texts of the three weightiest signals that speak for friction; at calm there are usually none.
        stakes: the high-stakes topic that the customer spoke of, or empty.
        asked: the customer asked for a person, and has neither taken it back nor been given back to the bot since.
        asks: how likely the customer's last message asks for a person, in [0, 1].
        upset: how likely the customer's last message shows a negative emotion, in [0, 1].
        tried: ids of the articles that the customer says they tried.
        seq: the entry after which this holds; 0 before the first.
        by_meaning: whether an encoder read the messages; without one they are read by their words.
        degraded: why they are read by their words; empty when all is well.
    """

    level: Level
    score: float
    signals: tuple[Signal, ...] = ()
    reasons: tuple[str, ...] = ()
    stakes: str = ""
    asked: bool = False
    asks: float = 0.0
    upset: float = 0.0
    tried: tuple[str, ...] = ()
    seq: int = 0
    by_meaning: bool = False
    degraded: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier conversation of the same customer, as far as the meter is concerned.

    Attributes:
        conversation_id: which.
        ended_at: when its last entry was stored, UTC.
        solved: it was closed as solved.
    """

    conversation_id: int
    ended_at: datetime
    solved: bool = False


def earlier_of(conversations: Iterable[Conversation], but: int) -> tuple[Earlier, ...]:
    """Return a customer's other conversations as the meter wants them.

    Args:
        conversations: all of the customer's.
        but: the id of the one that is read.
    """
    return tuple(
        Earlier(item.id, item.last_at, item.disposition.startswith("solved"))
        for item in conversations
        if item.id != but
    )
