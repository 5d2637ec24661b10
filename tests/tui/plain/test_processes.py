"""The plain desk as a process of its own, in a pipe and at a terminal, while another process writes."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import select
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest

from agentassist import paths
from agentassist.clock import SystemClock
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.store.store import Store
from agentassist.tui.plain.console import Ended, Terminal

DEADLINE = 60.0
SOON = 0.3
"""Seconds from stored to printed."""
TRIES = 100
"""The machine may be busy: one of so many messages has to be that fast, and the first that is ends it."""


class Process:
    """A plain desk, and everything that it has printed."""

    def __init__(self, home: Path, *, terminal: bool) -> None:
        environment = {**os.environ, "AGENTASSIST_HOME": str(home), "TERM": "xterm-256color", "PYTHONUTF8": "1"}
        line = [sys.executable, "-m", "agentassist", "--agent", "Ada", "--plain"]
        self.printed = b""
        if terminal:
            self._in, theirs = pty.openpty()
            self._out = self._in
            # Its controlling terminal, so that ctrl+c reaches it.
            self.process = subprocess.Popen(
                line,
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                env=environment,
                start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 — no other thread runs here
            )
            os.close(theirs)
        else:
            self.process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
            assert self.process.stdin is not None
            assert self.process.stdout is not None
            self._in, self._out = self.process.stdin.fileno(), self.process.stdout.fileno()

    def wait_for(self, words: str) -> float:
        """Read until words were printed since `forget`; return how long it took."""
        start = monotonic()
        while words.encode() not in self.printed:
            assert self._read(DEADLINE - (monotonic() - start)), f"never came: {words}\n{self.printed.decode()}"
        return monotonic() - start

    def type(self, text: str) -> None:
        """Type, and forget what was printed before."""
        self.printed = b""
        os.write(self._in, text.encode())

    def end(self) -> int:
        """Read to the end, and return how it ended."""
        while self._read(DEADLINE):
            pass
        return self.process.wait(DEADLINE)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._out], [], [], max(seconds, 0))[0]:
            return False
        try:
            data = os.read(self._out, 65536)
        except OSError:  # what Linux answers when the other side has ended
            return False
        self.printed += data
        return bool(data)

    def close(self) -> None:
        """Let go of it, however the test ended."""
        self.process.kill()
        self.process.wait()
        if self.process.stdin is None:
            os.close(self._in)
        else:
            self.process.stdin.close()
            assert self.process.stdout is not None
            self.process.stdout.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The records, as another process has them open."""
    with Store.open(paths.under(tmp_path).database, SystemClock()) as store:
        yield store


@pytest.fixture
def start(tmp_path: Path, store: Store) -> Iterator[Callable[..., Process]]:
    """Start plain desks on the records."""
    started: list[Process] = []

    def make(*, terminal: bool) -> Process:
        started.append(Process(tmp_path, terminal=terminal))
        return started[-1]

    yield make
    for process in started:
        process.close()


def arrive(store: Store) -> int:
    """Let a customer arrive, handed over."""
    number = store.transcript.start(Customer("cust-1", "Dana Reyes"), "web")
    say(store, number, "my dial wont pair")
    store.claims.handoff(number, "asked for a person")
    return number


def say(store: Store, number: int, text: str) -> None:
    """Let the customer write."""
    store.transcript.append(number, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text))


@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
def test_what_another_process_stores_is_printed_soon(store: Store, start: Any, terminal: bool) -> None:
    """A new customer and a new message are whole lines within 300 ms, and not one escape byte is among them."""
    desk = start(terminal=terminal)
    desk.wait_for("0 waiting")
    desk.type("\n")
    number = arrive(store)
    desk.wait_for(f"Waiting: Dana Reyes, since 0 minutes, asked for a person, conversation {number}")
    everything = desk.printed
    desk.type(f"claim {number}\n")
    desk.wait_for("you claimed the conversation")
    took = []
    for count in range(TRIES):
        everything += desk.printed
        say(store, number, f"message {count} \x1b[31m red")
        took.append(desk.wait_for(f"Customer: message {count} ␛[31m red ("))
        if took[-1] <= SOON:
            break
    desk.type("quit\n")
    desk.wait_for("Goodbye.")
    assert desk.end() == 0
    assert min(took) <= SOON, took
    assert b"\x1b" not in everything + desk.printed


