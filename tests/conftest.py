"""A real desk in a terminal of its own: what it writes is kept, told apart and put on a screen, as a terminal would."""

from __future__ import annotations

import codecs
import fcntl
import gc
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pyte
import pytest

REPOSITORY = Path(__file__).parents[1]
DESK = ("-P", "-c", "from agentassist.__main__ import main; main()")
DEADLINE = 60.0
"""How long anything is waited for: far longer than it takes on a busy machine."""

# ECMA-48: CSI has parameters, intermediates and a final byte; OSC, DCS, SOS, PM and APC go on to their terminator.
_TOKEN = re.compile(
    r"(?P<csi>(?:\x1b\[|\x9b)(?P<parameters>[0-?]*)(?P<between>[ -/]*)(?P<final>[@-~]))"
    r"|(?P<string>(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f]).*?(?:\x07|\x1b\\|\x9c))"
    r"|(?P<escape>\x1b[ -/]*[0-Z\\^-~])"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)",
    re.DOTALL,
)
_UNFINISHED = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_](?:[^\x07\x1b]|\x1b(?!\\))*|[ -/]*)?$|[\x9d\x90\x98\x9e\x9f][^\x07\x9c]*$",
    re.DOTALL,
)
_ANSWERS = {
    "c": "\x1b[?62;22c",
    "6n": "\x1b[1;1R",
    "?u": "\x1b[?0u",
    "?2026$p": "\x1b[?2026;2$y",
    "?2048$p": "\x1b[?2048;0$y",
}
"""What a plain terminal answers to what it is asked: a program may wait for it, and hostile text would type it."""


# How the tests are run: several processes at once


def pytest_xdist_auto_num_workers() -> int:
    """Run two processes a core: most tests wait for a store, a timer or another process half of their time."""
    return min(2 * (os.cpu_count() or 1), 8)


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests with the real model into one process, which begins with them: together they take the longest."""
    for item in items:
        if item.get_closest_marker("model"):
            item.add_marker(pytest.mark.xdist_group("model"))
    items.sort(key=lambda item: item.get_closest_marker("model") is None)


def pytest_collection_finish() -> None:
    """Look for garbage less often: the modules that were loaded until now stay, and looking is a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def pytest_configure() -> None:
    """Let every program that a test starts see the size of its own terminal: several runners at once set another."""
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)


class Stream:
    """What a program writes to its terminal, told apart.

    Attributes:
        kinds: each kind of control sequence that was written: `CSI ?h`, `OSC 52`, `DCS`, `ESC c`, `C0 07`, `C1 9b`.
        modes: the private modes and kitty's keys that are set now.
        text: whatever is printed, in order.
    """

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.modes: set[str] = set()
        self.printed: list[str] = []
        self._rest = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> tuple[list[str], list[str]]:
        """Take what a program wrote; return what an old terminal understands of it, and what is to be answered."""
        text = self._rest + self._decoder.decode(data)
        unfinished = _UNFINISHED.search(text)
        self._rest = unfinished[0] if unfinished else ""
        plain, answers = [], []
        for found in _TOKEN.finditer(text[: len(text) - len(self._rest)]):
            whole = found[0]
            if found["text"]:
                self.printed.append(whole)
                plain.append(whole)
            elif found["csi"]:
                asked = found["parameters"] + found["between"] + found["final"]
                self._csi(found["parameters"], found["between"], found["final"])
                if asked in _ANSWERS:
                    answers.append(_ANSWERS[asked])
                elif not re.search("[<=>]", found["parameters"]) and not found["between"]:
                    plain.append(whole)
            elif found["string"]:
                self.kinds.add(_string_kind(whole))
            elif found["escape"]:
                self.kinds.add(f"ESC {whole[1:]}")
            else:
                self.kinds.add(f"C{int(ord(whole) >= 0x80)} {ord(whole):02x}")
                plain.append(whole)
        return plain, answers

    def _csi(self, parameters: str, between: str, final: str) -> None:
        private = re.sub("[0-9:;]", "", parameters)
        self.kinds.add(f"CSI {private}{between}{final}")
        if private == "?" and final in "hl" and not between:
            names = parameters[1:].split(";")
            self.modes = self.modes.union(names) if final == "h" else self.modes.difference(names)
        elif final == "u" and private in (">", "<"):
            self.modes = self.modes | {"kitty"} if private == ">" else self.modes - {"kitty"}


def _string_kind(whole: str) -> str:
    kind = {"]": "OSC", "P": "DCS", "X": "SOS", "^": "PM", "_": "APC"}.get(whole[1]) if whole[0] == "\x1b" else None
    number = re.match(r"\x1b\](\d+)", whole)
    return f"{kind or 'C1 string'} {number[1] if number else ''}".strip()


