"""Opens the database file the one right way, and is the only way to write to it."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentassist import paths
from agentassist.errors import StoreBusyError, StoreError, StoreFullError
from agentassist.store import driver, failures, filesystem, schema
from agentassist.store.driver import sqlite3

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Parameters = Sequence[Any] | Mapping[str, Any]

BUSY_SECONDS = 10.0
"""How long a write waits for another process before it gives up."""

LIGHT_MILLISECONDS = 20
"""How long a write that may be lost waits for another process: longer than a usual write takes."""

PRAGMAS: dict[str, tuple[str, int | str]] = {
    "foreign_keys": ("ON", 1),
    "synchronous": ("FULL", 2),
    "secure_delete": ("ON", 1),
    "trusted_schema": ("OFF", 0),
    "recursive_triggers": ("ON", 1),
    "cache_size": ("-16000", -16000),
    # Four times as often as SQLite's own 1,000 pages, so that a commit that has to copy the log back copies little.
    "wal_autocheckpoint": ("250", 250),
    "journal_size_limit": (str(64 * 1024 * 1024), 64 * 1024 * 1024),
}
"""What each connection sets, and what must then be read back. journal_mode is kept in the file and set first."""


class Connection:
    """One thread's connection to the records."""

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self.path = path
        self._db = database
        self._writing = False

    @classmethod
    def open(cls, path: Path, *, busy_seconds: float = BUSY_SECONDS, any_tables: bool = False) -> Connection:
        """Open the records, making them when they are missing.

        Args:
            path: the database file.
            busy_seconds: how long a write waits for another process.
            any_tables: also when its tables are not those of its version, to look at it.

        Raises:
            StoreFullError: the file cannot be made or written.
            StoreDamagedError: it is not a healthy database of this program.
            StoreBusyError: another process held the lock for too long.
            StoreError: it is on a network file system, a newer version of this program wrote it, or SQLite is too old.
        """
        if driver.version() < driver.OLDEST:
            raise StoreError(f"SQLite {driver.sqlite3.sqlite_version} is too old for the records", driver.INSTALL)
        _make(path)
        filesystem.refuse_network(path)
        with failures.told(path):
            # isolation_level None: nothing but `write` ever begins a transaction.
            raw = sqlite3.connect(str(path), timeout=busy_seconds, isolation_level=None)
            try:
                raw.row_factory = sqlite3.Row
                connection = cls(path, raw)
                connection._prepare(busy_seconds)
                if not any_tables:
                    schema.check(connection._db, path)
            except BaseException:
                raw.close()
                raise
        return connection

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @property
    def raw(self) -> sqlite3.Connection:
        """SQLite's own connection, for the backup API."""
        return self._db

    def differences(self) -> tuple[str, ...]:
        """Return what of the tables is not as this version makes it."""
        with failures.told(self.path):
            return schema.differences(self._db)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Return every row of a SELECT; all are read, so that no snapshot stays open.

        Raises:
            StoreError: SQLite refused.
        """
        with failures.told(self.path):
            return self._db.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """Return the first row of a SELECT, or None.

        Raises:
            StoreError: SQLite refused.
        """
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def run(self, sql: str, parameters: Parameters = ()) -> int:
        """Run one writing statement inside `write`, and return the rowid it gave.

        Raises:
            StoreError: SQLite refused.
            RuntimeError: it is called outside `write`.
        """
        if not self._writing:
            raise RuntimeError("every write goes through Connection.write")
        with failures.told(self.path):
            return int(self._db.execute(sql, parameters).lastrowid or 0)

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """Hold the write lock from the first read to the commit; any exception undoes everything.

        IMMEDIATE, because a transaction that reads first and asks for the lock later fails at once when another
        process wrote in between.

        Raises:
            StoreError: SQLite refused; nothing was kept.
        """
        with failures.told(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            self._writing = True
            try:
                yield self
                self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                raise
            finally:
                self._writing = False

    @contextlib.contextmanager
    def write_lightly(self) -> Iterator[Connection]:
        """Write what may be lost: without waiting for the disk, nor for a process that is writing.

        What others see at once is on disk with the next `write` of anybody; a power cut before that undoes it.

        Raises:
            StoreBusyError: another process is writing.
            StoreError: SQLite refused; nothing was kept.
        """
        with failures.told(self.path):
            patience = self._pragma("busy_timeout")
            self._pragma(f"busy_timeout = {LIGHT_MILLISECONDS}")
            self._db.execute("PRAGMA synchronous = NORMAL")
            try:
                with self.write():
                    yield self
            finally:
                self._db.execute(f"PRAGMA synchronous = {PRAGMAS['synchronous'][0]}")
                self._pragma(f"busy_timeout = {patience}")

    def _prepare(self, busy_seconds: float) -> None:
        # Before anything is changed: a file of another program, or of a newer version, stays as it is.
        version = schema.stand(self._db, self.path)
        self._take_wal(busy_seconds)
        for name, (value, _) in PRAGMAS.items():
            self._db.execute(f"PRAGMA {name} = {value}")
        for name, expected, found in self.pragmas():
            if found != expected:
                raise StoreError(
                    f"SQLite did not take {name}: it is {found}, not {expected}", "Run `agentassist doctor`."
                )
        if version < schema.VERSION:
            with self.write():
                schema.migrate(self._db, self.path)

    def pragmas(self) -> Iterator[tuple[str, int | str, int | str]]:
        """Yield the name, the wanted and the found value of every setting."""
        yield "journal_mode", "wal", str(self._pragma("journal_mode"))
        for name, (_, expected) in PRAGMAS.items():
            yield name, expected, self._pragma(name)

    def _pragma(self, name: str) -> Any:
        return self.rows(f"PRAGMA {name}")[0][0]

    def _take_wal(self, busy_seconds: float) -> None:
        """Switch the file to WAL; SQLite asks for an exclusive lock here without waiting for it, so this waits."""
        deadline = time.monotonic() + busy_seconds
        while True:
            try:
                if self._pragma("journal_mode") != "wal":
                    self._pragma("journal_mode = WAL")
            except StoreBusyError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return


def _make(path: Path) -> None:
    """Make an empty file that only its owner can read, unless there is one.

    It is made beside and then linked into place: opening and closing the database file itself by hand would drop the
    locks that SQLite holds on it in this process.
    """
    try:
        paths.ensure(path.parent)
        if path.exists():
            return
        handle, made = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        os.close(handle)
        try:
            # When another process or thread was first, that is as good.
            with contextlib.suppress(FileExistsError):
                os.link(made, path)
        finally:
            Path(made).unlink()
    except OSError as error:
        raise StoreFullError(
            f"the records cannot be made ({error.strerror or error}): {path}",
            "Check that you may write to the folder and that the disk has room, or set AGENTASSIST_HOME.",
        ) from error
