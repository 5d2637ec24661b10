"""How strained a customer was, as a mark and in words: told apart without colour. Pure, and light to import."""

from __future__ import annotations

STRAINED, FRICTION = 0.2, 0.5
"""The scores of the meter's own levels, see `friction.settings`, for where only the score is known."""

_LEVELS = {"calm": 0, "strained": 1, "friction": 2}
MARKS = ("", "▲", "▲▲")
WORDS = ("", "strained", "at the point of friction")


def strain(friction: float, level: str = "") -> int:
    """Return 0 for calm, 1 for strained, 2 for the point of friction.

    Args:
        friction: the score, in [0, 1].
        level: what the meter said of it; empty when nobody did.
    """
    if level in _LEVELS:
        return _LEVELS[level]
    return 2 if friction >= FRICTION else 1 if friction >= STRAINED else 0
