"""Reads when a follow-up is due, and says it back in words before anything is saved.

dateparser reads the day, but it guesses: it drops what it does not understand ("tomorrow 9" becomes this time
tomorrow, "tomorrow 9:61" too), swaps day and month, and takes "24 nov 9:00" for the year 2124. So a phrase has to have
one of the shapes below from its first to its last character, the time of day is read here, and what dateparser makes of
the day is held against what was written.
"""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from agentassist.errors import UsageError
from agentassist.text import clean_line

EXAMPLES = (
    '"2026-12-01 09:00", "tomorrow 9:00", "fri 15:00", "24 nov 14:30", "in 2 hours", "in 3 days 9:00", '
    '"in 2 business days"'
)
FURTHEST = timedelta(days=5 * 366)
"""A follow-up beyond this is a slip of the finger."""

_SOON = timedelta(days=300)
"""A day without its year that is further away than this was probably meant to be past."""

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAY_NAME = (
    r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
)
_MONTH_NAME = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?"
)
_CLOCK = (
    r"(?:at )?(?:(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?: ?(?P<half>am|pm))?"
    r"|(?P<hour12>[0-9]{1,2}) ?(?P<half12>am|pm)|(?P<noon>noon))"
)
_BARE_HOUR = r"(?:at )?(?P<bare>[0-9]{1,2})"
_DATE = (
    rf"(?:(?P<named>{_DAY_NAME}) )?(?:(?P<iso>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})"
    rf"|(?:(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)? (?P<month>{_MONTH_NAME})"
    rf"|(?P<month2>{_MONTH_NAME}) (?P<day2>[0-9]{{1,2}})(?:st|nd|rd|th)?)(?: (?P<year>[0-9]{{4}}))?)"
)
_RELATIVE_DAY = rf"(?P<relative>today|tomorrow|day after tomorrow|(?:on )?(?P<weekday>{_DAY_NAME}))"
_WORKING = r"in (?P<working>[1-9][0-9]{0,3}|an?) (?:business|working) days?"
_AHEAD = r"in (?P<count>[0-9]{1,4}|an?) (?P<unit>days?|weeks?)"

_SPAN = re.compile(r"in (?P<span>(?:[0-9]{1,4}|an?) (?:minutes?|mins?|hours?|hrs?|h)|[0-9]{1,4}(?:h|min))")
_HALF_HOUR = re.compile(r"in half an hour")
_SHAPES = (
    re.compile(rf"{_RELATIVE_DAY} (?:{_CLOCK}|{_BARE_HOUR})"),
    re.compile(rf"{_CLOCK}(?: (?:on )?{_RELATIVE_DAY})?"),
    re.compile(rf"(?:on )?{_DATE} {_CLOCK}"),
    re.compile(rf"{_CLOCK} (?:on )?{_DATE}"),
    re.compile(rf"{_AHEAD}(?: {_CLOCK})?"),
    re.compile(rf"{_WORKING}(?: {_CLOCK})?"),
)
_THEIRS = re.compile(
    r"[\s,]+(?:(?:in |at )?(?:their|(?:the )?customer(?:[’']?s)?)(?: local)? time|for (?:them|the customer))\s*\Z",
    re.IGNORECASE,
)
_DAY_ONLY = re.compile(rf"(?:{_RELATIVE_DAY}|(?:on )?{_DATE})")
_UNCLEAR = re.compile(r"[0-9]{1,4}[/.][0-9]{1,2}[/.][0-9]{1,4}")
_GONE = re.compile(rf"(?:(?:the )?day before )?yesterday\b.*|last (?:{_DAY_NAME}|week|month)\b.*|.+ ago")
_NEXT = re.compile(rf"(?:next|this) (?:{_DAY_NAME}|week|month)\b.*")


@dataclass(frozen=True, slots=True)
class When:
    """A moment that a person chose.

    Attributes:
        due: the moment, UTC.
        zone: the IANA name of the zone it was meant in.
        wall: the wall time that was meant, ISO without a zone ("2026-11-24T09:00").
        words: the same for a person to check ("Tue 24 Nov 2026, 09:00 (Europe/Lisbon)"), and in the agent's zone too
            when it was meant in the customer's.
    """

    due: datetime
    zone: str
    wall: str
    words: str


