"""Loads a whole knowledge base: what is right is used, what is broken is told and left out.

A knowledge base is a folder. Below it every `.md` and `.html` file is an article or, with captions, a video, except in
its folders `snippets`, `conversations`, `customers` and `flows`. So the folder of an existing help centre works as it
is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from agentassist.kb import articles, files, snippets
from agentassist.kb.articles import LoadedArticle
from agentassist.kb.fields import MAX_ID, normal, slug
from agentassist.kb.problems import BrokenFileError, Problem, Report, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.kb.snippets import LoadedSnippet
    from agentassist.models import Snippet

__all__ = ["Library", "LoadedArticle", "Scan", "load", "scan"]

SNIPPETS_FOLDER = "snippets"
OTHER_FOLDERS = ("conversations", "customers", "flows")
_FOLDERS = ("articles", "videos", SNIPPETS_FOLDER)
_ABOUT_FILES = ("readme", "notice")


@dataclass(frozen=True, slots=True)
class Library:
    """A knowledge base in memory.

    Attributes:
        articles: in the order of their paths; each id once.
        snippets: in the order of their paths; each id once.
        problems: why files were left out, and notes.
    """

    articles: tuple[LoadedArticle, ...]
    snippets: tuple[Snippet, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    """What `load` returns, with what only checks need.

    Attributes:
        captions: the paths of all captions files, used or not.
    """

    articles: tuple[LoadedArticle, ...]
    snippets: tuple[LoadedSnippet, ...]
    problems: tuple[Problem, ...]
    captions: tuple[str, ...]


def load(folder: Path) -> Library:
    """Load the knowledge base in `folder`.

    Raises:
        NotFoundError: there is no such folder.
    """
    found = scan(folder)
    return Library(found.articles, tuple(item.snippet for item in found.snippets), found.problems)


def load_snippets(folder: Path) -> tuple[Snippet, ...]:
    """Load only the snippets of the knowledge base in `folder`, each id once; what is broken is left out.

    Raises:
        NotFoundError: there is no such folder.
    """
    root = files.root_of(folder)
    loaded = [snippets.load(root, path, Report(files.printable(path))) for path in snippet_paths(root)]
    return tuple(item.snippet for item in _identify_snippets([item for item in loaded if item], []))


def snippet_paths(root: Path) -> tuple[str, ...]:
    """Return the relative paths of the files that are read as snippets, sorted."""
    place = root / SNIPPETS_FOLDER
    if not place.is_dir():
        return ()
    paths = (f"{SNIPPETS_FOLDER}/{path}" for path in files.walk(place))
    return tuple(
        path for path in paths if _is_content(path) and files.printable(path) == path and not _is_about(root, path)
    )


def scan(folder: Path) -> Scan:
    """Load the knowledge base in `folder`, keeping where everything came from.

    Raises:
        NotFoundError: there is no such folder.
    """
    root = files.root_of(folder)
    loaded: list[LoadedArticle] = []
    canned: list[LoadedSnippet] = []
    problems: list[Problem] = []
    captions: list[str] = []
    refused: list[Report] = []
    for path in files.walk(root):
        if PurePosixPath(path).suffix.lower() == ".vtt":
            captions.append(files.printable(path))
        if not _is_content(path):
            continue
        report = Report(files.printable(path))
        if report.path != path:
            report.error("its name is not UTF-8", "Rename the file.")
        elif _is_about(root, path):
            hint = "Give it a front matter to make it an article."
            report.problems.append(Problem(path, 0, "", "left out: it tells about the folder", hint, Severity.NOTE))
        elif _is_snippet(path):
            canned.extend(filter(None, [snippets.load(root, path, report)]))
        else:
            loaded.extend(filter(None, [articles.load(root, path, report)]))
        problems.extend(report.problems)
        if report.fatal:
            refused.append(report)
    unique_articles = _identify(loaded, problems)
    unique_snippets = _identify_snippets(canned, problems)
    taken = {normal(item.article.id): item.article.path for item in unique_articles}
    _tell_taken(taken, [report for report in refused if not _is_snippet(report.path)], problems)
    taken = {normal(item.snippet.id): item.path for item in unique_snippets}
    _tell_taken(taken, [report for report in refused if _is_snippet(report.path)], problems)
    problems.sort(key=lambda problem: (problem.path, problem.line))
    return Scan(unique_articles, unique_snippets, tuple(problems), tuple(captions))


def is_empty(folder: Path) -> bool:
    """Say whether a folder has no file that `load` would read.

    Raises:
        NotFoundError: there is no such folder.
    """
    return not any(map(_is_content, files.walk(files.root_of(folder))))


def _is_content(path: str) -> bool:
    """Say whether a file is read, by its relative path."""
    suffixes = (*articles.MARKDOWN_SUFFIXES, *articles.HTML_SUFFIXES)
    return path.lower().endswith(suffixes) and path.partition("/")[0] not in OTHER_FOLDERS


def _is_snippet(path: str) -> bool:
    return path.startswith(f"{SNIPPETS_FOLDER}/")


def _is_about(root: Path, path: str) -> bool:
    """Say whether a file is a README or NOTICE without a front matter."""
    pure = PurePosixPath(path)
    if pure.stem.lower() not in _ABOUT_FILES or pure.suffix.lower() not in articles.MARKDOWN_SUFFIXES:
        return False
    try:
        return not files.read(files.inside(root, root / path)).text.startswith("---")
    except BrokenFileError:
        # It will be told when it is read as an article.
        return False


def _identify(loaded: Sequence[LoadedArticle], problems: list[Problem]) -> tuple[LoadedArticle, ...]:
    """Give each article an id of its own; the second file that says the same id is left out."""
    wanted = [(item.article.path, item.article.id, item.origin.lines.get("id", 1)) for item in loaded]
    ids = _ids(wanted, problems)
    named = []
    for item, name in zip(loaded, ids, strict=True):
        if name:
            parts = tuple(replace(passage, article_id=name) for passage in item.passages)
            named.append(replace(item, article=replace(item.article, id=name), passages=parts))
    return tuple(named)


def _identify_snippets(loaded: Sequence[LoadedSnippet], problems: list[Problem]) -> tuple[LoadedSnippet, ...]:
    ids = _ids([(item.path, item.snippet.id, item.lines.get("id", 1)) for item in loaded], problems)
    pairs = zip(loaded, ids, strict=True)
    return tuple(replace(item, snippet=replace(item.snippet, id=name)) for item, name in pairs if name)


def _ids(wanted: Sequence[tuple[str, str, int]], problems: list[Problem]) -> list[str]:
    """Return an id for each (path, id that it says, line); empty for a file that has to be left out."""
    owners: dict[str, str] = {}
    ids: list[str] = []
    for path, said, line in wanted:
        owner = owners.setdefault(normal(said), path) if said else path
        if owner != path:
            problems.append(Problem(path, line, "id", f"id {said} is already that of {owner}", "Give it another id."))
        ids.append(said if owner == path else "")
    for number, (path, said, _) in enumerate(wanted):
        if not said:
            ids[number] = _free_id(path, owners)
    return ids


def _tell_taken(owners: dict[str, str], refused: Sequence[Report], problems: list[Problem]) -> None:
    """Tell of the files that are left out anyway that their id is another's too, so that one look corrects both.

    Args:
        owners: the path by id, as it is compared, of what is used; gets those of the refused files.
        refused: what was left out.
        problems: gets what is wrong.
    """
    for report in refused:
        owner = owners.setdefault(normal(report.ident), report.path) if report.ident else report.path
        if owner != report.path:
            message = f"id {report.ident} is already that of {owner}"
            problems.append(Problem(report.path, report.ident_line, "id", message, "Give it another id."))


def _free_id(path: str, owners: dict[str, str]) -> str:
    """Return an id made of a file's path that no other has, and take it."""
    folder, _, rest = path.partition("/")
    name = slug(rest if rest and folder in _FOLDERS else path)
    mark = hashlib.sha256(path.encode("utf-8")).hexdigest()[:8]
    # Its own path decides, not the order of files, unless two paths have the same words.
    if not name or normal(name) in owners:
        name = f"{name[: MAX_ID - 9]}-{mark}".strip("-")
    owners[normal(name)] = path
    return name
