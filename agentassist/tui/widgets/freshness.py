"""How old an article is, and until when it is right, as people say it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from agentassist.tui.widgets.lines import Piece, fit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from agentassist.models import Article
    from agentassist.tui.widgets.lines import Line

NEAR_DAYS = 30
"""A review that is due within so many days is told as a warning."""


def age(updated: date, today: date) -> str:
    """Say how long ago an article was updated: `today`, `yesterday`, `12 days ago`, `3 months ago`, `2 years ago`.

    A date that is ahead counts as today: somebody's clock is wrong.
    """
    days = max((today - updated).days, 0)
    if days < 2:
        return "yesterday" if days else "today"
    months = (today.year - updated.year) * 12 + today.month - updated.month - (today.day < updated.day)
    if days < 60 or months < 2:
        return f"{days} days ago"
    return f"{months} months ago" if months < 24 else f"{months // 12} years ago"


def day(date: date) -> str:
    """Write a date: `31 Aug 2027`."""
    return f"{date.day} {date:%b} {date.year}"


def is_near(review_by: date | None, today: date) -> bool:
    """Say whether an article has to be reviewed soon."""
    return review_by is not None and (review_by - today).days <= NEAR_DAYS


def left(review_by: date, today: date) -> str:
    """Say how long an article is still right: `today`, `tomorrow`, `in 12 days`."""
    days = (review_by - today).days
    if days < 0:
        return "overdue"
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


def freshness(article: Article, today: date, width: int) -> Line:
    """Return age and review date in the longest words that fit a width; nothing when neither is known."""
    pieces: Line = ()
    for pieces in _forms(article, today):
        if sum(cell_len(piece.text) for piece in pieces) <= width:
            return pieces
    return tuple(Piece(fit(piece.text, width), piece.style) for piece in pieces[-1:])


def _forms(article: Article, today: date) -> Iterable[Line]:
    """Yield the same in fewer and fewer words."""
    ago = age(article.updated, today) if article.updated else ""
    old = ago.replace(" ago", " old") if ago.endswith("ago") else f"updated {ago}"
    short = old.replace(" days old", " d old").replace(" months old", " mo old").replace(" years old", " y old")
    updated = (f"updated {ago}", old, short) if ago else ("", "", "")
    near = is_near(article.review_by, today)
    review = ("", "", "")
    if article.review_by is not None and near:
        last = left(article.review_by, today)
        review = (
            f"review by {article.review_by.day} {article.review_by:%b}, {last}",
            f"review {last}",
            f"review {last}",
        )
    elif article.review_by is not None:
        month = f"review {article.review_by:%b} {article.review_by.year}"
        review = (f"review by {day(article.review_by)}", month, month)
    for first, second in (*zip(updated, review, strict=True), ("", review[2])):
        line = [Piece(first, "dim")] if first else []
        if second:
            line += [Piece(" · ", "dim")] if first else []
            line.append(Piece(second, "alert" if near else "dim"))
        yield tuple(line)
