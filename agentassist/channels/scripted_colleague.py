"""A simulated colleague as a machine: another agent who takes one conversation and answers in it. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.models import EntryKind, Event

if TYPE_CHECKING:
    from agentassist.channels.scripts import Colleague
    from agentassist.models import Entry, NewEntry

TYPING_SECONDS = 5.0
"""How long before a message others see that it is being typed."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a colleague does: with an entry they send it; without one they claim, or close."""

    entry: NewEntry | None = None
    closes: bool = False


class SimulatedColleague:
    """One colleague in one conversation. All times are seconds since the customer was handed over."""

    def __init__(self, colleague: Colleague) -> None:
        self.colleague = colleague
        self.claimed = False
        self._next = 0
        self._since = 0.0
        self.over = False

    def hear(self, entry: Entry, at: float) -> None:
        """Take in what anybody said or did; when another agent takes the conversation, it is theirs."""
        self._since = at
        if entry.kind is not EntryKind.EVENT:
            return
        if entry.event is Event.CLAIMED:
            self.claimed = entry.author_name == self.colleague.name
            self.over = not self.claimed
        elif entry.event in (Event.CLOSED, Event.REOPENED):
            self.over = True

    @property
    def wakes(self) -> float:
        """When the next act is due; infinite for never."""
        if self.over:
            return math.inf
        if not self.claimed:
            return self.colleague.claims
        steps = self.colleague.steps
        return self._since + (steps[self._next].after if self._next < len(steps) else self.colleague.closes)

    def typing(self, now: float) -> bool:
        """Say whether they are typing just now."""
        return self.claimed and self._next < len(self.colleague.steps) and 0 <= self.wakes - now < TYPING_SECONDS

    def due(self, now: float) -> Act | None:
        """Return what they do now; None for nothing. What is returned is done once."""
        if now < self.wakes:
            return None
        if not self.claimed:
            return Act()
        if self._next == len(self.colleague.steps):
            self.over = True
            return Act(closes=True)
        self._next += 1
        self._since = now
        return Act(self.colleague.steps[self._next - 1].entry)
