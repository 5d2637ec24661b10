"""The three hints that lead a newcomer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agentassist.session.desk import Desk
from agentassist.session.when import When
from agentassist.tui.app import DeskApp
from agentassist.tui.widgets.hint import LINES


@asynccontextmanager
async def desk(
    world: Any, size: tuple[int, int] = (120, 36), *, hints: bool = True, config: Any = None
) -> AsyncIterator[Any]:
    """Open a desk with hints."""
    backend = world.backend()
    app = DeskApp(backend, config or world.config, world.clock, hints=hints)
    async with app.run_test(size=size, notifications=True) as pilot:
        seat = world.seat(app, pilot, backend)
        await seat.until(lambda: seat.desk.complete, "the desk")
        yield seat


async def promise(seat: Any, number: int) -> None:
    """Set a follow-up, as the dialog does."""
    due = seat.world.clock.now() + timedelta(hours=1)
    when = When(due, "UTC", f"{due:%Y-%m-%dT%H:%M}", "in 1 hour")
    seat.backend.records(Desk.follow_up, number, when, "call").result()
    seat.backend.changed()


async def test_they_lead_from_claim_to_send_to_follow_up(world: Any) -> None:
    """Each goes away by itself when it was followed, and the last with a word of what else there is."""
    number = world.arrive("Dana Reyes")
    async with desk(world) as seat:
        await seat.shows("1/3 Dana Reyes waits for a person. n claims")
        await seat.press("n")
        await seat.shows("2/3")
        await seat.until(lambda: "Alt+1 sends the first" in seat.text, "the suggestions")
        await seat.write("Hello!")
        await seat.press("enter")
        await seat.shows("3/3 Promise to come back: F5, then words such as")
        await promise(seat, number)
        await seat.shows("That is all you need.")
        assert not seat.desk.hint.display
        assert "3/3" not in seat.text


async def test_a_hint_never_has_the_focus(world: Any) -> None:
    """It comes and goes while the agent types, and not one letter is lost."""
    number = world.arrive()
    async with desk(world) as seat:
        await seat.shows("1/3")
        assert not seat.desk.hint.can_focus
        await seat.claim(number)
        seat.desk.action_focus_composer()
        await seat.write("holds on h")
        await seat.shows("2/3")
        assert seat.desk.composer.text == "holds on h"
        assert seat.app.focused is seat.desk.composer


async def test_h_hides_them_for_good(world: Any) -> None:
    """Also those that would come after it."""
    world.arrive()
    async with desk(world) as seat:
        await seat.shows("h hides")
        await seat.press("h")
        assert not seat.desk.hint.display
        await seat.press("n")
        await seat.until(lambda: seat.desk.conversation.current is not None)
        seat.desk.hint_work.look()
        assert not seat.desk.hint.display


async def test_nothing_is_said_while_nobody_waits(world: Any) -> None:
    """The first hint comes with the first customer."""
    async with desk(world) as seat:
        seat.desk.hint_work.look()
        assert not seat.desk.hint.display
        world.arrive("Kim")
        await seat.shows("Kim waits")


async def test_without_hints_there_are_none_and_the_configuration_can_ask_for_them(world: Any) -> None:
    """`desk.hints`, or the demonstration."""
    world.arrive()
    async with desk(world, hints=False) as seat:
        seat.desk.hint_work.look()
        assert not seat.desk.hint.display
    config = replace(world.config, desk=replace(world.config.desk, hints=True))
    async with desk(world, hints=False, config=config) as seat:
        await seat.shows("1/3")


async def test_they_name_the_keys_of_the_key_map(world: Any) -> None:
    """Who has other keys is told those."""
    world.arrive()
    config = replace(world.config, keys={"conversation.next": "f6", "conversation.claim": "k"})
    async with desk(world, config=config) as seat:
        await seat.shows("F6 claims whoever comes first")
        assert "k the one under the cursor" in " ".join(seat.text.split())


@pytest.mark.parametrize(("width", "where"), [(60, "^G shows"), (80, "^G shows"), (120, "At the right is")])
async def test_it_says_where_the_suggestions_are(world: Any, width: int, where: str) -> None:
    """Behind a tab they are not at the right: the hint names the key that shows them."""
    number = world.arrive("Dana Reyes")
    async with desk(world, (width, 24)) as seat:
        await seat.claim(number)
        await seat.until(lambda: f"{where} what may help" in " ".join(seat.text.split()), "the suggestions")


@pytest.mark.parametrize("width", [60, 80, 120, 200])
async def test_a_hint_takes_two_lines_at_most(world: Any, width: int) -> None:
    """Whole words and whole sentences, whatever the width and the customer's name."""
    number = world.arrive("A" * 200 + "\x1b[31m[/bold]")
    async with desk(world, (width, 24)) as seat:
        for mark, act in (("1/3", seat.claim), ("2/3", None)):
            await seat.shows(mark)
            await seat.settled()
            assert seat.desk.hint.size.height <= LINES
            shown = [line for line in seat.text.splitlines() if line.strip()]
            assert any("hide" in line for line in shown[-4:])
            assert "\x1b" not in seat.text
            if act is not None:
                await act(number)
