"""The bot: it answers from the knowledge base, asks when it is in doubt, and says so when it has nothing. Pure.

It never says the same twice in a conversation, and never an article that the customer was shown already. It does no
more than that: whatever it has no article for is a person's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from agentassist import naming
from agentassist.models import ArticleKind, Author, EntryKind, NewEntry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from agentassist.models import Data, Entry, Hit, JsonValue, SearchResult

SURE = 0.7
"""From this probability the bot gives one article. On the conversations of `tests/eval` with the shipped knowledge base
the first article is then right in 79 % (of 0.5: 71 %), and one of 67 questions without an answer is given one (of 0.5:
6). `python tests/bench/bot_thresholds.py` prints it."""
WORTH = 0.15
"""From this probability an article is worth asking about; below it the rest of a list is noise."""
MOST_CHOICES = 3
PASSAGE_SIZE = 600
"""Characters of a passage: what fits a phone's screen. The link has the rest."""
MEANT = "did-you-mean"
"""The node of the answer to "Did you mean"."""
NONE_OF_THESE = "none"
"""The value of that answer when it is none of them."""

NOTHING = ("I have no article about that. You can put it in other words, or talk to a person.",)
NOTHING_EITHER = ("I have nothing on that either. A person will know more. Shall I get one for you?",)
UNSURE = ("Did you mean one of these?", "I am not sure. Is it one of these?", "Could it be one of these?")
GREETING = "Hello! Tell me in your own words what you need."
HERE = "I am here. Tell me what you need, or ask for a person at any time."
A_PERSON = "Shall I get a person for you?"
MORE = "All right. Put it in other words, or ask for a person at any time."


