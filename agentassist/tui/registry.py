"""Every command of the desk, declared once. Pure data: no part of a screen is loaded for it.

Key bindings, the palette, the help screen, plain mode, key maps and the README's table are all made from `COMMANDS`, so
that none of them can drift. No bare letter does anything that cannot be undone, and a letter typed in an input reaches
the input.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Scope(StrEnum):
    """Where a command's keys work. While words are typed, letters, digits and signs are words, not commands."""

    DESK = "At the desk (while typing: Esc, Ctrl, Alt and F keys)"
    QUEUE = "In the queue"
    FILTER = "While filtering the queue"
    TRANSCRIPT = "In the conversation"
    SUGGESTIONS = "In the suggestions"
    SEARCH = "In the search box"
    COMPOSER = "In the reply"
    DIALOG = "In a dialog"
    FORM = "In a dialog with lines to fill in"
    SHARED_FORM = "In a form that the customer fills in, too"
    LIST = "In a list to choose from"
    AGENDA = "In the list of follow-ups"
    READING = "While reading another conversation"
    ENTRY = "While reading an entry"
    ARTICLE = "While reading an article"
    WRAP_UP = "While wrapping up"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that the desk can do.

    Attributes:
        id: stable, for key maps.
        keys: Textual's names, separated by commas; the first is the one that is shown; empty for the palette only.
        shown: how the key is written for people; empty writes it from `keys`.
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
        return tuple(filter(None, self.keys.split(",")))

    @property
    def key_words(self) -> str:
        """The keys as people write them."""
        return self.shown or " or ".join(key_words(key) for key in self.key_list) or f"^P {self.label}"


D, Q, N, T, S, F, C, M, B, H, L, A, R, E, K, W = Scope

