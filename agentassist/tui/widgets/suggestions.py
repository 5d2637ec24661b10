"""What helps: ranked suggestions, why each one matches, and a box to search with own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Input

from agentassist.models import ArticleKind, Audience
from agentassist.text import clean_line
from agentassist.tui.commands import bindings
from agentassist.tui.messages import ReadRequested, SearchRequested
from agentassist.tui.registry import Scope
from agentassist.tui.timers import after
from agentassist.tui.widgets import words
from agentassist.tui.widgets.blocks import Block, BlockList
from agentassist.tui.widgets.lines import Line, Piece, Span, clean_marked, fit, label, marked, spread, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType
    from textual.timer import Timer

    from agentassist.models import Hit

TYPING_SECONDS = 0.15
"""How long typing must rest before the words are searched."""

EXCERPT = 220
"""Characters of a passage that are shown around its first matched word."""


class SuggestionList(BlockList):
    """The ranked list. Digits insert from anywhere; here the cursor chooses what to read."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.SUGGESTIONS)]

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.hits: tuple[Hit, ...] = ()

    def show(self, hits: Sequence[Hit], *, empty: str) -> None:
        """Show hits in their order, or the words `empty` when there are none."""
        fresh = [hit.article.id for hit in hits] != [hit.article.id for hit in self.hits]
        self.hits = tuple(hits)
        self.set_blocks([_hit_block(hit) for hit in hits] if hits else [_empty_block(empty)])
        if fresh:
            self.action_cursor_first()
            self.scroll_home(animate=False, immediate=True, force=True)

    def action_select(self) -> None:
        """Ask to read the one under the cursor."""
        if self.hits and self.cursor is not None:
            self.post_message(ReadRequested(self.hits[self.cursor].rank))


class SearchBox(Input):
    """Searches a moment after typing rests."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.SEARCH)]

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, placeholder="/ search the articles", compact=True, select_on_focus=True)
        self._resting: Timer | None = None

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search once typing rests."""
        event.stop()
        if self._resting is not None:
            self._resting.stop()
        self._resting = after(self, TYPING_SECONDS, self._ask)

    def _ask(self) -> None:
        self.post_message(SearchRequested(self.value))


def kind_words(hit: Hit) -> str:
    """Say what a hit is: article, or video with its second."""
    if hit.article.kind is ArticleKind.VIDEO:
        return f"▶ video {words.seconds(hit.passage.start)}" if hit.passage.start is not None else "▶ video"
    return "article"


def excerpt(hit: Hit) -> tuple[str, list[Span]]:
    """Return the stretch of a hit's passage around its first matched word, clean, and where its matches are."""
    text = hit.passage.text
    first = hit.matched[0][0] if hit.matched else 0
    start = 0
    if first > EXCERPT // 2:
        start = text.find(" ", first - EXCERPT // 3, first) + 1 or first
    cut = text[start : start + EXCERPT]
    spans = [(max(low - start, 0), high - start) for low, high in hit.matched if high > start]
    shown, moved = clean_marked(cut, spans, limit=EXCERPT)
    lead = "…" if start else ""
    tail = "…" if start + EXCERPT < len(text) else ""
    return f"{lead}{shown}{tail}", [(low + len(lead), high + len(lead)) for low, high in moved]


def _hit_block(hit: Hit) -> Block:
    title = label(hit.article.title, 160)
    passage, spans = excerpt(hit)
    reason = label(hit.reason, 120)

    def lines(width: int) -> Sequence[Line]:
        inner = width - 4
        made: list[Line] = []
        for number, (start, end) in enumerate(wrap(title, inner)[:2]):
            lead = Piece(f" {hit.rank} ", "key") if number == 0 else Piece("   ")
            made.append((lead, Piece(title[start:end], "strong")))
        made.append((Piece("   "), *_marks(hit, inner)))
        made += [(Piece("   "), *line) for line in marked(passage, spans, inner)[:3]]
        if reason:
            made.append((Piece("   "), Piece(fit(reason, inner), "dim")))
        return [*made, (Piece(""),)]

    return Block(f"hit-{hit.rank}", lines, selectable=True)


def _marks(hit: Hit, width: int) -> Line:
    video = hit.article.kind is ArticleKind.VIDEO
    left: list[Piece] = [Piece(kind_words(hit), "accent" if video else "dim")]
    if hit.article.audience is Audience.INTERNAL:
        left.append(Piece(" · internal", "alert"))
    elif hit.blocked:
        left.append(Piece(" · no link", "alert"))
    if hit.article.verbatim:
        left.append(Piece(" · verbatim", "reason"))
    return spread(tuple(left), (), width)


def _empty_block(text: str) -> Block:
    shown = clean_line(text, limit=400)

    def lines(width: int) -> Sequence[Line]:
        return [
            (Piece(""),),
            *((Piece("   "), Piece(shown[start:end], "dim")) for start, end in wrap(shown, width - 6)),
        ]

    return Block("empty", lines)
