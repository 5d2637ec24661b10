"""Opens the desk: on the records of this user, or on a demonstration."""

from __future__ import annotations

import shlex
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentassist.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentassist.paths import Paths


def open_desk(agent: str | None, *, plain: bool = False) -> None:
    """Open the desk on the records of this user.

    Args:
        agent: who sits at it; None means the configured name, else the login.
        plain: in lines, for screen readers and scripts.

    Raises:
        ConfigError: the configuration file is wrong.
        UsageError: there is no terminal to open it in.
    """
    from agentassist.paths import default_paths

    _need_terminal(plain)
    _run(default_paths(), agent, plain=plain)


def _need_terminal(plain: bool) -> None:
    if not plain and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the desk needs a terminal",
            "In a script use --plain, or agentassist sessions, followups, or kb search, with --json.",
        )


def _run(
    places: Paths,
    agent: str | None,
    *,
    kb_folder: Path | None = None,
    opened: threading.Event | None = None,
    hints: bool = False,
    plain: bool = False,
) -> None:
    """Run the desk.

    Args:
        places: where its files are.
        agent: see `open_desk`.
        kb_folder: the knowledge base whose index is built at once; None means the configured one, built when asked.
        opened: set once the desk has shown its first picture.
        hints: lead a newcomer.
        plain: in lines.
    """
    import getpass

    with _uncollected():
        from agentassist import config, paths
        from agentassist.clock import SystemClock
        from agentassist.session.backend import Backend

        settings, clock = config.load(paths.default_paths().config_file), SystemClock()
        _start_log(places)
        configured = Path(settings.kb.folder).expanduser() if settings.kb.folder else paths.sample_kb()
        folder = kb_folder or configured
        who = agent or settings.agent.name or getpass.getuser()
        backend = Backend(places, who, clock, kb_folder=folder, reranker_ms=settings.search.reranker_ms)
        backend.open()
        # Now, so that the records are opened while this is imported.
        from agentassist.session.indexing import Indexing

        if plain:
            from agentassist.tui.plain.desk import run as run_plain
        else:
            from agentassist.tui.app import run

    model, reranker = settings.search.model, settings.search.reranker
    indexing = Indexing(folder, places, model, reranker=reranker, at_once=kb_folder is not None, begun=opened)
    try:
        if plain:
            run_plain(backend, settings, clock, indexing=indexing)
        else:
            run(backend, settings, clock, indexing=indexing, hints=hints)
    finally:
        backend.close()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Collect no garbage meanwhile: looking again and again through what is being imported takes as long as importing.

    What is there at the end stays until the process ends, and is not looked through again.
    """
    import gc

    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _start_log(places: Paths) -> None:
    """Log to a file that only its owner can read; where none can be made the desk opens without, and shows why."""
    import logging

    from agentassist.paths import ensure

    try:
        ensure(places.data)
        places.log_file.touch(mode=0o600)
        handler: logging.Handler = logging.FileHandler(places.log_file, encoding="utf-8")
    except OSError:
        handler = logging.NullHandler()
    logging.basicConfig(handlers=[handler], level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")


@click.command()
@click.option("--keep", is_flag=True, help="Keep the records afterwards, and say where they are.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0.1, max=100),
    default=1.0,
    show_default=True,
    help="How fast customers live and write: 2 is twice as fast as people do.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Decides who comes when, the phrasings and the typos: the same number, the same customers.",
)
@click.option(
    "--customers",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Your own simulated customers: a folder of YAML scripts like those in kb/customers.",
)
@click.option("--no-hints", is_flag=True, help="Without the three hints for newcomers.")
@click.option("--plain", is_flag=True, help="In lines instead of panels: for screen readers, and for scripts.")
@click.pass_context
def demo(
    ctx: click.Context, *, keep: bool, speed: float, seed: int, folder: Path | None, no_hints: bool, plain: bool
) -> None:
    """Open the desk on the sample knowledge base, with simulated customers who arrive while you look.

    They write in bursts, get impatient when nobody answers, and answer what you send. A colleague, Bo, works beside
    you. Everything it records goes when you leave, unless --keep.

    It opens at once and searches by words; meanwhile the index by meaning is built, which stays in the cache for the
    next time. Building it needs the [build] extra; without, it goes on by words and says so.
    """
    from agentassist import paths
    from agentassist.clock import SystemClock
    from agentassist.session import demo as demonstration

    plain = plain or bool(ctx.parent and ctx.parent.params.get("plain"))
    _need_terminal(plain)
    # Scripts of one's own are checked before anything opens; those that ship are read beside the open desk.
    chosen = demonstration.scripts(folder) if folder is not None else None
    agent = ctx.parent.params.get("agent") if ctx.parent else None
    clock, opened = SystemClock(), threading.Event()
    with demonstration.home(clock, keep=keep) as places:
        with demonstration.customers(places, clock, chosen=chosen, seed=seed, speed=speed, opened=opened):
            _run(places, agent, kb_folder=paths.sample_kb(), opened=opened, hints=not no_hints, plain=plain)
        if keep:
            kept = f"AGENTASSIST_HOME={shlex.quote(str(places.data))} agentassist"
            click.echo(f"The records are kept. To open the desk on them: {kept}", err=True)
            click.echo(f"To read them back: {kept} sessions list", err=True)
