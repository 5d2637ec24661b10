"""What a trainer sees of the memory: lessons, why a suggestion has its vote, what can be given away."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.models_memory import Ending
from agentassist.session.remembering import hear
from agentassist.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from agentassist.models import JsonValue, Recalled
    from agentassist.models_memory import Deed, Lesson
    from agentassist.store.store import Store

AT_ONCE = 500
"""Telling events that are read at a time."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was done with an article in a conversation."""

    conversation_id: int
    deed: Deed


@dataclass(frozen=True, slots=True)
class Witness:
    """A similar conversation.

    Attributes:
        similarity: cosine of what was asked there and then.
        age: days.
        weight: what it adds to the sum of the article; 0 when it has no vote, as others are nearer.
    """

    conversation_id: int
    similarity: float
    age: int
    weight: float
    deed: Deed


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an article has its vote in a conversation.

    Attributes:
        rank: of the suggestion, None when it was not suggested.
    """

    article_id: str
    rank: int | None
    recalled: Recalled
    witnesses: tuple[Witness, ...]


def lessons(store: Store) -> Iterator[Lesson]:
    """Yield every lesson, of the conversation in which something was done last first."""
    reader = store.lessons(hear)
    seen: set[int] = set()
    event = reader.mark().event
    while event:
        found, event = reader.before(event, AT_ONCE)
        for number in found:
            if number not in seen:
                seen.add(number)
                yield from reader.lessons([number])


def known(store: Store, article_id: str = "", limit: int = 0) -> list[Known]:
    """Return what was done with articles, each once for a conversation.

    Args:
        store: the records.
        article_id: only of this article; empty for all.
        limit: at most so many; 0 for all.
    """
    found: dict[tuple[int, str], Known] = {}
    for lesson in lessons(store):
        for deed in lesson.deeds:
            if article_id in ("", deed.article_id):
                found.setdefault((lesson.conversation_id, deed.article_id), Known(lesson.conversation_id, deed))
        if limit and len(found) >= limit:
            break
    return list(found.values())[: limit or None]


def why(store: Store, conversation_id: int, today: date) -> list[Reason]:
    """Return why the articles of a conversation's last search have their votes, the greatest vote first.

    As they are now: what was learned after that search counts too.

    Raises:
        NotFoundError: there is no such conversation.
    """
    from agentassist.search.memory import Lessons, tally, unpacked

    store.queue.get(conversation_id)
    asked = store.contexts.last(conversation_id)
    if asked is None:
        return []
    search_id, model, vector = asked
    voices = Lessons(lessons(store)).voices(model, unpacked(vector), today, without=conversation_id)
    ranks = store.contexts.ranks(search_id)
    reasons = [
        Reason(
            article_id,
            ranks.get(article_id),
            recalled,
            tuple(
                Witness(v.conversation_id, v.similarity, max((today - v.deed.day).days, 0), v.weight, v.deed)
                for v in voices
                if v.deed.article_id == article_id
            ),
        )
        for article_id, recalled in tally(voices).items()
    ]
    return sorted(reasons, key=lambda reason: (-reason.recalled.vote, reason.article_id))


def sentence(recalled: Recalled) -> str:
    """Return in words what similar conversations say: "sent in 14 similar conversations, 11 solved"."""
    parts = []
    if recalled.sent:
        parts.append(f"sent in {counted(recalled.sent, 'similar conversation')}")
        if recalled.solved:
            parts.append(f"{recalled.solved} solved")
    if recalled.turned_down:
        where = "" if recalled.sent else f" in {counted(recalled.turned_down, 'similar conversation')}"
        parts.append(f"turned down{where}" if where else f"{recalled.turned_down} turned down")
    return ", ".join(parts) or "thought well of in similar conversations"


def exported(store: Store) -> Iterator[dict[str, JsonValue]]:
    """Yield every lesson without personal data: what was done, how it ended, when, and the vector of what was asked.

    Neither words nor numbers of conversations are in it. (A vector says what it was about to who has the encoder.)
    """
    for lesson in lessons(store):
        for deed in lesson.deeds:
            yield {
                "article": deed.article_id,
                "did": deed.did.value,
                "outcome": deed.ending.value,
                "opened": deed.opened,
                "at": deed.day.isoformat(),
                "model": lesson.model,
                "vector": base64.b64encode(lesson.vector).decode("ascii"),
            }


def stats(store: Store) -> dict[str, JsonValue]:
    """Return how much is remembered."""
    vectors, size = store.contexts.size()
    did: Counter[str] = Counter()
    endings: Counter[str] = Counter()
    models: Counter[str] = Counter()
    conversations: set[int] = set()
    articles: set[str] = set()
    days: list[date] = []
    for lesson in lessons(store):
        models[lesson.model] += 1
        for deed in lesson.deeds:
            if lesson.conversation_id not in conversations:
                endings[deed.ending.value] += 1
            conversations.add(lesson.conversation_id)
            articles.add(deed.article_id)
            did[deed.did.value] += 1
            days.append(deed.day)
    return {
        "vectors": vectors,
        "bytes": size,
        "lessons": sum(models.values()),
        "conversations": len(conversations),
        "articles": len(articles),
        "did": dict(did),
        "endings": {ending.value: endings[ending.value] for ending in Ending},
        "models": dict(models),
        "first": min(days).isoformat() if days else None,
        "last": max(days).isoformat() if days else None,
    }
