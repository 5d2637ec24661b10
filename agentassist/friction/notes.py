"""What a walk through a conversation notes of each kind of signal, and how it fades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.friction.reading import SignalKind

if TYPE_CHECKING:
    from collections.abc import Mapping

FADING: Mapping[SignalKind, float] = {
    SignalKind.ASKED: 0.8,
    SignalKind.UPSET: 0.7,
    SignalKind.NEGATIVE: 0.7,
    SignalKind.SHOUTING: 0.7,
    SignalKind.PROFANITY: 0.7,
    SignalKind.STAKES: 0.95,
    SignalKind.DONE: 0.6,
    SignalKind.THANKS: 0.6,
}
"""What is left of a sign after each further thing that the customer says."""
SOLVABLE = frozenset(
    {
        SignalKind.UNRESOLVED,
        SignalKind.REPEATED,
        SignalKind.NO_ANSWER,
        SignalKind.BOT_REPEATED,
        SignalKind.REFUSED,
        SignalKind.TRIED,
        SignalKind.BACK,
    }
)
"""What is over once the customer says that it is solved."""


@dataclass(slots=True)
class Notes:
    """What was noted of one kind of signal.

    Attributes:
        turn: how many things the customer had said when it was noted: of a fading sign the strongest, of a counted one
            the last. As all of a kind fade alike, the strongest stays it until a stronger one comes.
        value: how strong that was; of a counted sign the sum.
        entries: which entries show it; of a counted sign all of them.
        words: what was said there.
    """

    turn: int
    value: float
    entries: tuple[int, ...]
    words: str

    def fade(self, kind: SignalKind, turn: int) -> float:
        """Return how strong a fading sign still is."""
        return float(self.value * FADING[kind] ** (turn - self.turn))


@dataclass(frozen=True, slots=True)
class Mark:
    """How strong a kind of signal is now, and what it rests on.

    Attributes:
        value: how strong it is now.
        entries: the sequence numbers that it rests on.
        words: what was said there.
        said: how strong a fading sign was when it was said: of what is judged by meaning, its probability.
    """

    value: float
    entries: tuple[int, ...]
    words: str
    said: float = 1.0
