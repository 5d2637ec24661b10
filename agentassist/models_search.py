"""The words of the knowledge base and of search. Read them from `models`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from agentassist.models_desk import Mode, Outcome


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


@dataclass(frozen=True, slots=True)
class QueryPart:
    """One piece of a query: words, and how much they count (1.0 is the most).

    Attributes:
        source: `typed`, or of a conversation `burst` (the customer's last), `earlier`, `agent` or `tree`.
        age: how many of the customer's bursts came after it.
    """

    text: str
    weight: float
    source: str
    age: int = 0


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
class Recalled:
    """What the desk's memory says of an article for a conversation: what agents did with it in similar ones.

    Attributes:
        vote: what it counts in the ranking: above 0 it helped, below 0 it was turned down.
        sent: similar conversations in which it was sent.
        solved: of these, the ones that ended well.
        turned_down: similar conversations in which it was dismissed or got a thumb down.
        nearest: cosine of the most similar of them with this conversation, in [-1, 1].
    """

    vote: float
    sent: int = 0
    solved: int = 0
    turned_down: int = 0
    nearest: float = 0.0


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
        recalled: what the desk's memory says of it; None when it knows nothing.
        folded: other articles that say nearly the same and are left out for it, the better one first.
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
    recalled: Recalled | None = None
    folded: tuple[Article, ...] = ()

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
        context: the vector of what was asked, unit length, float16 in the machine-independent order of NumPy's "<f2";
            empty without an encoder. It is what the memory keeps: a vector, never the words.
        model: which encoder made `context` (the manifest's `model_hash`); vectors of two are never compared.
        answerable: how likely the knowledge base has an answer at all, in [0, 1]; `no_match` follows from it.
    """

    hits: tuple[Hit, ...]
    mode: Mode
    degraded: str = ""
    took_ms: float = 0.0
    no_match: bool = False
    context: bytes = b""
    model: str = ""
    answerable: float = 0.0


@dataclass(frozen=True, slots=True)
class Scores:
    """What a re-ranker made of passages.

    Attributes:
        values: of the first so many passages, as many as the time allowed; greater is better, and only the order means
            anything. Empty when none was scored.
        trouble: why none was scored, in words; empty when the time was up, or there was nothing to score.
    """

    values: tuple[float, ...] = ()
    trouble: str = ""


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