def parse(text: str, *, now: datetime, zone: str, their_zone: str = "") -> When:
    """Read when a follow-up is due.

    "Fri 15:00 their time" is meant on the customer's clock, and the words then say too what time that is here.
    "In 3 days" and "in 3 business days" without a time of day keep the one of now. Business days are Monday to Friday:
    holidays are not known, and from a Saturday or Sunday the first of them is Monday.

    Args:
        text: what somebody typed, in English or ISO.
        now: this moment, with a zone.
        zone: the IANA name of the zone in which it is meant.
        their_zone: the IANA name of the customer's zone, empty when nobody knows it.

    Raises:
        UsageError: it is past, too far away, unclear, does not exist, or is not understood; the hint has examples.
    """
    place = _zone(zone)
    if theirs := _THEIRS.search(text):
        if not their_zone:
            raise UsageError(
                "it is not known which time the customer has", "Say it in your own time, or give the zone."
            )
        when = parse(text[: theirs.start()], now=now, zone=their_zone)
        return when if their_zone == zone else replace(when, words=f"{when.words} · here {in_words(when.due, zone)}")
    local = now.astimezone(place)
    phrase = " ".join(text.lower().replace(",", " ").split())
    phrase = re.sub(r"([0-9]{4}-[0-9]{2}-[0-9]{2})t([0-9])", r"\1 \2", phrase)
    if _HALF_HOUR.fullmatch(phrase):
        phrase = "in 30 minutes"
    if found := _SPAN.fullmatch(phrase):
        return _after(found["span"], text, now, place)
    for shape in _SHAPES:
        if found := shape.fullmatch(phrase):
            parts = {name: value for name, value in found.groupdict().items() if value is not None}
            return _at(parts, text, local, place)
    if found := _DAY_ONLY.fullmatch(phrase):
        # A day that cannot be is refused as such, before anybody is asked for a time on it.
        _day({name: value for name, value in found.groupdict().items() if value is not None}, text, local, None)
    raise _refusal(phrase, text)


def prepare() -> None:
    """Load what reads dates now, so that the first phrase does not wait for it (about 0.1 s)."""
    _dateparser("tomorrow", datetime(2026, 1, 1))  # noqa: DTZ001 — any day will do


def in_words(due: datetime, zone: str) -> str:
    """Return a moment as a person reads it in a zone; UTC when the zone is no longer known."""
    try:
        place = zoneinfo.ZoneInfo(zone)
    except (LookupError, ValueError, OSError):
        place, zone = zoneinfo.ZoneInfo("UTC"), "UTC"
    local = due.astimezone(place)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        # The clocks are put back over this hour, so that it comes twice.
        zone = f"{zone}, {'after' if local.fold else 'before'} the clocks go back"
    return (
        f"{_DAYS[local.weekday()].title()} {local.day} {_MONTHS[local.month - 1].title()} {local.year}, "
        f"{local:%H:%M} ({zone})"
    )


def _after(span: str, text: str, now: datetime, place: zoneinfo.ZoneInfo) -> When:
    """Return the moment a stretch of time from now: hours that pass, whatever the clocks on the wall do."""
    read = _dateparser(f"in {span}", now.astimezone(UTC).replace(tzinfo=None, second=0, microsecond=0))
    if read is None:
        raise _refusal(span, text)
    local = read.replace(tzinfo=UTC).astimezone(place)
    return _when(local, text, now)


def _at(parts: dict[str, str], text: str, local: datetime, place: zoneinfo.ZoneInfo) -> When:
    """Return the moment of a day and a time of day on the wall."""
    clock = _clock(parts, text)
    day = _day(parts, text, local, clock)
    if clock is None:
        clock = local.time().replace(second=0, microsecond=0)
    wall = datetime.combine(day, clock)
    chosen = wall.replace(tzinfo=place)
    if chosen.astimezone(UTC).astimezone(place).replace(tzinfo=None) != wall:
        raise UsageError(
            f"{clean_line(text)}: {wall:%H:%M} does not exist on {wall:%d %b %Y} in {place.key}, "
            "the clocks are put forward over it",
            "Choose another time on that day.",
        )
    if day - local.date() > _SOON and not {"year", "iso", "count", "working"} & parts.keys():
        raise UsageError(
            f"{clean_line(text)}: is {wall:%d %b %Y} meant?", f"Say the year, as in {wall:%Y-%m-%d %H:%M}."
        )
    return _when(chosen, text, local)


def _clock(parts: dict[str, str], text: str) -> time | None:
    if "noon" in parts:
        return time(12)
    hour = parts.get("hour") or parts.get("hour12") or parts.get("bare")
    if hour is None:
        return None
    half = parts.get("half") or parts.get("half12")
    number, minute = int(hour), int(parts.get("minute", "0"))
    if half and not 1 <= number <= 12:
        raise UsageError(f"{clean_line(text)}: there is no {number} {half}", f"Write for example {EXAMPLES}.")
    if half:
        number = number % 12 + (12 if half == "pm" else 0)
    if number > 23 or minute > 59:
        raise UsageError(
            f"{clean_line(text)}: there is no {number}:{minute:02} on a clock", f"Write for example {EXAMPLES}."
        )
    return time(number, minute)


