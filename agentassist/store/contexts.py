"""What was asked in each search, as a vector: what a later search is compared with. Vectors only, never words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.clock import to_stored
from agentassist.store import similar
from agentassist.store.rows import storable

if TYPE_CHECKING:
    from agentassist.protocols import Clock
    from agentassist.store.connection import Connection


def put(write: Connection, search_id: int, model: str, vector: bytes) -> None:
    """Keep the vector of a search inside a write, unless its customer wants to be forgotten.

    Args:
        write: the connection, inside `Connection.write`.
        search_id: the search; it is in the records.
        model: which encoder made the vector; not empty.
        vector: unit length, float16, "<f2"; not empty.
    """
    write.run(
        "INSERT INTO contexts (search_id, model, vector) SELECT id, ?, ? FROM searches WHERE id = ? AND NOT EXISTS ("
        "SELECT 1 FROM session_vectors v WHERE v.conversation_id = searches.conversation_id AND v.model = ?)",
        (model, vector, search_id, similar.FORGOTTEN),
    )


class Contexts:
    """What a desk has learned from, and taking it away for good."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def last(self, conversation_id: int) -> tuple[int, str, bytes] | None:
        """Return the last search of a conversation that has a vector: its id, the encoder and the vector."""
        row = self._connection.row(
            "SELECT c.search_id, c.model, c.vector FROM searches s JOIN contexts c ON c.search_id = s.id "
            "WHERE s.conversation_id = ? ORDER BY s.id DESC LIMIT 1",
            (conversation_id,),
        )
        return (row["search_id"], row["model"], row["vector"]) if row is not None else None

    def ranks(self, search_id: int) -> dict[str, int]:
        """Return the rank of each article that a search found."""
        rows = self._connection.rows("SELECT article_id, rank FROM suggestions WHERE search_id = ?", (search_id,))
        return {row["article_id"]: row["rank"] for row in rows}

    def size(self) -> tuple[int, int]:
        """Return how many vectors there are, and how many bytes they have."""
        row = self._connection.row("SELECT count(*) AS number, coalesce(sum(length(vector)), 0) AS size FROM contexts")
        return (row["number"], row["size"]) if row is not None else (0, 0)

    def forget_conversation(self, conversation_id: int) -> int:
        """Remove what was learned in a conversation; return how many searches that were."""
        with self._connection.write() as write:
            gone = _remove(write, "conversation_id = ?", conversation_id)
        self._clear()
        return gone

    def forget_customer(self, customer_id: str) -> int:
        """Remove the vectors of everything that a customer asked, of searches and of conversations, for good.

        None is made again for the conversations that there are.

        Returns:
            How many vectors there were.
        """
        customer = storable(customer_id)
        with self._connection.write() as write:
            gone = _remove(
                write, "conversation_id IN (SELECT id FROM conversations WHERE customer_id = ?)", customer
            ) + similar.forget_customer(write, self._clock, customer_id)
        self._clear()
        return gone

    def forget_article(self, article_id: str) -> bool:
        """Let what was done with an article until now count no more; what comes later does.

        Returns:
            Whether it was ever suggested.
        """
        with self._connection.write() as write:
            known = write.row("SELECT 1 FROM suggestions WHERE article_id = ? LIMIT 1", (storable(article_id),))
            if known is None:
                return False
            write.run(
                "INSERT OR REPLACE INTO unlearned (article_id, event_id, at) "
                "SELECT ?, coalesce(max(id), 0), ? FROM suggestion_events",
                (storable(article_id), to_stored(self._clock.now())),
            )
            return True

    def _clear(self) -> None:
        """Bring what was taken away out of the log, too: the rows themselves were overwritten when they went.

        When somebody reads meanwhile, the next writer does it, as always.
        """
        self._connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")


def _remove(write: Connection, where: str, value: int | str) -> int:
    write.run(f"DELETE FROM contexts WHERE search_id IN (SELECT id FROM searches WHERE {where})", (value,))  # noqa: S608
    row = write.row("SELECT changes() AS gone")
    return row["gone"] if row is not None else 0
