"""How soon a key is on the busy desk's screen, what opening a long conversation takes, and what idling costs.

Run by hand: `python tests/bench/desk_keys.py`. The desk runs in a terminal, with an index of 10,000 passages, its
encoder loaded and 20 conversations waiting. Another process stores 20 messages a second, every second one of them in
the open conversation, so that its suggestions are found anew all the time. Asked for: a key ≤ 30 ms at p95, opening
5,000 entries ≤ 200 ms, idling ≤ 2 % of a core.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
from pathlib import Path

from _bench import percentiles
from _desk import Writer, fill, name
from _pty import Terminal, desk, environment

LONG = 5_000
A_SECOND = 20
END, HOME, ENTER, ESCAPE = "\x1b[F", "\x1b[H", "\r", "\x1b"


def words(count: int, seed: int = 0) -> list[str]:
    """Return words that are nowhere else on screen, each beginning otherwise."""
    chosen = random.Random(seed)
    return ["".join(chosen.choices("bcdfghjkmnpqrstvwxz", k=7)) for _ in range(count)]


def type_words(terminal: Terminal, count: int) -> list[float]:
    """Type words into the reply and return how long each letter took, from the third of a word on."""
    taken = []
    chosen = random.Random(1)
    for number, word in enumerate(words(count)):
        for at in range(1, len(word) + 1):
            sent = terminal.send(word[at - 1])
            if at < 3:  # shorter ones may be anywhere on screen
                terminal.drain(0.1)
                continue
            taken.append(terminal.wait(lambda screen, text=word[:at]: text in screen.text, 5.0) - sent)
            terminal.drain(0.05 + chosen.random() * 0.1)
        terminal.send("\x15" if number % 4 == 3 else " ")
        terminal.drain(0.1)
    return taken


def keep_writing(writer: Writer, stop: threading.Event) -> None:
    """Store messages until told to stop."""
    for number in range(1_000_000):
        if stop.wait(1 / A_SECOND):
            return
        writer.write(1 if number % 2 else 2 + number % 18, f"message {number} about heating and delivery of orders")


def open_long(terminal: Terminal, rounds: int) -> list[float]:
    """Open the long conversation again and again, with another one in between, and return how long it took."""
    taken: list[float] = []
    last = f"entry {LONG - 1} of {LONG}"  # the one after it is in the queue too
    for _ in range(rounds):
        terminal.send("\x1bOQ")  # F2: to the queue
        terminal.drain(0.2)
        terminal.send(END)
        terminal.drain(0.3)
        sent = terminal.send(" ")
        taken.append(terminal.wait(last, 10.0) - sent)
        terminal.settle(0.3)
        terminal.send("\x1bOQ")
        terminal.drain(0.2)
        terminal.send(HOME)
        terminal.drain(0.3)
        terminal.send(" ")
        terminal.wait(lambda screen: last not in screen.text, 10.0)
        terminal.settle(0.3)
    return taken


def idle(terminal: Terminal, seconds: float) -> float:
    """Return the share of a core that the desk uses while nothing happens."""
    terminal.drain(6.0)
    before: float = terminal.processor_seconds()
    terminal.drain(seconds)
    return float(terminal.processor_seconds() - before) / seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=40)
    parser.add_argument("--idle", type=float, default=30.0, help="seconds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        fill(home, waiting=19, entries=[LONG])
        with Terminal(desk(), environment(home)) as terminal, Writer(home) as writer:
            terminal.wait(name(0))
            terminal.wait("by meaning", 60)
            print(
                f"idle, 20 waiting, encoder loaded   {100 * idle(terminal, options.idle):.1f} % of a core", flush=True
            )
            print(f"opening {LONG:,} entries              {percentiles(open_long(terminal, 10))}", flush=True)
            terminal.send("\x1bOQ")
            terminal.drain(0.2)
            terminal.send(HOME)
            terminal.drain(0.3)
            terminal.send("c")
            terminal.wait("1 mine")
            terminal.send("r")
            terminal.settle(0.5)
            print(
                f"a key, nothing else going on       {percentiles(type_words(terminal, options.words // 4))}",
                flush=True,
            )
            stop = threading.Event()
            thread = threading.Thread(target=keep_writing, args=(writer, stop))
            thread.start()
            try:
                terminal.drain(1.0)
                print(f"a key, {A_SECOND} messages a second       {percentiles(type_words(terminal, options.words))}")
            finally:
                stop.set()
                thread.join()


if __name__ == "__main__":
    main()
