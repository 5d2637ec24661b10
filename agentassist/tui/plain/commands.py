"""The commands of plain mode: the desk's own, by word or by number. Pure.

Each names the command of the registry that it is, and its help is the registry's unless a line of text needs another.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from agentassist.errors import UsageError
from agentassist.text import clean_line
from agentassist.tui import registry

_HELP = {command.id: command.help for command in registry.COMMANDS}


@dataclass(frozen=True, slots=True)
class PlainCommand:
    """One command as it is typed.

    Attributes:
        words: how it is called, the first is the one that is shown.
        usage: what follows it, empty for nothing.
        id: the registry's.
        run: part and method of the plain desk.
        own_help: what it does, where the registry's sentence speaks of a screen.
    """

    words: tuple[str, ...]
    usage: str
    id: str
    run: str
    own_help: str = ""

    @property
    def help(self) -> str:
        """What it does, in one sentence."""
        return self.own_help or _HELP[self.id]


@dataclass(frozen=True, slots=True)
class Typed:
    """A line that was understood.

    Attributes:
        rest: what follows the command's words, as it was typed.
    """

    command: PlainCommand
    rest: str


# fmt: off
COMMANDS: tuple[PlainCommand, ...] = (
    PlainCommand(("help", "?"), "[COMMAND]", "desk.help", "desk.help", "Say every command, or what one does."),
    PlainCommand(("queue", "q"), "[WORDS]", "focus.queue", "queue.say",
                 "Say who waits, which conversations are yours and your follow-ups; with words only what has them."),
    PlainCommand(("open",), "NUMBER", "queue.look", "conversation.open"),
    PlainCommand(("claim", "c"), "[NUMBER]", "conversation.claim", "conversation.claim"),
    PlainCommand(("next", "n"), "", "conversation.next", "conversation.next"),
    PlainCommand(("release",), "", "conversation.release", "conversation.release"),
    PlainCommand(("lend", "tree"), "[WORDS]", "conversation.lend", "crossing.lend",
                 "List the decision trees; with words or a number hand the customer to one, until they come back."),
    PlainCommand(("to bot", "bot"), "", "conversation.return", "crossing.return_to_bot"),
    PlainCommand(("form",), "[N VALUE | submit]", "conversation.form", "crossing.form",
                 "Say the customer's form; with a number and words fill that field; submit it once all are right."),
    PlainCommand(("reply", "r"), "", "focus.reply", "reply.begin",
                 "Write a reply of several lines, beginning with the draft; a line with only a full stop sends it."),
    PlainCommand(("say",), "TEXT", "composer.send", "reply.say",
                 "Send one line at once; it is on disk before it is shown."),
    PlainCommand(("send",), "[N]", "suggestion.send", "reply.send",
                 "Send the draft, or with a number that suggestion, with title and link."),
    PlainCommand(("email", "mail", "@"), "[N] [ADDRESS]", "suggestion.email", "crossing.email",
                 "Send a suggestion by e-mail, with passage, title and link."),
    PlainCommand(("advice", "a"), "", "suggestion.advice", "crossing.advice"),
    PlainCommand(("call", "video call"), "", "reply.video_call", "crossing.video_call",
                 "Put the link of a video call into the draft: one room for each conversation."),
    PlainCommand(("draft",), "", "transcript.end", "reply.read", "Say the draft."),
    PlainCommand(("drop",), "", "focus.back", "reply.drop", "Throw the draft away; undo brings it back."),
    PlainCommand(("suggestions", "s"), "", "focus.suggestions", "suggesting.say",
                 "Say the suggestions with their passages and links."),
    PlainCommand(("insert", "i"), "N", "suggestion.insert", "reply.insert",
                 "Put that suggestion into the draft, with title and link."),
    PlainCommand(("why", "w"), "[N]", "suggestion.why", "suggesting.why"),
    PlainCommand(("article",), "[N]", "suggestions.read", "suggesting.read", "Read a suggestion in full."),
    PlainCommand(("view", "v"), "[N]", "suggestion.view", "suggesting.view"),
    PlainCommand(("thumbs up", "up"), "[N]", "suggestion.up", "suggesting.thumbs_up"),
    PlainCommand(("thumbs down", "down"), "[N]", "suggestion.down", "suggesting.thumbs_down"),
    PlainCommand(("dismiss", "x"), "[N]", "suggestion.dismiss", "suggesting.dismiss"),
    PlainCommand(("search", "/"), "WORDS", "suggestion.search", "suggesting.search",
                 "Search the articles with your own words; without words, return to the conversation's suggestions."),
    PlainCommand(("similar",), "[N]", "suggestion.similar", "similar.say",
                 "List how colleagues solved similar conversations, or read one; nothing of them can be sent."),
    PlainCommand(("snippet", "t"), "[WORDS]", "snippet.insert", "snippets.insert",
                 "Put a snippet into the draft; several that fit are listed, and what one needs to know is asked for."),
    PlainCommand(("follow-up", "follow up", "f"), "WHEN NOTE", "conversation.follow_up", "promises.add",
                 "Promise to come back, as in: follow-up tomorrow 9 call about the valve."),
    PlainCommand(("follow-ups", "follow ups", "agenda"), "", "desk.agenda", "promises.say", "Say your follow-ups."),
    PlainCommand(("done",), "N", "queue.done", "promises.done", "Tick off the follow-up with this number."),
    PlainCommand(("snooze", "later"), "N WHEN", "queue.snooze", "promises.snooze",
                 "Move the follow-up with this number to a later time, as in: snooze 3 tomorrow 9."),
    PlainCommand(("wrap up", "wrap-up", "wrapup"), "", "conversation.wrap_up", "closing.wrap_up"),
    PlainCommand(("close now",), "", "conversation.close_now", "closing.close_now"),
    PlainCommand(("conversation", "again"), "", "focus.conversation", "conversation.say",
                 "Read the whole open conversation out again."),
    PlainCommand(("brief", "b"), "", "transcript.home", "conversation.brief",
                 "Say what the handoff tells: why, what was tried and seen, and what is asked."),
    PlainCommand(("customer", "card"), "", "focus.conversation", "conversation.card", "Say who the customer is."),
    PlainCommand(("earlier", "e"), "", "conversation.earlier", "conversation.earlier",
                 "List this customer's earlier conversations; read NUMBER reads one."),
    PlainCommand(("recent", "o"), "[WORDS]", "conversation.recent", "queue.recent",
                 "List any conversations, the newest first; with words only what has them."),
    PlainCommand(("read",), "NUMBER", "reading.open", "conversation.read", "Read any conversation without a trace."),
    PlainCommand(("reopen",), "[NUMBER]", "reading.reopen", "conversation.reopen"),
    PlainCommand(("index",), "", "desk.index", "desk.index"),
    PlainCommand(("undo", "u"), "", "desk.undo", "undoing.undo"),
    PlainCommand(("quit", "exit"), "", "desk.quit", "desk.quit"),
)
# fmt: on
"""In the order of their numbers."""

ELSEWHERE = {
    "desk.palette": "help lists the commands",
    "desk.light": "there are no colours",
    "desk.theme": "there are no colours",
    "desk.hint": "hints are lines",
    "focus.conversation": "conversation",
    "queue.take": "claim, open",
    "queue.filter": "queue WORDS",
    "filter.take": "claim NUMBER",
    "filter.clear": "queue",
    "conversation.reopen": "reopen",
    "reading.claim": "claim NUMBER",
    "entry.copy": "the terminal's own copy",
    "transcript.read": "conversation says every entry in full",
    "transcript.copy": "the terminal's own copy",
    "transcript.quote": "reply",
    "transcript.search": "search WORDS",
    "transcript.fold": "nothing is folded",
    "search.back": "search without words",
    "search.results": "the results are said at once",
    "composer.newline": "every line of reply",
    "dialog.cancel": "ctrl+c",
    "dialog.save": "the answer to the question",
    "dialog.help": "help",
    "form.next": "everything is said in one line",
    "form.submit": "form submit",
    "agenda.done": "done N",
    "agenda.snooze": "snooze N WHEN",
    "article.insert": "insert N",
    "article.alike": "why says each with its link",
    "wrap_up.save": "the answer to the question",
    "list.pick": "the number",
}
"""The registry's commands that have no line of their own, and what takes their place."""


