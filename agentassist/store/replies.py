"""Sending a reply: everything that it changes, or nothing, in one write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.models import Outcome
from agentassist.store import drafts, queue, suggestions, transcript

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.models import Entry, NewEntry
    from agentassist.protocols import Clock
    from agentassist.store.connection import Connection
    from agentassist.store.suggestions import Picked


class Replies:
    """What an agent sends, and what became of it."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def send(
        self,
        conversation_id: int,
        agent: str,
        entry: NewEntry,
        *,
        seen_seq: int,
        sent: Sequence[Picked] = (),
        keep_draft: bool = False,
    ) -> Entry:
        """Add a reply, mark what it sends as sent and everything as seen, and remove the draft.

        Args:
            conversation_id: whose.
            agent: who sends; it must be theirs.
            entry: the reply.
            seen_seq: the number of the last entry that the agent had on screen.
            sent: the suggestions that are in it; a search that is not in the records yet is kept with it.
            keep_draft: leave the draft where it is.

        Raises:
            NotFoundError: there is no such conversation or suggestion.
            StateError: it is not claimed by `agent`.
            UnseenEntriesError: others wrote after `seen_seq`; names the entries.
            StoreError: nothing was stored.
        """
        with self._connection.write() as write:
            stored = transcript.put_reply(write, self._clock, conversation_id, agent, entry, seen_seq)
            queue.put_seen(write, conversation_id, agent, stored.seq)
            for picked in sent:
                row = suggestions.put_picked(write, self._clock, conversation_id, agent, picked)
                # Sent comes last: it is what became of it in the end.
                for outcome in (Outcome.EDITED, Outcome.SENT) if picked.edited else (Outcome.SENT,):
                    suggestions.put_event(write, self._clock, row, outcome, agent, entry_seq=stored.seq)
            if not keep_draft:
                drafts.remove(write, conversation_id, agent)
            return stored
