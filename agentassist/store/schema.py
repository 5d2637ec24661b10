"""Which tables a file has, and how it comes to those of this version; `migrations` says what they are."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from agentassist.errors import StoreDamagedError, StoreError
from agentassist.store.driver import sqlite3

if TYPE_CHECKING:
    from pathlib import Path

APPLICATION_ID = 0x41415331
"""`AAS1`: marks the file as ours in its header, so that another program's database is not taken for it."""

VERSION = 4
"""How many migrations there are; the file's `user_version` says how many it has had."""

SHAPE = "c0f9b779c499bff6c14ee5198e8db0e5"
"""What `_digest` makes of the tables of this version, so that a file costs one small query to be recognised."""

REMADE = (
    "Another build of agentassist made it, or somebody changed its tables. Export it with that build "
    "(agentassist sessions export --json), or put back a backup; then move the file away."
)
"""What to do about tables that are not ours. Nothing is changed in such a file."""


def stand(db: sqlite3.Connection, path: Path) -> int:
    """Return how many migrations the file has had.

    Raises:
        StoreDamagedError: it is another program's database.
        StoreError: a newer version of this program wrote it.
    """
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    mark = int(db.execute("PRAGMA application_id").fetchone()[0])
    if mark != APPLICATION_ID and (mark or version or db.execute("SELECT 1 FROM sqlite_schema").fetchone()):
        raise StoreDamagedError(
            f"{path} is a database of another program", "Move it away, or set AGENTASSIST_HOME to another folder."
        )
    if version > VERSION:
        raise StoreError(
            f"{path} was written by a newer agentassist (records version {version}, this one knows {VERSION})",
            "Update agentassist on this machine. Nothing was changed.",
        )
    return version


def migrate(db: sqlite3.Connection, path: Path) -> None:
    """Bring the tables up to date; call it inside a write transaction.

    Raises:
        StoreDamagedError: it is another program's database.
        StoreError: a newer version of this program wrote it.
    """
    if stand(db, path) < VERSION:
        _apply(db)
        db.execute(f"PRAGMA user_version = {VERSION}")


def _apply(db: sqlite3.Connection) -> None:
    from sqlite_utils import Database

    from agentassist.store.migrations import migrations

    migrations.apply(Database(db))


def differences(db: sqlite3.Connection) -> tuple[str, ...]:
    """Return which tables, indexes and triggers of a file are missing or not as this version makes them.

    What somebody added (an index for a report, what ANALYZE keeps) is no difference.
    """
    found = _shape(db)
    if _digest(found) == SHAPE:
        return ()
    fresh = sqlite3.connect(":memory:")
    try:
        _apply(fresh)
        wanted = _shape(fresh)
    finally:
        fresh.close()
    missing = [f"{name} is missing" for name in wanted if name not in found]
    return (*missing, *(f"{name} differs" for name, sql in wanted.items() if found.get(name, sql) != sql))


def check(db: sqlite3.Connection, path: Path) -> None:
    """Refuse a file whose tables are not those that its version number stands for.

    Raises:
        StoreDamagedError: they are not.
    """
    if found := differences(db):
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        raise StoreDamagedError(f"{path} has not the tables of version {VERSION}: {', '.join(found[:3])}{more}", REMADE)


def _shape(db: sqlite3.Connection) -> dict[str, str]:
    """Return the SQL of what the migrations make, by kind and name.

    The tables that FTS5 and sqlite-utils keep for themselves are left out: their SQL is not ours.
    """
    rows = db.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*' "
        "AND tbl_name NOT GLOB '_sqlite_*' AND NOT (type = 'table' AND name GLOB 'entries_fts_*') ORDER BY type, name"
    )
    return {f"{kind} {name}": " ".join(sql.split()) for kind, name, sql in rows}


def _digest(shape: dict[str, str]) -> str:
    """Return a short SHA-256 (hex) of a shape."""
    text = "".join(f"{name}\0{sql}\n" for name, sql in shape.items())
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
