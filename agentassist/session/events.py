"""What happens between tree, bot and person, in words. Pure; outside text is as it is, not yet safe to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.models import Author, EntryKind, Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agentassist.models import Entry

_PLAIN = {
    Event.FLOW: "began the tree",
    Event.BACK: "went back a step in the tree",
    Event.LENT: "handed the customer to a tree",
    Event.RETURNED: "handed the conversation back to the bot",
    Event.OPENED: "opened",
}
_WISHES = {
    "person": "asked for a person",
    "bot": "asked to go on with the bot",
    "email": "asked for an answer by e-mail",
    "callback": "asked to be called back",
    "chat": "asked to go on by chat",
}
BOT_NODES = frozenset({"did-you-mean", "did-it-help", "is-that-all", "talk-to-a-person"})
"""The nodes of the bot's own questions, see `flows.bot`, `session.brief` and `session.reception_turn`."""
_UNREAD = (Event.OPENED, Event.RATED)
_LOAN_ENDS = (Event.CLAIMED, Event.RELEASED, Event.RETURNED, Event.CLOSED, Event.REOPENED)
_HANDS = (*_LOAN_ENDS, Event.LENT, Event.HANDOFF)


def what(entry: Entry) -> str:
    """Return what happened, to stand behind the name of who did it; empty for the events that a desk has words for."""
    event, data = entry.event, entry.data
    if event is Event.WISHED:
        return _WISHES.get(str(data.get("wish")), "said how they want to be helped")
    if event is Event.RATED:
        rating = data.get("rating")
        told = isinstance(rating, int) and not isinstance(rating, bool)
        return f"rated it {rating} of 5" if told else "gave no rating"
    return _PLAIN.get(event, "") if event is not None else ""


def note(entry: Entry) -> str:
    """Return what stands with an event: the tree's title, the article's, the customer's own words, a disposition."""
    if entry.event is Event.OPENED:
        return str(entry.data.get("title") or entry.data.get("article") or "")
    if entry.event in (Event.LENT, Event.BACK):
        return ""  # the tree says its title itself, right after it
    return str(entry.data.get("reason") or entry.data.get("disposition") or entry.text)


def back_note(entry: Entry) -> str:
    """Return what stands with a handoff that ended a loan, beyond that the customer came back."""
    told = note(entry)
    return "" if told.startswith("came back") else told


def wants_reading(entry: Entry) -> bool:
    """Say whether an agent has missed something when they have not seen an entry: not so for what nobody said."""
    return entry.event not in _UNREAD


def answers_the_bot(entry: Entry) -> bool:
    """Say whether an entry answers what the bot has asked, and no question of a tree."""
    return entry.kind is EntryKind.CHOICE and "flow" not in entry.data and entry.data.get("node") in BOT_NODES


def changes_hands(entry: Entry) -> bool:
    """Say whether somebody else may have the conversation after an entry."""
    return entry.event in _HANDS


def from_customer(entry: Entry) -> bool:
    """Say whether the customer said something with an entry that an agent should have read before they go on."""
    return entry.author is Author.CUSTOMER and wants_reading(entry)


def came_back(entries: Iterable[Entry]) -> Mapping[int, str]:
    """Return the handoffs with which a customer came back to the agent who had lent them: the tree's title by number.

    Args:
        entries: of one conversation, in order, from its first.
    """
    found: dict[int, str] = {}
    lent = False
    title = ""
    for entry in entries:
        if entry.kind is not EntryKind.EVENT:
            continue
        if entry.event is Event.LENT:
            lent, title = True, str(entry.data.get("flow") or "")
        elif entry.event is Event.FLOW and lent:
            title = entry.text or title
        elif entry.event is Event.HANDOFF and lent:
            found[entry.seq], lent = title or "a tree", False
        elif entry.event in _LOAN_ENDS:
            lent = False
    return found


def taken_back(entries: Iterable[Entry]) -> frozenset[int]:
    """Return the numbers of the answers that count no more: gone back behind, or a field that was filled again.

    Args:
        entries: of one conversation, in order.
    """
    gone: set[int] = set()
    standing: dict[int, Entry] = {}
    fields: dict[object, int] = {}
    for entry in entries:
        data = entry.data
        if entry.event in (Event.FLOW, Event.BACK):
            flow = data.get("flow")
            run = [seq for seq, answer in standing.items() if answer.data.get("flow") == flow]
            places = [at for at, seq in enumerate(run) if standing[seq].data.get("node") == data.get("node")]
            if entry.event is Event.BACK:
                run = run[places[0] :] if places else []
                gone.update(run)
            for seq in run:
                del standing[seq]
        elif entry.kind in (EntryKind.CHOICE, EntryKind.FORM):
            place = _field(entry)
            before = fields.get(place) if place else None
            if before is not None and standing.pop(before, None) is not None:
                gone.add(before)
            if place:
                fields[place] = entry.seq
            standing[entry.seq] = entry
    return frozenset(gone)


def _field(entry: Entry) -> tuple[str, str, str] | None:
    data = entry.data
    return (str(data.get("flow")), str(data.get("node")), str(data["field"])) if "field" in data else None
