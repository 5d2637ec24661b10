"""How soon a customer's message that another process stores is on the desk's screen, and what idling costs.

Run by hand: `python tests/bench/desk_live.py`. The desk runs headless on its real backend, without an index.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from asyncio.subprocess import PIPE
from pathlib import Path
from time import perf_counter, process_time

from agentassist.clock import SystemClock
from agentassist.config import Config
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.paths import under
from agentassist.session.backend import Backend
from agentassist.store.store import Store
from agentassist.tui.app import DeskApp
from agentassist.tui.screens.desk import DeskScreen

MESSAGES = 60
WRITER = """
import sys
from pathlib import Path
from agentassist.clock import SystemClock
from agentassist.models import Author, EntryKind, NewEntry
from agentassist.store.store import Store
with Store.open(Path(sys.argv[1]), SystemClock()) as store:
    for line in sys.stdin:
        store.transcript.append(1, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, line.strip()))
        print("stored", flush=True)
"""


async def main(home: Path) -> None:
    """Measure and print."""
    places, clock = under(home), SystemClock()
    with Store.open(places.database, clock) as store:
        number = store.transcript.start(Customer("c", "Dana Reyes"), "web")
        store.transcript.append(number, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "hello"))
        store.claims.handoff(number, "asked for a person")
    backend = Backend(places, "Ada", clock)
    app = DeskApp(backend, Config(), clock)
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(places.database), stdin=PIPE, stdout=PIPE
    )
    assert writer.stdin is not None
    assert writer.stdout is not None
    async with app.run_test(size=(120, 36)) as pilot:
        desk = pilot.app.screen_stack[0]
        assert isinstance(desk, DeskScreen)
        desk.conversation.claim(number)
        times = []
        for count in range(MESSAGES):
            await asyncio.sleep(0.137)  # no multiple of the watcher's beat, so that every phase of it is met
            writer.stdin.write(f"message {count} of many\n".encode())
            await writer.stdout.readline()
            stored = perf_counter()
            while f"▏ message {count} of many" not in screen(app):  # noqa: ASYNC110 (polled as an eye would)
                await asyncio.sleep(0.002)
            times.append(1e3 * (perf_counter() - stored))
        times = sorted(times[1:])
        p50, p95 = statistics.median(times), times[int(0.95 * len(times))]
        print(f"stored elsewhere → on screen  p50 {p50:5.0f} ms   p95 {p95:5.0f} ms")
        await asyncio.sleep(1)
        wall, used = perf_counter(), process_time()
        await asyncio.sleep(10)
        print(
            f"idle                          {100 * (process_time() - used) / (perf_counter() - wall):5.1f} % of a core"
        )
    writer.stdin.close()
    await writer.wait()
    backend.close()


def screen(app: DeskApp) -> str:
    """Return what the screen shows."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(Path(folder)))
