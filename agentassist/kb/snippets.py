"""Snippets: canned texts with variables from an allow-list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agentassist.kb import files, frontmatter
from agentassist.kb.fields import Fields
from agentassist.kb.problems import BrokenFileError, Report
from agentassist.models import Snippet

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLES = (
    "customer.name", "customer.first_name", "agent.name", "order.number", "article.title", "article.url",
    "follow_up.time", "product", "serial",
)  # fmt: skip
"""Every variable that a snippet may hold."""
_PLACEHOLDER = re.compile(r"\{\{([^{}\n]*)\}\}")
_BRACES = re.compile(r"\{\{|\}\}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A `{{variable}}` in a text, or a pair of braces without its other half.

    Attributes:
        name: the variable, empty for a lone pair of braces.
        start: where it begins in the text.
        end: where it ends.
    """

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LoadedSnippet:
    """A snippet, and where it came from.

    Attributes:
        lines: the line of each front matter key that was there.
        body_line: the line of the file on which its body starts.
    """

    snippet: Snippet
    path: str
    lines: Mapping[str, int]
    body_line: int


def placeholders(text: str) -> tuple[Placeholder, ...]:
    """Return every `{{variable}}` and every lone `{{` or `}}` of a text, in order: none may be sent as it is."""
    found = [Placeholder(match[1].strip(), *match.span()) for match in _PLACEHOLDER.finditer(text)]
    taken = [(place.start, place.end) for place in found]
    blank = _PLACEHOLDER.sub(lambda match: " " * len(match[0]), text) if taken else text
    found.extend(Placeholder("", *match.span()) for match in _BRACES.finditer(blank))
    return tuple(sorted(found, key=lambda place: place.start))


def load(root: Path, path: str, report: Report) -> LoadedSnippet | None:
    """Read one file as a snippet.

    Args:
        root: the knowledge base's real folder.
        path: of the file, relative to `root`.
        report: gets what is wrong.

    Returns:
        The snippet, or None when something is wrong with it. Its id is empty when the file says none.
    """
    try:
        matter = frontmatter.read(files.read(files.inside(root, root / path)).text)
    except BrokenFileError as error:
        report.broken(error)
        return None
    fields = Fields(matter, report)
    body = matter.body.strip("\n").rstrip()
    snippet = Snippet(
        id=fields.ident(),
        title=fields.title(Path(path).stem.replace("-", " ")),
        body=body,
        tags=fields.words("tags"),
        language=fields.language(),
        verbatim=fields.flag("verbatim"),
    )
    if not body:
        report.error("snippet has no text", "Write it below the front matter.", line=matter.body_line, field="body")
    if report.fatal:
        return None
    lines = {key: item.line for key, item in matter.fields.items()}
    lead = len(matter.body) - len(matter.body.lstrip("\n"))
    return LoadedSnippet(snippet, path, lines, matter.body_line + lead)
