"""How soon after another process has stored a customer's message its suggestions are on the desk's screen.

Run by hand: `python tests/bench/message_to_suggestions.py`. The desk runs in a terminal, with an index of 10,000
passages and its encoder loaded. Each message is the title of another article. Asked for: p95 ≤ 150 ms.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from _bench import made_articles, percentiles
from _desk import PASSAGES, Writer, fill, name
from _pty import Screen, Terminal, desk, environment

from agentassist.models import Author


def suggested(screen: Screen) -> list[str]:
    """Return the lines of the panel of suggestions."""
    column, top = screen.where("─ Suggestions ") or (0, 0)
    panel = [line[column:] for line in screen.lines[top + 1 :]]
    end = next((row for row, line in enumerate(panel) if line.startswith(("╰", "─╰"))), len(panel))
    return panel[:end]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=80)
    options = parser.parse_args()
    chosen = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        fill(home, waiting=20)
        asked = [article.title for article, _ in chosen.sample(made_articles(PASSAGES), options.messages)]
        with Terminal(desk(), environment(home)) as terminal, Writer(home) as writer:
            terminal.wait(name(0))
            terminal.wait("by meaning", 60)
            terminal.send("c")
            terminal.wait("1 mine")
            terminal.settle(0.5)
            taken = []
            for number, title in enumerate(asked):
                writer.write(1, "one moment", Author.BOT)  # else all messages would be one burst
                # So that the moment has nothing to do with the watcher's beat, and nothing else is going on.
                terminal.drain(0.6 + chosen.random() * 0.1)
                before = suggested(terminal.screen)
                writer.write(1, f"{title} {number}")
                stored = time.perf_counter()
                try:
                    arrived = terminal.wait(lambda screen, before=before: suggested(screen) != before, 1.0)
                except TimeoutError:
                    continue  # the same articles fit: nothing to see
                taken.append(max(0.0, arrived - stored))
            print(f"{len(taken)} of {len(asked)} messages changed what is suggested")
            print(f"stored elsewhere → suggestions on screen   {percentiles(taken)}")


if __name__ == "__main__":
    main()
