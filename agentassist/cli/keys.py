"""`agentassist keys`: which key does what, with the configuration's own."""

from __future__ import annotations

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a command.")
@click.option("--changed", is_flag=True, help="Only those that the configuration changes.")
def keys(*, as_json: bool, changed: bool) -> None:
    """List every command of the desk with its id and its keys, as they are with the configuration.

    To change one, write under [keys] in the configuration: conversation.claim = "k,ctrl+b".
    """
    import json

    from agentassist.cli.records import configuration
    from agentassist.paths import default_paths
    from agentassist.tui import keymap
    from agentassist.tui.registry import rows

    mapped = keymap.read(configuration().keys, default_paths().config_file)
    for scope, commands in rows():
        shown = [command for command in commands if command.id in mapped or not changed]
        if shown and not as_json:
            click.echo(f"{scope}:")
        for command in shown:
            if as_json:
                facts = {
                    "id": command.id,
                    "scope": scope.name.lower(),
                    "keys": list(keymap.keys_of(command, mapped)),
                    "default": list(command.key_list),
                    "label": command.label,
                    "help": command.help,
                }
                click.echo(json.dumps(facts, ensure_ascii=False))
            else:
                mark = "*" if command.id in mapped else " "
                click.echo(f" {mark}{keymap.written(command, mapped):<14} {command.id:<26} {command.help}")
