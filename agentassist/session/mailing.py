"""Sending a suggestion by e-mail: what is written, and that it is queued with an entry that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.errors import StateError, UnsendableError, UsageError
from agentassist.models import Author, Customer, EntryKind, JsonValue, NewEntry, Outcome

if TYPE_CHECKING:
    from agentassist.models import Entry
    from agentassist.session.offers import Offer
    from agentassist.store.outbox import Mail
    from agentassist.store.store import Store

SUBJECT_SIZE = 200
PASSAGE_SIZE = 4_000
"""Characters of a passage that go into a mail: the link has the rest."""
VIA = "email"
"""What the data of an entry has as `via` when its article went by e-mail."""


class MailWork:
    """The part of a desk that sends by e-mail."""

    _store: Store
    agent: str

    def send_mail(self, conversation_id: int, offer: Offer, to: str, company: str) -> Entry | None:
        """Queue a suggestion as an e-mail; the conversation says so, and the address is kept when there was none.

        Args:
            conversation_id: whose.
            offer: what is sent.
            to: the address.
            company: who writes, for the end of the mail.

        Returns:
            The entry that says so; None when this is in the outbox already, and nothing was said since.

        Raises:
            UsageError: that is no address.
            UnsendableError: the article must not go to a customer.
            StateError: the conversation is not this agent's.
        """
        address = checked_address(to)
        check_mailable(offer)
        if not self._store.queue.owns(conversation_id, self.agent):
            raise StateError("cannot send: the conversation is not yours", "Claim it first.")
        customer = self._store.queue.get(conversation_id).customer
        hit = offer.hit
        data: dict[str, JsonValue] = {
            "article": hit.article.id,
            "title": hit.article.title,
            "url": hit.link,
            "via": VIA,
        }
        entry = NewEntry(Author.AGENT, EntryKind.ARTICLE, f"Sent by e-mail: {offer.text}", self.agent, data)
        queued = self._store.outbox.queue(
            conversation_id,
            mail_of(offer, address, customer.name, self.agent, company),
            purpose=f"article-{hit.article.id}",
            entries=[entry],
        )
        if not queued:
            return None
        if not customer.email:
            self._store.customers.upsert(Customer(customer.id, "", address))
        if offer.suggestion is not None:
            self._store.suggestions.mark(offer.suggestion.id, Outcome.SENT, self.agent)
        return queued[0]


def checked_address(text: str) -> str:
    """Return an e-mail address without white space around it.

    Raises:
        UsageError: it is none.
    """
    from agentassist.flows.model import FieldType, FormField
    from agentassist.flows.values import problem

    address = text.strip()
    if not address:
        raise UsageError("an e-mail needs an address", "Ask the customer for it.")
    if problem(FormField("email", "E-mail", FieldType.EMAIL), address):
        raise UsageError("this is no e-mail address", "Write one such as name@example.com.")
    return address


def check_mailable(offer: Offer) -> None:
    """Refuse an article that must not go to a customer.

    Raises:
        UnsendableError: it is internal, or has no link.
    """
    if offer.hit.blocked or not offer.hit.link:
        why = offer.hit.blocked or "it has no link"
        raise UnsendableError(f"“{offer.hit.article.title}” cannot be sent: {why}", "Say it in your own words.")


def mail_of(offer: Offer, to: str, name: str, agent: str, company: str) -> Mail:
    """Return a suggestion as an e-mail: the passage that answers, and title and link as they are. Pure.

    Args:
        offer: what is sent.
        to: the address.
        name: the customer's, empty when it is not known.
        agent: who sends.
        company: who writes.
    """
    from agentassist.session.variables import first_name
    from agentassist.store.outbox import Mail

    hit = offer.hit
    called = first_name(name)
    passage = "" if hit.article.verbatim else hit.passage.text.strip()
    if len(passage) > PASSAGE_SIZE:
        passage = f"{passage[:PASSAGE_SIZE].rstrip()} …"
    parts = [
        f"Hello {called}," if called else "Hello,",
        "this is what we spoke about:",
        offer.text,
        passage,
        f"{agent}\n{company}".strip(),
    ]
    subject = " ".join(hit.article.title.split())[:SUBJECT_SIZE]
    return Mail(to, subject, "\n\n".join(part for part in parts if part) + "\n")
