"""Conversations in a line, and a meter that reads them by their words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from agentassist.friction.meter import Meter
from agentassist.models import Author, Data, Entry, EntryKind

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
STEP = timedelta(seconds=30)
Turn = tuple[str, str] | tuple[str, str, Data]


def talk(*turns: Turn) -> list[Entry]:
    """Return entries half a minute apart: who, what, and the data from which the kind follows."""
    made = []
    for seq, turn in enumerate(turns, start=1):
        data: Data = turn[2] if len(turn) > 2 else {}
        made.append(Entry(1, seq, BEGAN + STEP * seq, Author(turn[0]), "", _kind(data), turn[1], data))
    return made


def _kind(data: Data) -> EntryKind:
    if "event" in data:
        return EntryKind.EVENT
    if "field" in data:
        return EntryKind.FORM
    if "question" in data:
        return EntryKind.CHOICE
    return EntryKind.ARTICLE if "article" in data else EntryKind.MESSAGE


def said(*texts: str) -> list[Entry]:
    """Return a conversation in which only the customer speaks."""
    return talk(*(("customer", text) for text in texts))


def after(entries: Sequence[Entry], **times: float) -> datetime:
    """Return a moment after the last entry, such as minutes=3."""
    return entries[-1].at + timedelta(**times)


@pytest.fixture(scope="session")
def meter() -> Meter:
    """A meter without an encoder."""
    made = Meter.load()
    made.warm()
    return made
