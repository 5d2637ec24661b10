"""Takes back what one agent did, where that is still possible. Each of these does one write or none.

They run on the store's thread, as `backend.records(unclaim, …)`. All of them first look whether the conversation has
gone on since, and refuse in words when it has; the write itself checks once more who has the conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.errors import StateError, UsageError
from agentassist.models import Author, EntryKind, Event
from agentassist.session.events import from_customer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentassist.errors import AgentAssistError
    from agentassist.models import Entry
    from agentassist.session.desk import Desk, Opened

_OWNERSHIP = {
    Event.CLAIMED: "taken",
    Event.RELEASED: "released",
    Event.CLOSED: "closed",
    Event.REOPENED: "reopened",
    Event.LENT: "handed to a tree",
    Event.RETURNED: "handed back to the bot",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a conversation was closed.

    Attributes:
        seq: the entry that closed it.
        draft: what the agent was still writing then, which closing threw away.
        seen_seq: the last entry they had seen when they wrote it.
    """

    conversation_id: int
    seq: int
    disposition: str
    summary: str
    draft: str = ""
    seen_seq: int = 0


def last_event(entries: Iterable[Entry], event: Event) -> Entry | None:
    """Return the last entry that says so."""
    found = None
    for entry in entries:
        if entry.event is event:
            found = entry
    return found


def close(desk: Desk, conversation_id: int, disposition: str, summary: str, *, draft: str, seen_seq: int) -> Ending:
    """Wrap a conversation up, and return what it takes to open it again as it was.

    Args:
        desk: whose.
        conversation_id: which.
        disposition: the code.
        summary: what it was about.
        draft: what the agent was still writing, which goes.
        seen_seq: the last entry that they have seen.

    Raises:
        UsageError: no disposition.
        StateError: the conversation is not this agent's any more; says who has it.
    """
    before = desk.open(conversation_id).conversation
    desk.close(conversation_id, disposition, summary)
    entry = last_event(desk.entries(conversation_id, before.last_seq), Event.CLOSED)
    seq = entry.seq if entry is not None else before.last_seq
    return Ending(conversation_id, seq, disposition, summary, draft, seen_seq)


def unclaim(desk: Desk, conversation_id: int, seq: int) -> None:
    """Give a conversation back that was claimed with entry `seq`, when nothing was sent since.

    Raises:
        UsageError: a reply was sent since, or somebody else has changed who has it.
        StateError: it is not this agent's any more.
    """
    entries = desk.entries(conversation_id, seq)
    _stay(desk, entries)
    _unanswered(desk, entries, "you claimed it", "Release it instead.")
    desk.release(conversation_id)


def reclaim(desk: Desk, conversation_id: int, seq: int) -> Opened:
    """Take a conversation again that was released with entry `seq`.

    Raises:
        ClaimedError: another agent has it now.
        UsageError: somebody had it meanwhile.
        StateError: it is closed.
    """
    _stay(desk, desk.entries(conversation_id, seq))
    return desk.claim(conversation_id)


def take_back(desk: Desk, conversation_id: int, seq: int, *, draft: str = "", seen_seq: int = 0) -> Opened:
    """Claim a conversation again that was lent to a tree or handed back to the bot with entry `seq`.

    Args:
        desk: whose.
        conversation_id: which.
        seq: the entry that lent it or handed it back.
        draft: what the agent was still writing then, when that went.
        seen_seq: the last entry that they had seen when they wrote it.

    Raises:
        ClaimedError: another agent has it now.
        UsageError: the customer has gone on since, or somebody had it meanwhile.
        StateError: it is closed.
    """
    entries = desk.entries(conversation_id, seq)
    _stay(desk, entries)
    if any(from_customer(entry) for entry in entries):
        raise UsageError("the customer has gone on since", "Claim it to take it back all the same.")
    if draft:
        desk.save_draft(conversation_id, draft, seen_seq)
    return desk.claim(conversation_id)


def unclose(desk: Desk, ending: Ending) -> Opened:
    """Open a conversation again, with the reply that closing threw away.

    The draft is kept before anything else: it comes back even when the conversation cannot.

    Raises:
        UsageError: the customer has written since, or somebody else has opened it.
        StateError: it is not closed.
    """
    if ending.draft:
        desk.save_draft(ending.conversation_id, ending.draft, ending.seen_seq)
    entries = desk.entries(ending.conversation_id, ending.seq)
    _stay(desk, entries)
    if any(entry.author is Author.CUSTOMER for entry in entries):
        raise UsageError("the customer has written since, so it waits in the queue again", "Claim it there.")
    return desk.reopen(ending.conversation_id)


def reclose(desk: Desk, conversation_id: int, seq: int, disposition: str, summary: str) -> None:
    """Close a conversation again that was reopened with entry `seq`, as it was closed before.

    Raises:
        UsageError: a reply was sent or the customer has written since, or somebody else has changed who has it.
        StateError: it is not this agent's any more.
    """
    entries = desk.entries(conversation_id, seq)
    _stay(desk, entries)
    _unanswered(desk, entries, "you reopened it", "Ctrl+W closes it.")
    if any(entry.author is Author.CUSTOMER for entry in entries):
        raise UsageError("the customer has written since", "Ctrl+W closes it all the same.")
    desk.close(conversation_id, disposition, summary)


def reopen(desk: Desk, conversation_id: int) -> tuple[Entry, Opened]:
    """Take a closed conversation up again; return the entry that had closed it, and the conversation.

    Raises:
        NotFoundError: there is no such conversation.
        StateError: it is not closed.
    """
    before = last_event(desk.open(conversation_id).entries, Event.CLOSED)
    if before is None:
        raise StateError("the conversation is not closed", "")
    return before, desk.reopen(conversation_id)


def sentence(error: AgentAssistError) -> str:
    """Return what went wrong and what to do, as sentences."""
    stop = "" if error.message.endswith((".", "!", "?")) else "."
    return f"{error.message}{stop} {error.hint}".strip()


def _stay(desk: Desk, entries: Iterable[Entry]) -> None:
    """Refuse when the conversation has changed hands.

    Raises:
        UsageError: it has.
    """
    moved = [entry for entry in entries if entry.event in _OWNERSHIP]
    if moved and (event := moved[-1].event) is not None:
        who = "you" if moved[-1].author_name == desk.agent else moved[-1].author_name or "somebody"
        raise UsageError(f"it was {_OWNERSHIP[event]} by {who} since")


def _unanswered(desk: Desk, entries: Iterable[Entry], since: str, hint: str) -> None:
    """Refuse when this agent has sent something.

    Raises:
        UsageError: they have.
    """
    said = (EntryKind.MESSAGE, EntryKind.ARTICLE)
    for entry in entries:
        if entry.author is Author.AGENT and entry.kind in said and entry.author_name == desk.agent:
            raise UsageError(f"you have sent a reply since {since}, and a sent reply cannot be taken back", hint)
