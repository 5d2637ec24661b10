"""Times and counts as people say them. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo


def waiting(seconds: float) -> str:
    """Say how long somebody has waited, in at most six cells: `0:41`, `12:05`, `3 h 20`, `2 d`."""
    whole = max(int(seconds), 0)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60:02}"
    return f"{whole // 86_400} d"


def ago(seconds: float) -> str:
    """Say how long ago something was, in words."""
    whole = max(int(seconds), 0)
    if whole < 60:
        return "just now"
    if whole < 3600:
        return f"{whole // 60} min ago"
    if whole < 86_400:
        return f"{whole // 3600} h ago"
    return f"{whole // 86_400} d ago"


def count(number: int, one: str, many: str = "") -> str:
    """Say how many: `1 entry`, `2 entries`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def clock_time(moment: datetime, zone: tzinfo | None) -> str:
    """Say the time of day in a zone; None is the machine's."""
    return f"{moment.astimezone(zone):%H:%M}"


def day(moment: datetime, now: datetime, zone: tzinfo | None) -> str:
    """Say the day in a zone: today, yesterday, tomorrow, or with its date."""
    there, today = moment.astimezone(zone), now.astimezone(zone)
    names = {0: "today", 1: "tomorrow", -1: "yesterday"}
    apart = (there.date() - today.date()).days
    if apart in names:
        return names[apart]
    return f"{there:%a} {there.day} {there:%b}" + (f" {there.year}" if there.year != today.year else "")


def due(moment: datetime, now: datetime, zone: tzinfo | None) -> str:
    """Say when a follow-up is due; an overdue one says for how long."""
    late = now - moment
    if late >= timedelta(0):
        return "due now" if late < timedelta(minutes=1) else f"due {ago(late.total_seconds())}"
    name = day(moment, now, zone)
    return clock_time(moment, zone) if name == "today" else f"{name} {clock_time(moment, zone)}"


def seconds(start: float) -> str:
    """Say a place in a video: `3:12`, `1:02:05`."""
    whole = int(start)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"
    return f"{whole // 60}:{whole % 60:02}"
