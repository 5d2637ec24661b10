"""Runs a program in a terminal of its own and sees what a person would see: its screen, and when it changed.

Only what full-screen programs here write is understood: text, cursor positions, colours (kept as sent), erase, scroll
by newline. Everything is timed at the moment at which the bytes left the program.
"""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

REPOSITORY = Path(__file__).parents[2]
SIZE = (120, 36)
"""Columns and rows of a terminal on a laptop."""

_TOKEN = re.compile(
    r"\x1b\[(?P<csi>[<=>?]?[\d;:]*[ $]?)(?P<final>[@-~])"
    r"|\x1b[\]P_^].*?(?:\x07|\x1b\\)"
    r"|\x1b[()*+][0-9A-Za-z]|\x1b[78=>cDEHM]"
    r"|(?P<control>[\x00-\x1f\x7f])"
    r"|(?P<text>[^\x00-\x1f\x7f]+)",
    re.DOTALL,
)
_UNFINISHED = re.compile(r"\x1b(?:\[[<=>?\d;: $]*|[\]P_^][^\x07]*|[()*+]?)?$", re.DOTALL)
_ANSWERS = {
    "c": "\x1b[?62;22c",
    "6n": "\x1b[1;1R",
    "?u": "\x1b[?0u",
    "?2026$p": "\x1b[?2026;2$y",
    "?2048$p": "\x1b[?2048;0$y",
}
"""What a plain terminal answers to what it is asked; a program may wait for it."""


