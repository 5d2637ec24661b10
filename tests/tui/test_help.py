"""The help: what belongs to the focused part first, the keys as they are now, and what the signs mean."""

from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import Input

from agentassist.config import AgentConfig, Config
from agentassist.models import Author
from agentassist.tui.registry import COMMANDS, Scope
from agentassist.tui.screens.help import HelpScreen
from agentassist.tui.screens.help_words import ABOUT, SIGNS
from agentassist.tui.widgets.blocks import BlockList
from agentassist.tui.widgets.entry_lines import MARKS


async def _help(seat: Any) -> BlockList:
    await seat.press("f1")
    await seat.until(lambda: isinstance(seat.app.screen, HelpScreen) and seat.app.screen.ready, "the help")
    keys: BlockList = seat.app.screen.query_one("#help", BlockList)
    await seat.until(lambda: bool(keys.blocks))
    return keys


def _text(keys: BlockList) -> str:
    """Return the whole help as one text."""
    return "\n".join("".join(piece.text for piece in line) for block in keys.blocks for line in block.lines(200))


def _key(keys: BlockList, command_id: str) -> str:
    """Return the keys that stand beside a command's words, which may take several lines."""
    (block,) = (block for block in keys.blocks if block.key == command_id)
    return " ".join(filter(None, (line[0].text.strip() for line in block.lines(200))))


async def test_every_command_and_sign_has_a_row(world: Any) -> None:
    """The help has a row for every command of the registry with its keys, and for every sign."""
    async with world.desk() as seat:
        await seat.press("question_mark")
        await seat.until(lambda: isinstance(seat.app.screen, HelpScreen))
        keys = seat.app.screen.query_one("#help", BlockList)
        await seat.until(lambda: bool(keys.blocks))
        text = _text(keys)
        for command in COMMANDS:
            assert command.help in text
            assert _key(keys, command.id) == command.key_words
        for sign, words in SIGNS:
            assert sign in text
            assert words in text
        await seat.press("escape")
        assert len(seat.app.screen_stack) == 1


@pytest.mark.parametrize(
    ("place", "scope"),
    [
        ("f2", Scope.QUEUE),
        ("f3", Scope.TRANSCRIPT),
        ("f4", Scope.COMPOSER),
        ("ctrl+g", Scope.SUGGESTIONS),
    ],
)
@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_the_focused_part_comes_first(world: Any, place: str, scope: Scope, size: tuple[int, int]) -> None:
    """Wherever the focus is, the help opens at its top with that part: what it is, and its own keys."""
    number = world.arrive()
    async with world.desk(size=size) as seat:
        await seat.claim(number)
        await seat.press(place)
        keys = await _help(seat)
        await seat.shows(f"Here · {scope}"[:40])
        assert keys.scroll_offset.y == 0
        text = _text(keys)
        assert ABOUT[scope].split(". ")[0] in text
        own = [command.id for command in COMMANDS if command.scope is scope]
        assert [block.key for block in keys.blocks[1 : len(own) + 1]] == own


async def test_the_search_box_has_its_own_help(world: Any) -> None:
    """From the search box the help is about searching."""
    async with world.desk() as seat:
        await seat.press("ctrl+g", "slash")
        await seat.until(lambda: seat.desk.search_box.has_focus)
        await _help(seat)
        await seat.shows("Here · In the search box")


async def test_typing_filters(world: Any) -> None:
    """Only rows with every typed word stay, by key, words or part; nothing fits is said; Esc closes."""
    async with world.desk() as seat:
        keys = await _help(seat)
        before = len(keys.blocks)
        await seat.write("needs an agent")
        await seat.until(lambda: len(keys.blocks) < before)
        assert "Claim who needs an agent most" in _text(keys)
        assert "Promise" not in _text(keys)
        seat.app.screen.query_one("#help-filter", Input).value = "undo"  # what footer and palette call it
        await seat.until(lambda: "Take back the last thing that can be taken back." in _text(keys))
        await seat.write(" zebra")
        await seat.shows("Nothing fits what you typed.")
        await seat.press("escape")
        await seat.until(lambda: len(seat.app.screen_stack) == 1)


async def test_it_scrolls_from_the_input(world: Any) -> None:
    """Arrows and page keys move the list while one can go on typing."""
    async with world.desk(size=(80, 24)) as seat:
        keys = await _help(seat)
        await seat.press("down", "down", "up")
        await seat.until(lambda: keys.scroll_offset.y == 1)
        await seat.press("pagedown")
        await seat.until(lambda: keys.scroll_offset.y == keys.size.height)
        await seat.press("pageup", "up")
        await seat.until(lambda: keys.scroll_offset.y == 0)


async def test_remapped_keys_are_shown(world: Any) -> None:
    """Where the configuration gives a command other keys, the help shows those and not the old ones."""
    world.config = Config(
        agent=AgentConfig(name="Ada", timezone="UTC"), keys={"conversation.close_now": "ctrl+b,f11", "desk.undo": "U"}
    )
    async with world.desk() as seat:
        keys = await _help(seat)
        rows = {block.key: "".join(piece.text for piece in block.lines(200)[0]) for block in keys.blocks}
        assert rows["conversation.close_now"].startswith(" ^B or F11 ")
        assert rows["desk.undo"].startswith(" U ")


def test_every_mark_of_an_entry_is_explained() -> None:
    """The signs of all authors are among those that the help explains."""
    signs = {sign for sign, _ in SIGNS}
    assert {MARKS[author] for author in Author} <= signs
    assert {"▸", "✎", "▶"} <= signs


@pytest.mark.parametrize("scope", ABOUT)
def test_what_is_said_of_a_part(scope: Scope) -> None:
    """Each part is told in two sentences."""
    assert ABOUT[scope].count(". ") == 1
    assert ABOUT[scope].endswith(".")


@pytest.mark.parametrize(
    ("keys", "scopes"),
    [
        (("f5",), (Scope.FORM, Scope.DIALOG)),
        (("ctrl+w",), (Scope.WRAP_UP, Scope.DIALOG)),
        (("ctrl+t",), (Scope.LIST, Scope.DIALOG)),
        (("escape", "w"), (Scope.ARTICLE, Scope.DIALOG)),
    ],
    ids=["follow-up", "wrap-up", "snippets", "why"],
)
async def test_a_dialog_has_its_help(world: Any, keys: tuple[str, ...], scopes: tuple[Scope, ...]) -> None:
    """In a dialog F1 shows its own keys first; closed again, the dialog is there with what was typed."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press(*keys)
        await seat.until(lambda: getattr(seat.app.screen, "ready", False), "the dialog")
        under, focused = seat.app.screen, seat.app.screen.focused
        shown = await _help(seat)
        headings = [block.lines(200)[-1] for block in shown.blocks if block.key.startswith("section-")]
        text = _text(shown)
        places = [text.index(f"Here · {scope}") for scope in scopes]
        assert len(headings) >= len(scopes)
        assert places == sorted(places)
        assert text.count("Here · ") == len(scopes)
        await seat.press("f1")
        await seat.until(lambda: seat.app.screen is under, "the dialog again")
        assert under.focused is focused
