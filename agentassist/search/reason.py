"""Says in words why a hit matches. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_PHRASES = 3
NEAR = 0.45
"""A cosine from which "close in meaning" is said: three in four right passages of doc2dial, mtrag and dstc11t5 have it,
and a passage that has nothing to do with the query never (all-MiniLM-L6-v2)."""


def phrases(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """Return what was matched as a person would read it: neighbouring words as one, each once, the longest first.

    Args:
        text: the passage or its title.
        spans: (start, end) of each matched word, in order.
    """
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and text[joined[-1][1] : start] in (" ", "-"):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    found: dict[str, str] = {}
    for start, end in joined:
        found.setdefault(text[start:end].casefold(), text[start:end])
    return tuple(sorted(found.values(), key=lambda phrase: -len(phrase.split()))[:MAX_PHRASES])


def explain(*, named: bool, text: Sequence[str], title: Sequence[str], similarity: float | None) -> str:
    """Return why a hit matches, such as: matches “pairing code”; close in meaning (0.71).

    Args:
        named: its id or whole title was typed.
        text: phrases that were matched in the passage.
        title: phrases that were matched in the title or heading.
        similarity: cosine with the query, None without meaning.
    """
    reasons = []
    if named:
        reasons.append("is what was typed")
    elif text:
        reasons.append(f"matches {_quoted(text)}")
    elif title:
        reasons.append(f"its title matches {_quoted(title)}")
    if similarity is not None:
        reasons.append(
            f"{'close in meaning' if round(similarity, 2) >= NEAR else 'loosely related'} ({similarity:.2f})"
        )
    return "; ".join(reasons)


def _quoted(found: Sequence[str]) -> str:
    return ", ".join(f"“{phrase}”" for phrase in found)
