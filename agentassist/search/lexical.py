"""The passages in SQLite with FTS5: how they are written, found by their words, and where the words are in them."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from agentassist.errors import SearchError
from agentassist.models import Article, ArticleKind, Audience, Passage, Status
from agentassist.search import sqlite
from agentassist.search.stems import Stemmer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

FILE = "passages.db"
COLUMNS = ("title", "heading", "tags", "text")
WEIGHTS = (4.0, 2.0, 2.0, 1.0)
"""How much a word counts in each of COLUMNS: a title says what an article is about."""
MAX_WORDS = 32
_KNOWN = 4000
"""Articles that are remembered once they were read."""
_AT_ONCE = 1000
"""Ids that are asked for at a time."""
TEXT_COLUMNS = (
    *("id", "kind", "title", "url", "path", "tags", "language", "status", "audience"),
    *("updated", "review_by", "verified_by", "digest"),
)

_STOP_WORDS = (
    "a about after again all also am an and any are as at be because been before being but by can could d did do"
    " does doing don down for from get got had has have having he hello her here hers hey hi him his how i if im"
    " in into is it its just ll m me more my no not now of off on once one only or other our out over own please re"
    " s she should so some such t thank thanks than that the their them then there these they this those through"
    " to too under until up us ve very was we were what when where which while who whom why will with would you"
    " your"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""English words that are in so many passages that they say nothing. (The corpus decides about all other words.)"""
_SMALL_TALK = (
    "ok okay yes yeah yep nope sure great good fine cool perfect nice welcome bye goodbye morning afternoon evening"
    " day anyone anybody someone somebody there agent human person people representative operator support talk"
    " speak chat connect transfer real live help need want like know see let moment wait minute second sorry"
    " understand hold right ah oh hmm well really still hear happy glad assist else anything"
)
SMALL_TALK = STOP_WORDS | frozenset(_SMALL_TALK.split())
"""Words of which a conversation is full and that ask for nothing an article could answer."""

_CONTRACTION = re.compile(r"\b\w*n['’]t\b|['’](?:s|re|ve|ll|d|m)\b", re.IGNORECASE)
"""What is left of a short form would be words of their own: "won" in "won't" is no victory."""


