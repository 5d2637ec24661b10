"""`agentassist friction`: why the meter says what it says, how good it is, and fitting it anew."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentassist import paths
from agentassist.cli import complete
from agentassist.cli.groups import Group
from agentassist.errors import AgentAssistError, FrictionError, UsageError
from agentassist.text import clean_line, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentassist.evaluation.friction_measure import Figures
    from agentassist.evaluation.friction_sets import Labelled
    from agentassist.friction.meter import Meter
    from agentassist.friction.reading import Reading
    from agentassist.friction.weights import Both
    from agentassist.models import Entry, JsonValue

LABELS = ("friction", "transfer", "asks", "upset")


@click.group(cls=Group)
def friction() -> None:
    """See how strained customers are: explain one conversation, measure the meter, fit it anew."""


@friction.command()
@click.argument("conversation_id", type=int, metavar="CONVERSATION", shell_complete=complete.conversations)
@click.option("--at", type=click.IntRange(1), metavar="SEQ", help="Only up to this entry, as it was then.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, one object an entry.")
def explain(conversation_id: int, *, at: int | None, as_json: bool) -> None:
    """Show what the meter says after each entry of a conversation, and why.

    Every signal names the entries that it rests on, what was said there, and what it adds to the logit of the score;
    one below 0 speaks against friction. Without an index the messages are read by their words, which is told.

    \b
    Example:
      agentassist friction explain 12
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.cli.records import configuration, open_store
    from agentassist.clock import SystemClock
    from agentassist.friction.meter import Meter
    from agentassist.friction.reading import earlier_of
    from agentassist.friction.settings import settings_of
    from agentassist.session.knowledge import Knowledge

    clock = SystemClock()
    config = configuration()
    with open_store() as store, closing(Knowledge(paths.default_paths().index, clock)) as knowledge:
        conversation = store.queue.get(conversation_id)
        everything = store.transcript.entries(conversation_id)
        entries = everything if at is None else everything[:at]
        # As it was: the moment before the next entry, when there is one.
        now = everything[len(entries)].at if len(entries) < len(everything) else clock.now()
        earlier = earlier_of(store.sessions.of_customer(conversation.customer.id), conversation_id)
        meter = Meter.load(knowledge.embed, settings_of(config.friction, conversation.customer.language))
        readings = meter.walk(entries, now, earlier=earlier)
    if as_json:
        _json([_told(entry, reading) for entry, reading in zip(entries, readings, strict=True)])
        return
    if readings and readings[-1].degraded:
        click.echo(clean_line(readings[-1].degraded), err=True)
    for entry, reading in zip(entries, readings, strict=True):
        _print(entry, reading)
    if not readings:
        click.echo("no entries (yet)", err=True)


@friction.command("eval")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--label", type=click.Choice(LABELS), default="friction", show_default=True,
              help="What the label is about: friction and transfer are compared with the score, asks with how likely "
              "the last message asks for a person, upset with how likely it shows a negative emotion.")  # fmt: skip
