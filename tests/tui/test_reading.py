"""Earlier and recent conversations to read, and what was missed meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from agentassist.models import Author, EntryKind, NewEntry, State
from agentassist.session.desk import Desk
from agentassist.tui.screens import desk_reading
from agentassist.tui.screens.entry import EntryScreen
from agentassist.tui.screens.reading import ConversationList, ReadingScreen

HOSTILE = "\x1b]52;c;aGk=\x07\x1b[2J\u202eevil[@click=app.quit]x[/]"


def closed(world: Any, *messages: str, name: str = "Dana Reyes", summary: str = "Reset it. Works now.") -> int:
    """Let a conversation be had and closed by Bo; return its number."""
    number = int(world.arrive(name, *messages))
    world.store.claims.claim(number, "Bo")
    world.store.transcript.send(number, "Bo", NewEntry(Author.AGENT, EntryKind.MESSAGE, "reset it", "Bo"), seen_seq=999)
    world.store.claims.close(number, "Bo", "solved", summary)
    return number


def rows(world: Any) -> list[tuple[int, int, int]]:
    """Return what would show a trace: every conversation with its last entry and who has seen what."""
    store = world.store
    return [(item.id, item.last_seq, store.queue.seen(item.id, "Ada")) for item in store.sessions.list()]


async def test_the_card_tells_of_earlier_conversations(world: Any) -> None:
    """Date, disposition and the first words of the summary, and the key to read them."""
    closed(world, "the first time")
    number = world.arrive("Dana Reyes", "again")
    async with world.desk(size=(200, 50)) as seat:
        await seat.claim(number)
        for words in ("1 other conversation · e reads", "today · solved", "Reset it. Works now.", "in Lisbon"):
            await seat.shows(words)


async def test_the_only_earlier_conversation_opens_at_once(world: Any) -> None:
    """`e` reads it: header, all entries, no trace; Esc returns to the desk."""
    closed(world, "the first time")
    number = world.arrive("Dana Reyes", "again")
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape")
        before = rows(world)
        await seat.press("e")
        await seat.shows("Bo · closed: solved")
        assert isinstance(seat.app.screen, ReadingScreen)
        await seat.shows("^O reopens · o opens it at the desk · Esc goes back")
        assert seat.app.screen.query_one("#reading").outer_size.width == 115
        assert "to today" not in seat.text, "the day is said once"
        for words in ("Reset it. Works now.", "the first time", "◆ Bo"):
            await seat.shows(words)
        await seat.pilot.pause(0.6)
        assert rows(world) == before
        assert seat.desk.transcript.conversation_id == number
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.desk)


async def test_several_are_listed_and_the_list_stays(world: Any) -> None:
    """With several, `e` lists them; after reading one Esc returns to the list with what was typed, then to the desk."""
    closed(world, "about the dial", summary="Dial replaced.")
    closed(world, "about the bridge", summary="Bridge reset.")
    number = world.arrive("Dana Reyes", "again")
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "e")
        await seat.shows("Bridge reset.")
        assert isinstance(seat.app.screen, ConversationList)
        await seat.ready()
        await seat.write("dial")
        await seat.shows("1 of 2")
        await seat.press("enter")
        await seat.shows("about the dial")
        await seat.press("escape")
        await seat.until(lambda: isinstance(seat.app.screen, ConversationList))
        assert "1 of 2" in seat.text
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.desk)


async def test_recent_conversations_are_read_and_reopened(world: Any) -> None:
    """`o` lists every conversation; ^O while reading a closed one takes it up again, and undo closes it again."""
    number = closed(world, "was it good", name="Li Wei")
    world.arrive("Dana Reyes")
    async with world.desk() as seat:
        await seat.press("o")
        await seat.shows("Recent conversations")
        await seat.ready()
        await seat.write("li wei")
        await seat.press("enter")
        await seat.shows("was it good")
        await seat.ready()
        await seat.press("ctrl+o")
        await seat.until(lambda: world.store.queue.get(number).agent == "Ada")
        await seat.until(lambda: seat.app.screen is seat.desk)
        await seat.until(lambda: seat.desk.transcript.conversation_id == number)
        await seat.press("escape", "u")
        await seat.until(lambda: world.store.queue.get(number).state is State.CLOSED)


async def test_old_conversations_are_found_and_a_limit_is_said(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`o` finds what is far down the list, too; where not all are listed its title says so."""
    closed(world, "long ago", name="Li Wei", summary="The oldest of all.")
    for number in range(119):
        world.arrive(f"Customer {number}")
    async with world.desk() as seat:
        await seat.press("o")
        await seat.shows("Recent conversations")
        await seat.shows("120 entries")
        assert seat.app.screen.query_one("#pick").size.width > 100, "as wide as what is listed"
        await seat.write("oldest of all")
        await seat.shows("▸ Li Wei · ")
        await seat.press("escape")
        monkeypatch.setattr(desk_reading, "MOST", 110)
        await seat.press("o")
        await seat.shows("The 110 most recent conversations")


