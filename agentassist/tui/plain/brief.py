"""The brief of a handoff as plain lines. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.session.brief_words import facts, last_brief, noticed
from agentassist.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.models import Entry


def brief_lines(entries: Sequence[Entry]) -> list[str]:
    """Say what the last handoff tells beyond its reason, each thing in a line; none when it tells nothing more.

    Args:
        entries: all of a conversation, in order.
    """
    brief = last_brief(entries)
    if brief is None:
        return []
    told = [*noticed(brief), *(f"{name}: {said}" for name, said in facts(brief))]
    return [f"Brief: {clean_line(said, limit=500)}" for said in told]
