"""Who is on the other side."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from textual.content import Content
from textual.widgets import Static

from agentassist.models import State
from agentassist.text import clean_line
from agentassist.tui.widgets import words
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from agentassist.session.desk import Opened

MOST_ATTRIBUTES = 12
MOST_EARLIER = 5
SUMMARY_CELLS = 60
"""How much of a summary the card shows: its first words."""


class CustomerCard(Static):
    """Shows the customer of the open conversation, and their earlier ones."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self._opened: Opened | None = None
        self._zone: tzinfo | None = None
        self._minute = ""

    def tick(self, now: datetime) -> None:
        """Let the customer's time go on."""
        if self._opened is not None and f"{now:%H:%M}" != self._minute:
            self.show(self._opened, now, self._zone)

    def show(self, opened: Opened | None, now: datetime, zone: tzinfo | None) -> None:
        """Show the customer; None empties the card."""
        self._opened, self._zone, self._minute = opened, zone, f"{now:%H:%M}"
        if opened is None:
            self.update(Content.styled("No conversation is open.", "$foreground 70%"))
            return
        customer = opened.conversation.customer
        lines = [Content.styled(label(customer.name, 80) or label(customer.id, 80), "bold")]
        if customer.email:
            lines.append(Content(label(customer.email, 120)))
        facts = [label(customer.language, 20), self._local_time(customer.timezone, now)]
        if any(facts):
            lines.append(Content.styled(" · ".join(fact for fact in facts if fact), "$foreground 70%"))
        for name, value in list(customer.attributes.items())[:MOST_ATTRIBUTES]:
            title = Content.styled(f"{label(name, 40).replace('_', ' ')}  ", "$foreground 70%")
            lines.append(Content.assemble(title, label(value, 160)))
        lines += self._earlier(opened, now, zone)
        self.update(Content("\n").join(lines))

    def _local_time(self, name: str, now: datetime) -> str:
        try:
            zone = ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # empty, unknown, or no name at all
            return label(name, 60)
        return f"{words.clock_time(now, zone)} in {clean_line(name.rpartition('/')[2].replace('_', ' '))}"

    def _earlier(self, opened: Opened, now: datetime, zone: tzinfo | None) -> list[Content]:
        if not opened.earlier:
            return [Content.styled("first conversation", "$foreground 70%")]
        count = words.count(len(opened.earlier), "other conversation")
        made = [Content.assemble((count, "$text-accent"), (" · e reads", "$foreground 70%"))]
        for other in opened.earlier[:MOST_EARLIER]:
            ended = label(other.disposition, 40) if other.state is State.CLOSED else str(other.state)
            made.append(Content(f"  {words.day(other.started_at, now, zone)} · {ended}"))
            if summary := label(other.summary, SUMMARY_CELLS):
                made.append(Content.styled(f"    {summary}", "$foreground 70%"))
        return made
