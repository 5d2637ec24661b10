"""Makes a query from a conversation: what each side said lately, turn by turn. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from agentassist.models import Author, EntryKind, Query, QueryPart
from agentassist.search.lexical import SMALL_TALK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentassist.models import Entry

DECAY = 0.7
"""What a turn counts against the one that the same person took after it, in the one vector that stands for the whole
(the first look for candidates, and the memory). The ranking weighs each turn anew: see `ranking`."""
AGENT_WEIGHT = 0.5
TREE_WEIGHT = 0.4

BURST_SIZE, TURN_SIZE, TREE_SIZE = 1000, 600, 300
"""Characters of each kind of part: what is read has to be encoded while somebody waits."""
MAX_TURNS = 16
"""Turns that are looked at, the newest: of both speakers."""
OPEN = frozenset(
    {"something", "anything", "else", "other", "another", "none", "of", "these", "the", "above", "different"}
)
"""Words of an answer in the tree that names nothing: "Something else" says only what it is not about."""
LEANING = 2
"""Telling words that a burst needs to stand on its own."""
_REMEMBERED = 2048
"""Turns whose telling words are remembered: with each message a conversation is read anew from its beginning."""


class Turn(NamedTuple):
    """Messages between which nobody else spoke."""

    author: Author
    text: str


def from_conversation(entries: Sequence[Entry]) -> Query:
    """Return what a conversation asks for now.

    The customer's last burst (their messages since anybody else spoke) is one text and the heaviest part; then their
    earlier bursts, what agents said before and between them, and the answers in the decision tree. What an agent said
    after the last burst, small talk, bot lines and events are left out; a burst of small talk alone gives way to the
    one before it, and one with a single telling word ("ok, reading") is read together with it.

    Args:
        entries: in the order of their numbers.
    """
    turns = _standing(_telling_turns(_turns(entries)))
    parts: list[QueryPart] = []
    age = -1
    for author, text in reversed(turns[-MAX_TURNS:]):
        if author is Author.CUSTOMER:
            age += 1
            size, source = (TURN_SIZE, "earlier") if age else (BURST_SIZE, "burst")
            parts.append(QueryPart(_bounded(text, size), DECAY**age, source, age))
        elif parts:
            parts.append(QueryPart(_bounded(text, TURN_SIZE), AGENT_WEIGHT * DECAY**age, "agent", age))
    if tree := " ".join(_tree_answers(entries)).strip():
        parts.append(QueryPart(_bounded(tree, TREE_SIZE), TREE_WEIGHT if parts else 1.0, "tree", age + 1))
    if not parts and (last := _last_words(entries)):
        parts.append(QueryPart(_bounded(last, BURST_SIZE), 1.0, "burst", 0))
    parts.sort(key=lambda part: -part.weight)
    return Query(tuple(parts), entries[-1].seq if entries else 0)


def _turns(entries: Iterable[Entry]) -> list[Turn]:
    """Return what customer and agents said; a bot's line, too, ends a customer's burst."""
    turns: list[Turn] = []
    speaking: Author | None = None
    for entry in entries:
        if entry.kind is EntryKind.EVENT or (entry.author is Author.CUSTOMER and entry.kind is not EntryKind.MESSAGE):
            continue
        if entry.author is Author.BOT:
            speaking = None
        elif entry.author in (Author.CUSTOMER, Author.AGENT):
            text = entry.text
            if speaking is entry.author:
                text = f"{turns.pop().text}\n{text}"
            turns.append(Turn(entry.author, text))
            speaking = entry.author
    return turns


def _telling_turns(turns: Iterable[Turn]) -> list[Turn]:
    return [turn for turn in turns if _telling(turn.text)]


def _standing(turns: list[Turn]) -> list[Turn]:
    """Return the turns up to the newest burst, which is read with the bursts before it until it has LEANING words."""
    while turns and turns[-1].author is not Author.CUSTOMER:
        turns.pop()
    while turns and len(_telling(turns[-1].text)) < LEANING:
        before = next((at for at in range(len(turns) - 2, -1, -1) if turns[at].author is Author.CUSTOMER), None)
        if before is None:
            break
        newest = turns.pop()
        # What the agent said between the two stays where it was: right before what was answered.
        asked = turns.pop(before)
        turns.append(Turn(Author.CUSTOMER, f"{asked.text}\n{newest.text}"))
    return turns


def _last_words(entries: Sequence[Entry]) -> str:
    """Return the customer's last message that has a figure in it: "what do I get for the 3.99" tells by that alone."""
    for entry in reversed(entries):
        if entry.author is Author.CUSTOMER and entry.kind is EntryKind.MESSAGE:
            return entry.text if re.search(r"\d", entry.text) else ""
    return ""


def _tree_answers(entries: Iterable[Entry]) -> Iterable[str]:
    for entry in entries:
        # What a form asks for is often a name, an address or a number: that finds nothing, and its label, such as
        # "serial number", finds what the customer did not ask.
        useful = (entry.kind is EntryKind.CHOICE and not _open(entry.text)) or (
            entry.kind is EntryKind.FORM and not re.search(r"[@\d]", entry.text) and _telling(entry.text)
        )
        if useful:
            yield f"{entry.data.get('question', '')} {entry.text}".strip()


def _open(answer: str) -> bool:
    return set(re.findall(r"\w+", answer.lower())) <= OPEN


@lru_cache(maxsize=_REMEMBERED)
def _telling(text: str) -> frozenset[str]:
    """Return the words of a text that may say what it is about."""
    words = set(re.findall(r"\w+", text.lower()))
    return frozenset(word for word in words if len(word) > 1 and not word.isdigit() and word not in SMALL_TALK)


def _bounded(text: str, size: int) -> str:
    """Return a text of at most `size` characters: its beginning and its end, where corrections are."""
    text = " ".join(text.split())
    if len(text) <= size:
        return text
    head = size * 3 // 5
    return f"{text[:head]} … {text[-(size - head - 3) :]}"
