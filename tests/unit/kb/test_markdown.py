"""Markdown to plain blocks."""

from __future__ import annotations

from time import process_time

import pytest

from agentassist.kb import markdown
from agentassist.kb.blocks import BlockKind


def blocks(source: str) -> list[tuple[str, str]]:
    """Return kind and text of each block."""
    return [(block.kind.value, block.text) for block in markdown.parse(source).blocks]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hold the **button** for *10* `s`.", [("text", "Hold the button for 10 s.")]),
        ("one\ntwo  \nthree", [("text", "one two\nthree")]),
        ("[Pair](https://a.example/b) it ![a picture](c.png)", [("text", "Pair it a picture")]),
        ("See [this][1].\n\n[1]: https://a.example", [("text", "See this.")]),
        ("a &amp; b &#124; c \\* d", [("text", "a & b | c * d")]),
        ("~~old~~ new", [("text", "old new")]),
        ("# A `b` *c*\ntext", [("heading", "A b c"), ("text", "text")]),
        ("A\n===\nB\n---", [("heading", "A"), ("heading", "B")]),
        ("> quoted\n> words", [("text", "quoted words")]),
        ("```py\nx = 1\n\ny\n```", [("code", "x = 1\n\ny")]),
        ("    indented", [("code", "indented")]),
        ('[go](/x){:class="button"} on', [("text", "go on")]),
        ("<strong>Never</strong> share<br>it", [("text", "Never share\nit")]),
        (
            "<div>\n<b>Note</b> &amp; more\n</div>\n\n<!-- hidden -->\n\n<script>\nalert(1)\n</script>",
            [("text", "Note & more")],
        ),
        ("***", []),
        ("", []),
    ],
)
def test_inline_and_leaf_blocks(source: str, expected: list[tuple[str, str]]) -> None:
    """Marks vanish, words stay, code stays as it is."""
    assert blocks(source) == expected


def test_a_step_is_one_block_with_all_that_belongs_to_it() -> None:
    """Nested lists, paragraphs and tables inside a step stay with it, and numbers go on where the list begins."""
    source = "3. Do *x*\n   - this\n   - that\n\n     more\n4. Then\n\n   ```\n   code\n   ```\n\n- a\n- \n- b"
    assert blocks(source) == [
        ("item", "3. Do x\n  • this\n  • that\n  more"),
        ("item", "4. Then\ncode"),
        ("item", "• a"),
        ("item", "• b"),
    ]


def test_table_rows_name_their_columns() -> None:
    """A row can be read alone, empty cells are passed over, and a header without rows is not lost."""
    table = "| Code | Meaning |\n|---|---|\n| **E1** | No [link](u) |\n| E2 | |\n\n| Only | header |\n|---|---|\n"
    assert blocks(table) == [
        ("row", "Code: E1; Meaning: No link"),
        ("row", "Code: E2"),
        ("row", "Only; header"),
    ]


def test_lines_and_links_are_those_of_the_file() -> None:
    """Blocks and links count from the line on which the body starts."""
    body = markdown.parse("# A\n\ntext\n[b](https://b.example)\n\n1. [c](/c)\n", first_line=10)
    assert [(block.kind, block.line) for block in body.blocks] == [
        (BlockKind.HEADING, 10),
        (BlockKind.TEXT, 12),
        (BlockKind.ITEM, 15),
    ]
    assert [(link.href, link.line) for link in body.links] == [("https://b.example", 13), ("/c", 15)]


def test_a_paragraph_of_too_many_links_still_reads() -> None:
    """Where the parser would take too long, plain links still become their text."""
    body = markdown.parse(" ".join(f"[w{n}](https://a.example/{n})" for n in range(100)))
    assert body.blocks[0].text == " ".join(f"w{n}" for n in range(100))
    assert len(body.links) == 100


@pytest.mark.parametrize(
    "source",
    [
        "\n".join(f"{'#' * (n % 6 + 1)} heading {n}\n\ntext {n}\n" for n in range(500)),
        "|a" * 300 + "|\n" + "|-" * 300 + "|\n" + ("|b" * 300 + "|\n") * 50,
        "[" * 50_000,
        "![](" * 20_000,
        "*a _b " * 10_000,
        "> " * 50_000 + "x",
        "- " * 20_000 + "x",
        "".join("  " * n + "- a\n" for n in range(300)),
        "`" * 50_000,
        "<" * 50_000,
        "<a b='" * 10_000,
        "&" * 50_000,
        "[a]: b '" + "x\n" * 20_000,
        "a\u0000b\ud800",
    ],
    ids=["headings", "table", "brackets", "images", "stars", "quotes", "dashes", "deep", "ticks", "less", "tags", "and",
         "reference", "surrogate"],
)  # fmt: skip
def test_hostile_markdown_takes_bounded_work(source: str) -> None:
    """Nothing crashes, and no file of this size takes long (the limit is ten times what a slow machine needs)."""
    started = process_time()
    markdown.parse(source)
    assert process_time() - started < 10
