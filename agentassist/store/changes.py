"""Tells whether anybody has written to the records, at a price that can be paid a hundred times a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from agentassist.store import failures
from agentassist.store.driver import sqlite3

if TYPE_CHECKING:
    from pathlib import Path


class Changes:
    """A connection that only watches. Belongs to the thread that opened it."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Changes:
        """Open existing records to watch them.

        Raises:
            StoreError: they are not there yet, or cannot be read.
        """
        with failures.told(path):
            # Not read-only: such a connection may not make the WAL's index when it is the first to come.
            address = f"{path.absolute().as_uri()}?mode=rw"
            watching = cls(path, sqlite3.connect(address, uri=True, timeout=1.0, isolation_level=None))
        try:
            watching.version()
        except BaseException:
            watching.close()
            raise
        return watching

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def version(self) -> int:
        """Return a number that changes whenever another connection has written, of this process or any other.

        Raises:
            StoreError: the records cannot be read.
        """
        with failures.told(self._path):
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
