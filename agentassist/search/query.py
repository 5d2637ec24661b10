"""Makes a query from a conversation. Pure."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from agentassist.models import Author, EntryKind, Query, QueryPart
from agentassist.search.lexical import SMALL_TALK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agentassist.models import Entry

BURST_WEIGHT = 1.0
TREE_WEIGHT = 0.4
EARLIER_WEIGHT = 0.5
"""What the burst before the last one counts; each one before that counts DECAY of the one after it."""
AGENT_WEIGHT = 0.15
"""An agent's own words name the matter better than a customer's "yes, that one", but they are not the question."""
DECAY = 0.7
# `tests/bench/quality.py` prints what these weights reach: where the context builds up (doc2dial) more weight on the
# past is better, where the topic shifts (mtrag) less is; these lose little of either.

BURST_SIZE, TREE_SIZE, EARLIER_SIZE, AGENT_SIZE = 600, 300, 240, 160
"""Characters of each kind of part: what is read has to be encoded while somebody waits."""
MAX_EARLIER, MAX_AGENT = 4, 2
LEANING = 2
"""Telling words that a burst needs to stand on its own."""


def from_conversation(entries: Sequence[Entry]) -> Query:
    """Return what a conversation asks for now.

    The customer's last burst (their messages since anybody else spoke) is one text and the heaviest part; then what
    they answered in the decision tree, their earlier bursts and, lightly, the agents' last messages. Small talk, bot
    lines and events are left out; a burst of small talk alone gives way to the one before it, and one with a single
    telling word ("ok, reading") is read together with it.

    Args:
        entries: in the order of their numbers.
    """
    # From the end, and no further than needed: this is asked again with every message of a conversation of thousands.
    telling = _standing(filter(_telling, reversed(_bursts(entries))))
    parts = [
        QueryPart(_bounded(burst, BURST_SIZE if age == 0 else EARLIER_SIZE), weight, "burst" if age == 0 else "earlier")
        for age, (weight, burst) in enumerate(zip(_weights(), telling, strict=False))
    ]
    if tree := " ".join(_tree_answers(entries)).strip():
        parts.append(QueryPart(_bounded(tree, TREE_SIZE), TREE_WEIGHT if parts else BURST_WEIGHT, "tree"))
    spoken = (
        entry.text
        for entry in reversed(entries)
        if entry.author is Author.AGENT and entry.kind is EntryKind.MESSAGE and _telling(entry.text)
    )
    if parts:
        parts += [
            QueryPart(_bounded(text, AGENT_SIZE), AGENT_WEIGHT * DECAY**age, "agent")
            for age, text in enumerate(islice(spoken, MAX_AGENT))
        ]
    parts.sort(key=lambda part: -part.weight)
    return Query(tuple(parts), entries[-1].seq if entries else 0)


def _weights() -> Iterable[float]:
    return (BURST_WEIGHT, *(EARLIER_WEIGHT * DECAY**age for age in range(MAX_EARLIER)))


def _bursts(entries: Iterable[Entry]) -> list[str]:
    """Return the customer's messages, those between which nobody else spoke as one text."""
    bursts: list[str] = []
    going = False
    for entry in entries:
        if entry.author is Author.CUSTOMER and entry.kind is EntryKind.MESSAGE:
            if going:
                bursts[-1] += f"\n{entry.text}"
            else:
                bursts.append(entry.text)
            going = True
        elif entry.author in (Author.AGENT, Author.BOT) and entry.kind is not EntryKind.EVENT:
            going = False
    return bursts


def _tree_answers(entries: Iterable[Entry]) -> Iterable[str]:
    for entry in entries:
        # What a form asks for is often a name, an address or a number: that finds nothing.
        useful = entry.kind is EntryKind.CHOICE or (
            entry.kind is EntryKind.FORM and "@" not in entry.text and _telling(entry.text)
        )
        if useful:
            yield f"{entry.data.get('question', '')} {entry.text}".strip()


def _standing(bursts: Iterator[str]) -> Iterable[str]:
    """Yield the bursts, newest first, the newest together with those before it until it has LEANING telling words.

    On doc2dial and mtrag this changes MRR@10 by 0.001, on dstc11t5 by -0.004 (bench/quality.py); leaning sooner loses
    where the topic shifts. What it keeps is the right suggestion on screen while the customer says "hi, finally!".
    """
    newest = next(bursts, None)
    if newest is None:
        return
    while len(_telling(newest)) < LEANING and (before := next(bursts, None)) is not None:
        newest = f"{before}\n{newest}"
    yield newest
    yield from bursts


def _telling(text: str) -> set[str]:
    """Return the words of a text that may say what it is about."""
    words = set(re.findall(r"\w+", text.lower()))
    return {word for word in words if len(word) > 1 and not word.isdigit() and word not in SMALL_TALK}


def _bounded(text: str, size: int) -> str:
    """Return a text of at most `size` characters: its beginning and its end, where corrections are."""
    text = " ".join(text.split())
    if len(text) <= size:
        return text
    head = size * 3 // 5
    return f"{text[:head]} … {text[-(size - head - 3) :]}"
