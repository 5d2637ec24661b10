"""`agentassist serve`: the customer's page, on the same records as the desks."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", metavar="ADDRESS", help="Where to listen (default: serve.host in the config, or 127.0.0.1).")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    help="Where to listen, 0 for any free one (default: serve.port in the config, or 8765).",
)
def serve(host: str | None, port: int | None) -> None:
    """Serve the page on which customers meet the decision tree, the bot and a person.

    It works on the same records as the desks on this machine: whoever a customer asks for sees them in the queue. Stop
    it with ctrl+c; what was accepted is on disk, and the pages connect again by themselves.

    The [serve] table of the configuration says whose page it is, where customers reach it and which sites may show it
    as a widget: see docs/serve.md.
    """
    from pathlib import Path

    from agentassist import config, paths
    from agentassist.clock import SystemClock
    from agentassist.server import run
    from agentassist.server.site import is_loopback

    places = paths.default_paths()
    settings = config.load(places.config_file)
    where = host or settings.serve.host
    if not is_loopback(where):
        _warn(where, public=bool(settings.serve.public_url))
    if settings.serve.allowed_origins and not settings.serve.public_url.startswith("https://"):
        click.echo("warning: a browser keeps no cookie for a widget in another domain's page without https.", err=True)
        click.echo("  Set serve.public_url to an https address: see docs/serve.md.", err=True)
    run.log_to_stderr()
    server = run.PageServer(
        places,
        settings,
        SystemClock(),
        host=where,
        port=settings.serve.port if port is None else port,
        kb_folder=Path(settings.kb.folder).expanduser() if settings.kb.folder else None,
        ready=_ready,
    )
    server.serve_until_stopped()
    click.echo("stopped: everything that was accepted is kept", err=True)


def _ready(url: str) -> None:
    click.echo(f"The customers' page is at {url} (ctrl+c stops it)", err=True)


def _warn(host: str, *, public: bool) -> None:
    click.echo(f"warning: at {host} everybody who reaches this machine reaches the page, and without TLS.", err=True)
    click.echo("  Put a proxy with TLS in front of it, and set serve.public_url: see docs/serve.md.", err=True)
    if not public:
        click.echo("  Without serve.public_url it answers to whatever name it is called by.", err=True)
