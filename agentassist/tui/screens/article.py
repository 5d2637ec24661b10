"""One suggestion in full: its passage, why it matches, what is known of the article, and the whole of it to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from agentassist.errors import AgentAssistError
from agentassist.models import Audience
from agentassist.search.reason import NEAR, phrases
from agentassist.text import clean, clean_line
from agentassist.tui.screens.dialog import Dialog
from agentassist.tui.widgets.freshness import age, day, left
from agentassist.tui.widgets.lines import label
from agentassist.tui.widgets.suggestions import kind_words, probability_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import date

    from textual.app import ComposeResult

    from agentassist.models import Hit, Passage
    from agentassist.session.desk import Offer

PASSAGE_LIMIT = 20_000
SHOWN_PARTS = 10
"""Parts of a query that are told."""
WHOLE_LIMIT = 60_000
"""Characters of an article that are laid out at once: more would hold up the screen."""


class ArticleScreen(Dialog):
    """Shows a hit in full, why it is suggested, and below it the whole article as soon as that was read.

    Args:
        offer: what was found, and what was looked for.
        read: fetches every passage of an article, or raises AgentAssistError.
        today: what ages are counted from.
        why: begin where it says why.
    """

    DEFAULT_CSS = "ArticleScreen #why { height: auto; margin: 1 0 0 0; }"

    def __init__(
        self,
        offer: Offer,
        read: Callable[[str], Awaitable[Sequence[Passage]]],
        today: date,
        *,
        why: bool = False,
    ) -> None:
        super().__init__()
        self._offer = offer
        self._hit = offer.hit
        self._read = read
        self._today = today
        self._why = why

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        hit = self._hit
        with VerticalScroll(classes="dialog", id="article") as dialog:
            dialog.border_title = Content(label(hit.article.title, 60))
            dialog.border_subtitle = "Esc closes"
            passage = Static(article_content(hit, self._today), markup=False)
            reason = Static(why_content(self._offer), markup=False, id="why")
            # Who asks why is told that first; who reads has the passage first.
            yield from (reason, passage) if self._why else (passage, reason)
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


def article_content(hit: Hit, today: date) -> Content:
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
        "Link": hit.link,
        "Tags": ", ".join(article.tags),
        "Updated": f"{age(article.updated, today)} ({day(article.updated)})" if article.updated else "",
        "Review by": f"{day(article.review_by)} ({left(article.review_by, today)})" if article.review_by else "",
        "Verified by": article.verified_by,
    }
    for name, value in facts.items():
        if shown := clean_line(value, limit=500).strip():
            lines.append(Content.assemble((f"{name:<12}", "$foreground 70%"), shown))
    return Content("\n").join(lines)


SOURCES = {
    "burst": "the last messages",
    "earlier": "earlier messages",
    "tree": "answers in the tree",
    "agent": "what you wrote",
    "typed": "your search",
}
"""What the parts of a query are called."""


def why_content(offer: Offer) -> Content:
    """Return why something is suggested: what was looked for and how much each part counts, and how well it fits."""
    hit = offer.hit
    lines = [Content.styled("Why it is suggested", "bold $text-accent")]
    facts: list[tuple[str, str]] = [("Reason", clean_line(hit.reason, limit=500))]
    of = f" of {len(offer.result.hits)}" if offer.result else ""
    likely = probability_words(hit.probability)
    facts.append(("Rank", f"{hit.rank}{of}{_beside_the_best(offer)}"))
    facts.append(("Likely right", f"{likely} of suggestions like this one" if likely else "not known without meaning"))
    matched = phrases(hit.passage.text, hit.matched)
    facts.append(("Words", ", ".join(f"“{clean_line(word, limit=80)}”" for word in matched) or "none are the same"))
    meaning = "not compared: search goes by keyword" if hit.similarity is None else _nearness(hit.similarity)
    facts.append(("Meaning", meaning))
    lines += [Content.assemble((f"{name:<14}", "$foreground 70%"), shown) for name, shown in facts if shown]
    if offer.query.parts:
        lines += [Content(""), Content.styled("What was looked for, and how much it counts", "bold")]
    for part in offer.query.parts[:SHOWN_PARTS]:
        source = SOURCES.get(part.source, clean_line(part.source, limit=30))
        head = f"{part.weight * 100:>3.0f} %  {source:<20}"
        lines.append(Content.assemble((head, "$foreground 70%"), clean_line(part.text, limit=160)))
    return Content("\n").join(lines)


def _beside_the_best(offer: Offer) -> str:
    """Say how the score of a hit stands to that of the first."""
    hits = offer.result.hits if offer.result else ()
    if not hits or offer.hit.rank == hits[0].rank or hits[0].score <= 0:
        return ""
    return f", with {offer.hit.score / hits[0].score * 100:.0f} % of the score of the first"


def _nearness(similarity: float) -> str:
    near = "close" if round(similarity, 2) >= NEAR else "only loosely related"
    return f"{near}: {similarity:.2f}, where 1 is the same and 0 has nothing to do with it"


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
