"""A whole knowledge base: what is right is used, what is broken is told and left out."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from agentassist.errors import NotFoundError
from agentassist.kb import library
from agentassist.kb.files import MAX_BYTES
from agentassist.kb.problems import Problem, Severity
from agentassist.models import ArticleKind, Audience, Status

GOOD = "---\nid: {id}\ntitle: {id}\n---\nSome words.\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:04.000\nHello there.\n"


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    """Return an empty knowledge base."""
    folder = tmp_path / "kb"
    for name in ("articles", "videos", "snippets", "conversations", "flows"):
        (folder / name).mkdir(parents=True)
    return folder


def put(folder: Path, path: str, text: str | bytes) -> Path:
    """Write a file of a knowledge base."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def fatal(folder: Path) -> list[Problem]:
    """Return why files were left out."""
    return [problem for problem in library.load(folder).problems if problem.fatal]


def test_every_field(kb: Path) -> None:
    """A file that says everything is taken at its word."""
    put(
        kb,
        "articles/a.md",
        "---\nid: Reset.dial_1\ntitle:  Reset   the code \nkind: article\nurl: https://help.example/a?b=c#d\n"
        "tags: [dial, ' pairing ', dial]\nlanguage: pt_BR\nstatus: Draft\naudience: internal\nupdated: 2026-08-14\n"
        "review_by: 2027-08-31\nverified_by: device-team\nverbatim: true\n---\n\n# Reset the code\n\nHold it.\n",
    )
    (item,) = library.load(kb).articles
    article = item.article
    assert (article.id, article.title, article.kind) == ("Reset.dial_1", "Reset the code", ArticleKind.ARTICLE)
    assert (article.url, article.path) == ("https://help.example/a?b=c#d", "articles/a.md")
    assert (article.tags, article.language) == (("dial", "pairing"), "pt-BR")
    assert (article.status, article.audience) == (Status.DRAFT, Audience.INTERNAL)
    assert (article.updated, article.review_by) == (date(2026, 8, 14), date(2027, 8, 31))
    assert (article.verified_by, article.verbatim, len(article.digest)) == ("device-team", True, 64)
    assert [(passage.article_id, passage.text) for passage in item.passages] == [("Reset.dial_1", "Hold it.")]


def test_what_a_bare_file_becomes(kb: Path) -> None:
    """An existing help centre works as it is: the path is the id, the first heading the title."""
    put(kb, "articles/Sub Folder/Über uns!.md", b"\xef\xbb\xbf## About *us*\r\n\r\nText\r\n")
    (item,) = library.load(kb).articles
    article = item.article
    assert (article.id, article.title) == ("sub-folder-über-uns", "About us")
    assert (article.status, article.audience, article.language) == (Status.PUBLISHED, Audience.CUSTOMER, "en")
    assert (article.url, article.tags, article.review_by) == ("", (), None)
    assert [passage.text for passage in item.passages] == ["Text"]


def test_html(kb: Path) -> None:
    """An HTML file needs no front matter: title, language and address are its own."""
    put(
        kb,
        "articles/x.html",
        "<html lang=fr><title>Le  titre</title><link rel=canonical href=https://a.example/x>"
        "<h1>Le titre</h1><p>Un.</p>",
    )
    put(kb, "articles/y.htm", "<link rel=canonical href='javascript:alert(1)'><h2>Only a heading</h2><p>Two.</p>")
    first, second = library.load(kb).articles
    assert (first.article.title, first.article.language, first.article.url) == ("Le titre", "fr", "https://a.example/x")
    assert [passage.text for passage in first.passages] == ["Un."]
    assert (second.article.id, second.article.title, second.article.url) == ("y", "Only a heading", "")


