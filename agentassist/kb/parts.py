"""The parts of a YAML file with their places, asked for by key and kind."""

from __future__ import annotations

import difflib
import math
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from agentassist.kb.problems import Report

_STRING = "tag:yaml.org,2002:str"
MAX_ITEMS = 60
"""Lines of a list, and keys of a mapping."""
MAX_TEXT = 2_000
"""Characters of one text."""


class Part:
    """A part of a file, asked for by key and kind; what is wrong goes to the report with line and field."""

    def __init__(self, node: yaml.Node, report: Report, field: str, *, line: int = 0) -> None:
        self.node, self.report, self.field = node, report, field
        self.line = line or int(node.start_mark.line) + 1

    def wrong(self, message: str, hint: str = "") -> None:
        """Report that this part is broken."""
        self.report.error(message, hint, line=self.line, field=self.field)

    @property
    def is_mapping(self) -> bool:
        """Say whether it is keys with values."""
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_empty(self) -> bool:
        """Say whether it is a mapping or a list without anything in it."""
        return not isinstance(self.node, yaml.ScalarNode) and not self.node.value

    def has(self, key: str) -> bool:
        """Say whether a key is there; reports nothing."""
        return self.is_mapping and any(getattr(item, "value", None) == key for item, _ in self.node.value)

    def mapping(
        self, known: tuple[str, ...] = (), needed: tuple[str, ...] = (), *, most: int = MAX_ITEMS
    ) -> dict[str, Part]:
        """Return the parts by key; with no known keys every key will do.

        Args:
            known: the keys that there may be.
            needed: the keys that there must be.
            most: how many keys there may be.
        """
        if not isinstance(self.node, yaml.MappingNode):
            self.wrong("must be keys with values", "Write key: value.")
            return {}
        if len(self.node.value) > most:
            self.wrong(f"has more than {most:,} keys")
            return {}
        found: dict[str, Part] = {}
        for key, value in self.node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            line = int(key.start_mark.line) + 1
            part = Part(value, self.report, f"{self.field}.{name}" if self.field else name, line=line)
            if name in found:
                part.wrong("is there twice", "Remove one of the two.")
            if known and name not in known:
                near = difflib.get_close_matches(name[:50], known, n=1)
                part.wrong("unknown key", f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}.")
            found[name] = part
        for name in needed:
            if name not in found:
                self.report.error("is missing", "", line=self.line, field=f"{self.field}.{name}".lstrip("."))
        return found

    def items(self) -> list[Part]:
        """Return the parts of a list; one that is no list is a list of one."""
        if not isinstance(self.node, yaml.SequenceNode):
            return [self]
        if len(self.node.value) > MAX_ITEMS:
            self.wrong(f"has more than {MAX_ITEMS} entries")
        return [Part(item, self.report, f"{self.field}[{number}]") for number, item in enumerate(self.node.value)]

    def text(self) -> str:
        """Return one text, trimmed."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag != _STRING:
            self.wrong("must be a text", 'Put a text that holds ": " in quotes.')
            return ""
        text = str(self.node.value).strip()
        if not text or len(text) > MAX_TEXT:
            self.wrong(f"must have 1 to {MAX_TEXT:,} characters")
        return text

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(item.text() for item in self.items())

    def number(self, least: float, most: float) -> float:
        """Return a number within bounds."""
        try:
            value = float(self.text()[:20])
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            self.wrong(f"must be a number from {least:g} to {most:g}")
            return least
        return value

    def truth(self) -> bool:
        """Return true or false."""
        text = self.text()
        if text not in ("true", "false"):
            self.wrong("must be true or false")
        return text == "true"
