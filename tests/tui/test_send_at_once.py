"""Alt and a digit: one press sends one suggestion, never the wrong one, never unseen, and leaves the reply alone."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key

from agentassist.errors import StoreFullError
from agentassist.models import EntryKind, Outcome
from agentassist.tui.screens import desk_sending, desk_suggestions
from agentassist.tui.terminal_keys import alt_digits

FIRST = "Reset the pairing code\nhttps://help.example/article-1"
SECOND = "Pair your first devices\nhttps://help.example/article-2#t=192"


def sent(world: Any, number: int) -> list[str]:
    """Return what agents sent."""
    return [entry.text for entry in world.store.transcript.entries(number) if entry.author_name == "Ada" and entry.text]


async def test_it_is_sent_and_the_reply_stays(world: Any) -> None:
    """From within the reply: title and link go out, what was being written stays, on screen and in the records."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("half a reply")
        await seat.until(lambda: world.store.drafts.get(number, "Ada") is not None)
        await seat.press("alt+2")
        await seat.until(lambda: sent(world, number) == [SECOND])
        await seat.until(lambda: seat.desk.reply_note.words == "Sent: Pair your first devices")
        assert seat.desk.composer.text == "half a reply"
        assert seat.desk.composer.has_focus
        assert not seat.desk.composer.read_only
        assert world.store.drafts.get(number, "Ada").text == "half a reply"
        last = world.store.transcript.entries(number)[-1]
        assert last.kind is EntryKind.ARTICLE
        assert last.data["url"] == "https://help.example/article-2#t=192"
        lives = {row.rank: row.outcomes for row in world.store.suggestions.of(number)}
        assert lives == {
            1: (Outcome.SHOWN,),
            2: (Outcome.SHOWN, Outcome.SENT),
            3: (Outcome.SHOWN,),
            4: (Outcome.SHOWN,),
        }
        await seat.write(", whole")
        await seat.press("enter")
        await seat.until(lambda: sent(world, number) == [SECOND, "half a reply, whole"])


async def test_from_anywhere_but_a_dialog(world: Any) -> None:
    """It works from the queue, the conversation and the search box; in a dialog it does nothing."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("f2", "alt+1")
        await seat.until(lambda: len(sent(world, number)) == 1)
        await seat.press("f3", "alt+2")
        await seat.until(lambda: len(sent(world, number)) == 2)
        await seat.press("f3", "f1")
        await seat.until(lambda: len(seat.app.screen_stack) == 2)
        await seat.press("alt+4", "escape")
        await seat.press("f3", "slash", "alt+4")
        await seat.until(lambda: len(sent(world, number)) == 3)
        assert seat.desk.search_box.has_focus
        assert seat.desk.search_box.value == ""


async def test_a_held_key_is_one_press(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeats of a key that is held down send nothing, also when the first of them is already on disk."""
    monkeypatch.setattr(desk_sending, "PRESS_SECONDS", 60.0)
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("alt+1")
        await seat.until(lambda: sent(world, number) == [FIRST])
        await seat.until(lambda: seat.desk.reply_note.words.startswith("Sent"))
        for _ in range(10):
            await seat.press("alt+1")
        assert sent(world, number) == [FIRST]
        await seat.press("alt+2")
        await seat.until(lambda: sent(world, number) == [FIRST, SECOND])


def test_a_press_is_longer_than_the_longest_first_repeat() -> None:
    """X11 repeats a held key after 660 ms, every other system sooner."""
    assert desk_sending.PRESS_SECONDS > 0.66


