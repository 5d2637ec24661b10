"""Phrases that say when, and phrases that must be refused rather than misread."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentassist.errors import UsageError
from agentassist.session.when import in_words, parse
from agentassist.session.zones import local_zone

LISBON = "Europe/Lisbon"
SUNDAY = datetime(2026, 11, 22, 17, 20, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("phrase", "wall"),
    [
        ("2026-12-01 09:00", "2026-12-01T09:00"),
        ("2026-12-01T09:00", "2026-12-01T09:00"),
        ("tomorrow 9", "2026-11-23T09:00"),
        ("tomorrow 9:00", "2026-11-23T09:00"),
        ("  Tomorrow   AT 9 ", "2026-11-23T09:00"),
        ("tomorrow 9am", "2026-11-23T09:00"),
        ("tomorrow 9 pm", "2026-11-23T21:00"),
        ("tomorrow 12 am", "2026-11-23T00:00"),
        ("tomorrow noon", "2026-11-23T12:00"),
        ("noon tomorrow", "2026-11-23T12:00"),
        ("fri 15:00", "2026-11-27T15:00"),
        ("Friday 3pm", "2026-11-27T15:00"),
        ("on tues 9:00", "2026-11-24T09:00"),
        ("9:00 on thursday", "2026-11-26T09:00"),
        ("today 18:00", "2026-11-22T18:00"),
        ("18:00", "2026-11-22T18:00"),
        ("9:00", "2026-11-23T09:00"),
        ("in 2 hours", "2026-11-22T19:20"),
        ("in 2h", "2026-11-22T19:20"),
        ("in an hour", "2026-11-22T18:20"),
        ("in half an hour", "2026-11-22T17:50"),
        ("in 90 minutes", "2026-11-22T18:50"),
        ("in 3 days", "2026-11-25T17:20"),
        ("in 3 days 9:00", "2026-11-25T09:00"),
        ("in a week at noon", "2026-11-29T12:00"),
        ("in 2 weeks 9:30", "2026-12-06T09:30"),
        ("24 nov 9:00", "2026-11-24T09:00"),
        ("Nov 24th 9:00", "2026-11-24T09:00"),
        ("tue 24 november 9:00", "2026-11-24T09:00"),
        ("24 november 2027 9:00", "2027-11-24T09:00"),
        ("Tue 24 Nov 2026, 09:00", "2026-11-24T09:00"),
        ("day after tomorrow 9:00", "2026-11-24T09:00"),
        ("may 5 10:00", "2027-05-05T10:00"),
        ("29 feb 2028 9:00", "2028-02-29T09:00"),
        ("in 2 business days", "2026-11-24T17:20"),
        ("in 3 business days at 10:00", "2026-11-25T10:00"),
        ("in a working day 9:00", "2026-11-23T09:00"),
        ("in 6 business days 9am", "2026-11-30T09:00"),
    ],
)
def test_what_is_understood(phrase: str, wall: str) -> None:
    """Each phrase means this time on the wall in Lisbon, and the words say the same."""
    when = parse(phrase, now=SUNDAY, zone=LISBON)
    assert (when.wall, when.zone) == (wall, LISBON)
    assert when.due == datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(LISBON))
    assert parse(when.words.partition(" (")[0], now=SUNDAY, zone=LISBON) == when


def test_the_words_name_day_date_time_and_zone() -> None:
    """A person can check every part of what was read."""
    assert parse("24 nov 9:00", now=SUNDAY, zone=LISBON).words == "Tue 24 Nov 2026, 09:00 (Europe/Lisbon)"


@pytest.mark.parametrize(
    ("phrase", "why"),
    [
        ("", "^say when\n"),
        ("   ", "^say when\n"),
        ("yesterday", "is past"),
        ("yesterday 9:00", "is past"),
        ("the day before yesterday 9:00", "is past"),
        ("last friday 9:00", "is past"),
        ("31 feb", "no such day"),
        ("2026-02-30", "no such day"),
        ("2026-11-20", "past"),
        ("in 0 business days", "not a time"),
        ("in 2 business days 9:61", "no 9:61"),
        ("in 9999 business days", "far away"),
        ("soon", "not a time"),
        ("tomorrow", "at what time"),
        ("fri", "at what time"),
        ("2026-12-01", "at what time"),
        ("1 dec", "at what time"),
        ("9", "not a time"),
        ("tomorrow 9:61", "no 9:61"),
        ("tomorrow 25:00", "no 25:00"),
        ("tomorrow 24", "no 24:00"),
        ("tomorrow 13 pm", "no 13 pm"),
        ("tomorrow 0 am", "no 0 am"),
        ("tomorrow 9.30", "not a time"),
        ("tomorrow 0930", "not a time"),
        ("tomorrow morning", "not a time"),
        ("tomorrow 9 blah", "not a time"),
        ("tomorrow 9:00 UTC", "not a time"),
        ("tomorrow 9:00 EST", "not a time"),
        ("amanhã 9:00", "not a time"),
        ("next monday 10:00", "unclear"),
        ("next week", "unclear"),
        ("sun 18:00", "today is Sunday"),
        ("monday week 9:00", "not a time"),
        ("12/01/2026 9:00", "swapped"),
        ("01.12.2026 9:00", "swapped"),
        ("2026-13-01 09:00", "no such day"),
        ("2026-02-30 09:00", "no such day"),
        ("feb 30 9:00", "no such day"),
        ("29 feb 2027 9:00", "no such day"),
        ("wed 24 nov 9:00", "is a Tuesday"),
        ("today 9:00", "past"),
        ("2026-11-21 09:00", "past"),
        ("0001-01-01 00:00", "past"),
        ("21 nov 9:00", "is 21 Nov 2027 meant"),
        ("22 nov 18:00", "is 22 Nov 2027 meant"),
        ("2 hours ago", "is past"),
        ("in -2 hours", "not a time"),
        ("in 0 minutes", "past"),
        ("in 9999 weeks", "far away"),
        ("9999-12-31 23:00", "far away"),
        ("in 99999 days", "not a time"),
        ("1764579600", "not a time"),
        ("١٢:00", "not a time"),
    ],
)
def test_what_is_refused(phrase: str, why: str) -> None:
    """Past, unclear, impossible, half understood: refused with the reason and with an example, never guessed."""
    with pytest.raises(UsageError, match=why) as refused:
        parse(phrase, now=SUNDAY, zone=LISBON)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("today", "monday"), [(20, "2026-11-23"), (21, "2026-11-23"), (22, "2026-11-23"), (19, "2026-11-20")]
)
def test_a_business_day_is_monday_to_friday(today: int, monday: str) -> None:
    """From Friday, Saturday and Sunday the first one is Monday, at this time of day unless another is said."""
    now = datetime(2026, 11, today, 15, 30, tzinfo=UTC)
    assert parse("in 1 business day", now=now, zone=LISBON).wall == f"{monday}T15:30"
    assert parse("in 1 business day 9:00", now=now, zone=LISBON).wall == f"{monday}T09:00"


def test_tomorrow_at_nine_is_nine_across_a_change_of_the_clocks() -> None:
    """The wall time is kept, and the hours between are 23 or 25 a day."""
    for now, utc in (
        (datetime(2027, 3, 27, 9, 0, tzinfo=UTC), "2027-03-28 08:00"),
        (datetime(2026, 10, 24, 8, 0, tzinfo=UTC), "2026-10-25 09:00"),
    ):
        for phrase in ("tomorrow 9:00", "in 1 day 9:00", "sun 9:00", "in a day"):
            when = parse(phrase, now=now, zone=LISBON)
            assert (f"{when.due:%Y-%m-%d %H:%M}", when.wall[11:]) == (utc, "09:00")


def test_hours_pass_whatever_the_clocks_do() -> None:
    """In 2 hours is two hours later, over a change too; which of two equal hours it is, is said."""
    before = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    when = parse("in 2 hours", now=before, zone=LISBON)
    assert (when.due.hour, when.due.minute, when.wall) == (1, 30, "2026-10-25T01:30")
    assert "after the clocks go back" in when.words
    assert "before the clocks go back" in parse("in 1 hour", now=before, zone=LISBON).words


def test_a_time_that_the_clocks_jump_over_is_refused() -> None:
    """01:30 does not exist in Lisbon on the last Sunday of March."""
    with pytest.raises(UsageError, match="does not exist"):
        parse("tomorrow 1:30", now=datetime(2027, 3, 27, 12, 0, tzinfo=UTC), zone=LISBON)


def test_the_zone_decides_which_day_it_is() -> None:
    """Tomorrow begins from the day on the wall of the zone."""
    late = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
    assert parse("tomorrow 9:00", now=late, zone="Pacific/Kiritimati").wall == "2026-11-24T09:00"
    assert parse("tomorrow 9:00", now=late, zone="America/Los_Angeles").wall == "2026-11-23T09:00"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "\x00"])
def test_an_unknown_zone_is_refused_and_can_still_be_shown(zone: str) -> None:
    """What was stored under a name that is no longer known is shown in UTC."""
    with pytest.raises(UsageError, match="unknown time zone"):
        parse("tomorrow 9:00", now=SUNDAY, zone=zone)
    assert in_words(SUNDAY, zone) == "Sun 22 Nov 2026, 17:20 (UTC)"


def test_the_configured_zone_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the machine's, else UTC."""
    assert local_zone("Asia/Tokyo") == "Asia/Tokyo"
    monkeypatch.setattr("tzlocal.get_localzone_name", lambda: "Europe/Lisbon")
    assert local_zone() == "Europe/Lisbon"
    monkeypatch.setattr("tzlocal.get_localzone_name", lambda: "Nowhere/Land")
    assert local_zone() == "UTC"


