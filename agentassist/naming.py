"""Names with a number in them, such as an error code or a model, and what of a text is about them. Pure.

Whoever asks about E7 wants the row that begins with E7, and not the one that is near it in meaning: to an encoder all
codes are alike.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

LONGEST = 20
"""Characters of the longest name; what is longer was not typed by anybody."""
HEADED, ROW, MENTIONED = 3, 2, 1
"""What a name is to a passage: in its heading; a cell of a row, or what a line is titled with; anywhere else."""
_WORD = re.compile(r"\w+")
_ROW = re.compile(r"[^:;]{1,60}: .+?; [^:;]{1,60}: .+")
_NEXT_CELL = re.compile(r"; (?=[^:;]{1,60}: )")
_TITLE = re.compile(r"(?:[•*–-] )?[\"'“‘(]*(\w+)(?::|$)")


def is_name(word: str) -> bool:
    """Say whether a word is a name with a number in it; a number with letters behind it is mostly an amount."""
    return word[:1].isalpha() and any(letter.isdigit() for letter in word) and len(word) <= LONGEST


def names(text: str) -> frozenset[str]:
    """Return the names with a number in a text, in lower case."""
    return frozenset(word.lower() for word in _WORD.findall(text) if is_name(word))


def standing(asked: Collection[str], heading: str, text: str) -> tuple[int, int]:
    """Return how much a passage is about names: how many of them it has, and what they are to it. More is better.

    Args:
        asked: see `names`.
        heading: of the passage.
        text: of the passage.
    """
    found = re.compile(rf"\b(?:{'|'.join(map(re.escape, asked))})\b", re.IGNORECASE)
    above, there = (frozenset(map(str.lower, found.findall(one))) for one in (heading, text))
    lines = text.split("\n") if there else ()
    rows = frozenset(name for line in lines if found.search(line) for name in _titled(line))
    worth = [HEADED * (name in above) or ROW * (name in rows) or MENTIONED * (name in there) for name in asked]
    return sum(value > 0 for value in worth), sum(worth)


def about(asked: Collection[str], text: str, size: int) -> str:
    """Return the part of a text that is about names: of a table their rows, of a long text from where they begin.

    What stands beside a table stays: it may be a warning.

    Args:
        asked: see `names`.
        text: the whole.
        size: characters that will be shown of it: what is no longer is not cut.
    """
    lines = text.split("\n")
    rows = [line for line in lines if _cells(line)]
    named = [line for line in rows if _titled(line) & set(asked)]
    if named and len(named) < len(rows):
        return "\n".join("\n".join(_NEXT_CELL.split(line)) for line in lines if line in named or line not in rows)
    if len(text) <= size:
        return text
    for at, line in enumerate(lines):
        if _titled(line) & set(asked):
            return "\n".join(lines[at:])
    first = next((at for at, line in enumerate(lines) if names(line) & set(asked)), 0)
    return text if names(text[:size]) & set(asked) else "\n".join(lines[first:])


def _cells(line: str) -> Sequence[str]:
    """Return the cells of a line that was a row of a table, "header: cell; header: cell"; none of any other line."""
    return [cell.partition(": ")[2] for cell in _NEXT_CELL.split(line)] if _ROW.fullmatch(line) else ()


def _titled(line: str) -> frozenset[str]:
    """Return the names that are a whole cell of a row, or the title of a line, as in "E7: frost protection"."""
    if cells := _cells(line):
        return frozenset(cell.strip().lower() for cell in cells if is_name(cell.strip()))
    found = _TITLE.match(line)
    return frozenset([found[1].lower()]) if found and is_name(found[1]) else frozenset()
