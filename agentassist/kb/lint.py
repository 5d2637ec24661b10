"""Checks a knowledge base: what keeps a file out, and what somebody should look at."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from agentassist.kb import library, similar, snippets
from agentassist.kb.articles import HTML_SUFFIXES
from agentassist.kb.fields import ARTICLE_KEYS, SNIPPET_KEYS, normal
from agentassist.kb.problems import Problem, Severity
from agentassist.models import ArticleKind, Audience, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from agentassist.kb.articles import LoadedArticle
    from agentassist.kb.similar import PassageVectors
    from agentassist.kb.snippets import LoadedSnippet

FEW_WORDS = 15
"""A body with fewer words hardly answers anything."""
CAPTIONS_GRACE = 2.0
"""Seconds that captions may last longer than the video: durations are rounded."""
_SCHEMES = ("https:", "http:", "mailto:", "tel:", "sms:")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:")
_INVISIBLE = re.compile(r"(?:[\x00-\x20\x7f]|%0[9ad])+", re.IGNORECASE)
_HINTS = {
    "id": "Without one it is made of the path, and moving the file breaks its history.",
    "title": "Without one the first heading is used. Write title: …",
    "url": "It can be found and read, but not sent. Write url: https://…",
    "review_by": "Write the day on which somebody has to look again, as 2027-08-31.",
    "verified_by": "Write the team that checked it.",
}


@dataclass(slots=True)
class _Findings:
    """Gathers warnings."""

    problems: list[Problem] = field(default_factory=list)

    def warn(self, path: str, line: int, key: str, message: str, hint: str) -> None:
        """Add a warning."""
        self.problems.append(Problem(path, line, key, message, hint, Severity.WARNING))


def lint(folder: Path, today: date, vectors: PassageVectors | None = None) -> tuple[Problem, ...]:
    """Check the knowledge base in `folder`.

    Args:
        folder: of the knowledge base.
        today: what is past its review is judged by.
        vectors: of a published index, to find near-duplicates by meaning; without them they are found by wording.

    Returns:
        Errors (nearly all: the file is left out), warnings and notes, in the order of path and line.

    Raises:
        NotFoundError: there is no such folder.
    """
    scan = library.scan(folder)
    findings = _Findings(list(scan.problems))
    for item in scan.articles:
        _check_fields(item, today, findings)
        _check_text(item, findings)
    for snippet in scan.snippets:
        _check_snippet(snippet, findings)
    _check_schemes(scan.articles, findings)
    _check_links(scan.articles, findings)
    _check_titles(scan.articles, findings)
    _check_similar(scan.articles, vectors, findings)
    _check_unused(scan, findings)
    return tuple(sorted(findings.problems, key=lambda problem: (problem.path, problem.line)))


def _unknown_keys(path: str, lines: Mapping[str, int], known: Sequence[str], findings: _Findings) -> None:
    for key, line in lines.items():
        if key not in known:
            near = difflib.get_close_matches(key[:50], known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(known)}."
            findings.warn(path, line, key[:50], f"unknown key {key[:50]}", hint)


def _check_fields(item: LoadedArticle, today: date, findings: _Findings) -> None:
    article, lines = item.article, item.origin.lines
    _unknown_keys(article.path, lines, ARTICLE_KEYS, findings)
    if article.status is Status.PUBLISHED and article.expired(today):
        message = f"its review was due on {article.review_by}, so it is not suggested any more"
        findings.warn(article.path, lines["review_by"], "review_by", message, "Check it and write a later day.")
    if not article.url and article.audience is Audience.CUSTOMER:
        findings.warn(article.path, 1, "url", "has no url", _HINTS["url"])
    # An HTML file has no place for the other fields.
    if not article.path.lower().endswith(HTML_SUFFIXES):
        for key in ("id", "title", "review_by", "verified_by"):
            if key not in lines:
                findings.warn(article.path, 1, key, f"has no {key}", _HINTS[key])
    if article.kind is ArticleKind.VIDEO:
        _check_video(item, findings)


def _check_video(item: LoadedArticle, findings: _Findings) -> None:
    path, origin = item.article.path, item.origin
    if not origin.captions:
        hint = "Without them it is found by its description only. Write captions: FILE.vtt."
        findings.warn(path, 1, "captions", "video has no captions", hint)
    if origin.duration is None:
        findings.warn(path, 1, "duration", "video has no duration", 'Write duration: "4:37".')
    elif origin.captions_end > origin.duration + CAPTIONS_GRACE:
        over = origin.captions_end - origin.duration
        message = f"captions go on for {over:.0f} s after the end of the video"
        findings.warn(path, origin.lines["duration"], "duration", message, "Correct the duration or the captions.")


def _check_text(item: LoadedArticle, findings: _Findings) -> None:
    words = len(item.body.split())
    if not item.passages:
        hint = "Write a body: without words it cannot be found."
        findings.warn(item.article.path, 1, "body", "has no text", hint)
    elif words < FEW_WORDS:
        findings.warn(item.article.path, 1, "body", f"has only {words} words", "Say what the customer should do.")


def _check_snippet(item: LoadedSnippet, findings: _Findings) -> None:
    _unknown_keys(item.path, item.lines, SNIPPET_KEYS, findings)
    for key in ("id", "title"):
        if key not in item.lines:
            findings.warn(item.path, 1, key, f"has no {key}", "Without one the file's name is used.")
    body = item.snippet.body
    for place in snippets.placeholders(body):
        line = item.body_line + body.count("\n", 0, place.start)
        if not place.name:
            hint = "Close it, or remove it: nothing with braces is ever sent."
            findings.warn(item.path, line, "body", f"{body[place.start : place.end]} without its other half", hint)
        elif place.name not in snippets.VARIABLES:
            near = difflib.get_close_matches(place.name[:50], snippets.VARIABLES, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(snippets.VARIABLES)}."
            findings.warn(item.path, line, "body", f"unknown variable {place.name[:50]}", hint)


def _check_schemes(items: Sequence[LoadedArticle], findings: _Findings) -> None:
    """Find links that a browser would run or open otherwise than as a page; the article itself is used, as text."""
    for item in items:
        for link in item.origin.links:
            # Browsers drop white space and controls from an address before they read its scheme.
            address = _INVISIBLE.sub("", link.href).lower()
            scheme = _SCHEME.match(address)
            if scheme and scheme[0] not in _SCHEMES:
                message = f"links to {link.href[:200]}, which is no web address"
                hint = "Write an address that begins with https://, or remove the link."
                findings.problems.append(Problem(item.article.path, link.line, "body", message, hint))


def _address(url: str) -> str:
    """Return an address as it is compared: without query, fragment and a last slash."""
    parts = urlsplit(url)
    return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}"


def _check_links(items: Sequence[LoadedArticle], findings: _Findings) -> None:
    """Find links into the knowledge base's own part of the web that lead to no article."""
    own = {_address(item.article.url) for item in items if item.article.url}
    folders: defaultdict[str, int] = defaultdict(int)
    for item in items:
        if item.article.url and item.article.kind is ArticleKind.ARTICLE:
            folders[_address(item.article.url).rpartition("/")[0]] += 1
    # One article alone does not make its folder this knowledge base's.
    prefixes = tuple(f"{folder}/" for folder, count in folders.items() if count > 1)
    for item in items:
        for href, line, address in _addresses(item):
            if address.startswith(prefixes) and address not in own:
                message = f"links to {href[:200]}, which is no article here"
                findings.warn(item.article.path, line, "body", message, "Correct the link, or write the article.")


