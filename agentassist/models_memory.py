"""The words of the memory: what agents did with an article in a conversation, and how that ended."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class Did(StrEnum):
    """What an agent did with a suggestion in the end."""

    SENT = "sent"
    EDITED = "edited"
    THUMBS_UP = "thumbs_up"
    THUMBS_DOWN = "thumbs_down"
    DISMISSED = "dismissed"


class Ending(StrEnum):
    """How a conversation ended; it is derived from what was said, and never set."""

    UNKNOWN = "unknown"
    SOLVED = "solved"
    CAME_BACK = "came_back"


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done with an article in a conversation.

    Attributes:
        day: on which it was done, UTC.
        opened: the customer opened it.
        surprise: how little the ranking had expected it where it was asked for, in [0, 1]: see `expected`.
    """

    article_id: str
    did: Did
    day: date
    ending: Ending = Ending.UNKNOWN
    opened: bool = False
    surprise: float = 1.0

    @property
    def sent(self) -> bool:
        """Say whether the customer got it."""
        return self.did in (Did.SENT, Did.EDITED)

    @property
    def turned_down(self) -> bool:
        """Say whether the agent found that it does not fit."""
        return self.did in (Did.THUMBS_DOWN, Did.DISMISSED)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was asked in one search of a conversation, and what agents did with what it found.

    Attributes:
        search_id: of the search that `vector` was looked for with.
        model: which encoder made the vector.
        vector: unit length, float16, NumPy's "<f2".
    """

    conversation_id: int
    search_id: int
    model: str
    vector: bytes
    deeds: tuple[Deed, ...]


def expected(scores: Mapping[str, float]) -> dict[str, float]:
    """Return the share of belief that a search gave each article that it suggested: the softmax of their scores.

    Args:
        scores: as the ranking gave them, with what the memory knew by then, by article id.
    """
    most = max(scores.values(), default=0.0)
    beliefs = {name: math.exp(score - most) for name, score in scores.items()}
    total = sum(beliefs.values())
    return {name: belief / total for name, belief in beliefs.items()}
