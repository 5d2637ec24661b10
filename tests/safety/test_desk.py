"""The desk with hostile text wherever text comes in from outside, and what it sends to the terminal beside it."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from typing import Any

import pytest

from agentassist.config import AgentConfig, DeskConfig
from agentassist.errors import StoreFullError
from agentassist.models import Disposition
from agentassist.session.indexing import IndexProgress, Stage

NOTIFICATION = re.compile(r"\x1b\]9;agentassist: [ -:<-~]{1,120}\x07")
"""Printable ASCII without a semicolon, between the frame of the sequence and nothing else."""


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent to the terminal: the picture, and what goes beside it."""
    from textual.drivers.headless_driver import HeadlessDriver

    made: list[str] = []
    monkeypatch.setattr(HeadlessDriver, "write", lambda _, data: made.append(data))
    return made


async def test_who_else_is_there(world: Any, watch: Any, hostile: list[str]) -> None:
    """Names of other agents, who look, type, and have conversations; and the own name."""
    number = world.arrive()
    world.config = dataclasses.replace(world.config, agent=AgentConfig(name=hostile[1], timezone="UTC"))
    async with world.desk(world.backend(hostile[1]), size=(160, 36)) as seat:
        for index, text in enumerate(hostile):
            taken = world.arrive("Dana Reyes")
            world.store.claims.claim(taken, text)
            world.store.presence.say(f"desk-{index}", text, number, typing=index % 2 == 0)
            world.store.presence.say(f"desk-{index}-too", text, taken, typing=True)
            seat.desk.on_store_changed(None)
            await seat.settled()
            seat.desk.conversation.open(taken if index % 2 else number)
            await seat.settled()
            watch.check(seat)
        seat.desk.conversation.claim(taken)
        await seat.until(lambda: "taken by" in seat.text or "has this" in seat.text)
        watch.check(seat)


async def test_filter_search_and_reply(world: Any, watch: Any, hostile: list[str]) -> None:
    """What an agent types or pastes: into the filter, the search box and the reply, and drafts that come back."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        filtering = seat.desk.query_one("#queue-filter Input")
        for text in hostile:
            filtering.open()
            filtering.value = text
            seat.desk.search_box.value = text
            seat.desk.suggesting.search(text)
            seat.desk.composer.restore(text)
            await seat.settled()
            watch.check(seat, raw=True)
        assert seat.app.is_running


async def test_what_is_said_in_passing(world: Any, watch: Any, hostile: list[str]) -> None:
    """Notes, notifications, the hint, the state of the index, undo, an unknown theme, codes of dispositions."""
    number = world.arrive()
    world.config = dataclasses.replace(
        world.config,
        desk=DeskConfig(theme=hostile[2]),
        dispositions=tuple(Disposition(f"c{index}", text) for index, text in enumerate(hostile)),
    )
    async with world.desk(size=(100, 30)) as seat:
        await seat.claim(number)
        desk = seat.desk
        watch.check(seat)
        for text in hostile:
            desk.undoing.offer(text, _nothing)
            desk.undoing.tell(text, text)
            desk.undoing.say(text, level="error")
            for note in (desk.queue_note, desk.reply_note, desk.suggestion_note):
                note.fail(StoreFullError(text, text), text)
            for stage in Stage:
                desk.indexing_work.told(IndexProgress(stage, text, 3, 1.0, message=text, hint=text))
            desk.status.change(search=text, agent=text, indexing=text, degraded=True)
            seat.app.notify(f"Not sent to {seat.desk.conversation.current.name}", markup=False)
            await seat.settled()
            watch.check(seat)
            seat.app.clear_notifications()
            desk.undoing.undo()
            await seat.settled()
            watch.check(seat)


async def test_what_crosses_over(world: Any, watch: Any, hostile: list[str]) -> None:
    """A tree's title in queue, list, title and toast; who types; what a handoff tells; the advice."""
    from agentassist.flows.model import Flow, Node, NodeKind
    from agentassist.friction.reading import Level, Reading
    from agentassist.models import Author, EntryKind, NewEntry
    from agentassist.session.crossing import trees

    async with world.desk(size=(120, 36)) as seat:
        desk, library = seat.desk, seat.backend.library
        for index, text in enumerate(hostile):
            number = world.arrive(f"{index} {text}", "how do I pair it?")
            world.store.claims.claim(number, "Ada")
            library.reading = Reading(Level.FRICTION, 0.9, reasons=(text,), stakes=text)
            library.flows = {"a": Flow("a", text, "n", {"n": Node("n", NodeKind.END, text)})}
            desk.conversation.open(number)
            await seat.until(lambda number=number: desk.conversation.current and desk.conversation.current.id == number)
            (tree,) = trees(library)
            desk.crossing._take(desk.conversation.current, tree)
            await seat.until(lambda number=number: number in desk.queue_work.overview.trees, "the loan")
            world.store.presence.customer_says(number, typing=True)
            desk.on_store_changed(None)
            await seat.until(lambda: "is typing" in seat.text, "typing")
            watch.check(seat)
            world.store.transcript.append(
                number, NewEntry(Author.CUSTOMER, EntryKind.CHOICE, text, data={"question": text})
            )
            told = {"friction": 0.9, "signals": [{"text": text}], "question": text, "stakes": text, "skills": [text]}
            world.store.claims.handoff(number, text, told)
            desk.conversation.leave()
            desk.on_store_changed(None)
            await seat.until(lambda number=number: number not in desk.queue_work.overview.trees, "back")
            await seat.settled()
            watch.check(seat)
            seat.app.clear_notifications()
            desk.conversation.open(number)
            await seat.until(lambda: desk.advice_line.display, "advice")
            watch.check(seat)
            desk.crossing.lend()
            await seat.until(lambda: seat.app.screen is not desk, "the trees")
            await seat.settled()
            watch.check(seat)
            seat.app.pop_screen()


