"""Two agents at two desks on one store: each sees live what the other does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from agentassist.config import AgentConfig, Config
from agentassist.models import EntryKind, State
from agentassist.paths import under
from agentassist.session.backend import Backend
from agentassist.session.desk import Desk
from agentassist.session.when import When
from agentassist.tui.app import DeskApp

SIZE = (160, 36)


@asynccontextmanager
async def real_desk(world: Any, agent: str) -> AsyncIterator[Any]:
    """Open a desk on its real backend, with its own connection and its own watcher."""
    backend = Backend(under(world.path.parent), agent, world.clock)
    app = DeskApp(backend, Config(agent=AgentConfig(name=agent, timezone="UTC")), world.clock)
    try:
        async with app.run_test(size=SIZE, notifications=True) as pilot:
            seat = world.seat(app, pilot, backend)
            await seat.until(lambda: seat.desk.complete)
            yield seat
    finally:
        await asyncio.to_thread(backend.close)


@pytest.fixture
async def desks(world: Any) -> AsyncIterator[tuple[Any, Any, int]]:
    """Ada and Bo, and a customer who waits for either."""
    number = world.arrive()
    async with real_desk(world, "Ada") as ada, real_desk(world, "Bo") as bo:
        yield ada, bo, number


async def test_one_wins_and_the_other_reads_who(world: Any, desks: Any) -> None:
    """Both press Enter on the same customer: one has the conversation, the other reads who was first."""
    ada, bo, number = desks
    await asyncio.gather(ada.press("enter"), bo.press("enter"))
    await ada.until(lambda: world.store.queue.get(number).state is State.CLAIMED)
    winner = world.store.queue.get(number).agent
    loser = bo if winner == "Ada" else ada
    await loser.shows(f"taken by {winner}")
    await loser.shows("WITH OTHERS 1")
    claims = [entry for entry in world.store.transcript.entries(number) if entry.data.get("event") == "claimed"]
    assert len(claims) == 1


async def test_a_claim_is_seen_where_the_cursor_is(world: Any, desks: Any) -> None:
    """When another claims the one under the cursor, the cursor stays on it, and Enter only opens it."""
    ada, bo, number = desks
    bo.desk.conversation.claim(number)
    await ada.shows("WITH OTHERS 1")
    await ada.shows("Bo is here")
    assert ada.desk.queue.chosen == number
    await ada.press("enter")
    await ada.shows("taken by Bo")
    assert world.store.queue.get(number).agent == "Bo"


async def test_typing_is_seen_in_list_and_title(world: Any, desks: Any) -> None:
    """While Bo types, Ada reads so in the queue and in the title; five seconds after the last key no more."""
    ada, bo, number = desks
    await bo.press("enter")
    await bo.until(lambda: bo.desk.composer.has_focus)
    await bo.write("hello")
    await ada.shows("✎ Bo is typing")
    await ada.press("space")
    await ada.until(lambda: ada.desk.conversation.current is not None)
    await ada.until(lambda: "Dana Reyes · web · taken by Bo · Bo is typing" in ada.text, "the title")
    world.clock.move(6)
    await ada.shows("Bo looks too")
    await ada.shows("◉ Bo is here")
    await bo.shows("Ada looks too")
    assert number == bo.desk.conversation.current.id


async def test_what_was_sent_ends_the_typing(world: Any, desks: Any) -> None:
    """A reply that is sent is seen by the other desk, and nobody types any more."""
    ada, bo, number = desks
    await bo.press("enter")
    await bo.until(lambda: bo.desk.composer.has_focus)
    await ada.press("space")
    await bo.write("hello there")
    await ada.shows("Bo is typing")
    await bo.press("enter")
    await ada.shows("hello there")
    await ada.shows("Bo looks too")
    assert "hello there" in world.texts(number)


async def test_a_release_is_seen(world: Any, desks: Any) -> None:
    """What Bo gives back waits again on Ada's desk, in the list and in the open conversation."""
    ada, bo, number = desks
    await bo.press("enter")
    await ada.shows("WITH OTHERS 1")
    await ada.press("space")
    await ada.shows("taken by Bo")
    await bo.until(lambda: bo.desk.conversation.current is not None and bo.desk.conversation.current.mine)
    await bo.press("ctrl+r")
    await ada.shows("WAITING 1")
    await ada.shows("waiting · c claims it")
    assert world.store.queue.get(number).state is State.WAITING


