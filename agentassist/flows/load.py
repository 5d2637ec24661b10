"""Reads decision trees: one YAML file each, checked to the last line before any customer meets it.

`docs/flows.md` has the format for people, `schema.json` beside this file has it for editors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agentassist.errors import ContentError
from agentassist.flows.build import build, is_node_id
from agentassist.flows.model import ArticleLink, Flow
from agentassist.kb import files, frontmatter, library
from agentassist.kb.parts import Part
from agentassist.kb.problems import BrokenFileError, Problem, Report
from agentassist.models import Audience, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from agentassist.kb.library import LoadedArticle

FOLDER = "flows"
"""Where a knowledge base keeps them."""
ENDING = ".yaml"
MAX_CHARACTERS = 200_000
"""The longest tree: more than anybody keeps in mind, and a bound on the work for a hostile one."""
MAX_FILES = 500


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in one file.

    Attributes:
        flow: as far as it could be read, even when it must not be used; None when nothing could.
        problems: what is wrong; with an error among them the tree must not be used.
    """

    path: str
    flow: Flow | None
    problems: tuple[Problem, ...]

    @property
    def usable(self) -> bool:
        """Say whether a customer may meet it."""
        return self.flow is not None and not any(problem.fatal for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Flows:
    """The trees of a folder.

    Attributes:
        flows: by id, in the order of their names; only those that are right.
        problems: everything that is wrong with the others.
    """

    flows: Mapping[str, Flow]
    problems: tuple[Problem, ...]


def load(file: Path, links: Mapping[str, ArticleLink] | None = None) -> Flow:
    """Read one tree.

    Args:
        file: which ends with `.yaml`.
        links: what is sent of the articles, by id, see `links_of`.

    Raises:
        ContentError: it is broken; names file, line and field of the first problem, and how many there are.
    """
    found = read(file)
    if found.flow is None or not found.usable:
        errors = [problem for problem in found.problems if problem.fatal]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise ContentError(f"{errors[0]}{more}", errors[0].hint or "Correct the file.")
    return replace(found.flow, links=dict(links or {}))


def load_all(folder: Path, links: Mapping[str, ArticleLink] | None = None) -> Flows:
    """Read every tree of a folder; a broken one is told and left out, the others go on.

    Args:
        folder: with one `.yaml` file for each tree; one that is not there holds no tree.
        links: what is sent of the articles, by id, see `links_of`.
    """
    readings = read_all(folder)
    kept = {
        reading.flow.id: replace(reading.flow, links=dict(links or {}))
        for reading in readings
        if reading.flow is not None and reading.usable
    }
    return Flows(kept, tuple(problem for reading in readings for problem in reading.problems))


def load_kb(folder: Path, today: date) -> Flows:
    """Read every tree of the knowledge base in `folder`, with the articles that may be sent today.

    Raises:
        NotFoundError: there is no such folder.
    """
    articles = library.load(folder).articles
    return load_all(folder / FOLDER, links_of(articles, today))


def read_all(folder: Path) -> tuple[Reading, ...]:
    """Read every tree of a folder, right or not, in the order of their names; none when there is no such folder."""
    if not folder.is_dir():
        return ()
    root = files.root_of(folder)
    paths = [path for path in files.walk(root) if path.endswith(ENDING) and "/" not in path]
    readings = [read(root / path) for path in paths[:MAX_FILES]]
    if len(paths) > MAX_FILES:
        readings.append(Reading("", None, (Problem("", 0, "", f"more than {MAX_FILES} trees: the rest is left out"),)))
    return tuple(readings)


def read(file: Path) -> Reading:
    """Read one file as far as possible. Never raises for what is in it, or for a file that is not there."""
    report = Report(files.printable(file.name))
    flow = _flow(file, report)
    return Reading(report.path, flow, tuple(report.problems))


def links_of(articles: Sequence[LoadedArticle], today: date) -> dict[str, ArticleLink]:
    """Return what may be sent of articles, by id: published, for customers, with an address, not past its review."""
    return {link.id: link for link in _sendable(articles, today)}


def _sendable(articles: Sequence[LoadedArticle], today: date) -> Iterator[ArticleLink]:
    for article in (item.article for item in articles):
        published = article.status is Status.PUBLISHED and article.audience is Audience.CUSTOMER
        if published and article.url and not article.expired(today):
            yield ArticleLink(article.id, article.title, article.url)


def _flow(file: Path, report: Report) -> Flow | None:
    ident = file.name.removesuffix(ENDING)
    if not is_node_id(ident) or file.name == ident:
        report.error("cannot be an id", f"Use letters, digits and - in the file's name, and end it with {ENDING}.")
        return None
    try:
        found = files.read(files.inside(file.parent.resolve(), file))
    except BrokenFileError as error:
        report.broken(error)
        return None
    flow = _compose(found.text, ident, report)
    return replace(flow, version=found.digest[:16], path=report.path) if flow else None


def _compose(text: str, ident: str, report: Report) -> Flow | None:
    short = len(text) <= MAX_CHARACTERS
    try:
        node = frontmatter.compose(text, what="decision tree", above=0, deep=True) if short else None
    except BrokenFileError as error:
        report.broken(error)
        return None
    if node is None:
        report.error(f"is empty, or longer than {MAX_CHARACTERS:,} characters", "Write one tree in a file.")
        return None
    return build(ident, Part(node, report, "", line=1))


def check_text(text: str) -> tuple[Problem, ...]:
    """Return what is wrong with the text of a tree that is no file yet."""
    report = Report("tree.yaml")
    _compose(text, "tree", report)
    return tuple(report.problems)


def schema() -> str:
    """Return the JSON Schema of a tree's file."""
    return files.read(Path(__file__).with_name("schema.json")).text
