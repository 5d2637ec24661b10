"""Follow-ups: set in words, told when they are due, listed, done, later, and undone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from textual.events import Key
from textual.keys import _character_to_key

from agentassist.config import AgentConfig, Config, DeskConfig
from agentassist.models import FollowUp

HOSTILE = "\x1b]52;c;cHduZWQ=\x07[@click=app.quit]free[/] \x9b31m6;calc\u202e"


class Heard:
    """What a desk sent to its terminal besides pictures."""

    def __init__(self, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bells = 0
        self.written: list[str] = []
        self._write = app._driver.write
        monkeypatch.setattr(app, "bell", self._bell)
        monkeypatch.setattr(app._driver, "write", self._noted)

    def _noted(self, data: str) -> None:
        self.written.append(data)
        self._write(data)

    def _bell(self) -> None:
        self.bells += 1

    @property
    def notifications(self) -> list[str]:
        """The terminal notifications, as they were written."""
        return [data for data in self.written if "\x1b]9" in data]


def promise(world: Any, number: int | None, note: str, seconds: float, owner: str = "Ada") -> FollowUp:
    """Keep a promise as another process would."""
    due = world.clock.now() + timedelta(seconds=seconds)
    item: FollowUp = world.store.followups.add(
        number, None if number else "cust-Dana Reyes", owner, note, due, "UTC", f"{due:%Y-%m-%dT%H:%M}"
    )
    for backend in world.backends:
        backend.changed()
    return item


async def ready(seat: Any) -> None:
    """Wait until the dialog listens."""
    await seat.until(lambda: getattr(seat.app.screen, "ready", False), "a dialog that listens")


async def known(seat: Any, count: int) -> None:
    """Wait until the queue knows so many follow-ups."""
    await seat.until(lambda: len(seat.desk.queue_work.overview.follow_ups) == count, f"{count} follow-ups")


def toasts(seat: Any) -> list[str]:
    """Return what the toasts say."""
    return [notification.message for notification in seat.app._notifications]


# Setting one


async def test_the_customers_time_is_echoed_in_both_zones(world: Any) -> None:
    """“Their time” is the customer's clock; the echo says what that is here, and both are saved as meant."""
    number = world.arrive()
    world.config = Config(agent=AgentConfig(name="Ada", timezone="America/New_York"))
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "f")
        await seat.write("mon 15:00 their time")
        await seat.shows("Mon 23 Nov 2026, 15:00 (Europe/Lisbon)")
        assert "10:00 (America/New_York)" in seat.text
        await ready(seat)
        await seat.press("ctrl+s")
        await seat.until(lambda: len(world.store.followups.list()) == 1)
        (item,) = world.store.followups.list()
        assert (item.zone, item.wall, item.due) == (
            "Europe/Lisbon",
            "2026-11-23T15:00",
            datetime(2026, 11, 23, 15, tzinfo=UTC),
        )


@pytest.mark.parametrize(
    ("now", "said", "echo"),
    [
        (datetime(2027, 3, 13, 12, tzinfo=UTC), "tomorrow 2:30", "does not exist"),
        (datetime(2026, 10, 31, 12, tzinfo=UTC), "tomorrow 1:30", "before the clocks go back"),
        (datetime(2026, 10, 31, 12, tzinfo=UTC), "tomorrow 9", "Sun 1 Nov 2026, 09:00 (America/New_York)"),
    ],
)
async def test_the_echo_knows_daylight_saving(world: Any, now: datetime, said: str, echo: str) -> None:
    """An hour that is left out is refused, one that comes twice is told apart, and 9 stays 9 across the change."""
    number = world.arrive()
    world.config = Config(agent=AgentConfig(name="Ada", timezone="America/New_York"))
    world.clock.moment = now
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "f")
        await seat.write(said)
        await seat.until(lambda: echo in str(seat.app.screen.query_one("#echo").content), echo)


