"""The stretch of a passage that a suggestion shows."""

from __future__ import annotations

from agentassist.models import Article, ArticleKind, Hit, Passage
from agentassist.tui.widgets.suggestions import EXCERPT, excerpt


def test_a_code_comes_before_the_words_around_it() -> None:
    """Of a long table the row of the code that was asked about is in sight, not the first word that was matched."""
    rows = [
        f"Code: E{number}; Meaning: The Dial has a fault; First thing to try: Wait a while" for number in range(1, 9)
    ]
    text = "\n".join(rows)
    words = [(text.index("Dial"), text.index("Dial") + 4), (text.index("E7"), text.index("E7") + 2)]
    article = Article("codes", ArticleKind.ARTICLE, "All codes", "https://x/codes", "codes.md")
    hit = Hit(1, article, Passage("codes", 0, "", text), 1.0, 0.5, tuple(words), article.url, "words", 0.9)
    shown, spans = excerpt(hit)
    assert [shown[low:high] for low, high in spans] == ["E7"]
    assert len(shown) <= EXCERPT + 2
