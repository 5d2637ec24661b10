"""Makes a decision tree of the parts of its file. What is wrong goes to the file's report, with line and field."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from agentassist.flows import conditions
from agentassist.flows.model import Case, FieldType, Flow, FormField, Node, NodeKind, Option
from agentassist.flows.pattern import PatternError, compiled
from agentassist.models import Journey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    from agentassist.kb.parts import Part

MAX_NODES = 500
MAX_OPTIONS = 30
MAX_FIELDS = 30
MAX_LABEL = 200
MAX_ID = 60
THANKS = "Thank you, that is noted."
"""What is said when a form is submitted and its node says nothing else."""

_TOP = ("id", "title", "language", "start", "journey", "topic", "region", "nodes")
_KEYS = {
    NodeKind.TEXT: ("next",),
    NodeKind.CHOICE: ("say", "options", "next"),
    NodeKind.CHOICES: ("say", "options", "least", "most", "next"),
    NodeKind.FORM: ("say", "fields", "thanks", "next"),
    NodeKind.BRANCH: (),
    NodeKind.FLOW: ("say",),
    NodeKind.BOT: (),
    NodeKind.PERSON: ("say", "skills"),
    NodeKind.END: ("solved",),
}
"""What a node may hold beside the key that names its kind, and `articles`."""
_NEEDED = {
    NodeKind.TEXT: ("next",),
    NodeKind.CHOICE: ("options",),
    NodeKind.CHOICES: ("options", "next"),
    NodeKind.FORM: ("fields", "next"),
}
_FIELD = ("label", "type", "required", "private", "hint", "pattern", "least", "most")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_KINDS = ", ".join(kind.value for kind in NodeKind)


def build(ident: str, top: Part) -> Flow | None:
    """Return the tree as far as its parts can be used; None when it has no node at all.

    Args:
        ident: the id, which the file's name says.
        top: the whole file.
    """
    parts = top.mapping(_TOP, ("title", "start", "nodes"))
    if "id" in parts and text(parts["id"]) != ident:
        parts["id"].wrong(f"is not the file's name, {ident}", "Leave it out, or rename the file.")
    nodes = _nodes(parts["nodes"]) if "nodes" in parts else {}
    flow = Flow(
        id=ident,
        title=_text(parts, "title", MAX_LABEL),
        start=_text(parts, "start", MAX_ID),
        nodes=nodes,
        language=_shaped(parts, "language", _LANGUAGE, "as en or pt-BR") or "en",
        journey=Journey(_word(parts["journey"], Journey)) if "journey" in parts else Journey.ROUTINE,
        topic=_text(parts, "topic", MAX_LABEL),
        region=_shaped(parts, "region", re.compile("[A-Z]{2}"), "as GB or PT"),
    )
    if nodes:
        _check_targets(flow, parts)
        conditions.check(flow, top)
    return flow if nodes else None


def text(part: Part, most: int = 0) -> str:
    """Return one text without control characters.

    Args:
        part: where it is.
        most: the highest number of characters; 0 for what any text of a file may have.
    """
    said = part.text()
    if most and len(said) > most:
        part.wrong(f"has {len(said):,} characters, more than {most}")
    # A page or terminal shows them as something else, so nobody means them.
    for char in said:
        if unicodedata.category(char) == "Cc" and char not in "\n\t":
            part.wrong(f"holds the control character U+{ord(char):04X}", "Remove it.")
            break
    return said


def _text(parts: Mapping[str, Part], key: str, most: int = 0) -> str:
    return text(parts[key], most) if key in parts else ""


def _shaped(parts: Mapping[str, Part], key: str, shape: re.Pattern[str], example: str) -> str:
    said = _text(parts, key)
    if said and not shape.fullmatch(said):
        parts[key].wrong(f"{said[:40]} is not right", f"Write it {example}.")
    return said


def _word(part: Part, allowed: type[StrEnum]) -> str:
    """Return one of the words that are allowed; the first of them when it is another."""
    said, known = text(part), [item.value for item in allowed]
    if said not in known:
        part.wrong(f"{said[:40]} is not one of {', '.join(known)}")
        return str(known[0])
    return said


def is_node_id(text: str) -> bool:
    """Say whether a text can be the id of a tree, a node, an option or a field."""
    return _ID.fullmatch(text) is not None


def _ident(key: str, part: Part) -> str:
    if not is_node_id(key):
        part.wrong(f"{key[:80]} cannot be an id", "Use letters, digits, - and _.")
    return key


def _nodes(part: Part) -> dict[str, Node]:
    found = {}
    for key, item in part.mapping(most=MAX_NODES).items():
        node = _node(_ident(key, item), item)
        if node is not None:
            found[key] = node
    if not found and not part.report.fatal:
        part.wrong("has no node", "Write at least one that ends.")
    return found


def _node(ident: str, part: Part) -> Node | None:
    kinds = [kind for kind in NodeKind if part.has(kind.value)]
    if len(kinds) != 1:
        part.wrong("must say once what it does", f"Give it one of the keys {_KINDS}.")
        return None
    kind = kinds[0]
    parts = part.mapping((kind.value, *_KEYS[kind], "articles"), _NEEDED.get(kind, ()))
    main = parts[kind.value]
    follow = _text(parts, "next", MAX_ID)
    words = "" if kind in (NodeKind.FLOW, NodeKind.PERSON, NodeKind.BRANCH) else text(main)
    options = _options(parts["options"], follow, kind) if "options" in parts else ()
    least, most = _bounds(parts, len(options))
    return Node(
        id=ident,
        kind=kind,
        text=words,
        say=_text(parts, "say"),
        next=follow,
        articles=tuple(text(item, MAX_LABEL) for item in parts["articles"].items()) if "articles" in parts else (),
        options=options,
        least=least,
        most=most,
        fields=_fields(parts["fields"]) if "fields" in parts else (),
        thanks=(_text(parts, "thanks") or THANKS) if kind is NodeKind.FORM else "",
        cases=_cases(main) if kind is NodeKind.BRANCH else (),
        flow=text(main, MAX_ID) if kind is NodeKind.FLOW else "",
        reason=text(main, MAX_LABEL) if kind is NodeKind.PERSON else "",
        skills=tuple(text(item, MAX_LABEL) for item in parts["skills"].items()) if "skills" in parts else (),
        solved=parts["solved"].truth() if "solved" in parts else None,
        line=part.line,
    )


def _bounds(parts: Mapping[str, Part], count: int) -> tuple[int, int]:
    least = int(parts["least"].number(0, count)) if "least" in parts else 1
    most = int(parts["most"].number(max(least, 1), count)) if "most" in parts else count
    return least, most


def _options(part: Part, follow: str, kind: NodeKind) -> tuple[Option, ...]:
    found = []
    for key, item in part.mapping(most=MAX_OPTIONS).items():
        ident = _ident(key, item)
        if item.is_mapping:
            parts = item.mapping(("label", "next") if kind is NodeKind.CHOICE else ("label",), ("label",))
            label, to = _text(parts, "label", MAX_LABEL), _text(parts, "next", MAX_ID) or follow
        else:
            label, to = text(item, MAX_LABEL), follow
        if not to and kind is NodeKind.CHOICE:
            item.wrong("leads nowhere", "Give it next:, or give the node one.")
        found.append(Option(ident, label, to, item.line))
    if part.is_empty:
        part.wrong("has nothing to choose")
    return tuple(found)


def _fields(part: Part) -> tuple[FormField, ...]:
    found = tuple(_field(_ident(key, item), item) for key, item in part.mapping(most=MAX_FIELDS).items())
    if part.is_empty:
        part.wrong("has no field")
    return found


def _field(ident: str, part: Part) -> FormField:
    parts = part.mapping(_FIELD, ("label",))
    kind = FieldType(_word(parts["type"], FieldType)) if "type" in parts else FieldType.TEXT
    pattern = _text(parts, "pattern")
    if (kind is FieldType.PATTERN) != bool(pattern):
        part.wrong("needs a pattern with type: pattern, and only then")
    elif pattern:
        try:
            compiled(pattern)
        except PatternError as error:
            parts["pattern"].wrong(error.message, error.hint)
    bounds = [parts[key].number(-1e15, 1e15) if key in parts else None for key in ("least", "most")]
    least, most = bounds
    if bounds != [None, None] and kind is not FieldType.NUMBER:
        part.wrong("has bounds, which only a number has")
    elif least is not None and most is not None and least > most:
        part.wrong("takes no number: least is more than most")
    return FormField(
        id=ident,
        label=_text(parts, "label", MAX_LABEL),
        type=kind,
        required=parts["required"].truth() if "required" in parts else True,
        private=parts["private"].truth() if "private" in parts else False,
        hint=_text(parts, "hint", MAX_LABEL),
        pattern=pattern,
        least=least,
        most=most,
        line=part.line,
    )


def _cases(part: Part) -> tuple[Case, ...]:
    found: list[Case] = []
    for item in part.items():
        parts = item.mapping(("when", "next"), ("next",))
        if found and found[-1].when is None:
            item.wrong("is never reached: the one before it fits always", "Move it up.")
        when = conditions.read(parts["when"]) if "when" in parts else None
        found.append(Case(when, _text(parts, "next", MAX_ID), item.line))
    return tuple(found)


def _check_targets(flow: Flow, parts: Mapping[str, Part]) -> None:
    """Report every way that leads to a node that is not there."""
    report = parts["nodes"].report
    known = ", ".join(list(flow.nodes)[:20])
    if flow.start and flow.start not in flow.nodes:
        parts["start"].wrong(f"there is no node {flow.start}", f"Known: {known}.")
    for node in flow.nodes.values():
        for field, line, target in _ways(node):
            if target and target not in flow.nodes:
                where = f"nodes.{node.id}{field}"
                report.error(f"there is no node {target}", f"Known: {known}.", line=line, field=where)


def _ways(node: Node) -> list[tuple[str, int, str]]:
    """Return every place of a node that names another: the field, the line, the name."""
    ways = [(f".options.{option.id}", option.line, option.next) for option in node.options if option.next != node.next]
    ways += [(f".branch[{number}]", case.line, case.next) for number, case in enumerate(node.cases)]
    return [*ways, (".next", node.line, node.next)] if node.next else ways
