"""The reception as the server uses it: what several pages ask at once is one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.session.reception import Reception

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from agentassist.config import Config
    from agentassist.friction.meter import Meter
    from agentassist.friction.reading import Earlier
    from agentassist.friction.settings import MeterSettings
    from agentassist.models import Entry
    from agentassist.protocols import Clock
    from agentassist.store.store import Store


class Counter(Reception):
    """A reception that also tells what has changed for many. Lives on the thread that owns the store."""

    def prepare(self) -> None:
        """Read the decision trees, so that the first customer does not wait for them.

        Raises:
            NotFoundError: there is no such knowledge base.
        """
        self._trees.all()

    def changes(self, conversation_ids: Collection[int]) -> tuple[Mapping[int, int], Collection[int]]:
        """Return the last entry's number of each conversation, and those in which an agent types."""
        typed = {desk.conversation_id for desk in self._store.presence.others("") if desk.typing}
        return self.last_seqs(conversation_ids), {ident for ident in conversation_ids if ident in typed}

    def material(self, conversation_id: int) -> tuple[Sequence[Entry], Sequence[Earlier]]:
        """Return what the bot goes by: the entries, and the customer's earlier conversations."""
        return self.entries(conversation_id), self.earlier(conversation_id)


def make_counter(config: Config, folder: Path | None, clock: Clock, meter: Meter | None) -> Callable[[Store], Counter]:
    """Return what makes a counter of the records, once they are open.

    Args:
        config: of the page, the hours and friction.
        folder: the knowledge base whose trees are played; None means the one that ships.
        clock: the time.
        meter: reads by words, so that nobody waits for it on the records' thread; None measures nothing.
    """

    def make(store: Store) -> Counter:
        from agentassist.session.hours import Calendar
        from agentassist.session.trees import TreeFiles

        return Counter(
            store,
            config=config,
            decision_trees=TreeFiles(folder, clock),
            calendar=Calendar(config.hours),
            meter=meter,
            clock=clock,
        )

    return make


def meter_settings(config: Config) -> MeterSettings:
    """Return how the friction meter reads, as configured."""
    from agentassist.friction.settings import MeterSettings

    return MeterSettings(never=config.friction.ignore, hand_over_at_once=config.friction.stakes)
