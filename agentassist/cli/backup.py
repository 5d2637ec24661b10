"""`agentassist backup`: a whole, checked copy of the records."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file.")
def backup(file: Path, *, force: bool) -> None:
    """Copy the records to FILE while others work on them, and check the copy.

    \b
    Example:
      agentassist backup agentassist-copy.db
    """  # noqa: D301 — click's mark for lines that are not to be joined
    from agentassist.paths import default_paths
    from agentassist.store.backup import backup as copy
    from agentassist.text import clean_line

    size = copy(default_paths().database, file, force=force)
    click.echo(f"{clean_line(str(file))}: {size:,} bytes, checked", err=True)