async def test_a_look_is_seen_and_leaves_no_trace(world: Any, desks: Any) -> None:
    """Bo sees that Ada looks; the records know nothing of it, and when she has gone nobody looks any more."""
    ada, bo, number = desks
    before, unread = world.store.transcript.entries(number), world.store.queue.get(number, "Ada").unread
    await ada.press("space")
    await bo.shows("◉ Ada looks")
    assert world.store.transcript.entries(number) == before
    assert world.store.queue.get(number, "Ada").unread == unread > 0
    ada.desk.conversation.leave()
    await bo.until(lambda: "Ada" not in bo.text, "Ada gone")


async def test_a_desk_that_ends_is_gone_at_once(world: Any) -> None:
    """Leaving the desk is leaving the conversation."""
    world.arrive()
    async with real_desk(world, "Ada") as ada:
        async with real_desk(world, "Bo") as bo:
            await bo.press("space")
            await ada.shows("◉ Bo looks")
        await ada.until(lambda: "Bo" not in ada.text, "Bo gone")


async def test_a_desk_that_was_killed_is_forgotten(world: Any) -> None:
    """Who has not been heard of for a minute is not shown, though nothing is written about it."""
    number = world.arrive()
    async with world.desk() as seat:
        world.store.presence.say("killed", "Bo", number, typing=True)
        seat.backend.changed()
        await seat.shows("✎ Bo is typing")
        version = world.store.version()
        world.clock.move(40)
        await seat.shows("◉ Bo looks")
        world.clock.move(30)
        await seat.until(lambda: "Bo" not in seat.text, "Bo gone")
        assert world.store.version() == version


async def test_nothing_is_written_while_nothing_changes(world: Any) -> None:
    """An open desk says every twenty seconds where it is, and nothing between; with nothing open, nothing."""
    number = world.arrive()
    async with world.desk() as seat:
        quiet = world.store.version()
        for _ in range(5):
            world.clock.move(30)
            seat.desk.presence.tick()
            await seat.settled()
        assert world.store.version() == quiet
        await seat.press("space")
        await seat.until(lambda: bool(world.store.presence.others("me")))
        told = world.store.version()
        for _ in range(3):
            world.clock.move(6)
            seat.desk.presence.tick()
            await seat.settled()
            await asyncio.wrap_future(seat.backend.records(lambda _: None))
        assert world.store.version() == told
        world.clock.move(6)
        seat.desk.presence.tick()
        await seat.until(lambda: world.store.version() != told)
        (here,) = world.store.presence.others("me")
        assert (here.agent, here.conversation_id, here.typing) == ("Ada", number, False)
    await asyncio.wrap_future(seat.backend.records(lambda _: None))  # after what was handed in last
    kinds = [entry.kind for entry in world.store.transcript.entries(number)]
    assert kinds.count(EntryKind.EVENT) == 1
    assert world.store.presence.others("me") == ()


async def test_a_hostile_agent_is_only_a_name(world: Any) -> None:
    """A name with markup and escapes is shown as text in the list and the title."""
    number = world.arrive()
    async with world.desk(size=SIZE) as seat:
        world.store.presence.say("x", "[b]\x1b[31mBo[/]", number, typing=True)
        seat.backend.changed()
        await seat.shows("[b]␛[31mBo[/] is typing")
        await seat.press("space")
        await seat.until(lambda: "[/] is typing" in seat.text.splitlines()[1], "the title")
        assert "\x1b" not in seat.text


async def test_a_promise_for_a_colleague_rings_at_their_desk(world: Any, desks: Any) -> None:
    """What Ada promises in Bo's name is in Bo's queue at once, and rings there and not at hers."""
    ada, bo, number = desks
    due = world.clock.now() + timedelta(minutes=5)
    when = When(due, "UTC", "2026-11-20T14:05", "")
    await asyncio.wrap_future(ada.backend.records(Desk.follow_up, number, when, "ring her", owner="Bo"))
    await bo.shows("ring her")
    world.clock.move(301)
    await bo.shows("Follow-up due")
    assert "Follow-up due" not in ada.text
    assert "ring her" not in [item.note for item in ada.desk.queue_work.overview.follow_ups]
