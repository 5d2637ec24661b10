"""`kb index` and `kb search`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from agentassist import paths
from agentassist.clock import SystemClock
from agentassist.errors import ExitCode, NothingToIndexError
from agentassist.models import Mode, Query
from agentassist.text import clean, clean_line, counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentassist.models import Hit, JsonValue, SearchResult
    from agentassist.paths import Paths
    from agentassist.search.bundle import Manifest
    from agentassist.search.progress import BuildProgress

EXCERPT = 320
"""Characters of a passage that are shown."""


@click.command()
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--model", metavar="NAME|FOLDER", help="A sentence-transformers model (default: search.model).")
@click.option("--rebuild", is_flag=True, help="Export the model and embed every passage anew.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON.")
@click.pass_context
def index(ctx: click.Context, directory: Path | None, model: str | None, rebuild: bool, as_json: bool) -> None:
    """Build the search index of the knowledge base in DIR and publish it.

    Only what changed since the last time is embedded, and an interrupted build goes on where it stopped.
    """
    from agentassist.cli.kb import folder_of, to_json

    places = paths.default_paths()
    try:
        manifest = build_index(folder_of(directory), places, model=model, rebuild=rebuild)
    except KeyboardInterrupt:
        click.echo("interrupted: run it again to go on where it stopped", err=True)
        ctx.exit(ExitCode.INTERRUPTED)
    if directory is not None:
        _tell_where_others_look(directory, folder_of(None), places)
    if as_json:
        click.echo(to_json(json.loads(manifest.dump())))


def _tell_where_others_look(indexed: Path, configured: Path, places: Paths) -> None:
    """Say how to make the other commands look into the folder that was indexed, when they do not."""
    here = indexed.expanduser().resolve()
    if here == configured.resolve():
        return
    click.echo(
        clean(
            f"kb list, show and lint, kb index without DIR, and doctor still look into {configured}. To make them look "
            f"here, write in {places.config_file}:\n  [kb]\n  folder = {json.dumps(str(here), ensure_ascii=False)}"
        ),
        err=True,
    )


def build_index(folder: Path, places: Paths, *, model: str | None = None, rebuild: bool = False) -> Manifest:
    """Build and publish the index of a knowledge base, telling on stderr how far it is and what was built.

    Args:
        folder: the knowledge base.
        places: where index, cache and configuration are.
        model: name or folder of a sentence-transformers model; None means the configured one.
        rebuild: export the model and embed everything anew.

    Raises:
        AgentAssistError: see `search.build.build`; nothing was published.
    """
    from agentassist.config import load
    from agentassist.search.build import build

    wanted = load(places.config_file).search
    try:
        with _Bar() as bar:
            manifest = build(
                folder,
                places.index,
                places.cache,
                model=wanted.model if model is None else model,
                reranker=wanted.reranker,
                rebuild=rebuild,
                progress=bar.show,
                clock=SystemClock(),
            )
    except NothingToIndexError as error:
        for line in error.skipped:
            click.echo(clean_line(f"skipped {line}"), err=True)
        raise
    _tell_built(manifest, places.index)
    return manifest


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), default=Mode.HYBRID.value, show_default=True)
@click.option("--limit", type=click.IntRange(1, 50), default=5, show_default=True, help="How many articles at most.")
@click.option(
    "--language", "languages", multiple=True, metavar="CODE", help="Only articles in this language; may be repeated."
)
@click.option("--json", "as_json", is_flag=True, help="Print everything that was found as JSON.")
def search(words: tuple[str, ...], mode: str, limit: int, languages: tuple[str, ...], as_json: bool) -> None:
    """Search the knowledge base for WORDS, by meaning and by words.

    It searches what `agentassist kb index` published last, whichever folder that was made of.

    \b
    Examples:
      agentassist kb search "code vanished from the thermostat"
      agentassist kb search --language de Heizung kalt
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from contextlib import closing

    from agentassist.cli.kb import to_json
    from agentassist.config import load
    from agentassist.search.index import Index

    places = paths.default_paths()
    budget = load(places.config_file).search.reranker_ms
    only = frozenset(languages) or None
    with closing(Index.open(places.index, reranker_ms=budget)) as opened:
        query = Query.typed(" ".join(words))
        today = SystemClock().now().date()
        result = opened.search(query, mode=Mode(mode), limit=limit, today=today, languages=only)
    if result.degraded:
        click.echo(clean(result.degraded), err=True)
    if as_json:
        click.echo(to_json(_result(result)))
    elif not result.hits:
        click.echo("No match.")
    else:
        _show(result)


