"""A tree as people look at it: an outline, each node in full once, and a Mermaid flowchart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentassist.flows.model import Check, NodeKind
from agentassist.text import clean_line

if TYPE_CHECKING:
    from agentassist.flows.model import Condition, Flow, Node

MAX_WORDS = 70
"""Characters of a node's words in a drawing."""
_MARKS = {
    NodeKind.TEXT: "·",
    NodeKind.CHOICE: "?",
    NodeKind.CHOICES: "??",
    NodeKind.FORM: "✎",
    NodeKind.BRANCH: "◇",
    NodeKind.FLOW: "⇒",
    NodeKind.BOT: "→ bot",
    NodeKind.PERSON: "→ person",
    NodeKind.END: "■",
}
_SHAPES = {
    NodeKind.CHOICE: ("{{", "}}"),
    NodeKind.CHOICES: ("{{", "}}"),
    NodeKind.FORM: ("[/", "/]"),
    NodeKind.BRANCH: ("{", "}"),
    NodeKind.FLOW: ("[[", "]]"),
    NodeKind.BOT: ("([", "])"),
    NodeKind.PERSON: ("([", "])"),
    NodeKind.END: ("([", "])"),
}
_WORDS = {
    Check.IS: "is",
    Check.HAS: "has",
    Check.BELOW: "<",
    Check.ABOVE: ">",
    Check.AT_MOST: "≤",
    Check.AT_LEAST: "≥",
}


@dataclass(slots=True)
class Twig:
    """One node of an outline.

    Attributes:
        way: what leads here: an answer, a condition, or empty.
        node: what is here; None when the tree has no such node.
        name: its id.
        again: whether it is drawn in full elsewhere, so that nothing is below it.
    """

    way: str
    node: Node | None
    name: str
    again: bool = False
    twigs: list[Twig] = field(default_factory=list)

    @property
    def line(self) -> str:
        """The node in one line, safe to show."""
        if self.node is None:
            return clean_line(f"✗ {self.name} is not there")
        if self.again:
            return clean_line(f"↩ {self.name}")
        return clean_line(f"{_MARKS[self.node.kind]} {words(self.node)}  ({self.name})")


def words(node: Node) -> str:
    """Return what a node says or asks in a few words, safe to show."""
    if node.kind is NodeKind.BRANCH:
        return ""
    said = {NodeKind.PERSON: node.reason, NodeKind.FLOW: node.flow}.get(node.kind, node.text)
    return _short(said)


def told(condition: Condition | None) -> str:
    """Return a condition in words, safe to show."""
    if condition is None:
        return "otherwise"
    if condition.check in (Check.ALL, Check.ANY):
        return (" and " if condition.check is Check.ALL else " or ").join(f"({told(item)})" for item in condition.inner)
    if condition.check is Check.NOT:
        return f"not ({', '.join(told(item) for item in condition.inner)})"
    if condition.check in (Check.EMPTY, Check.FILLED):
        return clean_line(f"{condition.answer} is {condition.check.value}")
    value = " or ".join(condition.values) or f"{condition.number:g}"
    return _short(f"{condition.answer} {_WORDS[condition.check]} {value}")


def ways(node: Node) -> list[tuple[str, str]]:
    """Return every way on from a node: what leads there, safe to show, and the next node's id."""
    if node.kind.ends:
        return []
    if node.kind is NodeKind.CHOICE:
        return [(_short(option.label), option.next) for option in node.options]
    if node.kind is NodeKind.BRANCH:
        return [(told(case.when), case.next) for case in node.cases]
    return [("", node.next)]


def outline(flow: Flow) -> Twig:
    """Return a tree from its start down; a node that was drawn before is only named."""
    root = Twig("", flow.nodes.get(flow.start), flow.start)
    drawn = {flow.start}
    waiting = [root]
    while waiting:
        twig = waiting.pop()
        if twig.node is None or twig.again:
            continue
        for way, target in ways(twig.node):
            below = Twig(way, flow.nodes.get(target), target, target in drawn)
            drawn.add(target)
            twig.twigs.append(below)
        waiting += reversed(twig.twigs)
    return root


def mermaid(flow: Flow) -> str:
    """Return a tree as a Mermaid flowchart; whatever its texts hold, they stay texts."""
    names = {ident: f"n{number}" for number, ident in enumerate(flow.nodes, 1)}
    lines = ["flowchart TD"]
    for node in flow.nodes.values():
        before, after = _SHAPES.get(node.kind, ("[", "]"))
        prefix = {NodeKind.PERSON: "person: ", NodeKind.BOT: "bot: ", NodeKind.FLOW: "to "}.get(node.kind, "")
        said = _quoted(f"{prefix}{words(node) or node.id}")
        lines.append(f"  {names[node.id]}{before}{said}{after}")
    for node in flow.nodes.values():
        for way, target in ways(node):
            if target in names:
                arrow = f"-->|{_quoted(way)}|" if way else "-->"
                lines.append(f"  {names[node.id]} {arrow} {names[target]}")
    return "\n".join(lines)


def _short(said: str) -> str:
    line = clean_line(said, limit=1_000)
    return line if len(line) <= MAX_WORDS else f"{line[: MAX_WORDS - 1].rstrip()}…"


def _quoted(said: str) -> str:
    """Return a text as Mermaid shows it: every mark that could mean something is written as its number."""
    return '"' + re.sub(r"[^\w .,!?:()'’“”…≤≥–-]", lambda mark: f"#{ord(mark[0])};", clean_line(said)) + '"'
