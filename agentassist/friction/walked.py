"""How far conversations were walked, kept so that a reading after one more entry reads only that entry.

What is kept never changes a reading: it is used only for entries that begin with exactly those that were walked.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from operator import attrgetter, eq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.friction.reading import Earlier, Level
    from agentassist.friction.walk import Walk
    from agentassist.models import Entry

KEPT = 256
"""Conversations that are kept, those that were read last."""
_PARTS = tuple(map(attrgetter, ("seq", "text", "at", "author", "kind", "data")))


@dataclass(slots=True)
class Walked:
    """A walk and how far it has come.

    Attributes:
        entries: those that were walked.
        level: after all of them but the last, whose level hangs on when it is asked for.
        fit: of which fit of the reader it is.
    """

    walk: Walk
    entries: tuple[Entry, ...]
    level: Level
    fit: int

    def begins(self, entries: Sequence[Entry]) -> bool:
        """Say whether entries begin with those that were walked."""
        if len(self.entries) > len(entries):
            return False
        return all(all(map(eq, map(part, self.entries), map(part, entries))) for part in _PARTS)


class Kept:
    """The last walks. Safe to use from several threads: a walk is with one of them at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[int, tuple[Earlier, ...]], Walked] = OrderedDict()

    def take(self, entries: Sequence[Entry], earlier: Sequence[Earlier], fit: int) -> Walked | None:
        """Return the walk of the beginning of these entries, and keep it no longer; None when there is none.

        Args:
            entries: of one conversation.
            earlier: the customer's earlier conversations.
            fit: the reader's.
        """
        if not entries:
            return None
        key = (entries[0].conversation_id, tuple(earlier))
        with self._lock:
            known = self._known.get(key)
            if known is None or (known.fit == fit and len(known.entries) > len(entries)):
                return None
            del self._known[key]
        return known if known.fit == fit and known.begins(entries) else None

    def keep(self, walked: Walked, earlier: Sequence[Earlier]) -> None:
        """Keep a walk, unless one that has come further is kept."""
        if not walked.entries:
            return
        key = (walked.entries[0].conversation_id, tuple(earlier))
        with self._lock:
            known = self._known.get(key)
            if known is None or known.fit != walked.fit or len(known.entries) <= len(walked.entries):
                self._known[key] = walked
            self._known.move_to_end(key)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._known)