def test_a_half_typed_line_survives_what_comes_in(store: Store, start: Any) -> None:
    """What was typed so far is below the line that came in, and goes on where it was."""
    number = arrive(store)
    desk = start(terminal=True)
    desk.wait_for("1 waiting")
    desk.type(f"claim {number}\n")
    desk.wait_for("you claimed the conversation")
    desk.wait_for("> ")
    desk.type("say Hold the but")
    desk.wait_for("say Hold the but")
    desk.printed = b""
    say(store, number, "it blinks")
    desk.wait_for("Customer: it blinks (")
    desk.wait_for("> say Hold the but")
    desk.type("ton.\n")
    # The customer's line came while this one was being typed: it is held, and then sent when asked again.
    desk.wait_for("System: Not sent: 1 new entry")
    desk.type("send\nquit\n")
    assert desk.end() == 0
    assert [entry.text for entry in store.transcript.entries(number)][-1] == "Hold the button."


def test_control_c_gives_up_the_line_and_control_d_leaves(store: Store, start: Any) -> None:
    """Neither sends anything; a reply that was being written is kept as a draft."""
    number = arrive(store)
    desk = start(terminal=True)
    desk.wait_for("1 waiting")
    desk.type(f"claim {number}\n")
    desk.wait_for("you claimed the conversation")
    desk.type("reply\n")
    desk.wait_for("Reply: ")
    desk.type("first line\n")
    desk.wait_for("Reply: ")
    desk.type("second li")
    desk.wait_for("second li")
    desk.type("\x03")
    desk.wait_for("kept as a draft. To go on: reply\r\n> ")
    desk.type("\x04")
    desk.wait_for("Goodbye.")
    assert desk.end() == 0
    draft = store.drafts.get(number, "Ada")
    assert draft is not None
    assert draft.text == "first line"


def test_a_killed_desk_loses_at_most_the_last_words(store: Store, start: Any) -> None:
    """Half a line of a reply is saved while it stands there."""
    number = arrive(store)
    desk = start(terminal=True)
    desk.wait_for("1 waiting")
    desk.type(f"claim {number}\nreply\nfirst line\nhalf a line")
    end = monotonic() + DEADLINE
    while (draft := store.drafts.get(number, "Ada")) is None or draft.text != "first line\nhalf a line":
        desk._read(0.05)
        assert monotonic() < end, draft
    desk.process.kill()


def test_a_script_in_a_pipe(store: Store, start: Any) -> None:
    """Lines from a pipe are done one after the other, and the end of the pipe leaves."""
    number = arrive(store)
    desk = start(terminal=False)
    desk.type(f"open {number}\nclaim\nreply\nHello Dana.\nHold it for ten seconds.\n.\nclose now\n")
    desk.process.stdin.close()
    assert desk.end() == 0
    assert b"System: Closed Dana Reyes as Solved" in desk.printed
    assert b">" not in desk.printed
    assert "Hello Dana.\nHold it for ten seconds." in [entry.text for entry in store.transcript.entries(number)]


def test_its_end_is_told_whatever_python_makes_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal while the news of another one are told may come out of `input` as an error of Python's own."""
    terminal = Terminal(io.StringIO(), io.StringIO())
    terminal._editor = SimpleNamespace(get_line_buffer=lambda: "half of")  # type: ignore[assignment]

    def confused(_prompt: str) -> str:
        try:
            terminal._ended(signal.SIGHUP, None)
        except Ended as ended:
            raise SystemError("returned a result with an exception set") from ended
        raise AssertionError

    monkeypatch.setattr("builtins.input", confused)
    with pytest.raises(Ended) as caught:
        terminal.read("Reply: ", lambda: None)
    assert (caught.value.code, caught.value.half_typed) == (128 + signal.SIGHUP, "half of")
