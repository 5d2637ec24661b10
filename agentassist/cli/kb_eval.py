"""`kb eval`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from agentassist import paths
from agentassist.clock import SystemClock
from agentassist.errors import ExitCode, NotFoundError, UsageError
from agentassist.text import clean, clean_line

if TYPE_CHECKING:
    from datetime import date, datetime

    from agentassist.evaluation.cases import Tests
    from agentassist.evaluation.datasets import Dataset
    from agentassist.evaluation.evaluate import Evaluation
    from agentassist.models import JsonValue
    from agentassist.search.progress import BuildProgress

NOTHING, EVERYTHING = "none", "all"


@click.command(name="eval")
@click.argument("directories", metavar="[DIR]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--split", default="", metavar="NAME", help="Only a data set's queries of this split, such as dev.")
@click.option(
    "--compare", default=NOTHING, show_default=True, metavar="all|none|NAMES",
    help="What else to measure: bm25, vectors or rrf (rank fusion), each with -last, -last3, -last5 or -whole; "
    "several with commas between.",
)  # fmt: skip
@click.option("--queries", type=click.IntRange(0), default=0, metavar="N",
              help="Only N queries of each kind, chosen at random; 0 is all of them.")  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the random choice and of the intervals."
)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day to search on, for articles that expire (today).")
@click.option("--model", metavar="NAME|FOLDER", help="A sentence-transformers model (default: search.model).")
@click.option("--json", "as_json", is_flag=True, help="Print everything that was measured as JSON.")
@click.pass_context
def evaluate(
    ctx: click.Context,
    directories: tuple[Path, ...],
    *,
    split: str,
    compare: str,
    queries: int,
    seed: int,
    on: datetime | None,
    model: str | None,
    as_json: bool,
) -> None:
    """Measure how often the right article is suggested first.

    DIR is a knowledge base with a file tests.yaml, or a data set: a folder with corpus.jsonl, queries.jsonl and
    qrels.tsv. Every conversation is searched for as the desk does it, in an index of its own that is kept in the cache.
    docs/evaluation.md tells what both hold.

    The exit status is 3 when a threshold of a tests.yaml is missed.

    \b
    Examples:
      agentassist kb eval kb
      agentassist kb eval data/doc2dial data/mtrag --split dev --compare all
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.cli.kb import folder_of, to_json

    run = _Run(
        split=split,
        compare=_names(compare),
        queries=queries,
        seed=seed,
        today=on.date() if on else SystemClock().now().date(),
        model=model,
    )
    folders = directories or (folder_of(None),)
    try:
        done = [run.one(folder) for folder in folders]
    except KeyboardInterrupt:
        click.echo("interrupted: what was indexed and encoded until now is kept", err=True)
        ctx.exit(ExitCode.INTERRUPTED)
    if as_json:
        click.echo(to_json({"sets": [item.data() for item in done], "mean_mrr@10": _means(done)}))
    else:
        _print(done)
    if any(item.missed for item in done):
        ctx.exit(ExitCode.FOUND_PROBLEMS)


def _names(compare: str) -> tuple[str, ...]:
    """Return the names of the baselines that are asked for.

    Raises:
        UsageError: there is no such baseline.
    """
    from agentassist.evaluation import baselines

    if compare in (NOTHING, EVERYTHING):
        return baselines.NAMES if compare == EVERYTHING else ()
    chosen: list[str] = []
    for part in (part.strip() for part in compare.split(",")):
        # "bm25" is all of its readings.
        found = [name for name in baselines.NAMES if part == name or part == name.partition("-")[0]]
        if not found:
            raise UsageError(
                f"there is nothing to compare with that is called {clean_line(part)!r}",
                f"Use all, none, or some of: {', '.join((*baselines.WAYS, *baselines.NAMES))}.",
            )
        chosen += found
    return tuple(dict.fromkeys(chosen))


def _print(done: list[_Done]) -> None:
    for number, item in enumerate(done):
        click.echo("\n" * bool(number) + "\n".join(item.lines()))
    if len(done) > 1:
        click.echo("\nMean MRR@10 of the sets")
        for name, value in _means(done).items():
            click.echo(f"  {name:16} {value:.3f}")


def _means(done: list[_Done]) -> dict[str, JsonValue]:
    """Return each system's mean MRR@10, of those that every set has."""
    tables = [{system.name: system.overall.values["mrr@10"].value for system in item.found.systems} for item in done]
    return {
        name: sum(table[name] for table in tables) / len(tables)
        for name in tables[0]
        if all(name in table for table in tables)
    }


