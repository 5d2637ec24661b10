"""Plays a decision tree line by line, as a customer would meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentassist.errors import FlowError, FlowInputError
from agentassist.flows.model import NodeKind
from agentassist.models import Author, EntryKind
from agentassist.text import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from agentassist.flows.prompt import Prompt, PromptField
    from agentassist.flows.trees import Trees
    from agentassist.models import JsonValue, NewEntry

BACK, PERSON, QUIT = "back", "person", "quit"
WORDS = (BACK, PERSON, QUIT)
"""What can be said at every question instead of an answer."""
MAX_LINE = 10_000


class _SaidError(Exception):
    """One of WORDS was said."""


class Play:
    """One run in a terminal or a pipe.

    Args:
        trees: the trees, which may lead to each other.
        lines: where the answers come from; their end is `quit`.
        region: the country of phone numbers that do not begin with +.
        err: whether what is said goes to stderr.
    """

    def __init__(self, trees: Trees, lines: TextIO, *, region: str = "", err: bool = False) -> None:
        self._trees, self._lines, self._region, self._err = trees, lines, region, err
        self.entries: list[NewEntry] = []
        self.how = ""

    def play(self, ident: str) -> None:
        """Play until the tree ends, or a person or the end is asked for."""
        self._add(self._trees.begin(ident))
        while not self.how and (prompt := self._trees.prompt(self.entries)) is not None:
            try:
                self._ask(prompt)
            except _SaidError as said:
                self._word(str(said))
            except FlowInputError as error:
                self._say(error.message)

    def _word(self, word: str) -> None:
        if word == BACK:
            try:
                self._add(self._trees.back(self.entries))
            except FlowError as error:
                self._say(f"{error.message}. {error.hint}")
        else:
            self.how = word

    def _ask(self, prompt: Prompt) -> None:
        self._say("")
        self._say(prompt.question)
        if prompt.kind is NodeKind.FORM:
            self._form(prompt)
            return
        for number, (ident, label) in enumerate(prompt.options, 1):
            self._say(f"  {number}. {label}{' *' if ident in prompt.chosen else ''}")
        several = prompt.kind is NodeKind.CHOICES
        said = self._line("Numbers, parted by commas > " if several else "> ")
        given = (
            [_chosen(prompt, word) for word in said.split(",") if word.strip()] if several else _chosen(prompt, said)
        )
        self._add(self._trees.answer(self.entries, prompt.node, given, author=Author.CUSTOMER, region=self._region))

    def _form(self, prompt: Prompt) -> None:
        """Ask for one field after the other; each is saved by itself, as on a page."""
        for item in prompt.fields:
            while not self._field(prompt, item):
                pass
        self._add(self._trees.answer(self.entries, prompt.node, {}, author=Author.CUSTOMER, region=self._region))

    def _field(self, prompt: Prompt, item: PromptField) -> bool:
        field = item.field
        notes = [field.hint, "" if field.required else "may be left empty", f"now {item.value}" if item.value else ""]
        note = "; ".join(filter(None, notes))
        value = self._line(f"{field.label}{f' ({note})' if note else ''} > ") or item.value
        try:
            new = self._trees.fill(
                self.entries, prompt.node, field.id, value, author=Author.CUSTOMER, region=self._region
            )
        except FlowInputError as error:
            self._say(error.message)
            return False
        self._add(new)
        return True

    def _line(self, ask: str) -> str:
        """Return one line that was typed.

        Raises:
            _SaidError: it is one of WORDS, or there is none any more.
        """
        click.echo(clean_line(ask) + " ", nl=False, err=self._err)
        line = self._lines.readline(MAX_LINE)
        if not getattr(self._lines, "isatty", lambda: False)():
            # What was piped in is shown where it was asked for, so that the whole can be read.
            click.echo(clean_line(line), err=self._err)
        said = line.strip()
        if not line or said.casefold() in WORDS:
            raise _SaidError(said.casefold() if line else QUIT)
        return said

    def _add(self, new: Sequence[NewEntry]) -> None:
        self.entries += new
        for entry in new:
            if entry.author is Author.BOT and entry.kind in (EntryKind.MESSAGE, EntryKind.ARTICLE):
                self._say(entry.text if entry.kind is EntryKind.MESSAGE else f"  [{entry.text.replace(chr(10), '  ')}]")

    def _say(self, text: str) -> None:
        click.echo(clean(text), err=self._err)

    def facts(self) -> dict[str, JsonValue]:
        """Return what would be handed over."""
        walk = self._trees.walk(self.entries)
        ended = walk.ended if walk is not None else None
        kind = self.how or (ended.kind.value if ended else QUIT)
        reason = ended.reason if ended and not self.how else "asked for a person" if kind == PERSON else ""
        skills: list[JsonValue] = [*ended.skills] if ended else []
        path: list[JsonValue] = [*walk.path] if walk is not None else []
        answers: list[JsonValue] = [
            {
                "flow": entry.data["flow"],
                "node": entry.data["node"],
                "question": entry.data["question"],
                "answer": entry.text,
                "private": entry.data.get("private", False),
            }
            for entry in self._counting()
        ]
        articles: list[JsonValue] = [entry.data["article"] for entry in self.entries if entry.kind is EntryKind.ARTICLE]
        return {
            "ended": kind,
            "reason": reason,
            "skills": skills,
            "solved": ended.solved if ended else None,
            "path": path,
            "answers": answers,
            "articles": list(dict.fromkeys(map(str, articles))),
        }

    def _counting(self) -> list[NewEntry]:
        """Return the answers that count in the end: the newest of each question, none that was gone back on."""
        found: dict[tuple[object, ...], NewEntry] = {}
        for entry in self.entries:
            if entry.kind in (EntryKind.CHOICE, EntryKind.FORM):
                key = (entry.data["flow"], entry.data["node"], entry.data.get("field"))
                found.pop(key, None)
                found[key] = entry
        walks = {ident: self._walk_answers(ident) for ident in {str(key[0]) for key in found}}
        return [
            entry
            for key, entry in found.items()
            if (f"{key[1]}.{key[2]}" if key[2] is not None else str(key[1])) in walks[str(key[0])]
        ]

    def _walk_answers(self, ident: str) -> set[str]:
        from agentassist.flows.walk import walk

        return set(walk(self._trees.flows[ident], self.entries).answers)

    def tell(self) -> None:
        """Print what would be handed over."""
        facts = self.facts()
        names = {PERSON: "to a person", "bot": "to the bot", "done": "nobody: it is done", QUIT: "nobody: left"}
        self._say("")
        self._say(f"Handed over {names.get(str(facts['ended']), str(facts['ended']))}")
        skills = facts["skills"]
        articles = facts["articles"]
        for name, value in (
            ("reason", facts["reason"]),
            ("skills", ", ".join(map(str, skills)) if isinstance(skills, list) else ""),
            ("articles sent", ", ".join(map(str, articles)) if isinstance(articles, list) else ""),
        ):
            if value:
                self._say(f"  {name}: {clean_line(str(value))}")
        for entry in self._counting():
            mark = " (personal)" if entry.data.get("private") else ""
            said = clean_line(entry.text) or "left empty"
            self._say(f"  {clean_line(str(entry.data['question']))}{mark}: {said}")


def _chosen(prompt: Prompt, said: str) -> str:
    """Return the id of the option that was meant by a number, an id or a label; what was said when there is none."""
    word = said.strip()
    if word.isascii() and word.isdigit() and 1 <= int(word[:4]) <= len(prompt.options):
        return prompt.options[int(word[:4]) - 1][0]
    folded = word.casefold()
    matching = (ident for ident, label in prompt.options if folded in (ident.casefold(), label.casefold()))
    return next(matching, word)
