"""How old an article is, and until when it is right."""

from __future__ import annotations

from datetime import date

import pytest

from agentassist.models import Article, ArticleKind
from agentassist.tui.widgets.freshness import age, freshness, is_near, left

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("updated", "words"),
    [
        (date(2026, 11, 20), "today"), (date(2026, 11, 19), "yesterday"), (date(2026, 11, 8), "12 days ago"),
        (date(2026, 9, 21), "60 days ago"),
        (date(2026, 8, 20), "3 months ago"), (date(2026, 8, 21), "2 months ago"), (date(2024, 11, 21), "23 months ago"),
        (date(2024, 11, 20), "2 years ago"), (date(2027, 1, 1), "today"), (date(1, 1, 1), "2025 years ago"),
    ],
)  # fmt: skip
def test_age(updated: date, words: str) -> None:
    """Days, then whole months, then whole years; what is ahead is today."""
    assert age(updated, TODAY) == words


def test_what_is_near() -> None:
    """Thirty days are near, thirty-one are not; no date never is."""
    assert is_near(date(2026, 12, 20), TODAY)
    assert not is_near(date(2026, 12, 21), TODAY)
    assert not is_near(None, TODAY)
    assert [left(date(2026, 11, day), TODAY) for day in (19, 20, 21, 22)] == [
        "overdue",
        "today",
        "tomorrow",
        "in 2 days",
    ]


def shown(width: int, updated: date | None, review_by: date | None) -> str:
    """Return what a line says."""
    article = Article("a", ArticleKind.ARTICLE, "A", "", "", updated=updated, review_by=review_by)
    return "".join(piece.text for piece in freshness(article, TODAY, width))


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (44, "updated 3 months ago · review by 31 Aug 2027"),
        (43, "3 months old · review Aug 2027"),
        (29, "3 mo old · review Aug 2027"),
        (25, "review Aug 2027"),
        (8, "review …"),
        (0, ""),
    ],
)
def test_it_is_said_in_the_words_that_fit(width: int, words: str) -> None:
    """The same in fewer words where there is less room; the review date goes last."""
    assert shown(width, date(2026, 8, 1), date(2027, 8, 31)) == words


def test_a_near_review_is_a_warning() -> None:
    """It is told in words and in the style of a warning."""
    article = Article("a", ArticleKind.ARTICLE, "A", "", "", updated=TODAY, review_by=date(2026, 12, 2))
    line = freshness(article, TODAY, 60)
    assert "".join(piece.text for piece in line) == "updated today · review by 2 Dec, in 12 days"
    assert [piece.style for piece in line] == ["dim", "dim", "alert"]


def test_what_is_not_known_is_not_said() -> None:
    """Without dates there is nothing, with one only that one."""
    assert shown(60, None, None) == ""
    assert shown(60, date(2026, 11, 10), None) == "updated 10 days ago"
    assert shown(60, None, date(2027, 8, 31)) == "review by 31 Aug 2027"
