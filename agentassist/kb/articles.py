"""Reads one article or video: Markdown with front matter, HTML, and captions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agentassist.kb import captions, files, frontmatter, markdown, passages, webpage
from agentassist.kb.fields import Fields
from agentassist.kb.frontmatter import FrontMatter
from agentassist.kb.problems import BrokenFileError, Report
from agentassist.models import Article, ArticleKind, Passage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agentassist.kb.blocks import Body, Link

MARKDOWN_SUFFIXES = (".md", ".markdown")
HTML_SUFFIXES = (".html", ".htm")


@dataclass(frozen=True, slots=True)
class Origin:
    """What was in the file besides the article, for checks and messages.

    Attributes:
        lines: the line of each front matter key that was there.
        links: of the body.
        duration: of the video in seconds, None when it is not said.
        captions: path of the captions file, relative to the knowledge base; empty for none.
        captions_end: the last second of the captions.
    """

    lines: Mapping[str, int] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    duration: float | None = None
    captions: str = ""
    captions_end: float = 0.0


@dataclass(frozen=True, slots=True)
class LoadedArticle:
    """An article with its text.

    Attributes:
        passages: in order; none when it has no words.
        body: all its text, plain; for a video its description, then what is said.
    """

    article: Article
    passages: tuple[Passage, ...]
    body: str
    origin: Origin = field(default_factory=Origin)


def load(root: Path, path: str, report: Report) -> LoadedArticle | None:
    """Read one file as an article.

    Args:
        root: the knowledge base's real folder.
        path: of the file, relative to `root`.
        report: gets what is wrong.

    Returns:
        The article, or None when something is wrong with it. Its id is empty when the file says none.
    """
    try:
        file = files.read(files.inside(root, root / path))
        if path.lower().endswith(HTML_SUFFIXES):
            matter, body = FrontMatter(), webpage.parse(file.text)
        else:
            matter = frontmatter.read(file.text)
            body = markdown.parse(matter.body, matter.body_line)
        return _article(root, path, Fields(matter, report), body, file.digest)
    except BrokenFileError as error:
        report.broken(error)
        return None


def _article(root: Path, path: str, fields: Fields, body: Body, digest: str) -> LoadedArticle | None:
    heading = body.first_heading
    video = "captions" in fields.matter.fields
    offered = Article(
        id="",
        kind=ArticleKind.VIDEO if video else ArticleKind.ARTICLE,
        title=body.title or (heading.text if heading else ""),
        url=body.url,
        path=path,
        language=body.language,
        digest=digest,
    )
    article = fields.article(path, offered)
    duration = fields.duration()
    if video and article.kind is not ArticleKind.VIDEO:
        fields.wrong("captions", "only a video has captions", "Write kind: video, or remove captions.")
    cues: tuple[captions.Cue, ...] = ()
    captions_path = ""
    if video and not fields.report.fatal:
        captions_path, cues, added = _captions(root, path, fields)
        digest = hashlib.sha256(f"{digest} {added}".encode()).hexdigest()
    if fields.report.fatal:
        return None
    # Without a front matter the title is repeated by the first heading.
    parted = passages.from_blocks("", article.title, body.blocks)
    spoken = passages.from_cues("", cues, first_number=len(parted))
    text = "\n\n".join(filter(None, [body.text, "\n".join(passage.text for passage in spoken)]))
    origin = Origin(
        lines={key: item.line for key, item in fields.matter.fields.items()},
        links=body.links,
        duration=duration,
        captions=captions_path,
        captions_end=max((cue.end for cue in cues), default=0.0),
    )
    return LoadedArticle(replace(article, digest=digest), parted + spoken, text, origin)


def _captions(root: Path, path: str, fields: Fields) -> tuple[str, tuple[captions.Cue, ...], str]:
    """Return the captions' path, cues and digest; what is wrong goes to the report."""
    name = fields.text("captions")
    if not name:
        return "", (), ""
    line = fields.line("captions")
    try:
        real = files.inside(root, (root / path).parent / name)
    except BrokenFileError as error:
        raise BrokenFileError(
            f"captions: {name[:80]} {error.message}", error.hint, line=line, field="captions"
        ) from error
    if not real.is_file():
        fields.wrong(
            "captions", f"captions file is missing: {name[:80]}", "Put it beside this file, or correct the name."
        )
        return "", (), ""
    shown = files.printable(real.relative_to(root).as_posix())
    inner = Report(shown)
    cues: tuple[captions.Cue, ...] = ()
    digest = ""
    try:
        file = files.read(real)
        cues, digest = captions.parse(file.text, inner), file.digest
    except BrokenFileError as error:
        inner.broken(error)
    if inner.fatal:
        fields.report.problems.extend(inner.problems)
        fields.wrong("captions", f"captions cannot be used: {name[:80]}", "See what is said about that file.")
        return "", (), ""
    return shown, cues, digest