# fmt: off
COMMANDS: tuple[Command, ...] = (
    Command("desk.help", D, "question_mark,f1", "Help",
            "Show every key and what it does.", "help", "? or F1", True, True),
    Command("desk.palette", D, "ctrl+p", "Palette",
            "Find a command by its name.", "app.command_palette", "^P", True),
    Command("conversation.claim", D, "c", "Claim",
            "Take the conversation; only one agent can have it.", "claim", "", True, True),
    Command("conversation.next", D, "n,ctrl+n", "Next",
            "Claim who needs an agent most, by waiting time and friction.", "next_waiting", "n or ^N", True, True),
    Command("conversation.release", D, "ctrl+r", "Release",
            "Give the conversation back to the queue.", "release", "^R", False, True),
    Command("conversation.lend", D, "d", "To a tree",
            "Hand the customer to a decision tree; they come back by themselves, with the answers.", "lend", "",
            False, True),
    Command("conversation.return", D, "f7", "Back to bot",
            "Hand the conversation back to the bot for good.", "return_to_bot", "F7", False, True, True),
    Command("conversation.form", D, "i,f12", "Fill in form",
            "Fill in the customer's form together with them.", "fill_form", "i or F12", False, True),
    Command("conversation.follow_up", D, "f,f5", "Follow-up",
            "Promise to come back at a time said in words.", "follow_up", "f or F5", True, True),
    Command("conversation.wrap_up", D, "ctrl+w", "Wrap up",
            "Close the conversation with how it ended, and go to the next.", "wrap_up", "^W", True, True, True),
    Command("conversation.close_now", D, "f8", "Close now",
            "Close it at once with the usual disposition and a drafted summary, and go to the next.", "close_now",
            "F8", False, True),
    Command("conversation.earlier", D, "e", "Earlier",
            "Read an earlier conversation of this customer.", "earlier", "", False, True),
    Command("conversation.recent", D, "o", "Recent",
            "Find any conversation, to read or reopen it.", "recent", "", False, True),
    Command("conversation.reopen", D, "", "Reopen",
            "Take the closed conversation that is open up again.", "reopen", "", False, True),
    Command("desk.agenda", D, "g", "Follow-ups",
            "List your follow-ups: open, done, later.", "agenda", "", False, True),
    Command("desk.undo", D, "u", "Undo",
            "Take back the last thing that can be taken back.", "undo", "", False, True),
    Command("suggestion.insert", D, "1,2,3,4,5,6,7,8,9", "Insert",
            "Put that suggestion into the reply, with title and link.", "insert", "1–9", True),
    Command("suggestion.send", D, "alt+1,alt+2,alt+3,alt+4,alt+5,alt+6,alt+7,alt+8,alt+9", "Send suggestion",
            "Send that suggestion at once, with title and link; the reply stays as it is.", "send_suggestion",
            "Alt+1–9", False, False, True),
    Command("suggestion.email", D, "at", "Send by e-mail",
            "Send the suggestion under the cursor by e-mail, with passage, title and link.", "email_suggestion", "@",
            False, True),
    Command("suggestion.advice", D, "a", "Advice",
            "Say whether a guide or a person serves the customer better, and why.", "advice", "", False, True),
    Command("reply.video_call", D, "l", "Video call",
            "Put the link of a video call into the reply: one room for each conversation.", "video_call", "",
            False, True),
    Command("suggestion.view", D, "v", "View",
            "Open the article in a browser, a video at its second.", "view", "", False, True),
    Command("suggestion.why", D, "w", "Why", "Say why it is suggested.", "why", "", False, True),
    Command("suggestion.up", D, "plus", "Good suggestion",
            "Say that the suggestion fits.", "thumbs_up", "+", False, True),
    Command("suggestion.down", D, "minus", "Bad suggestion",
            "Say that the suggestion does not fit.", "thumbs_down", "-", False, True),
    Command("suggestion.dismiss", D, "x", "Dismiss",
            "Take the suggestion off the list.", "dismiss_suggestion", "", False, True),
    Command("suggestion.search", D, "slash", "Search",
            "Search the articles with your own words.", "search", "/", False, True),
    Command("suggestion.similar", D, "m", "Similar",
            "Read how colleagues solved similar conversations; nothing of them can be sent.", "similar", "",
            False, True),
    Command("snippet.insert", D, "t,ctrl+t", "Snippet",
            "Put a snippet into the reply; what it needs to know is filled in or asked for.", "snippet", "t or ^T",
            False, True),
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
    Command("desk.light", D, "f9", "Light or dark", "Change between light and dark.", "app.light_or_dark", "F9",
            False, True),
    Command("desk.theme", D, "f10", "Theme",
            "Choose how the desk looks.", "app.change_theme", "F10", False, True),
    Command("desk.hint", D, "h", "Hide hint", "Hide the hint at the foot of the desk.", "hide_hint", "", False, True),
    Command("desk.index", D, "", "Build the index",
            "Build the index of the knowledge base anew, while you work.", "build_index", "", False, True),
    Command("desk.quit", D, "ctrl+q", "Quit", "Save the draft and leave.", "app.quit", "^Q", False, True, True),
    Command("queue.take", Q, "enter", "Claim or open",
            "Claim the one that waits; open one that somebody has.", "select", "⏎", True),
    Command("queue.look", Q, "space", "Look",
            "Look at the conversation; looking leaves no trace.", "look", "Space", True),
    Command("queue.filter", Q, "slash", "Filter",
            "Show only what has the words you type.", "filter", "/", True),
    Command("queue.up", Q, "up", "Up", "Go to the one above.", "cursor_up", "↑"),
    Command("queue.down", Q, "down", "Down", "Go to the one below.", "cursor_down", "↓"),
    Command("queue.first", Q, "home", "First", "Go to the first.", "cursor_first", "Home"),
    Command("queue.last", Q, "end", "Last", "Go to the last.", "cursor_last", "End"),
    Command("queue.done", Q, "ctrl+d", "Follow-up done",
            "Tick off the follow-up under the cursor.", "screen.follow_up_done", "^D"),
    Command("queue.snooze", Q, "z,ctrl+l", "Later",
            "Move the follow-up under the cursor to a later time.", "screen.follow_up_later", "z or ^L"),
    Command("filter.take", N, "enter", "Claim or open",
            "Claim or open the one under the cursor, and show all again.", "take", "⏎", True),
    Command("filter.up", N, "up", "Up", "Go to the one above.", "cursor_up", "↑"),
    Command("filter.down", N, "down", "Down", "Go to the one below.", "cursor_down", "↓"),
    Command("filter.clear", N, "escape", "Show all", "Show all again.", "clear", "Esc", True),
    Command("transcript.up", T, "up", "Up", "Go to the entry above.", "cursor_up", "↑"),
    Command("transcript.down", T, "down", "Down", "Go to the entry below.", "cursor_down", "↓"),
    Command("transcript.page_up", T, "pageup", "Page up", "Go up by a screen.", "page_up", "PgUp"),
    Command("transcript.page_down", T, "pagedown", "Page down", "Go down by a screen.", "page_down", "PgDn"),
    Command("transcript.end", T, "end", "To the end",
            "Go to the newest entry and follow what comes.", "end", "End"),
    Command("transcript.home", T, "home", "To the start", "Go to the “Before you” block.", "home", "Home"),
    Command("transcript.read", T, "enter", "Read", "Read the entry in full.", "screen.read_entry", "⏎", True),
    Command("transcript.copy", T, "y", "Copy", "Copy the entry.", "screen.copy_entry", "", True),
    Command("transcript.quote", T, "q", "Quote", "Quote the entry in the reply.", "screen.quote_entry", "", True),
    Command("transcript.search", T, "s", "Search this",
            "Search the articles for what the entry says.", "screen.search_entry", "", True),
    Command("transcript.fold", T, "b", "Before you",
            "Fold or unfold what was said before you.", "fold", "", True),
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
    Command("dialog.help", M, "question_mark,f1", "Help",
            "Show every key, those of the dialog first.", "help", "? or F1"),
    Command("form.next", B, "enter", "Next line",
            "Go to the next line; from the last one, save.", "next_line", "⏎", False, False, True),
    Command("form.submit", H, "ctrl+d", "Submit",
            "Submit the form for the customer, once every line is right.", "submit", "^D", True, False, True),
    Command("list.up", L, "up", "Up", "Go to the one above.", "cursor_up", "↑", False, False, True),
    Command("list.down", L, "down", "Down", "Go to the one below.", "cursor_down", "↓", False, False, True),
    Command("list.page_up", L, "pageup", "Page up", "Go up by a screen.", "page_up", "PgUp", False, False, True),
    Command("list.page_down", L, "pagedown", "Page down", "Go down by a screen.", "page_down", "PgDn",
            False, False, True),
    Command("list.pick", L, "enter", "Choose", "Take the one under the cursor.", "pick", "⏎", True, False, True),
    Command("agenda.done", A, "ctrl+d", "Done", "Tick the follow-up off.", "done", "^D", True, False, True),
    Command("agenda.snooze", A, "ctrl+l", "Later", "Move it to a later time.", "later", "^L", True, False, True),
    Command("reading.reopen", R, "ctrl+o", "Reopen",
            "Take the closed conversation up again.", "reopen", "^O", True),
    Command("reading.claim", R, "c", "Claim", "Take the conversation that waits.", "claim", "", True),
    Command("reading.open", R, "o", "Open",
            "Look at it at the desk, between queue and suggestions.", "open", "", True),
    Command("entry.copy", E, "y", "Copy", "Copy all of it.", "copy_entry", "", True),
    Command("article.insert", K, "i", "Insert",
            "Put it into the reply, with title and link.", "insert_article", "", True),
    Command("article.alike", K, "a", "Nearly the same",
            "Read the next of the articles that say nearly the same.", "next_alike", "", True),
    Command("wrap_up.save", W, "ctrl+w", "Close conversation",
            "Close it with the chosen disposition.", "save", "^W", False, False, True),
)
# fmt: on
"""In the order in which help and README list them."""


def rows() -> Iterable[tuple[Scope, tuple[Command, ...]]]:
    """Yield each scope with its commands, in the order of declaration."""
    for scope in Scope:
        yield scope, tuple(command for command in COMMANDS if command.scope is scope)


def markdown_table() -> str:
    """Return the table of keys that the README shows."""
    lines = ["| Where | Key | What it does |", "|---|---|---|"]
    for scope, commands in rows():
        for number, command in enumerate(commands):
            where = f"**{scope}**" if number == 0 else ""
            lines.append(f"| {where} | {command.key_words} | {command.help} |")
    return "\n".join(lines) + "\n"


_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "plus": "+",
    "at": "@",
    "minus": "-",
    "escape": "Esc",
    "enter": "⏎",
    "shift+enter": "⇧⏎",
    "up": "↑",
    "down": "↓",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}


def key_words(key: str) -> str:
    """Write one key for people: `^W`, `F1`, `?`, `c`, `Alt+1`."""
    if key in _NAMES or len(key) == 1:
        return _NAMES.get(key, key)
    if key.startswith("alt+"):
        return f"Alt+{key_words(key.removeprefix('alt+'))}"
    return f"^{key.removeprefix('ctrl+').upper()}" if key.startswith("ctrl+") else key.capitalize()
