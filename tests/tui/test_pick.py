"""The list dialog: typing filters, arrows choose, Enter takes."""

from __future__ import annotations

import json
from pathlib import Path
from time import thread_time
from typing import Any

import pytest
from textual.events import Key

from agentassist.tui.screens import dialog
from agentassist.tui.screens.pick import Item, PickScreen

FEW = (
    Item("reset", "Reset the pairing code", "article"),
    Item("refund", "Where is my refund?", "article"),
    Item("video", "Pair your first devices", "video"),
)


async def _opened(seat: Any, items: Any = FEW, **options: Any) -> tuple[PickScreen, list[str]]:
    taken: list[str] = []
    screen = PickScreen("Articles", items, on_pick=taken.append, **options)
    seat.app.push_screen(screen)
    await seat.until(lambda: screen.ready, "a dialog that listens")
    return screen, taken


async def test_typing_filters_and_enter_takes(world: Any) -> None:
    """What is typed filters at once, the cursor is on the best, Enter takes it and the dialog goes."""
    async with world.desk() as seat:
        screen, taken = await _opened(seat)
        await seat.shows("3 entries")
        await seat.write("pair")
        await seat.shows("2 of 3")
        assert "refund" not in seat.text
        assert screen.chosen == "video"
        await seat.press("down", "enter")
        await seat.until(lambda: taken == ["reset"])
        assert len(seat.app.screen_stack) == 1


async def test_arrows_page_keys_and_mouse(world: Any) -> None:
    """The list is moved through from the input; a click takes what it hits."""
    items = [Item(str(number), f"Entry {number:03}") for number in range(100)]
    async with world.desk() as seat:
        screen, taken = await _opened(seat, items)
        await seat.press("down", "down", "up")
        assert screen.chosen == "1"
        await seat.press("pagedown")
        page = int(screen.chosen or "0") - 1
        assert page == screen.list.size.height - 1
        assert f"▸ Entry {page + 1:03}" in seat.text
        await seat.press("pageup", "up", "up")
        assert screen.chosen == "0"
        assert "▸ Entry 000" in seat.text
        await seat.pilot.click(screen.list, offset=(5, 3))
        await seat.until(lambda: taken == ["3"])


async def test_nothing_there_and_nothing_fits(world: Any) -> None:
    """An empty list says why, one without a match says so; Enter takes nothing there; Esc closes."""
    async with world.desk() as seat:
        _, taken = await _opened(seat, (), empty="No [b]conversation[/b] yet.")
        await seat.shows("No [b]conversation[/b] yet.")
        await seat.press("enter", "escape")
        await seat.until(lambda: len(seat.app.screen_stack) == 1)
        _, taken = await _opened(seat)
        await seat.write("zebra")
        await seat.shows("Nothing fits what you typed.")
        await seat.shows("0 of 3")
        await seat.press("enter")
        assert taken == []
        await seat.press("escape")
        assert len(seat.app.screen_stack) == 1


async def test_matched_characters_are_marked(world: Any) -> None:
    """What was found of what was typed stands out in the line, accents and capitals aside."""
    async with world.desk() as seat:
        screen, _ = await _opened(seat, [Item("a", "Zoë Müller"), Item("b", "Zoo")])
        await seat.write("MULL")
        await seat.shows("1 of 2")
        line = screen.list.line(0, 60)
        assert [piece.text for piece in line if piece.style == "match"] == ["Müll"]


