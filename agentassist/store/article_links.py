"""Links that tell whether an article was opened: /a/TOKEN leads to the article."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.clock import to_stored
from agentassist.store.rows import storable

if TYPE_CHECKING:
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

    def get(self, token: str) -> ArticleLink | None:
        """Return where a token leads; None for one that there is not."""
        row = self._connection.row(
            "SELECT token, conversation_id, article_id, title, url FROM article_links WHERE token = ?",
            (storable(token),),
        )
        return None if row is None else ArticleLink(*row)
