"""The only place that starts timers.

Textual freezes for ever on a negative timer and never fires one of zero, which is what an overdue reminder asks for.
Nor does it fire one whose moment has passed before it begins to wait, as happens on a busy machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message_pump import MessagePump
    from textual.timer import Timer

SHORTEST = 0.01
"""Seconds; a shorter or negative wait becomes this."""


def after(node: MessagePump, seconds: float, callback: Callable[[], object]) -> Timer:
    """Call `callback` once on the screen's thread, `seconds` from now or as soon as possible."""
    timer = node.set_timer(max(SHORTEST, seconds), callback)
    # What it skips is a beat that is late, for the next one: there is no next one here. It has not begun to run yet.
    timer._skip = False
    return timer


def every(node: MessagePump, seconds: float, callback: Callable[[], object]) -> Timer:
    """Call `callback` again and again on the screen's thread until the node is gone."""
    return node.set_interval(max(SHORTEST, seconds), callback)
