"""Snippets: canned texts with variables from an allow-list."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agentassist.errors import UnsendableError
from agentassist.models import Snippet
from agentassist.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agentassist.kb.problems import Report

VARIABLES = (
    "customer.name", "customer.first_name", "agent.name", "order.number", "article.title", "article.url",
    "follow_up.time", "product", "serial",
)  # fmt: skip
"""Every variable that a snippet may hold."""
_PLACEHOLDER = re.compile(r"\{\{([^{}\n]*)\}\}")
_BRACES = re.compile(r"\{\{|\}\}")
VALUE_LIMIT = 300
"""The longest value of a variable, in characters."""
_TELLING_WORDS = 5
"""So many words of a verbatim snippet in a row are it, and not a coincidence."""


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


@dataclass(frozen=True, slots=True)
class Filled:
    """A snippet with what is known put in.

    Attributes:
        missing: what is still to be filled in, in order, with its place in `text`.
    """

    text: str
    missing: tuple[Placeholder, ...]

    @property
    def asked(self) -> tuple[str, ...]:
        """The variables that are missing, each once."""
        return tuple(dict.fromkeys(place.name for place in self.missing if place.name))


def placeholders(text: str) -> tuple[Placeholder, ...]:
    """Return every `{{variable}}` and every lone `{{` or `}}` of a text, in order: none may be sent as it is."""
    found = [Placeholder(match[1].strip(), *match.span()) for match in _PLACEHOLDER.finditer(text)]
    taken = [(place.start, place.end) for place in found]
    blank = _PLACEHOLDER.sub(lambda match: " " * len(match[0]), text) if taken else text
    found.extend(Placeholder("", *match.span()) for match in _BRACES.finditer(blank))
    return tuple(sorted(found, key=lambda place: place.start))


def fill(snippet: Snippet, values: Mapping[str, str]) -> Filled:
    """Put values in the place of a snippet's variables.

    A value is plain text and nothing else: it becomes one line without control characters, and a pair of braces in it
    is written with a space between them, so that it is neither a variable nor taken for one when the text is sent.

    Args:
        snippet: its body is filled.
        values: what each variable stands for; an empty or missing one leaves its placeholder.
    """
    out = ""
    at = 0
    missing: list[Placeholder] = []
    for place in placeholders(snippet.body):
        out = _beside(out, snippet.body[at : place.start])
        value = plain(values.get(place.name, ""))
        if value and place.name:
            out = _beside(out, value)
        else:
            raw = snippet.body[place.start : place.end]
            missing.append(replace(place, start=len(out), end=len(out) + len(raw)))
            out += raw
        at = place.end
    return Filled(_beside(out, snippet.body[at:]), tuple(missing))


def plain(value: str) -> str:
    """Return a value as one line that a customer can be sent: no control characters, no pair of braces."""
    kept = "".join(" " if unicodedata.category(char) in _SPACES else char for char in value if _spoken(char))
    return re.sub(r"([{}])(?=\1)", r"\1 ", clean_line(kept, limit=VALUE_LIMIT))


def check_verbatim(text: str, snippets: Iterable[Snippet]) -> None:
    """Refuse a text with a verbatim snippet in it that was changed; one that was taken out again is fine.

    Args:
        text: what is to be sent.
        snippets: what was put into it; those that may be edited are left out.

    Raises:
        UnsendableError: five words in a row are those of a verbatim snippet, but not the whole of it is there.
    """
    said = " ".join(text.split())
    for snippet in snippets:
        if not snippet.verbatim or verbatim_in(text, snippet):
            continue
        words = snippet.body.split()
        for first in range(max(len(words) - _TELLING_WORDS + 1, 1)):
            run = " ".join(words[first : first + _TELLING_WORDS])
            if "{{" not in run and "}}" not in run and run in said:
                raise UnsendableError(
                    f"“{snippet.title}” must be sent as it is",
                    "Put the snippet in again and leave it unchanged, or remove the rest of it.",
                )


def verbatim_in(text: str, snippet: Snippet) -> bool:
    """Say whether the whole of a snippet is in a text, unchanged but for its variables and for white space."""
    pieces: list[str] = []
    at = 0
    for place in placeholders(snippet.body):
        pieces.append(snippet.body[at : place.start])
        at = place.end
    pieces.append(snippet.body[at:])
    at = 0
    said = " ".join(text.split())
    for piece in pieces:
        wanted = " ".join(piece.split())
        found = said.find(wanted, at)
        if found < 0:
            return False
        at = found + len(wanted)
    return True


_SPACES = ("Cc", "Zl", "Zp")


def _spoken(char: str) -> bool:
    """Say whether a character is one that people write: a mark of direction or a lone surrogate is not."""
    return char in "\u200c\u200d" or unicodedata.category(char) not in ("Cf", "Cs")


def _beside(before: str, after: str) -> str:
    """Join two texts so that no pair of braces comes about between them."""
    touching = before[-1:] == after[:1] and before[-1:] in ("{", "}") and before
    return f"{before} {after}" if touching else before + after


def load(root: Path, path: str, report: Report) -> LoadedSnippet | None:
    """Read one file as a snippet.

    Args:
        root: the knowledge base's real folder.
        path: of the file, relative to `root`.
        report: gets what is wrong.

    Returns:
        The snippet, or None when something is wrong with it. Its id is empty when the file says none.
    """
    # The desk needs the placeholders below at once, and the reader of files, with a parser of YAML, much later.
    from agentassist.kb import files, frontmatter
    from agentassist.kb.fields import Fields
    from agentassist.kb.problems import BrokenFileError

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