async def test_the_first_moment_takes_nothing(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that was meant for what was there before takes nothing."""
    monkeypatch.setattr(dialog, "DEAF_SECONDS", 60)
    async with world.desk() as seat:
        taken: list[str] = []
        screen = PickScreen("Articles", FEW, on_pick=taken.append)
        seat.app.push_screen(screen)
        await seat.shows("3 entries")
        await seat.press("enter")
        assert seat.app.screen is screen
        assert taken == []


async def test_five_thousand_items_filter_in_slices(world: Any) -> None:
    """With 5,000 items no slice of the filter holds the screen for more than a frame or two, and the best is first."""
    items = [
        Item(str(number), f"Conversation {number} with customer {number % 97}", "closed") for number in range(5000)
    ]
    async with world.desk() as seat:
        screen, taken = await _opened(seat, items)
        await seat.until(lambda: screen._filtering is None)
        slices = []
        real = screen._go_on

        def timed() -> None:
            started = thread_time()
            real()
            slices.append(thread_time() - started)

        screen._go_on = timed  # type: ignore[method-assign]
        await seat.write("4711")
        await seat.until(lambda: screen._filtering is None and screen._shown == 1, "the filtered list")
        assert min(slices) < 0.016
        assert sorted(slices)[len(slices) // 2] < 0.016
        await seat.press("enter")
        await seat.until(lambda: taken == ["4711"])


async def test_enter_waits_for_the_filter(world: Any) -> None:
    """Who types fast and presses Enter gets what was typed, not what was there before."""
    items = [Item(str(number), f"Conversation {number}", "closed") for number in range(5000)]
    async with world.desk() as seat:
        _, taken = await _opened(seat, items)
        await seat.write("4999")
        await seat.press("enter")
        await seat.until(lambda: taken == ["4999"])


async def test_enter_does_not_overtake_letters(world: Any) -> None:
    """Letters and Enter that come in one burst, as a terminal sends what is typed fast, take what was typed."""
    async with world.desk() as seat:
        _, taken = await _opened(seat)
        for key in "refund":
            seat.app.post_message(Key(key, key))
        seat.app.post_message(Key("enter", "\r"))
        await seat.until(lambda: bool(taken))
        assert taken == ["refund"]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_it_fits_every_size(world: Any, size: tuple[int, int]) -> None:
    """Input, list, count and keys are on screen at every size; a long label is cut, its detail stays."""
    items = [Item(str(number), f"{number} " + "long words " * 20, "video 3:12") for number in range(50)]
    async with world.desk(size=size) as seat:
        await _opened(seat, items)
        for words in ("type to filter", "▸ 0 long", "video 3:12", "50 entries", "Esc closes"):
            await seat.shows(words)
        for line in seat.text.splitlines():
            assert len(line) == size[0]


@pytest.mark.parametrize("size", [(60, 20), (120, 36), (200, 60)])
async def test_a_short_label_is_never_cut_for_its_detail(world: Any, size: tuple[int, int]) -> None:
    """However long the detail is, a label that fits beside a third of the line is read in full, with a gap after it."""
    labels = [f"{'Label' * 5}"[:length] + "!" for length in range(1, 24)]
    items = [Item(each, each, "what is said there, at length. " * 9) for each in labels]
    async with world.desk(size=size) as seat:
        screen, _ = await _opened(seat, items)
        await seat.shows("▸ L!  what is")
        for each in labels[: screen.list.size.height]:
            assert f" {each}  " in seat.text


async def test_new_items_keep_what_is_typed_and_chosen(world: Any) -> None:
    """When the list changes under the cursor, the cursor stays on its item."""
    async with world.desk() as seat:
        screen, _ = await _opened(seat)
        await seat.write("pair")
        await seat.press("down")
        screen.set_items((Item("new", "Pairing anew"), *FEW))
        await seat.shows("3 of 4")
        assert screen.chosen == "reset"


async def test_hostile_labels(world: Any) -> None:
    """Titles, labels and details with escapes, markup and marks are shown as text, one line each, and can be taken."""
    hostile = [
        "\x1b]0;evil\x07",
        "[b]bold[/b] [@click=app.bell]x[/]",
        "a\u0301" * 500,
        "\u202eevil",
        "👨‍👩‍👧" * 50,
        "\n\n\r\t",
        "x" * 50_000,
    ]
    shared = Path(__file__).parents[2] / "../shared/hostile_strings.jsonl"
    if shared.exists():
        for line in shared.read_text(encoding="utf-8").splitlines()[:400]:
            value = json.loads(line)
            hostile += [
                text for text in (value.values() if isinstance(value, dict) else [value]) if isinstance(text, str)
            ]
    items = [Item(str(number), text, text) for number, text in enumerate(hostile)]
    async with world.desk(size=(80, 24)) as seat:
        screen = PickScreen(hostile[1], items, on_pick=lambda key: None, empty=hostile[0], placeholder="[b]x")
        seat.app.push_screen(screen)
        await seat.until(lambda: screen.ready and screen._filtering is None)
        for _ in range(len(items) // 10):
            assert "\x1b" not in seat.text
            assert "\x07" not in seat.text
            await seat.press("pagedown")
        await seat.write("aaaa")
        await seat.until(lambda: screen._filtering is None)
