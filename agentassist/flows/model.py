"""What a decision tree is made of, as frozen values. Nothing here reads a file, and nothing asks for the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agentassist.models import Journey


class NodeKind(StrEnum):
    """What a node does.

    text: says something and goes on · choice, choices, form: wait for an answer · branch: goes on by the answers ·
    flow: goes to another tree · bot: hands over to the bot · person: hands over to a person · end: nothing more to do.
    """

    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    FORM = "form"
    BRANCH = "branch"
    FLOW = "flow"
    BOT = "bot"
    PERSON = "person"
    END = "end"

    @property
    def waits(self) -> bool:
        """Say whether a node of this kind waits for an answer."""
        return self in (NodeKind.CHOICE, NodeKind.CHOICES, NodeKind.FORM)

    @property
    def ends(self) -> bool:
        """Say whether a tree ends at a node of this kind."""
        return self in (NodeKind.FLOW, NodeKind.BOT, NodeKind.PERSON, NodeKind.END)


class FieldType(StrEnum):
    """What a field of a form takes.

    date: as 2027-08-31 · pattern: whatever fits the field's pattern, such as an order number.
    """

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"
    DATE = "date"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class ArticleLink:
    """What is sent of an article."""

    id: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose.

    Attributes:
        next: where it leads; the node's own `next` when the file says nothing else.
        line: where the file says it, 1 is the first.
    """

    id: str
    label: str
    next: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form.

    Attributes:
        required: the form is not complete without it.
        private: personal data, for whoever shows, logs or exports it.
        hint: what to write, shown beside it.
        pattern: what the whole value has to match, see `flows.pattern`; only with the type pattern.
        least: the lowest number; None for no bound.
        most: the highest number; None for no bound.
    """

    id: str
    label: str
    type: FieldType = FieldType.TEXT
    required: bool = True
    private: bool = False
    hint: str = ""
    pattern: str = ""
    least: float | None = None
    most: float | None = None
    line: int = 0


class Check(StrEnum):
    """How a condition looks at an answer.

    is: it is one of these · has: at least one of these was chosen · empty, filled: whether there is an answer · below,
    above, at_most, at_least: its number · all, any, not: of the conditions within.
    """

    IS = "is"
    HAS = "has"
    EMPTY = "empty"
    FILLED = "filled"
    BELOW = "below"
    ABOVE = "above"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ALL = "all"
    ANY = "any"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a branch asks of the answers so far.

    Attributes:
        answer: whose: `node` of a choice, `node.field` of a form; empty for all, any and not.
        values: what it is compared with, for is and has.
        number: what it is compared with, for the four that compare numbers.
        inner: the conditions of all, any and not.
    """

    check: Check
    answer: str = ""
    values: tuple[str, ...] = ()
    number: float = 0.0
    inner: tuple[Condition, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """One way out of a branch.

    Attributes:
        when: None fits always.
    """

    when: Condition | None
    next: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """One step of a tree. What its kind does not need stays empty.

    Attributes:
        text: the question of a choice or form, the words of any other kind.
        say: what is said before the question, or before the tree hands over.
        next: where it leads when no option or case says otherwise.
        articles: ids, sent to the customer when the node is reached.
        least: how many options have to be chosen, with several choices.
        most: how many may be chosen, with several choices.
        thanks: what is said when a form is submitted.
        flow: the id of the tree to go to.
        reason: why a person is needed, for whoever takes the conversation.
        skills: what that person should know.
        solved: what this end says of the customer's question; None when it says nothing.
    """

    id: str
    kind: NodeKind
    text: str = ""
    say: str = ""
    next: str = ""
    articles: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    least: int = 1
    most: int = 0
    fields: tuple[FormField, ...] = ()
    thanks: str = ""
    cases: tuple[Case, ...] = ()
    flow: str = ""
    reason: str = ""
    skills: tuple[str, ...] = ()
    solved: bool | None = None
    line: int = 0

    def option(self, ident: str) -> Option | None:
        """Return the option with this id."""
        return next((option for option in self.options if option.id == ident), None)

    def field(self, ident: str) -> FormField | None:
        """Return the field with this id."""
        return next((item for item in self.fields if item.id == ident), None)

    @property
    def targets(self) -> tuple[str, ...]:
        """The nodes that can come after this one, each once, in the file's order; empty names are left out."""
        if self.kind.ends:
            return ()
        ways: tuple[str, ...]
        if self.kind is NodeKind.CHOICE:
            ways = tuple(option.next for option in self.options)
        elif self.kind is NodeKind.BRANCH:
            ways = tuple(case.next for case in self.cases)
        else:
            ways = (self.next,)
        return tuple(dict.fromkeys(filter(None, ways)))


@dataclass(frozen=True, slots=True)
class Flow:
    """A decision tree.

    Attributes:
        id: the file's name without its ending.
        start: the id of the first node.
        nodes: by id, in the file's order.
        topic: what it is about, as the configuration names topics; may be empty.
        region: the country (ISO 3166, two letters) of phone numbers that do not begin with +; may be empty.
        version: of the file's bytes: another one is another tree.
        path: of the file, relative to its folder.
        links: what is sent of the articles, by id; one that is not here is not sent.
    """

    id: str
    title: str
    start: str
    nodes: Mapping[str, Node]
    language: str = "en"
    journey: Journey = Journey.ROUTINE
    topic: str = ""
    region: str = ""
    version: str = ""
    path: str = ""
    links: Mapping[str, ArticleLink] = field(default_factory=dict)
