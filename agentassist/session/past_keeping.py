"""Keeps a desk's past conversations: makes the vectors that are missing, and holds them to be compared with.

All of it is done a little at a time between the searches, on the threads that own the records and the knowledge base,
so that nobody waits for it; what a desk did not get to, the next one does.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from agentassist.errors import AgentAssistError
from agentassist.session.desk import Desk
from agentassist.store.similar import Closing, SessionVector

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from concurrent.futures import Future

    from agentassist.search.nearest import Nearest
    from agentassist.session.backend import Backend
    from agentassist.session.knowledge import Knowledge

    Steps = Generator[Future[Any], Any, None]

QUIET_SECONDS = 2.0
"""How long nothing must have been searched before missing vectors are made."""
SOON_SECONDS, LATE_SECONDS = 0.3, 5.0
"""The same for a conversation that was just closed, and how long that waits at most while searches go on and on."""
AT_ONCE = 4
"""Conversations whose vectors are made in one round: two texts each, some 50 ms of one processor."""
PAGE = 2_000
"""Vectors that are read at a time: some milliseconds."""
HELD = 40_000
"""Past conversations that a desk compares with, the newest: comparing them all takes 2 ms of one processor."""
LOOK_SECONDS = 30.0
"""How often it is looked what other desks have made or forgotten."""
REST_SECONDS = 600.0
"""How long after all were looked through it is begun anew, for those that another program has closed."""
TROUBLE_SECONDS = 60.0
"""How long nothing is tried after an error."""

POOL = 40
"""Past conversations that are looked at closely."""
FLOOR = 0.6
"""The least cosine at which a past conversation counts as similar."""

_log = logging.getLogger(__name__)


class PastVectors:
    """What past conversations were about, by conversation. Lives on the thread of the knowledge base."""

    def __init__(self) -> None:
        self._nearest: Nearest | None = None
        self._model = ""

    def take(self, _: Knowledge, model: str, rows: Sequence[SessionVector], *, anew: bool = False) -> int:
        """Hold some more vectors, those of another encoder or `anew` instead of all others; return how many there are.

        Args:
            _: of the thread.
            model: the encoder's hash.
            rows: vectors of that model.
            anew: let go of all that were held.
        """
        from agentassist.search.nearest import Nearest

        if self._nearest is None or anew or model != self._model:
            self._nearest, self._model = Nearest(), model
        self._nearest.put([row.conversation_id for row in rows], [row.problem for row in rows])
        return len(self._nearest)

    def near(self, _: Knowledge, context: bytes, model: str) -> tuple[tuple[int, float], ...]:
        """Return the ids of the most similar conversations with their similarity.

        Args:
            _: of the thread.
            context: the vector of what is asked.
            model: of which encoder it is; vectors of two are never compared.
        """
        if self._nearest is None or model != self._model or not context:
            return ()
        return self._nearest.best(context, POOL, FLOOR)


class PastKeeping:
    """Keeps the vectors of past conversations true while a desk is open.

    Args:
        backend: the desk's threads.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.vectors = PastVectors()
        self._lock = threading.Lock()
        self._stopped = False
        self._busy = False
        self._searched = monotonic()
        self._not_before = 0.0
        self._due: deque[tuple[int, float]] = deque()
        self._begin("")

    def _begin(self, model: str) -> None:
        """Turn to another encoder: nothing of it is held or looked through yet."""
        self._model = model
        self._to_hold: int | None = None
        self._held = False
        self._to_look = 0
        self._missing: deque[Closing] = deque()
        self._looked = self._ended = monotonic()
        self._since = ""
        self._forgotten = -1

    # What the desk tells

    def searched(self) -> None:
        """Keep out of the way for a while: a customer waits."""
        self._searched = monotonic()

    def closed(self, conversation_id: int) -> None:
        """Make the vectors of a conversation that was closed, soon."""
        self._due.append((conversation_id, monotonic()))

    def tick(self) -> None:
        """Do a little, when nobody waits for anything else; returns at once."""
        now = monotonic()
        quiet = now - self._searched
        due = bool(self._due) and (quiet >= SOON_SECONDS or now - self._due[0][1] >= LATE_SECONDS)
        if self._busy or self._stopped or now < self._not_before or not (due or quiet >= QUIET_SECONDS):
            return
        self._busy = True
        self._go_on(self._round(now))

    def stop(self) -> None:
        """Hand nothing in any more."""
        with self._lock:
            self._stopped = True

    # Rounds: each step is a future that is waited for on no thread

    def _go_on(self, steps: Steps, done: Future[Any] | None = None) -> None:
        """Hand in the next step; on the thread that finished the one before."""
        try:
            with self._lock:
                if self._stopped:
                    return
                error = None if done is None else done.exception()
                if error is not None:
                    following = steps.throw(error)
                else:
                    following = steps.send(None if done is None else done.result())
        except StopIteration:
            self._busy = False
        except AgentAssistError as error:
            # Suggestions of articles go on without it, and the records tell the agent themselves what is wrong.
            _log.warning("similar conversations: %s", error.message)
            self._not_before = monotonic() + TROUBLE_SECONDS
            self._busy = False
        else:
            following.add_done_callback(partial(self._go_on, steps))

    def _round(self, now: float) -> Steps:
        model, _ = yield self._backend.knowledge(_embed, "")
        if not model:
            return
        if model != self._model:
            self._begin(model)
        if not self._held:
            yield from self._hold()
        elif now - self._looked >= LOOK_SECONDS:
            yield from self._take_in(now)
        yield from self._make_due()
        if self._held and self._searched < now:
            yield from self._catch_up(now)

    def _hold(self) -> Steps:
        """Hold the next page of what is made already."""
        if self._to_hold is None:
            self._forgotten, _ = yield self._backend.records(Desk.vectors_since, self._model, "", 1)
            self._to_hold = self._to_look = 1 + (yield self._backend.records(Desk.newest))
        while not self._stopped:
            rows = yield self._backend.records(Desk.vectors, self._model, self._to_hold, PAGE)
            self._since = max([self._since, *(row.made_at for row in rows)])
            count = yield self._backend.knowledge(self.vectors.take, self._model, rows)
            if len(rows) < PAGE or count >= HELD:
                self._held, self._looked = True, monotonic()
                return
            self._to_hold = rows[-1].conversation_id

    def _take_in(self, now: float) -> Steps:
        """Hold what others have made since, and let go of what is forgotten."""
        forgotten, rows = yield self._backend.records(Desk.vectors_since, self._model, self._since, PAGE)
        self._looked = now
        if forgotten != self._forgotten:
            yield self._backend.knowledge(self.vectors.take, self._model, (), anew=True)
            self._begin(self._model)
        elif rows:
            self._since = rows[-1].made_at
            yield self._backend.knowledge(self.vectors.take, self._model, rows)

    def _make_due(self) -> Steps:
        while self._due:
            conversation_id, _ = self._due[0]
            closing = yield self._backend.records(Desk.closing, conversation_id)
            if closing is not None:
                yield from self._make(closing)
            self._due.popleft()

    def _catch_up(self, now: float) -> Steps:
        """Make the vectors of a few conversations that have none; what a search interrupts is gone on with later."""
        if not self._missing:
            if not self._to_look and now - self._ended >= REST_SECONDS:
                self._to_look = 1 + (yield self._backend.records(Desk.newest))
            if not self._to_look:
                return
            found, self._to_look = yield self._backend.records(Desk.unmade, self._model, self._to_look, PAGE)
            self._missing.extend(found)
            self._ended = now
        for _ in range(min(AT_ONCE, len(self._missing))):
            if self._searched >= now:
                return
            yield from self._make(self._missing.popleft())

    def _make(self, closing: Closing) -> Steps:
        texts = yield self._backend.records(Desk.texts, closing)
        vectors = []
        for text in texts:  # each by itself: a search waits for one at most
            model, (vector,) = yield self._backend.knowledge(_embed, text)
            if model != self._model:
                return
            vectors.append(vector)
        made = SessionVector(closing.conversation_id, closing.seq, self._model, *vectors)
        kept = yield self._backend.records(Desk.keep_vectors, made)
        yield self._backend.knowledge(self.vectors.take, self._model, kept)


def _embed(knowledge: Knowledge, text: str) -> tuple[str, tuple[bytes]]:
    """Return the encoder's hash and the vector of a text; nothing is like a text without words."""
    model, vectors = knowledge.embed([text] if text else ())
    return model, (vectors[0] if vectors else b"",)
