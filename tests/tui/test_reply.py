"""Writing, inserting and sending: nothing is lost, nothing goes out unseen or unfinished."""

from __future__ import annotations

from typing import Any

import pytest

from agentassist.errors import StoreFullError
from agentassist.models import EntryKind, Outcome, State
from agentassist.tui.screens.desk import DeskScreen


async def test_letters_reach_the_reply(world: Any) -> None:
    """Every key that is a command elsewhere is a character in the reply."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("confirm 12 by? n/r")
        assert seat.desk.composer.text == "confirm 12 by? n/r"
        assert len(seat.app.screen_stack) == 1


async def test_insert_and_send(world: Any) -> None:
    """A digit inserts title and link; Enter sends; the store has the article, the suggestion its life."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("Try this:")
        await seat.press("ctrl+g", "1")
        await seat.until(lambda: "article-1" in seat.desk.composer.text)
        assert seat.desk.composer.text == "Try this:\nReset the pairing code\nhttps://help.example/article-1\n"
        assert seat.desk.composer.has_focus
        await seat.press("enter")
        await seat.until(lambda: seat.desk.composer.text == "")
        last = world.store.transcript.entries(number)[-1]
        assert last.kind is EntryKind.ARTICLE
        assert last.data["url"] == "https://help.example/article-1"
        assert last.text == "Try this:\nReset the pairing code\nhttps://help.example/article-1"
        lives = {row.rank: row.outcomes for row in world.store.suggestions.of(number)}
        assert lives[1] == (Outcome.SHOWN, Outcome.INSERTED, Outcome.SENT)
        assert lives[2] == (Outcome.SHOWN,)
        await seat.shows("◆ You")


@pytest.mark.parametrize(
    ("before", "cursor", "after"),
    [
        ("", (0, 0), "LINK\nX"),
        ("Try this", (0, 8), "Try this\nLINK\nX"),
        ("Try this and that", (0, 8), "Try this\nLINK\nX and that"),
        ("One\n\nTwo", (1, 0), "One\nLINK\nX\nTwo"),
        ("One\nTwo", (0, 3), "One\nLINK\nX\nTwo"),
        ("One\nTwo", (1, 0), "One\nLINK\nXTwo"),
    ],
)
async def test_a_link_stays_apart(world: Any, before: str, cursor: tuple[int, int], after: str) -> None:
    """Wherever a link is put in, no word sticks to it, and what is typed next begins on the line below."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        seat.desk.composer.restore(before)
        seat.desk.composer.move_cursor(cursor)
        await seat.press("ctrl+g", "1")
        await seat.until(lambda: seat.desk.composer.has_focus)
        await seat.press("X")
        link = "Reset the pairing code\nhttps://help.example/article-1"
        assert seat.desk.composer.text == after.replace("LINK", link)


async def test_words_taken_away_while_typing_do_nothing(world: Any) -> None:
    """When another takes the conversation, the typed words stay, the note says who, and letters are no commands."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("my half reply")
        world.store.claims.release(number, "Ada")
        world.store.claims.claim(number, "Bo")
        seat.backend.changed()
        await seat.shows("taken by Bo · your words are kept")
        entries = world.store.transcript.entries(number)
        assert seat.desk.composer.has_focus
        await seat.write("confirm 1 b/n?r")
        assert seat.desk.composer.text == "my half reply"
        assert len(seat.app.screen_stack) == 1
        assert seat.desk.composer.has_focus
        assert "c Claim" not in seat.text.splitlines()[-1]
        await seat.press("enter")
        assert world.store.transcript.entries(number) == entries
        await seat.until(lambda: _draft(world, number) == "my half reply")
        await seat.press("escape")
        assert seat.desk.transcript.has_focus


async def test_letters_after_a_lost_claim_do_nothing(world: Any) -> None:
    """Who claims the open conversation too late and types on gives no commands; the note says who was first."""
    number, other = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.until(lambda: seat.desk.conversation.current is not None)
        world.store.claims.claim(number, "Bo")
        await seat.press("c")
        await seat.until(lambda: seat.desk.composer.has_focus)
        await seat.shows("taken by Bo")
        await seat.write("now fine")
        assert seat.desk.composer.text == ""
        assert len(seat.app.screen_stack) == 1
        assert world.store.queue.get(other).state is State.WAITING


