"""The words of the field as frozen values. Nothing here reads, writes or asks for the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from agentassist.models_desk import CustomerPresence, Disposition, Draft, FollowUp, Journey, Mode, Outcome, Presence

if TYPE_CHECKING:
    from agentassist.models_search import (
        Article,
        ArticleKind,
        Audience,
        Hit,
        Passage,
        Query,
        QueryPart,
        Recalled,
        Scores,
        SearchResult,
        Snippet,
        Status,
        Suggestion,
    )
else:

    def __getattr__(name: str) -> object:
        """Import the words of search when one of them is first asked for: the desk's first picture has none."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from agentassist import models_search

        return getattr(models_search, name)


__all__ = [
    "Article", "ArticleKind", "Audience", "Author", "Conversation", "Customer", "CustomerPresence", "Data",
    "Disposition", "Draft", "Entry", "EntryKind", "Event", "FollowUp", "Hit", "Journey", "JsonValue", "Mode",
    "NewEntry", "Outcome", "Passage", "Presence", "Query", "QueryPart", "Recalled", "Scores", "SearchResult", "Snippet",
    "State", "Status", "Suggestion",
]  # fmt: skip

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
Data = Mapping[str, JsonValue]


class Author(StrEnum):
    """Who an entry is from. It never changes, whatever happens to the conversation."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class EntryKind(StrEnum):
    """What one numbered line of a transcript is.

    A `choice` or `form` entry is one answer in the decision tree: its data holds `node` and `question`, its text
    the answer.
    An `article` entry sends an article: its text is what was written around it, its data holds `article`, `title` and
    `url`, and `also` lists the same three for each further article in the same text.
    An `event` entry changes who has the conversation: its data holds `event` (see `Event`).
    """

    MESSAGE = "message"
    CHOICE = "choice"
    FORM = "form"
    ARTICLE = "article"
    EVENT = "event"


class Event(StrEnum):
    """What an `event` entry says happened.

    handoff: to a person; its data may hold why, see `session.brief` · flow: a decision tree begins, its data holds
    `flow` and `version` · back: the customer goes back to the node in its data · wished: how the customer wants to be
    helped, in its data · lent: the agent hands the customer to a tree and gets the conversation back · returned: the
    agent hands it back to the bot for good · opened: the customer opened the link of the article in its data · rated:
    what the customer says of it afterwards, its data holds `rating`, 1 to 5, or None when they would rather not.
    """

    HANDOFF = "handoff"
    CLAIMED = "claimed"
    RELEASED = "released"
    CLOSED = "closed"
    REOPENED = "reopened"
    FOLLOW_UP = "follow_up"
    FLOW = "flow"
    BACK = "back"
    WISHED = "wished"
    LENT = "lent"
    RETURNED = "returned"
    OPENED = "opened"
    RATED = "rated"


class State(StrEnum):
    """Who has a conversation, derived from its entries.

    digital: the tree or the bot (lent to it by an agent, when it has one) · waiting: handed over, no agent yet ·
    claimed: one agent · closed: wrapped up.
    """

    DIGITAL = "digital"
    WAITING = "waiting"
    CLAIMED = "claimed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Customer:
    """A person who writes.

    Attributes:
        id: the channel's own id, unique.
        timezone: an IANA name, or empty when unknown.
        language: a BCP 47 tag, or empty when unknown.
        attributes: whatever the channel knows, as shown on the customer card.
    """

    id: str
    name: str
    email: str = ""
    timezone: str = ""
    language: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry before the store has numbered it."""

    author: Author
    kind: EntryKind
    text: str
    author_name: str = ""
    data: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One numbered line of a transcript; it never changes.

    Attributes:
        seq: 1, 2, 3 … without a gap within its conversation.
        at: when it was stored, UTC.
        author_name: the agent's or bot's name, empty for the customer.
    """

    conversation_id: int
    seq: int
    at: datetime
    author: Author
    author_name: str
    kind: EntryKind
    text: str
    data: Data = field(default_factory=dict)

    @property
    def event(self) -> Event | None:
        """What happened, when this is an event."""
        return Event(str(self.data["event"])) if self.kind is EntryKind.EVENT else None


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation and what its entries say of it.

    Attributes:
        agent: who has it while claimed, who lent it while digital, who had it last when closed, else empty.
        since: when it came into this state.
        reason: why it was handed over, from the last handoff.
        unread: customer entries after the last one that the asking agent has seen.
        preview: the last message's text.
        disposition: the wrap-up code when closed, else empty.
        summary: how the summary begins when closed, else empty.
        friction: how strained the customer was at the last handoff, in [0, 1].
    """

    id: int
    customer: Customer
    channel: str
    started_at: datetime
    state: State
    agent: str
    since: datetime
    last_seq: int
    last_at: datetime
    reason: str = ""
    unread: int = 0
    preview: str = ""
    disposition: str = ""
    summary: str = ""
    friction: float = 0.0
