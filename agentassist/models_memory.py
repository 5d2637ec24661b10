"""The words of the memory: what agents did with an article in a conversation, and how that ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    """

    article_id: str
    did: Did
    day: date
    ending: Ending = Ending.UNKNOWN
    opened: bool = False

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