async def test_several_for_one_conversation(world: Any) -> None:
    """What was promised before is shown above, with who comes back; another owner can be named."""
    number = world.arrive()
    promise(world, number, "send the form", 3600)
    promise(world, number, f"ring {HOSTILE}", 7200, owner="Bo")
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "f5")
        await seat.shows("Promised already:")
        await seat.shows("15:00 · you · send the form")
        await seat.shows("16:00 · Bo · ring ␛]52;c;")
        await seat.write("tomorrow 9")
        await seat.press("enter")
        await seat.write("look again")
        await seat.press("tab", "end", "shift+home", "delete")
        await seat.write("Cy")
        await ready(seat)
        await seat.press("enter")
        await seat.until(lambda: len(world.store.followups.list()) == 3)
        assert {(item.owner, item.note) for item in world.store.followups.list()} >= {
            ("Ada", "send the form"),
            ("Cy", "look again"),
        }
        await seat.until(lambda: len(seat.app.screen_stack) == 1)
        await seat.press("u")
        await seat.until(lambda: [item.note for item in world.store.followups.list(owner="Cy")] == [])


async def test_the_dialog_fits_a_small_terminal(world: Any) -> None:
    """At 80×24 every part of the dialog is on screen."""
    number = world.arrive()
    for count in range(6):
        promise(world, number, f"promise {count}", 3600 + count)
    async with world.desk(size=(80, 24)) as seat:
        await seat.claim(number)
        await seat.press("escape", "f")
        await seat.shows("and 2 more")
        for words in ("When", "Note", "Who comes back", "[ ] only if", "Esc cancels"):
            assert words in seat.text


# Being told