SCRAPS = [
    "today", "tomorrow", "fri", "in", "at", "on", "next", "2", "9", "9:00", "31", "feb", "nov", "days", "hours", "am",
    "pm", "2026-12-01", "noon", ".", "-", "an", "business", "yesterday", "ago",
]  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(SCRAPS), max_size=5))
def test_whatever_is_typed_is_a_future_time_or_a_refusal(words: list[str]) -> None:
    """No phrase fails in another way, and none means the past."""
    try:
        when = parse(" ".join(words), now=SUNDAY, zone=LISBON)
    except UsageError:
        return
    assert when.due > SUNDAY
    assert when.due.second == 0


@pytest.mark.parametrize(
    "words",
    [
        "tomorrow 9:00 their time",
        "tomorrow 9:00, Their Time ",
        "tomorrow 9 customer time",
        "tomorrow 9:00 customer's time",
        "tomorrow 9:00 in the customer’s time",
        "9:00 tomorrow their local time",
        "tomorrow 9:00 for them",
    ],
)
def test_their_time_is_on_the_customers_clock(words: str) -> None:
    """It is meant, stored and said in the customer's zone, and said in the agent's too."""
    when = parse(words, now=SUNDAY, zone=LISBON, their_zone="Asia/Tokyo")
    # 17:20 in Lisbon is 2:20 on Monday in Tokyo: tomorrow there is Tuesday.
    assert (when.wall, when.zone) == ("2026-11-24T09:00", "Asia/Tokyo")
    assert when.words == "Tue 24 Nov 2026, 09:00 (Asia/Tokyo) · here Tue 24 Nov 2026, 00:00 (Europe/Lisbon)"


