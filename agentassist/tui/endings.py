"""How a desk ends when the agent does not ask for it: the draft is saved, and the terminal is left as it was.

Without this a window that is closed and a `kill` would end the process on the spot: half a second of the reply gone,
and a shell that types mouse movements.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, TextIO, cast

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import TextIOWrapper
    from types import FrameType

    from textual.app import App

ASKED = (signal.SIGTERM, signal.SIGHUP)
"""Somebody ends the process; the terminal has gone."""


class LineThatMayDrop:
    """Output to a terminal that may go away at any moment: what cannot be written any more is dropped.

    An error would end the thread that writes, and then the desk would wait for it for ever.

    Args:
        file: the terminal.
        gone: called once, on the thread that writes.
    """

    def __init__(self, file: TextIO, gone: Callable[[], None]) -> None:
        self._file = file
        self._gone: Callable[[], None] | None = gone

    def write(self, text: str) -> None:
        """Write."""
        self._try(partial(self._file.write, text))

    def flush(self) -> None:
        """Write what is held back."""
        self._try(self._file.flush)

    def fileno(self) -> int:
        """Return the number of the file."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Say whether it is a terminal."""
        return self._file.isatty()

    def _try(self, work: Callable[[], object]) -> None:
        if self._gone is None:
            return
        try:
            work()
        except OSError:
            tell, self._gone = self._gone, None
            tell()


class DeskDriver(LinuxDriver):
    """The terminal of a desk."""

    def __init__(
        self, app: App[None], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        if self._file is not None:
            line = LineThatMayDrop(self._file, lambda: end(app, signal.SIGHUP))
            self._file = cast("TextIOWrapper", line)

    def _sigcont_application(self, *signalled: object) -> None:
        """Take the terminal again after a stop, unless the desk is ending.

        A terminal that goes away sends this signal, too; taken then, it would be read from for ever.
        """
        if self._app.is_running and not self._app._exit and os.isatty(self.fileno):
            super()._sigcont_application(*signalled)


def end(app: App[None], number: int) -> None:
    """Have an app end as if the agent had left it. From any thread, and from a signal handler.

    Args:
        app: which.
        number: the signal that is the cause; the process ends with 128 and this, as shells say it.
    """
    loop = app._loop
    if loop is not None:
        with suppress(RuntimeError):  # it is closed: the app has just ended by itself
            loop.call_soon_threadsafe(app.exit, None, 128 + number)


@contextmanager
def endings(app: App[None], finish: Callable[[], None]) -> Iterator[None]:
    """Let an app end well until the block is left, whoever ends it, and until what it handed in is done.

    A window that is closed may tell of it twice, the shell and the system each once: what comes while the last words
    are being saved changes nothing, so that it does not end the process before they are.

    Args:
        app: which.
        finish: called when the block is left; waits for what the app has handed in.

    Raises:
        SystemExit: it was asked to end before it ran.
    """
    left = False

    def asked(number: int, _: FrameType | None) -> None:
        if app._loop is not None:
            end(app, number)
        elif not left:
            raise SystemExit(128 + number)

    app.driver_class = DeskDriver
    before = {number: signal.signal(number, asked) for number in ASKED}
    try:
        try:
            yield
        finally:
            left = True
            finish()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
