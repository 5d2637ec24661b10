"""The threads behind a desk or a server: one owns the records, one the knowledge base, one watches what others write.

A database connection belongs to one thread, and neither a slow disk nor the encoder may stop the screen, so callers
hand in work and get a future.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Concatenate, Generic, ParamSpec, TypeVar

from agentassist.errors import StoreError
from agentassist.session.desk import Desk
from agentassist.session.knowledge import Knowledge
from agentassist.session.remembering import Remembering

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agentassist.paths import Paths
    from agentassist.protocols import Clock
    from agentassist.store.changes import Changes
    from agentassist.store.store import Store

P = ParamSpec("P")
T = TypeVar("T")
H = TypeVar("H")

BUSY_SECONDS, IDLE_SECONDS = 0.005, 0.03
"""How often others' writes are looked for: while somebody writes, and when nobody has for a while."""
BUSY_LOOKS = 600
"""So many looks after the last write, nobody writes any more."""
LATER_SECONDS = 0.25
"""How long the watcher leaves the processor to the first picture; what is written meanwhile it tells then."""

_log = logging.getLogger(__name__)


class Threads(Generic[H]):
    """Runs work on the thread that the work belongs to.

    Args:
        paths: where the records and the index are.
        clock: the time.
        hand: makes what is called on the records' thread, such as a desk.
        kb_folder: where the snippets are read from; None means the knowledge base that ships.
        reranker_ms: see `config.SearchConfig`.
    """

    def __init__(
        self,
        paths: Paths,
        clock: Clock,
        hand: Callable[[Store], H],
        kb_folder: Path | None = None,
        reranker_ms: float = 0,
    ) -> None:
        self._paths = paths
        self._clock = clock
        self._make = hand
        self._records = ThreadPoolExecutor(1, thread_name_prefix="records")
        self._knowledge = ThreadPoolExecutor(1, thread_name_prefix="knowledge")
        self._hand: H | None = None
        self._store: Store | None = None
        memory = Remembering(paths.database, clock)
        self._library = Knowledge(paths.index, clock, kb_folder, memory, reranker_ms=reranker_ms)
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None

    def open(self) -> None:
        """Begin to open the records, beside whatever the caller does next; what fails the first `records` tells."""
        self._records.submit(self._open)

    def records(self, call: Callable[Concatenate[H, P], T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `call(hand, …)` on the thread that owns the store.

        The future raises what the call raises, and a StoreError when the store cannot be opened; the next call tries
        to open it again.
        """
        return self._records.submit(lambda: call(self._open(), *args, **kwargs))

    def knowledge(self, call: Callable[Concatenate[Knowledge, P], T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `call(knowledge, …)` on the thread that owns the index."""
        return self._knowledge.submit(lambda: call(self._library, *args, **kwargs))

    def learn(self) -> None:
        """Begin to read what was learned long ago, a little at a time, between what the knowledge base is asked."""
        self._knowledge.submit(self._learn)

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` on a thread of its own soon after any process has written to the store."""
        self._watcher = threading.Thread(target=self._watch, args=(changed,), name="watcher", daemon=True)
        self._watcher.start()

    def settle(self) -> None:
        """Wait until what was handed in for the records is done."""
        self._records.submit(bool).result()

    def close(self) -> None:
        """Finish what was handed in, then let go of every file."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join()
        self._records.submit(self._close_store)
        self._knowledge.submit(self._library.close)
        self._records.shutdown(wait=True)
        self._knowledge.shutdown(wait=True)

    def _open(self) -> H:
        if self._hand is None:
            from agentassist.store.store import Store

            self._store = Store.open(self._paths.database, self._clock)
            self._hand = self._make(self._store)
        return self._hand

    def _learn(self) -> None:
        if self._library.learn() and not self._stop.is_set():
            with suppress(RuntimeError):  # the end came between these two lines
                self._knowledge.submit(self._learn)

    def _close_store(self) -> None:
        if self._store is not None:
            self._store.close()
        self._store = self._hand = None

    def _watch(self, changed: Callable[[], None]) -> None:
        from agentassist.store.changes import Changes

        self._stop.wait(LATER_SECONDS)
        while not self._stop.is_set():
            try:
                with Changes.open(self._paths.database) as changes:
                    self._follow(changes, changed)
            except StoreError as error:
                # The records thread tells the agent; here it is enough to go on trying.
                _log.warning("watching for changes: %s", error.message)
                self._stop.wait(1.0)

    def _follow(self, changes: Changes, changed: Callable[[], None]) -> None:
        version = changes.version()
        changed()
        quiet = 0
        while not self._stop.wait(BUSY_SECONDS if quiet < BUSY_LOOKS else IDLE_SECONDS):
            now = changes.version()
            quiet += 1
            if now != version:
                version, quiet = now, 0
                changed()


class Backend(Threads[Desk]):
    """The threads behind a desk.

    Args:
        paths: where the records and the index are.
        agent: who sits at the desk.
        clock: the time.
        kb_folder: where the snippets are read from; None means the knowledge base that ships.
        reranker_ms: see `config.SearchConfig`.
    """

    def __init__(
        self, paths: Paths, agent: str, clock: Clock, *, kb_folder: Path | None = None, reranker_ms: float = 0
    ) -> None:
        super().__init__(paths, clock, lambda store: Desk(store, agent), kb_folder, reranker_ms)
        self.agent = agent
