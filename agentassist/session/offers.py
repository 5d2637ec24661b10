"""What search offers for a conversation, and what an agent does with it: shown, judged, sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentassist.errors import UnsendableError, UsageError
from agentassist.models import Author, EntryKind, JsonValue, NewEntry, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.models import Entry, Hit, Query, SearchResult, Suggestion
    from agentassist.store.store import Store
    from agentassist.store.suggestions import Picked


def _unasked() -> Query:
    from agentassist.store.suggestions import UNASKED

    return UNASKED


@dataclass(frozen=True, slots=True)
class Offer:
    """A hit beside a conversation.

    Attributes:
        suggestion: its row in the records; None while the agent only looks at a conversation that is not theirs.
        query: what was looked for.
        result: what was found with it; None when nobody kept that, and then it cannot be recorded later.
    """

    hit: Hit
    suggestion: Suggestion | None = None
    query: Query = field(default_factory=_unasked)
    result: SearchResult | None = None

    @property
    def text(self) -> str:
        """What is put into the composer: always the title and the link."""
        return f"{self.hit.article.title}\n{self.hit.link}"


def offered(query: Query, result: SearchResult, rows: Sequence[Suggestion] = ()) -> tuple[Offer, ...]:
    """Return what a search found as offers; without rows they are recorded only when one is sent.

    Args:
        query: what was looked for.
        result: what was found.
        rows: the row of each hit in the records, in rank order, or none.
    """
    if not rows:
        return tuple(Offer(hit, None, query, result) for hit in result.hits)
    return tuple(Offer(hit, row, query, result) for hit, row in zip(result.hits, rows, strict=True))


class OfferWork:
    """The part of a desk that offers and sends."""

    _store: Store
    agent: str

    def offer(self, conversation_id: int, query: Query, result: SearchResult) -> tuple[Offer, ...]:
        """Record what was found for a conversation and shown, and return it; only looking records nothing.

        A query that found the same as before for the same entries is not recorded twice.
        """
        if not self._store.queue.owns(conversation_id, self.agent):
            return offered(query, result)
        return offered(query, result, self._store.suggestions.show(conversation_id, self.agent, query, result))

    def judge(self, offer: Offer, outcome: Outcome, reason: str = "") -> None:
        """Keep what became of a suggestion: opened, inserted, dismissed, thumbs up or down, or one of these undone.

        Raises:
            UsageError: the conversation is not this agent's, so the suggestion is not in the records.
        """
        if offer.suggestion is None:
            raise UsageError("this conversation is not yours", "Claim it first.")
        self._store.suggestions.mark(offer.suggestion.id, outcome, self.agent, reason)

    def send(
        self,
        conversation_id: int,
        text: str,
        *,
        seen_seq: int,
        offers: Sequence[Offer] = (),
        keep_draft: bool = False,
    ) -> Entry:
        """Send a reply; once it returns, the reply is on disk.

        Args:
            conversation_id: whose.
            text: exactly what the customer reads.
            seen_seq: the last entry the agent had on screen.
            offers: what was put into the composer; those still in the text count as sent, as edited too when their
                title and link are not as they were put in, and a typed search that found one is recorded with it.
            keep_draft: what the agent is writing meanwhile stays: this text did not come from there.

        Raises:
            UnsendableError: nothing to send, a raw placeholder, an internal article, an edited verbatim one.
            UnseenEntriesError: others wrote after `seen_seq`.
            StateError: the conversation is not this agent's.
        """
        sent = [offer for offer in offers if offer.hit.link and offer.hit.link in text]
        check_sendable(text, offers)
        return self._store.replies.send(
            conversation_id,
            self.agent,
            _reply(text, self.agent, sent),
            seen_seq=seen_seq,
            sent=[_picked(offer, text) for offer in sent if offer.suggestion or offer.result],
            keep_draft=keep_draft,
        )


def check_sendable(text: str, offers: Sequence[Offer] = ()) -> None:
    """Refuse a text that must not go to a customer.

    Raises:
        UnsendableError: nothing to send, a raw placeholder, an internal article, an edited verbatim one.
    """
    from agentassist.kb.snippets import placeholders

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


def _picked(offer: Offer, text: str) -> Picked:
    from agentassist.store.suggestions import Picked

    number = offer.suggestion.id if offer.suggestion else None
    return Picked(number, offer.query, offer.result, offer.hit.rank, edited=offer.text not in text)
