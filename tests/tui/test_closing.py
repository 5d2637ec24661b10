"""How a conversation ends: with the dialog, at once, against others, and how it begins again."""

from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import OptionList

from agentassist.config import AgentConfig, Config, DeskConfig
from agentassist.models import Author, EntryKind, Event, NewEntry, State
from agentassist.tui.screens import desk_closing
from agentassist.tui.screens.wrap_up import WrapUpScreen
from agentassist.tui.widgets.status import Note


async def _told(seat: Any, words: str) -> None:
    """Wait until a note of the desk says some words and is on screen, however it is wrapped."""
    notes = (seat.desk.reply_note, seat.desk.queue_note, seat.desk.suggestion_note)
    await seat.until(lambda: any(words in str(note.content) and note.is_on_screen for note in notes), words)


async def _wrap_up(seat: Any) -> WrapUpScreen:
    await seat.press("ctrl+w")
    await seat.until(lambda: getattr(seat.app.screen, "ready", False), "a dialog that listens")
    screen = seat.app.screen
    assert isinstance(screen, WrapUpScreen)
    return screen


async def _close_now(seat: Any) -> None:
    seat.desk.closing._pressed = float("-inf")  # a test presses faster than a hand, not a held key
    await seat.press("f8")


def _closed(world: Any, number: int) -> tuple[str, str]:
    """Return disposition and summary of a closed conversation."""
    conversation = world.store.queue.get(number)
    assert conversation.state is State.CLOSED
    last = [entry for entry in world.store.transcript.entries(number) if entry.event is Event.CLOSED][-1]
    return conversation.disposition, last.text


def _reply(world: Any, number: int, text: str) -> None:
    seq = world.store.transcript.entries(number)[-1].seq
    entry = NewEntry(Author.AGENT, EntryKind.MESSAGE, text, "Ada")
    world.store.transcript.send(number, "Ada", entry, seen_seq=seq)
    for backend in world.backends:
        backend.changed()


# With the dialog


async def test_the_summary_is_drafted(world: Any) -> None:
    """The summary is there when the dialog opens, marked as drafted, and is kept when nobody changes it."""
    number = world.arrive("Dana Reyes", "it still won't pair with the bridge")
    async with world.desk() as seat:
        await seat.claim(number)
        screen = await _wrap_up(seat)
        await seat.until(lambda: "Problem: " in screen.summary.text, "the draft")
        await seat.shows("Summary (drafted)")
        drafted = screen.summary.text
        assert "About: Setting up" in drafted
        await seat.press("1", "enter")
        await seat.until(lambda: world.store.queue.get(number).state is State.CLOSED)
        assert _closed(world, number) == ("solved", drafted)


async def test_an_edited_summary_is_never_overwritten(world: Any) -> None:
    """What a person wrote stays: against a later draft, when they leave and come back, and after a reopening."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        screen = await _wrap_up(seat)
        await seat.until(lambda: bool(screen.summary.text))
        await seat.press("tab")
        await seat.write(" Mine.")
        await seat.until(lambda: screen.summary.text.endswith(" Mine."))
        screen.summarise("a later draft")
        assert screen.summary.text.endswith(" Mine.")
        await seat.until(lambda: "drafted" not in seat.text)
        kept = screen.summary.text
        await seat.press("escape")
        screen = await _wrap_up(seat)
        await seat.until(lambda: screen.summary.text == kept)
        await seat.press("3", "enter")
        await seat.until(lambda: world.store.queue.get(number).state is State.CLOSED)
        assert _closed(world, number) == ("follow-up", kept)
        await seat.until(lambda: len(seat.app.screen_stack) == 1)
        seat.desk.closing.reopen(number)
        await seat.until(lambda: seat.desk.conversation.current is not None and seat.desk.conversation.current.mine)
        screen = await _wrap_up(seat)
        await seat.until(lambda: screen.summary.text == kept, "what a person wrote before")


async def test_letters_filter_the_dispositions(world: Any) -> None:
    """Letters narrow the list and choose the best of it, Backspace widens it; digits always mean the same code."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        screen = await _wrap_up(seat)
        choices = screen.query_one("#disposition", OptionList)
        await seat.write("team")
        await seat.until(lambda: choices.option_count == 1)
        await seat.shows("How did it end? team")
        await seat.until(lambda: "▸4 Passed on" in seat.text)
        await seat.write("zz")
        await seat.shows("nothing fits")
        await seat.press("enter")
        await seat.settled()
        assert world.store.queue.get(number).state is State.CLAIMED
        await seat.press(*["backspace"] * 6)
        await seat.until(lambda: choices.option_count == 7)
        assert choices.highlighted is None
        await seat.write("sol")
        await seat.press("6")
        await seat.until(lambda: choices.option_count == 7 and choices.highlighted == 5)
        await seat.press("enter")
        await seat.until(lambda: world.store.queue.get(number).state is State.CLOSED)
        assert _closed(world, number)[0] == "not-solved"


