"""`agentassist kb`: list, show and check the knowledge base."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentassist.cli import complete, kb_eval, kb_fit, kb_gaps, kb_memory, kb_search
from agentassist.cli.groups import Group
from agentassist.cli.problems import facts, print_problems
from agentassist.errors import ExitCode, IndexMissingError, NotFoundError, SearchError
from agentassist.models import ArticleKind, Audience, Status
from agentassist.text import clean, clean_line, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.kb.library import Library, LoadedArticle
    from agentassist.kb.similar import PassageVectors
    from agentassist.models import JsonValue, Snippet

_directory = click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(cls=Group)
def kb() -> None:
    """Index, search, list and check the knowledge base.

    DIR is the folder of a knowledge base; without it kb.folder of the config is used, or the one that ships.
    """


kb.add_command(kb_search.index)
kb.add_command(kb_search.search)
kb.add_command(kb_eval.evaluate)
kb.add_command(kb_fit.fit)
kb.add_command(kb_gaps.gaps)
kb.add_command(kb_gaps.draft)
kb.add_command(kb_gaps.stale)
kb.add_command(kb_gaps.stats)
kb.add_command(kb_memory.memory)


def folder_of(directory: Path | None) -> Path:
    """Return the knowledge base's folder: the given one, the configured one, or the one that ships.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    if directory is not None:
        return directory
    from agentassist import config, paths

    configured = config.load(paths.default_paths().config_file).kb.folder
    return Path(configured).expanduser() if configured else paths.sample_kb()


def to_json(value: JsonValue) -> str:
    """Return JSON that a terminal only shows: what is not printable is escaped, and nothing is lost."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return re.sub(r"[^\x20-\x7e\n]", lambda match: match[0] if match[0].isprintable() else json.dumps(match[0])[1:-1],
                  text).replace("\x7f", "\\u007f")  # fmt: skip


@kb.command("list")
@_directory
@click.option("--status", type=click.Choice([item.value for item in Status]), help="Only with this status.")
@click.option("--kind", type=click.Choice([item.value for item in ArticleKind]), help="Only articles, or only videos.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only with this tag; several: with each of them.")
@_as_json
def list_(directory: Path | None, status: str | None, kind: str | None, tags: tuple[str, ...], as_json: bool) -> None:
    """List the articles and videos in DIR."""
    from agentassist.kb import library

    loaded = library.load(folder_of(directory))
    wanted = {tag.casefold() for tag in tags}
    found = [
        item
        for item in loaded.articles
        if status in (None, item.article.status)
        and kind in (None, item.article.kind)
        and wanted <= {tag.casefold() for tag in item.article.tags}
    ]
    if as_json:
        click.echo(to_json([_facts(item) for item in found]))
    else:
        _print_list(found)
    _tell_left_out(loaded)


@kb.command()
@click.argument("ident", metavar="ID", shell_complete=complete.articles)
@_directory
@click.option("--passages", is_flag=True, help="Show how it is parted for search.")
@_as_json
def show(ident: str, directory: Path | None, passages: bool, as_json: bool) -> None:
    """Show the article, video or snippet ID as clean text.

    \b
    Example:
      agentassist kb show reset-dial-pairing-code
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.kb import library

    found = _find(library.load(folder_of(directory)), ident)
    if isinstance(found, library.LoadedArticle):
        if as_json:
            click.echo(to_json({**_facts(found), "body": found.body, "passages": _passages(found)}))
        else:
            _print_article(found, passages=passages)
        return
    if as_json:
        facts: dict[str, JsonValue] = {"id": found.id, "title": found.title, "tags": list(found.tags)}
        click.echo(to_json({**facts, "language": found.language, "verbatim": found.verbatim, "body": found.body}))
    else:
        click.echo(f"{clean_line(found.title)}\n\n{clean(found.body)}")


@kb.command()
@_directory
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@_as_json
@click.pass_context
def lint(ctx: click.Context, directory: Path | None, strict: bool, as_json: bool) -> None:
    """Check the files in DIR; the exit status is 3 when one has to be corrected."""
    from agentassist.clock import SystemClock
    from agentassist.kb.library import is_empty
    from agentassist.kb.lint import lint as check
    from agentassist.kb.problems import Severity

    folder = folder_of(directory)
    problems = check(folder, SystemClock().now().date(), _published_vectors())
    if as_json:
        click.echo(to_json([facts(problem) for problem in problems]))
    else:
        print_problems(problems)
    counts = Counter(problem.severity for problem in problems)
    errors, warnings = counts[Severity.ERROR], counts[Severity.WARNING]
    if is_empty(folder):
        click.echo(clean_line(f"nothing to check in {folder}: no .md or .html file"), err=True)
    else:
        click.echo(f"{counted(errors, 'error')}, {counted(warnings, 'warning')}", err=True)
    if errors or (strict and warnings):
        ctx.exit(ExitCode.FOUND_PROBLEMS)


