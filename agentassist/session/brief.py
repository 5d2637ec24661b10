"""What a person should know at a handoff: made from the entries, kept in the handoff's data, read back from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.models import Author, EntryKind, Event, JsonValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from agentassist.friction.reading import Reading
    from agentassist.models import Entry, NewEntry

    Said = Entry | NewEntry
    """An entry, stored or not yet."""

SOLVED_NODE = "did-it-help"
"""The node of the answer to the bot's question whether an article helped; its values are `yes` and `no`."""
MOST_SIGNALS, MOST_ARTICLES = 5, 10
QUESTION_SIZE = 400
"""Characters of the open question that are kept: the end of what the customer said last."""


@dataclass(frozen=True, slots=True)
class Brief:
    """A handoff as an agent reads it.

    Attributes:
        seq: the handoff's entry.
        reason: why, in words.
        level: calm, strained or friction; empty when nobody measured.
        friction: how strained the customer was, in [0, 1].
        stakes: the high-stakes topic, or empty.
        signals: what was noticed, each one sentence that cites the words; the weightiest first.
        seen: titles of the articles that the customer was shown.
        tried: titles of those that did not help.
        question: what they want to know, in their words.
        skills: what the person should know.
        asked: the customer asked for a person.

    Every text may hold a customer's words: clean it before it is shown.
    """

    seq: int
    reason: str
    level: str = ""
    friction: float = 0.0
    stakes: str = ""
    signals: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    question: str = ""
    skills: tuple[str, ...] = ()
    asked: bool = False

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Brief | None:
        """Read the last handoff of a conversation; None when there was none. Odd data reads as nothing said."""
        handoff = next((entry for entry in reversed(entries) if entry.event is Event.HANDOFF), None)
        if handoff is None:
            return None
        data = handoff.data
        titles = dict(shown(entries))
        friction = data.get("friction")
        return cls(
            seq=handoff.seq,
            reason=handoff.text,
            level=_text(data.get("level")),
            friction=float(friction) if isinstance(friction, int | float) and not isinstance(friction, bool) else 0.0,
            stakes=_text(data.get("stakes")),
            signals=tuple(_text(item.get("text")) for item in _items(data.get("signals")) if item.get("text")),
            seen=tuple(titles.get(name, name) for name in _texts(data.get("articles"))),
            tried=tuple(titles.get(name, name) for name in _texts(data.get("tried"))),
            question=_text(data.get("question")),
            skills=tuple(_texts(data.get("skills"))),
            asked=data.get("asked") is True,
        )


def handoff_data(
    entries: Sequence[Said], reading: Reading | None, *, skills: Iterable[str] = (), asked: bool = False
) -> dict[str, JsonValue]:
    """Return what a handoff keeps, for `Brief.of` to read.

    Args:
        entries: of the conversation, before the handoff.
        reading: the friction meter's; None when nobody measured.
        skills: what the person should know.
        asked: the customer asked for a person.
    """
    data: dict[str, JsonValue] = {
        "articles": _json([article for article, _ in shown(entries)][:MOST_ARTICLES]),
        "tried": _json(list(dict.fromkeys(tried(entries)))[:MOST_ARTICLES]),
        "question": open_question(entries),
        "skills": _json(skills),
        "asked": asked or (reading is not None and reading.asked),
    }
    if reading is not None:
        data |= {"friction": round(reading.score, 3), "level": reading.level.value, "stakes": reading.stakes}
        data["signals"] = _json(
            {"kind": item.kind.value, "entries": _json(item.entries), "words": item.words, "text": item.text}
            for item in [signal for signal in reading.signals if signal.speaks][:MOST_SIGNALS]
        )
    return data


def shown(entries: Iterable[Said]) -> Iterator[tuple[str, str]]:
    """Yield id and title of each article that the customer was shown, once, in order."""
    known: set[str] = set()
    for entry in entries:
        if entry.kind is not EntryKind.ARTICLE:
            continue
        for item in (entry.data, *_items(entry.data.get("also"))):
            name = _text(item.get("article"))
            if name and name not in known:
                known.add(name)
                yield name, _text(item.get("title")) or name


def tried(entries: Iterable[Said]) -> Iterator[str]:
    """Yield the id of each article of which the customer said that it did not help."""
    last = ""
    for entry in entries:
        if entry.kind is EntryKind.ARTICLE:
            last = _text(entry.data.get("article"))
        elif entry.kind is EntryKind.CHOICE and entry.data.get("node") == SOLVED_NODE:
            if entry.data.get("value") == "no" and last:
                yield last
            last = ""


def open_question(entries: Sequence[Said]) -> str:
    """Return what the customer wants to know: their last burst of messages, else what they chose in the tree."""
    said: list[str] = []
    for entry in reversed(entries):
        if entry.author is Author.CUSTOMER and entry.kind is EntryKind.MESSAGE:
            said.append(entry.text)
        elif said and entry.kind is not EntryKind.EVENT:
            break
    if not said:
        chosen = [
            entry.text
            for entry in entries
            if entry.kind is EntryKind.CHOICE and entry.author is Author.CUSTOMER and "flow" in entry.data
        ]
        return " → ".join(chosen)[-QUESTION_SIZE:]
    return "\n".join(reversed(said))[-QUESTION_SIZE:]


def _json(items: Iterable[JsonValue]) -> JsonValue:
    return list(items)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _items(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