async def test_internal_articles_are_not_inserted(world: Any) -> None:
    """An internal article stays out of the reply, and the panel says why."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("ctrl+g", "3")
        await seat.shows("Not inserted: internal")
        assert seat.desk.composer.text == ""


async def test_newline_key_and_enter(world: Any) -> None:
    """Ctrl+J begins a new line, Enter sends the whole."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("one")
        await seat.press("ctrl+j")
        await seat.write("two")
        assert seat.desk.composer.text == "one\ntwo"
        await seat.press("enter")
        await seat.until(lambda: world.texts(number)[-1] == "one\ntwo")


async def test_a_send_is_held_for_what_was_not_seen(world: Any) -> None:
    """A reply written before entries that were not on screen is held, says how many, and goes on the next press."""
    number = world.arrive("Dana Reyes", *[f"message {count}" for count in range(60)])
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("Hold the button")
        seat.desk.transcript.action_home()
        world.say(number, "wait")
        world.say(number, "it works now")
        await seat.shows("2 new below")
        await seat.press("enter")
        await seat.shows("2 new entries since you wrote this")
        await seat.until(lambda: "by Dana Reyes" in seat.desk.reply_note.words)
        assert world.texts(number)[-1] == "it works now"
        assert seat.desk.composer.text == "Hold the button"
        await seat.shows("it works now")
        last = world.store.transcript.entries(number)[-1].seq
        await seat.until(lambda: seat.desk.transcript.seen_seq == last)
        await seat.press("enter")
        await seat.until(lambda: world.texts(number)[-1] == "Hold the button")


async def test_draft_comes_back(world: Any) -> None:
    """A draft is saved as typed, kept per conversation, and there again after the desk has ended."""
    first, second = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    async with world.desk() as seat:
        await seat.claim(first)
        await seat.write("for Dana")
        await seat.until(lambda: _draft(world, first) == "for Dana")
        await seat.write(" more")
        await seat.claim(second)
        assert seat.desk.composer.text == ""
        assert _draft(world, first) == "for Dana more"
        await seat.write("for Li")
    async with world.desk(world.backend()) as seat:
        seat.desk.conversation.open(second)
        await seat.until(lambda: seat.desk.composer.text == "for Li")
        seat.desk.conversation.open(first)
        await seat.until(lambda: seat.desk.composer.text == "for Dana more")


async def test_a_restored_draft_says_what_came_in_since(world: Any) -> None:
    """A draft that comes back tells how many entries its author has not seen."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("Hello")
    world.say(number, "never mind")
    async with world.desk(world.backend()) as seat:
        seat.desk.conversation.open(number)
        await seat.shows("1 new entry since you wrote this")


async def test_a_failing_store_keeps_the_text(world: Any) -> None:
    """When the store refuses, the words stay, the panel says so, and the next press sends them."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("my reply")
        await seat.until(lambda: _draft(world, number) == "my reply")
        seat.backend.broken = StoreFullError("the disk is full", "Make room.")
        await seat.press("enter")
        await seat.shows("not saved: the disk is full")
        assert seat.desk.composer.text == "my reply"
        assert not seat.desk.composer.read_only
        seat.backend.broken = None
        await seat.press("enter")
        await seat.until(lambda: world.texts(number)[-1] == "my reply")


async def test_raw_placeholder_is_refused_with_the_cursor_on_it(world: Any) -> None:
    """A reply with an unfilled placeholder does not go out; the placeholder is selected, so that typing replaces it."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        seat.desk.composer.insert("Hi\nDear {{customer.name}}, hello")
        await seat.press("enter")
        await seat.shows("the placeholder {{customer.name}}")
        assert seat.desk.composer.selected_text == "{{customer.name}}"
        await seat.write("Dana")
        assert seat.desk.composer.text == "Hi\nDear Dana, hello"
        await seat.press("enter")
        await seat.until(lambda: world.texts(number)[-1] == "Hi\nDear Dana, hello")


async def test_the_text_stays_until_the_store_confirms(world: Any) -> None:
    """While a send is in work the words stay and cannot be changed; a second Enter sends nothing."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("only once")
        gate = seat.backend.hold_records()
        await seat.press("enter", "enter", "x")
        await seat.shows("sending")
        assert seat.desk.composer.text == "only once"
        gate.set()
        await seat.until(lambda: seat.desk.composer.text == "")
        assert world.texts(number).count("only once") == 1


