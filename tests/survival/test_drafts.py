"""What is being written survives: a kill, a store that is locked, a disk that is full."""

from __future__ import annotations

import os
import resource
import signal
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

ROUNDS = 40 if "AGENTASSIST_HEAVY" in os.environ else 2
"""How often the desk is killed while somebody types."""
LOCKED_SECONDS = 8.0
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("life", range(ROUNDS))
def test_a_kill_loses_at_most_two_seconds(writing: Any, records: Any, life: int) -> None:
    """Kill -9 in the middle of typing: the draft is a beginning of what was typed, short of two seconds of it."""
    desk, number = writing()
    shown: list[tuple[float, int]] = []
    typed, late = "", 0.0
    while not shown or monotonic() < shown[0][0] + 2.2 + 2 * late + 0.45 * (life % 5):
        typed += LETTERS[len(typed) % len(LETTERS)]
        desk.send(typed[-1])
        last = typed[-20:]
        took = desk.until(lambda last=last: last in desk.text.replace("│", "").replace("\n", ""), "the letter")
        late = max(late, took)
        shown.append((monotonic(), len(typed)))
        desk.drain(0.04)
    os.kill(desk.process.pid, signal.SIGKILL)
    killed = monotonic()
    assert desk.ended() == -signal.SIGKILL
    kept = records.draft(number)
    assert typed.startswith(kept)
    # A machine that shows a letter late is as late with the clock that saves it, and with the thread that does.
    old = max(length for at, length in shown if at < killed - 2.0 - 2 * late)
    assert len(kept) >= old, (len(kept), old, len(typed))


def test_a_locked_store(writing: Any, records: Any) -> None:
    """Another process holds the lock for eight seconds: typing goes on, the reply is sent afterwards, and once."""
    desk, number = writing()
    desk.settle()
    free = _echoes(desk, "x" * 15)
    locking = subprocess.Popen(
        [sys.executable, "-c", _LOCK, str(records.path), str(LOCKED_SECONDS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert locking.stdout is not None
    assert locking.stdout.readline() == "locked\n"
    began = monotonic()
    locked: list[float] = []
    while monotonic() - began < 4.0:  # longer than a draft waits to be saved
        locked += _echoes(desk, "y")
    text = "x" * 15 + "y" * len(locked)
    desk.send("\r")
    desk.shows("sending …")
    desk.send("\r\r")
    assert records.sent(number) == []
    locking.communicate("all was seen\n", timeout=60)  # until then the lock was there, and all of this beside it
    assert locking.returncode == 0
    desk.until(lambda: "Write a reply" in desk.text, "the empty reply")
    assert records.sent(number) == [text]
    free += _echoes(desk, "z" * 15)  # others may have come to the machine meanwhile
    usual = max(statistics.median(free[:15]), statistics.median(free[15:]))
    assert statistics.median(locked) < max(0.1, 2 * usual), (free, locked)
    assert statistics.quantiles(locked, n=20)[-1] < max(0.1, 4 * max(free)), (max(free), max(locked))
    desk.until(lambda: records.draft(number) == "z" * 15, "the next draft")
    desk.drain(0.3)
    assert records.sent(number) == [text]
    assert "not saved" not in desk.text


_LOCK = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=5)
database.execute("BEGIN IMMEDIATE")
until = time.monotonic() + float(sys.argv[2])
print("locked", flush=True)
sys.stdin.readline()
time.sleep(max(0, until - time.monotonic()))
database.execute("ROLLBACK")
"""


def _echoes(desk: Any, letters: str) -> list[float]:
    """Type letters one after the other, and return how long each took to be on the screen."""
    took = []
    for letter in letters:
        before = desk.text.count(letter)
        desk.send(letter)
        took.append(desk.until(lambda letter=letter, before=before: desk.text.count(letter) > before, letter))
        desk.drain(0.01)
    return took


class Limit:
    """No file of the desk may grow: what its writes get is what they get of a full disk."""

    def __init__(self, desk: Any) -> None:
        self._pid = desk.process.pid
        self._before = resource.prlimit(self._pid, resource.RLIMIT_FSIZE)

    def full(self) -> None:
        """Let there be no room."""
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, (1, self._before[1]))

    def room(self) -> None:
        """Let there be room again."""
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, self._before)


class SmallDisk:
    """A file system of two megabytes in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)], capture_output=True, check=False
        )
        self.mounted = done.returncode == 0

    def full(self) -> None:
        """Fill it up."""
        with (self.folder / "ballast").open("wb", buffering=0) as ballast:
            try:
                while ballast.write(b"x" * 4096):
                    pass
            except OSError:
                return

    def room(self) -> None:
        """Empty it."""
        (self.folder / "ballast").unlink()

    def unmount(self) -> None:
        """Be done with it."""
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)


def survives_a_full_disk(desk: Any, number: int, records: Any, disk: Any) -> None:
    """Type and send without room: it is said in the panel of the reply, the words stay, and go on when there is."""
    desk.send("first ")
    desk.until(lambda: records.draft(number) == "first ", "the first draft")
    disk.full()
    desk.send("second")
    desk.shows("draft not saved")
    desk.shows("first second")
    desk.send("\r")
    desk.until(lambda: "not saved" in desk.text.replace("draft not saved", ""), "what became of the sending")
    desk.drain(0.5)
    assert "draft not saved" not in desk.text, "that the reply was not sent says more"
    desk.shows("first second")
    desk.send(" third")
    desk.shows("first second third")
    desk.shows("draft not saved")
    assert records.sent(number) == []
    disk.room()
    desk.until(lambda: records.draft(number) == "first second third", "the draft, saved by itself")
    desk.until(lambda: "not saved" not in desk.text, "the end of the warning")
    desk.send("\r")
    desk.until(lambda: records.sent(number), "the reply")
    desk.shows("Write a reply")
    assert records.sent(number) == ["first second third"]


def test_a_full_disk_by_a_limit(writing: Callable[..., Any], records: Any) -> None:
    """The disk is full for the desk alone."""
    desk, number = writing()
    survives_a_full_disk(desk, number, records, Limit(desk))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """The home of the records on a small disk of its own."""
    disk = SmallDisk(tmp_path / "home")
    try:
        if not disk.mounted:
            pytest.skip("nothing may be mounted here; the same is shown with a limit")
        yield disk
    finally:
        disk.unmount()


def test_a_full_disk(small_disk: SmallDisk, writing: Callable[..., Any], records: Any) -> None:
    """The disk is full for everybody."""
    desk, number = writing()
    survives_a_full_disk(desk, number, records, small_disk)


def test_leaving_with_a_full_disk(writing: Callable[..., Any], records: Any) -> None:
    """Who leaves while nothing can be saved is told first, and leaves the second time; the terminal is clean."""
    desk, number = writing()
    limit = Limit(desk)
    limit.full()
    desk.send("words")
    desk.shows("draft not saved")
    desk.send("\x11")
    desk.drain(1.0)
    assert desk.process.poll() is None
    desk.shows("words")
    desk.send("\x11")
    desk.ended()
    assert desk.stream.modes == {"7", "25"}
    assert records.draft(number) == ""