def test_their_time_needs_to_be_known() -> None:
    """Without a zone, or with one that does not exist, nothing is guessed; the same zone is said once."""
    with pytest.raises(UsageError, match="not known which time"):
        parse("tomorrow 9:00 their time", now=SUNDAY, zone=LISBON)
    with pytest.raises(UsageError, match="unknown time zone"):
        parse("tomorrow 9:00 their time", now=SUNDAY, zone=LISBON, their_zone="../../etc/passwd")
    with pytest.raises(UsageError, match="say when"):
        parse(" their time", now=SUNDAY, zone=LISBON, their_zone=LISBON)
    same = parse("tomorrow 9:00 their time", now=SUNDAY, zone=LISBON, their_zone=LISBON)
    assert same == parse("tomorrow 9:00", now=SUNDAY, zone=LISBON)


def test_nine_in_their_morning_stays_nine_when_their_clocks_change() -> None:
    """New York puts its clocks forward on 14 March 2027, Lisbon two weeks later: the wall there is what counts."""
    saturday = datetime(2027, 3, 13, 18, 0, tzinfo=UTC)
    when = parse("tomorrow 9:00 their time", now=saturday, zone=LISBON, their_zone="America/New_York")
    assert when.wall == "2027-03-14T09:00"
    assert when.due == datetime(2027, 3, 14, 13, 0, tzinfo=UTC)
    assert when.words.endswith(" · here Sun 14 Mar 2027, 13:00 (Europe/Lisbon)")
    with pytest.raises(UsageError, match="does not exist"):
        parse("tomorrow 2:30 their time", now=saturday, zone=LISBON, their_zone="America/New_York")
