"""Exports of Typebot become trees; what could not be taken over is told with its place."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from agentassist.errors import ContentError
from agentassist.flows import load, typebot
from agentassist.flows.imported import Imported

DATA = Path(__file__).parent / "data"
_Json = dict[str, Any]


def taken(data: _Json) -> Imported:
    """Return what a bot becomes, which is always a tree that can be read."""
    made = typebot.read(json.dumps(data))
    assert [str(problem) for problem in load.check_text(made.yaml()) if problem.fatal] == []
    return made


def bot(*blocks: _Json, edges: tuple[_Json, ...] = ()) -> _Json:
    """Return an export with one group, and another to lead to."""
    other = {"id": "g2", "title": "Other", "blocks": [{"id": "z", "type": "text", "content": {"plainText": "Z"}}]}
    return {
        "name": "Bot",
        "groups": [{"id": "g1", "title": "One", "blocks": list(blocks)}, other],
        "edges": list(edges),
    }


def text(words: str, ident: str = "t") -> _Json:
    """Return a text block."""
    return {"id": ident, "type": "text", "content": {"richText": [{"type": "p", "children": [{"text": words}]}]}}


def test_an_export() -> None:
    """Groups, edges, a condition on a variable, inputs, and a note for everything else."""
    made = typebot.read((DATA / "lead.json").read_text("utf-8"))
    assert load.check_text(made.yaml()) == ()
    assert (made.title, made.start) == ("Lead", "welcome-1")
    assert made.nodes["welcome-1"] == {"text": "Hi ! See this (https://a.example)", "next": "welcome-2"}
    assert made.nodes["welcome-2"] == {
        "choice": "What do you need?",
        "options": {"a-price": {"label": "A price", "next": "price-1"}, "help": {"label": "Help", "next": "rate-1"}},
    }
    assert made.nodes["price-1"] == {
        "form": "Your e-mail?",
        "fields": {"value": {"label": "Your e-mail?", "type": "email", "hint": "name@example.com", "private": True}},
        "next": "price-3",
    }
    assert made.nodes["price-3"] == {
        "branch": [{"when": {"answer": "welcome-2", "is": "a-price"}, "next": "rate-1"}, {"next": "end"}]
    }
    assert [str(note) for note in made.notes] == [
        "group Welcome, block 1 (text): the variable {{name}} was left out of its text",
        "group Price, block 4 (Webhook): was left out: there is no counterpart; the tree goes on after it",
        "group Rate, block 1 (rating input): is taken over as a number",
        "group Rate, block 2 (file input): was left out: there is no counterpart; the tree goes on after it",
    ]


def test_an_export_of_before_groups() -> None:
    """The first exports called groups blocks, and blocks steps: the same comes of them."""
    question = {"id": "q", "type": "text input", "outgoingEdgeId": "e"}
    now = bot(text("Your name?"), question, edges=({"id": "e", "to": {"groupId": "g2", "blockId": "z"}},))
    older = {
        "name": "Bot",
        "blocks": [{"id": group["id"], "title": group["title"], "steps": group["blocks"]} for group in now["groups"]],
        "edges": [{"id": "e", "to": {"blockId": "g2", "stepId": "z"}}],
    }
    assert taken(older).nodes == taken(now).nodes
    assert taken(now).nodes["one-1"]["next"] == "other-1"


def test_several_choices_and_media() -> None:
    """Several choices have one way on; a video becomes its address."""
    choice = {
        "id": "c", "type": "choice input", "options": {"isMultipleChoice": True},
        "items": [{"id": "i", "content": "A"}, {"id": "j", "content": "A", "outgoingEdgeId": "e"}],
    }  # fmt: skip
    video = {"id": "v", "type": "video", "content": {"url": "https://v.example/1"}}
    made = taken(bot(text("Which?"), choice, video, edges=({"id": "e", "to": {"groupId": "g2"}},)))
    assert made.nodes["one-1"] == {"choices": "Which?", "options": {"a": "A", "a-2": "A"}, "next": "one-3"}
    assert made.nodes["one-3"] == {"text": "https://v.example/1", "next": "end"}
    assert [note.message for note in made.notes] == [
        "the way of option A was left out: with several choices there is one", "only its address was taken over",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        ({"variableId": "n", "comparisonOperator": "Greater than", "value": "5"},
         {"answer": "one-1.value", "above": 5.0}),
        ({"variableId": "n", "comparisonOperator": "Is set"}, {"answer": "one-1.value", "filled": "true"}),
        ({"variableId": "c", "comparisonOperator": "Equal to", "value": "Big one"},
         {"answer": "one-2", "is": "big-one"}),
        ({"variableId": "c", "comparisonOperator": "Does not contain", "value": "Big one"},
         {"not": {"answer": "one-2", "has": "big-one"}}),
        ({"variableId": "c", "comparisonOperator": "Equal to", "value": "Nothing"}, None),
        ({"variableId": "c", "comparisonOperator": "Less than", "value": "3"}, None),
        ({"variableId": "n", "comparisonOperator": "Contains", "value": "3"}, None),
        ({"variableId": "n", "comparisonOperator": "Matches regex", "value": "(a+)+"}, None),
        ({"variableId": "x", "comparisonOperator": "Is set"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_conditions(comparison: _Json, expected: _Json | None) -> None:
    """What can be asked here is asked, what cannot is told and goes the other way."""
    number = {"id": "n", "type": "number input", "options": {"variableId": "n", "min": 1, "max": 9}}
    choice = {
        "id": "c",
        "type": "choice input",
        "options": {"variableId": "c"},
        "items": [{"id": "i", "content": "Big one"}],
    }
    condition = {
        "id": "k", "type": "Condition",
        "items": [{"id": "i", "outgoingEdgeId": "e", "content": {"comparisons": [comparison]}}],
    }  # fmt: skip
    made = taken(bot(number, choice, condition, edges=({"id": "e", "to": {"groupId": "g2", "blockId": "z"}},)))
    if expected is None:
        assert "one-3" not in made.nodes
        assert made.nodes["one-2"]["options"] == {"big-one": {"label": "Big one", "next": "end"}}
    else:
        assert made.nodes["one-3"]["branch"] == [{"when": expected, "next": "other-1"}, {"next": "end"}]
    assert bool(made.notes) is (expected is None)


@pytest.mark.parametrize(
    ("block", "note"),
    [
        ({"id": "b", "type": "Typebot link"},
         "leads to another bot, which is not in this file; a person takes over there"),
        ({"id": "b", "type": "Set variable"}, "was left out: there is no counterpart; the tree goes on after it"),
        ({"id": "b", "type": "choice input", "items": []}, "has nothing to choose and was left out"),
        ({"id": "b", "type": "Jump", "options": {"groupId": "x"}},
         "leads to what is not there; a person takes over there"),
        ({"id": "b"}, "was left out: there is no counterpart; the tree goes on after it"),
        ({"type": "text"}, "was left out: it has no id of its own"),
        ({"id": "b", "type": "url input"}, "is taken over as a text"),
    ],
)  # fmt: skip
def test_nothing_is_lost_silently(block: _Json, note: str) -> None:
    """Each block that has no counterpart is told with its group and number."""
    notes = [str(item) for item in taken(bot(text("Hi"), block, text("Bye", "u"))).notes]
    assert notes == [f"group One, block 2 ({block.get('type', 'without a type')}): {note}"]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "[]",
        "{",
        "{}",
        '{"groups": 1}',
        '{"groups": []}',
        pytest.param("[" * 100_000, id="deep"),
        '{"groups": [{"blocks": 3}]}',
    ],
)
def test_no_export_is_refused(source: str) -> None:
    """Nothing that is no export is taken for one."""
    with pytest.raises(ContentError):
        typebot.read(source)


def test_hostile_exports(tmp_path: Path) -> None:
    """Odd kinds of values and deep texts do not break it, and nothing takes long."""
    deep: _Json = {"text": "x"}
    for _ in range(200):
        deep = {"children": [deep]}
    blocks: list[_Json] = [
        {"id": ["a"], "type": {"b": 1}, "content": [1], "items": "x", "options": 3},
        {"id": "d", "type": "text", "content": {"richText": [deep, 1, None]}},
        {"id": "c", "type": "choice input", "items": [{"content": {"a": 1}}, {"content": "\x1b[2J"}, 7]},
        {"id": "f", "type": "rating input", "options": {"length": "many", "labels": [1]}},
        {"id": "k", "type": "Condition", "items": [{"content": {"comparisons": [{"variableId": {}}, 1]}}]},
    ]
    data = bot(*blocks, edges=({"id": "e", "to": 3}, {"from": 1}))
    data["events"] = [{"type": "start", "outgoingEdgeId": "e"}]
    started = time.process_time()
    assert taken(data).nodes
    assert time.process_time() - started < 2
