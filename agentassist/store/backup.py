"""A whole copy of the records while others work on them.

A plain copy of the file would miss what is still in the write-ahead log, and opening the database file by hand would
drop the locks that SQLite holds on it in this process; the backup API does neither.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from agentassist.errors import NotFoundError, StoreDamagedError, StoreFullError, UsageError
from agentassist.store import failures
from agentassist.store.connection import BUSY_SECONDS
from agentassist.store.driver import sqlite3

if TYPE_CHECKING:
    from collections.abc import Iterator


def backup(path: Path, target: Path, *, force: bool = False) -> int:
    """Copy the records to one file of mode 0600, check the copy, and only then put it in place.

    Args:
        path: the records.
        target: where to.
        force: replace a file that is there.

    Returns:
        The size of the copy in bytes.

    Raises:
        NotFoundError: there are no records yet.
        UsageError: the target is there already, or is the records themselves.
        StoreDamagedError: the copy is not healthy, so the records are not; nothing was put in place.
        StoreFullError: the target cannot be written.
        StoreError: the records cannot be read.
    """
    if not path.exists():
        raise NotFoundError(f"no records at {path}", "There is nothing to back up yet.")
    if target.exists() and (target.samefile(path) or not force):
        same = target.samefile(path)
        raise UsageError(
            f"{target} is the records themselves" if same else f"{target} is there already",
            "Choose another name." if same else "Choose another name, or give --force.",
        )
    made = _beside(target)
    try:
        with failures.told(target):
            _copy(path, made)
            _verify(made, target)
        size = made.stat().st_size
        _put(made, target, force=force)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        for leftover in (made, *_companions(made)):
            leftover.unlink(missing_ok=True)
    return size


def _beside(target: Path) -> Path:
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error
    os.close(handle)
    return Path(name)


def _companions(file: Path) -> Iterator[Path]:
    for suffix in ("-wal", "-shm", "-journal"):
        yield file.with_name(file.name + suffix)


def _copy(path: Path, made: Path) -> None:
    # mode=ro: a backup must not make or change the records. All pages in one step: with WAL this keeps nobody from
    # writing, and in several steps every write of another process would start the copy anew.
    source = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    try:
        copy = sqlite3.connect(str(made), timeout=BUSY_SECONDS, isolation_level=None)
        try:
            source.backup(copy)
            # One file, without a log beside it.
            copy.execute("PRAGMA journal_mode = DELETE").fetchone()
        finally:
            copy.close()
    finally:
        source.close()


def _verify(made: Path, target: Path) -> None:
    copy = sqlite3.connect(str(made), isolation_level=None)
    try:
        problems = [row[0] for row in copy.execute("PRAGMA integrity_check(3)")]
        if problems == ["ok"]:
            copy.execute("INSERT INTO entries_fts (entries_fts, rank) VALUES ('integrity-check', 1)")
    finally:
        copy.close()
    if problems != ["ok"]:
        raise StoreDamagedError(
            f"the records are damaged, {target} was not written: {problems[0]}",
            "Run `agentassist doctor`. Keep every older backup.",
        )


def _put(made: Path, target: Path, *, force: bool) -> None:
    handle = os.open(made, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    if force:
        made.replace(target)
    else:
        try:
            os.link(made, target)
        except FileExistsError as error:
            raise UsageError(f"{target} is there already", "Choose another name, or give --force.") from error
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _unwritable(target: Path, error: OSError) -> StoreFullError:
    return StoreFullError(
        f"{target} cannot be written: {error.strerror or error}", "Choose another place, or free some space."
    )