class Screen:
    """The cells of a terminal."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._cells = [[" "] * columns for _ in range(rows)]
        self._styles = [[""] * columns for _ in range(rows)]
        self._x = self._y = 0
        self._style = ""
        self._rest = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def lines(self) -> list[str]:
        """The text of each row."""
        return ["".join(row).rstrip() for row in self._cells]

    @property
    def text(self) -> str:
        """The text of all rows."""
        return "\n".join(self.lines)

    def styles(self, row: int) -> tuple[str, ...]:
        """How each cell of a row was coloured: the parameters of its last SGR."""
        return tuple(self._styles[row])

    def where(self, text: str) -> tuple[int, int] | None:
        """Return column and row of a text; None when it is not on screen."""
        for row, line in enumerate(self.lines):
            if (column := line.find(text)) >= 0:
                return column, row
        return None

    def feed(self, data: bytes) -> list[str]:
        """Take what a program wrote, and return what the terminal answers to it."""
        text = self._rest + self._decoder.decode(data)
        unfinished = _UNFINISHED.search(text)
        self._rest = unfinished[0] if unfinished else ""
        answers = []
        for found in _TOKEN.finditer(text[: len(text) - len(self._rest)]):
            if found["text"]:
                self._put(found["text"])
            elif found["final"]:
                if (asked := found["csi"] + found["final"]) in _ANSWERS:
                    answers.append(_ANSWERS[asked])
                else:
                    self._control(found["csi"], found["final"])
            elif found["control"] == "\n":
                self._down()
            elif found["control"] == "\r":
                self._x = 0
            elif found["control"] == "\b":
                self._x = max(0, self._x - 1)
        return answers

    def _put(self, text: str) -> None:
        for char in text:
            wide = 2 if unicodedata.east_asian_width(char) in "WF" else 1
            if unicodedata.combining(char):
                continue
            if self._x + wide > self.columns:
                self._x = 0
                self._down()
            self._cells[self._y][self._x] = char
            self._styles[self._y][self._x] = self._style
            if wide == 2:
                self._cells[self._y][self._x + 1] = ""
            self._x += wide

    def _down(self) -> None:
        if self._y < self.rows - 1:
            self._y += 1
        else:
            self._cells = [*self._cells[1:], [" "] * self.columns]
            self._styles = [*self._styles[1:], [""] * self.columns]

    def _control(self, given: str, final: str) -> None:
        if given[:1] in "<=>?" and given:
            if final == "h" and given in ("?1049", "?47", "?1047"):
                self._erase(2)
            return
        numbers = [int(part) if part.isdigit() else 0 for part in given.split(";")]
        first = numbers[0] or 1
        if final in "Hf":
            self._y = min(first, self.rows) - 1
            self._x = min((numbers[1] if len(numbers) > 1 else 0) or 1, self.columns) - 1
        elif final == "m":
            self._style = given
        elif final == "J":
            self._erase(numbers[0])
        elif final == "K":
            self._erase_line(numbers[0])
        elif final in "ABCDG":
            self._move(final, first)

    def _move(self, final: str, count: int) -> None:
        if final == "G":
            self._x = min(count, self.columns) - 1
            return
        dx, dy = {"A": (0, -1), "B": (0, 1), "C": (1, 0), "D": (-1, 0)}[final]
        self._x = min(max(self._x + dx * count, 0), self.columns - 1)
        self._y = min(max(self._y + dy * count, 0), self.rows - 1)

    def _erase(self, how: int) -> None:
        rows = {0: range(self._y + 1, self.rows), 1: range(self._y)}.get(how, range(self.rows))
        for row in rows:
            self._cells[row] = [" "] * self.columns
            self._styles[row] = [""] * self.columns
        if how in (0, 1):
            self._erase_line(how)

    def _erase_line(self, how: int) -> None:
        cells = {0: range(self._x, self.columns), 1: range(self._x + 1)}.get(how, range(self.columns))
        for column in cells:
            self._cells[self._y][column] = " "
            self._styles[self._y][column] = ""


class Terminal:
    """A program that runs in a terminal; a context manager that ends it.

    Attributes:
        started: `perf_counter` just before the process was made.
        sent: the last megabyte that the program wrote.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], *, size: tuple[int, int] = SIZE) -> None:
        self.screen = Screen(*size)
        self.sent = b""
        settings = {
            **environment, "TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": str(size[0]),
            "LINES": str(size[1]),
        }  # fmt: skip
        window = struct.pack("HHHH", size[1], size[0], 0, 0)
        self.started = time.perf_counter()
        self.pid, self._handle = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, window)
                os.execvpe(command[0], list(command), settings)
            except OSError as error:
                os.write(2, f"{command[0]}: {error}\n".encode())
            finally:
                os._exit(127)
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the program, kindly and then for sure."""
        for kind in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.perf_counter() + 2.0
            while not self._ended and time.perf_counter() < deadline:
                try:
                    os.kill(self.pid, kind)
                    self.read(0.02)
                    self._ended = os.waitpid(self.pid, os.WNOHANG)[0] == self.pid
                except (ProcessLookupError, ChildProcessError):
                    self._ended = True
        os.close(self._handle)

    def send(self, keys: str) -> float:
        """Type, and return when."""
        at = time.perf_counter()
        os.write(self._handle, keys.encode())
        return at

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the window."""
        self.screen = Screen(columns, rows)
        fcntl.ioctl(self._handle, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds: float) -> float | None:
        """Wait for output for at most some seconds and put it on the screen.

        Returns:
            When it came; None when nothing came.
        """
        ready, _, _ = select.select([self._handle], [], [], max(0.0, seconds))
        if not ready:
            return None
        try:
            data = os.read(self._handle, 1 << 16)
        except OSError:  # the program has closed its end
            data = b""
        at = time.perf_counter()
        if not data:
            time.sleep(0.01)
            return None
        self.sent = (self.sent + data)[-(1 << 20) :]
        for answer in self.screen.feed(data):
            os.write(self._handle, answer.encode())
        return at

    def wait(self, shows: str | Callable[[Screen], bool], seconds: float = 20.0) -> float:
        """Read until the screen shows something, and return when the last byte of it came.

        Raises:
            TimeoutError: it does not; the message holds the screen.
        """
        at = time.perf_counter()
        deadline = at + seconds
        while not (shows in self.screen.text if isinstance(shows, str) else shows(self.screen)):
            at = self.read(deadline - time.perf_counter()) or at
            if time.perf_counter() > deadline:
                raise TimeoutError(f"not on screen after {seconds} s: {shows!r}\n{self.screen.text}")
        return at

    def settle(self, quiet: float = 0.3, seconds: float = 10.0) -> None:
        """Read until nothing has come for a while."""
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline and self.read(quiet) is not None:
            pass

    def drain(self, seconds: float) -> None:
        """Read for a time, whatever comes."""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            self.read(left)

    def memory(self) -> float:
        """Return how much memory the program holds now, in MB, its children not counted."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        found = re.search(r"VmRSS:\s*(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    def processor_seconds(self) -> float:
        """Return how much processor time the program has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def environment(home: Path) -> dict[str, str]:
    """Return the variables with which a desk runs on a home of its own.

    Its modules are compiled once, as those of an installed package are.
    """
    given = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **given, "AGENTASSIST_HOME": str(home), "PYTHONPATH": str(REPOSITORY), "HF_HUB_OFFLINE": "1",
        "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / f"agentassist-bench-{os.getuid()}-bytecode"),
    }  # fmt: skip


def desk(agent: str = "Ada") -> list[str]:
    """Return the command that opens the desk, as its console script would."""
    return [sys.executable, "-P", "-c", "from agentassist.__main__ import main; main()", "--agent", agent]