async def _nothing() -> None:
    return None


async def test_a_promise_that_is_due(world: Any, watch: Any, written: list[str], hostile: list[str]) -> None:
    """Each promise rings once: the row, the toast, the bell, and a terminal notification that is nothing but words."""
    async with world.desk(size=(160, 45)) as seat:
        for index, text in enumerate(hostile):
            number = world.arrive(f"{index} {text}")
            customer = world.store.queue.get(number).customer.id
            due = world.clock.now() + timedelta(seconds=30)
            world.store.followups.add(number, customer, "Ada", text, due, "UTC", "2026-11-20T14:00")
            seat.desk.on_store_changed(None)
            await seat.until(lambda index=index: len(seat.desk.queue_work.overview.follow_ups) == index + 1)
            world.clock.move(31)
            written.clear()
            seat.desk.alarm.tick()
            await seat.settled()
            watch.check(seat)
            beside = [data for data in written if "\x1b]" in data]
            (said,) = beside
            assert NOTIFICATION.fullmatch(said), said
            seat.app.clear_notifications()


async def test_the_palette(world: Any, watch: Any, hostile: list[str]) -> None:
    """Whatever is typed into the palette and the list of themes is only looked for."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        for key in ("ctrl+p", "f10"):
            await seat.press("escape", key)
            for text in hostile[:: 3 if key == "f10" else 1]:
                seat.app.screen.query("Input").first().value = text
                await seat.settled()
                watch.check(seat, raw=True)
            await seat.press("escape")
            await seat.until(lambda: len(seat.app.screen_stack) == 1)
        assert world.store.queue.get(number, "Ada").agent == "Ada"


async def test_the_clipboard(world: Any, watch: Any, hostile: list[str]) -> None:
    """What is copied is text: no control but newlines, whichever way it goes there."""
    texts = [text for text in hostile if text.strip()]
    number = world.arrive("Dana Reyes", *texts)
    allowed = re.compile("[^\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*")
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("f3")
        transcript, note = seat.desk.transcript, seat.desk.reply_note
        for _ in range(len(texts) + 4):
            note.say("")
            await seat.press("y")
            await seat.until(lambda: note.words != "", "what became of the copy")
            transcript.move_cursor(transcript.choice_near(transcript.cursor, step=-1))
        assert len(set(watch.copied)) >= len(texts)
        assert all(allowed.fullmatch(text) for text in watch.copied)
        watch.check(seat)


async def test_clicks_do_nothing(world: Any, watch: Any, hostile: list[str]) -> None:
    """A click on what strangers have written opens nothing and stores nothing."""
    number = world.arrive("[@click=app.quit]Dana[/]", *[text or "-" for text in hostile if len(text) < 300])
    async with world.desk() as seat:
        await seat.claim(number)
        before = world.store.transcript.entries(number)
        seat.desk.transcript.action_home()
        for _ in range(2):
            region = seat.desk.transcript.region
            for y in range(region.y + 1, region.bottom - 1, 3):
                await seat.pilot.click(offset=(region.x + 3 + y % 40, y))
            seat.desk.transcript.action_page_down()
        for y in range(2, 12, 2):
            await seat.pilot.click(offset=(3 + y, y))
        watch.check(seat)
        assert len(seat.app.screen_stack) == 1
        assert world.store.transcript.entries(number) == before
        assert world.store.queue.get(number).agent == "Ada"
