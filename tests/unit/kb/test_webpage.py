"""HTML to plain blocks."""

from __future__ import annotations

from time import process_time

import pytest

from agentassist.kb import webpage


def blocks(source: str) -> list[tuple[str, str]]:
    """Return kind and text of each block."""
    return [(block.kind.value, block.text) for block in webpage.parse(source).blocks]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>Hold the <b>button</b>\n  now.</p><p>Then", [("text", "Hold the button now."), ("text", "Then")]),
        ("<h2 class='x>y'>A &amp; B</h2>text", [("heading", "A & B"), ("text", "text")]),
        ("a<br/>b", [("text", "a"), ("text", "b")]),
        ("<script>alert('<p>x</p>')</script>y<style>p{}</style><!-- <p>z --> w", [("text", "y w")]),
        ("<SCRIPT>x</SCRIPT>y", [("text", "y")]),
        ("<script>never closed <p>x", []),
        ("5 < 6 and 7 > 6 <3", [("text", "5 < 6 and 7 > 6 <3")]),
        ("<pre>a\n  b</pre>", [("code", "a\n  b")]),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>", [("item", "• a"), ("item", "• b\n  • c")]),
        ("<ol start=3><li><p>x</p><p>y</p></li><li>z</li></ol>", [("item", "3. x\ny"), ("item", "4. z")]),
        (
            "<table><tr><th>Code<th>Meaning</tr><tr><td>E1<td><p>No</p> link</tr></table>",
            [("row", "Code: E1; Meaning: No link")],
        ),
        ("<table><tr><th>Code</th><td>E1</td></tr></table>", [("row", "Code; E1")]),
        ("<img alt='A dial' src=x> here", [("text", "A dial here")]),
        ("<nav><a href=/>Home</a></nav>x", [("text", "x")]),
        ("&lt;b&gt; &#x41; &nbsp;c", [("text", "<b> A c")]),
        ("<a title='never closed <p>x</p>", [("text", "x")]),
        ("text <b", [("text", "text <b")]),
        ("", []),
    ],
)
def test_what_a_page_shows(source: str, expected: list[tuple[str, str]]) -> None:
    """Tags vanish or part blocks, what is hidden stays out, and broken HTML is taken as browsers do."""
    assert blocks(source) == expected


def test_what_a_page_says_of_itself() -> None:
    """Title, language and canonical address come from the head; lines are counted."""
    page = webpage.parse(
        "<!doctype html>\n<html lang='de'><head><title>A &amp;\n B</title>\n"
        "<link rel=canonical href=https://a.example/b></head>\n<body>\n<p>x <a href='/c?d&amp;e'>y</a></p>"
    )
    assert (page.title, page.language, page.url) == ("A & B", "de", "https://a.example/b")
    assert [(block.text, block.line) for block in page.blocks] == [("x y", 6)]
    assert [(link.href, link.line) for link in page.links] == [("/c?d&e", 6)]


@pytest.mark.parametrize(
    "unit",
    ["<", "<a", "<!", "<!--", "<a x=", "<![CDATA[", "</", '<a "', "<a '>\" ", "<script>", "&", "&#", "&am;", "<div>",
     "<ul><li>a", "<table><tr><td>a", "<th>a", "<b>", "<title>", "a ", "\n", "<a " + "a " * 50],
)  # fmt: skip
def test_hostile_html_takes_time_in_its_length(unit: str) -> None:
    """A quarter of a megabyte of anything is read in a moment: a tree-building parser needs minutes for some."""
    started = process_time()
    webpage.parse(unit * (250_000 // len(unit)))
    assert process_time() - started < 5
