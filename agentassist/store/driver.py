"""The SQLite in use: the one that sqlite-utils chose. pysqlite3, where it is installed, has its own exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    from sqlite_utils.utils import sqlite3

__all__ = ["sqlite3"]
