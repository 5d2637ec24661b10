"""What FTS5's tokenizer makes of texts: the very stems under which the passages are found and marked."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from agentassist.search import sqlite

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

TOKENIZER = "porter unicode61 remove_diacritics 2"
TEXTS, PIECES = 4096, 50_000
"""Texts and pieces of text between spaces whose stems are remembered: about 20 MB at most."""
_LONGEST = 64
"""Letters of a piece that is worth remembering: what is longer does not come again."""


class Stemmer:
    """FTS5's tokenizer, by a table in memory that never keeps a row. To be used by one thread at a time."""

    def __init__(self) -> None:
        self._connection: sqlite3.Connection | None = None
        self._texts: dict[str, dict[str, int]] = {}
        self._pieces: dict[str, tuple[str, ...]] = {}

    def close(self) -> None:
        """Let go of the table."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def counted(self, texts: Sequence[str]) -> list[dict[str, int]]:
        """Return the stems of each text with how often each is in it, in order of first use.

        The dictionaries are remembered: they are not to be changed.
        """
        missing = [text for text in dict.fromkeys(texts) if text not in self._texts]
        if len(self._texts) + len(missing) > TEXTS:
            self._texts.clear()
            missing = list(dict.fromkeys(texts))
        pieces = {text: text.split() for text in missing}
        self._learn([piece for some in pieces.values() for piece in some])
        for text, some in pieces.items():
            self._texts[text] = dict(Counter(stem for piece in some for stem in self._pieces[piece]))
        found = [self._texts[text] for text in texts]
        for piece in [piece for some in pieces.values() for piece in some if len(piece) > _LONGEST]:
            self._pieces.pop(piece, None)
        return found

    def ordered(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the stems of each text in order, as often as they are in it."""
        pieces = [text.split() for text in texts]
        self._learn([piece for some in pieces for piece in some])
        found = [tuple(stem for piece in some for stem in self._pieces[piece]) for some in pieces]
        for piece in [piece for some in pieces for piece in some if len(piece) > _LONGEST]:
            self._pieces.pop(piece, None)
        return found

    def _learn(self, pieces: Sequence[str]) -> None:
        # White space is a separator to the tokenizer too, so a text's tokens are those of its pieces.
        new = [piece for piece in dict.fromkeys(pieces) if piece not in self._pieces]
        if len(self._pieces) + len(new) > PIECES:
            self._pieces.clear()
            new = list(dict.fromkeys(pieces))
        for piece, stems in zip(new, self.tokens(new), strict=True):
            self._pieces[piece] = tuple(stems)

    def tokens(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the stems of each text in order; it can be none. Nothing is remembered."""
        stems: list[list[str]] = [[] for _ in texts]
        if not texts:
            return stems
        connection = self._opened()
        connection.execute("BEGIN")
        try:
            connection.executemany("INSERT INTO one(rowid, word) VALUES (?, ?)", enumerate(map(_storable, texts)))
            for term, text in connection.execute("SELECT term, doc FROM tokens ORDER BY doc, offset"):
                stems[text].append(term)
        finally:
            connection.execute("ROLLBACK")
        return stems

    def marked(self, texts: Sequence[str], query: str, begin: str, end: str) -> list[str]:
        """Return each text with marks around what an FTS5 query finds in it; empty where it finds nothing."""
        found = [""] * len(texts)
        connection = self._opened()
        connection.execute("BEGIN")
        try:
            connection.executemany("INSERT INTO one(rowid, word) VALUES (?, ?)", enumerate(map(_storable, texts)))
            ask = "SELECT rowid, highlight(one, 0, ?, ?) FROM one WHERE one MATCH ?"
            for text, marked in connection.execute(ask, (begin, end, query)):
                found[text] = str(marked)
        finally:
            connection.execute("ROLLBACK")
        return found

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite.driver().connect(":memory:", isolation_level=None, check_same_thread=False)
            self._connection.execute(f"CREATE VIRTUAL TABLE one USING fts5(word, tokenize='{TOKENIZER}')")
            self._connection.execute("CREATE VIRTUAL TABLE tokens USING fts5vocab(one, instance)")
        return self._connection


def _storable(text: str) -> str:
    """Return a text without the lone surrogates that SQLite cannot take; none is part of a word."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
