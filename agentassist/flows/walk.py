"""The engine of decision trees: what a conversation's entries mean, and which entries come next.

Pure: it keeps nothing, stores nothing and never asks for the time. Every function takes the entries of a conversation,
in order, stored or not yet, and works out the rest. What comes back is appended by the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from agentassist.errors import FlowError, FlowInputError, StaleNodeError
from agentassist.flows import values
from agentassist.flows.model import NodeKind
from agentassist.flows.prompt import Prompt, prompt
from agentassist.flows.track import DONE, Answer, End, EndKind, Walk, begins, follow
from agentassist.models import Author, EntryKind, Event, NewEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentassist.flows.model import Flow, FormField, Node
    from agentassist.models import Entry, JsonValue

__all__ = [
    "Answer", "End", "EndKind", "FieldState", "FormState", "Given", "Prompt", "Walk", "answer", "back", "begin", "fill",
    "form_state", "prompt", "running", "walk",
]  # fmt: skip

Given: TypeAlias = "str | Sequence[str] | Mapping[str, str]"
"""An answer: the id of an option, the ids of several, or the texts of a form by field."""
_CHOOSE = "Please choose one of the answers."


@dataclass(frozen=True, slots=True)
class FieldState:
    """One field of a form as it stands.

    Attributes:
        value: as it was said last; empty when it was not, or was skipped.
        author: who said it; None when nobody did.
        seq: of its entry; 0 when there is none, or it is not stored yet.
        problem: why the form is not complete with it, in words for whoever fills it; empty when it is right.
    """

    field: FormField
    value: str
    author: Author | None
    author_name: str
    seq: int
    problem: str


@dataclass(frozen=True, slots=True)
class FormState:
    """A form as it stands, whoever filled what of it.

    Attributes:
        open: whether it waits to be submitted.
        complete: whether every required field is there, and every field right.
    """

    node: str
    fields: tuple[FieldState, ...]
    open: bool
    complete: bool


def walk(flow: Flow, entries: Sequence[Entry | NewEntry]) -> Walk:
    """Return where a tree stands after its last run in these entries. Never raises, whatever they hold."""
    track, begun = follow(flow, entries)
    return track.walk(begun=begun)


def running(entries: Sequence[Entry | NewEntry]) -> str:
    """Return the id of the tree that the conversation is in, or was in last; empty when there was none.

    It is the one of the last entry that begins a tree or goes back in one: going back may lead to the tree before.
    """
    for entry in reversed(entries):
        data = entry.data if isinstance(entry.data, Mapping) else {}
        back_in = data.get("flow") if data.get("event") == Event.BACK.value else None
        if entry.kind is EntryKind.EVENT and isinstance(back_in, str):
            return back_in
        if ident := begins(entry):
            return ident
    return ""


def begin(flow: Flow) -> tuple[NewEntry, ...]:
    """Return what begins a tree: its event, and what it says until it waits or ends."""
    data: dict[str, JsonValue] = {"event": Event.FLOW.value, "flow": flow.id, "version": flow.version}
    track, _ = follow(flow, ())
    return (NewEntry(Author.BOT, EntryKind.EVENT, flow.title, data=data), *_said(flow, track.path))


def answer(
    flow: Flow,
    entries: Sequence[Entry | NewEntry],
    node: str,
    given: Given,
    *,
    author: Author,
    author_name: str = "",
    region: str = "",
) -> tuple[NewEntry, ...]:
    """Return an answer to the open question, and what the tree says then until it waits or ends.

    Args:
        flow: the tree.
        entries: of the conversation.
        node: the question that was answered, as whoever answered saw it.
        given: the id of an option; the ids of several; or the texts of a form by field: what is left out keeps what was
            saved, and an empty one is skipped.
        author: who answered.
        author_name: the agent's name.
        region: the country of the customer's phone numbers, two letters; empty for the tree's.

    Raises:
        StaleNodeError: that question is not open any more.
        FlowInputError: something is not right; names all fields at once.
    """
    track, _ = follow(flow, entries)
    asked = track.node
    if asked is None or asked.id != node:
        raise StaleNodeError(asked.id if asked else "")
    if asked.kind is NodeKind.FORM:
        saved = {
            item.id: track.answers[key].text for item in asked.fields if (key := f"{node}.{item.id}") in track.answers
        }
        new = _submit(flow, asked, saved, given, (author, author_name, region or flow.region))
    else:
        new = (_chosen(flow, asked, given, (author, author_name)),)
    place = len(track.path)
    for entry in new:
        track.take(entry)
    return (*new, *_new_said(flow, track.path[place:], entries))


def fill(
    flow: Flow,
    entries: Sequence[Entry | NewEntry],
    node: str,
    field: str,
    value: str,
    *,
    author: Author,
    author_name: str = "",
    region: str = "",
) -> tuple[NewEntry, ...]:
    """Return one field of a form, saved by itself; nothing when it has that value already.

    The customer fills the form that is open; an agent also one that was gone through, after a handoff too.

    Raises:
        StaleNodeError: there is no such form to fill.
        FlowInputError: the value is not right.
    """
    track, _ = follow(flow, entries)
    form = flow.nodes.get(node)
    is_open = track.node is not None and track.node.id == node
    item = form.field(field) if form is not None else None
    if form is None or item is None or not (is_open or (author is Author.AGENT and node in track.path)):
        raise StaleNodeError(track.node.id if track.node else "")
    text = values.tidy(value) if isinstance(value, str) else ""
    wrong = values.problem(item, text, region or flow.region)
    if wrong:
        raise FlowInputError({field: wrong})
    saved = track.answers.get(f"{node}.{field}")
    if saved is not None and saved.text == text:
        return ()
    return (_filled(flow, form, item, text, (author, author_name)),)


def form_state(flow: Flow, entries: Sequence[Entry | NewEntry], node: str, *, region: str = "") -> FormState:
    """Return a form with the value and author of each field, whether it is open or not.

    Raises:
        StaleNodeError: the tree has no such form.
    """
    track, _ = follow(flow, entries)
    form = flow.nodes.get(node)
    if form is None or form.kind is not NodeKind.FORM:
        raise StaleNodeError(track.node.id if track.node else "")
    states = []
    for item in form.fields:
        saved = track.answers.get(f"{node}.{item.id}")
        text = saved.text if saved else ""
        wrong = values.problem(item, text, region or flow.region)
        author, name, seq = (saved.author, saved.author_name, saved.seq) if saved else (None, "", 0)
        states.append(FieldState(item, text, author, name, seq, wrong))
    is_open = track.node is not None and track.node.id == node
    return FormState(node, tuple(states), is_open, not any(state.problem for state in states))


def back(
    flow: Flow, entries: Sequence[Entry | NewEntry], *, author: Author = Author.CUSTOMER, author_name: str = ""
) -> tuple[NewEntry, ...]:
    """Return one step back, with what was said before that question. What was answered since counts no more.

    Raises:
        FlowError: there is no question to go back to.
    """
    track, _ = follow(flow, entries)
    if not track.steps:
        raise FlowError("this is the first question", "Answer it, or ask for a person.")
    step = track.steps[-1]
    before = track.steps[-2].place + 1 if len(track.steps) > 1 else 0
    data: dict[str, JsonValue] = {"event": Event.BACK.value, "flow": flow.id, "node": step.node}
    again = _said(flow, track.path[before : step.place + 1])
    # The articles are still there to read above.
    words = tuple(entry for entry in again if entry.kind is EntryKind.MESSAGE)
    return (NewEntry(author, EntryKind.EVENT, "", author_name, data), *words)


def _said(flow: Flow, path: Sequence[str]) -> tuple[NewEntry, ...]:
    """Return what the nodes of a path say and send."""
    return tuple(entry for ident in path for entry in _says(flow, flow.nodes[ident]))


def _new_said(flow: Flow, path: Sequence[str], entries: Sequence[Entry | NewEntry]) -> tuple[NewEntry, ...]:
    """Return what the nodes of a path say and send, without the articles that they sent before."""
    sent = {_sent(entry) for entry in entries if entry.kind is EntryKind.ARTICLE}
    return tuple(
        entry for entry in _said(flow, path) if entry.kind is not EntryKind.ARTICLE or _sent(entry) not in sent
    )


def _sent(entry: Entry | NewEntry) -> tuple[str, ...]:
    data = entry.data if isinstance(entry.data, Mapping) else {}
    return tuple(str(data.get(key)) for key in ("flow", "node", "article"))


def _says(flow: Flow, node: Node) -> Iterator[NewEntry]:
    place: dict[str, JsonValue] = {"flow": flow.id, "node": node.id}
    words = node.say or ("" if node.kind.waits else node.text)
    if words:
        yield NewEntry(Author.BOT, EntryKind.MESSAGE, words, data=place)
    for ident in node.articles:
        if link := flow.links.get(ident):
            sent: dict[str, JsonValue] = {"article": link.id, "title": link.title, "url": link.url}
            yield NewEntry(Author.BOT, EntryKind.ARTICLE, f"{link.title}\n{link.url}", data={**sent, **place})


def _chosen(flow: Flow, node: Node, given: object, author: tuple[Author, str]) -> NewEntry:
    wanted = [given] if isinstance(given, str) else given
    if isinstance(wanted, Mapping) or not isinstance(wanted, list | tuple):
        raise FlowInputError({"": _CHOOSE})
    # In the tree's order, each once, whatever order they were ticked in.
    options = [option for option in node.options if option.id in wanted]
    if any(not isinstance(item, str) or node.option(item) is None for item in wanted):
        raise FlowInputError({"": _CHOOSE})
    least, most = (1, 1) if node.kind is NodeKind.CHOICE else (node.least, node.most)
    if len(options) < least:
        raise FlowInputError({"": _CHOOSE if least == 1 else f"Please choose at least {least}."})
    if len(options) > most:
        raise FlowInputError({"": _CHOOSE if most == 1 else f"Please choose at most {most}."})
    value: JsonValue = options[0].id if node.kind is NodeKind.CHOICE else [option.id for option in options]
    data: dict[str, JsonValue] = {"flow": flow.id, "node": node.id, "question": node.text, "value": value}
    return NewEntry(author[0], EntryKind.CHOICE, ", ".join(option.label for option in options), author[1], data)


def _submit(
    flow: Flow, node: Node, saved: Mapping[str, str], given: object, who: tuple[Author, str, str]
) -> tuple[NewEntry, ...]:
    """Return the fields that were given and are new, and the thanks with which the form is submitted."""
    if not isinstance(given, Mapping):
        raise FlowInputError({"": "Please fill in the form."})
    wrong: dict[str, str] = {}
    new: list[NewEntry] = []
    for item in node.fields:
        said = given.get(item.id, saved.get(item.id, ""))
        text = values.tidy(said) if isinstance(said, str) else ""
        if problem := values.problem(item, text, who[2]):
            wrong[item.id] = problem
        elif item.id in given and saved.get(item.id) != text:
            new.append(_filled(flow, node, item, text, who[:2]))
    unknown = [str(key)[:80] for key in given if not isinstance(key, str) or node.field(key) is None]
    wrong.update(dict.fromkeys(unknown, "There is no such field."))
    if wrong:
        raise FlowInputError(wrong)
    data: dict[str, JsonValue] = {"flow": flow.id, "node": node.id, DONE: True}
    if who[0] is Author.AGENT:
        data["agent"] = who[1]
    return (*new, NewEntry(Author.BOT, EntryKind.MESSAGE, node.thanks, data=data))


def _filled(flow: Flow, node: Node, item: FormField, text: str, author: tuple[Author, str]) -> NewEntry:
    data: dict[str, JsonValue] = {"flow": flow.id, "node": node.id, "field": item.id, "question": item.label}
    data |= {"type": item.type.value, "private": item.private}
    return NewEntry(author[0], EntryKind.FORM, text, author[1], data)
