"""What a desk asks of the knowledge base. Each runs on the thread that owns it: `backend.knowledge(find, …)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.models import Mode, Query, SearchResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.models import Entry, Passage
    from agentassist.session.knowledge import Knowledge


def find(knowledge: Knowledge, entries: Sequence[Entry], limit: int) -> tuple[Query, SearchResult]:
    """Search for what a conversation is about."""
    from agentassist.search.query import from_conversation

    query = from_conversation(entries)
    if not query.parts:
        return query, SearchResult((), Mode.HYBRID)
    return query, knowledge.search(query, limit=limit, conversation_id=entries[-1].conversation_id)


def look_up(knowledge: Knowledge, words: str, limit: int, conversation_id: int = 0) -> tuple[Query, SearchResult]:
    """Search for typed words, for a conversation or for none."""
    query = Query.typed(words)
    return query, knowledge.search(query, limit=limit, conversation_id=conversation_id)


def read_article(knowledge: Knowledge, article_id: str) -> tuple[Passage, ...]:
    """Fetch a whole article.

    Raises:
        SearchError: the index is missing or cannot be read.
    """
    return knowledge.passages(article_id)


def warm(knowledge: Knowledge) -> str:
    """Load the encoder; return what is wrong with the index, empty when all is well."""
    return knowledge.warm()
