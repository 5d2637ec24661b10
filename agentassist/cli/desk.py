"""Opens the desk: on the records of this user, or on a demonstration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from agentassist.paths import Paths


def open_desk(agent: str | None) -> None:
    """Open the desk on the records of this user.

    Args:
        agent: who sits at it; None means the configured name, else the login.

    Raises:
        ConfigError: the configuration file is wrong.
    """
    from agentassist.paths import default_paths

    _run(default_paths(), agent)


def _run(places: Paths, agent: str | None) -> None:
    import getpass
    import logging

    from agentassist import config, paths
    from agentassist.clock import SystemClock
    from agentassist.session.backend import Backend
    from agentassist.tui.app import run

    settings = config.load(paths.default_paths().config_file)
    paths.ensure(places.data)
    places.log_file.touch(mode=0o600)
    logging.basicConfig(filename=places.log_file, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    clock = SystemClock()
    backend = Backend(places, agent or settings.agent.name or getpass.getuser(), clock)
    try:
        run(backend, settings, clock)
    finally:
        backend.close()


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

    agent = ctx.parent.params.get("agent") if ctx.parent else None
    with home(keep=keep) as places:
        build_index(paths.sample_kb(), places)
        with customers(places, SystemClock(), speed=speed):
            _run(places, agent)
        if keep:
            click.echo(f"The records are kept: AGENTASSIST_HOME={places.data} agentassist sessions list", err=True)
