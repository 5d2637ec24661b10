"""What the desk remembers of an article, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentassist.models import Article, ArticleKind, Hit, Passage, Recalled
from agentassist.tui.widgets.lines import Piece, packed
from agentassist.tui.widgets.remembered import alike_short, memory_short, memory_words

ARTICLE = Article("a", ArticleKind.ARTICLE, "A", "https://help.example/a", "a.md")
HIT = Hit(1, ARTICLE, Passage("a", 0, "", "text"), 1.0, 0.7, (), ARTICLE.url, "matches “a”")


@pytest.mark.parametrize(
    ("recalled", "short", "words"),
    [
        (None, "", ""),
        (Recalled(0.1), "", ""),
        (Recalled(0.9, 14, 11), "sent in 14 similar, 11 solved", "sent in 14 similar conversations, 11 solved"),
        (
            Recalled(0.9, 14, 11, 2),
            "sent in 14 similar, 11 solved",
            "sent in 14 similar conversations, 11 solved; turned down in 2",
        ),
        (Recalled(0.2, 1, 0), "sent in 1 similar, 0 solved", "sent in 1 similar conversation, 0 solved"),
        (Recalled(-0.5, 0, 0, 3), "turned down in 3 similar", "turned down in 3 similar conversations"),
        (
            Recalled(0.9, 1400, 1100),
            "sent in 1,400 similar, 1,100 solved",
            "sent in 1,400 similar conversations, 1,100 solved",
        ),
    ],
)
def test_what_agents_did_is_said(recalled: Recalled | None, short: str, words: str) -> None:
    """Counts come with their nouns; nothing is said of what is not known."""
    assert memory_short(recalled) == short
    assert memory_words(recalled) == words


def test_how_many_are_left_out_is_said() -> None:
    """One or several; nothing when there are none."""
    assert alike_short(HIT) == ""
    assert alike_short(replace(HIT, folded=(ARTICLE,))) == "+1 nearly the same"
    assert alike_short(replace(HIT, folded=(ARTICLE, ARTICLE))) == "+2 nearly the same"


def test_pieces_share_a_line_where_they_fit() -> None:
    """They stand side by side as far as they fit, are cut when one alone does not, and an empty one takes no room."""
    pieces = [Piece("matches", "dim"), Piece("", "dim"), Piece("sent in 14", "reason"), Piece("x" * 30)]
    lines = ["".join(piece.text for piece in line) for line in packed(pieces, 20)]
    assert lines == ["matches · sent in 14", "x" * 19 + "…"]
    assert ["".join(piece.text for piece in line) for line in packed(pieces, 19)] == [
        "matches",
        "sent in 14",
        "x" * 18 + "…",
    ]
    assert packed([], 20) == []
