"""The words of the desk: what an agent promised, is writing, looks at and says at the end. Read them from `models`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A promise to come back to a customer.

    Attributes:
        due: the moment, UTC.
        zone: the IANA name of the zone the wall time was meant in.
        wall: the wall time that was meant, ISO without a zone ("2026-11-24T09:00").
        done_at: when it was done, None while open.
    """

    id: int
    conversation_id: int | None
    customer_id: str | None
    owner: str
    note: str
    due: datetime
    zone: str
    wall: str
    only_if_no_reply: bool
    created_at: datetime
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What an agent was writing, and the last entry they had seen then."""

    conversation_id: int
    agent: str
    text: str
    seen_seq: int
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Presence:
    """Where an agent's desk is now. It is no record: it is forgotten a minute after the desk last said so.

    Attributes:
        conversation_id: what is open there, None for nothing.
        typing: a reply is being written.
        at: when the desk last said so, UTC.
    """

    agent: str
    conversation_id: int | None
    typing: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class CustomerPresence:
    """A customer whose page is open now. It is no record.

    Attributes:
        typing: they are writing; what, nobody sees before they send it.
        at: when the page last said so, UTC.
    """

    typing: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Disposition:
    """A wrap-up code and its label."""

    code: str
    label: str


class Journey(StrEnum):
    """What kind of journey a customer is on; an agent's advice weighs it.

    routine: a plain errand · complex: several steps, several causes, exceptions · emotional: money, worry or loss.
    """

    ROUTINE = "routine"
    COMPLEX = "complex"
    EMOTIONAL = "emotional"


class Mode(StrEnum):
    """How to search."""

    HYBRID = "hybrid"
    SEMANTIC = "semantic"
    KEYWORD = "keyword"


class Outcome(StrEnum):
    """What happened to a suggestion. `ranked` is implied by its row.

    opened: the agent looked at the whole article, or at the video · edited: it was sent, and what was put in had been
    changed · restored: a thumb or a dismissal was undone.
    """

    SHOWN = "shown"
    OPENED = "opened"
    INSERTED = "inserted"
    SENT = "sent"
    EDITED = "edited"
    DISMISSED = "dismissed"
    THUMBS_UP = "thumbs_up"
    THUMBS_DOWN = "thumbs_down"
    RESTORED = "restored"
