"""Drafts the summary of a conversation by picking its telling sentences. Pure: no model, no network, no clock.

A line is one of a few fixed words and then what somebody said, in their own words: the answers in the decision tree,
the customer's most informative sentences, the titles of what was sent, what the agent did or promised, how it ended.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from agentassist.models import Author, EntryKind, Event
from agentassist.session.summary_words import CLOSING, CONFIRMED, DONE, HELD, IDLE, NEED, POLITE, STILL, STOP, THANKED
from agentassist.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentassist.models import Entry

MAX_CHARACTERS, MAX_LINES = 600, 5
QUOTE, TITLE, ANSWER = 150, 70, 60
"""Characters of one quoted sentence, of an article's title and of an answer in the tree."""
MAX_READ = 1_200
"""Characters of one entry that are looked at: who writes more has said it by then."""
FIRST, LAST = 60, 20
"""Messages from the beginning and from the end that are looked at; between them a conversation repeats itself."""
EARLY = 0.75
"""How much of its weight a customer's message keeps for each one before it, down to `LATE`: problems come first.
Chosen by reading the drafts of the recorded conversations."""
LATE = 0.35

_BETWEEN = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")
"""Where one sentence ends and the next begins."""
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_TOKEN = re.compile(r"\S+")


class Sentence(NamedTuple):
    """Something that was said.

    Attributes:
        text: exactly as it was said, but clean and on one line.
        place: how many messages of the same kind came before.
        content: its content words.
    """

    text: str
    place: int
    content: tuple[str, ...]


def draft(entries: Sequence[Entry]) -> str:
    """Return two to five lines about a conversation, at most 600 characters; empty when nothing was said.

    Args:
        entries: all of one conversation, in order; anything may be in them.
    """
    said = [entry for entry in entries if entry.kind in (EntryKind.MESSAGE, EntryKind.ARTICLE) and entry.text.strip()]
    answers = _answers(entries)
    if not said and not answers:
        return ""
    problem = _problem(_edges([entry for entry in said if entry.author is Author.CUSTOMER]))
    lines = [f"About: {answers}" if answers else "", f"Problem: {problem}" if problem else ""]
    lines += [_sent(entries), _done(said), _ended(said, entries)]
    return _fitted([line for line in lines if line])


def edited_summary(entries: Sequence[Entry]) -> str:
    """Return the summary that a person wrote when this conversation was last closed; empty when it was only drafted.

    Args:
        entries: all of one conversation, in order.
    """
    for index in range(len(entries) - 1, -1, -1):
        if entries[index].event is Event.CLOSED:
            text = entries[index].text.strip()
            return "" if not text or text == draft(entries[:index]) else entries[index].text
    return ""


# What it was about


def _answers(entries: Iterable[Entry]) -> str:
    """Return what was chosen in the tree; what was typed into forms is names and numbers."""
    chosen: list[str] = []
    for entry in entries:
        if entry.kind is EntryKind.CHOICE and entry.text.strip():
            answer = _cut(entry.text, ANSWER)
            if answer not in chosen:
                chosen.append(answer)
    return " · ".join(chosen[-4:])


def _problem(messages: Sequence[Entry]) -> str:
    """Return the customer's one or two most informative sentences, in the order in which they were said."""
    sentences = _sentences(messages)
    spread = Counter(word for sentence in sentences for word in set(sentence.content))
    weighed = sorted(
        ((weight, number) for number, each in enumerate(sentences) if (weight := _weight(each, spread)) > 0),
        key=lambda each: (-each[0], each[1]),
    )
    if not weighed:
        longest = max((each.text for each in sentences if not IDLE.search(each.text)), key=len, default="")
        return f"“{_cut(longest, QUOTE)}”" if longest else ""
    best, first = weighed[0]
    chosen = [first]
    known = set(sentences[first].content)
    same = [each for each in weighed if sentences[each[1]].place == sentences[first].place]
    for weight, number in [*same[1:4], *weighed[1:8]]:  # what was said in the same breath belongs to it
        new = [word for word in sentences[number].content if word not in known]
        short = len(sentences[first].text) + len(sentences[number].text) < QUOTE * 1.5
        if weight > 0.5 * best and len(set(new)) >= 2 and short:
            chosen.append(number)
            break
    return " ".join(f"“{_cut(sentences[number].text, QUOTE)}”" for number in sorted(chosen))


def _weight(sentence: Sentence, spread: Counter[str]) -> float:
    """Say how much a customer's sentence tells: its content words, those they come back to more, not their number."""
    content = set(sentence.content)
    if len(content) < 2 or IDLE.search(sentence.text) or sentence.text.endswith(":"):
        return 0.0
    words = sum(1.0 + math.log(min(spread[word], 8)) / 2 for word in content)
    size = max(len(_TOKEN.findall(sentence.text)), 6)
    weight = words / math.sqrt(size)
    if NEED.search(sentence.text):
        weight *= 1.6
    if any(char.isdigit() for char in sentence.text) and len(content) < 4:
        weight *= 0.5
    if POLITE.search(sentence.text):
        weight *= 0.6
    return weight * max(EARLY**sentence.place, LATE)


# What was sent and done


