"""The friction meter beside a desk: it learns its examples on a thread of its own, and nobody waits for it."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from agentassist.errors import FrictionError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from agentassist.friction.meter import Meter
    from agentassist.friction.reading import Earlier, Reading
    from agentassist.friction.settings import MeterSettings
    from agentassist.models import Entry

_log = logging.getLogger(__name__)


class Measuring:
    """Reads messages by their words, once it is ready, which takes it seconds of one processor.

    By meaning it would have to share the encoder with the search, for which people wait.

    Args:
        settings: how the meter reads.
    """

    def __init__(self, settings: MeterSettings) -> None:
        self._settings = settings
        self._meter: Meter | None = None
        self._thread: threading.Thread | None = None

    def read(self, entries: Sequence[Entry], now: datetime, earlier: Sequence[Earlier]) -> Reading | None:
        """Return how strained the customer is; None while the meter is not ready. The first call begins that."""
        if self._thread is None:
            # A daemon: a desk that is left meanwhile does not stay for it.
            self._thread = threading.Thread(target=self._load, name="friction", daemon=True)
            self._thread.start()
        return self._meter.read(entries, now, earlier=earlier) if self._meter is not None else None

    def wait(self) -> None:
        """Wait until the meter is ready, or cannot be."""
        if self._thread is not None:
            self._thread.join()

    def _load(self) -> None:
        from agentassist.friction.meter import Meter

        try:
            meter = Meter.load(None, self._settings)
            meter.warm()
        except FrictionError as error:
            _log.warning("the friction meter: %s", error.message)  # `agentassist friction` says so, too
        else:
            self._meter = meter
