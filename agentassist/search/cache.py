"""Keeps every vector that was ever computed, so that a passage that did not change is never embedded again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from agentassist.errors import SearchError
from agentassist.paths import ensure
from agentassist.search import sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

FILE = "embeddings.db"
_ASKED = 500
"""Keys in one query; SQLite before 3.32 takes 999 parameters."""


class EmbeddingCache:
    """Vectors by model and by what was embedded. Several processes may use it at the same time.

    Raises:
        SearchError: from every method, when the file is damaged, or the disk is full or not writable.
    """

    def __init__(self, database: Any, file: Path) -> None:
        self._database = database
        self._file = file

    @classmethod
    def open(cls, folder: Path) -> EmbeddingCache:
        """Open the cache in a folder, making it when it is not there."""
        import sqlite_utils

        file = folder / FILE
        try:
            ensure(folder)
            file.touch(mode=0o600)
            database: Any = sqlite_utils.Database(sqlite.driver().connect(file, timeout=30))
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            database["embeddings"].create(
                {"model": str, "digest": str, "vector": bytes},
                pk=("model", "digest"),
                not_null={"vector"},
                if_not_exists=True,
                strict=True,
            )
        except (OSError, sqlite.driver().Error) as error:
            raise _unusable(file, error) from error
        return cls(database, file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def known(self, model: str, digests: Sequence[str]) -> set[str]:
        """Return which of the digests have a vector."""
        return {digest for digest, _ in self._read(model, digests, "1")}

    def vectors(self, model: str, digests: Sequence[str]) -> dict[str, bytes]:
        """Return the vectors (float32, in the machine's byte order) by digest, of those that have one."""
        return dict(self._read(model, digests, "vector"))

    def add(self, model: str, vectors: Iterable[tuple[str, bytes]]) -> None:
        """Keep some vectors, all in one transaction: after this they outlive any crash of the process."""
        rows = [{"model": model, "digest": digest, "vector": vector} for digest, vector in vectors]
        try:
            with self._database.atomic():
                self._database["embeddings"].insert_all(rows, pk=("model", "digest"), replace=True)
        except sqlite.driver().Error as error:
            raise _unusable(self._file, error) from error

    def forget(self, model: str) -> None:
        """Drop all vectors of a model."""
        try:
            with self._database.atomic():
                self._database["embeddings"].delete_where("model = ?", [model])
        except sqlite.driver().Error as error:
            raise _unusable(self._file, error) from error

    def _read(self, model: str, digests: Sequence[str], column: str) -> Iterator[tuple[str, Any]]:
        for start in range(0, len(digests), _ASKED):
            some = digests[start : start + _ASKED]
            marks = ",".join("?" * len(some))
            query = f"SELECT digest, {column} FROM embeddings WHERE model = ? AND digest IN ({marks})"  # noqa: S608
            try:
                yield from self._database.execute(query, [model, *some]).fetchall()
            except sqlite.driver().Error as error:
                raise _unusable(self._file, error) from error


def _unusable(file: Path, error: Exception) -> SearchError:
    return SearchError(
        f"the cache of embeddings cannot be used: {error}",
        f"Make room on the disk, or delete {file}: it is only a cache.",
    )