def test_video(kb: Path) -> None:
    """A video has its description, then what is said, each with its second; captions alone make it a video."""
    put(kb, "videos/v.md", "---\ntitle: V\ncaptions: v.vtt\nduration: 1:00:05\n---\nA description.\n")
    put(kb, "videos/v.vtt", VTT)
    (item,) = library.load(kb).articles
    assert (item.article.id, item.article.kind, item.origin.duration) == ("v", ArticleKind.VIDEO, 3605.0)
    assert [(p.number, p.text, p.start) for p in item.passages] == [
        (0, "A description.", None),
        (1, "Hello there.", 1.0),
    ]
    assert item.body == "A description.\n\nHello there."
    before = item.article.digest
    put(kb, "videos/v.vtt", VTT + "\n00:05.000 --> 00:06.000\nMore.\n")
    assert library.load(kb).articles[0].article.digest != before


@pytest.mark.parametrize(
    ("field", "key", "line"),
    [
        ("status: publshed", "status", 3),
        ("audience: all", "audience", 3),
        ("kind: podcast", "kind", 3),
        ("review_by: 2027-02-30", "review_by", 3),
        ("review_by: next year", "review_by", 3),
        ("updated: 20260814", "updated", 3),
        ("url: javascript:alert(1)", "url", 3),
        ("url: 'JavaScript:alert(1)'", "url", 3),
        ("url: data:text/html,x", "url", 3),
        ("url: ftp://a.example", "url", 3),
        ("url: //a.example/b", "url", 3),
        ("url: help/a", "url", 3),
        ("url: 'https://'", "url", 3),
        ("url: https://good.example@evil.example/", "url", 3),
        ('url: "https://a.example/\\u202Eb"', "url", 3),
        ("url: 'https://[::1'", "url", 3),
        ("url: 'https://a.example:99999/'", "url", 3),
        ("url: https://a.example/" + "b" * 2_000, "url", 3),
        ("id: a b", "id", 3),
        ("id: ../../etc/passwd", "id", 3),
        ('id: "a\\u001Bb"', "id", 3),
        ("id: -a", "id", 3),
        ("id: " + "a" * 121, "id", 3),
        ("id: [a]", "id", 3),
        ("verbatim: maybe", "verbatim", 3),
        ("language: english please", "language", 3),
        ("tags: {a: b}", "tags", 3),
        ("duration: soon", "duration", 3),
        ("captions: missing.vtt", "captions", 3),
        ("captions: ../../outside.vtt", "captions", 3),
        ("captions: /etc/passwd", "captions", 3),
        ("kind: article\ncaptions: v.vtt", "captions", 4),
        ("x: {", "", 3),
    ],
)
def test_a_broken_value_leaves_out_its_file_only(kb: Path, field: str, key: str, line: int) -> None:
    """The problem names file, line and field; nothing of that file is used, everything of the others is."""
    put(kb, "articles/bad.md", f"---\ntitle: Bad\n{field}\n---\nSome words.\n")
    put(kb, "articles/good.md", GOOD.format(id="good"))
    put(kb.parent, "outside.vtt", VTT)
    put(kb, "articles/v.vtt", VTT)
    loaded = library.load(kb)
    assert [item.article.id for item in loaded.articles] == ["good"]
    assert [(item.path, item.field, item.line) for item in loaded.problems] == [("articles/bad.md", key, line)]
    assert loaded.problems[0].fatal
    assert loaded.problems[0].message
    assert loaded.problems[0].hint


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        (b"---\ntitle: caf\xe9\n---\nx", 2, "not UTF-8"),
        ("---\ntitle: x\n---\nx".encode("utf-16"), 1, "not UTF-8"),
        (b"---\ntitle: x\n---\na\n\x00b", 5, "NUL"),
        (b"# A\n" + b"x" * MAX_BYTES, 0, "1,000,000"),
        (b"---\ntitle: x\n", 1, "never closed"),
        (b"no heading", 1, "no title"),
        (b"---\ntitle: " + b"x" * 301 + b"\n---\nx", 2, "301 characters"),
        (b"", 1, "no title"),
    ],
)
def test_a_file_that_is_no_text_or_has_no_title(kb: Path, raw: bytes, line: int, words: str) -> None:
    """Wrong bytes, wrong size and a missing title are told with their line."""
    put(kb, "articles/bad.md", raw)
    (problem,) = fatal(kb)
    assert (problem.path, problem.line) == ("articles/bad.md", line)
    assert words in problem.message


