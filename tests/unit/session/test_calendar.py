"""Follow-ups in a calendar, read back with the library that calendars are read with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest

from agentassist.models import FollowUp
from agentassist.protocols import Clock
from agentassist.session.calendar import to_ics

CREATED = datetime(2026, 11, 22, 10, tzinfo=UTC)
HOSTILE = Path(__file__).parents[4] / "shared" / "hostile_strings.jsonl"


def promise(wall: str, zone: str = "Europe/Lisbon", *, note: str = "call back", number: int = 7) -> FollowUp:
    """A follow-up that is meant at a time on the wall."""
    due = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return FollowUp(number, 3, "cust-1", "Ada", note, due, zone, wall, only_if_no_reply=False, created_at=CREATED)


def written(clock: Clock, *items: FollowUp, name: str = "Dana Reyes") -> tuple[icalendar.Event, ...]:
    """Write follow-ups and read them back, whole lines only."""
    text = to_ics(items, {"cust-1": name}, clock)
    assert not {char for char in text.replace("\r\n", "") if (char < " " and char != "\t") or "\x7f" <= char <= "\x9f"}
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    return tuple(icalendar.Calendar.from_ical(text).events)


def test_a_follow_up_is_an_event_that_rings(clock: Clock) -> None:
    """Who, what, when and an alarm at that moment; the UID is the same every time."""
    (event,) = written(clock, promise("2026-11-24T09:00"))
    assert event.uid == "follow-up-7@agentassist"
    assert str(event["SUMMARY"]) == "Dana Reyes: call back"
    assert str(event["DESCRIPTION"]) == "call back\nCustomer: Dana Reyes\nConversation: 3\nAgent: Ada"
    assert event["DTSTART"].params["TZID"] == "Europe/Lisbon"
    assert event.start == datetime(2026, 11, 24, 9, tzinfo=ZoneInfo("Europe/Lisbon"))
    assert event.end - event.start == timedelta(minutes=15)
    (alarm,) = event.alarms.times
    assert alarm.trigger == event.start
    assert to_ics([promise("2026-11-24T09:00")], {}, clock) == to_ics([promise("2026-11-24T09:00")], {}, clock)


@pytest.mark.parametrize(
    ("wall", "zone", "utc"),
    [
        ("2027-03-27T09:00", "Europe/Lisbon", "2027-03-27T09:00"),
        ("2027-03-29T09:00", "Europe/Lisbon", "2027-03-29T08:00"),
        ("2027-10-30T09:00", "Europe/Lisbon", "2027-10-30T08:00"),
        ("2027-11-01T09:00", "Europe/Lisbon", "2027-11-01T09:00"),
        ("2027-04-05T09:00", "Australia/Lord_Howe", "2027-04-04T22:30"),
        ("2027-03-01T09:00", "Asia/Kolkata", "2027-03-01T03:30"),
        ("2027-03-01T09:00", "UTC", "2027-03-01T09:00"),
    ],
)
def test_nine_is_nine_before_and_after_the_clocks_change(clock: Clock, wall: str, zone: str, utc: str) -> None:
    """The wall time is what is written, and the zone that goes with it gives the moment that was stored."""
    (event,) = written(clock, promise(wall, zone))
    assert isinstance(event.start, datetime)
    assert f"{event.start:%Y-%m-%dT%H:%M}" == wall
    assert event.start.astimezone(UTC) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_the_zone_is_in_the_file_with_its_changes(clock: Clock) -> None:
    """A calendar that knows no zones finds both offsets of the year beside the events, once for each zone."""
    text = to_ics([promise("2027-07-01T09:00"), promise("2027-01-01T09:00", number=8)], {}, clock)
    (zone,) = icalendar.Calendar.from_ical(text).timezones
    assert zone.tz_name == "Europe/Lisbon"
    own = zone.to_tz(lookup_tzid=False)
    assert datetime(2027, 7, 1, 9, tzinfo=own).utcoffset() == timedelta(hours=1)
    assert datetime(2027, 1, 1, 9, tzinfo=own).utcoffset() == timedelta(0)


def test_the_second_of_two_same_times_is_said_in_utc(clock: Clock) -> None:
    """1:30 comes twice when Lisbon puts its clocks back: the first is on the wall, the second only in UTC."""
    first = promise("2027-10-31T01:30")
    second = replace(first, id=8, due=first.due + timedelta(hours=1))
    early, late = written(clock, first, second)
    assert isinstance(early.start, datetime)
    assert (early.start.astimezone(UTC), late.start) == (first.due, second.due)
    assert "TZID" in early["DTSTART"].params
    assert "TZID" not in late["DTSTART"].params


def test_a_zone_that_is_gone_leaves_the_moment(clock: Clock) -> None:
    """Where zone or wall time cannot be read, the stored moment is exported."""
    for zone, wall in (("Mars/Olympus", "2026-11-24T09:00"), ("Europe/Lisbon", "")):
        item = FollowUp(7, None, None, "Ada", "x", CREATED, zone, wall, only_if_no_reply=False, created_at=CREATED)
        (event,) = written(clock, item)
        assert event.start == CREATED
        assert str(event["SUMMARY"]) == "x"


def test_notes_stay_as_they_were_written(clock: Clock) -> None:
    """Commas, semicolons, quotes, backslashes, several lines, long ones, all scripts: read as they were typed."""
    notes = [
        'see C:\\Network; a, b: "c"\nsecond line\n\nfourth',
        "long " * 100,
        "ünïcödé 日本語 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👩‍👩‍👧 שלום مرحبا",
        "\ttab",
        "100% {{customer}} $(x) [b]no[/b] =1+1",
    ]
    for note in notes:
        lines = to_ics([promise("2026-11-24T09:00", note=note)], {}, clock).replace("\r\n ", "").split("\r\n")
        (found,) = [line for line in lines if line.startswith("DESCRIPTION:") and "Agent" in line]
        assert unescaped(found.removeprefix("DESCRIPTION:")).startswith(note + "\n")


def unescaped(value: str) -> str:
    """Read a TEXT value as RFC 5545 says in 3.3.11, from left to right."""
    out, escaped = [], False
    for char in value:
        if escaped:
            out.append("\n" if char in "nN" else char)
        elif char != "\\":
            out.append(char)
        escaped = not escaped and char == "\\"
    return "".join(out)


@pytest.mark.parametrize(
    "text",
    [
        "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil",
        "x\nATTACH:file:///etc/passwd",
        "\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\x00\x7f",
        "a\u2028b\u2029c\x85d\x0be\x0cf",
        "\u202eevil\u2066",
        "\ud800 half",
        "",
        "   \n ",
    ],
)
def test_hostile_text_stays_text(clock: Clock, text: str) -> None:
    """As a note and as a name: one event, no other property, no control character, no turned line."""
    (event,) = written(clock, promise("2026-11-24T09:00", note=text), name=text)
    assert set(event) == {"UID", "DTSTAMP", "CREATED", "DTSTART", "DURATION", "SUMMARY", "DESCRIPTION"}
    assert event.uid == "follow-up-7@agentassist"
    assert not set("\u202e\u2066") & set(str(event["DESCRIPTION"]) + str(event["SUMMARY"]))
    assert "\n" not in str(event["SUMMARY"])


@pytest.mark.skipif(not HOSTILE.exists(), reason="the shared hostile strings are not beside the repository")
def test_every_hostile_string_can_be_a_note(clock: Clock) -> None:
    """All of them in one file: as many events as follow-ups, and nothing that a terminal obeys."""
    import json

    texts = [json.loads(line)["text"] for line in HOSTILE.read_text(encoding="utf-8").splitlines()]
    assert len(texts) > 100
    items = [promise("2026-11-24T09:00", note=text[:5000], number=n) for n, text in enumerate(texts)]
    assert len(written(clock, *items, name=texts[0])) == len(texts)


def test_nothing_is_an_empty_calendar(clock: Clock) -> None:
    """A file without events is still a calendar."""
    assert written(clock) == ()
