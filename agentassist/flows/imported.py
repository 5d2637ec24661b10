"""A tree taken over from another tool: built node by node, with a note for everything that could not be taken over."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import yaml

from agentassist.flows.build import MAX_ID, MAX_LABEL, MAX_NODES, MAX_OPTIONS
from agentassist.kb.parts import MAX_TEXT
from agentassist.text import clean_line, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentassist.models import JsonValue

_Item = TypeVar("_Item")
MISSING = "missing"
"""The node that stands for what the other file leads to and does not have."""


@dataclass(frozen=True, slots=True)
class Note:
    """What was not taken over, or not as it was.

    Attributes:
        place: where in the other file: a passage and its line, or a group and block.
        message: what became of it.
    """

    place: str
    message: str

    def __str__(self) -> str:
        return clean_line(f"{self.place}: {self.message}" if self.place else self.message)


@dataclass(slots=True)
class Imported:
    """The tree while it is taken over.

    Attributes:
        nodes: by id, as the file of a tree has them.
        notes: what was not taken over.
    """

    title: str = ""
    start: str = ""
    nodes: dict[str, dict[str, JsonValue]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    _names: dict[str, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=lambda: {MISSING})
    _counts: dict[str, int] = field(default_factory=dict)

    def note(self, place: str, message: str) -> None:
        """Say what was not taken over."""
        self.notes.append(Note(place, message))

    def name(self, key: str, words: str) -> str:
        """Return the id that stands for a key of the other file, always the same: made of its words, and unique."""
        if key not in self._names:
            base = slug(words) or "node"
            found = base
            while found in self._taken:
                self._counts[base] = self._counts.get(base, 1) + 1
                found = f"{base[: MAX_ID - 5]}-{self._counts[base]}"
            self._names[key] = found
            self._taken.add(found)
        return self._names[key]

    def alias(self, key: str, other: str) -> None:
        """Let a key of the other file stand for the same node as another that has a name."""
        self._names[key] = self._names[other]

    def words(self, text: str, place: str, most: int = MAX_TEXT) -> str:
        """Return a text as a tree may hold it: without control characters, not too long; what was cut is noted."""
        kept = self.plain(text, place).strip()
        if len(kept) > most:
            self.note(place, f"a text of {len(kept):,} characters was cut at {most:,}")
        return kept[:most]

    def plain(self, text: str, place: str) -> str:
        """Return a text without control characters; whether there were any is noted."""
        kept = "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cs") or char in "\n\t")
        if len(kept) != len(text):
            self.note(place, "control characters were left out")
        return kept

    def label(self, text: str, place: str) -> str:
        """Return a text as a label: one short line."""
        return self.words(" ".join(text.split()), place, MAX_LABEL)

    def missing(self) -> str:
        """Return the id of a node that hands over to a person, for what the other file does not have."""
        self.nodes.setdefault(MISSING, {"person": "The imported guide has no step here"})
        return MISSING

    def few(self, found: Sequence[_Item], place: str) -> Sequence[_Item]:
        """Return as many of some options as a choice may have; how many are left out is noted."""
        if len(found) > MAX_OPTIONS:
            message = (
                f"{counted(len(found) - MAX_OPTIONS, 'option')} at the end left out: a choice has at most {MAX_OPTIONS}"
            )
            self.note(place, message)
        return found[:MAX_OPTIONS]

    def straighten(self) -> None:
        """Take out nodes that only lead on, so that nobody has to follow them in the file.

        Those that lead round in a circle stay: lint finds them.
        """
        only = {ident: target for ident, node in self.nodes.items() if (target := _only_leads_to(node))}
        ends: dict[str, str] = {}
        for ident in only:
            way: list[str] = []
            at = ident
            while at in only and at not in ends and len(way) <= len(only):
                way.append(at)
                at = only[at]
            ends |= dict.fromkeys(way, ends.get(at, at))
        gone = {ident: end for ident, end in ends.items() if end not in only}
        for node in self.nodes.values():
            for holder in leading(node):
                holder["next"] = gone.get(str(holder["next"]), holder["next"])
        self.start = gone.get(self.start, self.start)
        for ident in gone:
            del self.nodes[ident]

    def yaml(self) -> str:
        """Return the tree as the file that is read."""
        if len(self.nodes) > MAX_NODES:
            self.note("", f"has {len(self.nodes):,} nodes, and a tree at most {MAX_NODES}: part it")
        data = {"title": self.title or "Imported", "start": self.start, "nodes": self.nodes}
        return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as such, so that somebody can go on with them."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - as its parent names it
        """Say that nothing is written once and pointed at: a tree's file must not have that."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _only_leads_to(node: dict[str, JsonValue]) -> str:
    """Return where a node leads that does nothing else; empty for any other."""
    cases = node.get("branch")
    only = cases[0] if isinstance(cases, list) and len(cases) == 1 else None
    return str(only["next"]) if isinstance(only, dict) and "when" not in only else ""


def leading(node: dict[str, JsonValue]) -> Iterator[dict[str, JsonValue]]:
    """Yield everything in a node that says what comes next: itself, its options, its cases."""
    options, cases = node.get("options"), node.get("branch")
    inner = [*(options.values() if isinstance(options, dict) else ()), *(cases if isinstance(cases, list) else ())]
    for item in (node, *inner):
        if isinstance(item, dict) and "next" in item:
            yield item


def tidy(text: str) -> str:
    """Return a text without white space at the ends of lines, and with at most one empty line in a row."""
    lines = [line.expandtabs(4).rstrip() for line in text.strip().split("\n")]
    return "\n".join(line for number, line in enumerate(lines) if line or number == 0 or lines[number - 1])


def pieces(text: str, most: int = MAX_TEXT) -> list[str]:
    """Return a text in pieces that a node can hold, parted between paragraphs, lines, sentences or words."""
    found = []
    while len(text) > most:
        part = text[:most]
        marks = (mark for mark in ("\n\n", "\n", ". ", " ") if mark in part[most // 2 :])
        first = next(marks, "")
        at = part.rfind(first) + len(first.rstrip()) if first else most
        found.append(text[:at].strip())
        text = text[at:].strip()
    return [piece for piece in (*found, text) if piece]


def question_of(text: str, otherwise: str) -> tuple[str, str]:
    """Return what a text says and what it asks: its last line, when that is a question."""
    before, _, last = text.strip().rpartition("\n")
    return (before.strip(), last.strip()) if last.strip().endswith("?") else (text.strip(), otherwise)


def slug(words: str) -> str:
    """Return an id made of words; empty when there is no plain letter or digit in them."""
    plain = unicodedata.normalize("NFKD", words).casefold()
    text = "".join(
        char if char.isascii() and char.isalnum() else " " for char in plain if not unicodedata.combining(char)
    )
    return "-".join(text.split())[: MAX_ID - 10].strip("-")
