"""Follow-ups as an iCalendar file (RFC 5545), for the calendar that an agent has anyway.

icalendar writes the file; it is imported only where one is written, since nothing else needs it.
"""

from __future__ import annotations

import unicodedata
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from agentassist.text import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import icalendar

    from agentassist.models import FollowUp
    from agentassist.protocols import Clock

LENGTH = timedelta(minutes=15)
"""How long an entry in the calendar is: a follow-up has no end, and an entry without one is not shown by some."""

TITLE = 200
"""Characters of a note that are in the title; the description has them all."""

_LINE_ENDS = str.maketrans({"\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\x0b": "\n", "\x0c": "\n"})
_EMBEDDING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns the order of the text that follows it, and so can make a line say something else than it does."""


def to_ics(follow_ups: Iterable[FollowUp], names: Mapping[str, str], clock: Clock) -> str:
    """Return follow-ups as the text of one iCalendar file.

    Each is an event that rings when it begins, at the wall time that was meant in the zone that was meant, so that it
    stays at 9:00 when the clocks change. Its UID is the same in every export: a calendar that had it moves it.

    Args:
        follow_ups: which.
        names: what their customers are called, by customer id.
        clock: tells when the file is made.
    """
    from icalendar import Calendar

    file = Calendar.new(prodid="-//agentassist//follow-ups//EN", uid="follow-ups@agentassist", name="Follow-ups")
    stamp = clock.now()
    starts: list[date] = []
    for item in follow_ups:
        start = _start(item)
        starts.append(start.date())
        file.add_component(_event(item, start, names.get(item.customer_id or "", ""), stamp))
    if starts:
        # From New Year to New Year, a year to spare at either end, so that every change of the clocks is in it.
        file.add_missing_timezones(date(min(starts).year - 1, 1, 1), date(max(starts).year + 2, 1, 1))
    written: bytes = file.to_ical()
    return written.decode()


def _event(item: FollowUp, start: datetime, customer: str, stamp: datetime) -> icalendar.Event:
    from icalendar import Alarm, Event
    from icalendar.prop import vText

    class Text(vText):
        """Text that is read as it was written: icalendar 7.3.0 takes a backslash before an N for a line break."""

        def to_ical(self) -> bytes:
            escaped = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
            return escaped.encode()

    who = clean_line(customer) or clean_line(item.customer_id or "")
    note = _harmless(item.note)
    title = next((" ".join(line.split()) for line in note.split("\n") if line.strip()), "follow up")
    if len(title) > TITLE:
        title = f"{title[: TITLE - 1]}…"
    summary = f"{who}: {title}" if who else title
    about = [
        f"Customer: {who}" if who else "",
        f"Conversation: {item.conversation_id}" if item.conversation_id else "",
        f"Agent: {clean_line(item.owner)}",
        "Only if the customer has not written again." if item.only_if_no_reply else "",
    ]
    event = Event.new(uid=f"follow-up-{item.id}@agentassist", stamp=stamp, created=item.created_at, start=start)
    event.DURATION = LENGTH
    event["SUMMARY"] = Text(summary)
    event["DESCRIPTION"] = Text("\n".join(line for line in (note, *about) if line))
    if item.done_at is not None:
        event["STATUS"] = Text("CANCELLED")
        return event
    alarm = Alarm.new_display(title, timedelta(0))
    alarm["DESCRIPTION"] = Text(summary)
    event.add_component(alarm)
    return event


def _start(item: FollowUp) -> datetime:
    """Return when a follow-up is due, on the wall of its zone; in UTC when that would not say the same.

    The second of two 2:30s in the night when the clocks go back cannot be said by a wall time, and a zone may be gone.
    """
    try:
        wall = datetime.fromisoformat(item.wall).replace(tzinfo=zoneinfo.ZoneInfo(item.zone))
    except (LookupError, ValueError, OSError):
        return item.due.astimezone(UTC)
    twice = wall.replace(fold=1).utcoffset() != wall.utcoffset()
    if item.zone == "UTC" or (twice and wall.astimezone(UTC) != item.due):
        return item.due.astimezone(UTC)
    return wall


def _harmless(text: str) -> str:
    """Return a text without control characters, which the format forbids; everything else stays as it is."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINE_ENDS)
    return "".join(
        clean(char)
        if char in _EMBEDDING or (unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t")
        else char
        for char in lines
    )
