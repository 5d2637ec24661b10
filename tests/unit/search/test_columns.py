"""The articles' facts as arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agentassist.errors import SearchError
from agentassist.models import Status
from agentassist.search import columns, lexical
from agentassist.search.columns import Columns

TODAY = date(2026, 11, 22)


@pytest.fixture
def opened(tmp_path: Path, article: Callable[..., Any]) -> Columns:
    """Four articles: one with two passages, an overdue one, a draft, and one in German."""
    overdue = article("overdue", "x", review_by=datetime(2026, 11, 21, tzinfo=UTC))
    german = article("german", "x", "y", "z", review_by=datetime(2026, 11, 22, tzinfo=UTC))
    lexical.write(
        tmp_path / "p.db",
        [
            article("plain", "x", "y"),
            overdue,
            article("draft", "x", status=Status.DRAFT),
            (replace(german[0], language="de"), german[1]),
        ],
    )
    return Columns.open(tmp_path, 4, 7)


def test_what_may_be_found_on_a_day(opened: Columns) -> None:
    """Published articles until the last day of their review, passage by passage."""
    allowed = opened.allowed(TODAY)
    assert allowed.mask.tolist() == [True, True, False, False, True, True, True]
    assert (allowed.count, allowed.everything, allowed.rows) == (5, False, None)
    assert opened.allowed(date(2026, 11, 23)).mask.tolist() == [True, True, False, False, False, False, False]
    assert opened.allowed(date(2020, 1, 1)).count == 6
    assert opened.allowed(TODAY).count == 5


def test_a_language_is_a_filter(opened: Columns) -> None:
    """Only articles in the languages that are asked for, and none in one that nothing is written in."""
    assert opened.allowed(TODAY, frozenset({"de"})).mask.nonzero()[0].tolist() == [4, 5, 6]
    assert opened.allowed(TODAY, frozenset({"de", "en"})).count == 5
    nothing = opened.allowed(TODAY, frozenset({"fr"}))
    assert nothing.count == 0
    assert nothing.rows is not None
    assert nothing.rows.tolist() == []
    assert opened.allowed(TODAY, frozenset()).count == 0


def test_passages_and_articles_know_each_other(opened: Columns) -> None:
    """An article's rows, and a row's article."""
    assert len(opened) == 4
    assert [list(opened.passages_of(number)) for number in range(4)] == [[0, 1], [2], [3], [4, 5, 6]]
    assert opened.article_of.tolist() == [0, 0, 1, 2, 3, 3, 3]


def test_nothing_at_all(tmp_path: Path) -> None:
    """An index without articles opens."""
    lexical.write(tmp_path / "p.db", [])
    opened = Columns.open(tmp_path, 0, 0)
    assert opened.allowed(TODAY).count == 0


@pytest.mark.parametrize("name", [columns.FILE, columns.ROWS_FILE, columns.NAMES_FILE])
@pytest.mark.parametrize("damage", ["cut", "gone", "foreign"])
def test_a_damaged_file_is_told(opened: Columns, tmp_path: Path, name: str, damage: str) -> None:
    """A cut, lost or foreign file is an error with what to do at opening."""
    assert len(opened) == 4
    held = (tmp_path / name).read_bytes()
    if damage == "gone":
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(held[:-1] if damage == "cut" else b"[1, 2]")
    with pytest.raises(SearchError, match="damaged") as caught:
        Columns.open(tmp_path, 4, 7)
    assert "kb index" in caught.value.hint
    with pytest.raises(SearchError, match="damaged"):
        Columns.open(tmp_path, 5, 7)


def test_a_number_that_is_wrong_is_told(opened: Columns, tmp_path: Path) -> None:
    """A file of the right size with wrong numbers is told when they are used, and nothing is read beyond its end."""
    for name, where in ((columns.ROWS_FILE, 0), (columns.FILE, 0), (columns.FILE, 4)):
        held = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(held[:where] + b"\xf0\xff\xff\xff" + held[where + 4 :])
        wrong = Columns.open(tmp_path, 4, 7)
        uses: list[Callable[[], object]] = [partial(wrong.allowed, TODAY)]
        if name == columns.FILE:
            uses = [partial(wrong.passages_of_all, (0, 1)), partial(wrong.passages_of, 0)]
        for use in uses:
            with pytest.raises(SearchError, match=f"damaged: {name}") as caught:
                use()
            assert "kb index" in caught.value.hint
        (tmp_path / name).write_bytes(held)
    assert opened.passages_of(0) == range(2)
