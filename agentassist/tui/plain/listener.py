"""Hears on a thread of its own what other processes write, and hands it to the desk's thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError
from agentassist.models import Entry, EntryKind
from agentassist.session.desk import Desk, Opened, Overview

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentassist.models import CustomerPresence
    from agentassist.session.backend import Backend

TICK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class News:
    """What the store holds now.

    Attributes:
        conversation_id: the one that was open when it was read, 0 for none.
        entries: what came in to it.
        opened: it as it is now, when an entry says that it has changed hands.
        customer: whether its customer is there, and types; None when they are not.
    """

    overview: Overview
    conversation_id: int = 0
    entries: tuple[Entry, ...] = ()
    opened: Opened | None = None
    customer: CustomerPresence | None = None


class Listener:
    """Reads the store whenever somebody has written, and once a second lets the desk look at the clock.

    Args:
        heard: gets news, on this listener's thread.
        failed: gets why it could not be read, likewise.
        ticked: called every second, likewise.
    """

    def __init__(
        self,
        backend: Backend,
        heard: Callable[[News], None],
        failed: Callable[[AgentAssistError], None],
        ticked: Callable[[], None],
    ) -> None:
        self._backend = backend
        self._heard, self._failed, self._ticked = heard, failed, ticked
        self._changed = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.watching = (0, 0)
        """The open conversation and its last printed entry; (0, 0) for none. Set by the desk's thread."""

    def start(self) -> None:
        """Begin to listen."""
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)
        self._thread.start()
        self._backend.watch(self._changed.set)

    def stop(self) -> None:
        """End; what is being read is still handed on."""
        self._stop.set()
        self._changed.set()
        if self._thread is not None:
            self._thread.join()

    def look(self) -> bool:
        """Read the store now and hand on what it holds; say whether it could be read."""
        number, last = self.watching
        try:
            overview = self._backend.records(Desk.overview).result()
            entries: tuple[Entry, ...] = ()
            opened = customer = None
            if number:
                customer = self._backend.records(Desk.customer_present, number).result()
                entries = self._backend.records(Desk.entries, number, last).result()
                if any(entry.kind is EntryKind.EVENT for entry in entries):
                    opened = self._backend.records(Desk.open, number).result()
        except AgentAssistError as error:
            self._failed(error)
            return False
        self._heard(News(overview, number, entries, opened, customer))
        return True

    def _run(self) -> None:
        while not self._stop.is_set():
            if self._changed.wait(TICK_SECONDS):
                self._changed.clear()
                if self._stop.is_set():
                    return
                if not self.look():
                    self._stop.wait(TICK_SECONDS)
                    self._changed.set()
            self._ticked()
