"""`kb fit`."""

from __future__ import annotations

import math
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentassist import paths
from agentassist.clock import SystemClock
from agentassist.errors import ExitCode, SearchError, UsageError
from agentassist.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from agentassist.evaluation.datasets import Dataset
    from agentassist.evaluation.fit import Example
    from agentassist.evaluation.trial import Measured
    from agentassist.models import JsonValue
    from agentassist.search.parameters import Parameters

SHIPPED, NEW, CROSSED = "shipped", "new", "crossed"
MOST = 1_000.0
"""The greatest weight of a set."""


@click.command(name="fit")
@click.argument("directories", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--split", default="", metavar="NAME", help="Only a data set's queries of this split, such as dev.")
@click.option("--weight", "weights", multiple=True, metavar="NAME=NUMBER",
              help="What the set of this name counts against the others (1); several may be given.")  # fmt: skip
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day to search on, for articles that expire (today).")
@click.option("--model", metavar="NAME|FOLDER", help="A sentence-transformers model (default: search.model).")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Where to write.")
@click.option("--write", "install", is_flag=True, help="Replace the numbers that search uses.")
@click.option("--dry-run", is_flag=True, help="Fit and print, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what was measured as JSON.")
@click.pass_context
def fit(
    ctx: click.Context,
    directories: tuple[Path, ...],
    *,
    split: str,
    weights: tuple[str, ...],
    on: datetime | None,
    model: str | None,
    out: Path | None,
    install: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Fit the numbers of search on data sets, and say how good they are.

    DIR is a data set as `agentassist kb eval` takes it, a knowledge base with a tests.yaml, or a folder of such files
    on the knowledge base that ships. Printed are the numbers that search uses now, the new ones on
    the conversations that they were fitted on, and new ones on the half of the conversations that they were not
    ("crossed"): that is what to expect of others. Fit on development data only.

    Without --out or --write the file goes into the cache, and search goes on as before.

    \b
    Example:
      agentassist kb fit doc2dial mtrag dstc11t5 tests/eval/contexts --split dev --weight doc2dial=10
    """  # noqa: D301 — click's mark for lines that are not to be joined
    if out and install:
        raise UsageError("--out and --write are two places", "Leave one of them out.")
    counts = _weights(weights)
    file = None if dry_run else _place(out, install=install)
    run = _Run(split, counts, on.date() if on else SystemClock().now().date(), model)
    try:
        fitted = run.fitted(directories)
    except KeyboardInterrupt:
        click.echo("interrupted: nothing was written; what was indexed and encoded until now is kept", err=True)
        ctx.exit(ExitCode.INTERRUPTED)
    if file:
        _write(file, fitted.parameters, _head(fitted.names, split, counts, on, model))
    _print(fitted, file, as_json=as_json)
    if file and not as_json and not install:
        click.echo("search goes on with the numbers that it has; --write replaces them", err=True)


@dataclass(frozen=True, slots=True)
class _Fitted:
    """New numbers, and by `SHIPPED`, `NEW` and `CROSSED` how good they are on each set."""

    names: tuple[str, ...]
    parameters: Parameters
    by_meaning: Mapping[str, Mapping[str, Measured]]
    by_words: Mapping[str, Mapping[str, Measured]]


@dataclass(frozen=True, slots=True)
class _Run:
    """Fits, as the options say."""

    split: str
    weights: Mapping[str, float]
    today: date
    model: str | None

    def fitted(self, folders: Sequence[Path]) -> _Fitted:
        """Fit on all sets together.

        Raises:
            AgentAssistError: something is not installed, a set cannot be used, or searching fails.
        """
        from agentassist.evaluation import fit
        from agentassist.evaluation import sets as loading

        fit.require()
        sets = [loading.load(folder, self.split) for folder in folders]
        names = tuple(dataset.name for dataset in sets)
        if len(set(names)) < len(names):
            raise UsageError("two data sets have the same name", "Name each folder once.")
        if unknown := sorted(set(self.weights) - set(names)):
            there = ", ".join(names)
            raise UsageError(clean_line(f"there is no set {unknown[0]} to weigh"), clean_line(f"There are: {there}."))
        by_meaning, by_words = self._examples(sets)
        click.echo("fitting …", err=True)
        made = fit.parameters_of(by_meaning, by_words, self.weights)
        from agentassist.search import parameters

        now = parameters.shipped()
        return _Fitted(
            names,
            made,
            self._tried(by_meaning, {SHIPPED: now, NEW: made}, words=False),
            self._tried(by_words, {SHIPPED: now, NEW: made}, words=True),
        )

    def _tried(
        self, some: Sequence[Example], known: Mapping[str, Parameters], *, words: bool
    ) -> dict[str, dict[str, Measured]]:
        from agentassist.evaluation import fit, trial

        told = {}
        for name, made in known.items():
            told[name] = trial.measured(trial.outcomes(some, made.by_words if words else made.by_meaning))
        told[CROSSED] = trial.measured(trial.crossed(some, lambda part: fit.fit(part, self.weights)))
        return told

    def _examples(self, sets: Sequence[Dataset]) -> tuple[list[Example], list[Example]]:
        from contextlib import closing

        from agentassist import config
        from agentassist.cli.kb_eval import Bar
        from agentassist.evaluation import fit
        from agentassist.evaluation.evaluate import questions
        from agentassist.evaluation.indexing import open_index, query_encoder

        places = paths.default_paths()
        model = config.load(places.config_file).search.model if self.model is None else self.model
        encoder = query_encoder(places.cache, model)
        by_meaning: list[Example] = []
        by_words: list[Example] = []
        for dataset in sets:
            with Bar(dataset.name) as bar:
                opened = open_index(dataset, places.cache, model, encoder=encoder, progress=bar.building)
                with closing(opened) as index:
                    encoder.learn(questions(dataset), bar.asking)
                    for made, meaning, what in ((by_meaning, True, "by meaning"), (by_words, False, "by words")):

                        def tell(done: int, total: int, what: str = what, bar: Bar = bar) -> None:
                            bar.asking(what, done, total)

                        made.extend(fit.examples(dataset, index, self.today, by_meaning=meaning, progress=tell))
        return by_meaning, by_words


def _weights(given: Sequence[str]) -> dict[str, float]:
    """Read NAME=NUMBER.

    Raises:
        UsageError: one is something else.
    """
    found: dict[str, float] = {}
    for text in given:
        name, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not name or not 0 < value <= MOST:
            raise UsageError(
                f"--weight {clean_line(text)!r} is not a name and a number", "Such as: --weight doc2dial=8"
            )
        found[name] = value
    return found


def _head(
    names: Sequence[str], split: str, weights: Mapping[str, float], on: datetime | None, model: str | None
) -> str:
    """Return the command that makes the same file, with folders by their names: where they are is nobody's business."""
    line = ["agentassist", "kb", "fit", *names]
    line += ["--split", split] if split else []
    for name, value in weights.items():
        line += ["--weight", f"{name}={value:g}"]
    line += ["--on", f"{on:%Y-%m-%d}"] if on else []
    line += ["--model", Path(model).name] if model else []
    return f"The fitted numbers of search. Written by:\n{clean_line(shlex.join(line), limit=4_000)}"


def _place(out: Path | None, *, install: bool) -> Path:
    """Return where to write.

    Raises:
        UsageError: there is no such folder: better told before minutes of fitting than after.
    """
    from agentassist.evaluation.indexing import FOLDER
    from agentassist.search import parameters

    if install:
        return Path(parameters.__file__).parent / parameters.FILE
    if out is not None:
        if not out.parent.is_dir():
            raise UsageError(f"there is no folder {out.parent}", "Make it first, or name another with --out.")
        return out
    return paths.ensure(paths.default_paths().cache / FOLDER) / parameters.FILE


def _write(file: Path, made: Parameters, head: str) -> None:
    """Put a parameter file into its place, whole or not at all.

    Raises:
        SearchError: it cannot be written.
    """
    import secrets

    from agentassist.search import parameters

    text = parameters.written(made, head)
    # What would not be read is not written.
    parameters.parsed(text)
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise SearchError(f"{file} cannot be written: {error.strerror}", "Name another place with --out.") from error


def _print(fitted: _Fitted, file: Path | None, *, as_json: bool) -> None:
    from agentassist.cli.kb import to_json
    from agentassist.evaluation import trial

    if as_json:
        told: dict[str, JsonValue] = {"file": str(file) if file else None}
        for kind, tables in (("by_meaning", fitted.by_meaning), ("by_words", fitted.by_words)):
            told[kind] = {
                name: {"mean_mrr@10": trial.mean(of), "sets": {key: asdict(item) for key, item in of.items()}}
                for name, of in tables.items()
            }
        click.echo(to_json(told))
        return
    for title, tables in (("By meaning and words", fitted.by_meaning), ("By words alone", fitted.by_words)):
        click.echo(f"{title:24}{SHIPPED:>9}{NEW:>9}{CROSSED:>9}")
        for line in _rows(tables):
            click.echo(line)
        click.echo("")
    click.echo(clean_line(f"written: {file}", limit=4_000) if file else "nothing was written")


def _rows(tables: Mapping[str, Mapping[str, Measured]]) -> list[str]:
    from agentassist.evaluation import trial

    order = (SHIPPED, NEW, CROSSED)
    means = "".join(f"{trial.mean(tables[name]):9.3f}" for name in order)
    made = [f"  {'MRR@10, mean of sets':22}{means}"]
    for of in tables[SHIPPED]:
        made.append(f"{clean_line(of, limit=60)}")
        for field, words in (
            ("mrr", "MRR@10"),
            ("auroc", "AUROC"),
            ("shown", "no answer, yet shown"),
            ("kept", "right first, shown"),
        ):
            values = [asdict(tables[name][of])[field] for name in order]
            if None not in values:
                made.append(f"  {words:22}" + "".join(f"{value:9.3f}" for value in values))
    return made
