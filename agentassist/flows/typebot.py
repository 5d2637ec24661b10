"""Takes over a bot of Typebot from its JSON export: groups of blocks, and the edges between them.

Text, choices, inputs, conditions, jumps and the texts of media are taken over. What has no counterpart here (code,
requests, payments, files …) is passed over on the way and noted, with its group and block.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentassist.errors import ContentError
from agentassist.flows.build import MAX_LABEL
from agentassist.flows.imported import Imported, question_of, slug, tidy

if TYPE_CHECKING:
    from collections.abc import Mapping

CHOOSE = "Please choose."
MAX_BLOCKS = 5_000
MAX_DEPTH = 50
_FIELDS = {
    "text input": "text",
    "email input": "email",
    "phone number input": "phone",
    "number input": "number",
    "date input": "date",
    "url input": "text",
    "time input": "text",
    "rating input": "number",
}
_CHOICES = ("choice input", "picture choice input")
_MEDIA = ("image", "video", "embed", "audio")
_TESTS = {
    "Equal to": ("is", False),
    "Not equal": ("is", True),
    "Contains": ("has", False),
    "Does not contain": ("has", True),
    "Greater than": ("above", False),
    "Less than": ("below", False),
    "Is set": ("filled", False),
    "Is empty": ("empty", False),
}
"""What a comparison becomes, and whether turned round."""
_VARIABLE = re.compile(r"\{\{[^{}\n]{1,100}\}\}")
_Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Block:
    """One block with its place."""

    data: _Json
    group: str
    number: int

    @property
    def id(self) -> str:
        return str(self.data.get("id", ""))

    @property
    def type(self) -> str:
        return str(self.data.get("type", ""))

    @property
    def options(self) -> _Json:
        found = self.data.get("options")
        return found if isinstance(found, dict) else {}

    @property
    def items(self) -> list[_Json]:
        found = self.data.get("items")
        return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []

    @property
    def place(self) -> str:
        return f"group {self.group}, block {self.number} ({self.type or 'without a type'})"


@dataclass(slots=True)
class _Bot:
    """The export, looked up by id."""

    made: Imported
    blocks: dict[str, _Block] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    edges: dict[str, _Json] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    asked: dict[str, _Block] = field(default_factory=dict)
    """The input whose answer a variable holds."""
    said: dict[str, _Block] = field(default_factory=dict)
    """The text right before an input, which becomes its question."""


def read(text: str) -> Imported:
    """Return the tree that a bot becomes.

    Args:
        text: the JSON of an export.

    Raises:
        ContentError: it is no such export, or too large.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ContentError("is no JSON", "Export the bot once more.") from error
    found = _as_groups(data.get("typebot", data)) if isinstance(data, dict) else None
    if not isinstance(found, dict) or not isinstance(found.get("groups"), list):
        raise ContentError("is no Typebot export: it has no groups", "Export the bot as JSON.")
    made = Imported(title=str(found.get("name") or "Imported")[:200])
    bot = _look_up(found, made)
    if not bot.blocks:
        raise ContentError("has no block", "Export a bot that says something.")
    if len(bot.blocks) > MAX_BLOCKS:
        raise ContentError(f"has more than {MAX_BLOCKS:,} blocks", "Part the bot.")
    for block in bot.blocks.values():
        _name(bot, block)
    folded = {text.id for text in bot.said.values()}
    for block in bot.blocks.values():
        if block.id not in folded:
            _take(bot, block)
    made.start = _start(found, bot)
    made.straighten()
    return made


def _as_groups(data: object) -> object:
    """Return an export with the names of today: until 2022 groups were called blocks, and blocks steps."""
    if not isinstance(data, dict) or "groups" in data:
        return data
    older = _dicts(data.get("blocks"))
    if not any(isinstance(item.get("steps"), list) for item in older):
        return data
    edges = []
    for edge in _dicts(data.get("edges")):
        to = edge.get("to")
        to = to if isinstance(to, dict) else {}
        edges.append({**edge, "to": {"groupId": to.get("blockId"), "blockId": to.get("stepId")}})
    return {**data, "groups": [{**item, "blocks": item.get("steps")} for item in older], "edges": edges}


