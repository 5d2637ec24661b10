"""The SQLite in use: the one that sqlite-utils would choose. pysqlite3, where it is installed, has its own exceptions.

It is chosen here because `import sqlite_utils` takes longer than a desk may take to its first picture (it scans the
installed distributions for plugins, and imports command-line and date parsers); only a migration needs it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        sqlite3 = importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        sqlite3 = importlib.import_module("sqlite3")

__all__ = ["INSTALL", "OLDEST", "SAFE", "sqlite3", "version"]

OLDEST = (3, 44, 0)
"""Below this, full text cannot be kept by triggers while the schema is not trusted, and integrity_check skips it."""

SAFE = (3, 51, 3)
"""The first SQLite in which several writers cannot damage a WAL database.

"The WAL-reset bug", https://www.sqlite.org/releaselog/3_51_3.html
"""

INSTALL = "Type: pip install 'pysqlite3>=0.6.1'"


def version() -> tuple[int, ...]:
    """Return the version of the SQLite in use."""
    return tuple(int(part) for part in sqlite3.sqlite_version.split("."))
