"""A brief in words, each thing once. Pure; what comes back may hold a customer's words: clean it before it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.models import Event
from agentassist.session.brief import Brief
from agentassist.session.events import came_back
from agentassist.session.strain import WORDS, strain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agentassist.models import Entry


LEVEL = "Level"
"""What the level is called: a mark beside the reason says it, too."""


def last_brief(entries: Sequence[Entry], loans: Mapping[int, str] | None = None) -> Brief | None:
    """Return the brief of the last handoff that did not only end a loan to a tree; None when there was none.

    Args:
        entries: all of a conversation, in order.
        loans: what `came_back` gives for them; None works it out.
    """
    ended = came_back(entries) if loans is None else loans
    handed = (n for n, entry in enumerate(entries) if entry.event is Event.HANDOFF and entry.seq not in ended)
    return Brief.of(entries[: max(handed, default=-1) + 1])


def noticed(brief: Brief) -> list[str]:
    """Return what was noticed, without what the reason says already."""
    reason = brief.reason.casefold()
    return [said for said in brief.signals if said.strip().rstrip(".").casefold() not in reason]


def facts(brief: Brief) -> Iterator[tuple[str, str]]:
    """Yield what else a brief says, as name and words, each thing once."""
    if brief.question:
        yield "Asks", brief.question
    if brief.tried:
        yield "Tried, no help", " · ".join(brief.tried)
    if seen := [title for title in brief.seen if title not in brief.tried]:
        yield "Seen", " · ".join(seen)
    if brief.stakes:
        yield "Stakes", brief.stakes
    if brief.skills:
        yield "Needs", ", ".join(brief.skills)
    told = [WORDS[strain(brief.friction, brief.level)]]
    told += ["asked for a person" if brief.asked and "person" not in brief.reason else ""]
    if told := [part for part in told if part]:
        yield LEVEL, " · ".join(told)
