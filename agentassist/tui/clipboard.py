"""What may go to the terminal's clipboard. Pure: the application sends it."""

from __future__ import annotations

from dataclasses import dataclass

from agentassist.text import clean

MOST_BYTES = 74_994
"""The most UTF-8 bytes that are copied. Terminals cut off or drop an OSC 52 sequence of more than 100,000 bytes: eight
go to its frame, and base64 makes four bytes of three."""


class CleanText(str):
    """Text that `copyable` has let through, so that it is not cleaned once more."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """Text that may go to the clipboard.

    Attributes:
        text: without any control character but newlines.
        lines: how many it has.
        whole: whether that is all of it; the rest did not fit.
    """

    text: CleanText
    lines: int
    whole: bool


def copyable(text: str) -> Copy:
    """Return what of a text may be copied: clean, and not more than terminals take.

    Takes a tenth of a second for the longest text that fits; for more than a few thousand characters call it on
    another thread.

    Args:
        text: anything at all.
    """
    head = text[:MOST_BYTES]
    made = clean(head, limit=len(head) * 10).encode("utf-8", "replace")
    whole = len(head) == len(text) and len(made) <= MOST_BYTES
    kept = made[:MOST_BYTES].decode("utf-8", "ignore")
    if not whole:
        # What is cut may end in the middle of an emoji; cleaned once more, nothing invisible is left of it.
        kept = kept[:-64] + _fitting(clean(kept[-64:], limit=640), len(kept[-64:].encode()))
    kept = kept.rstrip("\n")
    return Copy(CleanText(kept), kept.count("\n") + 1 if kept else 0, whole)


def _fitting(text: str, size: int) -> str:
    """Cut a text to a number of UTF-8 bytes; a joiner at the end joins nothing."""
    return text.encode()[:size].decode("utf-8", "ignore").rstrip("\u200c\u200d")
