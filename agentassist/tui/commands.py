"""What the desk's own screens make of the registry of commands: key bindings and the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider

from agentassist.tui.keymap import fold, written
from agentassist.tui.registry import COMMANDS, Command, Scope, key_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def bindings(*scopes: Scope) -> list[Binding]:
    """Return the key bindings of some scopes, for a `BINDINGS` class variable."""
    return [binding for command in COMMANDS if command.scope in scopes for binding in _bindings(command)]


def _bindings(command: Command) -> Iterable[Binding]:
    """Yield one binding a key; for the digits the key itself is the action's argument."""
    for number, key in enumerate(command.key_list):
        digit = key.rpartition("+")[2] if key[-1].isdigit() and not key.startswith("f") else ""
        yield Binding(
            key,
            f"{command.action}({digit})" if digit else command.action,
            command.label,
            show=command.footer and (number == 0 or not digit),
            key_display=command.shown if digit else key_words(key),
            priority=command.priority,
            tooltip=command.help,
            id=command.id if number == 0 else f"{command.id}.{number + 1}",
        )


class DeskCommands(Provider):
    """Offers the registry's commands in the palette."""

    async def discover(self) -> Hits:
        """Offer everything."""
        for command in self._offered():
            yield DiscoveryHit(f"{command.label}{self._keys(command)}", self._run(command), command.label, command.help)

    async def search(self, query: str) -> Hits:
        """Offer what fits the words typed so far, in label or help."""
        matcher = self.matcher(query)
        for command in self._offered():
            score = max(matcher.match(command.label), 0.5 * matcher.match(command.help))
            if score > 0:
                found = matcher.highlight(command.label).append(self._keys(command))
                yield Hit(score, found, self._run(command), command.label, command.help)

    def _offered(self) -> Iterable[Command]:
        return (command for command in COMMANDS if command.palette)

    def _keys(self, command: Command) -> str:
        """Write the keys of a command as they are now, behind its name; empty for one that only the palette has."""
        changed = fold(self.app._keymap)
        return f"  ({written(command, changed)})" if command.key_list or command.id in changed else ""

    def _run(self, command: Command) -> Callable[[], object]:
        action = command.action if "." in command.action else f"screen.{command.action}"
        return lambda: self.app.call_later(self.app.run_action, action)
