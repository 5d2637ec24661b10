"""Who has a conversation. Every change is an entry; the conversation's state follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.errors import ClaimedError, StateError, UsageError
from agentassist.models import Author, EntryKind, Event, NewEntry, State
from agentassist.store import drafts
from agentassist.store.rows import ENTRY, storable, to_entry
from agentassist.store.transcript import put, require_owner, standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.models import Data, Entry
    from agentassist.protocols import Clock
    from agentassist.store.connection import Connection


class Claims:
    """Claim, release, close, reopen, hand over, hand back."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def claim(self, conversation_id: int, agent: str) -> Entry:
        """Take a conversation. Of several who try at once exactly one gets it.

        Returns:
            The entry that says so; for one's own conversation the earlier one, and nothing is written.

        Raises:
            NotFoundError: there is no such conversation.
            ClaimedError: another agent was first; names who.
            StateError: it is closed.
        """
        with self._connection.write() as write:
            now = standing(write, conversation_id)
            if now.state is State.CLOSED:
                raise StateError("cannot claim: the conversation is closed", "Reopen it instead.")
            if now.state is State.CLAIMED:
                if now.agent != storable(agent):
                    raise ClaimedError(now.agent)
                row = write.row(
                    f"SELECT {ENTRY} FROM entries e WHERE conversation_id = ? AND seq = ?",  # noqa: S608 - constant text
                    (conversation_id, now.since_seq),
                )
                if row is not None:
                    return to_entry(row)
            return self._say(write, conversation_id, Event.CLAIMED, agent)

    def release(self, conversation_id: int, agent: str) -> Entry:
        """Give a conversation back to the queue.

        Raises:
            NotFoundError: there is no such conversation.
            StateError: it is not claimed by `agent`.
        """
        with self._connection.write() as write:
            require_owner(standing(write, conversation_id), agent, "release")
            return self._say(write, conversation_id, Event.RELEASED, agent)

    def close(self, conversation_id: int, agent: str, disposition: str, summary: str) -> Entry:
        """Wrap a conversation up; the entry's text is the summary, its data holds the disposition. The draft goes.

        Raises:
            UsageError: no disposition.
            NotFoundError: there is no such conversation.
            StateError: it is not claimed by `agent`.
        """
        if not disposition:
            raise UsageError("a disposition is required", "Choose how it ended.")
        with self._connection.write() as write:
            require_owner(standing(write, conversation_id), agent, "close")
            data = {"event": Event.CLOSED.value, "disposition": disposition}
            entry = NewEntry(Author.AGENT, EntryKind.EVENT, summary, agent, data)
            drafts.remove(write, conversation_id, agent)
            return put(write, self._clock, conversation_id, [entry])[0]

    def reopen(self, conversation_id: int, agent: str) -> Entry:
        """Take a closed conversation up again; it is then claimed by `agent`.

        Raises:
            NotFoundError: there is no such conversation.
            StateError: it is not closed.
        """
        with self._connection.write() as write:
            now = standing(write, conversation_id)
            if now.state is not State.CLOSED:
                raise StateError("cannot reopen: the conversation is not closed", "Claim it instead.")
            return self._say(write, conversation_id, Event.REOPENED, agent)

    def handoff(self, conversation_id: int, reason: str, data: Data | None = None) -> Entry:
        """Hand a conversation over to a person; the entry's text is the reason.

        From the tree or the bot it goes to the queue, or back to the agent who lent it there. One that waits already,
        or that an agent has, stays where it is.

        Args:
            conversation_id: which.
            reason: why, in words.
            data: what an agent should see at once, as `session.brief` reads it.

        Raises:
            NotFoundError: there is no such conversation.
            StateError: it is closed.
        """
        with self._connection.write() as write:
            if standing(write, conversation_id).state is State.CLOSED:
                raise StateError("cannot hand over: the conversation is closed", "Reopen it instead.")
            return put(write, self._clock, conversation_id, [handoff_entry(reason, data)])[0]

    def lend(self, conversation_id: int, agent: str, flow: str, then: Sequence[NewEntry]) -> tuple[Entry, ...]:
        """Hand the customer to a decision tree; the next handoff gives the conversation back to `agent`.

        Args:
            conversation_id: which.
            agent: who has it.
            flow: the tree's id.
            then: how the tree begins.

        Raises:
            NotFoundError: there is no such conversation.
            StateError: it is not claimed by `agent`.
        """
        with self._connection.write() as write:
            require_owner(standing(write, conversation_id), agent, "hand over to a tree")
            data: Data = {"event": Event.LENT.value, "flow": flow}
            lent = NewEntry(Author.AGENT, EntryKind.EVENT, "", agent, data)
            return put(write, self._clock, conversation_id, [lent, *then])

    def return_to_bot(self, conversation_id: int, agent: str) -> Entry:
        """Hand a conversation back to the bot for good.

        Raises:
            NotFoundError: there is no such conversation.
            StateError: it is not claimed by `agent`.
        """
        with self._connection.write() as write:
            require_owner(standing(write, conversation_id), agent, "hand back")
            drafts.remove(write, conversation_id, agent)
            return self._say(write, conversation_id, Event.RETURNED, agent)

    def _say(self, write: Connection, conversation_id: int, event: Event, agent: str) -> Entry:
        entry = NewEntry(Author.AGENT, EntryKind.EVENT, "", agent, {"event": event.value})
        return put(write, self._clock, conversation_id, [entry])[0]


def handoff_entry(reason: str, data: Data | None = None) -> NewEntry:
    """Return the entry that hands a conversation over to a person; see `Claims.handoff`."""
    return NewEntry(Author.SYSTEM, EntryKind.EVENT, reason, data={**(data or {}), "event": Event.HANDOFF.value})
