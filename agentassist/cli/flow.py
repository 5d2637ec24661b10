"""`agentassist flow`: check, play, draw, import and count decision trees."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentassist.cli import complete
from agentassist.cli.groups import Group
from agentassist.cli.kb import folder_of, to_json
from agentassist.cli.kb_gaps import since_option
from agentassist.cli.problems import facts, print_problems
from agentassist.errors import ExitCode, NotFoundError
from agentassist.text import clean_line, counted

if TYPE_CHECKING:
    from datetime import datetime

    from agentassist.flows.draw import Twig
    from agentassist.flows.load import Flows
    from agentassist.flows.model import Flow
    from agentassist.flows.stats import FlowCount
    from agentassist.models import JsonValue

_directory = click.option(
    "--kb", "directory", metavar="DIR", type=click.Path(path_type=Path),
    help="The knowledge base (default: kb.folder of the config, or the one that ships).",
)  # fmt: skip
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_tree = click.argument("ident", metavar="FLOW", shell_complete=complete.flows)


@click.group(cls=Group)
def flow() -> None:
    """Check, play, draw, import and count decision trees.

    A tree is a file flows/FLOW.yaml of a knowledge base. Its format is told in docs/flows.md, and for editors by
    `agentassist flow schema`.
    """


def _load(directory: Path | None) -> Flows:
    """Return the trees of a knowledge base, and tell on stderr which are left out."""
    from agentassist.clock import SystemClock
    from agentassist.flows import load

    loaded = load.load_kb(folder_of(directory), SystemClock().now().date())
    left_out = {problem.path for problem in loaded.problems if problem.fatal}
    if left_out:
        click.echo(f"{counted(len(left_out), 'tree')} left out: `agentassist flow lint` says why", err=True)
    return loaded


def _find(loaded: Flows, ident: str) -> Flow:
    """Return the tree with an id.

    Raises:
        NotFoundError: there is none, or its file is broken.
    """
    import difflib

    if (found := loaded.flows.get(ident)) is not None:
        return found
    if any(problem.path == f"{ident}.yaml" for problem in loaded.problems):
        raise NotFoundError(f"decision tree {ident} is broken", "`agentassist flow lint` says why.")
    near = difflib.get_close_matches(ident[:100], loaded.flows, n=1)
    hint = f"Did you mean {near[0]}?" if near else "`agentassist flow list` shows every id."
    raise NotFoundError(f"there is no decision tree {ident[:100]}", hint)


@flow.command("list")
@_directory
@_as_json
def list_(directory: Path | None, as_json: bool) -> None:
    """List the decision trees."""
    found = _load(directory).flows.values()
    if as_json:
        click.echo(to_json([_facts(item) for item in found]))
        return
    for item in found:
        cells = (item.id, item.journey.value, item.language, counted(len(item.nodes), "node"), item.title)
        click.echo("\t".join(map(clean_line, cells)))


def _facts(item: Flow) -> dict[str, JsonValue]:
    return {
        "id": item.id,
        "title": item.title,
        "language": item.language,
        "journey": item.journey.value,
        "topic": item.topic,
        "start": item.start,
        "nodes": len(item.nodes),
        "version": item.version,
        "path": item.path,
    }


@flow.command()
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@_as_json
@click.pass_context
def lint(ctx: click.Context, directory: Path | None, strict: bool, as_json: bool) -> None:
    """Check the trees of the knowledge base in DIR; the exit status is 3 when one has to be corrected.

    It finds broken files, dead ends, nodes that are never reached or from which no person can be reached, ways that go
    round, articles that cannot be sent, answers with the same label, and branches without a case for everything else.
    """
    from agentassist.clock import SystemClock
    from agentassist.flows.lint import lint as check
    from agentassist.kb.problems import Severity

    problems = check(folder_of(directory), SystemClock().now().date())
    if as_json:
        click.echo(to_json([facts(problem) for problem in problems]))
    else:
        print_problems(problems)
    counts = Counter(problem.severity for problem in problems)
    errors, warnings = counts[Severity.ERROR], counts[Severity.WARNING]
    click.echo(f"{counted(errors, 'error')}, {counted(warnings, 'warning')}", err=True)
    if errors or (strict and warnings):
        ctx.exit(ExitCode.FOUND_PROBLEMS)


@flow.command()
@_tree
@_directory
@click.option("--mermaid", is_flag=True, help="Print a Mermaid flowchart.")
def draw(ident: str, directory: Path | None, mermaid: bool) -> None:
    """Draw the decision tree FLOW; a node that is drawn already is only named (↩).

    ? one choice, ?? several, ✎ a form, ◇ a branch, ⇒ another tree, ■ an end.

    \b
    Example:
      agentassist flow draw pairing
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.flows import draw as drawing

    found = _find(_load(directory), ident)
    if mermaid:
        click.echo(drawing.mermaid(found))
        return
    from rich.console import Console

    width = None if sys.stdout.isatty() else 160
    Console(width=width, highlight=False).print(_rich(drawing.outline(found), found))


def _rich(root: Twig, found: Flow) -> object:
    """Return an outline as rich prints it; a Text is never read as markup."""
    from rich.text import Text
    from rich.tree import Tree

    top = Tree(Text(clean_line(f"{found.title} ({found.id})"), style="bold"), guide_style="dim")
    waiting = [(root, top)]
    while waiting:
        twig, above = waiting.pop()
        way = Text(f"{twig.way} → ", style="cyan") if twig.way else Text()
        branch = above.add(Text.assemble(way, twig.line))
        waiting += [(item, branch) for item in reversed(twig.twigs)]
    return top


