"""Parts a conversation into what was asked and how it was answered. Pure: no clock, no records.

An episode begins when a customer asks something, and goes on until they ask again after an answer: so an answer that
comes after three questions of the agent belongs to what was asked first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentassist.session.summary_words import CLOSING, HELD, IDLE, NEED, STOP, THANKED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentassist.store.gaps import Line

TELLING = 2
"""Telling words that a question needs to stand on its own; with fewer it leans on the one before."""
SUBSTANCE = 4
"""Telling words from which an agent's message may be an answer."""
TITLE = 120
"""Characters of a headline."""
_WORD = re.compile(r"[^\W\d_]{2,}(?:['’][^\W\d_]+)?")
_BACK = re.compile(
    r"\b(?:would|could|can|may) (?:you|i)(?: please)? (?:have|get|give|tell|provide|confirm|share|send|ask|know)\b"
    r"|\b(?:i|we) (?:just |also |still |first )*need (?:to (?:validate|verify|check|know)|your|the)\b"
    r"|\bsorry (?:i|we) (?:could|can)|\b(?:wait|bear with|hang on|moment)\b",
    re.IGNORECASE,
)
"""An agent asks back, or asks for patience, without a question mark. English, as `summary_words`."""
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")


@dataclass(frozen=True, slots=True)
class Episode:
    """What was asked once, and what came of it.

    Attributes:
        first: the first entry of the question.
        last: the last entry before the next question.
        question: what the customer asked until somebody answered.
        answers: what agents answered in their own words: no small talk, no questions back.
        answered: the entry of the last of these, 0 for none.
        replies: messages of agents, small talk too.
        article: an article was sent.
    """

    first: int
    last: int
    at: str
    question: str
    answers: tuple[str, ...]
    answered: int
    replies: int
    article: bool


@dataclass(slots=True)
class _Open:
    """An episode that is still read."""

    burst: list[Line]
    last: int
    answers: list[str] = field(default_factory=list)
    answered: int = 0
    replies: int = 0
    article: bool = False

    @property
    def over(self) -> bool:
        """Whether the next question is another one."""
        return self.article or bool(self.answered)

    def add(self, line: Line) -> None:
        """Add what an agent said."""
        self.last = line.seq
        if line.kind == "article":
            self.article = True
            return
        self.replies += 1
        if answer := answer_of(line.text):
            self.answers.append(answer)
            self.answered = line.seq

    def closed(self) -> Episode:
        question = "\n".join(line.text for line in self.burst)
        answers, first = tuple(self.answers), self.burst[0]
        return Episode(first.seq, self.last, first.at, question, answers, self.answered, self.replies, self.article)


def episodes(lines: Iterable[Line]) -> list[Episode]:
    """Return what was asked in a conversation, in order.

    Args:
        lines: what its customer and its agents said, in order; what agents said before the customer is left out.
    """
    found: list[Episode] = []
    now: _Open | None = None
    burst: list[Line] = []
    for line in lines:
        if line.event:
            continue
        if line.author == "customer":
            burst.append(line)
            continue
        now = _with(found, now, burst)
        burst = []
        if now is not None:
            now.add(line)
    now = _with(found, now, burst)
    return [*found, now.closed()] if now is not None else found


def _with(found: list[Episode], now: _Open | None, burst: list[Line]) -> _Open | None:
    """Add what a customer wrote in one go: it begins an episode, or belongs to the one that is open."""
    if not burst:
        return now
    text = "\n".join(line.text for line in burst)
    if now is None or (now.over and _begins(text)):
        if now is not None:
            found.append(now.closed())
        return _Open(list(burst), burst[-1].seq)
    if not now.over and _begins(text):
        now.burst.extend(burst)
    now.last = burst[-1].seq
    return now


def asks(text: str) -> bool:
    """Say whether a customer's text asks for something."""
    sentences = [part for part in _SENTENCE.split(text) if part.strip() and not IDLE.search(part)]
    # Where the words for needing are unknown, the length has to do: a thank-you is short in every language.
    return any(
        ("?" in part or "？" in part or NEED.search(part) or not part.isascii()) and telling(part) for part in sentences
    )


def _begins(text: str) -> bool:
    return asks(text) and not THANKED.match(text) and len(telling(text)) >= TELLING


def telling(text: str) -> set[str]:
    """Return the words of a text that say what it is about."""
    return {word for word in map(str.lower, _WORD.findall(text)) if word.replace("’", "'") not in STOP}


def answer_of(text: str) -> str:
    """Return what of an agent's message is an answer; empty when it is small talk, or asks back."""
    if len(telling(text)) < SUBSTANCE:
        return ""
    kept = [
        part.strip()
        for part in _SENTENCE.split(text)
        if part.strip() and not part.rstrip().endswith(("?", "？")) and not _is_talk(part)
    ]
    return "\n".join(kept) if len(telling(" ".join(kept))) >= SUBSTANCE else ""


def _is_talk(part: str) -> bool:
    """Say whether a sentence only keeps a conversation going."""
    goodbye = CLOSING.search(part) and len(telling(part)) < SUBSTANCE + 2
    return bool(HELD.search(part) or _BACK.search(part) or IDLE.search(part) or goodbye)


def headline(text: str) -> str:
    """Return the sentence of a customer's text that says best what it is about, on one line."""
    parts = [" ".join(part.split()) for part in _SENTENCE.split(text) if part.strip()]
    if not parts:
        return ""
    best = max(parts, key=lambda part: min(len(telling(part)), 12) * _weight(part))
    if len(best) <= TITLE:
        return best
    cut = best.rfind(" ", TITLE // 2, TITLE)
    return f"{best[: cut if cut > 0 else TITLE - 1]}…"


def _weight(part: str) -> float:
    if IDLE.search(part) or THANKED.search(part):
        return 0.2
    return 1.5 if "?" in part or NEED.search(part) else 1.0


def minutes(lines: Sequence[Line]) -> float:
    """Return how long people had a conversation: from each claim to its close or release, or to the agent's last entry.

    Args:
        lines: of one conversation, in order.
    """
    total = 0.0
    began = last = ""
    for line in lines:
        if line.event in ("claimed", "reopened") and line.author == "agent":
            total += _between(began, last)
            began = last = line.at
        elif began and line.event in ("closed", "released"):
            total += _between(began, line.at)
            began = last = ""
        elif began and line.author == "agent":
            last = line.at
    return total + _between(began, last)


def _between(began: str, ended: str) -> float:
    from agentassist.clock import from_stored

    if not began or not ended:
        return 0.0
    return max(0.0, (from_stored(ended) - from_stored(began)).total_seconds() / 60)