def _day(parts: dict[str, str], text: str, local: datetime, clock: time | None) -> date:
    """Return the day that dateparser reads, held against the words."""
    today = local.date()
    if "working" in parts:
        return _working_day(today, 1 if parts["working"] in ("a", "an") else int(parts["working"]))
    asked = _asked(parts)
    if asked == "":
        # A time of day alone is the next time that the clock shows it.
        return today if clock is not None and clock > local.time() else today + timedelta(days=1)
    read = _dateparser(asked, local.replace(tzinfo=None))
    if read is None:
        raise _no_such_day(text)
    day = read.date()
    name = (parts.get("weekday") or parts.get("named") or "")[:3]
    month = (parts.get("month") or parts.get("month2") or "")[:3]
    number = parts.get("day") or parts.get("day2")
    if "weekday" in parts and _DAYS[today.weekday()] == name:
        raise UsageError(
            f"{clean_line(text)}: today is {today:%A}, so that is unclear", "Say today, in 7 days, or the date."
        )
    if name and _DAYS[day.weekday()] != name:
        raise UsageError(f"{clean_line(text)}: {day:%d %b %Y} is a {day:%A}", "Correct the weekday or the date.")
    wrong = (
        ("iso" in parts and day.isoformat() != parts["iso"])
        or (month and _MONTHS[day.month - 1] != month)
        or (number and day.day != int(number))
        or ("year" in parts and day.year != int(parts["year"]))
    )
    if wrong:
        raise _no_such_day(text)
    if day < today:
        raise UsageError(f"{clean_line(text)} is past", "Give a time that is still to come.")
    if day - today > FURTHEST:
        raise UsageError(f"{clean_line(text)} is very far away", "Give a nearer time.")
    return day


def _working_day(today: date, count: int) -> date:
    """Return the `count`-th day from Monday to Friday after today."""
    day = today
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _asked(parts: dict[str, str]) -> str:
    """Return the part of a phrase that names the day, in the form that dateparser reads best."""
    if "weekday" in parts:
        return _DAYS[_DAYS.index(parts["weekday"][:3])]
    if "relative" in parts:
        return parts["relative"]
    if "iso" in parts:
        return parts["iso"]
    if "count" in parts:
        return f"in {'1' if parts['count'] in ('a', 'an') else parts['count']} {parts['unit']}"
    number = parts.get("day") or parts.get("day2")
    if number is None:
        return ""
    month = parts.get("month") or parts.get("month2") or ""
    return " ".join([number, month[:3], parts.get("year", "")]).strip()


def _dateparser(asked: str, base: datetime) -> datetime | None:
    """Ask dateparser, in English, from `base` on; None when it does not understand or reads something impossible."""
    import dateparser

    settings = {
        "RELATIVE_BASE": base,
        "PREFER_DATES_FROM": "future",
        "RETURN_AS_TIMEZONE_AWARE": False,
        "DATE_ORDER": "YMD" if asked[:4].isdigit() else "DMY",
        "PARSERS": ["relative-time", "absolute-time"],
    }
    try:
        read: datetime | None = dateparser.parse(asked, languages=["en"], settings=settings)
    except (OverflowError, ValueError):
        return None
    return read


def _when(local: datetime, text: str, now: datetime) -> When:
    due = local.astimezone(UTC)
    zone = str(local.tzinfo)
    words = in_words(due, zone)
    if due <= now:
        raise UsageError(f"{clean_line(text)} is {words}, which is past", "Give a time that is still to come.")
    if due - now > FURTHEST:
        raise UsageError(f"{clean_line(text)} is {words}, which is very far away", "Give a nearer time.")
    return When(due, zone, f"{local:%Y-%m-%dT%H:%M}", words)


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise UsageError(f"unknown time zone {clean_line(name)}", "Use an IANA name such as Europe/Lisbon.") from error


def _no_such_day(text: str) -> UsageError:
    return UsageError(f"{clean_line(text)}: there is no such day", f"Write for example {EXAMPLES}.")


def _refusal(phrase: str, text: str) -> UsageError:
    shown = clean_line(text, limit=60)
    if not shown:
        return UsageError("say when", f"Write for example {EXAMPLES}.")
    if _GONE.fullmatch(phrase):
        return UsageError(f"{shown} is past", "Give a time that is still to come.")
    if _DAY_ONLY.fullmatch(phrase):
        return UsageError(f"{shown}: at what time?", f"Say a time of day too, as in “{clean_line(phrase)} 9:00”.")
    if _UNCLEAR.search(phrase):
        return UsageError(f"{shown}: day and month could be swapped", "Write the date as in 2026-12-01 09:00.")
    if _NEXT.fullmatch(phrase):
        return UsageError(f"{shown}: which one is unclear", f"Name the day, for example {EXAMPLES}.")
    return UsageError(f"{shown}: this is not a time that can be read", f"Write for example {EXAMPLES}.")
