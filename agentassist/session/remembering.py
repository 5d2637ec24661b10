"""Keeps the memory of a desk fresh: what any desk sent a moment ago already counts for the next search.

It lives on the thread of the knowledge base, with a connection of its own that only reads. What was learned long ago is
read a little at a time, while nobody searches; whatever goes wrong, the search goes on with what is known by then.
"""

from __future__ import annotations

import logging
from time import monotonic
from typing import TYPE_CHECKING

from agentassist.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from agentassist.models import Recalled
    from agentassist.models_memory import Ending
    from agentassist.protocols import Clock, Memory
    from agentassist.search.memory import Lessons
    from agentassist.store.lessons import LessonReader, Mark
    from agentassist.store.store import Store

PAGE = 100
"""Telling events that are read at a time, the newest first."""
SLICE_SECONDS = 0.005
"""How long is read on at a time in what was learned long ago, by a search too; what it does not get to, the next one
does."""
MOST = 50_000
"""Conversations with lessons that are held, the newest: comparing with them takes some milliseconds."""
BUSY_SECONDS = 0.05
"""How long a search waits for another process that holds the lock."""
TROUBLE_SECONDS = 10.0
"""How long nothing is read after an error."""

_log = logging.getLogger(__name__)


def hear(text: str) -> Ending | None:
    """Return what a customer's message says of how it ended: solved, unknown when it is but polite, None for else."""
    from agentassist.models_memory import Ending
    from agentassist.session.summary_words import CONFIRMED, STILL, THANKED

    if STILL.search(text):
        return None
    if CONFIRMED.search(text):
        return Ending.SOLVED
    return Ending.UNKNOWN if THANKED.search(text) else None


class Remembering:
    """What the desks of these records have learned. Belongs to one thread.

    Args:
        path: the records; they are not made when they are missing.
        clock: the time.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._store: Store | None = None
        self._reader: LessonReader | None = None
        self._version = -1
        self._not_before = 0.0
        self._trouble = ""
        self._begin()

    def _begin(self) -> None:
        """Know nothing."""
        self._lessons: Lessons | None = None
        self._mark: Mark | None = None
        self._known: set[int] = set()
        self._to_read = 0

    @property
    def degraded(self) -> str:
        """Why it may not know what was sent lately; empty when all is well."""
        return f"without the desk's memory: {self._trouble}" if self._trouble else ""

    def for_conversation(self, conversation_id: int) -> Memory:
        """Return the memory for a conversation, which does not vote for itself; 0 is for none."""
        return _Asking(self, conversation_id)

    def learn(self) -> bool:
        """Read a little of what was learned long ago, and say whether there is more. Never raises."""
        self.lessons()
        return self._reader is not None and self._goes_on

    def lessons(self, *, whole: bool = False) -> Lessons:
        """Return what is known now, with everything that was written until now. Never raises.

        Args:
            whole: read everything, however long it takes; else a little of what is old at a time.
        """
        from agentassist.search.memory import Lessons

        if monotonic() >= self._not_before:
            try:
                self._read(whole=whole)
            except StoreError as error:
                _log.warning("the memory: %s", error.message)
                self._trouble = error.message
                self._not_before = monotonic() + TROUBLE_SECONDS
                self.close()
            else:
                self._trouble = ""
        if self._lessons is None:
            self._lessons = Lessons()
        return self._lessons

    def close(self) -> None:
        """Let go of the records; what is known stays known."""
        if self._store is not None:
            self._store.close()
        self._store = self._reader = None
        self._version = -1

    def _read(self, *, whole: bool) -> None:
        """Take in what is new, then go on with what is old.

        Raises:
            StoreError: the records cannot be read.
        """
        if self._reader is None and not self._open():
            return
        reader, store = self._reader, self._store
        if reader is None or store is None:
            return
        version = store.version()
        if version != self._version:
            self._catch_up(reader)
            self._version = version
        until = monotonic() + SLICE_SECONDS
        while self._goes_on and (whole or monotonic() < until):
            found, self._to_read = reader.before(self._to_read, PAGE)
            self._take(reader, {number for number in found if number not in self._known})

    @property
    def _goes_on(self) -> bool:
        return self._to_read > 0 and len(self._known) < MOST

    def _open(self) -> bool:
        """Open the records when there are any."""
        if not self._path.exists():
            return False
        from agentassist.store.store import Store

        self._store = Store.open(self._path, self._clock, busy_seconds=BUSY_SECONDS)
        self._reader = self._store.lessons(hear)
        return True

    def _catch_up(self, reader: LessonReader) -> None:
        mark, before = reader.mark(), self._mark
        if before is None or mark.forgotten != before.forgotten or mark.event < before.event:
            self._begin()
            self._to_read = mark.event
        elif mark != before:
            self._take(reader, reader.touched(before, self._known))
        self._mark = mark

    def _take(self, reader: LessonReader, conversations: set[int]) -> None:
        from agentassist.search.memory import Lessons

        if self._lessons is None:
            self._lessons = Lessons()
        if conversations:
            self._lessons.forget(conversations)
            self._lessons.learn(reader.lessons(conversations))
            self._known |= conversations


class _Asking:
    """The memory as one conversation asks it."""

    def __init__(self, remembering: Remembering, conversation_id: int) -> None:
        self._remembering = remembering
        self._conversation_id = conversation_id

    def recall(self, model: str, context: NDArray[np.float32], today: date) -> Mapping[str, Recalled]:
        return self._remembering.lessons().recall(model, context, today, without=self._conversation_id)
