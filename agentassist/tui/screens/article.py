"""One suggestion in full: its passage, why it matches, and what is known of the article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from agentassist.models import Audience
from agentassist.text import clean, clean_line
from agentassist.tui.screens.dialog import Dialog
from agentassist.tui.widgets.suggestions import kind_words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from agentassist.models import Hit

PASSAGE_LIMIT = 20_000


class ArticleScreen(Dialog):
    """Shows a hit in full."""

    def __init__(self, hit: Hit) -> None:
        super().__init__()
        self._hit = hit

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        hit = self._hit
        with VerticalScroll(classes="dialog", id="article") as dialog:
            dialog.border_title = Content(clean_line(hit.article.title, limit=60))
            dialog.border_subtitle = "Esc closes"
            yield Static(article_content(hit), markup=False)

    def action_save(self) -> None:
        """Close it: there is nothing to save."""
        self.dismiss()


def article_content(hit: Hit) -> Content:
    """Return everything an agent may want to know of a hit, clean."""
    article = hit.article
    marks = [Content.styled(kind_words(hit), "$text-accent")]
    if article.audience is Audience.INTERNAL:
        marks.append(Content.styled("internal: for agents only, cannot be sent", "bold $text-error"))
    if article.verbatim:
        marks.append(Content.styled("verbatim: send it as it is", "$text-warning"))
    lines = [Content(" · ").join(marks), Content("")]
    if hit.passage.heading:
        lines.append(Content.styled(clean_line(hit.passage.heading, limit=300), "bold"))
    lines += [_passage(hit), Content("")]
    facts = {
        "Why": hit.reason,
        "Link": hit.link,
        "Tags": ", ".join(article.tags),
        "Updated": str(article.updated or ""),
        "Review by": str(article.review_by or ""),
        "Verified by": article.verified_by,
    }
    for name, value in facts.items():
        if value:
            lines.append(Content.assemble((f"{name:<12}", "$foreground 60%"), clean_line(value, limit=500)))
    return Content("\n").join(lines)


def _passage(hit: Hit) -> Content:
    """Return the passage with its matched words marked; each stretch is cleaned by itself."""
    text = hit.passage.text[:PASSAGE_LIMIT]
    parts: list[Content] = []
    at = 0
    for start, end in hit.matched:
        if start < at or end > len(text):
            continue
        parts += [Content(clean(text[at:start])), Content.styled(clean(text[start:end]), "bold underline $text-accent")]
        at = end
    more = len(hit.passage.text) - len(text)
    parts.append(Content(clean(text[at:]) + (f"… [{more:,} more characters]" if more else "")))
    return Content("").join(parts)
