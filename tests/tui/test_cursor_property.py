"""Whatever happens to a conversation, the cursor stands on something that it can stand on."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from textual.app import App, ComposeResult

from agentassist.models import Author, Data, Entry, EntryKind
from agentassist.tui.widgets.entry_lines import Voice
from agentassist.tui.widgets.transcript import Transcript

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
EVENTS = ("handoff", "claimed", "released", "follow_up")


class Window(App[None]):
    """One transcript."""

    CSS = "Transcript { height: 1fr; }"

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Transcript(id="transcript")


def entry(dice: random.Random, seq: int) -> Entry:
    """Make an entry of any kind."""
    kind = dice.choice(list(EntryKind))
    data: Data = {EntryKind.EVENT: {"event": dice.choice(EVENTS)}, EntryKind.CHOICE: {"question": "which?"}}.get(
        kind, {}
    )
    text = dice.choice(["", "ok", "a word or two " * dice.randint(1, 40), "line\n" * dice.randint(1, 90)])
    at = START + timedelta(hours=5 * seq)
    return Entry(1, seq, at, dice.choice(list(Author)), dice.choice(["", "Bo"]), kind, text, data)


@pytest.mark.parametrize("seed", range(8))
async def test_the_cursor_is_always_on_something_selectable(seed: int) -> None:
    """Through random moves, entries, folds, gaps and sizes the cursor is on a selectable block, if there is one.

    The heights agree with the lines of the blocks, and the cursor's block is on screen after every move.
    """
    dice = random.Random(seed)
    numbers = count(1)
    voice = Voice("Ada", "Dana", UTC)
    app = Window()
    async with app.run_test(size=(80, 24)) as pilot:
        transcript = app.query_one(Transcript)
        transcript.focus()
        transcript.show(1, [entry(dice, next(numbers)) for _ in range(dice.randint(0, 200))], voice, START)
        moves = [
            transcript.action_cursor_up, transcript.action_cursor_down, transcript.action_page_up,
            transcript.action_page_down, transcript.action_home, transcript.action_end, transcript.action_fold,
        ]  # fmt: skip
        for _ in range(60):
            what = dice.random()
            if what < 0.6:
                dice.choice(moves)()
            elif what < 0.8:
                transcript.add([entry(dice, next(numbers)) for _ in range(dice.randint(1, 4))], START)
            elif what < 0.9:
                transcript.show_missed(dice.randint(0, 250))
            else:
                await pilot.resize_terminal(dice.randint(20, 140), dice.randint(6, 50))
            await pilot.pause()
            choices = [index for index, block in enumerate(transcript.blocks) if block.selectable]
            assert transcript.cursor in choices if choices else transcript.cursor is None
            if what < 0.6 and transcript.cursor is not None:
                top, bottom = transcript.top_of(transcript.cursor), transcript.top_of(transcript.cursor + 1)
                y = transcript.scroll_offset.y
                assert top < y + transcript.size.height
                assert bottom > y
        while not transcript.fully_measured:  # noqa: ASYNC110 (nothing tells when idle work is done)
            await asyncio.sleep(0.005)
        heights = [len(block.lines(transcript.line_width)) for block in transcript.blocks]
        assert [transcript.top_of(index) for index in range(len(heights))] == [
            sum(heights[:index]) for index in range(len(heights))
        ]
