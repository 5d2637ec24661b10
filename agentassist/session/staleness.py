"""Says which articles somebody should look at, and why. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.models import Status
from agentassist.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from agentassist.models import Article

OLD_DAYS = 365
"""Days without an update after which an article is worth a look."""
FEW = 2
"""Conversations from which a complaint is no accident."""
OVER = 1.5
"""How many times the share of all articles together a share has to be to be told."""
UNSENT = 5
"""Conversations in which an article was shown and never sent, from which that says something."""
ENOUGH = 100
"""Searches from which it says something that an article was never among what was found."""


@dataclass(frozen=True, slots=True)
class Stale:
    """One reason to look at one article.

    Attributes:
        reason: in a word, for programs.
        words: in a sentence.
        weight: the more urgent comes first.
    """

    article: Article
    reason: str
    words: str
    weight: int


def stale(
    articles: Iterable[Article], numbers: Mapping[str, Mapping[str, int]], *, searches: int, today: date, days: int
) -> tuple[Stale, ...]:
    """Return every reason to look at an article, the most urgent first.

    Args:
        articles: the knowledge base; drafts and archived ones are left out.
        numbers: what `ArticleStats.count` says, by article id.
        searches: how many there were.
        today: judges what is due.
        days: what is due within so many days is told.
    """
    sent = sum(each["sent"] for each in numbers.values())
    shown = sum(each["shown"] for each in numbers.values())
    down = sum(each["thumbs_down"] for each in numbers.values()) / max(shown, 1)
    back = sum(each["came_back"] for each in numbers.values()) / max(sent, 1)
    found: list[Stale] = []
    for article in articles:
        if article.status is Status.PUBLISHED:
            mine = numbers.get(article.id, {})
            found += _dates(article, today, days)
            found += _complaints(article, mine, down, back)
            found += _unused(article, mine, searches)
    return tuple(sorted(found, key=lambda item: (-item.weight, item.article.id)))


def _dates(article: Article, today: date, days: int) -> Iterator[Stale]:
    if article.review_by is not None:
        left = (article.review_by - today).days
        if left < 0:
            words = f"its review was due on {article.review_by}: it is not suggested any more"
            yield Stale(article, "review_past", words, 100)
        elif left <= days:
            when = "today" if left == 0 else f"in {counted(left, 'day')}"
            yield Stale(article, "review_near", f"its review is due {when}, on {article.review_by}", 80)
    if article.updated is not None and (age := (today - article.updated).days) > OLD_DAYS:
        yield Stale(article, "old", f"not updated since {article.updated} ({age:,} days)", 20)


def _complaints(article: Article, mine: Mapping[str, int], down: float, back: float) -> Iterator[Stale]:
    for reason, name, base, usual, words in (
        ("thumbs_down", "thumbs_down", "shown", down, "agents said that it does not fit"),
        ("came_back", "came_back", "sent", back, "customers came back after it was sent"),
    ):
        count, of = mine.get(name, 0), max(mine.get(base, 0), mine.get(name, 0))
        if count >= FEW and count / of > OVER * usual:
            share = f"{count / of:.0%}; all articles {usual:.0%}"
            yield Stale(article, reason, f"{words} in {count:,} of {counted(of, 'conversation')} ({share})", 60)


def _unused(article: Article, mine: Mapping[str, int], searches: int) -> Iterator[Stale]:
    if not mine.get("suggested") and searches >= ENOUGH:
        yield Stale(article, "never_suggested", f"never suggested in {searches:,} searches", 30)
    elif mine.get("shown", 0) >= UNSENT and not mine.get("sent"):
        words = f"suggested in {counted(mine['shown'], 'conversation')} and never sent"
        yield Stale(article, "never_sent", words, 40)
