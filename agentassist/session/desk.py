"""What one agent can do with the records. Everything a desk shows is read back from the store through here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentassist.errors import UnsendableError, UsageError
from agentassist.kb.snippets import placeholders
from agentassist.models import Author, EntryKind, JsonValue, NewEntry, Outcome, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentassist.models import (
        Conversation,
        Draft,
        Entry,
        FollowUp,
        Hit,
        Query,
        SearchResult,
        Suggestion,
    )
    from agentassist.session.when import When
    from agentassist.store.store import Store


@dataclass(frozen=True, slots=True)
class Overview:
    """What the queue shows.

    Attributes:
        waiting: handed over and not claimed, oldest first.
        mine: claimed by this agent, the longest first.
        follow_ups: this agent's open ones, the next first.
        names: what the customers of the follow-ups are called, by customer id.
    """

    waiting: tuple[Conversation, ...]
    mine: tuple[Conversation, ...]
    follow_ups: tuple[FollowUp, ...]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation as a desk shows it.

    Attributes:
        earlier: the customer's other conversations, newest first.
    """

    conversation: Conversation
    entries: tuple[Entry, ...]
    draft: Draft | None
    follow_ups: tuple[FollowUp, ...]
    earlier: tuple[Conversation, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A hit beside a conversation.

    Attributes:
        suggestion: its row in the records; None while the agent only looks at a conversation that is not theirs.
    """

    hit: Hit
    suggestion: Suggestion | None = None

    @property
    def text(self) -> str:
        """What is put into the composer: always the title and the link."""
        return f"{self.hit.article.title}\n{self.hit.link}"


class Desk:
    """One agent's hands on the records. Lives on the thread that owns the store."""

    def __init__(self, store: Store, agent: str) -> None:
        self._store = store
        self.agent = agent

    def overview(self) -> Overview:
        """Return the queue of this agent."""
        follow_ups = self._store.followups.list(owner=self.agent)
        customers = {item.customer_id for item in follow_ups if item.customer_id is not None}
        return Overview(
            waiting=self._store.queue.waiting(self.agent),
            mine=self._store.queue.mine(self.agent),
            follow_ups=follow_ups,
            names={number: self._store.customers.get(number).name for number in customers},
        )

    def open(self, conversation_id: int) -> Opened:
        """Return a conversation. Looking leaves no trace; see `seen`.

        Raises:
            NotFoundError: there is no such conversation.
        """
        conversation = self._store.queue.get(conversation_id, self.agent)
        follow_ups = self._store.followups.list()
        earlier = self._store.sessions.of_customer(conversation.customer.id)
        return Opened(
            conversation=conversation,
            entries=self._store.transcript.entries(conversation_id),
            draft=self._store.drafts.get(conversation_id, self.agent),
            follow_ups=tuple(item for item in follow_ups if item.conversation_id == conversation_id),
            earlier=tuple(other for other in earlier if other.id != conversation_id),
        )

    def entries(self, conversation_id: int, after: int) -> tuple[Entry, ...]:
        """Return what was said after entry number `after`."""
        return self._store.transcript.entries(conversation_id, after=after)

    def seen(self, conversation_id: int, seq: int) -> None:
        """Keep that this agent has seen everything up to `seq`, when the conversation is theirs."""
        conversation = self._store.queue.get(conversation_id, self.agent)
        if self._owns(conversation) and conversation.unread:
            self._store.queue.mark_seen(conversation_id, self.agent, seq)

    def claim(self, conversation_id: int) -> Opened:
        """Take a conversation.

        Raises:
            ClaimedError: another agent was first.
            StateError: it is closed.
        """
        entry = self._store.claims.claim(conversation_id, self.agent)
        self._store.queue.mark_seen(conversation_id, self.agent, entry.seq)
        return self.open(conversation_id)

    def release(self, conversation_id: int) -> None:
        """Give a conversation back to the queue.

        Raises:
            StateError: it is not this agent's.
        """
        self._store.claims.release(conversation_id, self.agent)

    def offer(self, conversation_id: int, query: Query, result: SearchResult) -> tuple[Offer, ...]:
        """Record what was found for a conversation and shown, and return it; only looking records nothing.

        A query that found the same as before for the same entries is not recorded twice.
        """
        conversation = self._store.queue.get(conversation_id, self.agent)
        if not self._owns(conversation):
            return tuple(Offer(hit) for hit in result.hits)
        rows = self._same_as_before(conversation_id, query, result)
        if not rows:
            rows = self._store.suggestions.record(conversation_id, query, result)
        for row in rows:
            self._store.suggestions.mark(row.id, Outcome.SHOWN, self.agent)
        return tuple(Offer(hit, row) for hit, row in zip(result.hits, rows, strict=True))

    def judge(self, offer: Offer, outcome: Outcome, reason: str = "") -> None:
        """Keep what became of a suggestion: inserted, dismissed, thumbs up or down.

        Raises:
            UsageError: the conversation is not this agent's, so the suggestion is not in the records.
        """
        if offer.suggestion is None:
            raise UsageError("this conversation is not yours", "Claim it first.")
        self._store.suggestions.mark(offer.suggestion.id, outcome, self.agent, reason)

    def send(self, conversation_id: int, text: str, *, seen_seq: int, offers: Sequence[Offer] = ()) -> Entry:
        """Send a reply; once it returns, the reply is on disk.

        Args:
            conversation_id: whose.
            text: exactly what the customer reads.
            seen_seq: the last entry the agent had on screen.
            offers: what was put into the composer; those still in the text count as sent.

        Raises:
            UnsendableError: nothing to send, a raw placeholder, an internal article, an edited verbatim one.
            UnseenEntriesError: others wrote after `seen_seq`.
            StateError: the conversation is not this agent's.
        """
        sent = [offer for offer in offers if offer.hit.link and offer.hit.link in text]
        check_sendable(text, offers)
        entry = self._store.transcript.send(
            conversation_id, self.agent, _reply(text, self.agent, sent), seen_seq=seen_seq
        )
        self._store.queue.mark_seen(conversation_id, self.agent, entry.seq)
        for offer in sent:
            if offer.suggestion is not None:
                self._store.suggestions.mark(offer.suggestion.id, Outcome.SENT, self.agent, entry_seq=entry.seq)
        self._store.drafts.delete(conversation_id, self.agent)
        return entry

    def save_draft(self, conversation_id: int, text: str, seen_seq: int) -> None:
        """Keep what the agent is writing; nothing written means no draft."""
        if text:
            self._store.drafts.save(conversation_id, self.agent, text, seen_seq)
        else:
            self._store.drafts.delete(conversation_id, self.agent)

    def follow_up(self, conversation_id: int, when: When, note: str, *, only_if_no_reply: bool = False) -> FollowUp:
        """Promise to come back at a time.

        Raises:
            UsageError: the time is past.
        """
        conversation = self._store.queue.get(conversation_id, self.agent)
        return self._store.followups.add(
            conversation_id,
            conversation.customer.id,
            self.agent,
            note,
            when.due,
            when.zone,
            when.wall,
            only_if_no_reply=only_if_no_reply,
        )

    def finish_follow_up(self, follow_up_id: int) -> None:
        """Tick a follow-up off."""
        self._store.followups.done(follow_up_id)

    def close(self, conversation_id: int, disposition: str, summary: str) -> None:
        """Wrap a conversation up.

        Raises:
            UsageError: no disposition.
            StateError: the conversation is not this agent's.
        """
        if not disposition:
            raise UsageError("a disposition is required", "Choose how it ended.")
        self._store.claims.close(conversation_id, self.agent, disposition, summary)
        self._store.drafts.delete(conversation_id, self.agent)

    def reopen(self, conversation_id: int) -> Opened:
        """Take a closed conversation up again.

        Raises:
            StateError: it is not closed.
        """
        self._store.claims.reopen(conversation_id, self.agent)
        return self.open(conversation_id)

    def _owns(self, conversation: Conversation) -> bool:
        return conversation.state is State.CLAIMED and conversation.agent == self.agent

    def _same_as_before(self, conversation_id: int, query: Query, result: SearchResult) -> tuple[Suggestion, ...]:
        found = [(hit.rank, hit.article.id, hit.link) for hit in result.hits]
        rows = [row for row in self._store.suggestions.of(conversation_id) if row.seq == query.seq]
        last = tuple(rows[len(rows) - len(found) :]) if found else ()
        return last if [(row.rank, row.article_id, row.url) for row in last] == found else ()


def check_sendable(text: str, offers: Sequence[Offer] = ()) -> None:
    """Refuse a text that must not go to a customer.

    Raises:
        UnsendableError: nothing to send, a raw placeholder, an internal article, an edited verbatim one.
    """
    if not text.strip():
        raise UnsendableError("there is nothing to send", "Write something first.")
    for raw in placeholders(text)[:1]:
        raise UnsendableError(
            f"the placeholder {text[raw.start : raw.end]} is not filled in",
            "Fill it in or remove it.",
            start=raw.start,
            end=raw.end,
        )
    for offer in offers:
        article = offer.hit.article
        mentioned = (offer.hit.link and offer.hit.link in text) or article.title in text
        if mentioned and offer.hit.blocked:
            start = max(text.find(article.title), 0)
            raise UnsendableError(
                f"“{article.title}” cannot be sent: {offer.hit.blocked}",
                "Remove it, and say what the customer needs in your own words.",
                start=start,
                end=start + len(article.title),
            )
        if mentioned and article.verbatim and offer.text not in text:
            raise UnsendableError(
                f"“{article.title}” must be sent as it is",
                "Put it in again and leave its title and link unchanged.",
            )


def _reply(text: str, agent: str, sent: Sequence[Offer]) -> NewEntry:
    if not sent:
        return NewEntry(Author.AGENT, EntryKind.MESSAGE, text, agent)
    named: list[dict[str, JsonValue]] = [
        {"article": offer.hit.article.id, "title": offer.hit.article.title, "url": offer.hit.link} for offer in sent
    ]
    data: dict[str, JsonValue] = dict(named[0])
    if len(named) > 1:
        data["also"] = list[JsonValue](named[1:])
    return NewEntry(Author.AGENT, EntryKind.ARTICLE, text, agent, data)