def parse(line: str) -> Typed | None:
    """Understand a line; None for one that is empty.

    Raises:
        UsageError: there is no such command.
    """
    text = line.strip()
    if not text:
        return None
    number, _, rest = text.partition(" ")
    if number.isascii() and number.isdigit():
        if 1 <= int(number[:4]) <= len(COMMANDS):
            return Typed(COMMANDS[int(number[:4]) - 1], rest.strip())
        raise UsageError(f"there is no command {clean_line(number, limit=10)}", "Type help for the commands.")
    lowered = text.lower()
    best: tuple[PlainCommand, str] | None = None
    for command in COMMANDS:
        for words in command.words:
            begins = lowered == words or lowered.startswith(f"{words} ") or (words == "/" and lowered[0] == "/")
            if begins and (best is None or len(words) > len(best[1])):
                best = command, words
    if best is None:
        raise UsageError(f"there is no command {clean_line(number, limit=40)}", _near(lowered))
    return Typed(best[0], text[len(best[1]) :].strip())


def help_lines(words: str = "") -> list[str]:
    """Say every command, or one.

    Raises:
        UsageError: there is no such command.
    """
    if words:
        typed = parse(words)
        chosen: tuple[PlainCommand, ...] = (typed.command,) if typed else ()
    else:
        chosen = COMMANDS
    lines = []
    for number, command in enumerate(COMMANDS, 1):
        if command in chosen:
            name = f"{command.words[0]} {command.usage}".strip()
            lines.append(f"{number}: {name}. {command.help}")
    if not words:
        lines.append("Type a command by its word or its number. Words in brackets can be left out.")
        lines.append("While you write a reply: a full stop alone sends, .drop throws away, .keep or ctrl+c keeps it.")
    return lines


def a_number(text: str, what: str, default: int | None = None) -> int:
    """Read one number.

    Raises:
        UsageError: it is none.
    """
    word = text.strip().lstrip("#")
    if not word and default is not None:
        return default
    if not (word.isascii() and word.isdigit() and len(word) <= 18):
        raise UsageError(f"which {what}?", f"Say its number, as in: {_example(what)}.")
    return int(word)


def _example(what: str) -> str:
    shown = {"conversation": "open 3", "suggestion": "send 1", "follow-up": "done 2", "field": "form 2 HW-1234"}
    return shown.get(what, "similar 1")


def _near(lowered: str) -> str:
    known = [words for command in COMMANDS for words in command.words]
    near = difflib.get_close_matches(lowered.split(maxsplit=1)[0], known, n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    return f"{meant}To send words to the customer, type: say and the words."
