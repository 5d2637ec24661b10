"""`agentassist replay`: play recorded conversations into the records as if they came in now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentassist.errors import ExitCode
from agentassist.text import clean_line, counted

if TYPE_CHECKING:
    from agentassist.session.intake import Delivered


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--speed", type=float, default=1.0, show_default=True, help="1 is real time, 10 ten times, 0 at once.")
@click.option("--without-agent", is_flag=True, help="Leave the recorded agents out, to answer from a desk.")
@click.pass_context
def replay(ctx: click.Context, files: tuple[Path, ...], speed: float, *, without_agent: bool) -> None:
    """Play recorded conversations into the records as if they came in now.

    Every file is checked before anything is delivered. The ids of the new conversations go to stdout, a line for each
    entry to stderr.

    \b
    Example:
      agentassist replay kb/conversations/*.jsonl --speed 10
    """  # noqa: D301 — click's mark for lines that are not to be joined
    import time

    from agentassist.channels.replay import load
    from agentassist.clock import SystemClock
    from agentassist.paths import default_paths
    from agentassist.session.intake import play
    from agentassist.store.store import Store

    recorded = [load(file) for file in files]
    stored = 0
    try:
        with Store.open(default_paths().database, SystemClock()) as store:
            for item in play(store, recorded, speed=speed, sleep=time.sleep, with_agent=not without_agent):
                stored += item.entry is not None
                if item.started:
                    click.echo(item.conversation_id)
                click.echo(_line(item), err=True)
    except KeyboardInterrupt:
        click.echo(f"stopped: {counted(stored, 'entry', 'entries')} delivered and kept", err=True)
        ctx.exit(ExitCode.INTERRUPTED)


def _line(item: Delivered) -> str:
    where = f"conversation {item.conversation_id} ({clean_line(item.label, limit=60)})"
    if item.entry is None:
        return f"{where}: not delivered: {clean_line(item.refused)}" if item.refused else f"{where} begins"
    who = clean_line(item.entry.author_name or item.entry.author, limit=40)
    what = item.entry.event or item.entry.kind
    return f"{where} #{item.entry.seq} {who}, {what}: {clean_line(item.entry.text, limit=120)}".rstrip(": ")
