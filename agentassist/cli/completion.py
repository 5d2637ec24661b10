"""`agentassist completion`: prints what makes a shell complete this program's lines."""

from __future__ import annotations

import click

PROGRAM, VARIABLE = "agentassist", "_AGENTASSIST_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, *, shell: str) -> None:
    """Print the script that makes SHELL complete commands, options and ids.

    \b
    bash:  agentassist completion bash > ~/.local/share/bash-completion/completions/agentassist
    zsh:   agentassist completion zsh > ~/.zfunc/_agentassist
           (with fpath+=~/.zfunc before compinit in ~/.zshrc)
    fish:  agentassist completion fish > ~/.config/fish/completions/agentassist.fish

    Then open a new shell. Conversations are offered with their customers' names where the shell can show them.
    """  # noqa: D301 (click reads the \b)
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:  # all three are click's own
        raise click.BadParameter(shell)
    # The script alone: what click says to an old bash belongs to its use, not to its making.
    maker = kind(ctx.find_root().command, {}, PROGRAM, VARIABLE)
    click.echo(maker.source_template % maker.source_vars())
