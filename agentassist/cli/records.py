"""What the commands on the records share: the store, the agent's name, the time zone, an output file."""

from __future__ import annotations

import getpass
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from agentassist.errors import AgentAssistError, UsageError
from agentassist.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

    from agentassist.config import Config
    from agentassist.store.store import Store


def configuration() -> Config:
    """Return this user's configuration."""
    from agentassist.config import load
    from agentassist.paths import default_paths

    return load(default_paths().config_file)


def open_store() -> Store:
    """Open this user's records."""
    from agentassist.clock import SystemClock
    from agentassist.paths import default_paths
    from agentassist.store.store import Store

    return Store.open(default_paths().database, SystemClock())


def time_zone(config: Config) -> str:
    """Return the IANA name of the zone in which this user reads times."""
    from agentassist.session.zones import local_zone

    return local_zone(config.agent.timezone)


def agent_name(config: Config) -> str:
    """Return who this is: `--agent` of the root command, else the configured name, else the login.

    Raises:
        UsageError: nobody says who it is.
    """
    context = click.get_current_context(silent=True)
    given = context.find_root().params.get("agent") if context else None
    if given or config.agent.name:
        return str(given or config.agent.name)
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise UsageError(
            "this login has no name", "Give --agent NAME, or set agent.name in the configuration."
        ) from error


@contextmanager
def output(file: Path | None, *, force: bool) -> Iterator[TextIO]:
    """Give what is printed to: stdout, or a file that only its owner can read and that is whole or not there.

    Args:
        file: where to; None is stdout.
        force: replace a file that is there.

    Raises:
        UsageError: the file is there already.
        AgentAssistError: it cannot be written.
    """
    if file is None:
        if sys.stdout is not None:
            yield sys.stdout
            sys.stdout.flush()  # what follows tells of what was written
        else:  # closed by whoever started this: as with every other command, what is printed goes nowhere
            with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 — no path of ours
                yield nowhere
        return
    if file.exists() and not force:
        raise UsageError(f"{clean_line(str(file))} is there already", "Choose another name, or give --force.")
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                yield stream
            part.replace(file)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise AgentAssistError(
            f"{clean_line(str(file))} cannot be written: {error.strerror or error}", "Choose another place."
        ) from error
