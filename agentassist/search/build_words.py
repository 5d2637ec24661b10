"""Writes the passages of a bundle: the database, the postings and the columns."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

from agentassist.errors import SearchError
from agentassist.search import columns, lexical, sqlite
from agentassist.search.build_postings import PostingsWriter
from agentassist.search.postings import ARTICLES_FILE
from agentassist.search.stems import TOKENIZER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from agentassist.models import Article, Passage


ARTICLE_WEIGHTS = (4, 2, 1, 1)
"""How much a word counts in an article's title, tags, headings and texts, each taken once."""


def write(file: Path, articles: Iterable[tuple[Article, Sequence[Passage]]]) -> tuple[int, int]:
    """Write the database of a bundle, and the postings and columns beside it.

    Rows of passages are numbered 0, 1, 2 … in the order given, and so are the articles.

    Returns:
        How many articles and how many passages.

    Raises:
        SearchError: the disk is full or the folder cannot be written.
        OSError: the same, while the files beside the database were written.
    """
    import sqlite_utils

    try:
        database = sqlite_utils.Database(file)
        try:
            # The file is not yet anybody's: a crash throws the whole unpublished bundle away.
            database.execute("PRAGMA journal_mode=MEMORY")
            database.execute("PRAGMA synchronous=OFF")
            _create(database)
            with (
                closing(PostingsWriter(file.parent, lexical.WEIGHTS, in_order=True)) as by_passage,
                closing(PostingsWriter(file.parent, ARTICLE_WEIGHTS, ARTICLES_FILE)) as by_article,
            ):
                counts = _fill(database, articles, (by_passage, by_article), file.parent)
                by_passage.finish()
                by_article.finish()
            _index(database)
        finally:
            database.close()
    except sqlite.driver().Error as error:
        raise SearchError(
            f"the index cannot be written: {error}", f"Make room on the disk, or make {file.parent} writable."
        ) from error
    return counts


def _create(database: Any) -> None:
    record = dict.fromkeys((*lexical.TEXT_COLUMNS, "title_key"), str)
    database["articles"].create(
        {"number": int, **record, "verbatim": int, "first": int, "count": int}, pk="number", strict=True
    )
    database["passages"].create(
        {"row": int, "article": int, "number": int, **dict.fromkeys(lexical.COLUMNS, str), "start": float},
        pk="row",
        strict=True,
    )


def _fill(
    database: Any,
    articles: Iterable[tuple[Article, Sequence[Passage]]],
    postings: tuple[PostingsWriter, PostingsWriter],
    folder: Path,
) -> tuple[int, int]:
    by_passage, by_article = postings
    number = row = 0
    facts = columns.ColumnsWriter()
    with database.atomic():
        for article, passages in articles:
            _insert(database, "articles", [_article_row(number, article, row, len(passages))])
            rows = [_passage_row(row + offset, number, article, passage) for offset, passage in enumerate(passages)]
            _insert(database, "passages", rows)
            for found in rows:
                by_passage.add(*(str(found[column]) for column in lexical.COLUMNS))
            headings = " ".join(passage.heading for passage in passages)
            by_article.add(article.title, " ".join(article.tags), headings, " ".join(p.text for p in passages))
            facts.add(article, len(passages))
            number += 1
            row += len(passages)
    facts.write(folder)
    return number, row


def _insert(database: Any, table: str, rows: Sequence[dict[str, object]]) -> None:
    # sqlite-utils would look at the table's columns again for every article.
    if rows:
        names = ", ".join(f'"{name}"' for name in rows[0])
        marks = ", ".join("?" * len(rows[0]))
        query = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608 — no outside text
        database.conn.executemany(query, [tuple(row.values()) for row in rows])


def _index(database: Any) -> None:
    database["articles"].create_index(["id"], unique=True)
    database["articles"].create_index(["title_key"])
    database["passages"].enable_fts(list(lexical.COLUMNS), tokenize=TOKENIZER)
    database["passages_fts"].optimize()
    with database.atomic():
        # How many passages have a word: what is rare is looked for first.
        database.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, passages_fts, row)")
        database.execute("CREATE TABLE words (term TEXT PRIMARY KEY, passages INTEGER NOT NULL) STRICT, WITHOUT ROWID")
        database.execute("INSERT INTO words SELECT term, doc FROM temp.vocabulary")


def _article_row(number: int, article: Article, first: int, count: int) -> dict[str, object]:
    return {
        "number": number,
        "id": article.id,
        "kind": article.kind.value,
        "title": article.title,
        "url": article.url,
        "path": article.path,
        "tags": json.dumps(article.tags, ensure_ascii=False),
        "language": article.language,
        "status": article.status.value,
        "audience": article.audience.value,
        "updated": article.updated.isoformat() if article.updated else None,
        "review_by": article.review_by.isoformat() if article.review_by else None,
        "verified_by": article.verified_by,
        "digest": article.digest,
        "title_key": lexical.title_key(article.title),
        "verbatim": int(article.verbatim),
        "first": first,
        "count": count,
    }


def _passage_row(row: int, number: int, article: Article, passage: Passage) -> dict[str, object]:
    return {
        "row": row,
        "article": number,
        "number": passage.number,
        "title": article.title,
        "heading": passage.heading,
        "tags": " ".join(article.tags),
        "text": passage.text,
        "start": passage.start,
    }
