"""Lets alt and a digit arrive as that, in terminals that write them as ESC and the digit.

Most terminals send the two bytes ESC 1 for alt+1. Textual turns the nine of them into the characters that a Mac's
Option key types (`¡™£¢∞§¶•ª`), so that alt+3 could not be told from a typed £. Here the bytes become the keys alt+1 to
alt+9; a £ that is typed stays a £.
"""

from __future__ import annotations

from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from textual import _ansi_sequences

if TYPE_CHECKING:
    from collections.abc import Iterator


class AltDigit(StrEnum):
    """The keys, with the names that Textual gives them where the terminal tells them apart by itself."""

    ALT_1 = "alt+1"
    ALT_2 = "alt+2"
    ALT_3 = "alt+3"
    ALT_4 = "alt+4"
    ALT_5 = "alt+5"
    ALT_6 = "alt+6"
    ALT_7 = "alt+7"
    ALT_8 = "alt+8"
    ALT_9 = "alt+9"


SEQUENCES = {f"\x1b{key[-1]}": (key,) for key in AltDigit}
"""What a terminal sends, and the key that it is. Naming the key, and not only taking the sequence out, matters: Textual
waits a tenth of a second for more after a sequence that it does not know, and spells it out when more comes, so that a
key that is held down would type `^1^1^1`."""


@contextmanager
def alt_digits() -> Iterator[None]:
    """Read alt and a digit as such until the block is left; what Textual made of them before comes back then."""
    table = cast("dict[str, object]", _ansi_sequences.ANSI_SEQUENCES_KEYS)
    before = {sequence: table[sequence] for sequence in SEQUENCES if sequence in table}
    for sequence, keys in SEQUENCES.items():
        table[sequence] = keys
    try:
        yield
    finally:
        for sequence in SEQUENCES:
            del table[sequence]
        for sequence, meaning in before.items():
            table[sequence] = meaning