async def test_the_filter_reaches_the_right_code(world: Any) -> None:
    """What is closed with is what is shown under the cursor, not what stood in that row before."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await _wrap_up(seat)
        await seat.write("spam")
        await seat.until(lambda: "▸7 Spam" in seat.text)
        await seat.press("enter")
        await seat.until(lambda: world.store.queue.get(number).state is State.CLOSED)
        assert _closed(world, number)[0] == "spam"


async def test_a_message_that_comes_in_meanwhile_is_told(world: Any) -> None:
    """When the customer writes while the dialog is open, closing says what they wrote, once, and then closes."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await _wrap_up(seat)
        world.say(number, "wait, [b]one more[/b] thing")
        await seat.until(lambda: seat.desk.conversation.current.entries[-1].text.startswith("wait"))
        await seat.press("1", "enter")
        await seat.until(lambda: "has written since" in str(seat.app.screen.query_one("#dialog-note", Note).content))
        assert "wait, [b]one more[/b] thing" in str(seat.app.screen.query_one("#dialog-note", Note).content)
        assert world.store.queue.get(number).state is State.CLAIMED
        await seat.press("enter")
        await seat.until(lambda: world.store.queue.get(number).state is State.CLOSED)


async def test_closing_what_another_has_now(world: Any) -> None:
    """When another agent has the conversation by then, the dialog stays, says who, and keeps every word."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        screen = await _wrap_up(seat)
        await seat.until(lambda: bool(screen.summary.text))
        await seat.press("tab")
        await seat.write(" My words.")
        world.store.claims.release(number, "Ada")
        world.store.claims.claim(number, "Bo")
        await seat.press("shift+tab", "1", "enter")
        await seat.until(lambda: "Bo has the conversation" in str(screen.query_one("#dialog-note", Note).content))
        assert screen.summary.text.endswith("My words.")
        assert world.store.queue.get(number).agent == "Bo"
        await seat.press("escape")
        assert seat.desk.closing._summaries[number].endswith("My words.")


# At once


async def test_one_key_closes_and_goes_to_the_next(world: Any) -> None:
    """F8 closes with the first disposition and a drafted summary, opens the next, and says how to take it back."""
    number, following = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    async with world.desk() as seat:
        await seat.claim(number)
        await _close_now(seat)
        await _told(seat, "Closed as Solved · u reopens")
        disposition, summary = _closed(world, number)
        assert disposition == "solved"
        assert summary.startswith("About: Setting up\nProblem: ")
        assert seat.desk.conversation.current.id == following
        assert world.store.queue.get(following).state is State.WAITING


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_it_is_told_at_every_size(world: Any, size: tuple[int, int]) -> None:
    """Whichever pane is in front, it is seen that the conversation was closed, with a next one and without."""
    number, following = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    async with world.desk(size=size) as seat:
        for each in (number, following):
            await seat.claim(each)
            await _close_now(seat)
            await seat.until(lambda each=each: world.store.queue.get(each).state is State.CLOSED)
            await _told(seat, "Closed as Solved")


async def test_the_configured_disposition(world: Any) -> None:
    """`desk.quick_close` says with which disposition F8 closes."""
    world.config = Config(agent=AgentConfig(name="Ada", timezone="UTC"), desk=DeskConfig(quick_close="no-answer"))
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await _close_now(seat)
        await _told(seat, "Closed as Customer did not answer")
        assert _closed(world, number)[0] == "no-answer"


async def test_a_held_key_closes_one(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """F8 held down closes one conversation, also when the next is this agent's own."""
    monkeypatch.setattr(desk_closing, "DEAF_SECONDS", 60)
    first, second = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    world.store.claims.claim(second, "Ada")
    async with world.desk() as seat:
        await seat.claim(first)
        seat.desk.closing._pressed = float("-inf")
        await seat.press(*["f8"] * 5)
        await seat.until(lambda: world.store.queue.get(first).state is State.CLOSED)
        await seat.until(lambda: seat.desk.conversation.current is not None)
        await seat.press(*["f8"] * 5)
        assert world.store.queue.get(second).state is State.CLAIMED


