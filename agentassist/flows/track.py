"""Follows a tree through the entries of a conversation: where it stands is worked out, never kept anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from agentassist.flows import conditions
from agentassist.flows.model import NodeKind
from agentassist.models import Author, EntryKind, Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.flows.model import Case, Flow, Node
    from agentassist.models import Entry, NewEntry

DONE = "done"
"""In the data of the bot's thanks: with it a form was submitted."""
CHANGED = "The guide was changed while the customer was in it"
CIRCLE = "The guide goes round in circles here"
NO_CASE = "The guide has no step for these answers"


class EndKind(StrEnum):
    """How a tree ended: with the bot, with a person, with nothing more to do, or in another tree."""

    BOT = "bot"
    PERSON = "person"
    DONE = "done"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class End:
    """What comes after a tree.

    Attributes:
        node: where it ended; empty when the tree itself is at fault.
        reason: why a person is needed; only with `EndKind.PERSON`.
        skills: what that person should know.
        flow: the tree to go to; only with `EndKind.FLOW`.
        solved: what the tree says of the customer's question; None when it says nothing.
    """

    kind: EndKind
    node: str = ""
    reason: str = ""
    skills: tuple[str, ...] = ()
    flow: str = ""
    solved: bool | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, or one field of a form.

    Attributes:
        value: the id of the option, or of several; the text of a field.
        text: as the customer sees it.
        seq: of its entry; 0 when it is not stored yet.
    """

    value: str | tuple[str, ...]
    text: str
    author: Author
    author_name: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a tree stands.

    Attributes:
        flow: the tree's id.
        node: what waits for an answer now; None when the tree has ended.
        ended: how it ended; None while it goes on.
        path: every node gone through, in order, with the open or last one.
        asked: the questions answered on the way, in order.
        answers: what counts now, by `node` and `node.field`.
        earlier: what was answered before the customer went back, and does not count until it is given again.
        can_go_back: whether there is a question to go back to.
        begun: whether the entries hold a run of this tree at all; without one it stands at its beginning.
    """

    flow: str
    node: Node | None
    ended: End | None
    path: tuple[str, ...]
    asked: tuple[str, ...]
    answers: Mapping[str, Answer]
    earlier: Mapping[str, Answer]
    can_go_back: bool
    begun: bool = True


@dataclass(slots=True)
class Step:
    """One question that was answered: where it is in the path, and what was answered."""

    node: str
    place: int
    given: dict[str, Answer]


