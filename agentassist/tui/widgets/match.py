"""Finds what was typed in the labels of a list. Pure, and linear in the text, whatever the text is.

Textual's own matcher tries every way in which letters can be found, which on “aaaa…” takes for ever; this one looks
for each word as it stands, at the start of a word first, and else for its letters in order.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

TRIES = 8
"""Places of a word in one text that are looked at for a better one."""
START, LABEL, INSIDE, DETAIL, LOOSE = 4.0, 3.0, 2.0, 1.0, 0.5
"""What a word is worth at the start of the label, of a word in it, inside a word, in the detail, and in loose letters.
Chosen so that each comes before the next whatever is added within it (at most 0.4)."""


class Fit(NamedTuple):
    """How well a text fits.

    Attributes:
        score: more is better; only the order means anything.
        marks: (start, end) of what fits in the label, in order, not overlapping.
    """

    score: float
    marks: tuple[tuple[int, int], ...]


def folded(text: str) -> str:
    """Return text without case and accents, character for character, so that places in both are the same."""
    if text.isascii():
        return text.lower()
    return "".join(char.lower() if char < "\x80" else _plain(char) for char in text)


def _plain(char: str) -> str:
    base = unicodedata.normalize("NFKD", char)[:1].lower()
    return base if len(base) == 1 and base.isalnum() else char


def fits(words: tuple[str, ...], label: str, detail: str = "") -> Fit | None:
    """Say how well a list entry fits what was typed; None when a word of it is nowhere.

    Args:
        words: what was typed, folded and split at spaces.
        label: the entry's label, folded.
        detail: what stands beside it, folded.
    """
    score = 0.0
    marks: list[tuple[int, int]] = []
    for word in words:
        found = _whole(word, label) or (Fit(DETAIL, ()) if word in detail else None) or _loose(word, label)
        if found is None:
            return None
        score += found.score
        marks += found.marks
    return Fit(score, _merged(marks))


def _whole(word: str, label: str) -> Fit | None:
    at = first = label.find(word)
    if at < 0:
        return None
    share = 0.4 * len(word) / len(label)
    for _ in range(TRIES):
        if at == 0 or not label[at - 1].isalnum():
            return Fit((START if at == 0 else LABEL) + share, ((at, at + len(word)),))
        at = label.find(word, at + 1)
        if at < 0:
            break
    return Fit(INSIDE + share, ((first, first + len(word)),))


def _loose(word: str, label: str) -> Fit | None:
    """Find the letters in order; from the end back, so that they stand as close together as they can."""
    if len(word) < 2:
        return None
    end = -1
    for char in word:
        end = label.find(char, end + 1)
        if end < 0:
            return None
    places: list[int] = []
    end += 1
    for char in reversed(word):
        end = label.rfind(char, 0, end)
        places.append(end)
    places.reverse()
    starts = sum(place == 0 or not label[place - 1].isalnum() for place in places)
    close = len(word) / (places[-1] - places[0] + 1)
    # Letters strewn over a sentence are no answer to what was typed.
    if close < 0.5 and starts < len(word) - 1:
        return None
    return Fit(LOOSE + 0.2 * close + 0.2 * starts / len(word), tuple((place, place + 1) for place in places))


def _merged(marks: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