async def test_an_unsent_reply_is_asked_for_once(world: Any) -> None:
    """With words in the composer F8 asks first; changed words are asked for again."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("half")
        await _close_now(seat)
        await _told(seat, "Not closed: your reply is not sent. F8 again closes without it")
        await seat.write(" more")
        await _close_now(seat)
        await _told(seat, "Not closed: your reply is not sent")
        assert world.store.queue.get(number).state is State.CLAIMED
        assert seat.desk.composer.text == "half more"
        await _close_now(seat)
        await seat.until(lambda: world.store.queue.get(number).state is State.CLOSED)


async def test_what_is_not_mine_is_not_closed(world: Any) -> None:
    """F8 and ^W on a conversation that waits, is another's or is closed say why not."""
    waiting, others, closed = world.arrive("Dana Reyes"), world.arrive("Li Wei"), world.arrive("Kim P")
    world.store.claims.claim(others, "Bo")
    world.store.claims.claim(closed, "Bo")
    world.store.claims.close(closed, "Bo", "solved", "")
    async with world.desk() as seat:
        for number, words in (
            (waiting, "Claim the conversation first."),
            (others, "Bo has this conversation."),
            (closed, "It is closed already."),
        ):
            seat.desk.conversation.open(number)
            await seat.until(
                lambda number=number: (
                    seat.desk.conversation.current.id == number if seat.desk.conversation.current else False
                )
            )
            for closing in (seat.desk.closing.close_now, seat.desk.closing.wrap_up):
                seat.desk.closing._pressed = float("-inf")
                seat.desk.undoing.say("")
                closing()
                await _told(seat, words)
            assert len(seat.app.screen_stack) == 1


async def test_f8_on_what_another_has_taken(world: Any) -> None:
    """When another agent has it by then, F8 says who, and the words in the composer stay."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        world.store.claims.release(number, "Ada")
        world.store.claims.claim(number, "Bo")
        await _close_now(seat)
        await seat.until(lambda: "Bo" in str(seat.desk.reply_note.content))
        assert world.store.queue.get(number).agent == "Bo"


async def test_close_uses_what_was_sent(world: Any) -> None:
    """The drafted summary knows what was said up to the end."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        _reply(world, number, "I have sent you a new Dial today.")
        world.say(number, "thank you, that works")
        await seat.until(lambda: seat.desk.conversation.current.entries[-1].text == "thank you, that works")
        await seat.until(lambda: seat.desk.transcript.seen_seq == seat.desk.conversation.current.entries[-1].seq)
        await _close_now(seat)
        await _told(seat, "Closed as")
        summary = _closed(world, number)[1]
        assert "Agent: “I have sent you a new Dial today.”" in summary
        assert "Ended: customer confirmed: “thank you, that works”" in summary


# And back


async def test_reopening_the_open_conversation(world: Any) -> None:
    """A closed conversation that is open at the desk is taken up again; one that is not closed is left alone."""
    number = world.arrive()
    world.store.claims.claim(number, "Bo")
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.until(lambda: seat.desk.conversation.current is not None)
        seat.desk.closing.reopen()
        await _told(seat, "Not reopened: ")
        world.store.claims.close(number, "Bo", "solved", "Done.")
        seat.desk.closing.reopen()
        await _told(seat, "Reopened · Esc u closes it again")
        assert world.store.queue.get(number).agent == "Ada"
        assert seat.desk.conversation.current.mine


async def test_hostile_text_in_the_summary(world: Any) -> None:
    """What a customer wrote comes into the drafted summary as text: no escape, no markup, no action."""
    evil = "\x1b]52;c;ZXZpbA==\x07 my [b]dial[/b] [@click=app.bell]does[/] not \u202epair with the \x9bbridge"
    number = world.arrive("Dana \x1b[31mReyes", evil)
    async with world.desk() as seat:
        await seat.claim(number)
        screen = await _wrap_up(seat)
        await seat.until(lambda: "Problem: " in screen.summary.text)
        assert "[@click=app.bell]does[/] not ⟨RLO⟩pair" in screen.summary.text
        for control in ("\x1b", "\x07", "\x9b", "\u202e"):
            assert control not in screen.summary.text
            assert control not in seat.text
        await seat.press("escape", "escape")
        await _close_now(seat)
        await _told(seat, "Closed as Solved")
        assert "\x1b" not in _closed(world, number)[1]
        await seat.press("u")
        await _told(seat, "Taken back: the closing of Dana ␛[31mReyes")
        assert "\x1b" not in seat.text
