"""When people are there, and what is said to a customer when they are not."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agentassist.session.zones import local_zone

if TYPE_CHECKING:
    from agentassist.config import HoursConfig


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether somebody is there.

    Attributes:
        opens: when somebody is there next, UTC; None while it is open, and when nobody ever is.
    """

    open: bool
    opens: datetime | None = None


class Calendar:
    """The business hours of a team, in their own zone."""

    def __init__(self, settings: HoursConfig) -> None:
        self.zone = local_zone(settings.timezone)
        self._words = settings.open

    def at(self, now: datetime) -> Hours:
        """Return whether somebody is there at a moment, and when they are next."""
        if not self._words:
            return Hours(open=True)
        import opening_hours

        zone = zoneinfo.ZoneInfo(self.zone)
        hours = opening_hours.OpeningHours(self._words, timezone=zone)
        local = now.astimezone(zone)  # the library takes no time whose zone has no name
        if hours.is_open(local):
            return Hours(open=True)
        opens = hours.next_change(local)
        return Hours(open=False, opens=opens.astimezone(UTC) if opens is not None else None)

    def words(self, opens: datetime, now: datetime, zone: str = "") -> str:
        """Say when somebody is there next, in the zone of who reads it: "tomorrow at 09:00", "on Monday at 09:00"."""
        where = zoneinfo.ZoneInfo(zone or self.zone)
        then, today = opens.astimezone(where), now.astimezone(where)
        days = (then.date() - today.date()).days
        day = ("today", "tomorrow")[days] if days < 2 else f"on {then:%A}" if days < 7 else f"on {then.day} {then:%B}"
        return f"{day} at {then:%H:%M}"
