"""How a command that has commands lists them."""

from __future__ import annotations

import click


class Group(click.Group):
    """Says of each command the whole first sentence, over several lines where it has to. Click's own is cut short."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands into the help."""
        found = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, command.get_short_help_str(_WHOLE)) for name, command in found if command and not command.hidden]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


_WHOLE = 10_000
"""Characters of a first sentence that are shown."""
