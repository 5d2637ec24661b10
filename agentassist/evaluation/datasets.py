"""Loads a data set: articles, conversations that ask for one, and which articles are right.

    corpus.jsonl               {id, title, text, …}
    queries.jsonl              {id, dialog_id, domain, split, turns: [{role, text}]}
    qrels.tsv                  query-id, corpus-id, score
    queries_no_article.jsonl   as queries.jsonl, for conversations that no article answers; may be missing

docs/evaluation.md tells what each field means.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.errors import EvaluationError, NotFoundError
from agentassist.evaluation import records
from agentassist.kb import markdown
from agentassist.kb.passages import from_blocks
from agentassist.models import Article, ArticleKind, Author

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agentassist.evaluation.records import Record
    from agentassist.models import Entry, Passage

CORPUS, QUERIES, RIGHT, UNANSWERABLE = "corpus.jsonl", "queries.jsonl", "qrels.tsv", "queries_no_article.jsonl"
MAX_SCORE = 100
_COLUMNS = ("query-id", "corpus-id", "score")


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation up to a customer's message that wants an answer.

    Attributes:
        id: unique within its data set.
        dialog_id: the conversation that it is a part of; cases of one are not independent of each other.
        domain: what it is about; empty when not told.
        entries: in order; the last one is the customer's.
        right: how right which articles are, by id, whole numbers above 0; empty when none is.
    """

    id: str
    dialog_id: str
    domain: str
    entries: tuple[Entry, ...]
    right: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Articles, and conversations that ask for them.

    Attributes:
        name: of its folder.
        articles: each with its passages, parted as the product parts them; none without a passage.
        queries: cases with at least one right article.
        unanswerable: cases that no article answers.
    """

    name: str
    articles: tuple[tuple[Article, tuple[Passage, ...]], ...]
    queries: tuple[Case, ...]
    unanswerable: tuple[Case, ...]


def load(folder: Path, split: str = "") -> Dataset:
    """Load the data set in a folder.

    Args:
        folder: holds the files named above.
        split: only the cases of this split; empty takes all.

    Raises:
        NotFoundError: there is no such folder.
        EvaluationError: a file is missing or cannot be used, or no case is of the split.
    """
    if not folder.is_dir():
        raise NotFoundError(f"there is no folder {folder}", "Name the folder of a data set: it holds corpus.jsonl.")
    corpus = _corpus(folder / CORPUS)
    right = _right(folder / RIGHT, {article.id for article, _ in corpus})
    asked = list(records.objects(folder / QUERIES))
    others = list(records.objects(folder / UNANSWERABLE)) if (folder / UNANSWERABLE).exists() else []
    seen: set[str] = set()
    queries = tuple(_case(record, right, seen) for record in asked if _of(record, split))
    unanswerable = tuple(_case(record, None, seen) for record in others if _of(record, split))
    if not queries and not unanswerable:
        known = sorted({record.text("split", needed=False) for record in (*asked, *others)} - {""})
        hint = f"There are: {', '.join(known)}." if known else "None of its queries has a split."
        raise EvaluationError(f"{folder.name} has no queries" + (f" of split {split}" if split else ""), hint)
    parted = tuple((article, passages) for article, passages in corpus if passages)
    return Dataset(folder.resolve().name, parted, queries, unanswerable)


def is_dataset(folder: Path) -> bool:
    """Say whether a folder is meant to be a data set."""
    return (folder / CORPUS).is_file()


def _of(record: Record, split: str) -> bool:
    return not split or record.text("split", needed=False) == split


def _corpus(file: Path) -> list[tuple[Article, tuple[Passage, ...]]]:
    made: list[tuple[Article, tuple[Passage, ...]]] = []
    seen: set[str] = set()
    for record in records.objects(file):
        ident, title = record.text("id"), record.text("title", needed=False)
        text = record.text("text", needed=False)
        if ident in seen:
            record.wrong("id", f"{ident!r} is there twice")
        seen.add(ident)
        if not title.strip() and not text.strip():
            record.wrong("text", "is empty, and so is the title")
        digest = hashlib.sha256(f"{title}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()
        address = record.text("url", needed=False)
        article = Article(ident, ArticleKind.ARTICLE, title, address, f"{CORPUS}:{record.line}", digest=digest)
        made.append((article, from_blocks(ident, title, markdown.parse(text or title).blocks)))
    if not made:
        records.refuse(file.name, 0, "", "holds no article")
    return made


def _right(file: Path, known: set[str]) -> dict[str, dict[str, float]]:
    right: dict[str, dict[str, float]] = defaultdict(dict)
    for record in records.rows(file, _COLUMNS):
        query, article, score = (record.text(column) for column in _COLUMNS)
        if article not in known:
            record.wrong("corpus-id", f"{article!r} is not in {CORPUS}")
        try:
            value = float(score)
        except ValueError:
            value = math.nan
        # trec_eval takes whole grades only.
        if not 0 <= value <= MAX_SCORE or value != int(value):
            record.wrong("score", f"must be a whole number from 0 to {MAX_SCORE}, not {score!r}")
        if value > 0:
            right[query][article] = value
    return right


def _case(record: Record, right: Mapping[str, Mapping[str, float]] | None, seen: set[str]) -> Case:
    """Return a record as a case; without `right` it is one that no article answers."""
    ident = record.text("id")
    if ident in seen:
        record.wrong("id", f"{ident!r} is there twice")
    seen.add(ident)
    entries = record.entries()
    if entries[-1].author is not Author.CUSTOMER:
        record.wrong("turns", "must end with the customer's")
    articles = right.get(ident, {}) if right is not None else {}
    if right is not None and not articles:
        record.wrong(
            "id", f"{ident!r} has no right article in {RIGHT}", f"If none is right, put it into {UNANSWERABLE}."
        )
    return Case(
        ident, record.text("dialog_id", needed=False) or ident, record.text("domain", needed=False), entries, articles
    )
