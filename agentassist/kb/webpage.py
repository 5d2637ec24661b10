"""HTML to plain blocks, with the line of each.

Own code, because what parses HTML into a tree has no source lines and takes time in the square of a hostile file:
the standard library's parser needs 18 s for 200 kB of "<a", a C one 86 s for 200,000 nested "<div>". What is wanted
here is only the text that a page shows, and that needs no tree: block-level tags part it, other tags vanish. Every
character is looked at a bounded number of times.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentassist.kb.blocks import Block, BlockKind, Body, Link, row_text

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TAG = 4_096
"""How far into one tag attributes are looked for."""
MAX_INDENT = 8
"""How many lists inside each other are shown by indenting."""
_HIDDEN = frozenset(["script", "style", "template", "noscript", "iframe", "svg", "textarea", "select", "object", "nav"])
"""What is not shown, or leads through the site and says nothing of the article."""
_PARTING = frozenset(
    [
        "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog",
        "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "head", "header", "hgroup", "hr",
        "html", "legend", "main", "option", "p", "search", "section", "summary", "tbody", "tfoot", "thead",
    ]
)  # fmt: skip
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_NAME = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_STOP = re.compile(r"[\"'>]")
_ATTRIBUTE = re.compile(r"(?<![^\s\"'/])([^\s=\"'>/]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_WANTED = {"a": "href", "html": "lang", "link": "href", "ol": "start", "img": "alt"}


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text (then `tag` is empty) or a tag. `at` is its place in the source."""

    at: int
    text: str = ""
    tag: str = ""
    closing: bool = False


def parse(source: str, first_line: int = 1) -> Body:
    """Return the text that an HTML page or fragment shows, as plain blocks.

    Args:
        source: any text at all; wrong HTML is taken as browsers do, roughly.
        first_line: the line of the file on which `source` starts.
    """
    reader = _Reader(source, first_line)
    for piece in _pieces(source):
        reader.take(piece)
    reader.end()
    title = " ".join(reader.title.split())
    return Body(tuple(reader.blocks), tuple(reader.links), title, reader.language, reader.url)


def _pieces(source: str) -> Iterator[_Piece]:
    """Yield text and tags in order, without comments, declarations and what is never shown."""
    at = text_from = 0
    quotes_count = True
    while (at := source.find("<", at)) >= 0:
        name = _NAME.match(source, at)
        if source.startswith("<!--", at):
            close = source.find("-->", at + 4)
            end = close + 3 if close >= 0 else len(source)
        elif name or source.startswith(("<!", "<?"), at):
            end = _tag_end(source, at, quotes=quotes_count and name is not None)
            if end < 0 and quotes_count:
                # A quote that never closes: from here on quotes mean nothing, or each tag would look for it again.
                quotes_count = False
                end = _tag_end(source, at, quotes=False)
            if end < 0:
                break
        else:
            at += 1
            continue
        if at > text_from:
            yield _Piece(text_from, source[text_from:at])
        if name and not source.startswith("<!--", at):
            tag, closing = name[2].lower(), bool(name[1])
            yield _Piece(at, source[at:end], tag, closing)
            if not closing and tag in _HIDDEN:
                close_tag = re.compile(rf"</{tag}\b", re.IGNORECASE).search(source, end)
                end = close_tag.start() if close_tag else len(source)
        at = text_from = end
    if text_from < len(source):
        yield _Piece(text_from, source[text_from:])


def _tag_end(source: str, at: int, *, quotes: bool) -> int:
    """Return the place after the tag that starts at `at`, -1 when it never ends."""
    if not quotes:
        return source.find(">", at) + 1 or -1
    while stop := _STOP.search(source, at):
        if stop.group() == ">":
            return stop.end()
        at = source.find(stop.group(), stop.end()) + 1
        if at == 0:
            return -1
    return -1


