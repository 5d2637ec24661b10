"""What helps: ranked suggestions, why each one matches, and a box to search with own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Input

from agentassist import naming
from agentassist.models import ArticleKind, Audience
from agentassist.text import clean_line
from agentassist.tui.commands import bindings
from agentassist.tui.messages import ReadRequested, SearchRequested
from agentassist.tui.registry import Scope
from agentassist.tui.timers import after
from agentassist.tui.widgets import words
from agentassist.tui.widgets.blocks import Block, BlockList
from agentassist.tui.widgets.freshness import freshness
from agentassist.tui.widgets.lines import Line, Piece, Span, clean_marked, fit, label, marked, packed, spread, wrap
from agentassist.tui.widgets.remembered import alike_short, memory_short

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from textual.binding import BindingType
    from textual.timer import Timer

    from agentassist.models import Hit

TYPING_SECONDS = 0.15
"""How long typing must rest before the words are searched."""

HIDDEN = "no-good-match"
"""The key of what stands for hits that are no good match."""

EXCERPT = 220
"""Characters of a passage that are shown around its first matched word."""


@dataclass(frozen=True, slots=True)
class Row:
    """One suggestion as it is shown.

    Attributes:
        sign: what the agent thinks of it, in words; empty when they have not said.
        given: the customer was given it in this conversation, by the tree, the bot or a person.
    """

    hit: Hit
    sign: str = ""
    given: bool = False

    @property
    def key(self) -> str:
        """What stays the same when its rank changes."""
        return f"hit-{self.hit.article.id}-{self.hit.link}"


class SuggestionList(BlockList):
    """The ranked list. Digits insert from anywhere; the cursor chooses what to read, to open and to judge."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.SUGGESTIONS)]

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows: tuple[Row, ...] = ()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """What is shown, in the order of rank."""
        return tuple(row.hit for row in self.rows)

    @property
    def chosen(self) -> Hit | None:
        """The one under the cursor, which is the first unless the cursor was moved."""
        return next((row.hit for row in self.rows if row.key == self.cursor_key), None)

    def show(self, rows: Sequence[Row], *, today: date, empty: str, hidden: int = 0, weak: bool = False) -> None:
        """Show hits in their order.

        The cursor stays on the article it was moved to while that is there, and on the first otherwise.

        Args:
            rows: what to show.
            today: what ages are counted from.
            empty: what to say when there is nothing to show.
            hidden: so many hits are no good match, and are shown only when asked for.
            weak: the rows are no good match.
        """
        fresh = {row.key for row in rows} - {row.key for row in self.rows}
        moved = self.cursor_key if self.chosen is not None and self.cursor != self.choice_near(0) else None
        self.rows = tuple(rows)
        blocks = [_heading_block("No good match: the closest")] if weak and rows else []
        blocks += [_hit_block(row, today) for row in rows]
        if not rows:
            blocks = [_hidden_block(hidden)] if hidden else [_empty_block(empty)]
        self.set_blocks(blocks)
        if moved is None or (fresh and moved != self.cursor_key):
            self.action_cursor_first()
            if fresh:
                self.scroll_home(animate=False, immediate=True, force=True)
        else:
            self.reveal()

    def action_select(self) -> None:
        """Ask to read the one under the cursor; while all are hidden, the first."""
        if (hit := self.chosen) is not None:
            self.post_message(ReadRequested(hit.rank))
        elif self.cursor_key == HIDDEN:
            self.post_message(ReadRequested(1))


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
    """Return the stretch of a hit's passage around its first matched word, clean, and where its matches are.

    A name with a number, such as an error code, comes before the words around it.
    """
    text = hit.passage.text
    names = [low for low, high in hit.matched if naming.is_name(text[low:high])]
    first = next(iter(names), hit.matched[0][0] if hit.matched else 0)
    start = 0
    if first > EXCERPT // 2:
        start = text.find(" ", first - EXCERPT // 3, first) + 1 or first
    cut = text[start : start + EXCERPT]
    spans = [(max(low - start, 0), high - start) for low, high in hit.matched if high > start]
    shown, moved = clean_marked(cut, spans, limit=EXCERPT)
    lead = "…" if start else ""
    tail = "…" if start + EXCERPT < len(text) else ""
    return f"{lead}{shown}{tail}", [(low + len(lead), high + len(lead)) for low, high in moved]


def probability_words(probability: float | None) -> str:
    """Say how likely something is, never as certain as 0 or 100; empty when it is not known."""
    if probability is None:
        return ""
    percent = round(probability * 100)
    return "< 1 %" if percent < 1 else "> 99 %" if percent > 99 else f"{percent} %"


def _hit_block(row: Row, today: date) -> Block:
    hit = row.hit
    title = label(hit.article.title, 160)
    passage, spans = excerpt(hit)
    told = (
        Piece(label(hit.reason, 120), "dim"),
        Piece(memory_short(hit.recalled), "reason"),
        Piece(alike_short(hit), "dim"),
    )

    def lines(width: int) -> Sequence[Line]:
        inner = width - 4
        made: list[Line] = []
        for number, (start, end) in enumerate(wrap(title, inner)[:2]):
            lead = Piece(f" {hit.rank} ", "key") if number == 0 else Piece("   ")
            made.append((lead, Piece(title[start:end], "strong")))
        made.append((Piece("   "), *_marks(row, inner)))
        made += [(Piece("   "), *line) for line in marked(passage, spans, inner)[:3]]
        made += [(Piece("   "), *line) for line in packed(told, inner)]
        if fresh := freshness(hit.article, today, inner):
            made.append((Piece("   "), *fresh))
        return [*made, (Piece(""),)]

    return Block(row.key, lines, selectable=True)


def _marks(row: Row, width: int) -> Line:
    hit = row.hit
    video = hit.article.kind is ArticleKind.VIDEO
    left: list[Piece] = []
    if likely := probability_words(hit.probability):
        left.append(Piece(f"{likely}  ", "strong"))
    left.append(Piece(kind_words(hit), "accent" if video else "dim"))
    if hit.article.audience is Audience.INTERNAL:
        left.append(Piece(" · internal", "alert"))
    elif hit.blocked:
        left.append(Piece(" · no link", "alert"))
    if hit.article.verbatim:
        left.append(Piece(" · verbatim", "reason"))
    if row.given:
        left.append(Piece(" · given already", "mark"))
    if row.sign:
        left.append(Piece(f" · {row.sign}", "mark"))
    return spread(tuple(left), (), width)


def _heading_block(text: str) -> Block:
    def lines(width: int) -> Sequence[Line]:
        return [(Piece("   "), Piece(fit(text, width - 4), "reason")), (Piece(""),)]

    return Block("heading", lines)


def _hidden_block(hidden: int) -> Block:
    closest = "the one that comes closest" if hidden == 1 else f"the {hidden} that come closest"

    def lines(width: int) -> Sequence[Line]:
        made: list[Line] = [(Piece(""),), (Piece("   "), Piece(fit("No good match", width - 6), "strong"))]
        for text in (f"Enter here shows {closest} anyway.", "Search with your own words: /"):
            made += [(Piece("   "), Piece(text[start:end], "dim")) for start, end in wrap(text, width - 6)]
        return made

    return Block(HIDDEN, lines, selectable=True)


def _empty_block(text: str) -> Block:
    shown = clean_line(text, limit=400)

    def lines(width: int) -> Sequence[Line]:
        return [
            (Piece(""),),
            *((Piece("   "), Piece(shown[start:end], "dim")) for start, end in wrap(shown, width - 6)),
        ]

    return Block("empty", lines)
