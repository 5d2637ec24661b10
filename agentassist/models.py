"""The words of the field as frozen values. Nothing here reads, writes or asks for the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from agentassist.models_desk import Disposition, Draft, FollowUp, Presence

__all__ = [
    "Article", "ArticleKind", "Audience", "Author", "Conversation", "Customer", "Data", "Disposition", "Draft",
    "Entry", "EntryKind", "Event", "FollowUp", "Hit", "JsonValue", "Mode", "NewEntry", "Outcome", "Passage",
    "Presence", "Query", "QueryPart", "SearchResult", "Snippet", "State", "Status", "Suggestion",
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
    """What an `event` entry says happened."""

    HANDOFF = "handoff"
    CLAIMED = "claimed"
    RELEASED = "released"
    CLOSED = "closed"
    REOPENED = "reopened"
    FOLLOW_UP = "follow_up"


class State(StrEnum):
    """Who has a conversation, derived from its entries.

    digital: the tree or the bot · waiting: handed over, no agent yet · claimed: one agent · closed: wrapped up.
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
        agent: who has it while claimed, who had it last when closed, else empty.
        since: when it came into this state.
        reason: why it was handed over, from the last handoff.
        unread: customer entries after the last one that the asking agent has seen.
        preview: the last message's text.
        disposition: the wrap-up code when closed, else empty.
        summary: how the summary begins when closed, else empty.
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


class ArticleKind(StrEnum):
    """What an article is."""

    ARTICLE = "article"
    VIDEO = "video"


class Status(StrEnum):
    """Where an article is in its life. Only published ones are suggested."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Audience(StrEnum):
    """Who may read an article. Internal ones are suggested, marked, and never sent to a customer."""

    CUSTOMER = "customer"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Article:
    """One article or video of the knowledge base, without its body.

    Attributes:
        path: the file it came from, relative to the knowledge base.
        review_by: the last day on which it is suggested; None means no limit.
        verbatim: its text must not be edited before it is sent.
        digest: SHA-256 (hex) of everything that was read for it.
    """

    id: str
    kind: ArticleKind
    title: str
    url: str
    path: str
    tags: tuple[str, ...] = ()
    language: str = "en"
    status: Status = Status.PUBLISHED
    audience: Audience = Audience.CUSTOMER
    updated: date | None = None
    review_by: date | None = None
    verified_by: str = ""
    verbatim: bool = False
    digest: str = ""

    def expired(self, today: date) -> bool:
        """Say whether its review is overdue, so that it is not suggested."""
        return self.review_by is not None and today > self.review_by


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an article that is found as one.

    Attributes:
        number: 0, 1, 2 … within its article.
        heading: the headings above it, outermost first, joined by " › "; empty for none.
        text: plain text, no Markdown marks.
        start: for a video, the second at which it is said.
    """

    article_id: str
    number: int
    heading: str
    text: str
    start: float | None = None


@dataclass(frozen=True, slots=True)
class Snippet:
    """A canned text."""

    id: str
    title: str
    body: str
    tags: tuple[str, ...] = ()
    language: str = "en"
    verbatim: bool = False


class Mode(StrEnum):
    """How to search."""

    HYBRID = "hybrid"
    SEMANTIC = "semantic"
    KEYWORD = "keyword"


@dataclass(frozen=True, slots=True)
class QueryPart:
    """One piece of a query: words, and how much they count (1.0 is the most)."""

    text: str
    weight: float
    source: str


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for, in pieces.

    Attributes:
        parts: heaviest first; never empty of text unless there is nothing to ask.
        seq: the last entry that was looked at, 0 for a typed search.
    """

    parts: tuple[QueryPart, ...]
    seq: int = 0

    @classmethod
    def typed(cls, text: str) -> Query:
        """Make a query from words somebody typed."""
        return cls((QueryPart(text, 1.0, "typed"),)) if text.strip() else cls(())


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found, and its best passage.

    Attributes:
        rank: 1 is the best.
        score: the fused score; only its order means anything.
        similarity: cosine of the best passage with the query in [-1, 1], None without an encoder.
        matched: (start, end) character spans in `passage.text` of the matched words, in order, not overlapping.
        link: the article's URL, at the passage's second for a video.
        reason: why it matches, in words.
        probability: how likely it is right, in [0, 1], calibrated (see `search.confidence`); None when not known.
    """

    rank: int
    article: Article
    passage: Passage
    score: float
    similarity: float | None
    matched: tuple[tuple[int, int], ...]
    link: str
    reason: str
    probability: float | None = None

    @property
    def blocked(self) -> str:
        """Why it cannot be sent to a customer; empty when it can."""
        if self.article.audience is Audience.INTERNAL:
            return "internal: for agents only"
        return "" if self.link else "it has no link to send"


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found.

    Attributes:
        mode: what was really done.
        degraded: why it is less than was asked for ("keyword search only: …"); empty when all is well.
        took_ms: milliseconds from the query to here, encoding included.
        no_match: nothing that was found is likely to be right: the hits are there for who wants to look.
    """

    hits: tuple[Hit, ...]
    mode: Mode
    degraded: str = ""
    took_ms: float = 0.0
    no_match: bool = False


class Outcome(StrEnum):
    """What happened to a suggestion. `ranked` is implied by its row.

    opened: the agent looked at the whole article, or at the video · restored: a thumb or a dismissal was undone.
    """

    SHOWN = "shown"
    OPENED = "opened"
    INSERTED = "inserted"
    SENT = "sent"
    DISMISSED = "dismissed"
    THUMBS_UP = "thumbs_up"
    THUMBS_DOWN = "thumbs_down"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A hit as it was ranked for a conversation, kept as it was then.

    Attributes:
        seq: the last entry the query had looked at.
        outcomes: what happened to it, in order.
        probability: how likely it was right, in [0, 1], as it was known then; None when it was not known.
    """

    id: int
    conversation_id: int
    seq: int
    rank: int
    article_id: str
    title: str
    url: str
    passage: str
    score: float
    reason: str
    at: datetime
    outcomes: tuple[Outcome, ...] = ()
    probability: float | None = None
