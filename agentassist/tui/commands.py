"""Every command of the desk, declared once.

Key bindings, the palette, the help screen and the README's table are all made from `COMMANDS`, so that none of them
can drift. No bare letter does anything that cannot be undone, and a letter typed in an input reaches the input.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Scope(StrEnum):
    """Where a command's keys work. While words are typed, letters, digits and signs are words, not commands."""

    DESK = "At the desk (while typing: Esc, Ctrl and F keys)"
    QUEUE = "In the queue"
    TRANSCRIPT = "In the conversation"
    SUGGESTIONS = "In the suggestions"
    SEARCH = "In the search box"
    COMPOSER = "In the reply"
    DIALOG = "In a dialog"
    WRAP_UP = "While wrapping up"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that the desk can do.

    Attributes:
        id: stable, for key maps.
        keys: Textual's names, separated by commas; the first is the one that is shown.
        shown: how the key is written for people; empty lets Textual write it.
        label: at most three words, for footer and palette.
        help: one sentence, for tooltip, help screen and README.
        action: the action's name on the part that the scope names.
        footer: whether the footer shows it.
        palette: whether the palette offers it.
        priority: whether it comes before what the focused input makes of the key.
    """

    id: str
    scope: Scope
    keys: str
    label: str
    help: str
    action: str
    shown: str = ""
    footer: bool = False
    palette: bool = False
    priority: bool = False

    @property
    def key_list(self) -> tuple[str, ...]:
        """Each key on its own."""
        return tuple(self.keys.split(","))

    @property
    def key_words(self) -> str:
        """The keys as people write them."""
        return self.shown or " or ".join(_key_words(key) for key in self.key_list)


D, Q, T, S, F, C, M, W = Scope

# fmt: off
COMMANDS: tuple[Command, ...] = (
    Command("desk.help", D, "question_mark,f1", "Help",
            "Show every key and what it does.", "help", "? or F1", True, True),
    Command("desk.palette", D, "ctrl+p", "Palette",
            "Find a command by its name.", "app.command_palette", "^P", True),
    Command("conversation.claim", D, "c", "Claim",
            "Take the conversation; only one agent can have it.", "claim", "", True, True),
    Command("conversation.next", D, "n,ctrl+n", "Next",
            "Claim the customer who has waited longest.", "next_waiting", "n or ^N", True, True),
    Command("conversation.release", D, "ctrl+r", "Release",
            "Give the conversation back to the queue.", "release", "^R", False, True),
    Command("conversation.follow_up", D, "f", "Follow-up",
            "Promise to come back at a time said in words.", "follow_up", "", True, True),
    Command("conversation.wrap_up", D, "ctrl+w", "Wrap up",
            "Close the conversation with how it ended, and go to the next.", "wrap_up", "^W", True, True, True),
    Command("suggestion.insert", D, "1,2,3,4,5,6,7,8,9", "Insert",
            "Put that suggestion into the reply, with title and link.", "insert", "1–9", True),
    Command("suggestion.search", D, "slash", "Search",
            "Search the articles with your own words.", "search", "/", False, True),
    Command("focus.suggestions", D, "ctrl+g", "Suggestions",
            "Go to the suggestions, also from the reply: ^G 1 inserts the first.", "focus_suggestions", "^G",
            True, True, True),
    Command("focus.queue", D, "f2", "To the queue", "Go to the queue.", "focus_queue", "F2", False, True),
    Command("focus.conversation", D, "f3", "To the conversation",
            "Go to the conversation.", "focus_transcript", "F3", False, True),
    Command("focus.reply", D, "r,f4", "To the reply",
            "Go to the reply.", "focus_composer", "r or F4", False, True),
    Command("focus.back", D, "escape", "Back",
            "Go one step back: reply, conversation, queue.", "back", "Esc"),
    Command("desk.theme", D, "f10", "Theme",
            "Choose how the desk looks.", "app.change_theme", "F10", False, True),
    Command("desk.quit", D, "ctrl+q", "Quit", "Save the draft and leave.", "app.quit", "^Q", False, True, True),
    Command("queue.open", Q, "enter", "Open",
            "Look at the conversation; looking leaves no trace.", "select", "⏎", True),
    Command("queue.up", Q, "up", "Up", "Go to the one above.", "cursor_up", "↑"),
    Command("queue.down", Q, "down", "Down", "Go to the one below.", "cursor_down", "↓"),
    Command("queue.first", Q, "home", "First", "Go to the first.", "cursor_first", "Home"),
    Command("queue.last", Q, "end", "Last", "Go to the last.", "cursor_last", "End"),
    Command("queue.done", Q, "ctrl+d", "Follow-up done",
            "Tick off the follow-up under the cursor.", "screen.follow_up_done", "^D"),
    Command("transcript.end", T, "end", "To the end",
            "Go to the newest entry and follow what comes.", "end", "End"),
    Command("transcript.home", T, "home", "To the start", "Go to the “Before you” block.", "home", "Home"),
    Command("transcript.fold", T, "b", "Before you",
            "Fold or unfold what was said before you.", "fold"),
    Command("suggestions.read", S, "enter", "Read", "Read the passage in full.", "select", "⏎", True),
    Command("suggestions.up", S, "up", "Up", "Go to the one above.", "cursor_up", "↑"),
    Command("suggestions.down", S, "down", "Down", "Go to the one below.", "cursor_down", "↓"),
    Command("suggestions.first", S, "home", "First", "Go to the first.", "cursor_first", "Home"),
    Command("suggestions.last", S, "end", "Last", "Go to the last.", "cursor_last", "End"),
    Command("search.back", F, "escape", "Own suggestions",
            "Return to the conversation's own suggestions.", "screen.leave_search", "Esc", True),
    Command("search.results", F, "enter,down", "To the results",
            "Go to what was found.", "screen.to_results", "⏎ or ↓", True),
    Command("composer.send", C, "enter", "Send",
            "Send the reply; it is on disk before it is shown as sent.", "send", "⏎", True),
    Command("composer.newline", C, "ctrl+j,shift+enter", "New line",
            "Begin a new line (⇧⏎ where the terminal tells it apart).", "newline", "^J", True),
    Command("dialog.cancel", M, "escape", "Cancel",
            "Close the dialog; nothing is changed.", "cancel", "Esc", True),
    Command("dialog.save", M, "ctrl+s", "Save",
            "Save and close the dialog.", "save", "^S", True, False, True),
    Command("wrap_up.save", W, "ctrl+w", "Close conversation",
            "Close it with the chosen disposition.", "save", "^W", False, False, True),
)
# fmt: on
"""In the order in which help and README list them."""


def bindings(*scopes: Scope) -> list[Binding]:
    """Return the key bindings of some scopes, for a `BINDINGS` class variable."""
    return [binding for command in COMMANDS if command.scope in scopes for binding in _bindings(command)]


def rows() -> Iterable[tuple[Scope, tuple[Command, ...]]]:
    """Yield each scope with its commands, in the order of declaration."""
    for scope in Scope:
        yield scope, tuple(command for command in COMMANDS if command.scope is scope)


def markdown_table() -> str:
    """Return the table of keys that the README shows."""
    lines = ["| Where | Key | What it does |", "|---|---|---|"]
    for scope, commands in rows():
        lines += [f"| {scope} | {command.key_words} | {command.help} |" for command in commands]
    return "\n".join(lines) + "\n"


_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "escape": "Esc",
    "enter": "⏎",
    "shift+enter": "⇧⏎",
    "up": "↑",
    "down": "↓",
}


def _key_words(key: str) -> str:
    """Write one key for people: `^W`, `F1`, `?`, `c`."""
    if key in _NAMES or len(key) == 1:
        return _NAMES.get(key, key)
    return f"^{key.removeprefix('ctrl+').upper()}" if key.startswith("ctrl+") else key.capitalize()


def _bindings(command: Command) -> Iterable[Binding]:
    """Yield one binding a key; for the digits the key itself is the action's argument."""
    for number, key in enumerate(command.key_list):
        digits = key.isdigit()
        yield Binding(
            key,
            f"{command.action}({key})" if digits else command.action,
            command.label,
            show=command.footer and (number == 0 or not digits),
            key_display=command.shown if digits else _key_words(key),
            priority=command.priority,
            tooltip=command.help,
            id=command.id if number == 0 else f"{command.id}.{number + 1}",
        )


class DeskCommands(Provider):
    """Offers the registry's commands in the palette."""

    async def discover(self) -> Hits:
        """Offer everything."""
        for command in self._offered():
            yield DiscoveryHit(
                f"{command.label}  ({command.key_words})", self._run(command), command.label, command.help
            )

    async def search(self, query: str) -> Hits:
        """Offer what fits the words typed so far, in label or help."""
        matcher = self.matcher(query)
        for command in self._offered():
            score = max(matcher.match(command.label), 0.5 * matcher.match(command.help))
            if score > 0:
                yield Hit(score, matcher.highlight(command.label), self._run(command), command.label, command.help)

    def _offered(self) -> Iterable[Command]:
        return (command for command in COMMANDS if command.palette)

    def _run(self, command: Command) -> Callable[[], object]:
        action = command.action if "." in command.action else f"screen.{command.action}"
        return lambda: self.app.call_later(self.app.run_action, action)