async def test_it_rings_once(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What becomes due rings once: bell, terminal notification, toast, and a mark in the queue; a moved one again."""
    number = world.arrive()
    async with world.desk() as seat:
        heard = Heard(seat.app, monkeypatch)
        item = promise(world, number, "call back", 3600)
        await known(seat, 1)
        seat.desk.alarm.tick()
        assert heard.bells == 0
        world.clock.move(3600)
        for _ in range(3):
            seat.desk.alarm.tick()
        assert heard.bells == 1
        assert heard.notifications == ["\x1b]9;agentassist: Follow-up due now: Dana Reyes, call back\x07"]
        await seat.until(lambda: bool(toasts(seat)))
        assert toasts(seat) == ["Follow-up due now: Dana Reyes, call back · g lists them"]
        await seat.until(lambda: " ! Dana Reyes · due" in seat.text)
        await seat.shows("1 follow-up due")
        later = world.clock.now() + timedelta(hours=1)
        world.store.followups.snooze(item.id, later, "UTC", "2026-11-20T16:00")
        seat.backend.changed()
        await seat.until(lambda: seat.desk.queue_work.overview.follow_ups[0].due == later)
        assert heard.bells == 1
        world.clock.move(3600)
        for _ in range(3):
            seat.desk.alarm.tick()
        assert heard.bells == 2


async def test_it_rings_by_itself_in_a_dialog_and_in_its_own_conversation(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The conversation that it is about is open, and a dialog is in front: it rings all the same, without a key."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        heard = Heard(seat.app, monkeypatch)
        promise(world, number, "call back", 60)
        await known(seat, 1)
        await seat.press("f1")
        assert len(seat.app.screen_stack) == 2
        world.clock.move(61)
        await seat.until(lambda: heard.bells == 1, "the bell")
        await seat.shows("Follow-up due")


async def test_what_is_overdue_is_told_once_at_the_start(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several that are due when the desk opens are one bell and one sentence."""
    number = world.arrive()
    for note in ("one", "two"):
        promise(world, number, note, 60)
    promise(world, number, "three", 90_000)
    world.clock.move(7200)
    async with world.desk() as seat:
        await seat.shows("2 follow-ups are due")
        heard = Heard(seat.app, monkeypatch)
        world.clock.move(5)
        seat.desk.alarm.tick()
        assert heard.bells == 0
        assert len(toasts(seat)) == 1


async def test_a_bell_can_be_off(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With both switched off in the configuration only the toast is left."""
    number = world.arrive()
    world.config = Config(agent=AgentConfig(name="Ada", timezone="UTC"), desk=DeskConfig(bell=False, notify=False))
    async with world.desk() as seat:
        heard = Heard(seat.app, monkeypatch)
        promise(world, number, "call back", 60)
        await known(seat, 1)
        world.clock.move(60)
        seat.desk.alarm.tick()
        assert heard.bells == 0
        assert heard.notifications == []
        await seat.until(lambda: len(toasts(seat)) == 1)


async def test_hostile_words_ring_as_words(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Escapes and markup in name and note: one sequence of plain ASCII, and a toast of text."""
    number = world.arrive(f"Eve {HOSTILE}")
    async with world.desk() as seat:
        heard = Heard(seat.app, monkeypatch)
        promise(world, number, HOSTILE, 60)
        await known(seat, 1)
        world.clock.move(60)
        seat.desk.alarm.tick()
        (sent,) = heard.notifications
        assert re.fullmatch(r"\x1b\]9;agentassist: [ -:<-~]{1,110}\x07", sent)
        await seat.shows("[@click=app.quit]")
        assert "\x1b" not in seat.text
        await seat.press("g")
        await ready(seat)
        assert "! Eve ␛]52;c;cHduZWQ=␇[@click=app.quit]" in seat.text


async def test_no_date_freezes_the_desk(world: Any) -> None:
    """With promises long past and years ahead the clock of the desk goes on."""
    number = world.arrive()
    promise(world, number, "old", 1)
    promise(world, number, "far", 5 * 365 * 86_400)
    world.clock.move(3 * 365 * 86_400)
    async with world.desk() as seat:
        await seat.shows("1095 d")
        world.clock.move(86_400)
        await seat.shows("1096 d")


async def test_only_if_no_reply_is_silent_after_one(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply settles what was promised “only if no reply”, and nothing else."""
    number = world.arrive()
    due = world.clock.now() + timedelta(minutes=5)
    for only in (True, False):
        note = "settled" if only else "kept"
        world.store.followups.add(number, None, "Ada", note, due, "UTC", "2026-11-20T14:05", only)
    async with world.desk() as seat:
        heard = Heard(seat.app, monkeypatch)
        await known(seat, 2)
        world.say(number, "thanks")
        await known(seat, 1)
        world.clock.move(400)
        seat.desk.alarm.tick()
        (sent,) = heard.notifications
        assert "kept" in sent


# Done, later, and the list


async def test_done_and_later_in_the_queue_can_be_undone(world: Any) -> None:
    """^D ticks off, z moves; u takes each back."""
    number = world.arrive()
    item = promise(world, number, "call back", 3600)
    async with world.desk() as seat:
        await seat.shows("call back")
        await seat.press("end", "ctrl+d")
        await seat.until(lambda: world.store.followups.get(item.id).done_at is not None)
        await seat.shows("Done: call back · u takes")
        await seat.press("u")
        await seat.until(lambda: world.store.followups.get(item.id).done_at is None)
        await seat.shows("15:00")
        await seat.press("end", "z")
        await seat.shows("in 1 hour")
        await seat.shows("Fri 20 Nov 2026, 15:00 (UTC)")
        await seat.shows("▸ in 1 hour")
        await seat.press("down", "down")
        await seat.shows("▸ tomorrow 9:00")
        await ready(seat)
        await seat.press("enter")
        await seat.until(lambda: world.store.followups.get(item.id).wall == "2026-11-21T09:00")
        await seat.shows("tomorrow 09:00")
        await seat.press("u")
        await seat.until(lambda: world.store.followups.get(item.id) == item)


async def test_later_in_own_words(world: Any) -> None:
    """Words are echoed exactly; what is no time is not taken; Esc leaves it as it was."""
    number = world.arrive()
    item = promise(world, number, "call back", 3600)
    async with world.desk() as seat:
        await seat.shows("call back")
        await seat.press("end", "ctrl+l")
        await ready(seat)
        await seat.write("yesterday")
        await seat.press("enter")
        await seat.until(lambda: seat.app.screen.query_one("#dialog-note").display)
        await seat.press("escape")
        assert world.store.followups.get(item.id) == item
        await seat.press("z")
        await ready(seat)
        await seat.write("tue 8:15")
        await seat.shows("Tue 24 Nov 2026, 08:15 (UTC)")
        await seat.press("enter")
        await seat.until(lambda: world.store.followups.get(item.id).wall == "2026-11-24T08:15")


async def test_the_agenda_lists_filters_and_opens(world: Any) -> None:
    """All own follow-ups, the most overdue first; typing filters; Enter opens the conversation."""
    first, second = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    promise(world, first, "send the form", 60)
    promise(world, second, "ask for the serial number", 90_000)
    promise(world, first, "not mine", 60, owner="Bo")
    world.clock.move(3600)
    async with world.desk() as seat:
        await seat.press("g")
        await seat.shows("Dana Reyes · send the form")
        rows = [line for line in seat.text.splitlines() if "▸ !" in line or "Li Wei · ask" in line]
        assert "▸ ! Dana Reyes" in rows[0]
        assert "tomorrow" in rows[1]
        assert "not mine" not in seat.text
        await ready(seat)
        await seat.write("serial")
        await seat.shows("1 of 2")
        await seat.press("enter")
        await seat.until(lambda: seat.desk.conversation.current is not None)
        assert seat.desk.conversation.current.id == second
        assert world.store.queue.get(second).agent == ""


async def test_the_agenda_does_what_the_queue_does(world: Any) -> None:
    """^D and ^L work in the list, which stays open and keeps up; one about no conversation opens nothing."""
    number = world.arrive()
    first, second = promise(world, number, "one", 60), promise(world, None, "two", 120)
    async with world.desk() as seat:
        await known(seat, 2)
        await seat.press("g")
        await ready(seat)
        await seat.press("ctrl+d")
        await seat.until(lambda: world.store.followups.get(first.id).done_at is not None)
        await seat.shows("1 entry")
        await seat.press("enter")
        await seat.shows("about no conversation")
        await seat.press("ctrl+l")
        await seat.shows("Later · two")
        await ready(seat)
        await seat.press("enter")
        await seat.until(lambda: world.store.followups.get(second.id).due > second.due)
        await seat.shows("15:00")
        await seat.press("escape")
        await seat.press("u", "u")
        await seat.until(lambda: world.store.followups.get(first.id) == first)
        await seat.until(lambda: world.store.followups.get(second.id) == second)


async def test_what_cannot_be_saved_is_told(world: Any) -> None:
    """When the records are locked, the queue says so and nothing is shown as done."""
    from agentassist.errors import StoreBusyError

    number = world.arrive()
    item = promise(world, number, "call back", 3600)
    async with world.desk() as seat:
        await seat.shows("call back")
        seat.backend.broken = StoreBusyError("the records are locked", "Try again.")
        await seat.press("end", "ctrl+d")
        await seat.shows("not saved: the records are")
        seat.backend.broken = None
    assert world.store.followups.get(item.id) == item


async def test_words_typed_at_once_land_where_they_belong(world: Any) -> None:
    """Time, Enter, note in one go, faster than a picture: each in its own line, and the next Enter saves."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("f5")
        for text in (*"tomorrow 9", "enter", *"call about the dial"):
            key = text if len(text) > 1 or text.isalnum() else _character_to_key(text)
            seat.app.post_message(Key(key, text if len(text) == 1 else None))
        await ready(seat)
        await seat.until(lambda: seat.app.screen.query_one("#what").value == "call about the dial", "the note")
        assert seat.app.screen.query_one("#when").value == "tomorrow 9"
        await seat.press("enter")
        await seat.until(lambda: len(world.store.followups.list()) == 1, "the follow-up")
        (item,) = world.store.followups.list()
        assert (item.wall, item.note) == ("2026-11-21T09:00", "call about the dial")


async def test_enter_still_ticks_the_box(world: Any) -> None:
    """On the box to tick Enter ticks it, and saves nothing."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "f")
        await ready(seat)
        await seat.write("tomorrow 9")
        await seat.press("shift+tab", "enter")
        await seat.shows("[x] only if")
        assert not world.store.followups.list()


async def test_it_rings_behind_a_dialog_and_its_help(world: Any) -> None:
    """A follow-up rings while a dialog is open with the help in front of it, and the desk behind them goes on."""
    number = world.arrive()
    promise(world, number, "ring back", 60)
    async with world.desk() as seat:
        await seat.claim(number)
        await known(seat, 1)
        await seat.press("f5")
        await ready(seat)
        await seat.press("f1")
        await ready(seat)
        world.clock.move(61)
        await seat.until(lambda: any("ring back" in said for said in toasts(seat)), "the toast")
