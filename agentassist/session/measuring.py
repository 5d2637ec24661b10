"""The friction meter beside what people wait for: it learns its examples on the side, and nobody waits for it."""

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
    from agentassist.session.knowledge import Knowledge

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

    def begin(self) -> None:
        """Get ready on a thread of its own, once."""
        if self._thread is None:
            # No daemon: a process that ends while NumPy computes in one of its threads crashes, so it waits for this
            # second of work.
            self._thread = threading.Thread(target=self._load, name="friction")
            self._thread.start()

    def read(self, entries: Sequence[Entry], now: datetime, earlier: Sequence[Earlier]) -> Reading | None:
        """Return how strained the customer is; None while the meter is not ready, which the first call only begins."""
        if self._thread is None:
            self.begin()
            return None
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


class KnownVectors:
    """The vectors of a meter's examples, learned a few at a time, so that the searches between them wait for few.

    As what a meter embeds by: what is known is not encoded again.

    Attributes:
        knowledge: encodes what is not known, on the thread that calls; None leaves that unread.
    """

    def __init__(self) -> None:
        self.knowledge: Knowledge | None = None
        self._model = ""
        self._known: dict[str, bytes] = {}

    def learn(self, knowledge: Knowledge, texts: Sequence[str]) -> bool:
        """Encode some texts on the thread that owns the knowledge base; say whether there is an encoder."""
        model, vectors = knowledge.embed(texts)
        if model != self._model:
            self._model, self._known = model, {}
        self._known |= dict(zip(texts, vectors, strict=False))
        return bool(model)

    def __call__(self, texts: Sequence[str]) -> tuple[str, tuple[bytes, ...]]:
        """Return the encoder's name and a vector for each text; an empty name and none when it cannot."""
        if all(text in self._known for text in texts):
            return self._model, tuple(self._known[text] for text in texts)
        return self.knowledge.embed(texts) if self.knowledge is not None else ("", ())
