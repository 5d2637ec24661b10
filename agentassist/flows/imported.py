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
    from collections.abc import Sequence

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

    def note(self, place: str, message: str) -> None:
        """Say what was not taken over."""
        self.notes.append(Note(place, message))

    def name(self, key: str, words: str) -> str:
        """Return the id that stands for a key of the other file, always the same: made of its words, and unique."""
        if key not in self._names:
            base = slug(words) or "node"
            taken, number = set(self._names.values()), 2
            found = base
            while found in taken or found == MISSING:
                found, number = f"{base[: MAX_ID - 5]}-{number}", number + 1
            self._names[key] = found
        return self._names[key]

    def alias(self, key: str, other: str) -> None:
        """Let a key of the other file stand for the same node as another that has a name."""
        self._names[key] = self._names[other]

    def words(self, text: str, place: str, most: int = MAX_TEXT) -> str:
        """Return a text as a tree may hold it: without control characters, not too long; what was cut is noted."""
        kept = "".join(
            char for char in text if unicodedata.category(char) not in ("Cc", "Cs") or char in "\n\t"
        ).strip()
        if len(kept) != len(text.strip()):
            self.note(place, "control characters were left out")
        if len(kept) > most:
            self.note(place, f"a text of {len(kept):,} characters was cut at {most:,}")
        return kept[:most]

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

    def yaml(self) -> str:
        """Return the tree as the file that is read."""
        if len(self.nodes) > MAX_NODES:
            self.note("", f"has {len(self.nodes):,} nodes, and a tree at most {MAX_NODES}: part it")
        data = {"title": self.title or "Imported", "start": self.start, "nodes": self.nodes}
        return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)


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
