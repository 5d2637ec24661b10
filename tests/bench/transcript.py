"""What the transcript costs: opening 5,000 entries, one append, a re-wrap; and RichLog's append in the same run.

Run by hand: `python tests/bench/transcript.py`.
"""

from __future__ import annotations

import asyncio
import statistics
from datetime import UTC, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

from rich.text import Text
from textual.app import App, ComposeResult
from textual.widgets import RichLog

from agentassist.models import Author, Entry, EntryKind
from agentassist.tui.widgets.entry_lines import Voice
from agentassist.tui.widgets.transcript import Transcript

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
VOICE = Voice("Ada", "Dana Reyes", ZoneInfo("UTC"))
APPENDS = 200


def entry(seq: int) -> Entry:
    """Make an entry of about 150 characters."""
    author = (Author.CUSTOMER, Author.AGENT)[seq // 3 % 2]
    text = f"entry {seq} " + "some words to wrap here " * 6
    return Entry(1, seq, START + timedelta(seconds=20 * seq), author, "", EntryKind.MESSAGE, text)


class Bench(App[None]):
    """Both widgets side by side."""

    def compose(self) -> ComposeResult:
        """Lay them out."""
        yield Transcript(id="transcript")
        yield RichLog(max_lines=2_000, wrap=True)

    CSS = "Transcript { height: 1fr; } RichLog { height: 1fr; }"


async def main() -> None:
    """Measure and print."""
    app = Bench()
    async with app.run_test(size=(80, 40)) as pilot:
        transcript, log = app.query_one(Transcript), app.query_one(RichLog)
        entries = [entry(seq) for seq in range(1, 5_001)]
        started = perf_counter()
        transcript.show(1, entries, VOICE, START)
        print(f"show 5,000 entries       {1e3 * (perf_counter() - started):8.1f} ms until it can be painted")
        while not transcript.fully_measured:  # noqa: ASYNC110 (nothing tells when idle work is done)
            await asyncio.sleep(0.005)
        print(f"all of them measured     {1e3 * (perf_counter() - started):8.1f} ms, in slices")
        ours = [
            await timed(pilot, lambda seq=seq: transcript.add([entry(seq)], START))
            for seq in range(5_001, 5_001 + APPENDS)
        ]
        theirs = [await timed(pilot, lambda seq=seq: log.write(Text(entry(seq).text))) for seq in range(APPENDS)]
        for name, times in (("Transcript.add", ours), ("RichLog.write", theirs)):
            p50, p95 = 1e3 * statistics.median(times), 1e3 * sorted(times)[int(0.95 * APPENDS)]
            print(f"{name:<16} p50 / p95 {p50:6.2f} / {p95:6.2f} ms")
        print(f"ratio of medians         {statistics.median(ours) / statistics.median(theirs):8.2f}")
        started = perf_counter()
        transcript.measure()
        print(f"re-wrap what is visible  {1e3 * (perf_counter() - started):8.1f} ms")
        started = perf_counter()
        transcript.measure(around=0)
        print(f"re-wrap around the start {1e3 * (perf_counter() - started):8.1f} ms")


async def timed(pilot: object, work: object) -> float:
    """Time one piece of work on the screen's thread, with the paint that follows it."""
    started = perf_counter()
    work()  # type: ignore[operator]
    await asyncio.sleep(0)
    taken = perf_counter() - started
    await asyncio.sleep(0.002)
    return taken


if __name__ == "__main__":
    asyncio.run(main())
