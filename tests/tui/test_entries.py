"""The cursor over the entries, and what is done with the one under it."""

from __future__ import annotations

from typing import Any

import pytest

from agentassist.config import DeskConfig
from agentassist.models import Author, EntryKind, NewEntry
from agentassist.tui.screens.entry import EntryScreen

HOSTILE = "\x1b]52;c;aGk=\x07\x1b[31mred\x9b2J\u202eevil\u202c[@click=app.quit]x[/] tab\there\nsecond \x00line"


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches Textual's own way to the terminal's clipboard."""
    from textual.app import App

    texts: list[str] = []
    monkeypatch.setattr(App, "copy_to_clipboard", lambda _, text: texts.append(text))
    return texts


def harmless(text: str) -> bool:
    """Say whether a text has no control character but newline and tab, and nothing that turns text around."""
    bad = {*range(0x20), 0x7F, *range(0x80, 0xA0), 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
    return not any(ord(char) in bad - {0x0A, 0x09} for char in text)


async def test_the_cursor_shows_only_with_the_focus(world: Any) -> None:
    """The entry under the cursor is marked while the conversation has the focus, and only then."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape")
        transcript = seat.desk.transcript
        marked = _marked(transcript)
        assert marked
        await seat.press("r")
        assert not _marked(transcript)


def _marked(transcript: Any) -> list[str]:
    cursor = transcript.get_component_rich_style("line--cursor").bgcolor
    rows = [transcript.render_line(y) for y in range(transcript.size.height)]
    return [row.text for row in rows if any(part.style and part.style.bgcolor == cursor for part in row)]


async def test_arrows_go_from_entry_to_entry(world: Any) -> None:
    """↑ and ↓ move by one entry over what is not selectable, and stop at both ends."""
    number = world.arrive("Dana Reyes", "one", "two", "three")
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.shows("▏ three")
        transcript = seat.desk.transcript
        seen = [transcript.text]
        for _ in range(6):
            await seat.press("up")
            seen.append(transcript.text)
        assert seen[:4] == ["three", "two", "one", seen[3]]
        assert seen[3].startswith("Why: asked for a person")
        assert seen[3:] == [seen[3]] * 4
        await seat.press("end")
        assert transcript.text == "three"
        await seat.press("down")
        assert transcript.text == "three"


async def test_what_comes_in_moves_only_a_cursor_that_follows(world: Any) -> None:
    """A cursor on the last entry goes along with what comes in; one further up stays on its entry."""
    number = world.arrive("Dana Reyes", "one", "two")
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.shows("▏ two")
        world.say(number, "three")
        await seat.until(lambda: seat.desk.transcript.text == "three")
        await seat.press("up", "up")
        assert seat.desk.transcript.text == "one"
        world.say(number, "four")
        await seat.shows("▏ four")
        assert seat.desk.transcript.text == "one"


async def test_the_cursor_stays_through_folding_and_resizing(world: Any) -> None:
    """Folding, unfolding and another width leave the cursor on its entry, and it always stands on something."""
    number = world.arrive("Dana Reyes", *(f"line {count} " + "and so on " * 12 for count in range(30)))
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.shows("▏ line 29")
        transcript = seat.desk.transcript
        await seat.press("up", "up")
        key = transcript.cursor_key
        for width in (80, 200, 120):
            await seat.pilot.resize_terminal(width, 30)
            await seat.settled()
            assert transcript.cursor_key == key
        await seat.press("b")
        assert transcript.blocks[transcript.cursor].selectable
        assert not transcript.folded
        await seat.press("down", "enter")
        assert isinstance(seat.app.screen, EntryScreen)
        await seat.press("escape", "b")
        assert transcript.cursor_key == "before"


async def test_pages_go_by_screens(world: Any) -> None:
    """PgUp and PgDn go by a screen and reach both ends."""
    number = world.arrive("Dana Reyes", *(f"line {count}" for count in range(80)))
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.shows("▏ line 79")
        transcript = seat.desk.transcript
        places = [transcript.cursor]
        for _ in range(8):
            await seat.press("pageup")
            places.append(transcript.cursor)
            top, bottom = transcript.top_of(places[-1]), transcript.scroll_offset.y + transcript.size.height
            assert transcript.scroll_offset.y <= top < bottom
        assert places == sorted(places, reverse=True)
        assert places[-1] == 0
        for _ in range(8):
            await seat.press("pagedown")
        assert transcript.cursor == transcript.last_choice


async def test_an_entry_higher_than_the_screen_is_read_line_by_line(world: Any) -> None:
    """↓ shows the rest of a long entry before it goes to the next one."""
    number = world.arrive("Dana Reyes", "\n".join(f"row {count}" for count in range(55)), "after it")
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.shows("▏ after it")  # in the queue it is sooner
        await seat.press("up")
        transcript = seat.desk.transcript
        await seat.shows("row 0")
        assert transcript.text.startswith("row 0")
        await seat.press("down")
        assert transcript.text.startswith("row 0")
        for _ in range(5):
            await seat.press("down")
        assert transcript.text == "after it"


async def test_a_click_puts_the_cursor_on_an_entry(world: Any) -> None:
    """A click chooses the entry below it, whatever it says; a click on the head of the part before unfolds it."""
    number = world.arrive("Dana Reyes", "one", "[@click=app.quit]two[/]", "three")
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.shows("▏ three")
        lines = seat.text.split("\n")
        row = next(index for index, line in enumerate(lines) if "▏ [@click" in line)
        await seat.pilot.click(offset=(lines[row].index("two"), row))
        await seat.settled()
        assert seat.desk.transcript.text == "[@click=app.quit]two[/]"
        row = next(index for index, line in enumerate(lines) if "▸ Before you" in line)
        await seat.pilot.click(offset=(lines[row].index("Before you"), row))
        await seat.shows("▾ Before you")


