"""How the desk looks, in the states and sizes that matter."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import pytest

from agentassist.tui.app import DeskApp

SIZES = [(80, 24), (120, 36)]


async def settle(pilot: Any, holds: Callable[[], bool]) -> None:
    """Let the desk work until something holds, then until nothing is left to paint."""
    end = monotonic() + 10
    while not holds():
        assert monotonic() < end, "never came"
        await asyncio.sleep(0.01)
    for _ in range(3):
        await pilot.pause()


def desk_of(pilot: Any) -> Any:
    """Return the desk's own screen."""
    return pilot.app.screen_stack[0]


async def started(pilot: Any) -> None:
    """Wait for the queue and the encoder."""
    desk = desk_of(pilot)
    desk.composer.cursor_blink = desk.search_box.cursor_blink = False
    await settle(
        pilot, lambda: desk.queue_work.loaded and desk.status.status.search not in ("", "search: getting ready")
    )


async def claimed(pilot: Any) -> None:
    """Claim the first and wait for its suggestions."""
    await started(pilot)
    await pilot.press("c")
    desk = desk_of(pilot)
    await settle(pilot, lambda: bool(desk.conversation.current and desk.conversation.current.mine))
    await settle(pilot, lambda: bool(desk.suggesting.offers) and desk.transcript.fully_measured)


async def beside(pilot: Any) -> None:
    """Go to the suggestions, which a narrow screen has on a tab of their own."""
    await claimed(pilot)
    await pilot.press("ctrl+g")
    await settle(pilot, lambda: bool(desk_of(pilot).suggestions.has_focus))


async def wrapping_up(pilot: Any) -> None:
    """Open the wrap-up with a disposition chosen."""
    await claimed(pilot)
    await pilot.press("ctrl+w", "2")
    await settle(pilot, lambda: bool(pilot.app.screen.ready))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("state", ["empty", "waiting", "busy", "suggestions", "degraded", "wrap_up"])
def test_looks(world: Any, snap_compare: Any, state: str, size: tuple[int, int]) -> None:
    """The desk looks as it did when somebody last found it good."""
    if state != "empty":
        first = world.arrive("Dana Reyes", "hello?", "so the 6 numbers were there last nihgt and they went away")
        world.arrive("Li Wei", "Where is my refund? I sent it back two weeks ago.", reason="bot had no answer")
        world.say(first, "sorry i mean the dial not the bridge. the dial has the ring that turns")
        world.clock.move(131)
    backend = world.backend()
    if state == "degraded":
        backend.library.degraded = "keyword search only: the encoder cannot be loaded"
    app = DeskApp(backend, world.config, world.clock)
    ways: dict[str, Callable[[Any], Awaitable[None]]] = {
        "empty": started,
        "waiting": started,
        "busy": claimed,
        "suggestions": beside,
        "degraded": beside,
        "wrap_up": wrapping_up,
    }
    assert snap_compare(app, terminal_size=size, run_before=ways[state])
