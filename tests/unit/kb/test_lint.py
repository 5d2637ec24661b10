"""What `kb lint` finds besides broken files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from agentassist.kb import library
from agentassist.kb.lint import lint
from agentassist.kb.problems import Problem, Severity
from agentassist.kb.similar import PassageVectors

TODAY = date(2026, 11, 22)
FULL = (
    "id: {id}\ntitle: About {id}\nurl: https://help.example/articles/{id}\n"
    "review_by: 2027-01-01\nverified_by: care-team\n"
)
BODY = "Hold the button under the ring for ten seconds until the display goes dark, then let go of it.\n"


def article(folder: Path, ident: str, *, extra: str = "", body: str = BODY, without: str = "") -> None:
    """Write an article that has every field."""
    lines = [line for line in FULL.format(id=ident).splitlines() if not line.startswith(f"{without}:")]
    folder.mkdir(exist_ok=True, parents=True)
    matter = "\n".join([*lines, *extra.splitlines()])
    (folder / f"{ident}.md").write_text(f"---\n{matter}\n---\n{body}", encoding="utf-8")


def said(folder: Path, vectors: PassageVectors | None = None) -> list[Problem]:
    """Return what lint finds on the day of these tests."""
    return list(lint(folder, TODAY, vectors))


def test_a_good_one_is_silent(tmp_path: Path) -> None:
    """An article with every field and a body has nothing to say about."""
    article(tmp_path, "a")
    assert said(tmp_path) == []


@pytest.mark.parametrize("key", ["id", "url", "review_by", "verified_by"])
def test_missing_fields(tmp_path: Path, key: str) -> None:
    """Each field that an article should have is missed by name, as a warning."""
    article(tmp_path, "a", without=key)
    (found,) = said(tmp_path)
    assert (found.path, found.line, found.field, found.severity) == ("a.md", 1, key, Severity.WARNING)
    assert found.hint


def test_a_missing_title(tmp_path: Path) -> None:
    """A title taken from the first heading is told too."""
    article(tmp_path, "a", without="title", body="# A heading\n\n" + BODY)
    assert [(item.field, item.severity) for item in said(tmp_path)] == [("title", Severity.WARNING)]


def test_an_internal_article_needs_no_url(tmp_path: Path) -> None:
    """What is never sent needs no address."""
    article(tmp_path, "a", without="url", extra="audience: internal")
    assert said(tmp_path) == []


@pytest.mark.parametrize(
    ("day", "status", "count"),
    [("2026-11-21", "published", 1), ("2026-11-22", "published", 0), ("2020-01-01", "archived", 0)],
)
def test_past_review(tmp_path: Path, day: str, status: str, count: int) -> None:
    """The last day counts as in time, and only what could be suggested is told, on its own line."""
    article(tmp_path, "a", without="review_by", extra=f"status: {status}\nreview_by: {day}")
    found = said(tmp_path)
    assert [(item.field, item.line) for item in found] == [("review_by", 7)] * count


def test_unknown_keys_name_the_nearest(tmp_path: Path) -> None:
    """A mistyped key is a warning with what was meant; a strange one lists what is known."""
    article(tmp_path, "a", extra="verfied_by: x\nzzz: 1")
    first, second = said(tmp_path)
    assert (first.field, first.line, first.hint) == ("verfied_by", 7, "Did you mean verified_by?")
    assert "verbatim" in second.hint


@pytest.mark.parametrize(("body", "words"), [("", "no text"), ("Hold it.\n", "only 2 words"), ("***\n", "no text")])
def test_short_bodies(tmp_path: Path, body: str, words: str) -> None:
    """A body that cannot answer anything is told."""
    article(tmp_path, "a", body=body)
    (found,) = said(tmp_path)
    assert words in found.message


def test_videos(tmp_path: Path) -> None:
    """A video without captions or duration, and captions that outlast it, are told; two seconds are rounding."""
    (tmp_path / "c.vtt").write_text(f"WEBVTT\n\n00:01.000 --> 01:00.000\n{BODY}", encoding="utf-8")
    article(tmp_path, "bare", extra="kind: video")
    article(tmp_path, "fits", extra='captions: c.vtt\nduration: "0:58"')
    article(tmp_path, "over", extra='captions: c.vtt\nduration: "0:50"')
    assert [(item.path, item.field) for item in said(tmp_path) if "same" not in item.message] == [
        ("bare.md", "captions"),
        ("bare.md", "duration"),
        ("over.md", "duration"),
    ]


def test_unused_captions_are_one_note(tmp_path: Path) -> None:
    """Captions that no video names are told once for all."""
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.vtt").write_text("WEBVTT\n", encoding="utf-8")
    (found,) = said(tmp_path)
    assert (found.path, found.severity) == ("a.vtt", Severity.NOTE)
    assert "2 more" in found.message


@pytest.mark.parametrize(
    ("link", "count"),
    [
        ("https://help.example/articles/b", 0),
        ("https://www.help.example/articles/b/?x=1#part", 0),
        ("/articles/b", 0),
        ("b", 0),
        ("https://help.example/articles/gone", 1),
        ("/articles/gone#part", 1),
        ("gone", 1),
        ("https://help.example/contact", 0),
        ("https://other.example/articles/gone", 0),
        ("mailto:a@b.example", 0),
        ("#part", 0),
        ("https://[x", 0),
    ],
)
def test_links_to_articles_that_are_not_there(tmp_path: Path, link: str, count: int) -> None:
    """Only links below the knowledge base's own address count, however they are written; the line is the link's."""
    article(tmp_path, "a", body=f"{BODY}\nSee [this]({link}).\n")
    article(tmp_path, "b", body="shipping returns refunds invoices cards " * 5)
    found = said(tmp_path)
    assert [(item.path, item.line, item.field) for item in found] == [("a.md", 10, "body")] * count


@pytest.mark.parametrize(
    ("link", "count"),
    [
        ("javascript:alert(1)", 1),
        ("JavaScript:alert(1)", 1),
        ("<java\tscript:alert(1)>", 1),
        ("data:text/html,x", 1),
        ("file:///etc/passwd", 1),
        ("ftp://help.example/x", 1),
        ("mailto:a@b.example", 0),
        ("tel:+351123", 0),
        ("/articles/a", 0),
        ("//other.example/x", 0),
        ("?q=javascript:x", 0),
    ],
)
def test_links_that_are_no_web_address(tmp_path: Path, link: str, count: int) -> None:
    """What a browser would run is an error with its line, in Markdown and in HTML; mail and telephone are none."""
    article(tmp_path, "a", body=f"{BODY}\nSee [this]({link}).\n")
    href = link.strip("<>")
    page = f'<html><head><title>T</title></head><body>\n<p>{BODY * 3}<a href="{href}">x</a></p></body></html>'
    (tmp_path / "b.html").write_text(page, encoding="utf-8")
    found = [item for item in said(tmp_path) if "no web address" in item.message]
    assert [(item.path, item.line, item.severity) for item in found] == [
        ("a.md", 10, Severity.ERROR),
        ("b.html", 5, Severity.ERROR),
    ][: count * 2]


def test_an_id_that_is_taken_is_told_of_a_file_that_fails_otherwise_too(tmp_path: Path) -> None:
    """Both faults are told at once, whichever file comes first; what is used keeps its id."""
    article(tmp_path, "a", extra="status: nope")
    article(tmp_path, "b", without="id", extra="id: a")
    (tmp_path / "snippets").mkdir()
    (tmp_path / "snippets/a.md").write_text("---\nid: a\ntitle: A\n---\nHi.\n", encoding="utf-8")
    (tmp_path / "snippets/c.md").write_text("---\nid: A\ntitle: [x]\n---\nHi.\n", encoding="utf-8")
    errors = [item for item in said(tmp_path) if item.fatal]
    assert [(item.path, item.line, item.field) for item in errors] == [
        ("a.md", 2, "id"),
        ("a.md", 7, "status"),
        ("snippets/c.md", 2, "id"),
        ("snippets/c.md", 3, "title"),
    ]
    assert errors[0].message == "id a is already that of b.md"
    assert [item.article.id for item in library.load(tmp_path).articles] == ["a"]


def test_a_field_is_named_once(tmp_path: Path) -> None:
    """The message that begins by naming its field needs no other name before it; any other gets one."""
    article(tmp_path, "a", without="url", extra='url: "javascript:x"')
    article(tmp_path, "b", body="Hold it.\n")
    assert [str(item) for item in said(tmp_path)] == [
        "a.md:6: error: url has the scheme javascript:, not https:",
        "b.md:1: warning: body: has only 2 words",
    ]


def test_same_titles(tmp_path: Path) -> None:
    """Titles that look the same are told on the later file, unless the language differs."""
    for name, title, language in [("a", "Reset it", "en"), ("b", "'Reset  IT '", "en"), ("c", "Reset it", "de")]:
        article(tmp_path, name, without="title", extra=f"title: {title}\nlanguage: {language}", body=f"{name} " * 20)
    assert [(item.path, item.field, item.line) for item in said(tmp_path)] == [("b.md", "title", 6)]


def test_copies_are_found_without_vectors(tmp_path: Path) -> None:
    """Two articles with the same wording are told; drafts and other languages are not held against each other."""
    article(tmp_path, "a")
    article(tmp_path, "b")
    article(tmp_path, "c", extra="status: draft")
    article(tmp_path, "d", extra="language: de")
    (found,) = said(tmp_path)
    assert (found.path, found.field) == ("b.md", "body")
    assert "a.md (100%)" in found.message


def test_near_duplicates_are_found_by_vectors(tmp_path: Path) -> None:
    """With an index, meaning decides; rows of articles that are gone do no harm, and new articles go by wording."""
    article(tmp_path, "a", body="one " * 20)
    article(tmp_path, "b", body="two " * 20)
    article(tmp_path, "c", body="three " * 20)
    article(tmp_path, "d", body="one " * 20)
    matrix = np.array([[1.0, 0.0], [0.96, 0.28], [0.0, 1.0], [1.0, 0.0]], dtype=np.float32)
    by_meaning, by_words = said(tmp_path, PassageVectors(("a", "b", "c", "gone"), matrix))
    assert (by_meaning.path, by_words.path) == ("b.md", "d.md")
    assert "a.md (96%)" in by_meaning.message
    assert "a.md (100%)" in by_words.message


def test_snippets(tmp_path: Path) -> None:
    """Variables that nothing fills in and braces without their other half are told with their line."""
    folder = tmp_path / "snippets"
    folder.mkdir()
    good = "---\nid: ok\ntitle: OK\ntags: [a]\nlanguage: en\nverbatim: true\n---\nHi {{customer.name}} {{ product }}\n"
    (folder / "ok.md").write_text(good, encoding="utf-8")
    bad = "---\ntag: x\n---\n\nHi {{customer.nam}}\n{{password}} {{\n}} {{}}\n"
    (folder / "bad.md").write_text(bad, encoding="utf-8")
    assert [(item.path, item.line, item.field, item.hint) for item in said(tmp_path) if item.field == "body"] == [
        ("snippets/bad.md", 5, "body", "Did you mean customer.name?"),
        ("snippets/bad.md", 6, "body", said(tmp_path)[-4].hint),
        ("snippets/bad.md", 6, "body", "Close it, or remove it: nothing with braces is ever sent."),
        ("snippets/bad.md", 7, "body", "Close it, or remove it: nothing with braces is ever sent."),
        ("snippets/bad.md", 7, "body", "Close it, or remove it: nothing with braces is ever sent."),
    ]
    assert [(item.line, item.field) for item in said(tmp_path) if item.field != "body"] == [
        (1, "id"),
        (1, "title"),
        (2, "tag"),
    ]


def test_errors_come_along_and_the_order_is_that_of_the_files(tmp_path: Path) -> None:
    """Lint tells what loading refuses too, by path and line."""
    article(tmp_path, "b", extra="x: y\nstatus: nope")
    article(tmp_path, "a", extra="zz: y")
    found = said(tmp_path)
    assert [(item.path, item.line, item.fatal) for item in found] == [("a.md", 7, False), ("b.md", 8, True)]
    assert str(found[1]) == "b.md:8: error: unknown status: nope"


def test_a_problem_is_safe_to_print(tmp_path: Path) -> None:
    """What a problem quotes from a file reaches a terminal as characters that only show."""
    article(tmp_path, "a", extra='status: "\\e]52;c;aGk=\\a\\u202Ex"')
    (found,) = said(tmp_path)
    assert "\x1b" in found.message
    assert not {"\x1b", "\x07", "\u202e"} & set(str(found))