def test_broken_captions_name_their_own_line_and_leave_out_the_video(kb: Path) -> None:
    """Both files are named: the captions with the broken line, the video because it is left out."""
    put(kb, "videos/v.md", "---\ntitle: V\ncaptions: v.vtt\n---\nText\n")
    put(kb, "videos/v.vtt", "WEBVTT\n\n00:01.000 -> 00:02.000\nx\n\n00:03,000 --> 00:04.000\ny\n")
    loaded = library.load(kb)
    assert loaded.articles == ()
    assert [(item.path, item.line) for item in loaded.problems] == [("videos/v.md", 3), ("videos/v.vtt", 6)]


@pytest.mark.parametrize("second", ["same", "SAME", "'same '", '"\\uFF53ame"'])
def test_x_and_x_with_a_blank_are_one_id(kb: Path, second: str) -> None:
    """White space, case and compatibility forms make no second article: the later file is left out and told."""
    put(kb, "articles/a.md", GOOD.format(id="same"))
    put(kb, "articles/b.md", f"---\ntitle: B\nid: {second}\n---\nSome words.\n")
    assert [item.article.path for item in library.load(kb).articles] == ["articles/a.md"]
    (problem,) = fatal(kb)
    assert (problem.path, problem.line, problem.field) == ("articles/b.md", 3, "id")
    assert "articles/a.md" in problem.message


def test_ids_made_of_paths_are_their_own(kb: Path) -> None:
    """Two paths with the same words, an id that another file says, and a path without words all get an id."""
    put(kb, "articles/a b.md", "# One\n\nx\n")
    put(kb, "articles/a-b.md", "# Two\n\nx\n")
    put(kb, "articles/z.md", "# Three\n\nx\n")
    put(kb, "articles/other.md", GOOD.format(id="z"))
    put(kb, "articles/!!!.md", "# Four\n\nx\n")
    loaded = library.load(kb)
    ids = {item.article.path: item.article.id for item in loaded.articles}
    assert loaded.problems == ()
    assert len(set(ids.values())) == 5
    assert ids["articles/other.md"] == "z"
    assert ids["articles/a b.md"] == "a-b"
    assert ids["articles/z.md"].startswith("z-")
    assert all(passage.article_id == item.article.id for item in loaded.articles for passage in item.passages)
    # Nothing random: the same folder gives the same ids.
    assert ids == {item.article.path: item.article.id for item in library.load(kb).articles}


def test_which_files_are_articles(kb: Path) -> None:
    """Every .md and .html below the folder, except snippets, conversations, flows, hidden ones and a bare README."""
    for path in ("articles/deep/er/a.md", "b.md", "videos/c.markdown", "extra/d.html", "extra/flows/e.md"):
        put(kb, path, f"# {path}\n\n<p>Words</p>\n" if not path.endswith("html") else "<title>d</title><p>Words")
    for path in ("conversations/no.md", "flows/no.md", ".git/no.md", "articles/.no.md", "articles/no.txt"):
        put(kb, path, "# no\n\nno\n")
    put(kb, "README.md", "# About this folder\n")
    put(kb, "articles/Notice.md", "text")
    put(kb, "extra/readme.md", GOOD.format(id="readme-is-an-article"))
    loaded = library.load(kb)
    assert {item.article.path for item in loaded.articles} == {
        "articles/deep/er/a.md", "b.md", "videos/c.markdown", "extra/d.html", "extra/flows/e.md", "extra/readme.md",
    }  # fmt: skip
    notes = [(item.path, item.severity) for item in loaded.problems]
    assert notes == [("README.md", Severity.NOTE), ("articles/Notice.md", Severity.NOTE)]


