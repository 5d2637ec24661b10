"""What a body becomes, whatever it was written in: plain blocks with their line, and the links that it held."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BlockKind(StrEnum):
    """What a block is.

    heading · text: a paragraph · item: one list item or step with all that belongs to it · row: one row of a table ·
    code: kept as it is.
    """

    HEADING = "heading"
    TEXT = "text"
    ITEM = "item"
    ROW = "row"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of plain text, never empty.

    Attributes:
        line: of the file, 1 is the first.
        level: 1 to 6 for a heading, else 0.
    """

    kind: BlockKind
    text: str
    line: int
    level: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a body.

    Attributes:
        href: as it was written.
        line: of the file, 1 is the first.
    """

    href: str
    line: int


@dataclass(frozen=True, slots=True)
class Body:
    """A body in plain blocks.

    Attributes:
        title: what the file itself calls its title (HTML), else empty.
        language: what the file itself says (HTML), else empty.
        url: the address that the file gives for itself (HTML), else empty.
    """

    blocks: tuple[Block, ...] = ()
    links: tuple[Link, ...] = ()
    title: str = ""
    language: str = ""
    url: str = ""

    @property
    def first_heading(self) -> Block | None:
        """The first heading, if there is one."""
        return next((block for block in self.blocks if block.kind is BlockKind.HEADING), None)

    @property
    def text(self) -> str:
        """All blocks as plain text; a blank line before headings and paragraphs."""
        parts: list[str] = []
        for number, block in enumerate(self.blocks):
            apart = block.kind in (BlockKind.HEADING, BlockKind.TEXT, BlockKind.CODE)
            joined = number > 0 and (apart or self.blocks[number - 1].kind is not block.kind)
            parts.append("\n" + block.text if joined else block.text)
        return "\n".join(parts)


def row_text(header: list[str], cells: list[str]) -> str:
    """Return one table row as "header: cell; header: cell", without the empty cells."""
    pairs = []
    for number, cell in enumerate(cells):
        name = header[number] if number < len(header) else ""
        if cell:
            pairs.append(f"{name}: {cell}" if name and name != cell else cell)
    return "; ".join(pairs)