@click.option("--split", default="", metavar="NAME", help="Only conversations of this split, such as dev.")
@click.option("--weights", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Weights that `friction fit` wrote, instead of those in use.")  # fmt: skip
@click.option("--words", is_flag=True, help="Read by words, as without an encoder.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the intervals.")
@click.option("--json", "as_json", is_flag=True, help="Print everything that was measured as JSON.")
def evaluate(
    files: tuple[Path, ...], *, label: str, split: str, weights: Path | None, words: bool, seed: int, as_json: bool
) -> None:
    """Measure how well the meter tells problems from the rest.

    FILE holds one JSON object a line: `turns`, a list of {role: customer|agent, text} up to the judged point, and
    `label`, 1 for a problem. Turns that are intents ("negate", "inform [name]") are read as answers in a tree.

    Printed are the area under the ROC curve (with 95 % of its resamples) and the average precision of each output of
    one and the same reading, precision and recall at thresholds of the one that --label chooses, and how many turns
    before a customer's own request for a person the meter said that they are strained.

    The weights in use were fitted on such files: `friction fit` tells what to expect of others.

    \b
    Example:
      agentassist friction eval friction_handoff/turns.jsonl --label asks
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from dataclasses import asdict

    from agentassist.evaluation import friction_fit, friction_measure, friction_sets
    from agentassist.friction.weights import parsed

    friction_fit.require()
    sets = [friction_sets.load(file, split) for file in files]
    for items in sets:
        friction_fit.require_both(items)
    both = parsed(_text(weights)) if weights else None
    meter = _meter(words=words, both=both)
    output = friction_measure.LABELS[label]
    found = []
    for items in sets:
        click.echo(clean_line(f"{items[0].dataset}: {counted(len(items), 'conversation')} …"), err=True)
        found.append(friction_measure.figures(friction_measure.judge(meter, items), output, seed))
    if as_json:
        _json({"label": label, "by_meaning": not words, "sets": [asdict(item) for item in found]})
        return
    for number, item in enumerate(found):
        click.echo("\n" * bool(number) + "\n".join(_lines(item)))


@friction.command()
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--logged", is_flag=True, help="Fit on the conversations of this desk, too: which were handed over.")
@click.option("--split", default="", metavar="NAME", help="Only conversations of this split, such as dev.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Where to write.")
@click.option("--dry-run", is_flag=True, help="Fit and print, and write nothing.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the parts and of the intervals.")
@click.option("--json", "as_json", is_flag=True, help="Print what was measured as JSON.")
def fit(
    files: tuple[Path, ...], *, logged: bool, split: str, out: Path | None, dry_run: bool, seed: int, as_json: bool
) -> None:
    """Fit what each kind of signal counts, and say how good it is.

    FILE is as `friction eval` takes it. For the score printed are the weights in use, the new ones on what they were
    fitted on, new ones on the fifth of the conversations that they were not fitted on ("crossed": what to expect of
    others like them), and new ones on a set that they have not seen at all ("set out": what to expect elsewhere).

    The same files give the same weights. What no file shows keeps the weight that it begins with.

    \b
    Example:
      agentassist friction fit friction_*/*.jsonl --split dev --out weights.toml
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.evaluation import friction_fit
    from agentassist.friction.weights import Both, parsed, written

    if not files and not logged:
        raise UsageError("there is nothing to fit on", "Name files of labelled conversations, or give --logged.")
    if out is None and not dry_run:
        raise UsageError("where to write is missing", "Give --out FILE, or --dry-run to only see what it gives.")
    friction_fit.require()
    items = [item for file in files for item in _load(file, split)] + (_logged() if logged else [])
    friction_fit.require_both(items)
    tables: dict[str, dict[str, dict[str, JsonValue]]] = {}
    made = {}
    for name, words in (("by_meaning", False), ("by_words", True)):
        click.echo(f"reading {counted(len(items), 'conversation')} {name.replace('_', ' ')} …", err=True)
        meter = _meter(words=words)
        seen = friction_fit.see(meter, items)
        made[name] = friction_fit.fit(seen)
        tables[name] = friction_fit.compared(seen, made[name], meter.weights(by_meaning=not words), seed)
    text = written(Both(made["by_meaning"], made["by_words"]), _head(files, split, logged=logged))
    parsed(text)  # what would not be read is not written
    if out is not None and not dry_run:
        _write(out, text)
    if as_json:
        _json({"file": None if dry_run or out is None else str(out), **tables})
        return
    _print_tables(tables)
    click.echo("nothing was written" if dry_run or out is None else clean_line(f"written: {out}", limit=4_000))


def _meter(*, words: bool, both: Both | None = None) -> Meter:
    """Return a meter with the encoder of the index in use, else with the packaged one; by words when that is wanted.

    Raises:
        MissingExtraError: there is no index and no [build] extra.
    """
    from agentassist import config
    from agentassist.friction.meter import Meter

    if words:
        return Meter.load(None, both=both)
    from agentassist.evaluation.indexing import query_encoder

    places = paths.default_paths()
    encoder = query_encoder(places.cache, config.load(places.config_file).search.model)
    return Meter.load(encoder, both=both)


def _load(file: Path, split: str) -> tuple[Labelled, ...]:
    from agentassist.evaluation import friction_sets

    return friction_sets.load(file, split)


def _logged() -> list[Labelled]:
    from agentassist.cli.records import open_store
    from agentassist.evaluation.friction_logged import labelled

    with open_store() as store:

        def conversations() -> Iterator[Sequence[Entry]]:
            after = 0
            while page := store.sessions.ids(after, 500):
                for conversation_id in page:
                    yield store.transcript.entries(conversation_id)
                after = page[-1]

        return list(labelled(conversations()))


def _told(entry: Entry, reading: Reading) -> dict[str, JsonValue]:
    return {
        "seq": entry.seq,
        "author": entry.author.value,
        "kind": entry.kind.value,
        "text": entry.text,
        "level": reading.level.value,
        "score": round(reading.score, 4),
        "asks": round(reading.asks, 4),
        "upset": round(reading.upset, 4),
        "asked": reading.asked,
        "stakes": reading.stakes,
        "by_meaning": reading.by_meaning,
        "reasons": list(reading.reasons),
        "signals": [
            {
                "kind": item.kind.value,
                "entries": list(item.entries),
                "words": item.words,
                "weight": round(item.weight, 3),
                "text": item.text,
            }
            for item in reading.signals
        ],
    }


def _print(entry: Entry, reading: Reading) -> None:
    said = clean_line(entry.text, limit=90) or (entry.event.value if entry.event else "")
    flags = "".join(
        (" · asked for a person" if reading.asked else "", f" · {reading.stakes}" if reading.stakes else "")
    )
    click.echo(f"#{entry.seq} {entry.author.value}: {said}")
    click.echo(f"   {reading.level.value} {reading.score:.2f}{flags}")
    for item in reading.signals:
        click.echo(f"   {item.weight:+5.2f}  {item.text}")


def _lines(item: Figures) -> Iterator[str]:
    yield f"{item.dataset}: {counted(item.count, 'conversation')}, {counted(item.problems, 'problem')}"
    yield f"  {'output':8}{'AUROC':>8}{'95 %':>16}{'AP':>8}"
    for name, area in item.auroc.items():
        mark = "   ← what the label is about" if name == item.output else ""
        span = f"{area.low:.3f}–{area.high:.3f}"
        yield f"  {name:8}{area.value:8.3f}{span:>16}{item.precision[name]:8.3f}{mark}"
    yield f"  {'at ' + item.output:11}{'precision':>10}{'recall':>8}"
    for at in item.table:
        precision = "–" if at.precision is None else f"{at.precision:.3f}"
        yield f"  ≥ {at.threshold:<9.1f}{precision:>10}{at.recall:8.3f}"
    for level, (problems, others) in item.levels.items():
        yield f"  {level.value:9} {counted(problems, 'problem')}, {counted(others, 'other')}"
    early = item.early
    if early.requests:
        lead = "" if early.turns is None else f", by {early.turns:g} of the customer's turns at the median"
        yield f"  asked for a person after the first turn: {early.requests}; strained before: {early.before}{lead}"


def _print_tables(tables: dict[str, dict[str, dict[str, JsonValue]]]) -> None:
    for name, table in tables.items():
        click.echo(f"AUROC of the score, {name.replace('_', ' ')}")
        for dataset, row in table.items():
            parts = []
            for what, value in row.items():
                if isinstance(value, list):
                    middle, low, high = (float(str(number)) for number in value)
                    parts.append(f"{what.replace('_', ' ')} {middle:.3f} ({low:.3f}–{high:.3f})")
            click.echo(f"  {dataset:24}" + "   ".join(parts))


def _head(files: Sequence[Path], split: str, *, logged: bool) -> str:
    """Return the command that makes the same file, without where its files are: that is nobody's business."""
    import shlex

    line = ["agentassist", "friction", "fit", *(f"{file.parent.name}/{file.name}".lstrip("/") for file in files)]
    line += ["--logged"] if logged else []
    line += ["--split", split] if split else []
    return f"What each kind of signal counts. Written by:\n{clean_line(shlex.join(line), limit=4_000)}"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise FrictionError(f"{file} cannot be read: {error}", "Write it: agentassist friction fit") from error


def _write(file: Path, text: str) -> None:
    """Put a file into its place, whole or not at all.

    Raises:
        AgentAssistError: it cannot be written.
    """
    import secrets

    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise AgentAssistError(
            f"{file} cannot be written: {error.strerror}", "Name another place with --out."
        ) from error


def _json(value: Any) -> None:
    from agentassist.cli.kb import to_json

    click.echo(to_json(value))
