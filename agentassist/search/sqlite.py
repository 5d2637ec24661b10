"""Opens the bundle's SQLite file for reading, without paying for what only writing needs.

`import sqlite_utils` costs a cold start as much as everything else before the first result (it scans the installed
distributions for plugins and imports command-line and date parsers). Reading takes the very module that sqlite-utils
would take: pysqlite3 when it is there, else the standard library's.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


def driver() -> Any:
    """Return the DB-API module that sqlite-utils would use in this environment."""
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return importlib.import_module("sqlite3")


def open_read_only(file: Path) -> sqlite3.Connection:
    """Open a database that no process will ever change again.

    `immutable` takes no lock and writes no side file, so a read-only folder or medium is enough.
    The connection may be handed from thread to thread, but used by one at a time.

    Raises:
        driver().Error: it is missing or no database.
    """
    address = f"file:{quote(str(file.resolve()))}?mode=ro&immutable=1"
    connection: sqlite3.Connection = driver().connect(address, uri=True, check_same_thread=False)
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA trusted_schema=OFF")
    # More would be counted as this process's wherever a few rows of a large index are read.
    connection.execute("PRAGMA mmap_size=67108864")
    return connection
