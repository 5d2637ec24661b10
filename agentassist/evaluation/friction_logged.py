"""Logged conversations as labelled ones: which crossed over to a person, and which ended with the tree or the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.evaluation.friction_sets import ENDED, Labelled
from agentassist.models import Author, EntryKind, Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agentassist.models import Entry

NAME = "logged"


def labelled(conversations: Iterable[Sequence[Entry]]) -> Iterator[Labelled]:
    """Yield those that began with the tree or the bot, up to where they crossed over, or to their end.

    A conversation that was handed over is a problem, one that was closed without is none; what is still open is left
    out, and so is what the customer said nothing in.
    """
    for entries in conversations:
        events = {entry.event: at for at, entry in reversed(list(enumerate(entries))) if entry.kind is EntryKind.EVENT}
        handed, closed = events.get(Event.HANDOFF), events.get(Event.CLOSED)
        end = handed if handed is not None else closed
        if end is None or (closed is not None and handed is not None and closed < handed):
            continue
        part = tuple(entries[:end])
        if any(entry.author is Author.CUSTOMER for entry in part) and any(entry.author is Author.BOT for entry in part):
            ident = str(entries[0].conversation_id)
            now = entries[end].at if handed is not None else part[-1].at + ENDED
            yield Labelled(NAME, ident, ident, handed is not None, part, now)