@flow.command()
@_tree
@_directory
@click.option("--region", default="", metavar="CC", help="The country of phone numbers without +, such as PT.")
@_as_json
def run(ident: str, directory: Path | None, region: str, as_json: bool) -> None:
    """Play the decision tree FLOW in this terminal, one line an answer; a pipe will do as well.

    Answer with a number, an id or the words of an answer. `back`, `person` and `quit` are possible at every question.
    At the end it prints what would be handed over; with --json that goes to stdout and the rest to stderr.

    \b
    Example:
      agentassist flow run start
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.cli.flow_run import Play
    from agentassist.flows.trees import Trees

    loaded = _load(directory)
    found = _find(loaded, ident)
    play = Play(Trees(loaded.flows), sys.stdin, region=region, err=as_json)
    play.play(found.id)
    if as_json:
        click.echo(to_json(play.facts()))
    else:
        play.tell()


@flow.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--output", "-o", metavar="FILE", type=click.Path(path_type=Path), help="Write to FILE, not to stdout.")
@click.option("--force", is_flag=True, help="Replace the file that is there.")
@click.pass_context
def import_(ctx: click.Context, file: Path, output: Path | None, force: bool) -> None:
    """Make a decision tree of a Twine story or of a Typebot export.

    FILE is Twee 3 (.twee, .tw), the HTML of Twine 2, or the JSON of a Typebot export. What could not be taken over is
    told on stderr with its place; the exit status is 3 when the tree that came of it has to be corrected before use.

    \b
    Example:
      agentassist flow import story.twee
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.cli.records import output as opened
    from agentassist.flows import load, twee, typebot
    from agentassist.kb import files
    from agentassist.kb.problems import BrokenFileError

    try:
        text = files.read(file).text
    except BrokenFileError as error:
        raise NotFoundError(f"{clean_line(str(file))} {error.message}", error.hint) from error
    made = typebot.read(text) if text.lstrip()[:1] in ("{", "[") else twee.read(text)
    written = made.yaml()
    with opened(output, force=force) as stream:
        stream.write(written)
    for note in made.notes:
        click.echo(str(note), err=True)
    problems = load.check_text(written)
    for problem in problems:
        click.echo(str(problem), err=True)
    told = f"{counted(len(made.nodes), 'node')}, {counted(len(made.notes), 'thing')} not taken over"
    click.echo(f"{told}, {counted(len(problems), 'problem')} to correct", err=True)
    if any(problem.fatal for problem in problems):
        ctx.exit(ExitCode.FOUND_PROBLEMS)


@flow.command()
@click.argument("ident", metavar="[FLOW]", required=False, shell_complete=complete.flows)
@_directory
@since_option
@_as_json
def stats(ident: str | None, directory: Path | None, since: datetime | None, as_json: bool) -> None:
    """Count what became of the nodes of each tree, or of FLOW.

    A run is one beginning of a tree in a conversation; every number counts a run once a node.

    \b
    came       the customer reached it
    went on    they answered it, or passed through it
    went back  they went back from it
    left       the run stops at it: open, not answered, and no person came
    asked      a person was asked for, or took over, while it was open
    """  # noqa: D301 — click's mark for lines that stay lines
    from agentassist.cli.records import open_store
    from agentassist.clock import to_stored
    from agentassist.flows import stats as counting

    loaded = _load(directory)
    flows = loaded.flows if ident is None else {ident: _find(loaded, ident)}
    begin = to_stored(since) if since else ""
    with open_store() as store:
        counts = counting.count(flows, store.flow_stats.conversations(since=begin))
    if as_json:
        trees: list[JsonValue] = [_count_facts(item) for item in counts.values()]
        click.echo(to_json({"since": begin or None, "definitions": dict(counting.DEFINITIONS), "flows": trees}))
        return
    for item in counts.values():
        if item.runs or ident:
            _print_count(item)
    if not any(item.runs for item in counts.values()):
        click.echo("no tree was begun since then; --since all looks further back", err=True)


def _count_facts(item: FlowCount) -> dict[str, JsonValue]:
    from agentassist.flows.stats import DEFINITIONS

    nodes: list[JsonValue] = [
        {"node": name, "kind": item.flow.nodes[name].kind.value, "question": item.flow.nodes[name].text}
        | {key: numbers[key] for key in DEFINITIONS}
        for name, numbers in item.nodes.items()
    ]
    return {"flow": item.flow.id, "title": item.flow.title, "runs": item.runs, "older": item.older, "nodes": nodes}


def _print_count(item: FlowCount) -> None:
    """Print a line for each node that somebody came to, under a head of names; the node comes last, however long."""
    from agentassist.flows.draw import words
    from agentassist.flows.stats import DEFINITIONS

    older = f", {item.older:,} of them with another version of the file" if item.older else ""
    click.echo(clean_line(f"{item.flow.id}: {counted(item.runs, 'run')}{older}"))
    heads = [name.replace("_", " ") for name in DEFINITIONS]
    click.echo(f"  {'  '.join(heads)}  node")
    for name, numbers in item.nodes.items():
        if numbers["came"]:
            cells = [f"{numbers[key]:>{len(head)},}" for key, head in zip(DEFINITIONS, heads, strict=True)]
            click.echo(f"  {'  '.join(cells)}  {clean_line(f'{name}  {words(item.flow.nodes[name])}')}")


@flow.command()
def schema() -> None:
    """Print the JSON Schema of a tree's file, for editors."""
    from agentassist.flows.load import schema as text

    click.echo(text(), nl=False)