def _published_vectors() -> PassageVectors | None:
    """Return the vectors of the published index, None when there is none or it has none."""
    from agentassist import paths

    place = paths.default_paths().index
    # Most folders are checked before anything was ever indexed: then nothing heavy is imported.
    if not place.is_dir():
        return None
    from contextlib import closing

    from agentassist.search.index import Index

    try:
        with closing(Index.open(place)) as index:
            return index.passage_vectors()
    except IndexMissingError:
        return None
    except SearchError as error:
        click.echo(clean(f"near-duplicates by wording only: {error.message}"), err=True)
        return None


def _tell_left_out(loaded: Library) -> None:
    left_out = {problem.path for problem in loaded.problems if problem.fatal}
    if left_out:
        click.echo(f"{counted(len(left_out), 'file')} left out: `agentassist kb lint` says why", err=True)


def _find(loaded: Library, ident: str) -> LoadedArticle | Snippet:
    """Return what has an id; white space and case do not count.

    Raises:
        NotFoundError: nothing has it.
    """
    import difflib

    from agentassist.kb.fields import normal

    known: dict[str, LoadedArticle | Snippet] = {normal(snippet.id): snippet for snippet in loaded.snippets}
    known.update({normal(item.article.id): item for item in loaded.articles})
    if (found := known.get(normal(ident))) is not None:
        return found
    near = difflib.get_close_matches(normal(ident)[:200], known, n=3)
    hint = f"Did you mean {', '.join(near)}?" if near else "`agentassist kb list` shows every id."
    raise NotFoundError(f"no article or snippet has the id {ident[:200]}", hint)


def _facts(item: LoadedArticle) -> dict[str, JsonValue]:
    article = item.article
    return {
        "id": article.id,
        "kind": article.kind.value,
        "title": article.title,
        "url": article.url,
        "path": article.path,
        "tags": list(article.tags),
        "language": article.language,
        "status": article.status.value,
        "audience": article.audience.value,
        "updated": article.updated.isoformat() if article.updated else None,
        "review_by": article.review_by.isoformat() if article.review_by else None,
        "verified_by": article.verified_by,
        "verbatim": article.verbatim,
        "passage_count": len(item.passages),
    }


def _passages(item: LoadedArticle) -> list[JsonValue]:
    from agentassist.kb.links import link

    return [
        {
            "number": passage.number,
            "heading": passage.heading,
            "start": passage.start,
            "link": link(item.article, passage.start),
            "text": passage.text,
        }
        for passage in item.passages
    ]


def _print_list(found: Sequence[LoadedArticle]) -> None:
    """Print a table to a terminal, tab-separated lines to anything else."""
    rows = [
        [item.article.id, item.article.kind, item.article.status, item.article.audience,
         item.article.review_by.isoformat() if item.article.review_by else "", item.article.title]
        for item in found
    ]  # fmt: skip
    cleaned = [[clean_line(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in cleaned:
            click.echo("\t".join(row))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("Id", "Kind", "Status", "Review by"):
        table.add_column(name, overflow="fold", no_wrap=name == "Review by")
    table.add_column("Title", ratio=1, overflow="fold")
    for ident, kind, status, audience, review_by, title in cleaned:
        state = status if audience == Audience.CUSTOMER else f"{status}, {audience}"
        # A Text is never read as markup.
        table.add_row(*map(Text, (ident, kind, state, review_by, title)))
    Console().print(table)


def _print_article(item: LoadedArticle, *, passages: bool) -> None:
    article = item.article
    marks = [article.kind, article.status, article.audience, article.language, *article.tags]
    click.echo(clean_line(article.title))
    click.echo(clean_line(" · ".join(marks)))
    if article.url:
        click.echo(clean_line(article.url, limit=2_000))
    if not passages:
        click.echo(f"\n{clean(item.body, limit=2_000_000)}")
        return
    for passage in item.passages:
        second = "" if passage.start is None else f" · {int(passage.start) // 60}:{int(passage.start) % 60:02d}"
        click.echo(f"\n[{passage.number}{second}] {clean_line(passage.heading)}".rstrip())
        click.echo(clean(passage.text))
