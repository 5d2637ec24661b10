"""The queue in plain mode: who waits, and what changes while nobody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.models import State
from agentassist.session.desk import Desk, Overview
from agentassist.text import clean_line
from agentassist.tui.plain import printing

if TYPE_CHECKING:
    from datetime import datetime

    from agentassist.models import Conversation
    from agentassist.tui.plain.desk import PlainDesk

LISTED = 20
"""Conversations of a list that are said; the rest is counted."""


def changes(before: Overview, after: Overview, open_id: int, now: datetime) -> list[str]:
    """Say what is new in the queue: who came, who was taken by whom, what came in to an own conversation.

    Args:
        before: what was said last.
        after: what there is now.
        open_id: the open conversation, whose entries are read out anyway.
        now: this moment.
    """
    waited = {item.id: item for item in before.waiting}
    others = {item.id: item for item in after.others}
    mine = {item.id: item for item in before.mine}
    waits = {item.id for item in after.waiting}
    new = [item for item in after.waiting if item.id not in waited and item.id != open_id]
    lines = [printing.waiting_line(item, now) for item in new]
    for number, item in waited.items():
        taken = others.get(number)
        if taken is not None and number != open_id:
            agent = clean_line(taken.agent, limit=40)
            lines.append(f"Claimed: {printing.name_of(item.customer)} by {agent}, conversation {number}")
        elif number not in waits and number not in {own.id for own in after.mine} and number != open_id:
            lines.append(f"Gone: {printing.name_of(item.customer)} no longer waits, conversation {number}")
    for item in after.mine:
        was = mine.get(item.id)
        if was is not None and was.state is State.DIGITAL and item.state is State.CLAIMED:
            tree = clean_line(before.trees.get(item.id, ""), limit=80)
            where = f"the tree {tree}" if tree else "the tree"
            lines.append(f"Back: {printing.name_of(item.customer)} from {where}, conversation {item.id}")
        old = mine.get(item.id)
        if item.id != open_id and item.unread > (old.unread if old else 0):
            lines.append(printing.mine_line(item, now, after.trees.get(item.id, "")))
    return lines


class QueuePart:
    """Says the queue, and what changes in it."""

    def __init__(self, desk: PlainDesk) -> None:
        self._desk = desk

    def say(self, words: str = "") -> None:
        """Say the queue; with words only what has all of them."""
        desk = self._desk
        desk.overview = overview = desk.records(Desk.overview)
        now = desk.clock.now()
        lines = printing.overview_lines(overview, now, desk.zone)
        wanted = words.lower().split()
        if wanted:
            found = [line for line in lines[1:] if all(word in line.lower() for word in wanted)]
            lines = found or ["Queue: nothing fits these words"]
        desk.say(lines)

    def hear(self, overview: Overview) -> None:
        """Say what has changed."""
        desk = self._desk
        before, desk.overview = desk.overview, overview
        current = desk.conversation.current
        desk.say(changes(before, overview, current.id if current else 0, desk.clock.now()))
        desk.say(self._company(before, overview))

    def recent(self, words: str = "") -> None:
        """List any conversations, the newest first; with words only those that have all of them."""
        desk = self._desk
        now = desk.clock.now()
        found: list[Conversation] = list(desk.records(Desk.recent))
        lines = [printing.other_line(item, now, desk.zone, desk.agent) for item in found]
        wanted = words.lower().split()
        lines = [line for line in lines if all(word in line.lower() for word in wanted)]
        desk.say(lines[:LISTED])
        if len(lines) > LISTED:
            desk.say([f"System: {len(lines) - LISTED} more. To find one: recent and words of it."])
        desk.say(["System: To read one: read and its number." if lines else "System: No conversation has these words."])

    def _company(self, before: Overview, after: Overview) -> list[str]:
        """Say who else has come to look at the open conversation, or has begun to write."""
        current = self._desk.conversation.current
        if current is None:
            return []
        there = {item.agent: item.typing for item in before.present.get(current.id, ())}
        lines = []
        for item in after.present.get(current.id, ()):
            name = clean_line(item.agent, limit=40)
            if item.agent not in there:
                lines.append(f"System: {name} looks at this conversation, too.")
            if item.typing and not there.get(item.agent, False):
                lines.append(f"System: {name} is writing.")
        return lines
