"""Other keys from the configuration: they work, the old ones do not, and everything that shows keys shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.color import Color

from agentassist.errors import ConfigError
from agentassist.tui.app import DeskApp

_BLACK = Color(0, 0, 0)


def remap(world: Any, **keys: str) -> None:
    """Configure keys; a dot in an id is written as two underscores."""
    world.config = replace(world.config, keys={ident.replace("__", "."): text for ident, text in keys.items()})


async def test_a_remapped_claim(world: Any) -> None:
    """The new key claims, the old one does nothing; footer, palette and help show the new one."""
    from agentassist.tui.commands import DeskCommands

    remap(world, conversation__claim="k")
    number = world.arrive()
    async with world.desk() as seat:
        await seat.shows("k Claim")
        await seat.press("f1")
        await seat.shows("Take the conversation")
        line = next(line for line in seat.text.splitlines() if "Take the conversation" in line)
        assert " k " in line
        await seat.press("escape")
        provider = DeskCommands(seat.desk)
        assert "Claim  (k)" in [str(hit.prompt) async for hit in provider.discover()]
        await seat.press("c")
        assert world.store.queue.get(number).agent == ""
        await seat.press("k")
        await seat.until(lambda: world.store.queue.get(number).agent == "Ada")


async def test_a_letter_that_became_a_control_key_works_while_typing(world: Any) -> None:
    """What was a letter, which an input takes, is a command everywhere once it is no letter any more."""
    remap(world, conversation__follow_up="ctrl+b")
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("ff")
        assert seat.desk.composer.text == "ff"
        await seat.press("ctrl+b")
        await seat.until(lambda: len(seat.app.screen_stack) == 2)


async def test_remapped_numbers(world: Any) -> None:
    """Each suggestion keeps its place: the second of nine keys inserts the second."""
    remap(world, suggestion__insert=",".join(f"ctrl+{digit}" for digit in "123456789"))
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "2")
        assert seat.desk.composer.text == ""
        await seat.press("ctrl+2")
        await seat.until(lambda: "Pair your first devices" in seat.desk.composer.text)


async def test_a_remapped_quit(world: Any) -> None:
    """The new key leaves, and the old one, which is Textual's own, does not."""
    remap(world, desk__quit="ctrl+x")
    async with world.desk() as seat:
        await seat.press("ctrl+q")
        assert seat.app._exit is False
        await seat.press("ctrl+x")
        await seat.until(lambda: seat.app._exit)


def test_a_wrong_key_map_is_told_before_anything_is_drawn(world: Any) -> None:
    """The app is not made with keys that cannot be."""
    remap(world, conversation__clame="k")
    with pytest.raises(ConfigError, match=r"config\.toml.*conversation\.clame"):
        DeskApp(world.backend(), world.config, world.clock)


async def test_light_and_dark(world: Any) -> None:
    """One key changes between the desk's own themes."""
    async with world.desk() as seat:
        assert seat.app.theme == "agentassist-dark"
        await seat.press("f9")
        assert seat.app.theme == "agentassist-light"
        await seat.press("f9")
        assert seat.app.theme == "agentassist-dark"


async def test_no_color_is_respected(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR in the environment nothing is painted in a colour."""
    monkeypatch.setenv("NO_COLOR", "1")
    world.arrive()
    async with world.desk() as seat:
        await seat.shows("Dana Reyes")
        for strip in seat.app.screen._compositor.render_strips():
            styles = [segment.style for segment in strip.apply_filter(seat.app.get_line_filters()[0], _BLACK)]
            for style in styles:
                for color in (style.color, style.bgcolor) if style else ():
                    triplet = color.get_truecolor() if color else None
                    assert triplet is None or triplet.red == triplet.green == triplet.blue


async def test_hints_name_the_keys_as_they_are(world: Any) -> None:
    """What says which key to press says the one that works."""
    remap(world, conversation__claim="k", conversation__next="ctrl+b")
    number = world.arrive()
    async with world.desk() as seat:
        await seat.shows("^B claims the next")
        await seat.press("space")
        await seat.shows("waiting · k claims it")
        await seat.shows("Press k to claim it.")
        await seat.until(lambda: bool(seat.desk.suggesting.offers))
        await seat.press("plus")
        await seat.shows("Claim the conversation first: k")
        await seat.press("k")
        await seat.until(lambda: world.store.queue.get(number).agent == "Ada")
