"""Links that tell whether an article was opened: /a/TOKEN leads to the article."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.clock import to_stored
from agentassist.models import Author, EntryKind, Event, NewEntry, Outcome
from agentassist.store.rows import storable
from agentassist.store.transcript import put

if TYPE_CHECKING:
    from agentassist.models import Data
    from agentassist.protocols import Clock
    from agentassist.store.connection import Connection

TOKEN_BYTES = 16
"""128 random bits: nobody guesses one."""


@dataclass(frozen=True, slots=True)
class ArticleLink:
    """Where a token leads, and whose it is."""

    token: str
    conversation_id: int
    article_id: str
    title: str
    url: str


class ArticleLinks:
    """One token for each link that a conversation was given."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def make(self, conversation_id: int, article_id: str, title: str, url: str) -> str:
        """Return the token of a link, making it the first time.

        Raises:
            StoreError: there is no such conversation, or nothing was stored.
        """
        key = (conversation_id, storable(article_id), storable(url))
        found = "SELECT token FROM article_links WHERE conversation_id = ? AND article_id = ? AND url = ?"
        known = self._connection.row(found, key)
        if known is not None:
            return str(known["token"])
        with self._connection.write() as write:
            write.run(
                "INSERT INTO article_links (token, conversation_id, article_id, title, url, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    secrets.token_urlsafe(TOKEN_BYTES),
                    *(conversation_id, key[1], storable(title), key[2], to_stored(self._clock.now())),
                ),
            )
            return str(write.rows(found, key)[0]["token"])

    def opened(self, link: ArticleLink) -> bool:
        """Keep that the customer opened a link: once for each article of a conversation, and for what the desk learns.

        Returns:
            Whether it was the first time.

        Raises:
            StoreError: nothing was stored.
        """
        data: Data = {
            "event": Event.OPENED.value,
            "article": link.article_id,
            "title": link.title,
            "url": link.url,
        }
        with self._connection.write() as write:
            known = write.row(
                "SELECT 1 FROM entries WHERE conversation_id = ? AND event = ? AND json_extract(data, '$.article') = ?",
                (link.conversation_id, Event.OPENED, link.article_id),
            )
            if known is not None:
                return False
            entry = NewEntry(Author.CUSTOMER, EntryKind.EVENT, "", data=data)
            (stored,) = put(write, self._clock, link.conversation_id, [entry])
            # Whoever sent it from a suggestion hears of it, too: by nobody's name, which is the customer's.
            write.run(
                "INSERT INTO suggestion_events (suggestion_id, outcome, agent, reason, entry_seq, at) "
                "SELECT g.id, ?, '', '', ?, ? FROM suggestions g JOIN suggestion_events e ON e.suggestion_id = g.id "
                "WHERE g.conversation_id = ? AND g.article_id = ? AND e.outcome IN ('sent', 'edited') "
                "ORDER BY e.id DESC LIMIT 1",
                (Outcome.OPENED, stored.seq, to_stored(stored.at), link.conversation_id, link.article_id),
            )
            return True

    def get(self, token: str) -> ArticleLink | None:
        """Return where a token leads; None for one that there is not."""
        row = self._connection.row(
            "SELECT token, conversation_id, article_id, title, url FROM article_links WHERE token = ?",
            (storable(token),),
        )
        return None if row is None else ArticleLink(*row)
