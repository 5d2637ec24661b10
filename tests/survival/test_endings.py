"""However the desk ends, the draft is on disk, nothing it started goes on, and the terminal is as it was."""

from __future__ import annotations

import os
import signal
import termios
from pathlib import Path
from typing import Any

import pytest

from agentassist.store.driver import sqlite3

USUAL = frozenset({"7", "25"})
"""The private modes of a terminal that nobody has touched: lines wrap, the cursor is seen."""


def is_as_it_was(desk: Any, modes: frozenset[str] = USUAL) -> bool:
    """Say whether everything that was set in the terminal was reset, and only the usual modes are set."""
    fresh = termios.tcgetattr(desk._handle) == desk.attributes
    return fresh and set(desk.stream.modes) == modes


def children(pid: int) -> set[int]:
    """Return the processes that a process has started, and theirs."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text(encoding="utf-8").split():
            found |= {int(child), *children(int(child))}
    return found


def lives(pid: int) -> bool:
    """Say whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_well(writing: Any, records: Any, number: signal.Signals) -> None:
    """A desk that is asked to end saves the last words, puts the terminal in order, and says why it ended."""
    desk, conversation = writing()
    desk.send("the last words")
    desk.shows("the last words")
    desk.process.send_signal(number)
    assert desk.ended() == 128 + number
    assert records.draft(conversation) == "the last words"
    assert is_as_it_was(desk), desk.stream.modes
    assert "Traceback" not in desk.raw.decode(errors="replace")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_plain_desk_well(open_terminal: Any, records: Any, number: signal.Signals) -> None:
    """In lines it is the same: the half of a line that was typed is kept, and the terminal shows what is typed."""
    conversation = records.arrive()
    desk = open_terminal("--plain", "--agent", "Ada", home=records.home)
    desk.until(lambda: b"> " in desk.raw, "the prompt")
    for line, answer in (("next", "Dana Reyes"), ("reply", "Reply: "), ("first line", "Reply: ")):
        desk.stream.printed.clear()
        desk.send(f"{line}\n")
        desk.until(lambda answer=answer: answer in "".join(desk.stream.printed), answer)
    desk.send("half of")
    desk.until(lambda: "half of" in "".join(desk.stream.printed), "the half line")
    desk.process.send_signal(number)
    assert desk.ended() == 128 + number
    assert records.draft(conversation) == "first line\nhalf of"
    assert is_as_it_was(desk, frozenset())


def test_a_signal_while_a_dialog_is_open(writing: Any, records: Any) -> None:
    """It is the same behind a dialog."""
    desk, conversation = writing()
    desk.send("the last words")
    desk.shows("the last words")
    desk.send("\x17")
    desk.shows("How did it end?")
    desk.process.send_signal(signal.SIGTERM)
    assert desk.ended() == 128 + signal.SIGTERM
    assert records.draft(conversation) == "the last words"
    assert is_as_it_was(desk), desk.stream.modes


def test_what_comes_while_the_last_words_are_saved(writing: Any, records: Any) -> None:
    """A window that is closed may tell of it again and again: not before they are saved does the desk end."""
    desk, conversation = writing()
    other = sqlite3.connect(records.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # before they are typed: else a slow machine has saved them by now
    desk.send("the last words")
    desk.shows("the last words")
    desk.process.send_signal(signal.SIGHUP)
    desk.until(lambda: is_as_it_was(desk), "the terminal as it was")
    for _ in range(10):
        desk.process.send_signal(signal.SIGHUP)
        desk.process.send_signal(signal.SIGCONT)  # the system sends both
        desk.drain(0.1)
    assert desk.process.poll() is None
    assert records.draft(conversation) == "", "the store was not locked"
    other.execute("COMMIT")
    other.close()
    assert desk.ended() == 128 + signal.SIGHUP
    assert records.draft(conversation) == "the last words"
    assert is_as_it_was(desk), desk.stream.modes
    assert "Traceback" not in desk.raw.decode(errors="replace")


def test_leaving_leaves_the_terminal_clean(writing: Any, records: Any) -> None:
    """The usual end: ctrl+q."""
    desk, conversation = writing()
    desk.send("the last words")
    desk.shows("the last words")
    desk.send("\x11")
    assert desk.ended() == 0
    assert records.draft(conversation) == "the last words"
    assert is_as_it_was(desk), desk.stream.modes


def test_a_closed_window_ends_it(writing: Any, records: Any) -> None:
    """When the terminal goes away, the process ends within seconds, with the last words on disk."""
    desk, conversation = writing()
    desk.send("the last words")
    desk.shows("the last words")
    desk.hang_up()
    desk.process.wait(60)
    assert records.draft(conversation) == "the last words"


def test_a_closed_window_that_nobody_tells_of(writing: Any, records: Any) -> None:
    """It is the same when no signal comes with it: what is written fails, and that is enough."""
    desk, conversation = writing(command=["setsid", "-w", *desk_command()])
    desk.send("the last words")
    desk.shows("the last words")
    (inner,) = children(desk.process.pid)
    desk.hang_up()
    desk.until_gone(lambda: not lives(inner), "its end")
    assert records.draft(conversation) == "the last words"


def desk_command() -> list[str]:
    """Return the command line of a desk, for another program to start."""
    import sys

    return [sys.executable, "-P", "-c", "from agentassist.__main__ import main; main()", "--agent", "Ada"]


def test_stopped_and_continued(writing: Any, records: Any) -> None:
    """Suspended, the terminal is the shell's; continued, the desk is all there again, and what is typed arrives."""
    desk, conversation = writing()
    desk.send("before ")
    desk.shows("before")
    desk.process.send_signal(signal.SIGTSTP)
    desk.until(lambda: _state(desk.process.pid) == "T", "the stop")
    desk.drain(0.1)
    assert desk.stream.modes == USUAL
    desk.resize(*desk.size)  # nothing of the old picture is known any more
    desk.process.send_signal(signal.SIGCONT)
    desk.shows("Dana Reyes")
    desk.shows("before")
    desk.send("after")
    desk.shows("before after")
    desk.process.send_signal(signal.SIGTERM)
    assert desk.ended() == 128 + signal.SIGTERM
    assert records.draft(conversation) == "before after"
    assert is_as_it_was(desk), desk.stream.modes


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0]


@pytest.mark.parametrize("how", ["kill", "window", "term"])
def test_nothing_goes_on_without_it(open_terminal: Any, tmp_path: Path, how: str) -> None:
    """The demonstration builds its index in other processes; they end with it, however it ends."""
    home = tmp_path / "home"
    desk = open_terminal("demo", "--no-hints", home=home)
    desk.shows("Queue")
    desk.until(lambda: children(desk.process.pid), "the process that builds the index")
    desk.drain(0.5)
    started = children(desk.process.pid)
    if how == "window":
        desk.hang_up()
    else:
        os.kill(desk.process.pid, signal.SIGKILL if how == "kill" else signal.SIGTERM)
    desk.ended()
    desk.until_gone(lambda: not any(map(lives, started)), "the end of the children")
    if how == "term":
        assert is_as_it_was(desk), desk.stream.modes
