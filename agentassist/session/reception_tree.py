"""The decision tree that a customer is in: which one, whether it still asks, and what follows when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.flows.model import NodeKind
from agentassist.flows.track import DONE, EndKind
from agentassist.models import Author, EntryKind, Event, NewEntry, State
from agentassist.session.brief import handoff_data
from agentassist.session.reception_turn import OFFER, URGENT
from agentassist.store.page import Handoff, Wish

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from agentassist.flows.model import Flow
    from agentassist.flows.track import End, Walk
    from agentassist.flows.trees import Trees
    from agentassist.models import Entry, JsonValue

LEFT = frozenset({Event.HANDOFF, Event.CLAIMED, Event.RETURNED, Event.CLOSED, Event.REOPENED})
"""Events after which a tree that was begun before asks nothing more."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A tree and where it stands.

    Attributes:
        trees: all of them, for where it leads.
        live: whether it goes on: nobody has taken the customer out of it.
    """

    trees: Trees
    flow: Flow
    walk: Walk
    live: bool

    @property
    def asks(self) -> bool:
        """Whether a question of it is open."""
        return self.live and self.walk.node is not None


@dataclass(frozen=True, slots=True)
class Next:
    """What follows when a tree has ended.

    Attributes:
        entries: what is said then.
        handoff: a person is needed.
        solved: the customer has what they wanted.
    """

    entries: tuple[NewEntry, ...] = ()
    handoff: Handoff | None = None
    solved: bool = False


def standing(trees: Trees, entries: Sequence[Entry]) -> Standing | None:
    """Return the tree that the conversation is in or was in last; None when there is none, or it is gone."""
    flow, walk = trees.running(entries), trees.walk(entries)
    return Standing(trees, flow, walk, _live(entries)) if flow is not None and walk is not None else None


def shared_form(tree: Standing | None, entries: Sequence[Entry], state: State) -> bool:
    """Say whether a form that the customer has begun goes on although a person has the conversation: both fill it."""
    node = tree.walk.node if tree is not None else None
    if tree is None or node is None or node.kind is not NodeKind.FORM or state in (State.DIGITAL, State.CLOSED):
        return False
    return any(key.startswith(f"{node.id}.") for key in tree.walk.answers) and any(
        entry.kind is EntryKind.FORM for entry in entries
    )


def begin(trees: Trees, ident: str) -> tuple[NewEntry, ...]:
    """Return how a tree begins; nothing when there is none of this id."""
    return trees.begin(ident) if ident in trees.flows else ()


def after(
    tree: Standing, entries: Sequence[Entry | NewEntry], *, lent: bool, bot: str, stakes: Collection[str]
) -> Next:
    """Return what follows once entries were added to a tree.

    Args:
        tree: the tree they were added to.
        entries: of the conversation, the new ones included.
        lent: an agent lent the conversation to it.
        bot: the bot's name.
        stakes: topics at which a person comes first: where the tree asks for one with such a skill.
    """
    walk = tree.trees.walk(entries)
    if walk is None or walk.ended is None:
        return Next()
    flow = tree.trees.running(entries) or tree.flow
    return _ended(flow, walk.ended, entries, lent=lent, bot=bot, stakes=stakes)


def only_submitted(new: Sequence[NewEntry]) -> tuple[NewEntry, ...]:
    """Return of an answer what may be stored while a person has the conversation: the tree says nothing of its own."""
    return tuple(entry for entry in new if entry.author is not Author.BOT or entry.data.get(DONE) is True)


def known_by(new: Sequence[NewEntry]) -> Wish | None:
    """Return what a form tells of the customer, their e-mail address and name; None when it tells neither."""
    told = {str(entry.data.get("type")): entry.text for entry in new if entry.kind is EntryKind.FORM and entry.text}
    names = [entry.text for entry in new if entry.kind is EntryKind.FORM and entry.data.get("field") == "name"]
    name = names[-1].strip() if names else ""
    return Wish(email=told.get("email", ""), name=name) if told.get("email") or name else None


def _ended(
    flow: Flow,
    ended: End,
    entries: Sequence[Entry | NewEntry],
    *,
    lent: bool,
    bot: str,
    stakes: Collection[str],
) -> Next:
    if lent:
        return Next(handoff=Handoff(f"came back from “{flow.title}”", handoff_data(entries, None)))
    if ended.kind is EndKind.PERSON:
        reason = ended.reason or "the tree leads to a person"
        told = handoff_data(entries, None, skills=ended.skills)
        urgent = next((topic for topic in ended.skills if topic in stakes), "")
        return Next(handoff=Handoff(reason, {**told, **URGENT, "stakes": urgent} if urgent else told))
    if ended.kind is EndKind.BOT:
        return Next()  # its words ask for the customer's own, for which the bot waits
    if ended.solved is False:
        data: dict[str, JsonValue] = {"bot": "offer", "offer": "person", "cause": "unresolved"}
        return Next((NewEntry(Author.BOT, EntryKind.MESSAGE, OFFER, bot, data),))
    return Next(solved=ended.solved is True)


def _live(entries: Sequence[Entry]) -> bool:
    for entry in reversed(entries):
        event = entry.event
        if event in (Event.FLOW, Event.BACK):
            return True
        if event in LEFT or (event is Event.WISHED and entry.data.get("wish") == "bot"):
            return False
    return False
