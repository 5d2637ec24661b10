"""The queue, and who gets a conversation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from agentassist.models import EntryKind, State


async def test_queue_shows_who_waits(world: Any) -> None:
    """A waiting customer is shown with name, waiting time, unread count, the reason and the last words."""
    world.arrive("Dana Reyes", "it still won't pair", reason="asked twice")
    world.clock.move(131)
    async with world.desk() as seat:
        await seat.shows("Dana Reyes")
        for words in ("2:13", "●4", "asked twice", "it still won't", "1 waiting"):
            assert words in seat.text


async def test_looking_leaves_no_trace(world: Any) -> None:
    """Opening a waiting conversation writes nothing: no entry, no read mark, no suggestion."""
    number = world.arrive()
    before, unread = world.store.transcript.entries(number), world.store.queue.get(number, "Ada").unread
    async with world.desk() as seat:
        await seat.press("space")
        await seat.shows("Before you")
        await seat.until(lambda: bool(seat.desk.suggesting.offers))
        await seat.until(lambda: seat.desk.transcript.seen_seq == before[-1].seq)
    assert world.store.transcript.entries(number) == before
    assert world.store.queue.get(number, "Ada").unread == unread > 0
    assert world.store.suggestions.of(number) == ()


async def test_one_key_claims(world: Any) -> None:
    """`c` takes the conversation under the cursor and the reply gets the focus."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.press("c")
        await seat.until(lambda: world.store.queue.get(number).state is State.CLAIMED)
        await seat.until(lambda: seat.desk.composer.has_focus)
        assert world.store.queue.get(number).agent == "Ada"


async def test_the_loser_reads_who_was_first(world: Any) -> None:
    """When another agent was first, nothing is written and the panel says who has it."""
    number, other = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    async with world.desk() as seat:
        world.store.claims.claim(number, "Bo")
        entries = world.store.transcript.entries(number)
        await seat.press("c")
        await seat.until(lambda: seat.desk.queue_note.words.startswith("Dana Reyes: taken by Bo."), "whom Bo has")
        assert world.store.transcript.entries(number) == entries
        assert seat.desk.conversation.current is None
        seat.desk.conversation.open(other)
        await seat.until(lambda: not seat.desk.queue_note.words, "that it goes with the next that is opened")


async def test_next_takes_the_longest_waiting_that_is_left(world: Any) -> None:
    """`n` claims the first who waits; when another agent was faster it takes the one after."""
    first, second = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    async with world.desk() as seat:
        world.store.claims.claim(first, "Bo")
        await seat.press("n")
        await seat.until(lambda: world.store.queue.get(second).agent == "Ada")
        assert world.store.queue.get(first).agent == "Bo"


async def test_release_gives_it_back(world: Any) -> None:
    """A released conversation waits again, and the reply is closed."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("ctrl+r")
        await seat.until(lambda: world.store.queue.get(number).state is State.WAITING)
        await seat.until(lambda: seat.desk.composer.read_only)


async def test_new_conversations_arrive_live(world: Any) -> None:
    """A conversation that another process starts appears in the queue; the cursor stays where it was."""
    first = world.arrive("Dana Reyes")
    async with world.desk() as seat:
        await seat.shows("Dana Reyes")
        world.arrive("Li Wei", "where is my refund?")
        await seat.shows("Li Wei")
        assert seat.desk.queue.chosen == first
        assert "2 waiting" in seat.text


async def test_waiting_time_goes_on(world: Any) -> None:
    """The waiting time is that of now, not that of the last change."""
    world.arrive()
    async with world.desk() as seat:
        world.clock.move(600)
        await seat.shows("10:0")


async def test_store_trouble_is_told_in_the_queue_and_goes_away(world: Any) -> None:
    """When the store cannot be read the queue says so and tries again by itself; nothing else ends."""
    from agentassist.errors import StoreBusyError

    world.arrive()
    backend = world.backend()
    backend.broken = StoreBusyError("the records are locked", "Try again.")
    async with world.desk(backend, wait=False) as seat:
        await seat.shows("cannot read the queue")
        backend.broken = None
        await seat.shows("Dana Reyes")
        assert "cannot read" not in seat.text


async def test_only_look_ups_at_start(world: Any) -> None:
    """Starting a desk writes nothing."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.shows("Dana Reyes")
    kinds = [entry.kind for entry in world.store.transcript.entries(number)]
    assert kinds.count(EntryKind.EVENT) == 1


async def test_a_wanted_conversation_gets_the_cursor(world: Any) -> None:
    """The caller can say which conversation the cursor begins on."""
    world.arrive("Dana Reyes")
    second = world.arrive("Li Wei")
    async with world.desk(prefer=(999, second)) as seat:
        await seat.until(lambda: seat.desk.queue.chosen == second)


async def test_follow_ups_are_listed_and_ticked_off(world: Any) -> None:
    """An own follow-up is below the queue with its time; ctrl+d ticks it off, Enter opens its conversation."""
    from datetime import timedelta

    number = world.arrive()
    due = world.clock.now() + timedelta(hours=1)
    world.store.followups.add(number, "cust-Dana Reyes", "Ada", "call back", due, "UTC", "2026-11-20T15:00")
    async with world.desk() as seat:
        await seat.shows("call back")
        await seat.press("end", "enter")
        await seat.until(lambda: seat.desk.conversation.current is not None)
        await seat.press("f2", "end", "ctrl+d")
        await seat.until(lambda: world.store.followups.list(owner="Ada") == ())
        await seat.until(lambda: "FOLLOW-UPS" not in seat.text)


async def test_a_long_queue_stays_where_it_is_read(world: Any) -> None:
    """With more waiting than fit, the place that is read stays while the waiting times go on."""
    for count in range(120):
        world.arrive(f"Customer {count}")
    async with world.desk() as seat:
        await seat.press("end")
        await seat.until(lambda: seat.desk.queue.scroll_offset.y > 200)
        place = seat.desk.queue.scroll_offset.y
        for _ in range(3):
            world.clock.move(1)
            seat.desk.queue_work.tick()
            await seat.settled()
            assert seat.desk.queue.scroll_offset.y == place
            assert seat.desk.queue.fully_measured


async def test_follow_ups_say_whom_they_are_about(world: Any) -> None:
    """A follow-up in the queue shows the customer, the time and the note; no name is cut for the time."""
    for name in ("Dana Reyes", "Maria-Antonietta Castiglione de la Vega"):
        number = world.arrive(name)
        due = world.clock.now().replace(hour=9, minute=0) + timedelta(days=1)
        world.store.followups.add(number, None, "Ada", f"call {name[:5]}", due, "UTC", "2026-11-21T09:00")
    async with world.desk(size=(160, 36)) as seat:
        await seat.shows("Dana Reyes · tomorrow 09:00")
        rows = seat.text.splitlines()
        row = next(number for number, text in enumerate(rows) if "Dana Reyes · tomorrow" in text)
        assert "call Dana" in rows[row + 1]
        assert "Maria-Antonietta Castiglione" in rows[row + 2]
        assert "tomorrow 09:00" in rows[row + 3]
        assert "call Maria" in rows[row + 4]
