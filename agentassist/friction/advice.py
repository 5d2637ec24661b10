"""Whether a written guide or a person serves the customer better now. Pure: plain values in, words out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.friction.reading import Reading
    from agentassist.models import Entry


class Direction(StrEnum):
    """Which way to cross over: to something written or filmed, to a person, or no change."""

    DIGITAL = "digital"
    PERSON = "person"
    NONE = "none"


class Journey(StrEnum):
    """What kind of journey this is: routine, complex (many parts, exceptions), emotional (a person's matter)."""

    ROUTINE = "routine"
    COMPLEX = "complex"
    EMOTIONAL = "emotional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """The best article at hand.

    Attributes:
        title: shown in the reason; not yet safe to show.
        video: it is a video.
        probability: how likely it is right, in [0, 1].
        words: how long it is; of a video's captions.
        steps: how many numbered steps it has.
        tried: the customer was sent it already, or says that they tried it.
    """

    title: str
    video: bool = False
    probability: float = 0.0
    words: int = 0
    steps: int = 0
    tried: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How the customer gets on with digital help, in this session and earlier ones.

    Attributes:
        opened: articles that they opened.
        sent: articles that they were sent.
        solved: conversations that were solved without a person.
        persons: earlier conversations that needed one.
        tree_answers: how many questions of a tree they answered in this one.
    """

    opened: int = 0
    sent: int = 0
    solved: int = 0
    persons: int = 0
    tree_answers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """What can be used with this customer now: chat is always at hand."""

    email: bool = False
    video_call: bool = False


@dataclass(frozen=True, slots=True)
class Inputs:
    """The three inputs in plain words, shown with the advice; safe to show."""

    behaviour: str
    journey: str
    channels: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What serves the customer better.

    Attributes:
        reason: one plain sentence; safe to show.
        channel: "chat", "email" or "video call": which is best for it; empty when no change is advised.
    """

    direction: Direction
    reason: str
    inputs: Inputs
    channel: str = ""


def advise(
    reading: Reading,
    *,
    asked_for: str,
    guide: Guide | None,
    habits: Habits,
    journey: Journey | None,
    channels: Channels,
    wish: str = "",
) -> Advice:
    """Return what serves the customer better now.

    Args:
        reading: of the conversation.
        asked_for: the customer's last burst of messages.
        guide: the best article; None when there is none.
        habits: how they get on with digital help.
        journey: as configured for the tree or the topic; None works it out from the reading.
        channels: what is at hand.
        wish: what the customer said they want, of the last `wished` event; it overrides everything.
    """
    return Advice(Direction.NONE, "", Inputs("", "", ""))


def wish_of(entries: Sequence[Entry]) -> str:
    """Return what the customer last said they want; empty when they said nothing."""
    return ""
