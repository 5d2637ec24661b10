"""What one agent can do with the records. Everything a desk shows is read back from the store through here."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agentassist.errors import UsageError
from agentassist.models import State
from agentassist.session.crossing import CrossingWork
from agentassist.session.forms import FormWork
from agentassist.session.mailing import MailWork
from agentassist.session.offers import Offer, OfferWork, check_sendable, offered
from agentassist.session.past import PastWork
from agentassist.session.promises import PromiseWork
from agentassist.session.whereabouts import WhereaboutsWork

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentassist.models import Conversation, Draft, Entry, FollowUp, Presence
    from agentassist.store.store import Store

__all__ = ["Desk", "Offer", "Opened", "Overview", "check_sendable", "offered"]


@dataclass(frozen=True, slots=True)
class Overview:
    """What the queue shows.

    Attributes:
        waiting: handed over and not claimed, by waiting time and friction.
        mine: claimed by this agent or lent by them to a tree, the longest first.
        follow_ups: this agent's open ones, whoever set them, the next first.
        names: what the customers of the follow-ups are called, by customer id.
        others: claimed by other agents, the one that changed last first; at most 50.
        present: the other desks that are open, by the conversation that they look at.
        trees: what the trees are called that own conversations are lent to, by conversation.
    """

    waiting: tuple[Conversation, ...]
    mine: tuple[Conversation, ...]
    follow_ups: tuple[FollowUp, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    others: tuple[Conversation, ...] = ()
    present: Mapping[int, tuple[Presence, ...]] = field(default_factory=dict)
    trees: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation as a desk shows it.

    Attributes:
        earlier: the customer's other conversations, newest first.
        seen_seq: the last entry that this agent had seen before, 0 when they never had the conversation.
    """

    conversation: Conversation
    entries: tuple[Entry, ...]
    draft: Draft | None
    follow_ups: tuple[FollowUp, ...]
    earlier: tuple[Conversation, ...]
    seen_seq: int = 0


class Desk(OfferWork, PromiseWork, WhereaboutsWork, PastWork, CrossingWork, FormWork, MailWork):
    """One agent's hands on the records. Lives on the thread that owns the store."""

    def __init__(self, store: Store, agent: str) -> None:
        self._store = store
        self.agent = agent
        # Two desks may have the same agent, and the same process number in two containers.
        self._name = os.urandom(8).hex()

    def overview(self) -> Overview:
        """Return the queue of this agent."""
        follow_ups = self._store.followups.list(owner=self.agent)
        mine = self._store.queue.mine(self.agent)
        return Overview(
            waiting=self._store.queue.waiting(self.agent),
            mine=mine,
            follow_ups=follow_ups,
            names=self.names(follow_ups),
            others=self._store.queue.others(self.agent),
            present=self._present(),
            trees=self._store.queue.trees(item.id for item in mine if item.state is State.DIGITAL),
        )

    def open(self, conversation_id: int) -> Opened:
        """Return a conversation. Looking leaves no trace; see `seen`.

        Raises:
            NotFoundError: there is no such conversation.
        """
        conversation = self._store.queue.get(conversation_id, self.agent)
        earlier = self._store.sessions.of_customer(conversation.customer.id)
        return Opened(
            conversation=conversation,
            entries=self._store.transcript.entries(conversation_id),
            draft=self._store.drafts.get(conversation_id, self.agent),
            follow_ups=self._store.followups.list(conversation_id=conversation_id),
            earlier=tuple(other for other in earlier if other.id != conversation_id),
            seen_seq=self._store.queue.seen(conversation_id, self.agent),
        )

    def recent(self, limit: int = 200) -> tuple[Conversation, ...]:
        """Return conversations in any state, the one in which something was said last first."""
        return self._store.sessions.recent(limit)

    def entries(self, conversation_id: int, after: int) -> tuple[Entry, ...]:
        """Return what was said after entry number `after`."""
        return self._store.transcript.entries(conversation_id, after=after)

    def seen(self, conversation_id: int, seq: int) -> None:
        """Keep that this agent has seen everything up to `seq`, when the conversation is theirs."""
        if self._store.queue.owns(conversation_id, self.agent):
            self._store.queue.mark_seen(conversation_id, self.agent, seq)

    def claim(self, conversation_id: int) -> Opened:
        """Take a conversation. What is returned still tells what this agent had seen before.

        Raises:
            ClaimedError: another agent was first.
            StateError: it is closed.
        """
        before = self._store.queue.seen(conversation_id, self.agent)
        entry = self._store.claims.claim(conversation_id, self.agent)
        self._store.queue.mark_seen(conversation_id, self.agent, entry.seq)
        return replace(self.open(conversation_id), seen_seq=before)

    def release(self, conversation_id: int) -> None:
        """Give a conversation back to the queue.

        Raises:
            StateError: it is not this agent's.
        """
        self._store.claims.release(conversation_id, self.agent)

    def save_draft(self, conversation_id: int, text: str, seen_seq: int) -> None:
        """Keep what the agent is writing; nothing written means no draft."""
        if text:
            self._store.drafts.save(conversation_id, self.agent, text, seen_seq)
        else:
            self._store.drafts.delete(conversation_id, self.agent)

    def close(self, conversation_id: int, disposition: str, summary: str) -> None:
        """Wrap a conversation up.

        Raises:
            UsageError: no disposition.
            StateError: the conversation is not this agent's.
        """
        if not disposition:
            raise UsageError("a disposition is required", "Choose how it ended.")
        self._store.claims.close(conversation_id, self.agent, disposition, summary)

    def reopen(self, conversation_id: int) -> Opened:
        """Take a closed conversation up again.

        Raises:
            StateError: it is not closed.
        """
        self._store.claims.reopen(conversation_id, self.agent)
        return self.open(conversation_id)