class _Bar:
    """Shows how far a build is: a bar on a terminal, a line for each phase elsewhere. Always on stderr."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        console = Console(stderr=True)
        self._plain = not console.is_terminal
        self._phase = ""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}"),
        )
        self._progress = Progress(*columns, console=console, transient=True, disable=self._plain)
        self._task = self._progress.add_task("", total=None, pace="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, now: BuildProgress) -> None:
        """Show how far it is now."""
        if self._plain and now.phase != self._phase:
            click.echo(f"{now.phase.value} …", err=True)
        self._phase = now.phase
        pace = f"{now.rate:.0f} passages/s" if now.rate else ""
        if now.seconds_left is not None:
            pace += f", {_span(now.seconds_left)} left"
        self._progress.update(
            self._task, description=now.phase.value, completed=now.done, total=now.total or None, pace=pace
        )


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _tell_built(manifest: Manifest, folder: Path) -> None:
    """Say on stderr what was built."""
    from agentassist.search import build_reranker

    for item in manifest.skipped:
        place = f"{item.path}:{item.line}" if item.line else item.path
        click.echo(clean_line(f"skipped {place}: {item.message}"), err=True)
    how = f"{manifest.embedded:,} embedded now, {manifest.reused:,} known from before"
    lines = [
        f"indexed {counted(manifest.articles, 'article')}, {counted(manifest.passages, 'passage')}"
        + (f" ({how}, {manifest.model})" if not manifest.keyword_only else ""),
        f"left out {counted(manifest.left_out, 'article')} not published" if manifest.left_out else "",
        f"skipped {counted(len({item.path for item in manifest.skipped}), 'file')} with problems"
        if manifest.skipped
        else "",
        f"by keyword only: {manifest.keyword_only}" if manifest.keyword_only else "",
        f"not re-ranked: {without}" if (without := build_reranker.trouble_of(folder)) else "",
        f"published in {manifest.seconds:.1f} s: {folder}",
    ]
    for line in filter(None, lines):
        click.echo(clean(line), err=True)


def _result(result: SearchResult) -> dict[str, JsonValue]:
    return {
        "mode": result.mode.value,
        "degraded": result.degraded,
        "took_ms": round(result.took_ms, 2),
        "hits": [_hit(hit) for hit in result.hits],
    }


def _hit(hit: Hit) -> dict[str, JsonValue]:
    """Return a hit as data: texts are exact, not cleaned, so that `matched` fits `passage`."""
    return {
        "rank": hit.rank,
        "id": hit.article.id,
        "kind": hit.article.kind.value,
        "title": hit.article.title,
        "link": hit.link,
        "audience": hit.article.audience.value,
        "blocked": hit.blocked,
        "heading": hit.passage.heading,
        "passage": hit.passage.text,
        "start": hit.passage.start,
        "matched": [list(span) for span in hit.matched],
        "score": hit.score,
        "similarity": hit.similarity,
        "reason": hit.reason,
        "folded": [article.id for article in hit.folded],
    }


def _show(result: SearchResult) -> None:
    """Print hits: with colours and folded lines on a terminal, plain elsewhere."""
    if not sys.stdout.isatty():
        for hit in result.hits:
            head, *rest = ("".join(text for text, _ in line) for line in _lines(hit))
            click.echo("\n   ".join([head, *rest]) + "\n")
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    for hit in result.hits:
        for number, line in enumerate(_lines(hit)):
            console.print(Padding(Text.assemble(*line), (0, 0, 0, 3 if number else 0)))
        console.print()


def _lines(hit: Hit) -> Iterator[list[tuple[str, str]]]:
    """Yield the lines of a hit as pieces of safe text and their style."""
    article = hit.article
    marks = f"  {article.kind.value} · {clean_line(article.id)}{f' · {hit.blocked}' if hit.blocked else ''}"
    yield [(f"{hit.rank}. {clean_line(article.title)}", "bold"), (marks, "dim")]
    if hit.passage.heading:
        yield [(clean_line(hit.passage.heading), "italic")]
    yield list(_excerpt(hit.passage.text, hit.matched))
    if hit.link:
        yield [(clean_line(hit.link, limit=2_000), "cyan")]
    yield [(clean_line(hit.reason), "dim")]


def _excerpt(text: str, matched: tuple[tuple[int, int], ...]) -> Iterator[tuple[str, str]]:
    """Yield the stretch of a passage with the most matched words, on one line, as safe text and its style."""
    begins = [max(start - 60, 0) for start, _ in matched] or [0]
    begin = max(begins, key=lambda at: sum(at <= start and end <= at + EXCERPT for start, end in matched))
    if len(text) <= EXCERPT:
        begin = 0
    if begin:
        space = text.find(" ", begin, begin + 30)
        begin = space + 1 if space >= 0 else begin
        yield "…", ""
    finish = min(begin + EXCERPT, len(text))
    at = begin
    for start, end in matched:
        if at <= start and end <= finish:
            yield _one_line(text[at:start]), ""
            yield _one_line(text[start:end]), "bold yellow"
            at = end
    yield _one_line(text[at:finish]), ""
    if finish < len(text):
        yield "…", ""


def _one_line(piece: str) -> str:
    return clean(re.sub(r"\s+", " ", piece))
