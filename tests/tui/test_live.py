"""The desk on its real backend: another process's words come in through the watcher."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentassist.config import AgentConfig, Config
from agentassist.models import Author, EntryKind, NewEntry
from agentassist.paths import under
from agentassist.session.backend import Backend
from agentassist.tui.app import DeskApp
from agentassist.tui.screens import desk_suggestions

if TYPE_CHECKING:
    import pytest

WRITER = """
import sys
from pathlib import Path
from agentassist.clock import SystemClock
from agentassist.models import Author, EntryKind, NewEntry
from agentassist.store.store import Store
with Store.open(Path(sys.argv[1]), SystemClock()) as store:
    print("ready", flush=True)
    for line in sys.stdin:
        store.transcript.append(int(sys.argv[2]), NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, line.strip()))
        print("stored", flush=True)
"""


async def test_entries_of_another_process_come_in(world: Any, tmp_path: Path) -> None:
    """What another process stores comes in by itself; without an index the panel says so and the desk goes on."""
    number = world.arrive()
    backend = Backend(under(tmp_path), "Ada", world.clock)
    app = DeskApp(backend, Config(agent=AgentConfig(name="Ada", timezone="UTC")), world.clock)
    command = [sys.executable, "-c", WRITER, str(tmp_path / "agentassist.db"), str(number)]
    writer = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    assert writer.stdin is not None
    assert writer.stdout is not None
    try:
        async with app.run_test(size=(120, 36)) as pilot:
            seat = world.seat(app, pilot, backend)
            await seat.until(lambda: seat.desk.complete)
            await seat.press("enter")
            await seat.shows("it still won't pair")
            await seat.shows("no suggestions")
            assert await writer.stdout.readline() == b"ready\n"
            writer.stdin.write(b"hello from outside\n")
            assert await writer.stdout.readline() == b"stored\n"
            await seat.shows("hello from outside")  # nothing but the watcher tells of it; how soon, the bench measures
    finally:
        writer.stdin.close()
        await writer.wait()
        backend.close()


async def test_what_is_written_elsewhere_delays_nothing_here(world: Any) -> None:
    """Only what was shown is followed by a pause: others write all the time in conversations that are not open."""
    number, other = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    async with world.desk() as seat:
        await seat.claim(number)
        live = seat.desk.conversation._refresher
        await seat.until(lambda: live._running is None)
        live._every, live._begun = 3600.0, float("-inf")
        world.say(other, "is anybody there")
        await seat.shows("is anybody there")
        await seat.until(lambda: live._running is None)
        world.say(number, "one more thing")
        await seat.until(lambda: seat.desk.conversation.current.entries[-1].text == "one more thing")


async def test_a_message_is_shown_however_long_its_search_takes(world: Any) -> None:
    """The picture of a message waits for its suggestions, so that both are painted at once; but not for ever."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        gate = seat.backend.hold_knowledge()
        world.say(number, "and now it blinks")
        await seat.shows("and now it blinks")
        gate.set()


async def test_a_reply_that_overtakes_a_message_leaves_nothing_out(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a message waits to be painted the reply after it comes back: both are shown, in their order, once."""
    monkeypatch.setattr(desk_suggestions, "AHEAD_SECONDS", 3600.0)
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        conversation = seat.desk.conversation
        await seat.until(lambda: not seat.desk.suggesting._refresher.engaged)
        gate = seat.backend.hold_knowledge()
        world.say(number, "and now it blinks")
        await seat.until(lambda: conversation.current.entries[-1].text == "and now it blinks")
        script, before = seat.desk.transcript.script, conversation.current.entries[-1].seq
        assert script.last_seq == before - 1  # it is known, and not yet shown
        world.store.transcript.append(number, NewEntry(Author.AGENT, EntryKind.MESSAGE, "hold the dial", "Ada"))
        conversation.take(tuple(world.store.transcript.entries(number))[-1:], conversation.current.opened)
        assert script.last_seq == before + 1
        gate.set()
        await seat.until(lambda: conversation._refresher._running is None)
        assert [entry.text for entry in conversation.current.entries[-2:]] == ["and now it blinks", "hold the dial"]
        keys = [block.key for block in seat.desk.transcript.blocks if block.selectable]
        assert len(keys) == len(set(keys))
        assert keys[-2:] == [f"entry-{before}", f"entry-{before + 1}"]
