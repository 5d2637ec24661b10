"""When garbage is collected: while nobody waits, instead of in the middle of a picture.

Textual's strips hold their caches in cycles, so a busy desk makes garbage that only a collection frees, and Python
looks through everything for it several times in ten seconds: 70 ms each on a desk with its encoder loaded, which is
what the slowest keys waited for (`tests/bench/desk_keys.py`).
"""

from __future__ import annotations

import gc
from time import monotonic, process_time

YOUNG, MIDDLE = 5_000, 5
"""Objects that are made before the young ones are looked through, and how often before those that were left then are
too: by then most have gone by themselves, and to look takes a few milliseconds."""
SELDOM = 1_000
"""Times that the young are looked through before everything is, if the desk is never idle that long."""
IDLE_SHARE = 0.05
"""A desk that used less of a core than this since the last look is idle."""
SECONDS = 60.0
"""Between two looks through everything."""


class Garbage:
    """Looks after the garbage of a desk that `run` started."""

    def __init__(self) -> None:
        self._mine = False
        self._looked = self._done = monotonic()
        self._used = process_time()

    def begin(self) -> None:
        """Collect again, if nothing was collected during the start. What is there by now stays until the end."""
        self._mine = not gc.isenabled()
        if self._mine:
            gc.freeze()
            gc.set_threshold(YOUNG, MIDDLE, SELDOM)
            gc.enable()

    def tick(self) -> None:
        """Collect everything if nothing goes on and it is time; call it about once a second."""
        now, used = monotonic(), process_time()
        idle = used - self._used < IDLE_SHARE * (now - self._looked)
        self._looked, self._used = now, used
        if self._mine and idle and now - self._done > SECONDS:
            gc.collect()
            self._done = now
