"""The SQLite in use: the one that sqlite-utils chose. pysqlite3, where it is installed, has its own exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    from sqlite_utils.utils import sqlite3

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
