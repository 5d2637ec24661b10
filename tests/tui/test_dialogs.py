"""Follow-up and wrap-up."""

from __future__ import annotations

from typing import Any

import pytest
from textual.events import Key

from agentassist.errors import StoreBusyError
from agentassist.models import State
from agentassist.tui.screens import dialog
from agentassist.tui.screens.help import HelpScreen
from agentassist.tui.screens.pick import Item, PickScreen


async def test_follow_up_is_echoed_and_saved(world: Any) -> None:
    """A time in words is echoed as an exact time with its zone before it is saved; then it is in the queue."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "f")
        await seat.write("tomorrow 9")
        await seat.shows("Sat 21 Nov 2026, 09:00 (UTC)")
        assert world.store.followups.list() == ()
        await seat.press("enter")
        await seat.write("call back")
        await _ready(seat)
        await seat.press("enter")
        await seat.until(lambda: len(seat.app.screen_stack) == 1)
        (item,) = world.store.followups.list(owner="Ada")
        assert (item.note, item.zone, item.wall, item.conversation_id) == (
            "call back",
            "UTC",
            "2026-11-21T09:00",
            number,
        )
        await seat.shows("tomorrow 09:00")


async def test_a_time_that_is_not_understood_is_not_saved(world: Any) -> None:
    """Words that are no time, or a time past, keep the dialog open and say why."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape", "f")
        await seat.write("yesterday")
        await _ready(seat)
        await seat.press("ctrl+s")
        await seat.until(lambda: seat.app.screen.query_one("#dialog-note").display)
        assert world.store.followups.list() == ()
        await seat.press("escape")
        assert len(seat.app.screen_stack) == 1


async def test_wrap_up_needs_a_disposition(world: Any) -> None:
    """Without a chosen disposition nothing is closed; with one it is, and the next conversation comes up."""
    number, following = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("ctrl+w")
        await _ready(seat)
        await seat.press("ctrl+s")
        await seat.shows("Choose how it ended")
        assert world.store.queue.get(number).state is State.CLAIMED
        await seat.press("2", "tab")
        await seat.write("Paired again")
        await seat.press("ctrl+s")
        await seat.until(lambda: len(seat.app.screen_stack) == 1)
        closed = world.store.queue.get(number)
        assert (closed.state, closed.disposition) == (State.CLOSED, "solved-article")
        await seat.until(lambda: seat.desk.conversation.current is not None)
        assert seat.desk.conversation.current.id == following
        assert world.store.queue.get(following).state is State.WAITING


async def test_wrap_up_from_within_the_reply_with_two_keys(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """^W works while typing; a digit and Enter close."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("x")
        await seat.press("ctrl+w")
        await _ready(seat)
        monkeypatch.setattr(dialog, "DEAF_SECONDS", 60.0)
        await seat.press("1", "enter")
        await seat.shows("Your reply is not sent")
        assert world.store.queue.get(number).state is State.CLAIMED
        assert not seat.app.screen.ready
        monkeypatch.setattr(dialog, "DEAF_SECONDS", 0.0)
        seat.app.screen.be_deaf()
        await _ready(seat)
        await seat.press("enter")
        await seat.until(lambda: world.store.queue.get(number).state is State.CLOSED)
        assert world.store.drafts.get(number, "Ada") is None


async def test_an_unsent_reply_is_told_and_can_still_be_sent(world: Any) -> None:
    """The wrap-up says at once that a reply is unsent, with its first words; Esc leads back to it."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("Please hold the [b]button for ten seconds and then wait for amber")
        await seat.press("ctrl+w")
        await seat.shows("Your unsent reply goes when you close. Esc to go back and send it.")
        assert "“Please hold the [b]button for ten seconds and t" in seat.text
        await seat.press("escape")
        await seat.until(lambda: seat.desk.composer.has_focus)
        await seat.press("enter")
        await seat.until(lambda: world.texts(number)[-1].startswith("Please hold"))
        await seat.until(lambda: seat.desk.composer.text == "")
        await seat.press("ctrl+w")
        await _ready(seat)
        assert "unsent" not in seat.text
        await seat.press("1", "enter")
        await seat.until(lambda: world.store.queue.get(number).state is State.CLOSED)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 30)])
async def test_the_warning_is_on_screen_at_every_size(world: Any, size: tuple[int, int]) -> None:
    """Also on a small screen one reads that a reply is unsent, and why the first press did nothing."""
    number = world.arrive()
    async with world.desk(size=size) as seat:
        await seat.claim(number)
        await seat.write("Hold the button")
        await seat.press("ctrl+w")
        await _ready(seat)
        await seat.shows("“Hold the button”")
        await seat.shows("Spam or test")
        await seat.press("1", "ctrl+s")
        await seat.shows("Your reply is not sent")
        if size != (60, 20):
            assert "“Hold the button”" in seat.text
            assert "Esc cancels" in seat.text


