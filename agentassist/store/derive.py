"""Who has a conversation and how far it is, worked out from its entries and nothing else.

This is the rule; the triggers in `schema` do the same while entries are added, and `health` compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agentassist.models import Author, EntryKind, Event, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentassist.models import Entry


@dataclass(frozen=True, slots=True)
class Derived:
    """What the entries of one conversation say of it.

    Attributes:
        agent: who has it while claimed, who lent it while digital, who had it last when closed, else empty.
        since_seq: the entry that brought it into this state, 0 for its start.
        reason: why it was handed over, from the last handoff.
        preview_seq: the last message or article, 0 for none.
        friction: how strained the customer was, from the last handoff, in [0, 1].
    """

    state: State = State.DIGITAL
    agent: str = ""
    since_seq: int = 0
    reason: str = ""
    disposition: str = ""
    last_seq: int = 0
    preview_seq: int = 0
    customer_entries: int = 0
    bot_entries: int = 0
    agent_entries: int = 0
    friction: float = 0.0


def derive(entries: Iterable[Entry]) -> Derived:
    """Work out where a conversation is.

    Args:
        entries: all of one conversation, in order.
    """
    now = Derived()
    for entry in entries:
        now = _after(_counted(now, entry), entry)
    return now


def _counted(now: Derived, entry: Entry) -> Derived:
    return replace(
        now,
        last_seq=entry.seq,
        preview_seq=entry.seq if entry.kind in (EntryKind.MESSAGE, EntryKind.ARTICLE) else now.preview_seq,
        customer_entries=now.customer_entries + (entry.author is Author.CUSTOMER),
        bot_entries=now.bot_entries + (entry.author is Author.BOT),
        agent_entries=now.agent_entries + (entry.author is Author.AGENT),
    )


def _after(now: Derived, entry: Entry) -> Derived:
    """Return the state after one entry."""
    match entry.event:
        case None:
            if entry.author is Author.CUSTOMER and now.state is State.CLOSED:
                return _moved(now, entry, State.WAITING)
        case Event.HANDOFF:
            handed = replace(now, reason=entry.text, friction=friction_of(entry))
            if now.state is not State.DIGITAL:
                return handed
            return _moved(handed, entry, State.CLAIMED if now.agent else State.WAITING, now.agent)
        case Event.CLAIMED:
            return _moved(now, entry, State.CLAIMED, entry.author_name)
        case Event.RELEASED:
            return _moved(now, entry, State.WAITING)
        case Event.LENT:
            return _moved(now, entry, State.DIGITAL, now.agent)
        case Event.RETURNED:
            return _moved(now, entry, State.DIGITAL)
        case Event.CLOSED:
            closed = _moved(now, entry, State.CLOSED, now.agent)
            return replace(closed, disposition=str(entry.data.get("disposition", "")))
        case Event.REOPENED:
            if entry.author is Author.AGENT:
                return _moved(now, entry, State.CLAIMED, entry.author_name)
            return _moved(now, entry, State.WAITING)
        case Event.FOLLOW_UP | Event.FLOW | Event.BACK | Event.WISHED | Event.OPENED | Event.RATED:
            pass
    return now


def friction_of(handoff: Entry) -> float:
    """Return how strained the customer was at a handoff, in [0, 1]; 0 when it does not say."""
    told = handoff.data.get("friction")
    return min(1.0, max(0.0, float(told))) if isinstance(told, int | float) and not isinstance(told, bool) else 0.0


def _moved(now: Derived, entry: Entry, state: State, agent: str = "") -> Derived:
    return replace(now, state=state, agent=agent, since_seq=entry.seq, disposition="")
