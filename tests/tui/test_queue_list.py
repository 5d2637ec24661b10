"""The list of the queue: what it costs, where its cursor stays, and its filter."""

from __future__ import annotations

from datetime import timedelta
from time import thread_time
from typing import Any

import pytest

from agentassist.models import Author, State
from agentassist.tui.widgets import rows as row_lists
from agentassist.tui.widgets.rows import RowList

HOSTILE = "\x1b]52;c;cHduZWQ=\x07[@click=app.quit]free[/] \u202eevil"


def record(monkeypatch: pytest.MonkeyPatch) -> tuple[list[int], list[int]]:
    """Return what is noted from now on: the rows whose lines were made, and the lines that were to be painted."""
    made: list[int] = []
    painted: list[int] = []
    strips, refresh = RowList._strips, RowList.refresh

    def noted_strips(self: Any, index: int) -> Any:
        if self._numbers[index] not in self._made:
            made.append(index)
        return strips(self, index)

    def noted_refresh(self: Any, *regions: Any, **options: Any) -> Any:
        painted.extend(region.height for region in regions)
        if not regions:
            painted.append(10_000)
        return refresh(self, *regions, **options)

    monkeypatch.setattr(RowList, "_strips", noted_strips)
    monkeypatch.setattr(RowList, "refresh", noted_refresh)
    return made, painted


