"""One suggestion in full: its passage, why it matches, what is known of the article, and the whole of it to read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from agentassist.errors import AgentAssistError
from agentassist.models import Audience, Passage
from agentassist.search.reason import NEAR, phrases
from agentassist.text import clean, clean_line
from agentassist.tui.commands import bindings
from agentassist.tui.registry import Scope
from agentassist.tui.screens.dialog import Dialog
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.screens.work import begin
from agentassist.tui.widgets.freshness import age, day, left
from agentassist.tui.widgets.lines import label
from agentassist.tui.widgets.remembered import memory_words
from agentassist.tui.widgets.suggestions import kind_words, probability_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import date

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from agentassist.models import Article, Hit
    from agentassist.session.desk import Offer

PASSAGE_LIMIT = 20_000
SHOWN_PARTS = 10
"""Parts of a query that are told."""
WHOLE_LIMIT = 60_000
"""Characters of an article that are laid out at once: more would hold up the screen."""


class ArticleScreen(Dialog):
    """Shows a hit in full, why it is suggested, and below it the whole article as soon as that was read.

    Those that say nearly the same, and were left out for it, are read here one after the other.

    Args:
        offer: what was found, and what was looked for.
        read: fetches every passage of an article, or raises AgentAssistError.
        today: what ages are counted from.
        why: begin where it says why.
        put: puts an article into the reply; None where there is no reply.
    """

    DEFAULT_CSS = "ArticleScreen #why { height: auto; margin: 1 0 0 0; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.ARTICLE)]

    def __init__(
        self,
        offer: Offer,
        read: Callable[[str], Awaitable[Sequence[Passage]]],
        today: date,
        *,
        why: bool = False,
        put: Callable[[Offer], None] | None = None,
    ) -> None:
        super().__init__()
        self._offers = (offer, *alike_offers(offer))
        self._at = 0
        self._put = put
        self._read = read
        self._today = today
        self._why = why

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        with VerticalScroll(classes="dialog", id="article"):
            passage = Static("", markup=False, id="passage")
            reason = Static("", markup=False, id="why")
            # Who asks why is told that first; who reads has the passage first.
            yield from (reason, passage) if self._why else (passage, reason)
            yield Static("", markup=False, id="whole")

    def on_mount(self) -> None:
        """Show it, and fetch the rest."""
        super().on_mount()
        self._show()

    def _show(self) -> None:
        """Show the article that it is about now."""
        offer = self._offers[self._at]
        dialog = self.query_one("#article", VerticalScroll)
        dialog.border_title = Content(label(offer.hit.article.title, 60))
        dialog.border_subtitle = Content(self._keys())
        dialog.scroll_home(animate=False, immediate=True)
        self.query_one("#passage", Static).update(Content("").join([article_content(offer.hit, self._today)]))
        first = self._offers[0]
        why = why_content(first) if offer is first else alike_content(first)
        self.query_one("#why", Static).update(Content("").join([why]))
        self.query_one("#whole", Static).update("")
        begin(self, self._show_whole, offer, group="whole", exclusive=True)

    def _keys(self) -> str:
        """Say what can be done here."""
        told = [f"{key_of(self, 'article.insert')} inserts"] if self._put is not None else []
        if len(self._offers) > 1:
            others = f"{self._at + 1} of {len(self._offers)} that say nearly the same"
            told.append(f"{key_of(self, 'article.alike')} next, {others}")
        return " · ".join([*told, "Esc closes"])

    async def _show_whole(self, offer: Offer) -> None:
        hit = offer.hit
        try:
            passages = await self._read(hit.article.id)
        except AgentAssistError as error:
            content = Content.styled(clean_line(f"The whole article cannot be shown: {error.message}"), "$text-error")
        else:
            if not hit.passage.text and passages:
                hit = replace(hit, passage=passages[0])
                self.query_one("#passage", Static).update(Content("").join([article_content(hit, self._today)]))
            content = whole_content(passages, hit.passage)
        self.query_one("#whole", Static).update(Content("").join([content]))

    def action_next_alike(self) -> None:
        """Show the next of those that say nearly the same; after the last the first again."""
        if len(self._offers) > 1:
            self._at = (self._at + 1) % len(self._offers)
            self._show()

    def action_insert_article(self) -> None:
        """Put the article that is shown into the reply."""
        if self._put is not None and self.ready:
            self.go()
            self.app.call_later(self._put, self._offers[self._at])

    def action_save(self) -> None:
        """Close it: there is nothing to save."""
        self.go()


def alike_offers(offer: Offer) -> tuple[Offer, ...]:
    """Return what says nearly the same as a hit as offers of their own; what is sent of them is recorded like a hit."""

    def alike(article: Article) -> Offer:
        passage = Passage(article.id, 0, "", "")
        reason = f"says nearly the same as {offer.hit.article.title}"
        hit = replace(offer.hit, article=article, passage=passage, similarity=None, matched=(), link=article.url)
        hit = replace(hit, reason=reason, probability=None, recalled=None, folded=())
        result = None if offer.result is None else replace(offer.result, hits=(hit,))
        return replace(offer, hit=hit, suggestion=None, result=result)

    return tuple(alike(article) for article in offer.hit.folded)


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
    if hit.passage.text:
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
    facts.append(("Memory", memory_content(hit)))
    lines += [Content.assemble((f"{name:<14}", "$foreground 70%"), shown) for name, shown in facts if shown]
    if hit.folded:
        lines += [Content(""), Content.styled("Left out for it, since they say nearly the same", "bold")]
        lines += [Content(label(f"{article.title} · {article.url or 'no link'}", 200)) for article in hit.folded]
    if offer.query.parts:
        lines += [Content(""), Content.styled("What was looked for, and how much it counts", "bold")]
    for part in offer.query.parts[:SHOWN_PARTS]:
        source = SOURCES.get(part.source, clean_line(part.source, limit=30))
        head = f"{part.weight * 100:>3.0f} %  {source:<20}"
        lines.append(Content.assemble((head, "$foreground 70%"), clean_line(part.text, limit=160)))
    return Content("\n").join(lines)


def memory_content(hit: Hit) -> str:
    """Say what the desk remembers of an article, and how much like this conversation the nearest of those was."""
    said = memory_words(hit.recalled)
    if hit.recalled is None or not said:
        return "" if hit.similarity is None else "not sent yet in a conversation like this one"
    return f"{said}; the nearest is alike to {hit.recalled.nearest:.2f}, where 1 is the same"


def alike_content(offer: Offer) -> Content:
    """Return why an article is shown that is not suggested itself."""
    best = clean_line(offer.hit.article.title, limit=300)
    return Content("\n").join(
        [
            Content.styled("Why it is not suggested", "bold $text-accent"),
            Content(f"It says nearly the same as “{best}”, which fits better."),
        ]
    )


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
