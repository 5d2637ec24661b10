"""Makes `desk.svg`, the README's picture: `python docs/picture.py`. Needs the [build] extra.

The program draws itself: the shipped knowledge base is indexed, the shipped conversations come in beside a colleague's,
an agent claims one and puts the first suggestion into the reply.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from textual.widgets import TextArea

from agentassist import config, paths
from agentassist.channels import replay
from agentassist.cli.kb_search import build_index
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.session import intake, when
from agentassist.session.backend import Backend
from agentassist.session.desk import Desk
from agentassist.store.store import Store
from agentassist.tui.app import DeskApp

SIZE = (120, 36)
ARRIVED = {"charged-after-cancelling": 10, "pairing-code-gone": 17, "radiator-cold-baby": 9}
"""How many lines of each transcript have come in when the picture is taken; the first is claimed."""
COLLEAGUE = Customer("cust-hannah", "Hannah Weiss", timezone="Europe/Berlin", language="en")
EARLIER = Customer("cust-priya", "Priya Nambiar", timezone="America/Chicago", language="en")
FONT_FACE = re.compile(r"@font-face \{.*?\}", re.DOTALL)


class PictureClock:
    """The same times in every picture."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the moment; each look at the clock takes a moment."""
        self.moment += timedelta(milliseconds=50)
        return self.moment


async def until(holds: Callable[[], bool]) -> None:
    """Let the desk work until something holds."""
    end = time.monotonic() + 30
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("the desk never came to what the picture shows")
        await asyncio.sleep(0.02)


async def take(places: paths.Paths, clock: PictureClock) -> str:
    """Open the desk and return the picture."""
    backend = Backend(places, "Ada", clock)
    settings = config.Config(agent=config.AgentConfig("Ada", "UTC"))
    app = DeskApp(backend, settings, clock)

    def text() -> str:
        return "\n".join(strip.text for strip in app.screen._compositor.render_strips())

    async with app.run_test(size=SIZE) as pilot:
        await until(lambda: "by meaning" in text() and "Mikael" in text())
        await pilot.press("n")
        await until(lambda: "yours" in text() and "1 " in text() and "matches" in text())
        await pilot.press("ctrl+g", "1")
        await until(lambda: "https://help" in text())
        composer = app.screen.query_one("#composer", TextArea)
        composer.insert("Hello Priya, this says what happens after you cancel:\n", (0, 0))
        await until(lambda: "Bo" in text())
        await pilot.pause()
        picture = app.export_screenshot(title="agentassist")
    backend.close()
    return picture


def prepare(store: Store, clock: PictureClock) -> None:
    """Let the day begin: one earlier conversation, one that a colleague has, a promise, and three who wait."""
    bo, ada = Desk(store, "Bo"), Desk(store, "Ada")
    clock.moment -= timedelta(days=40)
    before = store.transcript.start(EARLIER, "web")
    store.transcript.append(
        before, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "How do I move the bridge to a new router?")
    )
    ada.claim(before)
    ada.close(before, "solved-article", "Moved the bridge to a new router with the guide.")
    clock.moment += timedelta(days=40)
    theirs = store.transcript.start(COLLEAGUE, "web")
    store.transcript.append(
        theirs, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "my parcel says delivered but it is not here")
    )
    store.claims.handoff(theirs, "asked for a person")
    bo.claim(theirs)
    ada.follow_up(theirs, when.parse("today 16:30", now=clock.now(), zone="UTC"), "ask the depot where the parcel is")
    for name, count in ARRIVED.items():
        whole = replay.load(paths.sample_kb() / "conversations" / f"{name}.jsonl")
        part = replay.Replay(whole.name, whole.lines[:count])
        for _ in intake.play(store, [part], speed=0, sleep=time.sleep):
            clock.moment += timedelta(seconds=4)
    bo.present(theirs, typing=True)


def main() -> None:
    """Write the picture beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        places = paths.under(Path(folder))
        build_index(paths.sample_kb(), places)
        clock = PictureClock()
        with Store.open(places.database, clock) as store:
            prepare(store, clock)
        picture = asyncio.run(take(places, clock))
    # The picture must not fetch a font from anywhere: the reader's own monospaced one does.
    Path(__file__).with_name("desk.svg").write_text(FONT_FACE.sub("", picture), encoding="utf-8")


if __name__ == "__main__":
    main()
