"""The root of the command line: which commands there are, and how an expected failure is told.

A command's module is imported when the command is looked up, and imports only light modules itself, so that `--help`
pays for nothing that it does not need.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from agentassist import __version__
from agentassist.cli.groups import Group
from agentassist.errors import AgentAssistError, ExitCode
from agentassist.text import clean

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "demo": "agentassist.cli.desk:demo",
    "serve": "agentassist.cli.serve:serve",
    "replay": "agentassist.cli.replay:replay",
    "kb": "agentassist.cli.kb:kb",
    "flow": "agentassist.cli.flow:flow",
    "sessions": "agentassist.cli.sessions:sessions",
    "followups": "agentassist.cli.followups:followups",
    "friction": "agentassist.cli.friction:friction",
    "backup": "agentassist.cli.backup:backup",
    "doctor": "agentassist.cli.doctor:doctor",
    "keys": "agentassist.cli.keys:keys",
    "completion": "agentassist.cli.completion:completion",
}
"""Every command below the root, in the order of a first day."""


_NO_PLACE = "Check that it is there, that you may write to it and that the disk has room, or set AGENTASSIST_HOME."

_NO_ROOM = "Make room where the output goes, or print to another place."
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Where what is printed goes to a file, it can be the one that fails: such an error names no file."""


def _let_go() -> None:
    """Give up what could not be printed: at its end Python would try once more, and tell of it in its own words."""
    if sys.stdout is None:
        return
    try:
        place = sys.stdout.fileno()
    except OSError:
        return  # no file
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, place)
    os.close(nowhere)


def _tell(error: AgentAssistError) -> None:
    click.echo(f"error: {clean(error.message)}", err=True)
    if error.hint:
        click.echo(f"  {clean(error.hint)}", err=True)


def _agents(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the agents that there have been."""
    from agentassist.cli import complete

    return complete.agents(ctx, param, incomplete)


class RootGroup(Group):
    """Finds commands lazily and turns expected failures into words and exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order in which they are declared."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command that is asked for."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what fails as expected becomes words on stderr and an exit code."""
        try:
            result = super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()  # now, while it can be told that there was no room
        except AgentAssistError as error:
            _tell(error)
            ctx.exit(error.exit_code)
        except OSError as error:
            if error.filename is not None:
                _tell(AgentAssistError(f"{error.filename}: {error.strerror}", _NO_PLACE))
            elif error.errno in _FULL:
                _tell(AgentAssistError(f"not everything was written: {error.strerror}", _NO_ROOM))
                _let_go()
            else:
                raise  # a closed pipe, which click knows how to end on
            ctx.exit(ExitCode.FAILED)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(ExitCode.INTERRUPTED)
        else:
            return result


@click.group(cls=RootGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="agentassist")
@click.option(
    "--agent",
    metavar="NAME",
    help="Who sits at this desk (default: agent.name in the config, or the login).",
    shell_complete=_agents,
)
@click.option("--plain", is_flag=True, help="Open the desk in lines instead of panels: for screen readers and scripts.")
@click.pass_context
def root(ctx: click.Context, agent: str | None, *, plain: bool) -> None:
    """A terminal desk for customer support.

    Without a command it opens the desk. AGENTASSIST_HOME moves every file it keeps into one folder.
    """
    if ctx.invoked_subcommand is None:
        from agentassist.cli.desk import open_desk

        open_desk(agent, plain=plain)


def main() -> None:
    """Run the command line of this process."""
    root(prog_name="agentassist")
