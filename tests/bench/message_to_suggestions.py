"""How soon after another process has stored a customer's message its suggestions are ranked, and on the desk's screen.

Run by hand: `python tests/bench/message_to_suggestions.py`; a minute, and as much to make what it works on. The desk
runs in a terminal, with everything on but the re-ranker: an index of 10,000 passages with real vectors and copies to
fold, the encoder loaded, and a memory of 2,000 conversations in which an article was sent. Each message is the
beginning of another article, as long as customers' messages are (see WORDS), in a conversation that grows; with
`--long` it is a title and 120 characters, as only one in fifty customers' messages is. Asked for: ranked within 60 ms
and on screen within 150 ms (p95). `ranked` is when the search has returned, seen in the desk's own process; `search` is
its own time; `work` is what all threads of the desk worked from one message to the next, the painting included.

Each message comes after a rest. A desk looks for what others wrote every 5 ms, and every 30 ms once nobody has written
for some seconds: `--rest 4` measures that.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from _bench import percentiles
from _desk import PASSAGES, Writer, fill, name
from _learned import learn, publish_made
from _pty import Screen, Terminal, environment

from agentassist.clock import SystemClock
from agentassist.models import Author
from agentassist.paths import under

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _learned import Made

TOLD = """
import os, sys, time
import agentassist.search.answers as answers
import agentassist.tui.screens.desk_suggestions as work
told, search = open(sys.argv.pop(1), "a", buffering=1), work.find
def find(knowledge, entries, limit):
    began, worked = time.perf_counter(), time.thread_time()
    found = search(knowledge, entries, limit)
    print(entries[-1].seq, began, time.perf_counter(), time.thread_time() - worked, found[1].mode, file=told)
    return found
work.find = find
ranked = answers.ranked
answers.ranked = lambda *given, **more: ranked(*given, **more)._replace(good=True)
from agentassist.__main__ import main
main()
"""
"""A desk that tells when each of its searches began and was done (the clock is the same in all processes), and how long
it worked, and that shows what it finds however unlikely it is: what is made up is seldom a good match."""


WORDS = (1, 1, 3, 5, 6, 6, 7, 8, 8, 9, 9, 10, 11, 12, 13, 14, 15, 16, 18, 22, 47)
"""Words of a customer's message: every twentieth part of the 1,058 last turns of doc2dial's dev part, whose customers
write the longest of the three dev sets."""


def written(made: Sequence[Made], count: int, *, long: bool) -> list[str]:
    """Return messages, each about another article."""
    chosen = random.Random(0)
    texts = []
    for number, (article, parts) in enumerate(chosen.sample(made, count)):
        if long:
            texts.append(f"{article.title} {parts[0].text[:120]} {number}")
        else:
            words = f"{article.title} {parts[0].text}".split()
            texts.append(" ".join(words[: chosen.choice(WORDS)]))
    return texts


def suggested(screen: Screen) -> list[str]:
    """Return the lines of the panel of suggestions."""
    column, top = screen.where("─ Suggestions ") or (0, 0)
    panel = [line[column:] for line in screen.lines[top + 1 :]]
    end = next((row for row, line in enumerate(panel) if line.startswith(("╰", "─╰"))), len(panel))
    return panel[:end]


class Searches:
    """What the desk tells of its searches."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.last = 3  # entry: a message, the handoff, the claim
        file.touch()

    def of(self, seq: int) -> tuple[float, float, float] | None:
        """Return when the first search that knew of an entry began and was done, and how long it worked."""
        for line in self._file.read_text(encoding="utf-8").splitlines():
            number, began, done, worked, mode = line.split()
            if int(number) >= seq:
                if mode != "hybrid":
                    raise SystemExit(f"it searches by {mode}")
                self.last = seq
                return float(began), float(done), float(worked)
        return None


def measure(terminal: Terminal, writer: Writer, searches: Searches, asked: Sequence[str], rest: float) -> None:
    """Store messages and print how long they took."""
    chosen = random.Random(0)
    ranked: list[float] = []
    taken: list[float] = []
    searched: list[float] = []
    painted: list[float] = []
    works: list[float] = []
    for text in asked:
        writer.write(1, "one moment", Author.BOT)  # else all messages would be one burst
        # So that the moment has nothing to do with the watcher's beat, and nothing else is going on.
        terminal.drain(rest + chosen.random() * 0.1)
        before, worked = suggested(terminal.screen), terminal.processor_seconds()
        seq = searches.last + 2
        writer.write(1, text)
        stored = time.perf_counter()
        arrived = None
        while (found := searches.of(seq)) is None or (arrived is None and time.perf_counter() < found[1] + 0.3):
            at = terminal.read(0.02)
            if at and arrived is None and suggested(terminal.screen) != before:
                arrived = at
            if time.perf_counter() > stored + 5:
                raise TimeoutError(f"no search for entry {seq}\n{terminal.screen.text}")
        terminal.drain(0.2)
        works.append(terminal.processor_seconds() - worked)
        ranked.append(max(0.0, found[1] - stored))
        taken.append(found[1] - found[0])
        searched.append(found[2])
        if arrived is not None:  # else the same articles fit: nothing to see
            painted.append(max(0.0, arrived - stored))
    print(f"stored elsewhere → ranked       {percentiles(ranked)}")
    print(f"  of it the search              {percentiles(taken)}   cpu {percentiles(searched)}")
    if painted:
        print(f"stored elsewhere → on screen    {percentiles(painted)}   ({len(painted)} of {len(asked)} changed it)")
    print(f"work of the desk for a message  {statistics.mean(works) * 1e3:8.2f} ms", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=1, help="how often, in the same conversation")
    parser.add_argument("--rest", type=float, default=0.4, help="seconds before each message")
    parser.add_argument("--long", action="store_true", help="each message is a title and 120 characters")
    parser.add_argument("--lessons", type=int, default=2_000, help="conversations that the memory learns from")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        fill(home, waiting=20, passages=0)
        made = publish_made(under(home).index, PASSAGES)
        count = options.messages * options.rounds
        asked = written(made, count, long=options.long)
        learn(home, SystemClock(), asked, made, options.lessons)
        searches = Searches(home / "told")
        command = [sys.executable, "-P", "-c", TOLD, str(home / "told"), "--agent", "Ada"]
        with Terminal(command, environment(home)) as terminal, Writer(home) as writer:
            terminal.wait(name(0))
            terminal.wait("by meaning", 60)
            terminal.send("c")
            terminal.wait("1 mine")
            terminal.settle(0.5)
            for at in range(0, count, options.messages):
                print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
                measure(terminal, writer, searches, asked[at : at + options.messages], options.rest)


if __name__ == "__main__":
    main()
