"""How articles do, in numbers: one query each, counted in conversations, by article and version. Only read."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from agentassist.store.rows import storable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentassist.store.connection import Connection

DEFINITIONS: Mapping[str, str] = {
    "suggested": "conversations in which a search ranked it",
    "shown": "conversations in which an agent had it on screen as a suggestion",
    "sent": "conversations in which an agent sent it to the customer",
    "edited": "conversations in which it was sent with another title or text than was put in",
    "opened": "conversations in which it was opened in full or in a browser",
    "solved": "conversations in which it was sent, closed with a disposition that begins with solved",
    "came_back": "conversations in which it was sent, and the customer was back within --days of its close",
    "thumbs_down": "conversations in which an agent said that it does not fit, and let that stand",
}
"""What each number means; every one counts a conversation once."""

_COUNT = """
SELECT g.article_id, g.version, count(DISTINCT g.conversation_id) AS count
FROM suggestions g JOIN searches s ON s.id = g.search_id
{join} WHERE s.at >= :since AND (:article = '' OR g.article_id = :article) {where}
GROUP BY g.article_id, g.version
"""
_EVENT = "JOIN suggestion_events e ON e.suggestion_id = g.id"
_SOLVED = "JOIN conversation_state t ON t.conversation_id = g.conversation_id"
_CAME_BACK = """
AND EXISTS (
  SELECT 1 FROM entries ended WHERE ended.conversation_id = g.conversation_id AND ended.event = 'closed'
  AND ended.seq > coalesce(e.entry_seq, 0) AND (
    EXISTS (
      SELECT 1 FROM conversations mine JOIN conversations other ON other.customer_id = mine.customer_id
      WHERE mine.id = g.conversation_id AND other.id <> mine.id AND other.started_at > ended.at
      AND julianday(other.started_at) <= julianday(ended.at) + :days)
    OR EXISTS (
      SELECT 1 FROM entries again WHERE again.conversation_id = g.conversation_id AND again.seq > ended.seq
      AND again.event IN ('reopened', 'claimed') AND julianday(again.at) <= julianday(ended.at) + :days)))
"""
_STANDING = """
AND e.outcome <> 'shown' AND e.outcome = 'thumbs_down' AND NOT EXISTS (
  SELECT 1 FROM suggestion_events later WHERE later.suggestion_id = e.suggestion_id AND later.agent = e.agent
  AND later.id > e.id AND later.outcome IN ('thumbs_up', 'restored'))
"""
QUERIES: Mapping[str, str] = {
    "suggested": _COUNT.format(join="", where=""),
    "shown": _COUNT.format(join=_EVENT, where="AND e.outcome = 'shown'"),
    "sent": _COUNT.format(join=_EVENT, where="AND e.outcome <> 'shown' AND e.outcome = 'sent'"),
    "edited": _COUNT.format(join=_EVENT, where="AND e.outcome <> 'shown' AND e.outcome = 'edited'"),
    "opened": _COUNT.format(join=_EVENT, where="AND e.outcome <> 'shown' AND e.outcome = 'opened'"),
    "solved": _COUNT.format(
        join=f"{_EVENT} {_SOLVED}",
        where="AND e.outcome <> 'shown' AND e.outcome = 'sent' AND t.state = 'closed' AND t.disposition GLOB 'solved*'",
    ),
    "came_back": _COUNT.format(join=_EVENT, where=f"AND e.outcome <> 'shown' AND e.outcome = 'sent' {_CAME_BACK}"),
    "thumbs_down": _COUNT.format(join=_EVENT, where=_STANDING),
}
_TITLES = "SELECT article_id, title FROM suggestions WHERE id IN (SELECT max(id) FROM suggestions GROUP BY article_id)"

Numbers = dict[str, int]


class ArticleStats:
    """Counts what became of articles."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, *, since: str = "", days: int = 7, article_id: str = "") -> dict[tuple[str, str], Numbers]:
        """Return every number of DEFINITIONS by article and version.

        Args:
            since: only what was searched since, as it is stored; empty for all.
            days: within so many days a customer has come back.
            article_id: only this article; empty for all.

        Raises:
            StoreError: the records cannot be read.
        """
        asked = {"since": since, "days": days, "article": storable(article_id)}
        found: defaultdict[tuple[str, str], Numbers] = defaultdict(lambda: dict.fromkeys(DEFINITIONS, 0))
        for name, query in QUERIES.items():
            for row in self._connection.rows(query, asked):
                found[row["article_id"], row["version"]][name] = row["count"]
        return dict(found)

    def titles(self) -> dict[str, str]:
        """Return what each article was called when it was suggested last, by id.

        Raises:
            StoreError: the records cannot be read.
        """
        return {row["article_id"]: row["title"] for row in self._connection.rows(_TITLES)}

    def searches(self) -> int:
        """Return how many searches there are.

        Raises:
            StoreError: the records cannot be read.
        """
        row = self._connection.row("SELECT count(*) AS count FROM searches")
        return int(row["count"]) if row is not None else 0
