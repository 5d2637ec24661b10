"""What can be taken back, and what has happened when it cannot."""

from __future__ import annotations

from typing import Any

from agentassist.errors import StoreBusyError
from agentassist.models import State


def _state(world: Any, number: int) -> tuple[State, str]:
    conversation = world.store.queue.get(number)
    return conversation.state, conversation.agent


def _noticed(world: Any) -> None:
    """Let the desks notice what another process has just written."""
    for backend in world.backends:
        backend.changed()


async def _told(seat: Any, words: str) -> None:
    """Wait until a note of the desk says some words and is on screen, however it is wrapped."""
    notes = (seat.desk.reply_note, seat.desk.queue_note, seat.desk.suggestion_note)

    def told() -> bool:
        return any(words in str(note.content) and note.is_on_screen for note in notes)

    await seat.until(told, words)


async def _claimed(seat: Any, number: int) -> None:
    await seat.claim(number)
    await seat.press("escape")


async def test_nothing_to_take_back(world: Any) -> None:
    """Without anything done, undo says so."""
    async with world.desk() as seat:
        await seat.press("u")
        await _told(seat, "There is nothing to take back.")


async def test_a_claim_is_released_again(world: Any) -> None:
    """Undo of a claim puts the conversation back into the queue; the draft is kept."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("not yet sent")
        await seat.press("escape", "u")
        await _told(seat, "Taken back: the claim of Dana Reyes")
        assert _state(world, number) == (State.WAITING, "")
        assert world.store.drafts.get(number, "Ada").text == "not yet sent"
        await seat.press("u")
        await _told(seat, "There is nothing to take back.")


async def test_a_claim_with_a_sent_reply_stays(world: Any) -> None:
    """Once a reply was sent, undo says first that it cannot be taken back, and then that neither can the claim."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("hello")
        await seat.press("enter")
        await seat.until(lambda: seat.desk.composer.text == "" and world.texts(number)[-1] == "hello")
        await seat.press("escape", "u")
        await _told(seat, "A sent reply cannot be taken back.")
        await seat.press("u")
        await _told(seat, "you have sent a reply since")
        assert _state(world, number) == (State.CLAIMED, "Ada")


async def test_a_release_is_claimed_again(world: Any) -> None:
    """Undo of a release claims the conversation again while it waits."""
    number = world.arrive()
    async with world.desk() as seat:
        await _claimed(seat, number)
        await seat.press("ctrl+r")
        await seat.until(lambda: _state(world, number)[0] is State.WAITING)
        await seat.until(lambda: seat.desk.undoing.label.startswith("the release"))
        await seat.press("u")
        await _told(seat, "Taken back: the release of Dana Reyes")
        assert _state(world, number) == (State.CLAIMED, "Ada")


async def test_a_release_that_another_has_taken_stays(world: Any) -> None:
    """When another agent has it now, undo says who, and changes nothing."""
    number = world.arrive()
    async with world.desk() as seat:
        await _claimed(seat, number)
        await seat.press("ctrl+r")
        await seat.until(lambda: seat.desk.undoing.label.startswith("the release"))
        world.store.claims.claim(number, "Bo")
        before = len(world.store.transcript.entries(number))
        await seat.press("u")
        await _told(seat, "it was taken by Bo since")
        assert _state(world, number) == (State.CLAIMED, "Bo")
        assert len(world.store.transcript.entries(number)) == before


async def test_a_claim_that_another_has_now_stays(world: Any) -> None:
    """When a supervisor has handed it on meanwhile, undo of the claim takes it from nobody."""
    number = world.arrive()
    async with world.desk() as seat:
        await _claimed(seat, number)
        world.store.claims.release(number, "Ada")
        world.store.claims.claim(number, "Bo")
        await seat.press("u")
        await _told(seat, "it was taken by Bo since")
        assert _state(world, number) == (State.CLAIMED, "Bo")


async def test_a_closing_is_reopened_with_its_draft(world: Any) -> None:
    """Undo of a closing opens the conversation again, claimed, and the unsent reply is back."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("half a thought")
        seat.desk.closing._pressed = float("-inf")
        await seat.press("f8")
        await _told(seat, "your reply is not sent")
        seat.desk.closing._pressed = float("-inf")
        await seat.press("f8")
        await seat.until(lambda: _state(world, number)[0] is State.CLOSED)
        await _told(seat, "Closed as Solved · u reopens")
        assert world.store.drafts.get(number, "Ada") is None
        await seat.press("u")
        await _told(seat, "Taken back: the closing of Dana Reyes")
        assert _state(world, number) == (State.CLAIMED, "Ada")
        assert seat.desk.composer.text == "half a thought"
        assert seat.desk.conversation.current.id == number


async def test_a_closing_after_which_the_customer_wrote_is_told(world: Any) -> None:
    """When the customer has written since, it waits again: undo says so, and the reply is still kept."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("half a thought")
        for _ in range(2):
            seat.desk.closing._pressed = float("-inf")
            await seat.press("f8")
        await seat.until(lambda: _state(world, number)[0] is State.CLOSED)
        await _told(seat, "u reopens")
        world.say(number, "one more thing")
        await seat.press("u")
        await _told(seat, "the customer has written since")
        assert _state(world, number)[0] is State.WAITING
        assert world.store.drafts.get(number, "Ada").text == "half a thought"


