"""One suggestion in full: its passage, why it matches, what is known of the article, and the whole of it to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from agentassist.errors import AgentAssistError
from agentassist.models import Audience
from agentassist.text import clean, clean_line
from agentassist.tui.screens.dialog import Dialog
from agentassist.tui.widgets.lines import label
from agentassist.tui.widgets.suggestions import kind_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.app import ComposeResult

    from agentassist.models import Hit, Passage

PASSAGE_LIMIT = 20_000
WHOLE_LIMIT = 60_000
"""Characters of an article that are laid out at once: more would hold up the screen."""


class ArticleScreen(Dialog):
    """Shows a hit in full, and below it the whole article as soon as that was read.

    Args:
        hit: what was found.
        read: fetches every passage of an article, or raises AgentAssistError.
    """

    def __init__(self, hit: Hit, read: Callable[[str], Awaitable[Sequence[Passage]]]) -> None:
        super().__init__()
        self._hit = hit
        self._read = read

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        hit = self._hit
        with VerticalScroll(classes="dialog", id="article") as dialog:
            dialog.border_title = Content(label(hit.article.title, 60))
            dialog.border_subtitle = "Esc closes"
            yield Static(article_content(hit), markup=False)
            yield Static("", markup=False, id="whole")

    def on_mount(self) -> None:
        """Fetch the rest."""
        super().on_mount()
        self.run_worker(self._show_whole(), group="whole", exclusive=True)

    async def _show_whole(self) -> None:
        try:
            content = whole_content(await self._read(self._hit.article.id), self._hit.passage)
        except AgentAssistError as error:
            content = Content.styled(clean_line(f"The whole article cannot be shown: {error.message}"), "$text-error")
        self.query_one("#whole", Static).update(Content("").join([content]))

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
        if shown := clean_line(value, limit=500).strip():
            lines.append(Content.assemble((f"{name:<12}", "$foreground 60%"), shown))
    return Content("\n").join(lines)


def whole_content(passages: Sequence[Passage], matched: Passage) -> Content:
    """Return an article to read, clean: each passage below its heading, the one that was found marked."""
    if len(passages) < 2:
        return Content("")
    lines = [Content(""), Content.styled("The whole article", "bold $text-accent")]
    left = WHOLE_LIMIT
    for passage in passages:
        if left <= 0:
            lines += [Content(""), Content.styled("… the article goes on; open its link to read the rest", "italic")]
            break
        minute = "" if passage.start is None else f"{int(passage.start) // 60}:{int(passage.start) % 60:02}"
        title = " ".join(filter(None, (minute, clean_line(passage.heading, limit=300))))
        mark = "▸ " if passage.number == matched.number else ""
        lines += [Content(""), Content.styled(f"{mark}{title}", "bold")] if mark or title else [Content("")]
        lines.append(Content(clean(passage.text, limit=left)))
        left -= len(passage.text)
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
