"""The conversations of `conversations.yaml` as entries, with the level that is wanted after each thing said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from agentassist.friction.reading import Level
from agentassist.models import Data, Entry
from tests.unit.friction.conftest import Turn, talk

FILE = Path(__file__).with_name("conversations.yaml")
SAYS: dict[str, tuple[str, Data]] = {
    "tree": ("Then please say in your own words what it is about. If there is no good answer, a person takes over.",
             {"flow": "start", "node": "words"}),
    "unsure": ("Did you mean one of these?", {"bot": "unsure", "probability": 0.4, "choices": []}),
    "none": ("I have no article about that. You can put it in other words.", {"bot": "none", "probability": 0.05}),
    "offer": ("Shall I get a person for you?", {"bot": "offer", "offer": "person", "cause": "no-answer"}),
}  # fmt: skip
LABELS = {"yes": "Yes, that solved it", "no": "Not yet", "none": "None of these"}


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation.

    Attributes:
        wanted: by the place of an entry, the levels that are right after it.
        tuned: it was looked at while the meter was made.
    """

    name: str
    entries: list[Entry]
    wanted: dict[int, tuple[Level, ...]]
    tuned: bool


def talks() -> list[Talk]:
    """Read the file."""
    return [_talk(raw) for raw in yaml.safe_load(FILE.read_text(encoding="utf-8"))]


def _talk(raw: dict[str, object]) -> Talk:
    turns: list[Turn] = []
    wanted: dict[int, tuple[Level, ...]] = {}
    lines = raw["turns"]
    assert isinstance(lines, list)
    for at, line in enumerate(lines):
        text, _, levels = str(line).partition(" | ")
        if text.startswith(">"):
            turns.append(_bot(text[1:].strip(), at))
            continue
        wanted[at] = _levels(levels)
        turns.append(_choice(text) if text.startswith("/") else ("customer", text))
    return Talk(str(raw["name"]), talk(*turns), wanted, bool(raw.get("tuned")))


def _bot(text: str, at: int) -> Turn:
    word, _, rest = text.partition(" ")
    if word == "says":
        return ("bot", rest)
    if word == "answer":
        data: Data = {"article": rest, "title": rest, "bot": "answer", "probability": 0.8}
        return ("bot", f"The passage of {rest}.", data)
    said, data = SAYS[word]
    return ("bot", said, {**data, "node": f"n{at}"} if word == "tree" else data)


def _choice(text: str) -> Turn:
    node, _, value = text[1:].partition("=")
    if node.startswith("flow:"):
        node = node.removeprefix("flow:")
        return ("customer", value, {"flow": "cold", "node": node, "question": "?", "value": value.casefold()})
    return ("customer", LABELS.get(value, value), {"node": node, "question": "?", "value": value})


def _levels(text: str) -> tuple[Level, ...]:
    first, _, last = text.partition("..")
    order = list(Level)
    return tuple(order[order.index(Level(first)) : order.index(Level(last or first)) + 1])
