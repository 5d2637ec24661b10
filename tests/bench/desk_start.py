"""How long the desk takes to its first picture, beside a Textual app with one Label, and how much memory it holds.

Run by hand: `python tests/bench/desk_start.py [--rounds N] [--peer PROGRAM]…`. Each is a process of its own in a
terminal of its own, in turns; the desk's picture counts when the queue's first row is in it. Asked for: at most 1.5
times the Label's; at most 120 MB with an index of 10,000 passages before the encoder is loaded, and 300 MB after.

Posting and harlequin are started the same way beside it, each from a virtual environment of its own (they need
different versions of Textual): `python -m venv /tmp/posting && /tmp/posting/bin/pip install posting`, then
`--peer /tmp/posting/bin/posting`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from _bench import percentiles
from _desk import fill, name
from _pty import Terminal, desk, environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LABEL = """
from textual.app import App, ComposeResult
from textual.widgets import Label

class OneLabel(App[None]):
    def compose(self) -> ComposeResult:
        yield Label("only a label")

OneLabel().run()
"""
PEERS = {"posting": "Collection", "harlequin": "Data Catalog"}
"""What each shows when it can be used."""


def first_picture(command: Sequence[str], variables: Mapping[str, str], shows: str) -> tuple[float, float]:
    """Return the seconds from the process's start to what it shows, and its megabytes then."""
    with Terminal(command, variables) as terminal:
        taken = terminal.wait(shows) - terminal.started
        return taken, terminal.memory()


def loaded(variables: Mapping[str, str]) -> tuple[float, float]:
    """Return the megabytes at the first picture, and once searching by meaning is ready and was used."""
    with Terminal(desk(), variables) as terminal:
        terminal.wait(name(0))
        before = terminal.memory()
        terminal.wait("by meaning", 60)
        terminal.send("c")
        terminal.wait("1 mine")
        terminal.settle(1.0)
        time.sleep(0.5)
        return before, terminal.memory()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--peer", type=Path, action="append", default=[], help="posting or harlequin")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        fill(home)
        script = Path(folder) / "label.py"
        script.write_text(LABEL, encoding="utf-8")
        variables = environment(home)
        started = {
            "one Label": ([sys.executable, str(script)], "only a label"),
            "the desk": (desk(), name(0)),
        }
        started |= {peer.name: ([str(peer)], PEERS[peer.name]) for peer in options.peer}
        taken: dict[str, list[float]] = {what: [] for what in started}
        held: dict[str, float] = {}
        for turn in range(options.rounds + 1):
            for what, (command, shows) in started.items():
                seconds, held[what] = first_picture(command, variables, shows)
                if turn:  # the first one compiles, and fills the disk's cache
                    taken[what].append(seconds)
        for what, seconds_of in taken.items():
            ratio = statistics.median(seconds_of) / statistics.median(taken["one Label"])
            print(f"{what:10} {percentiles(seconds_of)}   ratio {ratio:.2f}   {held[what]:.0f} MB")
        before, after = loaded(variables)
        print(f"memory     {before:.0f} MB at the first picture, {after:.0f} MB with the encoder loaded and used")


if __name__ == "__main__":
    main()
