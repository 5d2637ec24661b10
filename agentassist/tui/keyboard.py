"""When keys are pressed, so that what nobody has asked for can keep out of their way."""

from __future__ import annotations

import asyncio
from time import monotonic

PICTURE_SECONDS = 0.02
"""How long the picture of a key takes at most, most of the time."""
AFTER_SECONDS = 0.05
"""Until then after a key the next one is hardly to be expected: who types 120 words a minute takes 0.1 s for each."""
RESTING_SECONDS = 0.4
"""Who has pressed no key for so long does not type."""
LONGEST_SECONDS = 0.1
"""What waits for a moment between two keys waits no longer than this."""


class Keyboard:
    """Knows when the last key was pressed."""

    def __init__(self) -> None:
        self._pressed_at = -RESTING_SECONDS
        self._pressed = asyncio.Event()

    def pressed(self) -> None:
        """Note that a key was pressed."""
        self._pressed_at = monotonic()
        self._pressed.set()

    @property
    def rests(self) -> bool:
        """Whether nobody types."""
        return monotonic() - self._pressed_at >= RESTING_SECONDS

    async def between(self) -> None:
        """Wait for the moment at which work is least in the way of a key: after the picture of one, before the next.

        Returns at once while nobody types, and after LONGEST_SECONDS in any case.
        """
        until = monotonic() + LONGEST_SECONDS
        while (now := monotonic()) < until:
            since = now - self._pressed_at
            if since >= RESTING_SECONDS or PICTURE_SECONDS <= since < AFTER_SECONDS:
                return
            if since < PICTURE_SECONDS:
                await asyncio.sleep(PICTURE_SECONDS - since)
                continue
            self._pressed.clear()
            try:
                await asyncio.wait_for(self._pressed.wait(), min(until - now, RESTING_SECONDS - since))
            except TimeoutError:
                return