class Terminal:
    """A program in a terminal of its own.

    Attributes:
        stream: what it has written, told apart.
        raw: all of it.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        size: tuple[int, int] = (120, 36),
        prepare: Callable[[], None] | None = None,
    ) -> None:
        self._handle, inside = os.openpty()
        self.size = size
        self._set_size()
        self.stream = Stream()
        self.raw = bytearray()
        self._pending: list[str] = []
        self._screen = pyte.Screen(*size)
        self._view = pyte.Stream(self._screen)

        def prepared() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            if prepare is not None:
                prepare()

        self.attributes = termios.tcgetattr(inside)
        self._inside = inside
        self.process = subprocess.Popen(
            command,
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env={**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
            preexec_fn=prepared,  # noqa: PLW1509 — only so the terminal is the one that hangs up
        )
        self.open = True

    # Its end

    def let_go(self) -> None:
        """Close this side's copy of the program's end: from now on hanging up is possible."""
        if self._inside >= 0:
            os.close(self._inside)
            self._inside = -1

    def hang_up(self) -> None:
        """Close the terminal, as a window is closed or a line drops."""
        if self.open:
            self.let_go()
            os.close(self._handle)
            self.open = False

    def close(self) -> None:
        """End the program and close the terminal."""
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGCONT)
            self.process.kill()
        self.process.wait()
        self.hang_up()

    def ended(self, seconds: float = DEADLINE) -> int:
        """Wait for the program's end, reading all it writes, and return its exit status."""
        end = monotonic() + seconds
        while self.process.poll() is None:
            if monotonic() > end:
                pytest.fail(f"it did not end within {seconds} s\n{self.text if self.open else ''}")
            self.read(0.02)
        while self.open and self.read(0.05):
            pass
        return int(self.process.returncode)

    # Keys

    def send(self, keys: str) -> None:
        """Type."""
        data = keys.encode()
        while data:
            data = data[os.write(self._handle, data) :]

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the window."""
        self.size = columns, rows
        self._set_size()
        self._pending.clear()
        self._screen = pyte.Screen(columns, rows)
        self._view = pyte.Stream(self._screen)

    def _set_size(self) -> None:
        fcntl.ioctl(self._handle, termios.TIOCSWINSZ, struct.pack("HHHH", self.size[1], self.size[0], 0, 0))

    # The screen

    def read(self, seconds: float) -> bool:
        """Take what the program writes within some seconds; say whether there was anything."""
        if not self.open or not select.select([self._handle], [], [], max(seconds, 0))[0]:
            return False
        try:
            data = os.read(self._handle, 1 << 16)
        except OSError:  # the program has closed its end
            return False
        self.raw += data
        plain, answers = self.stream.feed(data)
        self._pending += plain
        for answer in answers:
            self.send(answer)
        return bool(data)

    @property
    def lines(self) -> list[str]:
        """The rows of the screen."""
        if self._pending:
            self._view.feed("".join(self._pending))
            self._pending.clear()
        cells, columns = self._screen.buffer, range(self._screen.columns)
        # pyte's own `display` fails on a wide letter of which half is covered.
        return ["".join(cells[row][column].data for column in columns) for row in range(self._screen.lines)]

    @property
    def text(self) -> str:
        """The screen."""
        return "\n".join(self.lines)

    def until(self, holds: Callable[[], object], what: str = "the condition", seconds: float = DEADLINE) -> float:
        """Read until something holds, and return the seconds that it took."""
        began = monotonic()
        while not holds():
            if monotonic() - began > seconds or (self.process.poll() is not None and not self.read(0)):
                pytest.fail(f"never came: {what} (exit status {self.process.poll()})\n{self.text}")
            self.read(0.02)
        return monotonic() - began

    def shows(self, words: str, seconds: float = DEADLINE) -> float:
        """Read until words are on the screen."""
        return self.until(lambda: words in self.text, words, seconds)

    def drain(self, seconds: float) -> None:
        """Read for a time, whatever comes."""
        end = monotonic() + seconds
        while (left := end - monotonic()) > 0:
            self.read(left)

    def until_gone(self, holds: Callable[[], object], what: str, seconds: float = DEADLINE) -> None:
        """Wait until something holds that does not need the program any more."""
        end = monotonic() + seconds
        while not holds():
            if monotonic() > end:
                pytest.fail(f"never came: {what}")
            sleep(0.02)

    def settle(self, quiet: float = 0.4, seconds: float = DEADLINE) -> None:
        """Read until nothing has come for a while."""
        end = monotonic() + seconds
        while monotonic() < end and self.read(quiet):
            pass


def desk_environment(home: Path) -> dict[str, str]:
    """Return the variables with which a desk runs on a home of its own."""
    return {**os.environ, "AGENTASSIST_HOME": str(home), "PYTHONPATH": str(REPOSITORY), "HF_HUB_OFFLINE": "1"}


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Open terminals with a desk in each; whatever still runs at the end is ended.

    The arguments go to `agentassist`; `home` is AGENTASSIST_HOME, `command` takes the place of the desk's.
    """
    opened: list[Terminal] = []

    def start(*arguments: str, home: Path = tmp_path, command: Sequence[str] = (), **options: Any) -> Terminal:
        line = [*command] or [sys.executable, *DESK, *arguments]
        terminal = Terminal(line, desk_environment(home), **options)
        opened.append(terminal)
        return terminal

    yield start
    for terminal in opened:
        terminal.close()


# What the tests with the real model share


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose index of the shipped knowledge base `agentassist kb index` has built; building takes seconds."""
    home = tmp_path_factory.mktemp("home")
    done = subprocess.run(
        [sys.executable, "-m", "agentassist", "kb", "index"],
        env={**os.environ, "AGENTASSIST_HOME": str(home), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return home
