"""Whatever customers do in whichever tree: the engine never breaks, and says the same of the same entries."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentassist.errors import FlowError
from agentassist.flows import load, walk
from agentassist.flows.graph import graph, reach
from agentassist.flows.model import Flow, NodeKind
from agentassist.flows.trees import Trees
from agentassist.models import Author, Entry, EntryKind, NewEntry

KB = Path(__file__).parents[3] / "kb"
TODAY = date(2026, 11, 30)
RIGHT = {"text": "words", "email": "a@example.org", "phone": "+351912345678", "number": "12", "date": "2026-12-01"}
STEPS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40)), max_size=25)


@pytest.fixture(scope="module")
def trees() -> Trees:
    """The trees that ship."""
    return Trees(load.load_kb(KB, TODAY).flows)


def step(trees: Trees, entries: list[NewEntry], action: int, pick: int) -> tuple[NewEntry, ...]:
    """Do one thing that a customer or agent may do."""
    prompt = trees.prompt(entries)
    if action == 0:
        return trees.back(entries)
    if prompt is None:
        return trees.answer(entries, "nothing", "x", author=Author.CUSTOMER)
    if action == 1:
        return trees.answer(entries, prompt.node, "made up", author=Author.CUSTOMER)
    if prompt.kind is NodeKind.FORM:
        field = prompt.fields[pick % len(prompt.fields)].field
        value = RIGHT.get(field.type.value, "HW-1234567" if "HW" in field.pattern else "DL20418837")
        if action < 5:
            author = Author.AGENT if pick % 2 else Author.CUSTOMER
            return trees.fill(entries, prompt.node, field.id, value, author=author)
        every = {item.field.id: RIGHT.get(item.field.type.value, "HW-1234567") for item in prompt.fields}
        every |= {item.field.id: "DL20418837" for item in prompt.fields if "A-Z" in item.field.pattern}
        return trees.answer(entries, prompt.node, every, author=Author.CUSTOMER)
    chosen = prompt.options[pick % len(prompt.options)][0]
    answer: str | list[str] = [chosen] if prompt.kind is NodeKind.CHOICES else chosen
    return trees.answer(entries, prompt.node, answer, author=Author.CUSTOMER)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from(["start", "pairing", "cold-room", "order", "billing", "callback", "survey"]), steps=STEPS)
def test_any_way_through_the_shipped_trees_holds(trees: Trees, start: str, steps: list[tuple[int, int]]) -> None:
    """Only errors for customers are raised; every prompt is JSON; a replay is the same; one step back is exact."""
    entries = [*trees.begin(start)]
    for action, pick in steps:
        before = trees.walk(entries)
        try:
            entries += step(trees, entries, action, pick)
        except FlowError:
            assert trees.walk(entries) == before
            continue
        now = trees.walk(entries)
        assert now is not None
        assert (now.node is None) != (now.ended is None)
        assert now == trees.walk(list(entries))
        assert before is not None
        answered = before.node is not None and (now.flow, now.path) != (before.flow, before.path) and action != 0
        if answered and before.node is not None:
            returned = trees.walk([*entries, *trees.back(entries)])
            assert returned is not None
            assert (returned.flow, returned.path, returned.node) == (before.flow, before.path, before.node)
        prompt = trees.prompt(entries)
        if prompt is not None:
            json.dumps(prompt.to_json())


def test_a_person_can_be_reached_from_every_open_question(trees: Trees) -> None:
    """Whatever was answered, some way leads on to a person or the bot."""
    edges = graph(trees.flows)
    helping = {NodeKind.PERSON, NodeKind.BOT}
    for flow in trees.flows.values():
        for node in flow.nodes.values():
            if node.kind is not NodeKind.END:
                found = reach(edges, [(flow.id, node.id)])
                assert any(trees.flows[place[0]].nodes[place[1]].kind in helping for place in found), (flow.id, node.id)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10)
    | st.sampled_from(["start", "topic", "setup", "person", "flow", "back", "number", "name"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
DATA = st.dictionaries(
    st.sampled_from(["flow", "node", "value", "field", "event", "done", "x"]), VALUES, max_size=5
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    entries=st.lists(
        st.builds(
            NewEntry,
            st.sampled_from(list(Author)), st.sampled_from(list(EntryKind)), st.text(max_size=20), st.just(""), DATA,
        ),
        max_size=15,
    )
)  # fmt: skip
def test_hostile_entries_never_raise(trees: Trees, entries: list[NewEntry]) -> None:
    """No entry, whatever its data, breaks the walk of any tree."""
    for flow in trees.flows.values():
        now = walk.walk(flow, entries)
        walk.prompt(flow, now)
        assert isinstance(now, walk.Walk)
    trees.walk(entries)
    trees.prompt(entries)


def test_stored_entries_walk_as_new_ones(trees: Trees) -> None:
    """What was said matters, not whether it is stored yet."""
    flow: Flow = trees.flows["survey"]
    entries = [*walk.begin(flow)]
    entries += walk.answer(flow, entries, "solved", "partly", author=Author.CUSTOMER)
    new = walk.walk(flow, entries)
    from datetime import UTC, datetime

    at = datetime(2026, 11, 30, tzinfo=UTC)
    kept = [Entry(1, n, at, e.author, e.author_name, e.kind, e.text, e.data) for n, e in enumerate(entries, 1)]
    old = walk.walk(flow, kept)
    answers = {key: replace(answer, seq=0) for key, answer in old.answers.items()}
    assert replace(old, answers=answers) == new
    assert all(answer.seq for answer in old.answers.values())
