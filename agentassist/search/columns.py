"""What is asked of every article in a search, as memory-mapped arrays: nobody reads 250,000 records to open an index.

Two files: `articles.bin`, a row of ARTICLE an article, and `articles.json`, the names that its numbers stand for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from agentassist.errors import SearchError
from agentassist.models import Audience, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from agentassist.models import Article

FILE, NAMES_FILE, ROWS_FILE = "articles.bin", "articles.json", "articles.rows"
ARTICLE = np.dtype(
    [
        *(("first", "<u4"), ("count", "<u4"), ("review_by", "<i4")),
        *(("language", "<u2"), ("status", "u1"), ("audience", "u1")),
    ]
)
"""`review_by` is the day's ordinal (`date.toordinal`), ALWAYS without one; the others are places in the names."""
ALWAYS = 2**31 - 1
_SELECTIVE = 0.1
"""Below this share of the passages it is quicker to gather them than to look at all."""


@dataclass(frozen=True)
class Allowed:
    """Which passages may be found.

    Attributes:
        mask: shape (passages,).
        articles: whose they are, shape (articles,).
    """

    mask: NDArray[np.bool_]
    articles: NDArray[np.bool_]

    @cached_property
    def count(self) -> int:
        """How many there are."""
        return int(np.count_nonzero(self.mask))

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self.count == len(self.mask)

    @cached_property
    def rows(self) -> NDArray[np.int64] | None:
        """Their rows, ascending, when they are so few that it is quicker to look at them alone; else None."""
        return np.flatnonzero(self.mask) if self.count < len(self.mask) * _SELECTIVE else None


class ColumnsWriter:
    """Takes every article in order, and writes the files at the end."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, int, int, int, int]] = []
        self._languages: dict[str, int] = {}
        self._passages = 0

    def add(self, article: Article, count: int) -> None:
        """Take the next article, which has `count` passages."""
        # A 65,536th language would not fit; it is then only found when no language is asked for.
        language = min(self._languages.setdefault(article.language, len(self._languages)), 65535)
        review_by = article.review_by.toordinal() if article.review_by else ALWAYS
        status, audience = list(Status).index(article.status), list(Audience).index(article.audience)
        self._rows.append((self._passages, count, review_by, language, status, audience))
        self._passages += count

    def write(self, folder: Path) -> None:
        """Write the files.

        Raises:
            OSError: the disk is full or the folder cannot be written.
        """
        rows = np.array(self._rows, dtype=ARTICLE)
        (folder / FILE).write_bytes(rows.tobytes())
        (folder / ROWS_FILE).write_bytes(np.repeat(np.arange(len(rows), dtype=np.uint32), rows["count"]).tobytes())
        names = {
            "languages": list(self._languages)[:65535],
            "statuses": [status.value for status in Status],
            "audiences": [audience.value for audience in Audience],
        }
        (folder / NAMES_FILE).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")


class Columns:
    """The articles' facts of an open bundle. To be used by one thread at a time."""

    def __init__(self, rows: NDArray[Any], article_of: NDArray[Any], names: dict[str, list[str]]) -> None:
        self._rows = rows
        self._names = names
        self._last: tuple[tuple[date, frozenset[str] | None], Allowed] | None = None
        self.article_of = article_of
        """The number of each passage's article, shape (passages,), uint32."""

    @classmethod
    def open(cls, folder: Path, articles: int, passages: int) -> Columns:
        """Map the files of a bundle.

        Raises:
            SearchError: one is missing or damaged.
        """
        try:
            names = json.loads((folder / NAMES_FILE).read_text(encoding="utf-8"))
            rows = _map(folder / FILE, ARTICLE, articles)
            article_of = _map(folder / ROWS_FILE, np.dtype(np.uint32), passages)
            known = {key: list(map(str, names[key])) for key in ("languages", "statuses")}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _damaged(error) from error
        if articles and int(rows["first"][-1]) + int(rows["count"][-1]) != passages:
            raise _damaged("passages are missing")
        return cls(rows, article_of, known)

    def __len__(self) -> int:
        return len(self._rows)

    def passages_of(self, article: int) -> range:
        """Return the rows of an article's passages.

        Raises:
            SearchError: the file turns out to be damaged.
        """
        return self.passages_of_all((article,))[0]

    def passages_of_all(self, articles: Sequence[int]) -> list[range]:
        """Return the rows of the passages of each of some articles.

        Raises:
            SearchError: the file turns out to be damaged.
        """
        some = self._rows[np.asarray(articles, dtype=np.int64)]
        if np.any(some["first"].astype(np.int64) + some["count"] > len(self.article_of)):
            raise _damaged(f"{FILE} names passages that are not there")
        pairs = zip(some["first"].tolist(), some["count"].tolist(), strict=True)
        return [range(first, first + count) for first, count in pairs]

    def articles_allowed(self, today: date, languages: frozenset[str] | None = None) -> NDArray[np.bool_]:
        """Return which articles may be found, shape (articles,); see `allowed`."""
        statuses = self._names["statuses"]
        published = statuses.index(Status.PUBLISHED.value) if Status.PUBLISHED.value in statuses else -1
        fine = (self._rows["status"] == published) & (self._rows["review_by"] >= today.toordinal())
        if languages is not None:
            known = [number for number, name in enumerate(self._names["languages"]) if name in languages]
            fine &= np.isin(self._rows["language"], known)
        return np.asarray(fine, dtype=np.bool_)

    def allowed(self, today: date, languages: frozenset[str] | None = None) -> Allowed:
        """Return which passages may be found on a day; the last answer is remembered.

        Args:
            today: articles whose review is overdue by then are left out, as are those that are not published.
            languages: only articles in these; None means all.

        Raises:
            SearchError: a file turns out to be damaged.
        """
        asked = (today, languages)
        if self._last is None or self._last[0] != asked:
            fine = self.articles_allowed(today, languages)
            try:
                self._last = (asked, Allowed(fine[self.article_of], fine))
            except IndexError as error:
                raise _damaged(f"{ROWS_FILE} names articles that are not there") from error
        return self._last[1]


def _map(file: Path, kind: np.dtype[Any], count: int) -> NDArray[Any]:
    size = file.stat().st_size
    if size != count * kind.itemsize:
        raise ValueError(f"{file.name} has {size:,} bytes, not {count * kind.itemsize:,}")
    return np.memmap(file, dtype=kind, mode="r", shape=(count,)) if count else np.zeros(0, dtype=kind)


def _damaged(why: object) -> SearchError:
    return SearchError(f"the index is damaged: {why}", "Build it again: agentassist kb index")
