"""`agentassist doctor`: is everything well, and if not, what to do."""

from __future__ import annotations

import click

from agentassist.errors import ExitCode
from agentassist.text import clean_line


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a check.")
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Check versions, terminal, configuration, records, index and encoder, and say what to do.

    Exits with 3 when something needs attention. Changes nothing.
    """
    import json
    from dataclasses import asdict

    from agentassist.paths import default_paths
    from agentassist.session.doctor import examine

    unwell = 0
    for check in examine(default_paths()):
        unwell += not check.ok
        if as_json:
            click.echo(json.dumps(asdict(check), ensure_ascii=False))
            continue
        mark = click.style("ok", fg="green") if check.ok else click.style("!!", fg="red", bold=True)
        click.echo(f"{mark}  {check.name}: {clean_line(check.detail)}")
        if not check.ok and check.hint:
            click.echo(f"      {clean_line(check.hint)}")
    if unwell:
        click.echo(f"{unwell} to look at", err=True)
        ctx.exit(ExitCode.FOUND_PROBLEMS)
