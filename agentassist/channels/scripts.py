"""What a simulated customer is made of: who they are, what they say first, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentassist.models import Customer, NewEntry


class Trigger(StrEnum):
    """What an agent can do that a customer reacts to, in words that a script uses.

    article: one that the reaction names, by its id · wrong_article: any other one · question · promise: to come back
    later · goodbye: the agent asks whether there is anything else, or ends · apology · greeting · other: whatever else.
    """

    ARTICLE = "article"
    WRONG_ARTICLE = "wrong_article"
    QUESTION = "question"
    PROMISE = "promise"
    GOODBYE = "goodbye"
    APOLOGY = "apology"
    GREETING = "greeting"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a customer.

    Attributes:
        phrasings: one of them is said.
        after: seconds of doing something else before it is typed.
    """

    phrasings: tuple[str, ...]
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a customer says when an agent has done something.

    Attributes:
        articles: ids, for an article.
        seconds: the first and last second at which a video has to begin; None for any.
        about: for a question: words of which one must be in it; none fits every question.
        lines: what is said, in order.
        solved: whether the customer needs nothing more then.
    """

    trigger: Trigger
    lines: tuple[Line, ...]
    articles: tuple[str, ...] = ()
    seconds: tuple[float, float] | None = None
    about: tuple[str, ...] = ()
    solved: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """A conversation of the same customer that was closed some days ago."""

    days: float
    agent: str
    entries: tuple[NewEntry, ...]
    disposition: str
    summary: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a colleague says.

    Attributes:
        after: seconds since anybody said something.
        entry: without the colleague's name.
    """

    after: float
    entry: NewEntry


@dataclass(frozen=True, slots=True)
class Colleague:
    """Another agent, who takes this conversation.

    Attributes:
        claims: seconds after the customer's arrival.
        closes: seconds after the last word.
    """

    name: str
    claims: float
    steps: tuple[Step, ...]
    closes: float
    disposition: str
    summary: str


@dataclass(frozen=True, slots=True)
class Script:
    """One simulated customer in one conversation.

    Attributes:
        id: the file's name.
        place: 1 arrives first, 2 next; those with the same number in an order that the seed decides.
        returns_after: the id of a script: this one arrives some seconds after that one's conversation is closed.
        pause: those seconds.
        pace: letters a second.
        typos: how likely a typo is in a word, 0 to 0.3.
        patience: seconds without an answer until a customer asks for one.
        expects: ids of the articles that help.
        before: tree and bot, up to and with the handoff.
        opening: the first burst at the desk.
        impatient: said while nobody has claimed.
        unanswered: said while the agent does not answer.
    """

    id: str
    customer: Customer
    channel: str
    before: tuple[NewEntry, ...]
    opening: tuple[Line, ...]
    reactions: tuple[Reaction, ...]
    place: int = 3
    returns_after: str = ""
    pause: float = 20.0
    pace: float = 8.0
    typos: float = 0.0
    patience: float = 25.0
    expects: tuple[str, ...] = ()
    impatient: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    colleague: Colleague | None = None
