"""Opens the desk: on the records of this user, or on a demonstration."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

import click

from agentassist.errors import UsageError

if TYPE_CHECKING:
    from agentassist.paths import Paths


def open_desk(agent: str | None) -> None:
    """Open the desk on the records of this user.

    Args:
        agent: who sits at it; None means the configured name, else the login.

    Raises:
        ConfigError: the configuration file is wrong.
        UsageError: there is no terminal to open it in.
    """
    from agentassist.paths import default_paths

    _need_terminal()
    _run(default_paths(), agent)


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the desk needs a terminal", "In a script use agentassist sessions, followups, or kb search, with --json."
        )


def _run(places: Paths, agent: str | None) -> None:
    import getpass

    from agentassist import config, paths
    from agentassist.clock import SystemClock
    from agentassist.session.backend import Backend
    from agentassist.tui.app import run

    settings = config.load(paths.default_paths().config_file)
    _start_log(places)
    clock = SystemClock()
    backend = Backend(places, agent or settings.agent.name or getpass.getuser(), clock)
    try:
        run(backend, settings, clock)
    finally:
        backend.close()


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
    "--speed", type=click.FloatRange(min=0.1), default=1.0, show_default=True, help="How fast customers write."
)
@click.pass_context
def demo(ctx: click.Context, *, keep: bool, speed: float) -> None:
    """Open the desk on the sample knowledge base, with three customers who arrive while you look.

    Everything it records goes when you leave, unless --keep. Its index stays in the cache, so that the next start is
    quick. It needs the [build] extra to search by meaning; without, it searches by words and says so.
    """
    from agentassist import paths
    from agentassist.cli.kb_search import build_index
    from agentassist.clock import SystemClock
    from agentassist.session.demo import customers, home

    _need_terminal()
    agent = ctx.parent.params.get("agent") if ctx.parent else None
    clock = SystemClock()
    with home(clock, keep=keep) as places:
        build_index(paths.sample_kb(), places)
        with customers(places, clock, speed=speed):
            _run(places, agent)
        if keep:
            kept = f"AGENTASSIST_HOME={shlex.quote(str(places.data))} agentassist"
            click.echo(f"The records are kept. To open the desk on them: {kept}", err=True)
            click.echo(f"To read them back: {kept} sessions list", err=True)
