"""What the server is made of: the records on their thread, the pages that are open, and the bot's turns."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from agentassist.errors import SearchError, StoreBusyError, StoreError
from agentassist.friction.judges import shipped
from agentassist.friction.meter import Meter
from agentassist.models import State
from agentassist.server.counter import Counter, meter_settings
from agentassist.server.hub import Hub
from agentassist.server.limits import Buckets
from agentassist.server.turns import BURST_SECONDS, Turns
from agentassist.session.knowledge import Knowledge
from agentassist.session.measuring import KnownVectors
from agentassist.session.reception import Reception
from agentassist.session.reception_turn import consider

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from agentassist.config import Config
    from agentassist.friction.reading import Earlier
    from agentassist.models import Entry
    from agentassist.protocols import Clock
    from agentassist.server.limits import Limits
    from agentassist.server.site import Site
    from agentassist.session.backend import Threads
    from agentassist.session.reception_turn import Thought

MOST_TYPED = 2_000
"""Conversations of which it is remembered when their customer typed."""

P = ParamSpec("P")
T = TypeVar("T")

LEARNED_AT_ONCE = 16
"""Examples that are encoded at once: a customer who writes meanwhile waits for no more."""

_log = logging.getLogger(__name__)


class Service:
    """Everything that the routes share.

    Args:
        backend: the threads behind it.
        config: of the page and of friction.
        words: the friction meter by words, which the reception reads; None measures nothing.
        site: where the page is reached.
        limits: how much one customer gets.
        clock: the time.
        monotonic: a clock in seconds that never goes back.
        pause: see `Turns`.
    """

    def __init__(
        self,
        backend: Threads[Counter],
        *,
        config: Config,
        words: Meter | None,
        site: Site,
        limits: Limits,
        clock: Clock,
        monotonic: Callable[[], float],
        pause: float = BURST_SECONDS,
    ) -> None:
        self.site = site
        self.limits = limits
        self._backend = backend
        self._clock = clock
        self._config = config
        self._words = words
        self._meter: Meter | None = None
        self._monotonic = monotonic
        self._typed: OrderedDict[int, float] = OrderedDict()
        self.hub = Hub(self._look, limits, monotonic)
        self.turns = Turns(self._take_turn, self.hub.wake, pause=pause)
        self.begins = Buckets(limits.begins, monotonic)
        self.links = Buckets(limits.links, monotonic)
        self.sends = Buckets(limits.sends, monotonic)
        self.signs = Buckets(limits.signs, monotonic)
        self.mails = Buckets(limits.mails, monotonic)

    async def records(self, call: Callable[Concatenate[Counter, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `call(counter, …)` on the thread that owns the store."""
        return await asyncio.wrap_future(self._backend.records(call, *args, **kwargs))

    async def view(self, conversation_id: int, after: int) -> dict[str, Any]:
        """Return what the page shows of a conversation after an entry, as JSON has it."""
        view = await self.records(Reception.view, conversation_id, after)
        thinking = view.state is State.DIGITAL and self.turns.thinking(conversation_id)
        return {**view.to_json(), "thinking": thinking}

    async def here(self, conversation_id: int) -> None:
        """Keep that a customer has the page open, unless a sign of typing has just said so."""
        typed = self._typed.pop(conversation_id, None)
        if typed is None or self._monotonic() - typed > 10:
            with suppress(StoreBusyError):
                await self.records(Reception.typing, conversation_id, typing=False)

    async def typing(self, conversation_id: int, *, typing: bool) -> None:
        """Keep whether a customer types."""
        self._typed[conversation_id] = self._monotonic()
        if len(self._typed) > MOST_TYPED:
            self._typed.popitem(last=False)
        with suppress(StoreBusyError):
            await self.records(Reception.typing, conversation_id, typing=typing)

    async def take_up(self, conversation_id: int) -> None:
        """Take a turn of the bot that a server before this one owed when it ended."""
        with suppress(StoreError):  # told where it is counted; the page asks again
            if not self.turns.thinking(conversation_id) and await self.records(Reception.turn_due, conversation_id):
                self.turns.due(conversation_id)

    async def run(self) -> None:
        """Follow what is written, by whomever, until this is cancelled."""
        loop = asyncio.get_running_loop()

        def changed() -> None:
            with suppress(RuntimeError):  # the loop has ended: there is nobody to tell
                loop.call_soon_threadsafe(self.hub.changed)

        self._backend.watch(changed)
        await self.hub.run()

    async def finish(self) -> None:
        """Say what is still to be said, then let go of every file."""
        await self.turns.finish()
        await asyncio.to_thread(self._backend.close)

    async def readable(self) -> bool:
        """Say whether the records can be read."""
        try:
            await self.records(_touch)
        except StoreError as error:
            _log.warning("the records cannot be read: %s", type(error).__name__)
            return False
        return True

    async def warm(self) -> str:
        """Load what the bot answers by, so that the first customer does not wait for it.

        Returns:
            Why it is less than it could be; empty when all is well.
        """
        degraded = await asyncio.wrap_future(self._backend.knowledge(Knowledge.warm))
        self._backend.learn()
        if self._words is None:
            return degraded
        await asyncio.to_thread(self._words.warm)
        return degraded or await self._learn()

    async def _learn(self) -> str:
        """Let the friction meter read by meaning, once it has learned its examples between the searches of customers.

        Returns:
            Why it reads by words; empty when all is well.
        """
        settings, vectors = meter_settings(self._config), KnownVectors()
        texts = [item.text for item in await asyncio.to_thread(shipped, settings.language)]
        for start in range(0, len(texts), LEARNED_AT_ONCE):
            some = texts[start : start + LEARNED_AT_ONCE]
            await asyncio.wrap_future(self._backend.knowledge(vectors.learn, some))
        meter = Meter.load(vectors, settings)
        degraded = await asyncio.to_thread(meter.warm)
        vectors.knowledge = await asyncio.wrap_future(self._backend.knowledge(_itself))
        self._meter = meter
        return degraded

    async def index_state(self) -> str:
        """Return how the bot finds articles: "meaning", "words" or, without an index, "none"."""
        return await asyncio.wrap_future(self._backend.knowledge(_index_state))

    async def _look(self, conversation_ids: Collection[int]) -> tuple[Mapping[int, int], Collection[int]]:
        return await self.records(Counter.changes, conversation_ids)

    async def _take_turn(self, conversation_id: int) -> None:
        entries, earlier = await self.records(Counter.material, conversation_id)
        work = asyncio.wrap_future(self._backend.knowledge(self._considered, entries, earlier))
        # Whatever is wrong with the bot, who wrote to it gets a person instead of silence.
        (thought,) = await asyncio.gather(work, return_exceptions=True)
        if isinstance(thought, BaseException):
            _log.error("the bot failed: %s", type(thought).__name__)
            await self.records(Reception.give_up, conversation_id)
        else:
            await self.records(Reception.turn, conversation_id, thought)

    # On the knowledge base's thread

    def _considered(self, knowledge: Knowledge, entries: Sequence[Entry], earlier: Sequence[Earlier]) -> Thought:
        return consider(knowledge, self._meter or self._words, entries, self._clock.now(), earlier)


def _itself(knowledge: Knowledge) -> Knowledge:
    return knowledge


def _index_state(knowledge: Knowledge) -> str:
    degraded = knowledge.warm()
    if not degraded:
        return "meaning"
    try:
        knowledge.passages("")
    except SearchError:
        return "none"
    return "words"


def _touch(counter: Counter) -> None:
    counter.known("")
