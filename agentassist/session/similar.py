"""Past conversations that are like an open one: how a colleague solved it. To be read, and never to be sent.

A closed conversation is compared by what its customer asked; what is shown of one in a list names no customer.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from agentassist.kb.redaction import known_of, redact
from agentassist.models import Author, EntryKind, Event
from agentassist.session.past import MOST, Past
from agentassist.session.summary import draft
from agentassist.session.summary_words import CLOSING, CONFIRMED, IDLE, POLITE, STOP, THANKED
from agentassist.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentassist.models import Customer, Entry
    from agentassist.store.similar import Closing
    from agentassist.store.store import Store

PROBLEM_SIZE, WHOLE_SIZE = 600, 900
"""Characters of what the customer asked and of the whole that become vectors: an encoder reads about as many."""
TELLING = 2
"""Telling words that a sentence needs to say something of a problem."""

SOLVED = "solved"
"""How the code of a disposition begins with which a conversation ended well."""
LONGEST = 240
"""Characters of the sentence that tells how it was solved."""
_PIECE = re.compile(r"(?<=[.!?…])\s+|\n+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_DRAFTED = ("About: ", "Problem: ", "Sent: ", "Agent: ", "Ended: ")
"""How the lines of a drafted summary begin; see `session.summary`."""


# What becomes a vector


def problem_of(entries: Sequence[Entry]) -> str:
    """Return what the customer asked: their answers in the tree, then the bursts of messages that tell something.

    Args:
        entries: of one conversation, in order.
    """
    answers = (
        f"{entry.data.get('question', '')} {entry.text}".strip() for entry in entries if entry.kind is EntryKind.CHOICE
    )
    said = [_telling(burst) for burst in _bursts(entries)]
    # The answers first, but never instead of the customer's own words.
    head = _bounded(" ".join(answers), PROBLEM_SIZE // 3)
    return _bounded("\n".join(filter(None, [head, *said])), PROBLEM_SIZE)


def whole_of(entries: Sequence[Entry]) -> str:
    """Return what a conversation was about and how it ended: its summary, and what the customer asked.

    Args:
        entries: of one conversation, in order; the last one closed it.
    """
    return _bounded(f"{_summary(entries)}\n{problem_of(entries)}", WHOLE_SIZE)


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


def _telling(burst: str) -> str:
    """Return the sentences of a burst that may say what the matter is: no greeting, no thanks, no “that worked”."""
    kept = []
    for piece in _PIECE.split(burst[: 4 * PROBLEM_SIZE]):
        words = {word for word in _WORD.findall(piece.lower().replace("’", "'")) if word not in STOP}
        small = IDLE.search(piece) or CONFIRMED.search(piece)
        polite = (THANKED.search(piece) or POLITE.search(piece)) and len(words) < 2 * TELLING
        if len(words) >= TELLING and not small and not polite:
            kept.append(piece.strip())
    return " ".join(kept)


def _summary(entries: Sequence[Entry]) -> str:
    """Return the summary with which a conversation was closed, else one that is drafted."""
    for entry in reversed(entries):
        if entry.event is Event.CLOSED:
            return entry.text.strip() or draft(entries)
    return draft(entries)


def _bounded(text: str, size: int) -> str:
    """Return a text of at most `size` characters: its beginning, where the problem is, and a little of its end."""
    text = "\n".join(" ".join(line.split()) for line in text[: 20 * size].split("\n") if line.strip())
    if len(text) <= size:
        return text
    head = size * 3 // 4
    return f"{text[:head]} … {text[-(size - head - 3) :]}"


# What a list shows


def unnamed(text: str, entries: Iterable[Entry], customer: Customer) -> str:
    """Return a text without what is its customer's: names, addresses, numbers, what the channel knows of them.

    Args:
        text: anything at all.
        entries: of the conversation; what was typed into its forms goes, too.
        customer: whose conversation it is.
    """
    forms = [entry.text[:LONGEST] for entry in entries if entry.kind is EntryKind.FORM]
    return redact(text, known_of(customer, forms))


def telling_of(entries: Sequence[Entry], customer: Customer) -> str:
    """Return how a conversation was solved, in one sentence: what its agent wrote, or what they said they did.

    Args:
        entries: of one conversation, in order.
        customer: who is not named.
    """
    summary = _summary(entries)
    lines = [line.strip() for line in summary.split("\n") if line.strip()]
    drafted = {begin: line.removeprefix(begin) for line in lines for begin in _DRAFTED if line.startswith(begin)}
    told = drafted.get("Agent: ") or (_last_reply(entries) if drafted or not lines else " ".join(lines))
    return clean_line(unnamed(told[: 8 * LONGEST], entries, customer), limit=LONGEST)


def _last_reply(entries: Sequence[Entry]) -> str:
    """Return the last message of an agent that is no goodbye; empty when they wrote none."""
    for entry in reversed(entries):
        if (
            entry.author is Author.AGENT
            and entry.kind is EntryKind.MESSAGE
            and not CLOSING.search(entry.text[:LONGEST])
        ):
            return entry.text
    return ""


def sent_in(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the titles of the articles that agents sent, each once."""
    titles: dict[str, None] = {}
    for entry in entries:
        if entry.kind is EntryKind.ARTICLE and entry.author is Author.AGENT:
            also = entry.data.get("also")
            named = [entry.data, *(item for item in (also if isinstance(also, list) else []) if isinstance(item, dict))]
            titles |= dict.fromkeys(filter(None, (str(item.get("title") or "").strip() for item in named)))
    return tuple(titles)


def texts_of(store: Store, closing: Closing) -> tuple[str, str]:
    """Return what the customer asked, and the whole, of a closed conversation, without what names the customer."""
    entries = store.similar.said(closing)
    customer = store.queue.get(closing.conversation_id).customer
    return unnamed(problem_of(entries), entries, customer), unnamed(whole_of(entries), entries, customer)


def similar(
    store: Store, conversation_id: int, near: Sequence[tuple[int, float]], model: str, limit: int = MOST
) -> tuple[Past, ...]:
    """Do what `PastWork.similar` does."""
    score = dict(near)
    found = [
        Past(
            item.conversation_id,
            score[item.conversation_id],
            item.disposition.startswith(SOLVED),
            item.disposition,
            item.agent,
            item.at,
        )
        for item in store.similar.standing(score, model, without=conversation_id)
    ]
    found.sort(key=lambda past: (not past.solved, -past.similarity, -past.conversation_id))
    return tuple(found[:limit])


def told(store: Store, past: Past) -> Past | None:
    """Return a past conversation with what can be told of it; None when it is open again or forgotten."""
    closing = store.similar.closing(past.conversation_id)
    if closing is None:
        return None
    entries = store.similar.said(closing)
    customer = store.queue.get(past.conversation_id).customer
    return replace(past, sent=sent_in(entries), telling=telling_of(entries, customer))
