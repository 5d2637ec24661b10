"""What can be set of the friction meter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentassist.config import FrictionConfig

TOPICS = ("money", "safety", "legal", "cancellation", "bereavement")
"""The high-stakes topics that the shipped data knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSettings:
    """How the meter reads.

    Attributes:
        language: of the lexicon and the examples, a BCP 47 tag; one that does not ship is read as English.
        strained: the score from which a customer is strained.
        friction: the score from which a customer is at the point of friction.
        hold: a level is left only when the score falls this much below where it began.
        cool_down_minutes: after a person was offered, none is offered again for so long.
        never: phrases in which nothing is a sign of friction, such as the name of a product ("Angry Birds").
        stakes: the high-stakes topics, of TOPICS.
        hand_over_at_once: those of them at which the bot hands over without asking.
        return_days: somebody who is back within so many days came back for the same.
        silence_minutes: a customer who has not answered for so long may have given up.
        waiting_minutes: waiting longer than this for a person strains.
    """

    language: str = "en"
    strained: float = 0.2
    friction: float = 0.5
    hold: float = 0.1
    cool_down_minutes: int = 10
    never: tuple[str, ...] = ()
    stakes: tuple[str, ...] = TOPICS
    hand_over_at_once: tuple[str, ...] = ("safety", "legal", "bereavement")
    return_days: int = 7
    silence_minutes: int = 5
    waiting_minutes: int = 3


def settings_of(config: FrictionConfig, language: str = "") -> MeterSettings:
    """Return the settings that a configuration asks for.

    Args:
        config: the part of the configuration about friction.
        language: of the customer, a BCP 47 tag; empty means English.
    """
    return MeterSettings(language=language or "en", never=config.ignore, hand_over_at_once=config.stakes)