class _Done:
    """What one folder gave."""

    def __init__(self, found: Evaluation, tests: Tests | None) -> None:
        from agentassist.evaluation import report

        self.found = found
        self._thresholds = report.thresholds(tests, found) if tests else ()
        self._misses = report.misses(tests, found.answers) if tests else ()
        self._tests = tests

    @property
    def missed(self) -> bool:
        """Whether a threshold was missed."""
        return any(item.missed for item in self._thresholds)

    def lines(self) -> list[str]:
        """Return it for people."""
        from agentassist.evaluation import report

        told = list(report.lines(self.found))
        return told + list(report.test_lines(self._thresholds, self._misses)) if self._tests else told

    def data(self) -> dict[str, JsonValue]:
        """Return it as data."""
        from agentassist.evaluation import report

        told = report.data(self.found)
        return {**told, **report.test_data(self._thresholds, self._misses)} if self._tests else told


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """Measures one folder after the other, as the options say."""

    split: str
    compare: tuple[str, ...]
    queries: int
    seed: int
    today: date
    model: str | None

    def one(self, folder: Path) -> _Done:
        """Measure one folder.

        Raises:
            AgentAssistError: it cannot be used, or searching fails.
        """
        from contextlib import closing

        from agentassist import config
        from agentassist.evaluation import metrics
        from agentassist.evaluation.baselines import Baselines
        from agentassist.evaluation.evaluate import evaluate as measure
        from agentassist.evaluation.evaluate import questions, sample
        from agentassist.evaluation.indexing import open_index, query_encoder

        places = paths.default_paths()
        model = config.load(places.config_file).search.model if self.model is None else self.model
        metrics.require()
        loaded, tests = self._load(folder)
        dataset = replace(
            loaded,
            queries=sample(loaded.queries, self.queries, self.seed),
            unanswerable=sample(loaded.unanswerable, self.queries, self.seed),
        )
        encoder = query_encoder(places.cache, model)
        with Bar(dataset.name) as bar:
            opened = open_index(dataset, places.cache, model, encoder=encoder, progress=bar.building)
            with closing(opened) as index:
                encoder.learn(questions(dataset, self.compare), bar.asking)
                others = Baselines(dataset, index.passage_vectors(), encoder) if self.compare else None
                found = measure(
                    dataset, index, today=self.today, baselines=others, compare=self.compare, seed=self.seed,
                    progress=bar.asking,
                )  # fmt: skip
        return _Done(found, tests)

    def _load(self, folder: Path) -> tuple[Dataset, Tests | None]:
        from agentassist.evaluation import cases, datasets

        if datasets.is_dataset(folder):
            return datasets.load(folder, self.split), None
        if (folder / cases.FILE).is_file():
            if self.split:
                raise UsageError("the tests of a knowledge base have no splits", "Leave --split out.")
            return cases.of_knowledge_base(folder)
        if not folder.is_dir():
            raise NotFoundError(f"there is no folder {folder}", "Name a knowledge base or a data set.")
        raise NotFoundError(
            f"{folder} holds neither {cases.FILE} nor {datasets.CORPUS}",
            f"Write questions and the articles that should come first into {folder / cases.FILE}: docs/evaluation.md "
            "has an example.",
        )


class Bar:
    """Shows on stderr how far it is: a bar on a terminal, a line for each phase elsewhere."""

    def __init__(self, name: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        self._plain = not console.is_terminal
        self._name = clean_line(name, limit=40)
        self._phase = ""
        columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()
        self._progress = Progress(*columns, TimeRemainingColumn(), console=console, transient=True, disable=self._plain)
        self._task = self._progress.add_task(self._name, total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def building(self, now: BuildProgress) -> None:
        """Show how far the index is."""
        self._show(now.phase.value, now.done, now.total)

    def asking(self, what: str, done: int, total: int) -> None:
        """Show how many texts were encoded, or queries asked."""
        self._show(what if what == "encoding" else f"asking {what}", done, total)

    def _show(self, phase: str, done: int, total: int) -> None:
        if phase != self._phase:
            self._phase = phase
            if self._plain:
                click.echo(clean(f"{self._name}: {phase} …"), err=True)
            # The time that is left is of this phase, not of the ones before.
            self._progress.reset(self._task, total=total or None, description=f"{self._name}: {phase}")
        self._progress.update(self._task, completed=done, total=total or None)