async def test_the_choice_is_told_without_colour(world: Any) -> None:
    """The chosen disposition has a mark of its own, which moves with the choice, and the tick box reads [x] or [ ]."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("ctrl+w")
        await _ready(seat)
        assert "▸" not in _dialog_text(seat)
        await seat.press("2")
        await seat.until(lambda: "▸2 " in _dialog_text(seat))
        await seat.press("up")
        await seat.until(lambda: "▸1 " in _dialog_text(seat))
        assert _dialog_text(seat).count("▸") == 1
        await seat.press("escape", "escape", "f")
        await seat.shows("[ ] only if the customer")
        seat.app.screen.query_one("#only").focus()
        await seat.press("space")
        await seat.shows("[x] only if the customer")


async def test_control_and_function_keys_work_in_the_reply(world: Any) -> None:
    """What help and README say of the reply is true: there the desk's Ctrl and F keys are commands, not words."""
    first, second = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    async with world.desk() as seat:
        await seat.claim(first)
        await seat.write("c")
        for key, there in (("f2", seat.desk.queue), ("f3", seat.desk.transcript), ("ctrl+g", seat.desk.suggestions)):
            await seat.press("f4", key)
            await seat.until(lambda there=there: there.has_focus)
        await seat.press("f4", "ctrl+n")
        await seat.until(lambda: world.store.queue.get(second).agent == "Ada")
        await seat.until(lambda: seat.desk.composer.has_focus)
        await seat.press("ctrl+r")
        await seat.until(lambda: world.store.queue.get(second).state is State.WAITING)


async def test_a_dialog_is_deaf_at_first(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that was meant for what was there before decides nothing."""
    assert dialog.DEAF_SECONDS >= 0.3
    monkeypatch.setattr(dialog, "DEAF_SECONDS", 60)
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("ctrl+w", "1", "enter")
        assert world.store.queue.get(number).state is State.CLAIMED
        assert len(seat.app.screen_stack) == 2


async def test_a_failing_store_keeps_the_dialog(world: Any) -> None:
    """When it cannot be saved, the dialog stays with its words and says so."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("ctrl+w")
        await _ready(seat)
        await seat.press("1", "tab")
        await seat.write("summary")
        seat.backend.broken = StoreBusyError("the records are locked", "Try again.")
        await seat.press("ctrl+s")
        await seat.shows("the records are locked. Try again.")
        seat.backend.broken = None
        await seat.press("ctrl+s")
        await seat.until(lambda: world.store.queue.get(number).state is State.CLOSED)


def _dialog_text(seat: Any) -> str:
    """Return the rows of the list of dispositions."""
    choices = seat.app.screen.query_one("#disposition")
    return "\n".join(choices.render_line(y).text for y in range(choices.size.height))


async def _ready(seat: Any) -> None:
    await seat.until(lambda: getattr(seat.app.screen, "ready", False), "a dialog that listens")


async def test_two_keys_at_once_open_one_dialog(world: Any) -> None:
    """While the conversations are fetched another key asks for the snippets: the first that comes stays alone."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("escape")
        for key in "ot":
            seat.app.post_message(Key(key, key))
        await seat.until(lambda: len(seat.app.screen_stack) == 2, "a dialog")
        seat.backend.knowledge(lambda _: None).result()
        seat.backend.records(lambda _: None).result()
        await seat.settled()
        assert len(seat.app.screen_stack) == 2


async def test_a_dialog_under_the_help_goes_when_that_has_gone(world: Any) -> None:
    """What is saved while the help is in front of it closes its dialog once the help is closed, and nothing else."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("f5")
        await _ready(seat)
        under = seat.app.screen
        await seat.press("f1")
        await seat.until(lambda: isinstance(seat.app.screen, HelpScreen))
        under.go()
        await seat.settled()
        assert len(seat.app.screen_stack) == 3
        await _ready(seat)
        await seat.press("f1")
        await seat.until(lambda: len(seat.app.screen_stack) == 1, "the desk")


async def test_a_dialog_that_is_left_before_it_is_there(world: Any) -> None:
    """Esc may come between the moment a list is opened at and its first picture: it goes, and the desk goes on."""
    async with world.desk() as seat:
        early = PickScreen("Early", [Item("a", "one")], on_pick=print)
        seat.app.push_screen(early)
        early.action_cancel()
        await seat.until(lambda: len(seat.app.screen_stack) == 1, "the desk")
        assert not early.is_running
        await seat.press("f1")
        await seat.until(lambda: isinstance(seat.app.screen, HelpScreen), "the help")