async def test_the_wheel_scrolls_and_leaves_the_cursor(world: Any) -> None:
    """The mouse wheel moves the view; the entry under the cursor stays the same."""
    number = world.arrive("Dana Reyes", *(f"line {count}" for count in range(80)))
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.shows("▏ line 79")
        transcript = seat.desk.transcript
        await seat.until(lambda: transcript.fully_measured)
        before = transcript.scroll_offset.y
        transcript.scroll_relative(y=-6, animate=False, force=True)
        await seat.settled()
        assert transcript.scroll_offset.y == before - 6
        assert transcript.text == "line 79"


async def test_copying_is_clean_and_told(world: Any, copied: list[str]) -> None:
    """`y` copies the entry without any control character, and a note says what was copied."""
    number = world.arrive("Dana Reyes", HOSTILE)
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.shows("▏ second")
        await seat.press("y")
        await seat.until(lambda: bool(copied))
        assert harmless(copied[0])
        assert "tab    here\nsecond ␀line" in copied[0]
        await seat.shows("Copied 2 lines:")


async def test_copying_can_be_turned_off(world: Any, copied: list[str]) -> None:
    """With desk.copy = false nothing reaches the clipboard, from any part of the desk, and the desk says so."""
    world.config = type(world.config)(agent=world.config.agent, desk=DeskConfig(copy=False))
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "y")
        await seat.shows("Copying is turned off")
        await seat.press("r")
        await seat.write("my words")
        await seat.press("ctrl+a", "ctrl+c")
        assert not copied


async def test_only_what_fits_is_copied(world: Any, copied: list[str]) -> None:
    """Of a text that terminals do not take as a whole its beginning is copied, and the note says how much."""
    number = world.arrive("Dana Reyes", "é" * 50_000 + "\x1b" * 1_000)
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.shows("▏ éééé")
        await seat.press("y")
        await seat.until(lambda: bool(copied))
        assert len(copied[0].encode()) <= 74_994
        await seat.shows("Copied the first 37,497 of 51,000 characters")


async def test_quoting(world: Any) -> None:
    """`q` puts the entry into the reply, clean, each line after a “>”, at the cursor; typing goes on below."""
    number = world.arrive("Dana Reyes", "it fails\nsince \x1b[5mtoday")
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("hello")
        await seat.press("escape", "up", "q")
        assert seat.desk.composer.text == "hello\n> it fails\n> since ␛[5mtoday\n"
        assert seat.desk.composer.has_focus
        await seat.write("ok")
        assert seat.desk.composer.text.endswith("today\nok")


async def test_quoting_needs_the_conversation(world: Any) -> None:
    """Who only looks is told to claim first."""
    number = world.arrive("Dana Reyes", "it fails")
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.shows("▏ it fails")
        await seat.press("q")
        await seat.shows("Claim the conversation first: c")
        assert not seat.desk.composer.text


async def test_searching_for_an_entry(world: Any) -> None:
    """`s` puts the entry's words into the search box and searches for them."""
    number = world.arrive("Dana Reyes", "the  ring\nturns \x1b[31mamber")
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.shows("▏ the  ring")
        await seat.press("s")
        assert seat.desk.search_box.value == "the ring turns ␛[31mamber"
        asked = seat.backend.library.queries
        await seat.until(lambda: any(query.parts and query.parts[0].source == "typed" for query in asked))
        assert seat.desk.suggestions.has_focus


async def test_an_event_without_words_has_nothing_to_search(world: Any) -> None:
    """Entries that say nothing are told as such, not searched or copied."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape")
        assert not seat.desk.transcript.text
        for key, words in (("s", "no words to search"), ("q", "no words to quote"), ("y", "nothing to copy")):
            await seat.press(key)
            await seat.shows(words)


async def test_reading_an_entry_in_full(world: Any, copied: list[str]) -> None:
    """⏎ shows all of an entry that the transcript cuts, clean, and `y` copies it; Esc closes."""
    text = HOSTILE + "\n" + "\n".join(f"log line {count} \x1b[0m" for count in range(3_000)) + "\nthe very last"
    number = world.arrive("Dana Reyes", text)
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.shows("reads it all")
        await seat.press("enter")
        screen = seat.app.screen
        assert isinstance(screen, EntryScreen)
        await seat.shows("Today 14:00".lower())
        await seat.until(lambda: screen.reader.fully_measured)
        await seat.press("end")
        await seat.shows("the very last")
        assert harmless(seat.text)
        await seat.press("y")
        await seat.until(lambda: bool(copied))
        assert harmless(copied[0])
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.desk)


async def test_long_transcripts_measure_only_what_is_near(world: Any) -> None:
    """Of 5,000 entries only some screens are measured to open one, and none but new ones to move the cursor."""
    number = world.arrive()
    words = "some words to wrap here " * 6
    for start in range(0, 5_000, 500):
        texts = (f"entry {count} {words}" for count in range(start, start + 500))
        world.store.transcript.append(number, *(NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, each) for each in texts))
    async with world.desk() as seat:
        transcript = seat.desk.transcript
        made: list[int] = []
        real = transcript._height_of
        transcript._height_of = lambda index: made.append(index) or real(index)  # type: ignore[func-returns-value]
        transcript._go_on_measuring = lambda: None  # the rest is measured only when nothing else is to do
        seat.desk.conversation.open(number)
        await seat.shows("▏ entry 4999")
        assert len(made) < 400
        made.clear()
        for _ in range(50):
            await seat.press("up")
        assert len(made) < 200
        made.clear()
        await seat.press("home")
        assert transcript.cursor_key == "before"
        assert len(made) < 200
        await seat.press("end")
        assert transcript.text.startswith("entry 4999 ")
