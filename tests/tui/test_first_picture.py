"""The desk's first picture: the queue, and a place for everything else, which comes right after."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agentassist.tui.screens.desk import DeskScreen

SIZES = [(60, 24), (80, 24), (120, 36), (200, 50)]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Hold the desk at its first picture until this is set."""
    go_on = asyncio.Event()
    furnish = DeskScreen.furnish

    async def later(desk: DeskScreen) -> None:
        await go_on.wait()
        await furnish(desk)

    monkeypatch.setattr(DeskScreen, "furnish", later)
    return go_on


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_moves_when_the_rest_comes(world: Any, held: asyncio.Event, size: tuple[int, int]) -> None:
    """The queue is there at once, and its rows and the three columns stay where they are."""
    world.arrive("Dana Reyes")
    async with world.desk(size=size, wait=False) as seat:
        await seat.shows("Dana Reyes")
        columns = ("#status", "#queue-pane", "#conversation-pane", "#side-pane", "#queue")
        first = {name: seat.desk.query_one(name).region for name in columns}
        row = next(line for line in seat.text.splitlines() if "Dana Reyes" in line)[: first["#queue"].right]
        assert not seat.desk.complete
        held.set()
        await seat.until(lambda: seat.desk.complete, "the rest")
        await seat.until(lambda: seat.desk.transcript.is_attached)
        await seat.settled()
        assert {name: seat.desk.query_one(name).region for name in columns} == first
        now = next(line for line in seat.text.splitlines() if "Dana Reyes" in line)[: first["#queue"].right]
        assert now == row


async def test_what_is_typed_before_it_is_complete_is_done_then(world: Any, held: asyncio.Event) -> None:
    """Who types at once loses no key, and their order is kept."""
    number = world.arrive("Dana Reyes")
    async with world.desk(wait=False) as seat:
        await seat.shows("Dana Reyes")
        await seat.write("n")
        assert seat.desk.queue_work.overview.mine == ()
        held.set()
        await seat.until(lambda: seat.desk.conversation.current is not None, "the claim")
        assert seat.desk.conversation.current.id == number
        await seat.until(lambda: seat.desk.focused is seat.desk.composer, "the focus")
        await seat.write("hello")
        await seat.until(lambda: seat.desk.composer.text == "hello", "the letters")


async def test_letters_keep_their_order(world: Any, held: asyncio.Event) -> None:
    """A filter that is typed before the desk is complete is what was typed."""
    world.arrive("Dana Reyes")
    async with world.desk(wait=False) as seat:
        await seat.shows("Dana Reyes")
        await seat.write("/d")
        held.set()
        await seat.write("an")
        await seat.until(lambda: seat.desk.queue_filter.box.value == "dan", "the letters")


async def test_it_may_end_before_it_is_complete(world: Any, held: asyncio.Event) -> None:
    """A desk that is asked to end at once ends, and nothing fails."""
    world.arrive("Dana Reyes")
    async with world.desk(wait=False) as seat:
        await seat.shows("Dana Reyes")
        seat.app.exit()
        held.set()
