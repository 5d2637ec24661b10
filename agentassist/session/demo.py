"""The demonstration: the shipped conversations arrive in a store of their own while a desk is open on it."""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agentassist import paths
from agentassist.channels import replay
from agentassist.models import EntryKind
from agentassist.session import intake
from agentassist.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentassist.protocols import Arrival, Clock

ARRIVALS = {"pairing-code-gone": 0.0, "charged-after-cancelling": 6.0, "radiator-cold-baby": 20.0}
"""Seconds after the start at which each shipped transcript is handed over."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A transcript whose tree and bot part is over when it arrives; what the customer writes then keeps its pace.

    Attributes:
        arrives: seconds from the start to the handoff.
    """

    transcript: replay.Replay
    arrives: float

    def arrivals(self) -> Iterator[Arrival]:
        """Yield the lines in the order of time."""
        lines = list(self.transcript.arrivals())
        handoff = next((line.at for line in lines if line.entry and line.entry.kind is EntryKind.EVENT), 0.0)
        for line in lines:
            yield replace(line, at=self.arrives + max(0.0, line.at - handoff))


@contextmanager
def home(clock: Clock, *, keep: bool) -> Iterator[paths.Paths]:
    """Give the demonstration places of its own; what it embeds stays in the user's cache for the next run.

    Args:
        clock: names the folder that is kept.
        keep: keep records and index in the user's data folder; else the records go and the index is in the cache.
    """
    usual = paths.default_paths()
    cache = paths.ensure(usual.cache)
    if keep:
        folder = paths.ensure(usual.data / f"demo-{clock.now():%Y%m%d-%H%M%S}")
        yield replace(paths.under(folder), cache=cache)
        return
    folder = Path(tempfile.mkdtemp(prefix="agentassist-demo-"))
    try:
        yield replace(paths.under(folder), cache=cache, index=cache / "demo-index")
    finally:
        shutil.rmtree(folder)


@contextmanager
def customers(places: paths.Paths, clock: Clock, *, speed: float) -> Iterator[None]:
    """Let the shipped customers arrive on a thread of their own until the block is left.

    Raises:
        ReplayError: a shipped transcript is broken.
    """
    folder = paths.sample_kb() / "conversations"
    channels = [HandedOver(replay.load(folder / f"{name}.jsonl"), arrives) for name, arrives in ARRIVALS.items()]
    left = threading.Event()

    def wait(seconds: float) -> None:
        left.wait(seconds)

    def deliver() -> None:
        with Store.open(places.database, clock) as store:
            for item in intake.play(store, channels, speed=speed, sleep=wait):
                if item.refused:
                    _log.info("%s: not delivered: %s", item.label, item.refused)
                if left.is_set():
                    return

    thread = threading.Thread(target=deliver, name="customers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()
