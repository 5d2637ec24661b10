"""What was asked in each search, as a vector: what a later search is compared with. Vectors only, never words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentassist.store.connection import Connection


def put(write: Connection, search_id: int, model: str, vector: bytes) -> None:
    """Keep the vector of a search inside a write.

    Args:
        write: the connection, inside `Connection.write`.
        search_id: the search; it is in the records.
        model: which encoder made the vector; not empty.
        vector: unit length, float16, "<f2"; not empty.
    """
    write.run("INSERT INTO contexts (search_id, model, vector) VALUES (?, ?, ?)", (search_id, model, vector))