async def test_a_closing_that_another_reopened_stays(world: Any) -> None:
    """When another agent has opened it again, undo says who has it."""
    number = world.arrive()
    async with world.desk() as seat:
        await _claimed(seat, number)
        await seat.press("f8")
        await _told(seat, "u reopens")
        world.store.claims.reopen(number, "Bo")
        await seat.press("u")
        await _told(seat, "it was reopened by Bo since")
        assert _state(world, number) == (State.CLAIMED, "Bo")


async def test_a_reopening_is_closed_again_as_it_was(world: Any) -> None:
    """Undo of a reopening closes with the old disposition and summary; not when the customer has written since."""
    number = world.arrive()
    world.store.claims.claim(number, "Ada")
    world.store.claims.close(number, "Ada", "passed-on", "Went to the engineers.")
    async with world.desk() as seat:
        seat.desk.closing.reopen(number)
        await _told(seat, "Reopened · ")
        assert _state(world, number) == (State.CLAIMED, "Ada")
        await seat.press("escape", "u")
        await _told(seat, "Taken back: the reopening of Dana Reyes")
        closed = world.store.queue.get(number)
        assert (closed.state, closed.disposition) == (State.CLOSED, "passed-on")
        assert world.store.transcript.entries(number)[-1].text == "Went to the engineers."
        seat.desk.closing.reopen(number)
        await _told(seat, "Reopened · ")
        world.say(number, "still cold")
        await seat.press("escape", "u")
        await _told(seat, "the customer has written since")
        assert _state(world, number) == (State.CLAIMED, "Ada")


async def test_a_set_follow_up_is_dropped(world: Any) -> None:
    """Undo of a follow-up that was set ticks it off."""
    number = world.arrive()
    async with world.desk() as seat:
        await _claimed(seat, number)
        await seat.press("f")
        await seat.until(lambda: getattr(seat.app.screen, "ready", False))
        await seat.write("tomorrow 9")
        await seat.press("ctrl+s")
        await seat.until(lambda: len(seat.app.screen_stack) == 1 and bool(world.store.followups.list()))
        await seat.until(lambda: seat.desk.undoing.label.startswith("the follow-up"))
        await seat.press("escape", "u")
        await seat.until(lambda: world.store.followups.list() == ())


async def test_a_busy_store_keeps_the_step(world: Any) -> None:
    """What could not be taken back because the records are locked can be taken back a moment later."""
    number = world.arrive()
    async with world.desk() as seat:
        await _claimed(seat, number)
        seat.backend.broken = StoreBusyError("the records are locked", "Try again.")
        await seat.press("u")
        await _told(seat, "Not taken back: the records are locked. Try again.")
        seat.backend.broken = None
        await seat.press("u")
        await seat.until(lambda: _state(world, number)[0] is State.WAITING)


async def test_the_last_twenty_are_kept(world: Any) -> None:
    """Older steps than twenty are forgotten, the newest comes first, and each is done once."""
    taken: list[int] = []
    async with world.desk() as seat:
        for number in range(25):

            async def back(number: int = number) -> None:
                taken.append(number)

            seat.desk.undoing.offer(f"step {number}", back)
        for _ in range(30):
            seat.desk.undoing.undo()
            await seat.until(lambda: not seat.desk.undoing._busy)
        assert taken == list(range(24, 4, -1))


async def test_hostile_labels_are_text(world: Any) -> None:
    """What is taken back may be called anything: it is shown as text."""

    async def back() -> None:
        pass

    async with world.desk() as seat:
        seat.desk.undoing.offer("the thumb for “\x1b]0;evil\x07[b]x[/b]”" + "y" * 5000, back)
        await seat.press("u")
        await _told(seat, "Taken back: the thumb for “␛]0;evil␇[b]x[/b]”y")
        assert "\x1b" not in seat.text


async def test_a_second_desk_of_another_agent(world: Any) -> None:
    """Two desks on one store: the undo of one never takes a conversation from the other."""
    number = world.arrive()
    async with world.desk() as ada:
        await _claimed(ada, number)
        await ada.press("ctrl+r")
        await ada.until(lambda: ada.desk.undoing.label.startswith("the release"))
        async with world.desk(world.backend("Bo")) as bo:
            await bo.claim(number)
            ada.desk.undoing.undo()
            await ada.until(lambda: "taken by Bo" in ada.desk.reply_note.words)
            _noticed(world)
            assert _state(world, number) == (State.CLAIMED, "Bo")
            bo.desk.undoing.undo()
            await bo.until(lambda: _state(world, number)[0] is State.WAITING)