def _dicts(value: object) -> list[_Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _look_up(data: _Json, made: Imported) -> _Bot:
    bot = _Bot(made)
    bot.edges = {str(edge.get("id", "")): edge for edge in _dicts(data.get("edges"))}
    for group in _dicts(data["groups"]):
        name = str(group.get("title") or group.get("id", ""))
        ids = bot.groups.setdefault(str(group.get("id", "")), [])
        for number, block in enumerate(_dicts(group.get("blocks")), 1):
            item = _Block(block, name, number)
            if item.id in bot.blocks or not item.id:
                made.note(item.place, "was left out: it has no id of its own")
                continue
            if ids:
                bot.after[ids[-1]] = item.id
            ids.append(item.id)
            bot.blocks[item.id] = item
    return bot


def _start(data: _Json, bot: _Bot) -> str:
    """Return the node to start with: where the start event or block leads, else the first."""
    for event in _dicts(data.get("events")):
        if event.get("type") == "start":
            return _led(bot, event.get("outgoingEdgeId"), "") or bot.made.missing()
    for block in bot.blocks.values():
        if block.type == "start":
            return _next(bot, block)
    return bot.made.name(next(iter(bot.blocks)), "")


def _led(bot: _Bot, edge_id: object, otherwise: str) -> str:
    """Return the node that an edge leads to; `otherwise` when there is no such edge."""
    edge = bot.edges.get(str(edge_id)) if edge_id else None
    if edge is None:
        return otherwise
    to = edge.get("to")
    to = to if isinstance(to, dict) else {}
    return _at(bot, to, f"edge {edge.get('id')}")


def _at(bot: _Bot, to: Mapping[str, object], place: str) -> str:
    block, group = str(to.get("blockId") or ""), bot.groups.get(str(to.get("groupId") or ""), [])
    if block in bot.blocks:
        return bot.made.name(block, "")
    if group:
        return bot.made.name(group[0], "")
    bot.made.note(place, "leads to what is not there; a person takes over there")
    return bot.made.missing()


def _next(bot: _Bot, block: _Block) -> str:
    """Return the node after a block: by its edge, else the next block of its group, else an end."""
    below = bot.after.get(block.id)
    led = _led(bot, block.data.get("outgoingEdgeId"), bot.made.name(below, "") if below else "")
    if not led:
        bot.made.nodes.setdefault("end", {"end": "That is all. Thank you."})
    return led or "end"


def _name(bot: _Bot, block: _Block) -> None:
    """Give a block its node; a text and the input right after it become one."""
    below = bot.blocks.get(bot.after.get(block.id, ""))
    is_input = below is not None and (below.type in _FIELDS or below.type in _CHOICES)
    if below is not None and is_input and block.type == "text" and not block.data.get("outgoingEdgeId"):
        bot.said[below.id] = block
    before = bot.said.get(block.id)
    if before is not None:
        bot.made.alias(block.id, before.id)
    else:
        bot.made.name(block.id, f"{block.group} {block.number}")
    variable = block.options.get("variableId")
    if isinstance(variable, str) and (block.type in _FIELDS or block.type in _CHOICES):
        bot.asked.setdefault(variable, block)


def _take(bot: _Bot, block: _Block) -> None:
    """Take one block over."""
    made, ident = bot.made, bot.made.name(block.id, "")
    if block.type == "text":
        words = made.words(_text(block, made), block.place)
        made.nodes[ident] = {"text": words or "…", "next": _next(bot, block)}
    elif block.type in _CHOICES:
        made.nodes[ident] = _choice(bot, block)
    elif block.type in _FIELDS:
        made.nodes[ident] = _form(bot, block)
    elif block.type == "Condition":
        made.nodes[ident] = _condition(bot, block)
    elif block.type in _MEDIA:
        content = block.data.get("content")
        url = str(content.get("url") or "") if isinstance(content, dict) else ""
        made.note(block.place, f"only its address was taken over{'' if url else ', and it has none'}")
        made.nodes[ident] = {"text": made.words(url, block.place) or "…", "next": _next(bot, block)}
    else:
        _pass(bot, block)


def _pass(bot: _Bot, block: _Block) -> None:
    """Go on from a block that has no counterpart."""
    made, ident = bot.made, bot.made.name(block.id, "")
    if block.type == "Typebot link":
        made.note(block.place, "leads to another bot, which is not in this file; a person takes over there")
        made.nodes[ident] = {"branch": [{"next": made.missing()}]}
        return
    target = _next(bot, block)
    if block.type in ("Jump", "jump"):
        target = _at(bot, block.options, block.place)
    elif block.type != "start":
        made.note(block.place, "was left out: there is no counterpart; the tree goes on after it")
    made.nodes[ident] = {"branch": [{"next": target}]}


def _text(block: _Block, made: Imported) -> str:
    content = block.data.get("content")
    content = content if isinstance(content, dict) else {}
    rich = content.get("richText")
    text = "\n".join(_flat(part, 0) for part in rich) if isinstance(rich, list) else str(content.get("plainText") or "")
    if not text and content.get("html"):
        text = re.sub(r"<[^<>]{0,500}>", " ", str(content["html"]))
        made.note(block.place, "formatting was left out")
    return _without_variables(text, block, made)


def _without_variables(text: str, block: _Block, made: Imported) -> str:
    for found in _VARIABLE.finditer(text):
        made.note(block.place, f"the variable {found[0]} was left out of its text")
    return tidy(re.sub(r"[ \t]{2,}", " ", _VARIABLE.sub("", text)))


def _flat(part: object, depth: int) -> str:
    """Return the text of rich text; a link's address is kept behind its words."""
    if not isinstance(part, dict) or depth > MAX_DEPTH:
        return ""
    if isinstance(part.get("text"), str):
        return str(part["text"])
    inner = part.get("children")
    text = "".join(_flat(item, depth + 1) for item in inner) if isinstance(inner, list) else ""
    url = part.get("url")
    return f"{text} ({url})" if isinstance(url, str) and url and url != text else text


def _asks(bot: _Bot, block: _Block, otherwise: str) -> tuple[_Json, str]:
    """Return what an input says before its question, as a node has it, and the question."""
    before = bot.said.get(block.id)
    text = bot.made.words(_text(before, bot.made), before.place) if before is not None else ""
    if "\n" not in text and len(text) <= MAX_LABEL:
        return {}, text or otherwise
    say, question = question_of(text, otherwise)
    return {"say": say} if say else {}, question


def _choice(bot: _Bot, block: _Block) -> _Json:
    made = bot.made
    several = block.options.get("isMultipleChoice") is True
    follow = _next(bot, block) if several or any(not item.get("outgoingEdgeId") for item in block.items) else ""
    options: _Json = {}
    for item in made.few(block.items, block.place):
        label = item.get("content") if isinstance(item.get("content"), str) else item.get("title")
        words = made.label(_without_variables(str(label or ""), block, made), block.place) or "…"
        name, number = slug(words) or "option", 2
        while name in options:
            name, number = f"{slug(words) or 'option'}-{number}", number + 1
        own = _led(bot, item.get("outgoingEdgeId"), follow)
        if several and item.get("outgoingEdgeId"):
            made.note(block.place, f"the way of option {words} was left out: with several choices there is one")
        options[name] = words if several else {"label": words, "next": own or follow or made.missing()}
        if item.get("displayCondition"):
            made.note(block.place, f"the condition of option {words} was left out")
    if not options:
        made.note(block.place, "has nothing to choose and was left out")
        return {"branch": [{"next": _next(bot, block)}]}
    say, question = _asks(bot, block, CHOOSE)
    node: _Json = {**say, "choices" if several else "choice": question, "options": options}
    return {**node, "next": follow} if several else node


def _form(bot: _Bot, block: _Block) -> _Json:
    made, kind = bot.made, _FIELDS[block.type]
    say, question = _asks(bot, block, "Your answer")
    labels = block.options.get("labels")
    hint = str(labels.get("placeholder") or "") if isinstance(labels, dict) else ""
    item: _Json = {"label": made.label(question, block.place), "type": kind}
    if hint and hint != question:
        item["hint"] = made.label(hint, block.place)
    if kind in ("email", "phone"):
        item["private"] = True
    if block.type in ("url input", "time input", "rating input"):
        made.note(block.place, f"is taken over as a {kind}")
    for key, name in (("min", "least"), ("max", "most")):
        bound = block.options.get(key)
        if kind == "number" and isinstance(bound, int | float) and not isinstance(bound, bool):
            item[name] = bound
    if block.type == "rating input":
        length = block.options.get("length")
        item |= {"least": 1, "most": length if isinstance(length, int) and 1 < length < 100 else 10}
    return {**say, "form": question, "fields": {"value": item}, "next": _next(bot, block)}


def _condition(bot: _Bot, block: _Block) -> _Json:
    cases: list[_Json] = []
    for item in block.items:
        content = item.get("content")
        content = content if isinstance(content, dict) else {}
        tests = [_test(bot, block, one) for one in _dicts(content.get("comparisons"))]
        if not tests or None in tests:
            bot.made.note(block.place, "a condition was left out, and with it the way that it leads")
            continue
        group = "any" if content.get("logicalOperator") == "OR" else "all"
        when = tests[0] if len(tests) == 1 else {group: tests}
        cases.append({"when": when, "next": _led(bot, item.get("outgoingEdgeId"), "") or _next(bot, block)})
    return {"branch": [*cases, {"next": _next(bot, block)}]}


def _test(bot: _Bot, block: _Block, comparison: _Json) -> _Json | None:
    """Return what a comparison becomes; None when it has no counterpart."""
    variable, operator = comparison.get("variableId"), str(comparison.get("comparisonOperator") or "")
    asked = bot.asked.get(variable) if isinstance(variable, str) else None
    test, turned = _TESTS.get(operator, ("", False))
    value = str(comparison.get("value") or "")
    found = _answered(bot, asked, test, value) if asked is not None and test else None
    if found is None:
        bot.made.note(block.place, f"cannot be asked here: {operator or 'an empty comparison'} {value}".strip())
        return None
    return {"not": found} if turned else found


def _answered(bot: _Bot, asked: _Block, test: str, value: str) -> _Json | None:
    """Return a test of what an input was answered; None when it has no counterpart."""
    is_field = asked.type in _FIELDS
    ident = bot.made.name(asked.id, "")
    answer = f"{ident}.value" if is_field else ident
    if test in ("filled", "empty"):
        return {"answer": answer, test: "true"}
    if test in ("above", "below"):
        right = is_field and _FIELDS[asked.type] == "number" and re.fullmatch(r"-?[0-9]{1,9}(?:\.[0-9]{1,6})?", value)
        return {"answer": answer, test: float(value)} if right else None
    if is_field:
        return {"answer": answer, test: value} if value and test == "is" else None
    labels = {slug(str(item.get("content") or item.get("title") or "")) for item in asked.items}
    return {"answer": answer, test: slug(value)} if slug(value) in labels - {""} else None