async def test_a_second_costs_only_what_is_on_screen(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 200 waiting, a second paints the time of those on screen; when no time reads differently, nothing."""
    for count in range(200):
        world.arrive(f"Customer {count}")
    async with world.desk() as seat:
        await seat.shows("Customer 0")
        made, painted = record(monkeypatch)
        world.clock.move(1)
        seat.desk.queue_work.show()
        assert 0 < len(made) <= 12
        assert set(painted) == {1}
        assert len(painted) == len(made)
        made.clear()
        painted.clear()
        seat.desk.queue_work.show()
        assert (made, painted) == ([], [])
        started = thread_time()
        for _ in range(20):
            world.clock.move(1)
            seat.desk.queue_work.show()
        # 16 ms is one frame and the aim; the bound is what even a busy machine keeps on average.
        assert (thread_time() - started) / 20 < 0.05


async def test_what_is_the_same_is_not_painted(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading an unchanged queue again paints nothing; new words in one conversation paint its changed lines."""
    first = world.arrive("Dana Reyes")
    world.arrive("Li Wei")
    async with world.desk() as seat:
        await seat.shows("Li Wei")
        seat.desk.queue_work.show()
        _, painted = record(monkeypatch)
        overview = seat.desk.queue_work.overview
        seat.desk.queue_work.refresh()
        await seat.until(lambda: seat.desk.queue_work.overview is not overview)
        await seat.settled()
        assert painted == []
        moment = world.clock.now()
        world.say(first, "hello again")
        world.clock.moment = moment
        await seat.shows("hello again")
        assert painted == [1, 1]  # the unread count, and the last words


async def test_the_cursor_stays_on_its_conversation(world: Any) -> None:
    """While others come, go, and are claimed, the cursor stays where it is; from waiting to mine too."""
    world.arrive("Dana Reyes")
    second = world.arrive("Li Wei")
    async with world.desk() as seat:
        await seat.press("down")
        assert seat.desk.queue.chosen == second
        first = world.arrive("Sam Oduya")
        await seat.shows("Sam Oduya")
        assert seat.desk.queue.chosen == second
        await seat.press("enter")
        await seat.until(lambda: seat.desk.composer.has_focus)
        await seat.shows("MINE 1")
        assert seat.desk.queue.chosen == second
        assert first != second


async def test_enter_claims_nothing_that_nobody_chose(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the conversation under the cursor goes away, an Enter right after it claims no other one."""
    monkeypatch.setattr(row_lists, "JUST_NOW", 60.0)
    first, second = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    async with world.desk() as seat:
        await seat.shows("Li Wei")
        world.store.claims.claim(first, "Bo")
        world.store.claims.close(first, "Bo", "solved", "")
        seat.backend.changed()
        await seat.until(lambda: seat.desk.queue.chosen == second)
        seat.desk.queue.action_select()
        await seat.shows("changed: press again")
        assert world.store.queue.get(second).state is State.WAITING
        await seat.press("down")
        await seat.press("enter")
        await seat.until(lambda: world.store.queue.get(second).agent == "Ada")


async def test_a_desk_begins_on_its_own_conversations(world: Any) -> None:
    """After a restart the cursor is on an own conversation, one with unread words first."""
    world.arrive("Dana Reyes")
    quiet, news = world.arrive("Li Wei"), world.arrive("Sam Oduya")
    for number in (quiet, news):
        world.store.claims.claim(number, "Ada")
        world.store.queue.mark_seen(number, "Ada", world.store.queue.get(number).last_seq)
    world.say(news, "are you there?")
    async with world.desk() as seat:
        assert seat.desk.queue.chosen == news


async def test_what_others_have_is_below(world: Any) -> None:
    """Another agent's conversations have their own section, with who has it; Enter opens, and takes nothing."""
    number = world.arrive("Dana Reyes")
    world.store.claims.claim(number, "Bo")
    async with world.desk() as seat:
        await seat.shows("WITH OTHERS 1")
        await seat.shows("Bo has it · it still")
        before = world.store.transcript.entries(number)
        await seat.press("end", "enter")
        await seat.shows("taken by Bo")
        assert world.store.transcript.entries(number) == before


async def test_the_overdue_come_first_and_are_marked(world: Any) -> None:
    """Follow-ups are below, the most overdue first, with a mark that needs no colour."""
    number = world.arrive()
    for note, minutes in (("later", 600), ("long ago", 5), ("now", 30)):
        due = world.clock.now() + timedelta(minutes=minutes)
        world.store.followups.add(number, None, "Ada", note, due, "UTC", f"{due:%Y-%m-%dT%H:%M}")
    world.clock.move(31 * 60)
    async with world.desk(size=(160, 36)) as seat:
        await seat.shows("FOLLOW-UPS 3")
        rows = [line[1:37] for line in seat.text.splitlines()]
        marked = [number for number, row in enumerate(rows) if row.startswith(" ! Dana Reyes · due")]
        assert [rows[number + 1].strip() for number in marked] == ["long ago", "now"]
        (last,) = (number for number, row in enumerate(rows) if row.strip() == "later")
        assert last > marked[-1]


async def test_that_nobody_waits_is_said_until_somebody_does(world: Any) -> None:
    """Who wants the next one while there is none reads so, until somebody comes."""
    async with world.desk() as seat:
        note = seat.desk.queue_note
        await seat.press("n")
        await seat.until(lambda: note.words == "Nobody waits." and note.display)
        world.arrive("Dana Reyes")
        await seat.shows("Dana Reyes")
        assert not note.display


# The filter


async def test_the_filter_narrows_as_one_types(world: Any) -> None:
    """It looks at names, reasons, last words and notes, without case and accents; Esc shows all again."""
    world.arrive("José Alvarez", "my dial", reason="asked twice")
    world.arrive("Li Wei", "where is my REFUND")
    number = world.arrive("Sam Oduya", reason="billing")
    due = world.clock.now() + timedelta(hours=1)
    world.store.followups.add(number, None, "Ada", "check the refund", due, "UTC", "2026-11-20T15:00")
    async with world.desk() as seat:
        await seat.shows("WAITING 3")
        await seat.press("slash")
        await seat.write("refund")
        await seat.shows("WAITING 1 of 3")
        assert "Li Wei" in seat.text
        assert "José" not in seat.text
        assert "check the refund" in seat.text
        assert "MINE" not in seat.text
        for words, name in (("jose", "José Alvarez"), ("asked tw", "José Alvarez"), ("billing", "Sam Oduya")):
            await seat.press("escape", "slash")
            await seat.write(words)
            await seat.shows("WAITING 1 of 3")
            assert name in seat.text
        await seat.write("zzz")
        await seat.shows("Nothing fits")
        await seat.press("escape")
        await seat.shows("WAITING 3")
        await seat.until(lambda: seat.desk.queue.has_focus)
        assert not seat.desk.query_one("#queue-filter-box").has_class("-open")


async def test_enter_in_the_filter_takes_what_was_found(world: Any) -> None:
    """Arrows move in the list while typing; Enter claims the one under the cursor, and the list is whole again."""
    world.arrive("Dana Reyes")
    world.arrive("Li Wei")
    third = world.arrive("Li Na")
    async with world.desk() as seat:
        await seat.press("slash")
        await seat.write("li")
        await seat.shows("WAITING 2 of 3")
        await seat.press("down", "enter")
        await seat.until(lambda: world.store.queue.get(third).agent == "Ada")
        await seat.until(lambda: seat.desk.composer.has_focus)
        await seat.shows("WAITING 2")
        assert "of 3" not in seat.text


async def test_letters_in_the_filter_are_letters(world: Any) -> None:
    """No letter, digit or sign that is typed there does anything else."""
    number = world.arrive("Dana Reyes")
    async with world.desk() as seat:
        await seat.press("slash")
        await seat.write("cnug1z?/")
        assert seat.desk.query_one("#queue-filter-box").value == "cnug1z?/"
        assert len(seat.app.screen_stack) == 1
    assert world.store.queue.get(number).state is State.WAITING


async def test_the_filter_holds_while_others_write(world: Any) -> None:
    """What comes in while the list is filtered is shown only when it fits."""
    first = world.arrive("Dana Reyes")
    async with world.desk() as seat:
        await seat.press("slash")
        await seat.write("refund")
        await seat.shows("Nothing fits")
        world.arrive("Li Wei")
        world.say(first, "a refund please")
        await seat.shows("WAITING 1 of 2")
        assert "Li Wei" not in seat.text


async def test_hostile_words_stay_in_their_row(world: Any) -> None:
    """Escapes, markup and turned text in name, reason, words, agent and filter are shown as text."""
    number = world.arrive(HOSTILE, HOSTILE, reason=HOSTILE)
    taken = world.arrive("Li Wei")
    world.store.claims.claim(taken, HOSTILE)
    world.say(number, HOSTILE, Author.CUSTOMER)
    async with world.desk(size=(160, 40)) as seat:
        await seat.shows("␛]52;c;")
        await seat.press("slash")
        await seat.write("free")
        await seat.shows("WAITING 1")
        assert not {"\x1b", "\x07", "\u202e"} & set(seat.text)
        assert len(seat.app.screen_stack) == 1


@pytest.mark.parametrize("text", ["a" * 100_000, "ab " * 30_000, "é" * 100_000])
async def test_no_text_makes_the_filter_slow(world: Any, text: str) -> None:
    """However long the words of a customer are, typing in the filter takes no longer than a blink."""
    world.arrive(text[:500], text, reason=text)
    async with world.desk() as seat:
        started = thread_time()
        seat.desk.queue.filter(("aab", "b a", "zz"))
        assert thread_time() - started < 0.25


async def test_a_click_only_looks(world: Any) -> None:
    """A click on one who waits opens the conversation and takes nothing."""
    number = world.arrive("Dana Reyes")
    async with world.desk() as seat:
        await seat.shows("Dana Reyes")
        await seat.pilot.click("#queue", offset=(6, 2))
        await seat.until(lambda: seat.desk.conversation.current is not None)
        await seat.settled()
        assert world.store.queue.get(number).state is State.WAITING


async def test_escape_in_the_list_shows_all_again(world: Any) -> None:
    """A filter that was left open is cleared by Esc in the list; an empty one goes away by itself."""
    world.arrive("Dana Reyes")
    world.arrive("Li Wei")
    async with world.desk() as seat:
        box = seat.desk.queue_filter.box
        await seat.press("slash")
        await seat.write("li")
        await seat.press("f2")
        await seat.until(lambda: seat.desk.queue.has_focus)
        assert box.is_open
        await seat.press("escape")
        await seat.shows("WAITING 2")
        assert not box.is_open
        await seat.press("slash", "f2")
        await seat.until(lambda: not box.is_open)


async def test_c_claims_nothing_that_nobody_chose(world: Any) -> None:
    """The letter is as careful as Enter."""
    first, second = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    async with world.desk() as seat:
        await seat.shows("Li Wei")
        world.store.claims.claim(first, "Bo")
        world.store.claims.close(first, "Bo", "solved", "")
        seat.backend.changed()
        await seat.until(lambda: seat.desk.queue.chosen == second)
        seat.desk.action_claim()
        await seat.shows("changed: press again")
        assert world.store.queue.get(second).state is State.WAITING


async def test_the_filter_finds_what_is_read_of_a_promise_without_a_note(world: Any) -> None:
    """A follow-up without a note reads “come back”, and is found by these words."""
    due = world.clock.now() + timedelta(hours=1)
    world.store.followups.add(None, None, "Ada", "", due, "UTC", f"{due:%Y-%m-%dT%H:%M}")
    world.arrive("Li Wei")
    async with world.desk() as seat:
        await seat.shows("come back")
        await seat.press("slash")
        await seat.write("come back")
        await seat.until(lambda: "Li Wei" not in seat.text, "only the promise")
        assert seat.desk.queue.chosen_follow_up is not None
