"""Business hours: in the team's zone, across clock changes, and said in the customer's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agentassist.config import HoursConfig
from agentassist.session.hours import Calendar, Hours

LISBON = Calendar(HoursConfig("Europe/Lisbon", "Mo-Fr 09:00-17:00; 2026 Dec 25 off"))


def at(text: str) -> datetime:
    """Return a moment, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-27T16:59", None),
        ("2026-11-27T17:00", "2026-11-30T09:00"),
        ("2026-12-24T18:00", "2026-12-28T09:00"),
        ("2027-03-26T18:00", "2027-03-29T08:00"),  # the clocks go forward on that Sunday
    ],
)
def test_when_somebody_is_there(now: str, opens: str | None) -> None:
    """Open or when next, with days off, and nine o'clock stays nine across a change of the clocks."""
    assert LISBON.at(at(now)) == Hours(opens is None, at(opens) if opens else None)


def test_no_hours_means_always() -> None:
    """Who configures nothing is always there; who is never there says no time."""
    assert Calendar(HoursConfig()).at(at("2026-11-29T03:00")) == Hours(open=True)
    assert Calendar(HoursConfig("UTC", "off")).at(at("2026-11-29T03:00")) == Hours(open=False)


@pytest.mark.parametrize(
    ("now", "opens", "zone", "words"),
    [
        ("2026-11-30T03:00", "2026-11-30T09:00", "", "today at 09:00"),
        ("2026-11-29T20:00", "2026-11-30T09:00", "", "tomorrow at 09:00"),
        ("2026-11-27T18:00", "2026-11-30T09:00", "", "on Monday at 09:00"),
        ("2026-12-24T18:00", "2027-01-04T09:00", "", "on 4 January at 09:00"),
        ("2026-11-29T20:00", "2026-11-30T09:00", "Asia/Tokyo", "today at 18:00"),
    ],
)
def test_the_time_is_said_in_the_zone_of_who_reads(now: str, opens: str, zone: str, words: str) -> None:
    """A customer in another zone reads their own time of day."""
    assert LISBON.words(at(opens), at(now), zone) == words