async def test_a_waiting_one_is_claimed_from_reading(world: Any) -> None:
    """`c` while reading one that waits claims it; `^O` does nothing to it."""
    number = world.arrive("Dana Reyes", "please help")
    async with world.desk() as seat:
        await seat.press("o")
        await seat.shows("Recent conversations")
        await seat.ready()
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, ReadingScreen))
        await seat.until(lambda: seat.app.screen.opened is not None)
        await seat.ready()
        await seat.press("ctrl+o")
        assert world.store.queue.get(number).state is State.WAITING
        await seat.press("c")
        await seat.until(lambda: world.store.queue.get(number).agent == "Ada")
        await seat.until(lambda: seat.app.screen is seat.desk)


async def test_quoting_what_is_read(world: Any) -> None:
    """An entry of an earlier conversation is quoted in the reply to the open one; an entry is read in full there."""
    closed(world, "my serial is DL1")
    number = world.arrive("Dana Reyes", "again")
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "e")
        await seat.shows("my serial is DL1")
        await seat.press("down", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, EntryScreen))
        await seat.press("escape")
        await seat.until(lambda: isinstance(seat.app.screen, ReadingScreen))
        await seat.press("q")
        await seat.until(lambda: seat.app.screen is seat.desk)
        assert seat.desk.composer.text == "> my serial is DL1\n"


async def test_hostile_conversations_are_only_text(world: Any) -> None:
    """Names, summaries and entries full of escapes, marks and markup reach no screen as anything but text."""
    closed(world, HOSTILE, name=HOSTILE, summary=HOSTILE)
    closed(world, HOSTILE, name=HOSTILE, summary=HOSTILE)
    number = world.arrive(HOSTILE, HOSTILE)
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.until(lambda: seat.desk.transcript.conversation_id == number)
        await seat.press("e")
        await seat.until(lambda: isinstance(seat.app.screen, ConversationList))
        await seat.ready()
        assert "\x1b" not in seat.text
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, ReadingScreen) and seat.app.screen.opened is not None)
        await seat.shows("closed: solved")
        assert not set(seat.text) & {"\x1b", "\x07", "\u202e"}


async def test_what_was_missed_is_shown_first(world: Any) -> None:
    """Who returns to a conversation goes to a rule above what others wrote meanwhile, with their names."""
    number = world.arrive("Dana Reyes", *(f"line {count}" for count in range(60)))
    other = world.arrive("Li Wei")
    async with world.desk() as seat:
        await seat.claim(number)
        seat.desk.conversation.open(other)
        await seat.until(lambda: seat.desk.transcript.conversation_id == other)
        for count in range(40):
            world.say(number, f"missed {count}")
        seat.desk.conversation.open(number)
        await seat.shows("── You missed 40 entries by Dana Reyes ──")
        transcript = seat.desk.transcript
        assert transcript.text == "missed 0"
        assert "▏ missed 39" not in seat.text
        await seat.until(lambda: world.store.queue.seen(number, "Ada") > 66)
        assert world.store.queue.get(number, "Ada").unread > 0
        transcript.action_end()
        await seat.until(lambda: world.store.queue.get(number, "Ada").unread == 0)


async def test_nothing_missed_shows_no_rule(world: Any) -> None:
    """A first look, a claim and one's own replies are nothing that was missed."""
    number = world.arrive()
    other = world.arrive("Li Wei")
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("hi")
        await seat.press("enter")
        await seat.until(lambda: "hi" in world.texts(number))
        seat.desk.conversation.open(other)
        await seat.until(lambda: seat.desk.transcript.conversation_id == other)
        seat.desk.conversation.open(number)
        await seat.until(lambda: seat.desk.transcript.conversation_id == number)
        assert not any(block.key == "missed" for block in seat.desk.transcript.blocks)


async def test_a_rule_comes_with_entries_that_come_later(world: Any) -> None:
    """What was missed and has not come in yet gets its rule when it comes; what comes after it is not counted."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        last = world.store.transcript.entries(number)[-1].seq
        transcript = seat.desk.transcript
        transcript.show_missed(last)
        assert not any(block.key == "missed" for block in transcript.blocks)
        world.say(number, "late")
        await seat.shows("You missed 1 entry by Dana Reyes")
        world.say(number, "later")
        await seat.shows("▏ later")
        assert "You missed 1 entry by Dana Reyes" in seat.text


async def test_several_are_named(world: Any) -> None:
    """Everybody who wrote is named once, in order."""
    number = world.arrive()
    desk = Desk(world.store, "Ada")
    desk.claim(number)
    desk.release(number)
    world.store.claims.claim(number, "Bo")
    world.store.transcript.send(number, "Bo", NewEntry(Author.AGENT, EntryKind.MESSAGE, "hi", "Bo"), seen_seq=999)
    world.say(number, "thanks")
    world.store.claims.release(number, "Bo")
    async with world.desk(size=(160, 50)) as seat:
        await seat.claim(number)
        await seat.shows("You missed 4 entries by Bo, Dana Reyes")
