"""The one place where what SQLite says becomes a StoreError in plain words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from agentassist.errors import StoreBusyError, StoreDamagedError, StoreError, StoreFullError, UsageError
from agentassist.store.driver import sqlite3

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Primary result codes, https://www.sqlite.org/rescode.html
_PERM, _BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _AUTH, _NOTADB = (
    3, 5, 6, 8, 10, 11, 13, 14, 23, 26,
)  # fmt: skip
_UNREADABLE = frozenset({10 | (kind << 8) for kind in (1, 2, 33)})
"""Extended codes of a read that failed: IOERR_READ, IOERR_SHORT_READ, IOERR_CORRUPTFS."""


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn SQLite's exceptions into a StoreError that names `path` and says what to do.

    Raises:
        StoreBusyError: another process held the write lock for too long.
        StoreFullError: the disk is full or may not be written.
        StoreDamagedError: the file is not a healthy database.
        StoreError: anything else that SQLite refuses.
        UsageError: a number does not fit into 64 bits.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error, path) from error
    except OverflowError as error:
        raise UsageError("a number is too large for the records", "Check the id.") from error


def translate(error: sqlite3.Error, path: Path) -> StoreError:
    """Return the StoreError that says what `error` says."""
    code = int(getattr(error, "sqlite_errorcode", 0))
    primary = code & 0xFF
    if primary in (_BUSY, _LOCKED):
        return StoreBusyError(
            "the records are busy: another process is writing and did not finish in time",
            "Nothing of this was stored. Try again; if it stays so, look for a hanging agentassist process.",
        )
    if primary in (_CORRUPT, _NOTADB) or code in _UNREADABLE:
        return StoreDamagedError(
            f"the records are damaged or not a database ({error}): {path}",
            "Run `agentassist doctor`, and put back the last backup. Keep the damaged file.",
        )
    if primary in (_FULL, _IOERR):
        return StoreFullError(
            f"nothing was stored: the disk is full or cannot be written ({error}): {path}",
            "Free some space, then try again. What was stored before is safe.",
        )
    if primary in (_READONLY, _PERM, _AUTH, _CANTOPEN):
        return StoreFullError(
            f"the records cannot be written ({error}): {path}",
            "Check that the folder exists and that you may write to it, or set AGENTASSIST_HOME.",
        )
    return StoreError(f"the records refused this: {error}", "Run `agentassist doctor`.")