async def test_an_edited_verbatim_text_is_refused(world: Any) -> None:
    """A verbatim text goes out as it is or not at all."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("ctrl+g", "4")
        await seat.until(lambda: "Gas smell" in seat.desk.composer.text)
        seat.desk.composer.text = seat.desk.composer.text.replace("Gas smell", "A funny smell")
        await seat.press("enter")
        await seat.shows("must be sent as it is")


async def test_leaving_saves_the_draft(world: Any) -> None:
    """^Q saves what is unsaved before the desk ends."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("unfinis")
        await seat.press("ctrl+q")
        await seat.until(lambda: not seat.app.is_running or seat.app._exit)
    assert _draft(world, number) == "unfinis"


@pytest.mark.parametrize("how", ["end", "quit", "turn"])
async def test_words_of_which_nobody_was_told_yet(world: Any, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """The desk ends, or turns to another conversation, before the message that something was typed has come up."""
    number, other = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    async with world.desk() as seat:
        await seat.claim(number)
        monkeypatch.setattr(DeskScreen, "on_draft_changed", lambda _, event: event.stop())
        await seat.write("the last words")
        if how == "end":
            seat.app.exit()
        elif how == "quit":
            await seat.press("ctrl+q")
        else:
            await seat.claim(other)
    seat.backend.records(bool).result(60)
    assert _draft(world, number) == "the last words"
    assert _draft(world, other) is None


async def test_words_typed_while_another_conversation_is_read(world: Any) -> None:
    """What is typed until the other one is there belongs to the first, and is kept there."""
    number, other = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    async with world.desk() as seat:
        await seat.claim(number)
        gate = seat.backend.hold_records()
        seat.desk.conversation.open(other)
        await seat.write("the last words")
        gate.set()
        await seat.until(lambda: seat.desk.conversation.current.id == other)
    seat.backend.records(bool).result(60)
    assert _draft(world, number) == "the last words"
    assert _draft(world, other) is None


@pytest.mark.parametrize("fails", [False, True])
async def test_the_desk_ends_while_it_sends(world: Any, *, fails: bool) -> None:
    """What was sent is no draft, or it would be sent again; what could not be sent is one."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("only once")
        gate = seat.backend.hold_records()
        if fails:
            world.say(number, "wait, one more thing")
        await seat.press("enter")
        await seat.until(lambda: seat.desk.composer.read_only)
        seat.app.exit()
        await seat.until(lambda: not seat.app.is_running)
        gate.set()
    seat.backend.records(bool).result(60)
    assert world.texts(number).count("only once") == (0 if fails else 1)
    assert _draft(world, number) == ("only once" if fails else None)


async def test_leaving_with_a_broken_store_asks_twice(world: Any) -> None:
    """When the draft cannot be saved, the first ^Q stays and says so, the second leaves."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        seat.backend.broken = StoreFullError("the disk is full", "Make room.")
        await seat.write("x")
        await seat.press("ctrl+q")
        await seat.shows("draft not saved")
        assert not seat.app._exit
        await seat.press("ctrl+q")
        await seat.until(lambda: seat.app._exit)


@pytest.mark.parametrize("state", ["bo", "closed"])
async def test_only_own_conversations_take_words(world: Any, state: str) -> None:
    """In a conversation of another agent, or a closed one, nothing can be typed, inserted or sent."""
    number = world.arrive()
    world.store.claims.claim(number, "Bo")
    if state == "closed":
        world.store.claims.close(number, "Bo", "solved", "")
    entries = world.store.transcript.entries(number)
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.until(lambda: seat.desk.conversation.current is not None)
        await seat.press("r", "x", "1", "enter")
        assert seat.desk.composer.text == ""
    assert world.store.transcript.entries(number) == entries


async def test_pasted_controls_are_made_visible(world: Any) -> None:
    """Pasted control characters do not get into a reply."""
    from textual.events import Paste

    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        seat.desk.composer.post_message(Paste("a\x1b[31mb\r\nc\u202e"))
        await seat.until(lambda: bool(seat.desk.composer.text))
        assert seat.desk.composer.text == "a␛[31mb\nc⟨RLO⟩"


def _draft(world: Any, number: int) -> str | None:
    draft = world.store.drafts.get(number, "Ada")
    return draft.text if draft else None