class Move(StrEnum):
    """What the bot does: gives an article, asks which one is meant, has nothing, greets, or has no more to say."""

    ANSWER = "answer"
    UNSURE = "unsure"
    NONE = "none"
    GREET = "greet"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bot says.

    Attributes:
        entries: to be stored; none when it has no more to say, and a person is needed.
    """

    move: Move
    entries: tuple[NewEntry, ...]


def reply(result: SearchResult, entries: Sequence[Entry], name: str) -> Reply:
    """Answer what the customer said last.

    Args:
        result: what was found for the conversation.
        entries: of the conversation.
        name: the bot's.
    """
    told = told_articles(entries)
    hits = [hit for hit in result.hits if not hit.blocked and hit.article.id not in told]
    likely = hits[0].probability or 0.0 if hits else 0.0
    if hits and not result.no_match and likely >= SURE:
        return Reply(Move.ANSWER, (answer(hits[0], name, _names(entries)),))
    fresh = [hit for hit in hits if hit.article.id not in offered(entries)]
    if fresh and not result.no_match and (fresh[0].probability or 0.0) >= WORTH:
        return _unsure(fresh[:MOST_CHOICES], entries, name, likely)
    data: Data = {"bot": "none", "probability": round(likely, 3)}
    return _nothing(NOTHING, entries, name, data)


def answer(hit: Hit, name: str, names: Collection[str] = ()) -> NewEntry:
    """Return an article as the bot gives it: the passage, and title and link.

    Args:
        hit: the article.
        name: the bot's.
        names: that the customer has asked about, see `naming`.
    """
    data: Data = {
        "article": hit.article.id,
        "title": hit.article.title,
        "url": hit.link,
        "bot": "answer",
        "probability": round(hit.probability or 0.0, 3),
    }
    return NewEntry(Author.BOT, EntryKind.ARTICLE, _words(hit, names), name, data)


def meant(entries: Sequence[Entry], article_id: str, name: str) -> tuple[NewEntry, ...]:
    """Return the customer's choice among the articles that they were asked about last, and the article.

    Args:
        entries: of the conversation.
        article_id: which; `NONE_OF_THESE` for none of them.
        name: the bot's.

    Returns:
        Nothing when they were not asked about it.
    """
    asked = choices(entries)
    question = asked_last(entries)
    said: dict[str, JsonValue] = {"node": MEANT, "question": question, "value": article_id}
    if asked and article_id == NONE_OF_THESE:
        return (
            NewEntry(Author.CUSTOMER, EntryKind.CHOICE, "None of these", data=said),
            *_nothing((MORE, *NOTHING), entries, name, {"bot": "none"}).entries,
        )
    chosen = next((item for item in asked if item["article"] == article_id), None)
    if chosen is None:
        return ()
    data: Data = {**chosen, "bot": "answer"}
    return (
        NewEntry(Author.CUSTOMER, EntryKind.CHOICE, chosen["title"], data=said),
        NewEntry(Author.BOT, EntryKind.ARTICLE, chosen["passage"], name, data),
    )


def choices(entries: Sequence[Entry]) -> tuple[dict[str, str], ...]:
    """Return the articles that the customer is asked about now, each with article, title, url and passage."""
    last = _last_said(entries)
    if last is None or last.data.get("bot") != "unsure":
        return ()
    asked = last.data.get("choices")
    keys = ("article", "title", "url", "passage")
    return tuple(
        {key: str(item.get(key) or "") for key in keys}
        for item in (asked if isinstance(asked, list) else [])
        if isinstance(item, dict)
    )


def asked_last(entries: Sequence[Entry]) -> str:
    """Return what the bot said last, empty for nothing."""
    last = _last_said(entries)
    return last.text if last is not None else ""


def told_articles(entries: Iterable[Entry]) -> set[str]:
    """Return the ids of the articles that the customer was shown, by anybody."""
    return {str(entry.data.get("article") or "") for entry in entries if entry.kind is EntryKind.ARTICLE}


def offered(entries: Iterable[Entry]) -> set[str]:
    """Return the ids of the articles that the customer was asked about, and did not choose then."""
    return {
        str(item.get("article") or "")
        for entry in entries
        if entry.data.get("bot") == "unsure" and isinstance(entry.data.get("choices"), list)
        for item in cast("list[object]", entry.data["choices"])
        if isinstance(item, dict)
    }


def greeting(entries: Sequence[Entry], name: str) -> Reply:
    """Answer a hello once; whoever asks again whether anybody is there is answered, then offered a person."""
    asks = "?" in next((entry.text for entry in reversed(entries) if entry.kind is not EntryKind.EVENT), "")
    said = once(Move.GREET, (GREETING, HERE) if asks else (GREETING,), entries, name, {"bot": "greeting"})
    if said.entries or not asks:
        return said
    return once(Move.GREET, (A_PERSON,), entries, name, {"bot": "greeting", "offer": "person"})


def excerpt(text: str, size: int = PASSAGE_SIZE) -> str:
    """Return the beginning of a passage, ended at a sentence where one ends in its second half."""
    text = text.strip()
    if len(text) <= size:
        return text
    cut = text[:size]
    end = max(cut.rfind(mark) for mark in (". ", "! ", "? ", ".\n", "\n"))
    return cut[: end + 1].rstrip() if end >= size // 2 else f"{cut.rsplit(None, 1)[0]} …"


def _names(entries: Sequence[Entry]) -> frozenset[str]:
    """Return the names with a number in what the customer has said since anybody else spoke."""
    found: frozenset[str] = frozenset()
    for entry in reversed(entries):
        if entry.kind is EntryKind.EVENT:
            continue
        if entry.author is not Author.CUSTOMER:
            break
        found |= naming.names(entry.text)
    return found


def _words(hit: Hit, names: Collection[str]) -> str:
    """Return what is written above an article's link: the passage; what a video says is for the ear."""
    if hit.article.kind is not ArticleKind.VIDEO:
        return excerpt(naming.about(names, hit.passage.text, PASSAGE_SIZE))
    start = int(hit.passage.start or 0)
    return f"This video shows it, from {start // 60}:{start % 60:02} on." if start else "This video shows it."


def _unsure(hits: Sequence[Hit], entries: Sequence[Entry], name: str, likely: float) -> Reply:
    asked: list[JsonValue] = [
        {
            "article": hit.article.id,
            "title": hit.article.title,
            "url": hit.link,
            "passage": _words(hit, _names(entries)),
        }
        for hit in hits
    ]
    data: Data = {"bot": "unsure", "choices": asked, "probability": round(likely, 3)}
    return once(Move.UNSURE, UNSURE, entries, name, data)


def _nothing(words: Sequence[str], entries: Sequence[Entry], name: str, data: Data) -> Reply:
    """Say that there is nothing; the next time, offer a person; then there is no more to say."""
    said = once(Move.NONE, words, entries, name, data)
    return said if said.entries else once(Move.NONE, NOTHING_EITHER, entries, name, {**data, "offer": "person"})


def once(move: Move, words: Sequence[str], entries: Sequence[Entry], name: str, data: Data) -> Reply:
    """Return the first of these sentences that was not said yet in a conversation, and silence after the last."""
    said = {entry.text for entry in entries if entry.author is Author.BOT}
    text = next((text for text in words if text not in said), None)
    if text is None:
        return Reply(Move.SILENT, ())
    return Reply(move, (NewEntry(Author.BOT, EntryKind.MESSAGE, text, name, data),))


def _last_said(entries: Sequence[Entry]) -> Entry | None:
    """Return the last entry that is not an event, when it is the bot's."""
    last = next((entry for entry in reversed(entries) if entry.kind is not EntryKind.EVENT), None)
    return last if last is not None and last.author is Author.BOT else None