@dataclass(slots=True)
class Track:
    """A tree while its entries are followed, one by one."""

    flow: Flow
    path: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    earlier: dict[str, Answer] = field(default_factory=dict)
    node: Node | None = None
    ended: End | None = None

    def __post_init__(self) -> None:
        self._enter(self.flow.start)

    def take(self, entry: Entry | NewEntry) -> None:
        """Follow one entry; one that is not of this tree, or does not fit, changes nothing."""
        data = entry.data if isinstance(entry.data, Mapping) else {}
        ident = data.get("node")
        if data.get("flow") != self.flow.id or not isinstance(ident, str):
            return
        if entry.kind is EntryKind.EVENT and data.get("event") == Event.BACK.value:
            self._back(ident)
        elif entry.kind in (EntryKind.CHOICE, EntryKind.FORM) and ident not in self.flow.nodes:
            self._stop(CHANGED)
        elif entry.kind is EntryKind.CHOICE:
            self._choose(ident, data.get("value"), entry)
        elif entry.kind is EntryKind.FORM:
            self._save(ident, data.get("field"), entry)
        elif entry.kind is EntryKind.MESSAGE and data.get(DONE) is True and entry.author is Author.BOT:
            self._submit(ident)

    def walk(self, *, begun: bool = True) -> Walk:
        """Return where the tree stands now."""
        asked = tuple(step.node for step in self.steps)
        answers, earlier = dict(self.answers), dict(self.earlier)
        path = tuple(self.path)
        return Walk(self.flow.id, self.node, self.ended, path, asked, answers, earlier, bool(asked), begun)

    def _choose(self, ident: str, value: object, entry: Entry | NewEntry) -> None:
        node = self.node
        if node is None or node.id != ident or node.kind is NodeKind.FORM:
            return
        chosen: str | tuple[str, ...]
        if node.kind is NodeKind.CHOICE:
            option = node.option(value) if isinstance(value, str) else None
            if option is None:
                return
            chosen, follow = option.id, option.next
        else:
            given = value if isinstance(value, list | tuple) else [value]
            chosen = tuple(item for item in given if isinstance(item, str) and node.option(item))
            if not chosen and node.least:
                return
            follow = node.next
        self._leave(node, {node.id: _answer(chosen, entry)})
        self._enter(follow)

    def _save(self, ident: str, name: object, entry: Entry | NewEntry) -> None:
        node = self.flow.nodes[ident]
        if not isinstance(name, str) or node.field(name) is None:
            return
        key, answer = f"{ident}.{name}", _answer(entry.text, entry)
        self.answers[key] = answer
        # A form that was submitted can still be corrected; the way that was taken stays.
        for step in reversed(self.steps):
            if step.node == ident:
                step.given[key] = answer
                break

    def _submit(self, ident: str) -> None:
        node = self.node
        if node is None or node.id != ident or node.kind is not NodeKind.FORM:
            return
        keys = (f"{node.id}.{item.id}" for item in node.fields)
        self._leave(node, {key: self.answers[key] for key in keys if key in self.answers})
        self._enter(node.next)

    def _leave(self, node: Node, given: dict[str, Answer]) -> None:
        self.steps.append(Step(node.id, len(self.path) - 1, given))
        self.answers.update(given)
        self.earlier = {key: value for key, value in self.earlier.items() if key not in given}

    def _enter(self, ident: str) -> None:
        """Go through nodes until one waits or ends."""
        self.node, self.ended = None, None
        seen: set[str] = set()
        while self.ended is None:
            node = self.flow.nodes.get(ident)
            if node is None or ident in seen:
                self._stop(CHANGED if node is None else CIRCLE)
                return
            seen.add(ident)
            self.path.append(ident)
            if node.kind.waits:
                self.node = node
                return
            if node.kind.ends:
                self.ended = _end(node)
                return
            case = self._case(node) if node.kind is NodeKind.BRANCH else None
            if node.kind is NodeKind.BRANCH and case is None:
                self._stop(NO_CASE)
                return
            ident = case.next if case else node.next

    def _case(self, node: Node) -> Case | None:
        answers = {key: answer.value for key, answer in self.answers.items()}
        fitting = (case for case in node.cases if case.when is None or conditions.holds(case.when, answers))
        return next(fitting, None)

    def _stop(self, reason: str) -> None:
        self.node, self.ended = None, End(EndKind.PERSON, reason=reason)

    def _back(self, ident: str) -> None:
        number = next((n for n in range(len(self.steps) - 1, -1, -1) if self.steps[n].node == ident), None)
        node = self.flow.nodes.get(ident)
        if number is None or node is None:
            return
        place, kept = self.steps[number].place, self.steps[:number]
        gone = {step.node for step in self.steps[number:]} | ({self.node.id} if self.node else set())
        dropped = {key: value for key, value in self.answers.items() if key.partition(".")[0] in gone}
        self.earlier |= dropped
        self.answers = {key: value for key, value in self.answers.items() if key not in dropped}
        for step in kept:
            self.answers |= step.given
        self.steps, self.path = kept, self.path[: place + 1]
        self.node, self.ended = node, None


def follow(flow: Flow, entries: Sequence[Entry | NewEntry]) -> tuple[Track, bool]:
    """Return the tree after the entries of its last run, and whether there is such a run."""
    start = next((n for n in range(len(entries) - 1, -1, -1) if begins(entries[n], flow.id)), None)
    track = Track(flow)
    for entry in entries[start + 1 :] if start is not None else ():
        track.take(entry)
    return track, start is not None


def begins(entry: Entry | NewEntry, flow: str = "") -> str:
    """Return the id of the tree that begins with an entry; empty when none does, or another than `flow`."""
    data = entry.data if isinstance(entry.data, Mapping) else {}
    ident = data.get("flow")
    if entry.kind is not EntryKind.EVENT or data.get("event") != Event.FLOW.value or not isinstance(ident, str):
        return ""
    return ident if flow in ("", ident) else ""


def _answer(value: str | tuple[str, ...], entry: Entry | NewEntry) -> Answer:
    return Answer(value, entry.text, entry.author, entry.author_name, getattr(entry, "seq", 0))


def _end(node: Node) -> End:
    kinds = {
        NodeKind.BOT: EndKind.BOT,
        NodeKind.PERSON: EndKind.PERSON,
        NodeKind.FLOW: EndKind.FLOW,
    }
    return End(kinds.get(node.kind, EndKind.DONE), node.id, node.reason, node.skills, node.flow, node.solved)
