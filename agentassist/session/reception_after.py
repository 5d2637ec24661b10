"""What a customer does beside and after a conversation: typing, opening links, rating it, taking it along."""

from __future__ import annotations

import zoneinfo
from contextlib import suppress
from typing import TYPE_CHECKING

from agentassist.errors import StoreBusyError, UsageError
from agentassist.flows import values
from agentassist.friction.reading import Earlier
from agentassist.models import Author, EntryKind, Event, NewEntry, State
from agentassist.session.reception_view import Public, articles
from agentassist.session.reception_wishes import EMAIL_FIELD
from agentassist.store.outbox import Mail
from agentassist.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentassist.config import Config
    from agentassist.models import Conversation, Data
    from agentassist.session.hours import Calendar
    from agentassist.store.store import Store

MAX_COMMENT = 2_000


class AfterWork:
    """The part of a reception beside what is said."""

    _store: Store
    _config: Config
    _calendar: Calendar
    _bot: str

    def typing(self, conversation_id: int, *, typing: bool) -> None:
        """Keep that the page is open, and whether its customer types.

        Raises:
            NotFoundError: there is no such conversation.
        """
        with suppress(StoreBusyError):  # nobody waits to say this: it is said again in seconds
            self._store.presence.customer_says(conversation_id, typing=typing)

    def open_link(self, token: str, *, counted: bool = True) -> str | None:
        """Return where a link leads, and keep once for each customer that it was opened; None for no link.

        Args:
            token: of the link.
            counted: whether somebody really opens it; False for a look ahead by a browser or a mail program.
        """
        link = self._store.article_links.get(token)
        if link is None:
            return None
        if counted and self._config.serve.count_opens:
            self._store.article_links.opened(link)
        return link.url

    def rate(self, conversation_id: int, rating: int | None, comment: str) -> bool:
        """Take what a customer says of a conversation that has ended: once.

        Args:
            conversation_id: which.
            rating: 1 to 5, the best; None when they would rather not.
            comment: what else they say, at most `MAX_COMMENT` characters.

        Returns:
            Whether it was taken: False when there is one already.

        Raises:
            UsageError: the rating is none, the comment is too long, or the conversation goes on.
            NotFoundError: there is no such conversation.
        """
        if rating is not None and (isinstance(rating, bool) or not 1 <= rating <= 5):
            raise UsageError("A rating is 1 to 5.", "Choose one of them, or skip it.")
        if len(comment) > MAX_COMMENT:
            raise UsageError(f"A comment has at most {MAX_COMMENT:,} characters.", "Shorten it.")
        if self._store.queue.get(conversation_id).state is not State.CLOSED:
            raise UsageError("This conversation is not closed yet.", "Rate it afterwards.")
        data: Data = {"event": Event.RATED.value, "rating": rating}
        text = comment.strip() if rating is not None else ""
        entry = NewEntry(Author.CUSTOMER, EntryKind.EVENT, text, data=data)
        return self._store.page.once(conversation_id, entry, same="") is not None

    def transcript(self, conversation_id: int) -> str:
        """Return the whole conversation as its customer may take it along: plain text, times in their zone.

        Raises:
            NotFoundError: there is no such conversation.
        """
        conversation = self._store.queue.get(conversation_id)
        zone = zoneinfo.ZoneInfo(conversation.customer.timezone or self._calendar.zone)
        began = conversation.started_at.astimezone(zone)
        head = f"Your conversation with {self._config.serve.company}, {began:%d %B %Y}\n"
        return f"{head}\n" + "".join(f"{line}\n" for line in self._lines(conversation, zone))

    def mail_transcript(self, conversation_id: int, address: str) -> bool:
        """Queue the conversation as an e-mail to its customer.

        Returns:
            Whether it was queued: False when it is there already, as it stands now.

        Raises:
            UsageError: the address is not right.
            NotFoundError: there is no such conversation.
        """
        to = values.tidy(address)
        if wrong := values.problem(EMAIL_FIELD, to):
            raise UsageError(wrong, "Correct it, and send it again.")
        mail = Mail(to, f"Your conversation with {self._config.serve.company}", self.transcript(conversation_id))
        return self._store.outbox.queue(conversation_id, mail, purpose="transcript") is not None

    def earlier(self, conversation_id: int) -> tuple[Earlier, ...]:
        """Return the customer's earlier conversations, for the friction meter."""
        customer = self._store.queue.get(conversation_id).customer
        return tuple(
            Earlier(item.id, item.last_at, item.disposition.startswith("solved"))
            for item in self._store.sessions.of_customer(customer.id)
            if item.id != conversation_id
        )

    def _lines(self, conversation: Conversation, zone: zoneinfo.ZoneInfo) -> Iterator[str]:
        public = Public(lambda article: article["url"], self._bot)
        for entry in self._store.transcript.entries(conversation.id):
            shown = public.entry(entry)
            if shown is None:
                continue
            who = {Author.CUSTOMER: "You", Author.SYSTEM: "·"}.get(entry.author, str(shown["name"]) or "Assistant")
            question = f"{shown['question']} → " if shown.get("question") else ""
            words = f"{clean(who)}: {clean(question)}{clean(str(shown['text']))}"
            yield f"{entry.at.astimezone(zone):%H:%M}  {words}".rstrip()
            for sent in articles(entry) if entry.kind is EntryKind.ARTICLE else ():
                yield f"       {clean(sent['title'])}: {clean(sent['url'])}"