def _addresses(item: LoadedArticle) -> Iterator[tuple[str, int, str]]:
    """Yield the links of an article that can be followed: as written, line, address."""
    for link in item.origin.links:
        try:
            full = urljoin(item.article.url, link.href) if item.article.url else link.href
            address = _address(full)
        except ValueError:
            continue
        if full.startswith(("https://", "http://")):
            yield link.href, link.line, address


def _check_titles(items: Sequence[LoadedArticle], findings: _Findings) -> None:
    first: dict[tuple[str, str, ArticleKind], str] = {}
    for item in items:
        article = item.article
        key = (normal(article.title), article.language.lower(), article.kind)
        owner = first.setdefault(key, article.path)
        if owner != article.path:
            line = item.origin.lines.get("title", 1)
            message = f"has the same title as {owner}"
            findings.warn(article.path, line, "title", message, "Agents cannot tell them apart: change one.")


def _check_similar(items: Sequence[LoadedArticle], vectors: PassageVectors | None, findings: _Findings) -> None:
    """Find near-duplicates among what can be suggested; an article and a video of it are meant to be alike."""
    shown = {item.article.id: item for item in items if item.article.status is Status.PUBLISHED and item.passages}
    # What the index does not know yet is held against the others by wording.
    pairs = list(similar.near_copies({name: item.body for name, item in shown.items()}))
    if vectors is not None:
        rows = [row for row, name in enumerate(vectors.article_ids) if name in shown]
        names = [vectors.article_ids[row] for row in rows]
        known = set(names)
        pairs = [pair for pair in pairs if not {pair.first, pair.second} <= known]
        pairs.extend(similar.near_duplicates(names, vectors.matrix[rows]))
    for pair in pairs:
        first, second = sorted((shown[pair.first], shown[pair.second]), key=lambda item: item.article.path)
        if first.article.kind is second.article.kind and first.article.language == second.article.language:
            line = second.origin.lines.get("title", 1)
            message = f"says nearly the same as {first.article.path} ({pair.similarity:.0%})"
            findings.warn(second.article.path, line, "body", message, "Join them, or say in each when it applies.")


def _check_unused(scan: library.Scan, findings: _Findings) -> None:
    used = {item.origin.captions for item in scan.articles} | {problem.path for problem in scan.problems}
    unused = [path for path in scan.captions if path not in used]
    if unused:
        more = f" and {len(unused) - 1} more" if len(unused) > 1 else ""
        message = f"captions that no video names{more}"
        hint = "Write captions: in the front matter of their video."
        findings.problems.append(Problem(unused[0], 0, "captions", message, hint, Severity.NOTE))
