"""The desk at every size: three columns, tabs when it is narrow, and nothing lost in between."""

from __future__ import annotations

from typing import Any

import pytest

from agentassist.tui.registry import COMMANDS


async def test_narrow_screens_have_tabs(world: Any) -> None:
    """Below 100 columns one pane is shown; opening, ^G and Esc move between them without the mouse."""
    world.arrive()
    async with world.desk(size=(80, 24)) as seat:
        assert seat.desk.queue.display
        assert not _shown(seat, "#conversation-pane")
        await seat.press("enter")
        await seat.shows("Before you")
        assert not _shown(seat, "#queue-pane")
        await seat.press("c")
        await seat.until(lambda: seat.desk.composer.has_focus)
        await seat.press("ctrl+g")
        await seat.shows("Reset the pairing code")
        assert not _shown(seat, "#conversation-pane")
        await seat.press("1")
        await seat.until(lambda: seat.desk.composer.has_focus)
        assert _shown(seat, "#conversation-pane")
        await seat.press("escape", "escape")
        assert seat.desk.queue.has_focus
        assert _shown(seat, "#queue-pane")


async def test_tabs_can_be_clicked(world: Any) -> None:
    """The mouse works too."""
    world.arrive()
    async with world.desk(size=(80, 24)) as seat:
        await seat.shows("Queue 1")
        await seat.settled()
        await seat.pilot.click("#tab-side")
        await seat.until(lambda: _shown(seat, "#side-pane"))


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (100, 30), (120, 36), (200, 60)])
async def test_usable_at_every_size(world: Any, size: tuple[int, int]) -> None:
    """From 60 columns up one can open, claim, insert and send, and no line is wider than the screen."""
    number = world.arrive()
    async with world.desk(size=size) as seat:
        await seat.press("enter")
        await seat.shows("Handed over")
        await seat.press("c")
        await seat.until(lambda: seat.desk.composer.has_focus)
        await seat.until(lambda: bool(seat.desk.suggesting.offers))
        await seat.press("ctrl+g", "1")
        await seat.until(lambda: "article-1" in seat.desk.composer.text)
        await seat.press("enter")
        await seat.until(lambda: "article-1" in world.texts(number)[-1])
        assert all(strip.cell_length == size[0] for strip in seat.app.screen._compositor.render_strips())


async def test_resizing_keeps_the_words_and_the_place(world: Any) -> None:
    """A draft, the open conversation and the end of the transcript survive many resizes."""
    number = world.arrive("Dana Reyes", *(f"message {count} " + "word " * 20 for count in range(50)))
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("my draft")
        for width in (60, 130, 79, 200, 99, 101, 120):
            await seat.pilot.resize_terminal(width, 30)
        await seat.until(lambda: seat.desk.transcript.at_end)
        assert seat.desk.composer.text == "my draft"
        await seat.shows("message 49")
        assert seat.desk.transcript.vertical_scrollbar.position == seat.desk.transcript.scroll_y


async def test_every_theme_can_be_shown(world: Any) -> None:
    """The desk paints in the usual dark and light themes."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        for theme in ("textual-light", "nord", "ansi-dark", "textual-dark"):
            seat.app.theme = theme
            await seat.settled()
            await seat.shows("Reset the pairing code")


async def test_unknown_theme_is_told(world: Any) -> None:
    """A theme that does not exist becomes a notification, not a crash."""
    from dataclasses import replace

    from agentassist.config import DeskConfig

    world.config = replace(world.config, desk=DeskConfig("[red]no such theme"))
    async with world.desk() as seat:
        await seat.shows("There is no theme [red]no")


def _shown(seat: Any, selector: str) -> bool:
    return bool(seat.desk.query_one(selector).display)


@pytest.mark.parametrize("width", [100, 110, 119, 120, 159, 160, 200])
async def test_the_conversation_is_the_widest(world: Any, width: int) -> None:
    """Wherever there are three columns, the one that is read and written in has the most room."""
    number = world.arrive()
    async with world.desk(size=(width, 30)) as seat:
        await seat.claim(number)
        columns = {name: seat.desk.query_one(name).size.width for name in ("#queue-pane", "#side-pane")}
        assert seat.desk.query_one("#conversation-pane").size.width > max(columns.values()), columns
        assert sum(columns.values()) + seat.desk.query_one("#conversation-pane").size.width == width


@pytest.mark.parametrize("width", [60, 100, 120, 200])
async def test_the_title_says_who_has_it_before_where_it_came_in(world: Any, width: int) -> None:
    """However long the name is, whose conversation it is can be read; the channel is there when there is room."""
    name = "Maria-Antonietta Castiglione de la Vega Torres"
    number, other = world.arrive(name, channel="messenger"), world.arrive(name, channel="messenger")
    world.store.claims.claim(other, "Bo")
    async with world.desk(size=(width, 30)) as seat:
        await seat.claim(number)
        await seat.until(lambda: "· yours ─" in seat.text)
        assert ("messenger" in seat.text) == (width == 200)
        assert "Maria-An" in seat.text
        seat.desk.conversation.open(other)
        await seat.shows("· taken by Bo ─")
        await seat.pilot.resize_terminal(200, 30)
        await seat.shows("messenger · taken by Bo ─")


@pytest.mark.parametrize("width", [60, 67, 74, 80, 100])
async def test_the_footer_shows_whole_words(world: Any, width: int) -> None:
    """Keys that do not fit are left out, none is cut in the middle, and they come back with the room."""
    number = world.arrive()
    async with world.desk(size=(width, 24)) as seat:
        await seat.claim(number)
        await seat.until(lambda: "⏎ Send" in seat.text.splitlines()[-1])
        await seat.settled()
        foot = seat.text.splitlines()[-1].rstrip()
        labels = {command.label for command in COMMANDS}
        assert any(foot.endswith(label) for label in labels), foot
        await seat.pilot.resize_terminal(200, 24)
        await seat.until(lambda: "Suggestions" in seat.text.splitlines()[-1])


async def test_two_panes_in_one_moment(world: Any) -> None:
    """Of panes that are shown faster than the tabs are told of it the last one stays, and the desk comes to rest."""
    async with world.desk(size=(80, 24)) as seat:
        told: list[str] = []
        show = seat.desk.show_pane

        def noted(pane: str) -> None:
            told.append(pane)
            show(pane)

        seat.desk.show_pane = noted
        seat.desk.show_pane("side")
        seat.desk.show_pane("conversation")
        for _ in range(20):
            await seat.pilot.pause()
        assert told == ["side", "conversation"]
        assert seat.desk.tabs.active == "tab-conversation"
        assert _shown(seat, "#conversation-pane")
        assert not _shown(seat, "#side-pane")