def _sent(entries: Iterable[Entry]) -> str:
    titles: list[str] = []
    for entry in entries:
        if entry.kind is EntryKind.ARTICLE:
            also = entry.data.get("also")
            named = [
                entry.data,
                *(each for each in (also if isinstance(also, list) else [])[:20] if isinstance(each, dict)),
            ]
            for each in named:
                title = _cut(str(each.get("title") or ""), TITLE)
                if title and title not in titles:
                    titles.append(title)
    if not titles:
        return ""
    more = f" and {len(titles) - 3} more" if len(titles) > 3 else ""
    return "Sent: " + "; ".join(titles[-3:]) + more


def _done(said: Sequence[Entry]) -> str:
    """Return what the agent did or promised: their own sentences, or what the system noted of it."""
    mine = _edges([entry for entry in said if entry.author is Author.AGENT or entry.author is Author.SYSTEM])
    kinds = {number: entry.author for number, entry in enumerate(mine)}
    found: list[tuple[float, int, str]] = []
    for number, sentence in enumerate(_sentences(mine)):
        if sentence.text.endswith("?") or HELD.search(sentence.text) or not DONE.search(sentence.text):
            continue
        weight = math.sqrt(len(set(sentence.content))) * (0.8 if kinds[sentence.place] is Author.SYSTEM else 1.0)
        found.append((weight * (1.0 + sentence.place / (len(mine) + 1)), number, sentence.text))
    best = sorted(sorted(found, key=lambda each: (-each[0], each[1]))[:2], key=lambda each: each[1])
    texts = list(dict.fromkeys(_cut(text, QUOTE) for _, _, text in best))
    return "Agent: " + " ".join(f"“{text}”" for text in texts) if texts else ""


# How it ended


def _ended(said: Sequence[Entry], entries: Sequence[Entry]) -> str:
    live = _since_handoff(said, entries)
    replies = [entry for entry in live if entry.author is Author.AGENT]
    if not replies:
        return "Ended: no agent replied"
    last = next((number for number in range(len(live) - 1, -1, -1) if live[number].author is Author.CUSTOMER), None)
    if last is None:
        return "Ended: no answer"
    answered = any(entry.author is Author.AGENT for entry in live[last + 1 :])
    recent = [entry for entry in live[: last + 1] if entry.author is Author.CUSTOMER and entry.seq > replies[0].seq]
    for sentence in reversed(_sentences(recent[-3:])):
        text = sentence.text
        if STILL.search(text):
            return "Ended: no answer" if answered else f"Ended: still broken: “{_cut(text, QUOTE)}”"
        if CONFIRMED.search(text):
            return f"Ended: customer confirmed: “{_cut(text, QUOTE)}”"
        if text.endswith("?"):
            break
        if THANKED.search(text):
            return f"Ended: customer thanked: “{_cut(text, QUOTE)}”"
        if NEED.search(text):
            break
    if answered and not all(CLOSING.search(entry.text[:MAX_READ]) for entry in live[last + 1 :]):
        return "Ended: no answer"
    return f"Ended: customer wrote last: “{_cut(live[last].text, QUOTE)}”"


def _since_handoff(said: Sequence[Entry], entries: Sequence[Entry]) -> list[Entry]:
    handed = next((entry.seq for entry in entries if entry.event is Event.HANDOFF), 0)
    return [entry for entry in said if entry.seq > handed and entry.author is not Author.SYSTEM]


# Sentences


def _edges(messages: list[Entry]) -> list[Entry]:
    return messages if len(messages) <= FIRST + LAST else messages[:FIRST] + messages[-LAST:]


def _sentences(messages: Iterable[Entry]) -> list[Sentence]:
    found: list[Sentence] = []
    for place, entry in enumerate(messages):
        for part in _BETWEEN.split(entry.text[:MAX_READ]):
            text = clean_line(part.strip().lstrip("-*•>#· "), limit=MAX_READ)
            if any(map(str.isalnum, text)):
                found.append(Sentence(text, place, _content(text)))
    return found


def _content(text: str) -> tuple[str, ...]:
    words = [word for word in _WORD.findall(text.lower().replace("’", "'")) if word not in STOP]
    # A script without spaces makes one long “word” of a sentence: it says as much as its length.
    return tuple(
        part
        for word in words
        for part in (
            [word] if word.isascii() or len(word) < 9 else [word[at : at + 4] for at in range(0, min(len(word), 80), 4)]
        )
        if len(part) > 1
    )


def _cut(text: str, size: int) -> str:
    """Return a clean line of at most `size` characters, cut at a space with an ellipsis."""
    line = clean_line(text[: size * 20], limit=size * 20)
    if len(line) <= size:
        return line
    head = line[: size - 1]
    at = head.rfind(" ")
    return f"{head[: at if at > size // 2 else len(head)].rstrip()}…"


def _fitted(lines: list[str]) -> str:
    """Return the lines in at most MAX_CHARACTERS: the longest are cut until they fit."""
    lines = lines[:MAX_LINES]
    while sum(map(len, lines)) + len(lines) - 1 > MAX_CHARACTERS:
        longest = max(range(len(lines)), key=lambda number: len(lines[number]))
        over = sum(map(len, lines)) + len(lines) - 1 - MAX_CHARACTERS
        quoted = lines[longest].endswith("”")
        size = max(len(lines[longest]) - over - 1, 40)
        lines[longest] = _cut(lines[longest], size) + ("”" if quoted else "")
    return "\n".join(lines)
