"""`agentassist followups`."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import icalendar
import pytest
from click.testing import Result

from agentassist.clock import SystemClock
from agentassist.store.store import Store

Run = Callable[..., Result]
SAMPLE = Path(__file__).parents[2] / "kb" / "conversations" / "pairing-code-gone.jsonl"


@pytest.fixture
def conversation(run: Run) -> int:
    """One replayed conversation."""
    return int(run("replay", "--speed", 0, SAMPLE).stdout)


def test_a_follow_up_is_echoed_in_words_listed_and_ticked_off(run: Run, conversation: int) -> None:
    """The id goes to stdout, the time in words to stderr; the owner is the configured agent, the zone theirs."""
    added = run("followups", "add", conversation, "2999-11-24", "9:00")
    assert added.exit_code == 2
    assert "far away" in added.stderr
    added = run("followups", "add", conversation, "tomorrow", "9:00", "--note", "call back")
    assert (added.exit_code, added.stdout) == (0, "1\n")
    assert added.stderr.startswith("Ada comes back to Dana Reyes on ")
    assert added.stderr.endswith(", 09:00 (Europe/Lisbon)\n")
    (item,) = json.loads(run("followups", "list", "--json").stdout)
    assert (item["owner"], item["zone"], item["note"], item["wall"][10:]) == (
        "Ada",
        "Europe/Lisbon",
        "call back",
        "T09:00",
    )
    assert run("followups", "list").stdout.endswith(f" · Dana Reyes · conversation {conversation} · Ada · call back\n")
    done = run("followups", "done", 1)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.startswith("1 · ")
    again = run("followups", "done", 1)
    assert (again.exit_code, again.stderr) == (0, f"it was done already: {done.stderr}")
    assert run("followups", "list").stdout == ""
    assert " · done · " in run("followups", "list", "--all").stdout


def test_owner_zone_and_only_if_no_reply_are_taken(run: Run, conversation: int) -> None:
    """Options are what they say, and `--agent` of the root says who this is."""
    run(
        "followups",
        "add",
        conversation,
        "in 3 days 9:00",
        "--owner",
        "Bo",
        "--zone",
        "Asia/Tokyo",
        "--only-if-no-reply",
    )
    run("--agent", "Cem", "followups", "add", conversation, "in 2 hours")
    items = {item["owner"]: item for item in json.loads(run("followups", "list", "--json").stdout)}
    assert (items["Bo"]["zone"], items["Bo"]["only_if_no_reply"]) == ("Asia/Tokyo", True)
    assert [item["id"] for item in json.loads(run("followups", "list", "--owner", "Cem", "--json").stdout)] == [2]


def test_due_narrows_to_now_today_or_the_week(run: Run, conversation: int) -> None:
    """Now is none, a week holds tomorrow, and two weeks from now is in neither."""
    run("followups", "add", conversation, "in 2 weeks")
    run("followups", "add", conversation, "in 2 days")

    def count(due: str) -> int:
        return len(json.loads(run("followups", "list", "--due", due, "--json").stdout))

    assert (count("now"), count("today"), count("week")) == (0, 0, 1)


def test_their_time_is_the_customers(run: Run, conversation: int, home: Path) -> None:
    """What is said on the customer's clock is echoed on both; who sets it for another is not its owner."""
    with Store.open(home / "agentassist.db", SystemClock()) as store:
        (before,) = store.sessions.list()
        store.customers.upsert(replace(before.customer, timezone="Asia/Tokyo"))
    added = run("followups", "add", conversation, "tomorrow", "9:00", "their", "time", "--owner", "Bo")
    assert added.exit_code == 0, added.stderr
    assert "(Asia/Tokyo) · here " in added.stderr
    assert added.stderr.endswith("(Europe/Lisbon)\n")
    (item,) = json.loads(run("followups", "list", "--json").stdout)
    assert (item["zone"], item["wall"][10:], item["owner"]) == ("Asia/Tokyo", "T09:00", "Bo")
    with Store.open(home / "agentassist.db", SystemClock()) as store:
        entry = store.transcript.entries(conversation)[-1]
    assert (entry.author_name, entry.data["owner"]) == ("Ada", "Bo")


def test_a_follow_up_is_moved(run: Run, conversation: int) -> None:
    """The new time is echoed before the whole line; what is done or unknown cannot be moved."""
    run("followups", "add", conversation, "in 2 days")
    moved = run("followups", "snooze", 1, "in", "3", "days", "9:00")
    assert (moved.exit_code, moved.stdout) == (0, "")
    assert moved.stderr.startswith("moved to ")
    assert ", 09:00 (Europe/Lisbon)\n1 · " in moved.stderr
    (item,) = json.loads(run("followups", "list", "--json").stdout)
    assert item["wall"].endswith("T09:00")
    assert run("followups", "snooze", 1, "yesterday", "9:00").exit_code == 2
    assert run("followups", "snooze", 7, "in 2 hours").exit_code == 1
    run("followups", "done", 1)
    assert "is done" in run("followups", "snooze", 1, "in 2 hours").stderr


def test_follow_ups_go_to_a_calendar(run: Run, conversation: int, tmp_path: Path) -> None:
    """On stdout or in a file of its owner's alone, which is not replaced unasked; only what was asked for."""
    run("followups", "add", conversation, "tomorrow 9:00", "--note", "call; back\x1b]52;c;aGk=\x07")
    run("followups", "add", conversation, "in 2 days", "--owner", "Bo")
    out = run("followups", "export", "--ics")
    assert (out.exit_code, out.stderr) == (0, "")
    assert {byte for byte in out.stdout_bytes if byte < 0x20 or byte == 0x7F} == {0x0D, 0x0A}
    events = icalendar.Calendar.from_ical(out.stdout_bytes).events
    assert [event.uid for event in events] == ["follow-up-1@agentassist", "follow-up-2@agentassist"]
    file = tmp_path / "mine.ics"
    assert run("followups", "export", "--owner", "Bo", "--ics", file).stdout == ""
    (event,) = icalendar.Calendar.from_ical(file.read_bytes()).events
    assert event.uid == "follow-up-2@agentassist"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = run("followups", "export", "--ics", file)
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)
    assert run("followups", "export", "--ics", file, "--force").exit_code == 0
    run("followups", "done", 1)
    assert "follow-up-1@" not in run("followups", "export", "--ics").stdout
    assert "STATUS:CANCELLED" in run("followups", "export", "--ics", "--all").stdout
    assert run("followups", "export").exit_code == 2


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        (["add", "1", "tomorrow 9:00 their time", "--zone", "Mars"], 2, "unknown time zone"),
        (["add", "1", "tomorrow"], 2, "at what time"),
        (["add", "1", "yesterday", "9:00"], 2, "is past"),
        (["add", "1", "tomorrow 9:00", "--zone", "Mars"], 2, "unknown time zone"),
        (["add", "99", "tomorrow 9:00"], 1, "no conversation 99"),
        (["add", "one", "tomorrow 9:00"], 2, "not a valid integer"),
        (["done", "99"], 1, "no follow-up 99"),
    ],
)
def test_what_cannot_be_is_refused_with_a_hint(
    run: Run, conversation: int, line: list[str], code: int, said: str
) -> None:
    """The exit code says whether the words or the records are wrong; nothing is stored."""
    result = run("followups", *line)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert "comes back" not in result.stderr
    assert json.loads(run("followups", "list", "--all", "--json").stdout) == []


def test_no_follow_ups_is_said(run: Run) -> None:
    """On stderr, with a clean exit."""
    result = run("followups", "list")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no follow-ups\n")