@dataclass(frozen=True, slots=True)
class Record:
    """An article as the bundle keeps it.

    Attributes:
        first: the row of its first passage; its passages follow in order.
        count: how many passages it has.
    """

    article: Article
    first: int
    count: int


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text that are worth looking for: lower case, each once, in order, without stop words.

    When there are only stop words, those.
    """
    composed = unicodedata.normalize("NFC", text)
    found = _distinct(_CONTRACTION.sub(" ", composed))
    return tuple(word for word in found if word not in STOP_WORDS) or _distinct(composed)


def _distinct(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.lower() for word in re.findall(r"\w+", text)))


def match(chosen: Sequence[str]) -> str:
    """Return an FTS5 query for passages with any of some words.

    Each word is quoted, and a word (see `words`) has no character that means anything to FTS5 inside quotes.
    """
    return " OR ".join(f'"{word}"' for word in chosen[:MAX_WORDS])


def write(file: Path, articles: Iterable[tuple[Article, Sequence[Passage]]]) -> tuple[int, int]:
    """Write the database of a bundle, and beside it what is computed from it: see `build_words.write`."""
    from agentassist.search import build_words

    return build_words.write(file, articles)


def title_key(title: str) -> str:
    """Return what two titles have in common that a person would call the same."""
    return " ".join(re.findall(r"\w+", title.casefold()))


class Lexical:
    """The database of an open bundle. To be used by one thread at a time.

    Raises:
        SearchError: from every method, when the file turns out to be damaged.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._stemmer = Stemmer()
        self._known: dict[int, Record] = {}
        self._talk: tuple[frozenset[str], frozenset[str]] | None = None
        self._error: type[Exception] = sqlite.driver().Error

    @classmethod
    def open(cls, file: Path) -> Lexical:
        """Open a bundle's database for reading.

        Raises:
            SearchError: it is missing or damaged.
        """
        try:
            return cls(sqlite.open_read_only(file))
        except sqlite.driver().Error as error:
            raise _damaged(error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
        self._stemmer.close()

    def records(self, numbers: Sequence[int] | None = None) -> tuple[Record, ...]:
        """Return articles in the order of their passages: those with these numbers, None means all."""
        names = ", ".join((*TEXT_COLUMNS, "verbatim", "first", "count"))
        where = "" if numbers is None else f" WHERE number IN ({','.join('?' * len(numbers))})"
        query = f"SELECT {names} FROM articles{where} ORDER BY number"  # noqa: S608 — no outside text
        rows = self._rows(query, tuple(numbers or ()))
        try:
            return tuple(_record(row) for row in rows)
        except (ValueError, TypeError) as error:
            raise _damaged(error) from error

    def record(self, number: int) -> Record:
        """Return one article; the last ones are remembered.

        Raises:
            SearchError: there is none of that number, so the index is damaged.
        """
        if number not in self._known:
            self.remember((number,))
        return self._known[number]

    def remember(self, numbers: Sequence[int]) -> None:
        """Read articles that `record` will be asked for: at once it is much quicker than one by one.

        Raises:
            SearchError: there is none of one of the numbers, so the index is damaged.
        """
        new = [number for number in dict.fromkeys(numbers) if number not in self._known]
        if len(self._known) + len(new) > _KNOWN:
            self._known.clear()
            new = list(dict.fromkeys(numbers))
        for start in range(0, len(new), _AT_ONCE):
            some = sorted(new[start : start + _AT_ONCE])
            found = self.records(some)
            if len(found) != len(some):
                gone = next(number for number in some if not self.records((number,)))
                raise _damaged(f"there is no article {gone}")
            self._known.update(zip(some, found, strict=True))

    def titles(self, numbers: Sequence[int]) -> list[str]:
        """Return the titles of articles, without the rest of them.

        Raises:
            SearchError: there is none of one of the numbers, so the index is damaged.
        """
        found: dict[int, str] = {}
        for start in range(0, len(numbers), _AT_ONCE):
            some = tuple(numbers[start : start + _AT_ONCE])
            marks = ",".join("?" * len(some))
            found.update(self._rows(f"SELECT number, title FROM articles WHERE number IN ({marks})", some))  # noqa: S608
        for number in numbers:
            if number not in found:
                raise _damaged(f"there is no article {number}")
        return [found[number] for number in numbers]

    def numbers(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the numbers of the articles with these ids, of those that are in the index."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, int] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            found.update(self._rows(f"SELECT id, number FROM articles WHERE id IN ({marks})", some))  # noqa: S608
        return found

    def passages(self, rows: Sequence[int], ids: Mapping[int, str]) -> dict[int, Passage]:
        """Return passages by row.

        Args:
            rows: which ones.
            ids: the article's id by row.
        """
        marks = ",".join("?" * len(rows))
        query = f"SELECT row, number, heading, text, start FROM passages WHERE row IN ({marks})"  # noqa: S608
        return {
            row: Passage(ids[row], number, heading, text, start)
            for row, number, heading, text, start in self._rows(query, tuple(rows))
        }

    def named(self, text: str) -> tuple[int, ...]:
        """Return the numbers of the articles whose id or whole title a typed text is."""
        key = title_key(text)
        query = "SELECT number FROM articles WHERE id = ? OR (title_key = ? AND title_key != '') ORDER BY number"
        try:
            return tuple(row[0] for row in self._rows(query, (text.strip().casefold(), key)))
        except UnicodeEncodeError:
            return ()  # a lone surrogate is in no id

    def spans(self, texts: Sequence[str], chosen: Sequence[str]) -> list[tuple[tuple[int, int], ...]]:
        """Return where words are in each text: (start, end) in characters, in order, not overlapping.

        FTS5 marks them, so what is shown is exactly what was found, stems and accents included. The marks are two
        characters that no one of the texts holds, so no text can forge them.
        """
        if not chosen or not texts:
            return [()] * len(texts)
        begin, end = _unused("".join(texts))
        # Not asked of the whole index: at a million passages FTS5 would read the rows of every word to get to these.
        marked = self._stemmer.marked(texts, match(chosen), begin, end)
        return [_read_marks(one, begin, end, text) for one, text in zip(marked, texts, strict=True)]

    def stems(self, texts: Sequence[str]) -> list[dict[str, int]]:
        """Return what FTS5's tokenizer makes of whole texts: each text's stems with how often each is in it.

        The stems are those of `postings`. What a text gave is remembered: the dictionaries are not to be changed.
        """
        return self._stemmer.counted(texts)

    def ordered(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the stems of whole texts in order, as often as they are in them."""
        return self._stemmer.ordered(texts)

    def talk(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the stems of small talk, and of stop words alone."""
        if self._talk is None:
            talk, stop = self.stems([" ".join(sorted(SMALL_TALK)), " ".join(sorted(STOP_WORDS))])
            self._talk = frozenset(talk), frozenset(stop)
        return self._talk

    def _rows(self, query: str, parameters: Sequence[object]) -> list[Any]:
        try:
            return self._connection.execute(query, parameters).fetchall()
        except self._error as error:
            raise _damaged(error) from error


def _damaged(error: object) -> SearchError:
    return SearchError(f"the index is damaged: {error}", "Build it again: agentassist kb index")


def _record(row: Sequence[Any]) -> Record:
    *texts, verbatim, first, count = row
    of = dict(zip(TEXT_COLUMNS, texts, strict=True))
    article = Article(
        id=of["id"],
        kind=ArticleKind(of["kind"]),
        title=of["title"],
        url=of["url"],
        path=of["path"],
        tags=tuple(json.loads(of["tags"])),
        language=of["language"],
        status=Status(of["status"]),
        audience=Audience(of["audience"]),
        updated=date.fromisoformat(of["updated"]) if of["updated"] else None,
        review_by=date.fromisoformat(of["review_by"]) if of["review_by"] else None,
        verified_by=of["verified_by"],
        verbatim=bool(verbatim),
        digest=of["digest"],
    )
    return Record(article, first, count)


def _unused(text: str) -> tuple[str, str]:
    """Return two characters that are not in a text, from the private-use area first."""
    held = set(text)
    free = (chr(code) for code in range(0xE000, 0x10FFFE) if chr(code) not in held)
    return next(free), next(free)


def _read_marks(marked: str, begin: str, end: str, text: str) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    start = position = 0
    for char in marked:
        if char == begin:
            start = position
        elif char == end:
            spans.append((start, position))
        else:
            position += 1
    # FTS5 stops at a NUL inside a text; then there is nothing that could be trusted.
    return tuple(spans) if position == len(text) else ()
