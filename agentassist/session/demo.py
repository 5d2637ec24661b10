"""The demonstration: simulated customers arrive in a store of their own while a desk is open on it."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agentassist import paths
from agentassist.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentassist.channels.scripts import Script
    from agentassist.protocols import Clock

LATER_SECONDS = 3.0
"""How long the customers wait at most for a desk to open."""
RETRY_SECONDS = 1.0
PREFIX, LOCK = "agentassist-demo-", "demo.lock"

_log = logging.getLogger(__name__)


def scripts(folder: Path | None = None) -> tuple[Script, ...]:
    """Read the scripts of the simulated customers.

    Args:
        folder: with scripts; None means those that ship.

    Raises:
        NotFoundError: there is no such folder.
        ContentError: a script is broken; names file, line and field.
    """
    from agentassist.channels import script_file

    kb_folder = paths.sample_kb()
    return script_file.load(folder or kb_folder / script_file.FOLDER, kb_folder)


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
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield replace(paths.under(folder), cache=cache, index=cache / "demo-index")
    finally:
        os.close(lock)
        shutil.rmtree(folder)


def _sweep() -> None:
    """Remove what demonstrations left that were killed: the system let go of their lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:
            continue  # another user's, or just being made
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
        except OSError as error:
            _log.info("%s stays: %s", folder.name, error.strerror)
        finally:
            os.close(lock)


@contextmanager
def customers(
    places: paths.Paths,
    clock: Clock,
    *,
    chosen: Sequence[Script] | None = None,
    seed: int = 0,
    speed: float = 1.0,
    opened: threading.Event | None = None,
) -> Iterator[None]:
    """Let simulated customers arrive on a thread of their own until the block is left.

    Args:
        places: where the records are.
        clock: tells when something is stored.
        chosen: who arrives; None means those that ship.
        seed: decides the order, the pauses, the words and the typos.
        speed: how fast they live and write; 1 is as people do.
        opened: set when the desk shows its first picture, to which they leave the processor; None begins at once.
    """
    left = threading.Event()

    def live() -> None:
        if opened is not None:
            opened.wait(LATER_SECONDS)
        _live(places, clock, left, who=scripts() if chosen is None else chosen, seed=seed, speed=speed)

    thread = threading.Thread(target=live, name="customers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        if opened is not None:
            opened.set()
        thread.join()


def _live(
    places: paths.Paths, clock: Clock, left: threading.Event, *, who: Sequence[Script], seed: int, speed: float
) -> None:
    """Let customers live until somebody has left; when the records fail, try again."""
    begun = time.monotonic()
    from agentassist.session.demo_town import Town
    from agentassist.store.store import Store

    town: Town | None = None
    while not left.is_set():
        try:
            with Store.open(places.database, clock) as store:
                if town is None:
                    town = Town(store, who, seed=seed)
                    town.remember(places.database, clock)
                town.store = store
                town.live(lambda: (time.monotonic() - begun) * speed, lambda wait: left.wait(wait / speed))
        except StoreError as error:
            # The desk tells the agent what is wrong with the records; here it is enough to go on trying.
            _log.warning("the customers wait: %s", error.message)
            left.wait(RETRY_SECONDS)
