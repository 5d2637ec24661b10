"""Is everything well with the records, and if not, what to do."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from agentassist.errors import StoreError
from agentassist.models import Author, Entry, EntryKind, State
from agentassist.store import driver, failures, filesystem, schema
from agentassist.store.connection import Connection
from agentassist.store.derive import Derived, derive
from agentassist.store.driver import sqlite3
from agentassist.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_AT_ONCE = 1000
"""Conversations whose entries are in memory at once."""

_NEVER = datetime.min.replace(tzinfo=UTC)
_RESTORE = "Keep the file as it is, and put back the last backup."


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        detail: what was found.
        hint: what to do when it is not well.
    """

    name: str
    ok: bool
    detail: str
    hint: str = ""


def check(path: Path) -> tuple[Check, ...]:
    """Look at everything that can be wrong with the records; changes nothing in them.

    Args:
        path: the records; they are not made when they are missing.
    """
    found = [_sqlite()]
    if not path.exists():
        return (*found, Check("records", True, f"{path} is not there yet; the first use makes it"))
    found += [_mode(path), _filesystem(path)]
    try:
        version = _version(path)
    except StoreError as error:
        return (*found, Check("records", False, error.message, error.hint))
    if version < schema.VERSION:
        detail = f"version {version}; the next use brings it to {schema.VERSION}"
        return (*found, Check("records", True, detail))
    try:
        connection = Connection.open(path, any_tables=True)
    except StoreError as error:
        return (*found, Check("records", False, error.message, error.hint))
    try:
        for name, look in (
            ("records", _size),
            ("tables", _tables),
            ("settings", _settings),
            ("integrity", _integrity),
            ("references", _references),
            ("full text", _full_text),
            ("state", _state),
        ):
            found.append(_looked(name, look, connection))
    finally:
        connection.close()
    return tuple(found)


def _looked(name: str, look: Callable[[Connection], Check], connection: Connection) -> Check:
    try:
        return look(connection)
    except StoreError as error:
        return Check(name, False, error.message, error.hint)


def _sqlite() -> Check:
    detail = f"SQLite {sqlite3.sqlite_version} from {sqlite3.__name__.partition('.')[0]}"
    if driver.version() < driver.SAFE:
        return Check("sqlite", False, f"{detail}: several desks at once can damage the records", driver.INSTALL)
    return Check("sqlite", True, detail)


def _mode(path: Path) -> Check:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Check("file mode", False, f"{mode:04o}: others on this machine can read it", f"Type: chmod 600 '{path}'")
    return Check("file mode", True, f"{mode:04o}")


def _filesystem(path: Path) -> Check:
    kind = filesystem.network_kind(path)
    if kind:
        return Check("file system", False, f"on a network ({kind})", "Move it to a disk of this machine.")
    return Check("file system", True, "on this machine")


def _version(path: Path) -> int:
    """Return how many migrations the file has had, without changing it."""
    with failures.told(path):
        raw = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
        try:
            return schema.stand(raw, path)
        finally:
            raw.close()


def _size(connection: Connection) -> Check:
    counts = [
        counted(row[0], one, table)
        for one, table in (("conversation", "conversations"), ("entry", "entries"), ("customer", "customers"))
        for row in connection.rows(f"SELECT count(*) FROM {table}")  # noqa: S608 - constant names
    ]
    return Check("records", True, f"{connection.path}, version {schema.VERSION}, {', '.join(counts)}")


def _tables(connection: Connection) -> Check:
    """Compare tables, indexes and triggers with those that a new file gets."""
    found = connection.differences()
    return Check("tables", not found, ", ".join(found) or "as this version makes them", schema.REMADE if found else "")


def _settings(connection: Connection) -> Check:
    wrong = [
        f"{name} is {found}, not {expected}" for name, expected, found in connection.pragmas() if found != expected
    ]
    return Check("settings", not wrong, "; ".join(wrong) or "as they should be", "" if not wrong else _RESTORE)


def _integrity(connection: Connection) -> Check:
    problems = [str(row[0]) for row in connection.rows("PRAGMA integrity_check(5)")]
    ok = problems == ["ok"]
    return Check("integrity", ok, "; ".join(problems), "" if ok else _RESTORE)


def _references(connection: Connection) -> Check:
    broken = connection.rows("PRAGMA foreign_key_check")
    ok = not broken
    return Check(
        "references",
        ok,
        "all there" if ok else f"{counted(len(broken), 'row')} without what is pointed at",
        "" if ok else _RESTORE,
    )


def _full_text(connection: Connection) -> Check:
    """Compare the full text with the entries, word for word; needs the write lock and writes nothing."""
    with connection.write() as write:
        write.run("INSERT INTO entries_fts (entries_fts, rank) VALUES ('integrity-check', 1)")
    return Check("full text", True, "agrees with the entries")


def _state(connection: Connection) -> Check:
    """Compare what the triggers kept with what the entries say."""
    wrong = []
    # By name, so that a column that is not there is told as any other fault.
    columns = ", ".join(("conversation_id", *Derived.__dataclass_fields__))
    rows = connection.rows(f"SELECT {columns} FROM conversation_state")  # noqa: S608 - constant names
    kept = {row["conversation_id"]: row for row in rows}
    count = len(kept)
    for conversation_id, entries in _slim(connection):
        row = kept.pop(conversation_id, None)
        if row is None or _kept(row) != derive(entries):
            wrong.append(conversation_id)
    wrong += [number for number, row in kept.items() if _kept(row) != Derived()]
    if wrong:
        named = ", ".join(str(number) for number in wrong[:5])
        number = counted(len(wrong), "conversation")
        return Check("state", False, f"not what the entries say in {number}: {named}", _RESTORE)
    return Check("state", True, f"{counted(count, 'conversation')} compared with what the entries say")


def _kept(row: sqlite3.Row) -> Derived:
    values = {name: row[name] for name in Derived.__dataclass_fields__ if name != "state"}
    return Derived(state=State(row["state"]), **values)


def _slim(connection: Connection) -> Iterator[tuple[int, list[Entry]]]:
    """Yield the entries of each conversation, without the words that its state does not depend on."""
    last = connection.rows("SELECT coalesce(max(id), 0) FROM conversations")[0][0]
    for start in range(0, last, _AT_ONCE):
        rows = connection.rows(
            "SELECT conversation_id, seq, author, author_name, kind, iif(kind = 'event', text, '') AS text, "
            "iif(kind = 'event', data, '{}') AS data FROM entries "
            "WHERE conversation_id > ? AND conversation_id <= ? ORDER BY conversation_id, seq",
            (start, start + _AT_ONCE),
        )
        for conversation_id, group in groupby(rows, key=lambda row: int(row["conversation_id"])):
            yield conversation_id, [_entry(row) for row in group]


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        row["conversation_id"],
        row["seq"],
        _NEVER,
        Author(row["author"]),
        row["author_name"],
        EntryKind(row["kind"]),
        row["text"],
        json.loads(row["data"]),
    )
