"""Words of a text: tokens, clauses, and a vector of its words for when there is no encoder. Linear in the text."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

HEAD, TAIL = 1_200, 600
"""Characters of a long text that are read: its beginning and its end."""
TOKENS = 320
CLAUSES = 3
"""Clauses of a text that are judged."""
SIZE = 4_096
"""Numbers in a vector of words."""
JUDGED = 160
"""Characters of a clause that are judged."""
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[!?]")
_CLAUSE = re.compile(r"(?<=[.!?;:,])\s+|\s+(?:but|because|so|and then|actually)\s+", re.IGNORECASE)
_BLANKED = re.compile(r"#[A-Za-z_]{2,30}#|\[[A-Z_]{3,30}\]|<[A-Z_]{3,30}>|\{\{[A-Za-z_]{2,30}\}\}|\bX{3,30}\b")
"""What stands for a name or a number where a transcript was made anonymous."""
_SHORTEST, _LONGEST = 3, 7
"""A clause has at least so many words; a text of at most so many is one."""
_PART = 4
_SIGN = 1 << 20


def short(text: str) -> str:
    """Return what is read of a text: all of it, or its beginning and its end; what was blanked out is an x."""
    plain = text.replace("\u2019", "'")
    plain = plain if len(plain) <= HEAD + TAIL else f"{plain[:HEAD]} \n {plain[-TAIL:]}"
    return _BLANKED.sub("x", plain)


def tokens(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case, and its marks ! and ?; the first TOKENS.

    Args:
        text: as `short` gives it.
    """
    found = []
    for match in _TOKEN.finditer(text.casefold()):
        found.append(match[0])
        if len(found) == TOKENS:
            break
    return tuple(found)


def clauses(text: str) -> tuple[str, ...]:
    """Return the clauses of a text that are judged, at least one: a wish is often only one of them.

    Of many the first and the last ones: what a customer wants stands at the beginning or at the end.

    Args:
        text: as `short` gives it.
    """
    whole = " ".join(text.split())
    if whole.count(" ") < _LONGEST:
        return (whole[:JUDGED],)
    parts: list[str] = []
    for part in _CLAUSE.split(whole):
        # A clause of two words belongs to the one before it.
        if parts and part and part.count(" ") < _SHORTEST - 1:
            parts[-1] = f"{parts[-1]} {part}"
        elif part:
            parts.append(part)
    some = parts if len(parts) <= CLAUSES else [parts[0], *parts[1 - CLAUSES :]]
    return tuple(part[:JUDGED] for part in some) or (whole[:JUDGED],)


def vector(text: str) -> NDArray[np.float32]:
    """Return the words of a text as a unit-length vector of SIZE numbers: words, pairs and parts of words, hashed.

    The same on every machine. A text without words is all zeros.
    """
    import numpy as np

    made = np.zeros(SIZE, dtype=np.float32)
    for name, weight in _features(tokens(text)):
        code = zlib.crc32(name.encode("utf-8", "surrogatepass"))
        made[code % SIZE] += weight if code & _SIGN else -weight
    length = float(np.linalg.norm(made))
    return made / length if length else made


def _features(some: Sequence[str]) -> Iterator[tuple[str, float]]:
    for word in some:
        yield f"w{word}", 1.0
        edged = f"^{word[:40]}$"
        for at in range(max(1, len(edged) - _PART + 1)):
            yield f"c{edged[at : at + _PART]}", 0.5
    for one, other in zip(("^", *some), (*some, "$"), strict=True):
        yield f"b{one} {other}", 1.0