def test_links_that_lead_out_are_refused(kb: Path) -> None:
    """A symbolic link to a file outside is told and not read, a linked folder is not entered, not even in a circle."""
    outside = put(kb.parent, "secret.md", GOOD.format(id="secret"))
    put(kb.parent, "more/inner.md", GOOD.format(id="inner"))
    put(kb.parent, "out.vtt", VTT)
    (kb / "articles/link.md").symlink_to(outside)
    (kb / "articles/circle").symlink_to(kb)
    (kb / "articles/more").symlink_to(kb.parent / "more")
    (kb / "videos/out.vtt").symlink_to(kb.parent / "out.vtt")
    (kb / "articles/broken.md").symlink_to(kb / "articles/nowhere.md")
    put(kb, "videos/v.md", "---\ntitle: V\ncaptions: out.vtt\n---\nText\n")
    put(kb, "articles/good.md", GOOD.format(id="good"))
    assert [item.article.id for item in library.load(kb).articles] == ["good"]
    assert [(item.path, item.field) for item in fatal(kb)] == [
        ("articles/broken.md", ""),
        ("articles/link.md", ""),
        ("videos/v.md", "captions"),
    ]


def test_a_pipe_or_a_strange_name_does_not_stop_it(kb: Path) -> None:
    """A pipe would block for ever, a name that is not UTF-8 could not be stored: both are told."""
    os.mkfifo(kb / "articles/pipe.md")
    put(kb, "articles/good.md", GOOD.format(id="good"))
    Path(os.fsdecode(os.fsencode(kb / "articles") + b"/caf\xe9.md")).write_text("# x\n", encoding="utf-8")
    loaded = library.load(kb)
    assert [item.article.id for item in loaded.articles] == ["good"]
    assert [item.path.encode() for item in loaded.problems] == [b"articles/caf\\udce9.md", b"articles/pipe.md"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission(kb: Path) -> None:
    """What may not be read is told, and the others go on."""
    put(kb, "articles/a.md", GOOD.format(id="a")).chmod(0)
    (problem,) = fatal(kb)
    assert "Permission denied" in problem.message


@pytest.mark.parametrize("name", ["nowhere", "file.txt"])
def test_a_folder_that_is_none(tmp_path: Path, name: str) -> None:
    """A missing folder, or a file, is an error that says so."""
    put(tmp_path, "file.txt", "x")
    with pytest.raises(NotFoundError, match="folder"):
        library.load(tmp_path / name)


def test_snippets(kb: Path) -> None:
    """A snippet keeps its text exactly; its id and title may come from the file's name, each id once."""
    put(
        kb,
        "snippets/hello-you.md",
        "---\ntags: [greeting]\nverbatim: yes\n---\n\nHi {{customer.name}},\n\n* not a list *\n",
    )
    put(kb, "snippets/z.md", "---\nid: Hello-You\ntitle: T\n---\nx\n")
    put(kb, "snippets/zz.md", "---\nid: hello-you\ntitle: T\n---\nx\n")
    put(kb, "snippets/empty.md", "---\nid: e\n---\n\n")
    put(kb, "snippets/bad.md", "---\nid: [\n---\nx\n")
    loaded = library.load(kb)
    assert loaded.articles == ()
    first, second = loaded.snippets
    assert (first.title, first.body) == ("hello you", "Hi {{customer.name}},\n\n* not a list *")
    assert (first.tags, first.verbatim, first.language) == (("greeting",), True, "en")
    assert second.id == "Hello-You"
    assert first.id.startswith("hello-you-")
    assert [(item.path, item.field) for item in loaded.problems] == [
        ("snippets/bad.md", ""),
        ("snippets/empty.md", "body"),
        ("snippets/zz.md", "id"),
    ]
