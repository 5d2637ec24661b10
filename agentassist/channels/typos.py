"""Typos as people make them: at most a few in a message, and never one that hides a code or a number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

MOST = 2
"""Typos in one message."""
CORRECTED = 0.4
"""How often the writer sends the word once more."""

_WORD = re.compile(r"(?<![\w*'’-])[a-záéíóúñü]{4,}(?![\w'’-])")
"""Words of small letters: names, codes and numbers are left alone."""
_BESIDE = {
    "a": "s", "b": "v", "c": "x", "d": "f", "e": "r", "f": "g", "g": "h", "h": "j", "i": "o", "j": "k", "k": "l",
    "l": "k", "m": "n", "n": "m", "o": "p", "p": "o", "q": "w", "r": "t", "s": "d", "t": "r", "u": "i", "v": "b",
    "w": "e", "x": "c", "y": "u", "z": "x",
}  # fmt: skip


def mistype(text: str, source: random.Random, likely: float) -> tuple[str, str]:
    """Return a text with typos, and the word that its writer then sends again; empty for none.

    Args:
        text: what was meant.
        source: decides.
        likely: how likely a typo is in each word of four letters and more.
    """
    words = [match for match in _WORD.finditer(text) if source.random() < likely]
    wrong = sorted(source.sample(words, min(MOST, len(words))), key=lambda match: match.start())
    corrected = ""
    for match in reversed(wrong):
        made = _wrong(match[0], source)
        if made != match[0] and source.random() < CORRECTED:
            corrected = match[0]
        text = text[: match.start()] + made + text[match.end() :]
    return text, corrected


def _wrong(word: str, source: random.Random) -> str:
    # The first letter stays: that is how people mistype, and how others still read it.
    at = source.randrange(1, len(word) - 1)
    kind = source.choice(("swap", "drop", "double", "beside"))
    if kind == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "drop":
        return word[:at] + word[at + 1 :]
    if kind == "double":
        return word[: at + 1] + word[at:]
    return word[:at] + _BESIDE.get(word[at], word[at]) + word[at + 1 :]