@dataclass(slots=True)
class _Reader:
    """Goes through the pieces once, in order."""

    source: str
    first_line: int
    blocks: list[Block] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    title: str = ""
    language: str = ""
    url: str = ""
    words: list[str] = field(default_factory=list)
    line: int = 0
    counted: int = 0
    newlines: int = 0
    heading: int = 0
    in_title: bool = False
    pre: int = 0
    lists: list[int | None] = field(default_factory=list)
    item: list[str] | None = None
    item_line: int = 0
    mark: str = ""
    header: list[str] = field(default_factory=list)
    cells: list[str] | None = None
    in_cell: bool = False
    header_row: bool = False
    rows: int = 0

    def take(self, piece: _Piece) -> None:
        """Take the next piece."""
        if not piece.tag:
            self._add(html.unescape(piece.text), piece.at)
        elif piece.tag == "title":
            self.in_title = not piece.closing and not self.title
        elif piece.tag in _HEADINGS:
            self._flush()
            self.heading = 0 if piece.closing else int(piece.tag[1])
        elif piece.tag == "pre":
            self._flush()
            self.pre = 0 if piece.closing else 1
        elif piece.tag in ("ul", "ol", "menu"):
            self._flush()
            self._list(piece)
        elif piece.tag == "li":
            self._flush()
            self._item(piece)
        elif piece.tag in ("tr", "td", "th", "table"):
            self._flush()
            self._table(piece)
        elif piece.tag in _PARTING:
            self._flush()
        self._attributes(piece)

    def end(self) -> None:
        """Take the end of the source."""
        self._flush()
        self.lists = []
        self._close_row()
        self._close_table()
        self._close_item()

    def _line_at(self, at: int) -> int:
        if at > self.counted:
            self.newlines += self.source.count("\n", self.counted, at)
            self.counted = at
        return self.first_line + self.newlines

    def _add(self, text: str, at: int) -> None:
        if self.in_title:
            self.title += text
        elif text.strip() or self.words:
            if not self.words:
                lead = len(text) - len(text.lstrip())
                self.line = self._line_at(at + lead if self.source.startswith(text[:lead], at) else at)
            self.words.append(text)

    def _flush(self) -> None:
        """Make a block of the words gathered so far."""
        raw, self.words = "".join(self.words), []
        text = raw.strip("\n") if self.pre else " ".join(raw.split())
        if not text.strip():
            return
        if self.in_cell and self.cells is not None:
            self.cells[-1] = f"{self.cells[-1]} {text}".strip()
        elif self.item is not None:
            lead, self.mark = self.mark, ""
            self.item.append(self._indent() + lead + text)
        elif self.heading:
            self.blocks.append(Block(BlockKind.HEADING, text, self.line, self.heading))
        else:
            self.blocks.append(Block(BlockKind.CODE if self.pre else BlockKind.TEXT, text, self.line))

    def _indent(self) -> str:
        return "  " * max(min(len(self.lists), MAX_INDENT) - 1, 0)

    def _list(self, piece: _Piece) -> None:
        if not piece.closing:
            self.lists.append(1 if piece.tag == "ol" else None)
        elif self.lists:
            self.lists.pop()
        if not self.lists:
            self._close_item()

    def _item(self, piece: _Piece) -> None:
        outermost = len(self.lists) <= 1
        if outermost:
            self._close_item()
        self.mark = ""
        if piece.closing:
            return
        if self.item is None:
            self.item, self.item_line = [], self._line_at(piece.at)
        number = self.lists[-1] if self.lists else None
        self.mark = "• " if number is None else f"{number}. "
        if number is not None:
            self.lists[-1] = number + 1

    def _close_item(self) -> None:
        if self.item:
            self.blocks.append(Block(BlockKind.ITEM, "\n".join(self.item), self.item_line))
        self.item = None

    def _table(self, piece: _Piece) -> None:
        if piece.tag in ("td", "th"):
            self.in_cell = not piece.closing
            if self.in_cell:
                self.cells = self.cells if self.cells is not None else []
                self.cells.append("")
                self.header_row = piece.tag == "th" and (self.header_row or len(self.cells) == 1)
            return
        self._close_row()
        self.line = self._line_at(piece.at)
        if piece.tag == "table":
            self._close_table()

    def _close_row(self) -> None:
        cells, self.cells, self.in_cell = self.cells, None, False
        if not cells:
            return
        if self.header_row and not self.header:
            self.header = cells
            return
        self.rows += 1
        self._row(row_text(self.header, cells))

    def _row(self, text: str) -> None:
        if text and self.item is not None:
            self.item.append(self._indent() + text)
        elif text:
            self.blocks.append(Block(BlockKind.ROW, text, self.line))

    def _close_table(self) -> None:
        if not self.rows:
            self._row(row_text([], self.header))
        self.header, self.rows = [], 0

    def _attributes(self, piece: _Piece) -> None:
        if piece.closing or piece.tag not in _WANTED:
            return
        values: dict[str, str] = {}
        for found in _ATTRIBUTE.finditer(piece.text, len(piece.tag) + 1, MAX_TAG):
            values.setdefault(found[1].lower(), html.unescape(found[2] or found[3] or found[4] or ""))
        value = values.get(_WANTED[piece.tag], "")
        if piece.tag == "a" and value:
            self.links.append(Link(value, self._line_at(piece.at)))
        elif piece.tag == "html":
            self.language = value
        elif piece.tag == "img" and value:
            self._add(value, piece.at)
        elif piece.tag == "link" and values.get("rel", "").lower() == "canonical":
            self.url = self.url or value
        elif piece.tag == "ol" and re.fullmatch("[0-9]{1,6}", value) and self.lists:
            self.lists[-1] = int(value)
