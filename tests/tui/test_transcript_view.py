"""The transcript: all that was said, in order, told apart without colour, fast however long it is."""

from __future__ import annotations

from datetime import UTC, datetime
from time import thread_time
from typing import Any

from agentassist.models import Author, Entry, EntryKind, NewEntry
from agentassist.tui.widgets.entry_lines import Voice, entry_lines


async def test_before_you_has_everything_in_order(world: Any) -> None:
    """Why, every tree question with its answer in order, the bot's part with its author, then the live part."""
    number = world.arrive("Dana Reyes", "hello? anyone", reason="asked twice; bot had no answer")
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.shows("hello? anyone")
        await seat.press("escape", "b")
        wanted = (
            "Before you · 2 answers · 2 entries with the bot",
            "Why: asked twice; bot had no answer",
            "What can we help with?  Setting up",
            "Serial number  DL12345678",
            "● Dana Reyes",
            "my dial wont pair",
            "○ Hearth (bot)",
            "Have you tried",
            "── Handed over 14:00",
            "hello? anyone",
            "You claimed",
        )
        text = "\n".join(
            "".join(p.text for p in line) for block in seat.desk.transcript.blocks for line in block.lines(90)
        )
        places = [text.index(words) for words in wanted]
        assert places == sorted(places)


async def test_authors_differ_without_colour(world: Any) -> None:
    """Each author has a mark and a name of its own; this agent is “You”, another agent has a name."""
    number = world.arrive()
    world.store.claims.claim(number, "Bo")
    world.store.transcript.send(number, "Bo", NewEntry(Author.AGENT, EntryKind.MESSAGE, "hi", "Bo"), seen_seq=99)
    world.store.claims.release(number, "Bo")
    async with world.desk(size=(120, 50)) as seat:
        await seat.claim(number)
        await seat.write("hello")
        await seat.until(lambda: seat.desk.transcript.seen_seq > 0)
        await seat.press("enter", "escape", "b")
        for words in ("◆ Bo  14:", "◆ You  14:", "● Dana Reyes  14:", "○ Hearth (bot)  14:"):
            await seat.shows(words)


async def test_days_are_separated(world: Any) -> None:
    """The first entry of a day has the day above it."""
    number = world.arrive()
    world.clock.move(86_400)
    world.say(number, "still nothing")
    async with world.desk(size=(120, 50)) as seat:
        seat.desk.conversation.open(number)
        await seat.shows("── Today")
        await seat.press("b")
        await seat.shows("── Yesterday")
        await seat.shows("── Today")


async def test_entries_arrive_live(world: Any) -> None:
    """What another process stores is on screen at once, at the end that is followed."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        for count in range(40):
            world.say(number, f"line {count}")
        await seat.shows("line 39")
        assert seat.desk.transcript.at_end
        assert seat.desk.transcript.below == 0


async def test_reading_above_is_not_disturbed(world: Any) -> None:
    """Who has scrolled up stays there and reads how many are new below; End goes to them."""
    number = world.arrive("Dana Reyes", *(f"line {count}" for count in range(80)))
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "home")
        await seat.shows("Before you")
        for count in range(3):
            world.say(number, f"new {count}")
        await seat.shows("3 new below")
        assert "Before you" in seat.text
        assert seat.desk.transcript.seen_seq < world.store.transcript.entries(number)[-1].seq
        await seat.press("end")
        await seat.shows("new 2")
        assert "new below" not in seat.text


async def test_folding(world: Any) -> None:
    """The part before is folded, with its answers on one line; `b` unfolds it to every question, and folds it."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.shows("Setting up · DL12345678")
        assert "▸ Before you · 2 answers · 2 with the bot" in seat.text
        assert "Why: asked for a person" in seat.text
        assert "my dial wont pair" not in seat.text
        await seat.press("escape", "b")
        await seat.shows("Serial number  DL12345678")
        await seat.shows("my dial wont pair")
        await seat.press("b")
        await seat.until(lambda: "my dial wont pair" not in seat.text)
        assert "Why: asked for a person" in seat.text


async def test_read_marks_are_kept(world: Any) -> None:
    """What an owner has had on screen is no longer unread."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        world.say(number, "one more")
        await seat.until(lambda: world.store.queue.get(number, "Ada").unread == 0)


async def test_a_dialog_in_front_means_not_seen(world: Any) -> None:
    """What arrives behind a dialog does not count as seen."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.until(lambda: seat.desk.transcript.seen_seq > 0)
        await seat.press("f1")
        world.say(number, "behind the dialog")
        last = world.store.transcript.entries(number)[-1].seq
        await seat.until(lambda: seat.desk.transcript.entries[-1].seq == last)
        await seat.pilot.pause(0.6)
        assert seat.desk.transcript.seen_seq < last
        await seat.press("escape")
        await seat.until(lambda: seat.desk.transcript.seen_seq == last)


async def test_long_conversations_open_in_slices(world: Any) -> None:
    """Of 5,000 entries the newest are on screen at once; no slice of work holds the screen for long."""
    number = world.arrive()
    for start in range(0, 5_000, 500):
        world.store.transcript.append(
            number,
            *(
                NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, f"entry {count} " + "some words to wrap here " * 6)
                for count in range(start, start + 500)
            ),
        )
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        transcript = seat.desk.transcript
        await seat.until(lambda: len(transcript.entries) > 5_000)
        await seat.shows("▏ entry 4999")
        await seat.until(lambda: transcript.fully_measured, "every block measured")
        assert transcript.at_end
        started = thread_time()
        world.say(number, "the newest")
        transcript.add(world.store.transcript.entries(number, after=5_000), world.clock.now())
        assert thread_time() - started < 0.25
        await seat.press("home")
        await seat.shows("Before you")


async def test_a_follow_up_says_who_set_it_and_for_when(world: Any) -> None:
    """Setting a follow-up reads as a sentence, with the day and the time in the agent's own zone."""
    number = world.arrive()
    due = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    world.store.followups.add(number, None, "Ada", "call back", due, "UTC", "2026-11-24T09:00")
    world.store.followups.add(number, None, "Bo", "", due.replace(year=2027), "UTC", "2027-11-24T09:00")
    async with world.desk(size=(200, 40)) as seat:
        await seat.claim(number)
        await seat.shows("You set a follow-up for Tue 24 Nov 09:00: call back")
        await seat.shows("Bo set a follow-up for Wed 24 Nov 2027 09:00 ─")
        await seat.pilot.resize_terminal(100, 40)
        await seat.shows("24 Nov 09:00: call back")  # it wraps: the time is what it is for


def test_a_follow_up_without_a_known_time_is_told_without() -> None:
    """An entry from outside that tells no time, or nonsense, still reads as a sentence."""
    for due in (None, "", "soon", "2026-11-24T09:00", 5):
        data = {"event": "follow_up", "due": due}
        entry = Entry(1, 1, datetime(2026, 11, 20, tzinfo=UTC), Author.AGENT, "Ada", EntryKind.EVENT, "x", data)
        (line,) = entry_lines(entry, Voice("Ada", "Dana", UTC), 80, head=False)
        assert "You set a follow-up: x" in "".join(piece.text for piece in line)
