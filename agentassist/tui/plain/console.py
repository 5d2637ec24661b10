"""Where plain mode reads lines and prints them. What comes in while a line is being typed does not disturb that line.

The main thread waits for a line; another thread that has news wakes it with a signal. The handler runs in the main
thread, between two keys, so nothing is ever printed by two threads, and what is half typed can be read and put back.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from typing import TYPE_CHECKING, Protocol, Self

from agentassist.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType, ModuleType
    from typing import TextIO

LINE_LIMIT = 20_000
"""The most characters of one printed line; the rest is counted."""


class Ended(SystemExit):
    """The process was asked to end, or its terminal has gone.

    Attributes:
        half_typed: what was typed and not entered then.
    """

    def __init__(self, number: int, half_typed: str) -> None:
        super().__init__(128 + number)
        self.half_typed = half_typed


class Console(Protocol):
    """What the plain desk needs of the outside: lines in, lines out."""

    def read(self, prompt: str, news: Callable[[], None]) -> str | None:
        """Return the next line, None at the end; `news` is called whenever `wake` was."""

    def say(self, lines: Iterable[str]) -> None:
        """Print whole lines."""

    def bell(self) -> None:
        """Sound the bell."""

    def wake(self) -> None:
        """Have `news` called soon. From any thread."""

    def half_typed(self) -> str:
        """Return what is typed and not entered yet."""


class Terminal:
    """Standard input and output: edited lines at a terminal, bare lines in a pipe.

    Use it as a context manager: inside, SIGUSR1 is its own, and SIGTERM and SIGHUP raise `Ended`.
    """

    def __init__(self, source: TextIO, sink: TextIO) -> None:
        self._source, self._sink = source, sink
        self._main = threading.get_ident()
        self._editor = _line_editor() if source.isatty() and sink.isatty() and source is sys.stdin else None
        self._news: Callable[[], None] | None = None
        self._woken: deque[bool] = deque()
        self._prompt = ""
        self._fresh = False
        self._open = False
        self._lock = threading.Lock()
        self._before: dict[signal.Signals, object] = {}
        self._end: Ended | None = None

    def __enter__(self) -> Self:
        self._before = {signal.SIGUSR1: signal.signal(signal.SIGUSR1, self._woke)}
        # Ended on the spot, the line editor would leave a terminal that shows nothing of what is typed.
        self._before |= {number: signal.signal(number, self._ended) for number in (signal.SIGTERM, signal.SIGHUP)}
        self._open = True
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._open = False
        # A signal that is on its way still must not end the process.
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _ended(self, number: int, _frame: FrameType | None) -> None:
        self._end = Ended(number, self.half_typed())
        raise self._end

    def wake(self) -> None:
        """Have the news told soon. From any thread."""
        with self._lock:
            self._woken.append(True)
            if self._open:
                signal.pthread_kill(self._main, signal.SIGUSR1)

    def _woke(self, _signal: int, _frame: FrameType | None) -> None:
        """Tell the news, while the main thread waits for a line; else `read` will."""
        if self._news is not None and self._woken:
            news, self._news = self._news, None
            try:
                self._tell(news)
            finally:
                self._news = news
            if self._woken:  # between the last look and the line above
                signal.raise_signal(signal.SIGUSR1)

    def _tell(self, news: Callable[[], None]) -> None:
        """Call `news`; when it printed something, put the prompt and what was half typed below it."""
        self._fresh = True
        while self._woken:
            self._woken.clear()
            news()
        if not self._fresh and self._editor is not None:
            self._write(self._prompt + self.half_typed())
        self._fresh = False

    def read(self, prompt: str, news: Callable[[], None]) -> str | None:
        """Return the next line without its end, None when there are no more.

        Raises:
            KeyboardInterrupt: ctrl+c: the line is given up.
            Ended: the process is to end.
        """
        while self._woken:
            self._woken.clear()
            news()
        self._prompt = prompt if self._editor else ""
        self._news = news
        try:
            if self._woken:
                self._woke(signal.SIGUSR1, None)
            if self._editor is not None:
                return input(prompt)
            line = self._source.readline()
        except KeyboardInterrupt:
            # `input` forgets why it was ended when news came at the same moment.
            if self._end is not None:
                raise self._end from None
            raise
        except EOFError:
            self._write("\n")
            return None
        except SystemError as error:
            # A signal while another one's news were told: Python finds its exception where none should be.
            if self._end is not None:
                raise self._end from None
            if isinstance(error.__cause__, KeyboardInterrupt):  # ctrl+c between readline's last key and its return
                raise KeyboardInterrupt from error
            raise
        finally:
            self._news = None
            self._prompt = ""
        return line.rstrip("\r\n") if line else None

    def say(self, lines: Iterable[str]) -> None:
        """Print lines; whatever they hold, only printable characters and line ends go out."""
        text = [f"{piece}\n" for line in lines for piece in clean(line, limit=LINE_LIMIT).split("\n")]
        if text and self._fresh and self._prompt:
            # The prompt makes way: what is printed over it is at least as long, and half a line is left above.
            lead = "\n" if self.half_typed() else "\r"
            text[0] = lead + text[0].rstrip("\n").ljust(len(self._prompt)) + "\n"
        self._fresh = self._fresh and not text
        self._write("".join(text))

    def bell(self) -> None:
        """Sound the terminal's bell; a pipe has none."""
        if self._sink.isatty():
            self._write("\a")

    def half_typed(self) -> str:
        """Return what is typed and not entered yet; only the main thread may ask."""
        return self._editor.get_line_buffer() if self._editor is not None and self._prompt else ""

    def _write(self, text: str) -> None:
        self._sink.writelines((text,))
        self._sink.flush()


def _line_editor() -> ModuleType:
    """Return readline, told to move no cursor: for a dumb terminal it writes only characters, blanks and backspaces."""
    os.environ["TERM"] = "dumb"  # read when the module is loaded
    import readline

    for setting in ("enable-bracketed-paste", "enable-meta-key", "show-mode-in-prompt", "colored-stats"):
        readline.parse_and_bind(f"set {setting} off")
    return readline