async def test_while_one_is_being_sent_no_other_is(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two keys, or Enter and a key, while the store is slow: only what was first goes out, and nothing twice."""
    monkeypatch.setattr(desk_sending, "PRESS_SECONDS", 0.0)
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("a reply")
        gate = seat.backend.hold_records()
        await seat.press("alt+1", "alt+1", "alt+2", "enter")
        assert "still being sent" in seat.desk.suggestion_note.words
        gate.set()
        await seat.until(lambda: sent(world, number) == [FIRST])
        await seat.until(lambda: seat.desk.reply_note.words.startswith("Sent"))
        assert seat.desk.composer.text == "a reply"
        gate = seat.backend.hold_records()
        await seat.press("enter", "alt+1")
        gate.set()
        await seat.until(lambda: seat.desk.composer.text == "")
        assert sent(world, number) == [FIRST, "a reply"]


async def test_never_what_has_just_slipped_under_it(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the suggestion has just become another one nothing is sent; where it stayed the same it is."""
    monkeypatch.setattr(desk_suggestions, "STILL_SECONDS", 60.0)
    number = world.arrive()
    backend = world.backend()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        first, *_ = backend.library.hits
        backend.library.hits = (first, world.hit(2, "Refund times", "Five days.", id="refund-times"))
        world.say(number, "and my refund?")
        await seat.shows("Refund times")
        last = world.store.transcript.entries(number)[-1].seq
        await seat.until(lambda: seat.desk.transcript.seen_seq == last)
        await seat.press("alt+2")
        assert seat.desk.suggestion_note.words.startswith("Not sent: the suggestions have just changed")
        await seat.press("alt+1")
        await seat.until(lambda: sent(world, number) == [FIRST])


async def test_what_was_missed_is_shown_first(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With entries that were not on screen it is held, says by whom they are, and goes out on the next press."""
    monkeypatch.setattr(desk_sending, "PRESS_SECONDS", 0.0)
    number = world.arrive("Dana Reyes", *[f"message {count}" for count in range(60)])
    async with world.desk() as seat:
        await seat.claim(number)
        seat.desk.transcript.action_home()
        world.say(number, "it works now")
        await seat.shows("1 new below")
        await seat.press("alt+1")
        await seat.shows("it works now")
        await seat.until(
            lambda: seat.desk.reply_note.words == "1 new entry that you have not seen, by Dana Reyes · Alt+1 sends it"
        )
        assert sent(world, number) == []
        last = world.store.transcript.entries(number)[-1].seq
        await seat.until(lambda: seat.desk.transcript.seen_seq == last)
        await seat.press("alt+1")
        await seat.until(lambda: sent(world, number) == [FIRST])


async def test_what_cannot_be_sent(world: Any) -> None:
    """Nothing goes out of an internal article, a rank that is not there, or a conversation that is not mine."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.desk.conversation.turn_to(number)
        await seat.until(lambda: bool(seat.desk.suggesting.offers))
        await seat.press("alt+1")
        seat.desk.reply.send_suggestion(2)
        assert seat.desk.suggestion_note.words == "Claim the conversation first: c"
        await seat.claim(number)
        await seat.press("alt+3")
        assert seat.desk.suggestion_note.words.startswith("Not sent: internal")
        await seat.press("alt+9")
        assert seat.desk.suggestion_note.words == "There is no suggestion 9."
        assert sent(world, number) == []


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_behind_a_tab_the_answer_is_read_all_the_same(world: Any, size: tuple[int, int]) -> None:
    """Where the suggestions are behind a tab, why nothing was sent, opened or judged stands where the agent is."""
    number = world.arrive()
    async with world.desk(size=size) as seat:
        await seat.claim(number)
        await seat.until(lambda: bool(seat.desk.suggesting.offers))
        seat.desk.action_focus_composer()
        await seat.press("alt+9")
        await seat.shows("There is no suggestion 9.")
        await seat.press("f3", "8")
        await seat.shows("There is no suggestion 8.")
        await seat.press("f2", "alt+7")
        await seat.shows("There is no suggestion 7.")
        await seat.press("ctrl+g", "alt+6")
        assert seat.desk.suggestion_note.words == "There is no suggestion 6."


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_from_behind_a_tab_it_is_told_that_it_was_sent(world: Any, size: tuple[int, int]) -> None:
    """On a narrow screen it is said below the suggestions, too; back in the conversation nothing old is said."""
    number = world.arrive()
    async with world.desk(size=size) as seat:
        await seat.claim(number)
        await seat.until(lambda: bool(seat.desk.suggesting.offers))
        await seat.press("ctrl+g", "alt+1")
        await seat.shows("Sent: Reset the pairing code")
        assert sent(world, number) == [FIRST]
        await seat.press("l")
        await seat.shows("No video calls are set up")
        seat.desk.action_focus_composer()
        await seat.press("alt+2")
        await seat.shows("Sent: Pair your first devices")
        assert sent(world, number) == [FIRST, SECOND]
        assert not seat.desk.suggestion_note.words.startswith("Sent")


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_from_behind_a_tab_it_is_told_why_it_was_not_sent(world: Any, size: tuple[int, int]) -> None:
    """What was not seen holds a suggestion back; that is said where the agent is, and the next search lets it stand."""
    number = world.arrive("Dana Reyes", *[f"message {count}" for count in range(60)])
    async with world.desk(size=size) as seat:
        await seat.claim(number)
        await seat.until(lambda: bool(seat.desk.suggesting.offers))
        seat.desk.transcript.action_home()
        await seat.press("ctrl+g")
        world.say(number, "it works now")
        await seat.until(lambda: any(entry.text == "it works now" for entry in seat.desk.transcript.entries))
        await seat.press("alt+1")
        await seat.shows("1 new entry that you have not seen")
        before = seat.desk.suggesting.shown
        world.say(number, "hello?")
        await seat.until(lambda: seat.desk.suggesting.shown is not before, "another search")
        assert seat.desk.suggestion_note.words.startswith("1 new entry")
        assert sent(world, number) == []


async def test_a_title_with_a_placeholder_is_never_sent(world: Any) -> None:
    """A raw placeholder does not go out this way either."""
    number = world.arrive()
    backend = world.backend()
    backend.library.hits = (world.hit(1, "About {{product}}", "Text."),)
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.press("alt+1")
        await seat.until(lambda: "{{product}} is not filled in" in seat.desk.reply_note.words)
        assert sent(world, number) == []


async def test_a_store_that_refuses_is_told(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The panel says that nothing was saved; the next press sends."""
    monkeypatch.setattr(desk_sending, "PRESS_SECONDS", 0.0)
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        seat.backend.broken = StoreFullError("the disk is full", "Make room.")
        await seat.press("alt+1")
        await seat.shows("not saved: the disk is full")
        seat.backend.broken = None
        await seat.press("alt+1")
        await seat.until(lambda: sent(world, number) == [FIRST])


async def test_before_it_is_in_the_records(world: Any) -> None:
    """A suggestion that is on screen but not yet recorded is sent with one row, shown and sent."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        seat.backend.library.hits = (dataclasses.replace(seat.backend.library.hits[0]),)
        world.say(number, "hello?")
        await seat.shows("hello?")
        last = world.store.transcript.entries(number)[-1].seq
        await seat.until(lambda: seat.desk.transcript.seen_seq == last)
        gate = seat.backend.hold_records()
        seat.desk.suggesting.refresh()
        await seat.until(lambda: len(seat.backend.library.queries) > 2)
        await seat.press("alt+1")
        gate.set()
        await seat.until(lambda: sent(world, number) == [FIRST])
        rows = [row for row in world.store.suggestions.of(number) if row.seq == last]
        assert [row.outcomes for row in rows] == [(Outcome.SHOWN, Outcome.SENT)]


async def test_through_the_real_parser(world: Any) -> None:
    """What a terminal sends for alt+1 sends; a typed £ is written into the reply and sends nothing."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        with alt_digits():
            for event in XTermParser().feed("£¡\x1b1"):
                assert isinstance(event, Key)
                seat.app.post_message(event)
        await seat.until(lambda: sent(world, number) == [FIRST])
        assert seat.desk.composer.text == "£¡"
