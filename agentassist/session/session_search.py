"""Searches all conversations there ever were: by the words in their entries, and by meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentassist.errors import SearchError
from agentassist.session import export
from agentassist.session.similar import texts_of
from agentassist.store.similar import FORGOTTEN, SessionVector
from agentassist.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentassist.models import Conversation
    from agentassist.session.knowledge import Knowledge
    from agentassist.store.sessions import Found
    from agentassist.store.similar import Closing
    from agentassist.store.store import Store

PAGE = 5_000
"""Vectors that are read at a time."""
FLOOR = 0.35
"""The least cosine with some words at which a conversation counts as found: a few words are less like a whole
conversation than another conversation is. See `tests/bench/similar_conversations.py`."""
RANK = 60
"""What is added to a rank before its reciprocal counts, as in reciprocal rank fusion (Cormack and others, 2009)."""
BATCH = 8
"""Conversations whose vectors are written at once."""


@dataclass(frozen=True, slots=True)
class SessionFound:
    """A conversation, or an entry of one, that was found.

    Attributes:
        by_words: the entry that holds every word; None when it was found by meaning alone.
        similarity: cosine of the words with the conversation; None when it was found by words alone.
    """

    conversation: Conversation
    by_words: Found | None
    similarity: float | None


def search(
    store: Store, knowledge: Knowledge, words: str, limit: int, *, by_words: bool = True, by_meaning: bool = True
) -> tuple[tuple[SessionFound, ...], str]:
    """Find conversations.

    Args:
        store: the records.
        knowledge: has the encoder.
        words: what is looked for.
        limit: at most so many.
        by_words: find the entries that hold every word.
        by_meaning: find the closed conversations that are about it.

    Returns:
        What was found by both first, and what is to be said of the search: why it is less than it should be, or
        empty. Without an encoder it is searched by words, whatever was asked for.
    """
    near, note = _near(store, knowledge, words, limit) if by_meaning else ((), "")
    entries = store.sessions.search(words, limit) if by_words or (by_meaning and note and not near) else ()
    return _merged(entries, near, limit), note


def _near(
    store: Store, knowledge: Knowledge, words: str, limit: int
) -> tuple[tuple[tuple[Conversation, float], ...], str]:
    """Return the conversations that are most like some words, the most similar first, and what is to be said."""
    model, vectors = knowledge.embed([words])
    if not model:
        return (), f"by words only: {_trouble(knowledge)}"
    from agentassist.search.nearest import likeness

    near: list[tuple[int, float]] = []
    left_out = known = 0
    for rows in store.similar.scan(PAGE):
        own = [row for row in rows if row[1] == model]
        known += len(own)
        left_out += sum(row[1] == FORGOTTEN for row in rows)
        ids = [row[0] for row in own]
        near += likeness(ids, ([row[2] for row in own], [row[3] for row in own]), vectors[0], FLOOR)
    closed = store.similar.closed() - left_out
    note = ""
    if known < closed:
        note = f"by meaning only {known:,} of {closed:,} closed conversations are found: agentassist sessions index"
    # Some of them may be open again, and the others move up.
    score = dict(sorted(near, key=_by_score)[: 2 * limit + 20])
    standing = [item.conversation_id for item in store.similar.standing(score, model)]
    found = [(item, score[item.id]) for item in store.similar.conversations(standing)]
    return tuple(sorted(found, key=lambda each: (-each[1], -each[0].id))[:limit]), note


def _merged(
    entries: Sequence[Found], near: Sequence[tuple[Conversation, float]], limit: int
) -> tuple[SessionFound, ...]:
    """Put what was found by words and by meaning into one order, by their ranks."""
    similarity = {conversation.id: score for conversation, score in near}
    rank_near = {conversation.id: rank for rank, (conversation, _) in enumerate(near)}
    by_words = [SessionFound(item.conversation, item, similarity.get(item.conversation.id)) for item in entries]
    known = {item.conversation.id for item in entries}
    weighed = [
        (1 / (RANK + rank) + (1 / (RANK + rank_near[item.conversation.id]) if item.similarity is not None else 0), item)
        for rank, item in enumerate(by_words)
    ]
    weighed += [
        (1 / (RANK + rank), SessionFound(conversation, None, score))
        for rank, (conversation, score) in enumerate(near)
        if conversation.id not in known
    ]
    weighed.sort(key=lambda each: -each[0])
    return tuple(item for _, item in weighed[:limit])


def found_data(found: SessionFound) -> dict[str, Any]:
    """Return what was found as JSON takes it; spans count characters of the snippet."""
    ways = {"words": found.by_words is not None, "meaning": found.similarity is not None}
    nothing: dict[str, Any] = {"entry": None, "snippet": found.conversation.summary, "spans": []}
    return {
        "found_by": [way for way, yes in ways.items() if yes],
        "similarity": found.similarity,
        **nothing,
        **(export.found_data(found.by_words) if found.by_words is not None else {}),
        "conversation": export.conversation_data(found.conversation),
    }


def found_lines(found: SessionFound, zone: str) -> Iterator[str]:
    """Yield the two lines of what was found, safe to show, and by what it was found."""
    likely = f"by meaning {found.similarity:.0%}" if found.similarity is not None else ""
    if found.by_words is not None:
        head, text = export.found_lines(found.by_words, zone)
        yield f"{head} · {f'by words, {likely}' if likely else 'by words'}"
        yield text
        return
    yield f"{export.conversation_line(found.conversation, zone)} · {likely}"
    yield f"        {clean_line(found.conversation.summary or found.conversation.preview, limit=160)}"


def index(store: Store, knowledge: Knowledge) -> Iterator[tuple[int, int]]:
    """Make the vectors that are missing, yielding how many there are of how many, first and after each few.

    Raises:
        SearchError: there is no index or no encoder.
        StoreError: they cannot be kept; those before are.
    """
    model, _ = knowledge.embed(())
    if not model:
        raise SearchError(f"no vectors can be made: {_trouble(knowledge)}", "Build the index: agentassist kb index")
    closed, made = store.similar.count(model)
    yield made, closed
    below = 1 + store.similar.newest()
    while below:
        missing, below = store.similar.unmade(model, below=below, limit=BATCH)
        if missing:
            made += store.similar.put([_made(store, knowledge, model, closing) for closing in missing])
            yield made, closed


def _made(store: Store, knowledge: Knowledge, model: str, closing: Closing) -> SessionVector:
    texts = texts_of(store, closing)
    _, vectors = knowledge.embed([text for text in texts if text])
    given = iter(vectors)
    problem, whole = (next(given, b"") if text else b"" for text in texts)
    return SessionVector(closing.conversation_id, closing.seq, model, problem, whole)


def _by_score(item: tuple[int, float]) -> tuple[float, int]:
    return -item[1], -item[0]


def _trouble(knowledge: Knowledge) -> str:
    """Return why there is no encoder."""
    why = knowledge.warm().removeprefix("keyword search only: ").rstrip(". ")
    return clean_line(why) or "there is no encoder"
