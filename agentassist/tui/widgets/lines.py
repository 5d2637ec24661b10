"""Turns clean text into lines of styled pieces that fit a width. Pure: knows nothing of widgets or themes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, set_cell_size, split_graphemes

from agentassist.text import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Piece(NamedTuple):
    """A stretch of one line in one style; `style` is a component class without its prefix, "" for plain."""

    text: str
    style: str = ""


Line = tuple[Piece, ...]
Span = tuple[int, int]

_WORD = re.compile(r"\S+")


def wrap(text: str, width: int) -> list[Span]:
    """Cut clean text into lines of at most `width` cells, at spaces where it can.

    Args:
        text: clean text; a newline ends a line.
        width: cells, at least 1 is taken.

    Returns:
        (start, end) of each line in `text`, without the space or newline it was cut at; one empty line for empty text.
    """
    width = max(width, 1)
    spans: list[Span] = []
    start = 0
    for paragraph in text.split("\n"):
        end = start + len(paragraph)
        if len(paragraph) <= width and paragraph.isascii():
            spans.append((start, end))
        elif paragraph.isascii():
            spans += _wrap_ascii(text, start, end, width)
        else:
            spans += _wrap_wide(text, start, end, width)
        start = end + 1
    return spans


def _wrap_ascii(text: str, start: int, end: int, width: int) -> Iterable[Span]:
    """Cut a paragraph in which every character takes one cell."""
    while end - start > width:
        cut = text.rfind(" ", start, start + width + 1)
        if cut <= start:
            yield start, start + width
            start += width
        else:
            yield start, cut
            start = cut + 1
    yield start, end


def _wrap_wide(text: str, start: int, end: int, width: int) -> Iterable[Span]:
    """Cut a paragraph between graphemes, so that no emoji or accent is torn."""
    used, space = 0, -1
    line = start
    for first, last, cells in split_graphemes(text[start:end])[0]:
        if used + cells > width and start + first > line:
            cut = space if space > line else start + first
            yield line, cut
            line = cut + 1 if cut == space else cut
            used = cell_len(text[line : start + first])
            space = -1
        if text[start + first] == " ":
            space = start + first
        used += cells
        del last
    yield line, end


def marked(text: str, spans: Sequence[Span], width: int, *, base: str = "", mark: str = "match") -> list[Line]:
    """Wrap clean text and put the pieces inside `spans` into another style.

    Args:
        text: clean text.
        spans: (start, end) in `text`, in order, not overlapping.
        width: cells of a line.
        base: the style of what is not marked.
        mark: the style of what is.
    """
    lines: list[Line] = []
    for start, end in wrap(text, width):
        pieces: list[Piece] = []
        at = start
        for first, last in spans:
            low, high = max(first, at), min(last, end)
            if low >= high:
                continue
            if low > at:
                pieces.append(Piece(text[at:low], base))
            pieces.append(Piece(text[low:high], mark))
            at = high
        if at < end or not pieces:
            pieces.append(Piece(text[at:end], base))
        lines.append(tuple(pieces))
    return lines


def clean_marked(text: str, spans: Sequence[Span], *, limit: int) -> tuple[str, list[Span]]:
    """Clean one line of outside text and move the spans to where their words are now.

    Args:
        text: anything.
        spans: (start, end) in `text`, in order; what does not fit the text is left out.
        limit: the most characters of `text` that are looked at.
    """
    out: list[str] = []
    moved: list[Span] = []
    length = at = 0
    text = text[:limit]
    for start, end in (*spans, (len(text), len(text))):
        low, high = max(start, at), min(end, len(text))
        if low > high:
            continue
        before, inside = _flat(text[at:low]), _flat(text[low:high])
        out += (before, inside)
        length += len(before)
        if inside:
            moved.append((length, length + len(inside)))
        length += len(inside)
        at = high
    return "".join(out), moved


def _flat(text: str) -> str:
    return clean(re.sub(r"\s+", " ", text))


def fit(text: str, width: int) -> str:
    """Return clean one-line text in exactly `width` cells: padded, or cut with an ellipsis."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, width - 1) + "…"


def label(text: str, limit: int) -> str:
    """Return outside text as one clean line of at most `limit` cells, cut with a plain ellipsis.

    Unlike `clean_line` it says no count of what was cut: in a title or a name that would take more room than the words.
    """
    # At most four marks sit on one base: so many characters fill `limit` cells before `clean_line` begins to count.
    line = clean_line(text, limit=8 * limit + 60)
    return line if cell_len(line) <= limit else set_cell_size(line, max(limit - 1, 0)).rstrip() + "…"


def packed(pieces: Iterable[Piece], width: int) -> list[Line]:
    """Put clean pieces beside each other, with a dot between them, in as few lines as they take.

    Args:
        pieces: an empty one is left out, one that is longer than a line is cut.
        width: cells of a line.
    """
    lines: list[Line] = []
    used = 0
    for piece in pieces:
        if not piece.text:
            continue
        cells = cell_len(piece.text)
        if lines and used + 3 + cells <= width:
            lines[-1] = (*lines[-1], Piece(" · ", "dim"), piece)
            used += 3 + cells
        else:
            lines.append((Piece(fit(piece.text, width) if cells > width else piece.text, piece.style),))
            used = cells
    return lines


def spread(left: Line, right: Line, width: int) -> Line:
    """Put `left` at the start and `right` at the end of a line, cutting `left` when both do not fit."""
    room = width - sum(cell_len(piece.text) for piece in right)
    kept: list[Piece] = []
    for piece in left:
        if room <= 0:
            break
        size = cell_len(piece.text)
        kept.append(piece if size <= room else Piece(fit(piece.text, room), piece.style))
        room -= min(size, room)
    return (*kept, Piece(" " * max(room, 0)), *right)
