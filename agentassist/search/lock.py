"""One builder at a time: a lock that the system lets go of when its holder dies."""

from __future__ import annotations

import fcntl
import getpass
import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agentassist.clock import to_stored
from agentassist.errors import SearchError
from agentassist.paths import ensure
from agentassist.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agentassist.protocols import Clock

FILE = "build.lock"


@contextmanager
def building(index: Path, clock: Clock) -> Iterator[None]:
    """Hold the right to build in an index folder.

    Raises:
        SearchError: another process holds it (the message says who), or the folder cannot be written.
    """
    try:
        ensure(index)
        handle = os.open(index / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SearchError(
            f"the index folder cannot be written: {error}", f"Make {index} writable, or set AGENTASSIST_HOME."
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            who = clean_line(os.read(handle, 300).decode("utf-8", "replace")) or "another process"
            raise SearchError(
                f"an index is being built by {who}", "Wait until it has ended, then try again."
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, _holder(clock).encode(), 0)
        yield
    finally:
        os.close(handle)


def _holder(clock: Clock) -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "somebody"
    return f"{user} on {socket.gethostname()}, process {os.getpid()}, since {to_stored(clock.now())}"
