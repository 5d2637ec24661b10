"""Markdown to plain blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt

from agentassist.kb import webpage
from agentassist.kb.blocks import Block, BlockKind, Body, Link, row_text

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_NESTING = 100
"""Lists and quotes inside each other; what is deeper is dropped by the parser, which recurses."""
MAX_INLINE = 20_000
MAX_OPENINGS = 60
"""Bounds on one paragraph, because looking for the end of a link takes time in the square of these. Beyond them only
plain links are taken out.
"""
_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]*)\)")
_ATTRIBUTES = re.compile(r"\{:[^{}\n]{0,200}\}")
"""Kramdown's attribute lists, such as `{:class="button"}`: marks, not words."""


def parse(source: str, first_line: int = 1) -> Body:
    """Return Markdown (CommonMark with tables) as plain blocks.

    HTML in it is taken as the text that it shows. Links to images leave their alternative text.

    Args:
        source: a body without its front matter.
        first_line: the line of the file on which `source` starts.
    """
    parser = _Parser("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    # Inline text is parsed block by block below, so that its cost can be bounded.
    parser.disable(["inline"])
    references: dict[str, Any] = {}
    reader = _Reader(parser, references, first_line)
    for token in parser.parse(source, references):
        reader.take(token)
    return Body(tuple(reader.blocks), tuple(reader.links))


class _Parser(MarkdownIt):
    """Takes every link for a link: nothing here is followed, and one to `javascript:` has to be found to be told."""

    def validateLink(self, url: str) -> bool:  # noqa: N802, ARG002 — markdown-it's own name
        return True


@dataclass(slots=True)
class _Item:
    """A list item of the outermost list while it is gathered."""

    line: int
    parts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    """Goes through the block tokens once, in order."""

    parser: MarkdownIt
    references: dict[str, Any]
    """The addresses of `[text][label]`, as the parser keeps them."""
    first_line: int
    blocks: list[Block] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    item: _Item | None = None
    lists: list[int | None] = field(default_factory=list)
    """For each list around this point: the next number, or None for bullets."""
    mark: str = ""
    """What to write before the next text: the bullet or number of the item that begins here."""
    heading: int = 0
    header: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    rows: int = 0
    in_head: bool = False
    in_cell: bool = False
    line: int = 0

    def take(self, token: Token) -> None:
        """Take the next token."""
        if token.map:
            self.line = self.first_line + token.map[0]
        match token.type:
            case "inline":
                self._text(self._plain(token.content), BlockKind.TEXT)
            case "fence" | "code_block":
                self._text(token.content.strip("\n"), BlockKind.CODE)
            case "html_block":
                self._html(token.content)
            case "heading_open":
                self.heading = int(token.tag[1:])
            case "heading_close":
                self.heading = 0
            case kind if kind.startswith(("bullet_list", "ordered_list", "list_item")):
                self._list(token)
            case kind if kind.startswith(("thead", "tr", "th", "td", "table")):
                self._table(token)
            case _:
                pass

    def _text(self, text: str, kind: BlockKind) -> None:
        if self.in_cell:
            self.cells[-1] = text
            return
        if not text.strip():
            return
        if self.item is not None:
            indent = "  " * (len(self.lists) - 1)
            lead, self.mark = self.mark, ""
            self.item.parts.append(indent + lead + text.replace("\n", "\n" + indent))
        elif self.heading:
            self.blocks.append(Block(BlockKind.HEADING, " ".join(text.split()), self.line, self.heading))
        else:
            self.blocks.append(Block(kind, text, self.line))

    def _html(self, content: str) -> None:
        shown = webpage.parse(content, self.line)
        self.links.extend(shown.links)
        if self.item is not None:
            self._text(shown.text, BlockKind.TEXT)
        else:
            self.blocks.extend(shown.blocks)

    def _list(self, token: Token) -> None:
        if token.type == "list_item_open":
            number = self.lists[-1]
            self.mark = "• " if number is None else f"{number}. "
            if number is not None:
                self.lists[-1] = number + 1
            if self.item is None:
                self.item = _Item(self.line)
        elif token.type == "list_item_close":
            # An item without words leaves no mark behind for the next.
            self.mark = ""
            if len(self.lists) == 1 and self.item is not None:
                if self.item.parts:
                    self.blocks.append(Block(BlockKind.ITEM, "\n".join(self.item.parts), self.item.line))
                self.item = None
        elif token.nesting > 0:
            start = int(token.attrs.get("start", 1))
            self.lists.append(start if token.type == "ordered_list_open" else None)
        else:
            self.lists.pop()

    def _table(self, token: Token) -> None:
        if token.type in ("thead_open", "thead_close"):
            self.in_head = token.nesting > 0
        elif token.type in ("th_open", "td_open"):
            self.in_cell = True
            self.cells.append("")
        elif token.type in ("th_close", "td_close"):
            self.in_cell = False
        elif token.type == "tr_open":
            self.cells = []
        elif token.type == "tr_close":
            self._row()
        elif token.type == "table_close":
            if not self.rows:
                self._add_row(row_text([], self.header))
            self.header, self.rows = [], 0

    def _row(self) -> None:
        if self.in_head:
            self.header = self.cells
            return
        self.rows += 1
        self._add_row(row_text(self.header, self.cells))

    def _add_row(self, text: str) -> None:
        if text and self.item is not None:
            self._text(text, BlockKind.ROW)
        elif text:
            self.blocks.append(Block(BlockKind.ROW, text, self.line))

    def _plain(self, content: str) -> str:
        """Return inline Markdown as plain text, and keep its links."""
        if len(content) > MAX_INLINE or content.count("[") > MAX_OPENINGS:
            self.links.extend(Link(match[2], self.line) for match in _LINK.finditer(content))
            return _ATTRIBUTES.sub("", _LINK.sub(r"\1", content))
        tokens: list[Token] = []
        self.parser.inline.parse(content, self.parser, self.references, tokens)
        out: list[str] = []
        line = self.line
        for token in tokens:
            if token.type in ("softbreak", "hardbreak"):
                line += 1
                out.append("\n" if token.type == "hardbreak" else " ")
            elif token.type == "link_open":
                self.links.append(Link(str(token.attrs.get("href", "")), line))
            elif token.type == "html_inline":
                out.append("\n" if token.content[:3].lower() == "<br" else "")
            else:
                out.append(token.content)
        return _ATTRIBUTES.sub("", "".join(out)).strip()
