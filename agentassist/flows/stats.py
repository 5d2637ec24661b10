"""Counts what becomes of the nodes of trees, from the entries of conversations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentassist.flows.track import Track, begins
from agentassist.models import EntryKind, Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agentassist.flows.model import Flow
    from agentassist.models import Entry

DEFINITIONS: Mapping[str, str] = {
    "came": "runs in which the customer reached it",
    "went_on": "runs in which they went on from it: answered, or passed through",
    "went_back": "runs in which they went back from it",
    "left": "runs that stop at it: open, not answered, and no person was asked for or came",
    "asked": "runs in which a person was asked for, or took over, while it was open",
}
"""What each number means. A run is one beginning of a tree in a conversation; every number counts a run once a node."""


@dataclass(slots=True)
class FlowCount:
    """What became of one tree.

    Attributes:
        runs: how often it began.
        older: how many of these began with another version of its file; they are counted as far as they fit.
        nodes: for each node, the numbers of DEFINITIONS.
    """

    flow: Flow
    runs: int = 0
    older: int = 0
    nodes: dict[str, Counter[str]] = field(default_factory=dict)


def count(flows: Mapping[str, Flow], conversations: Iterable[Sequence[Entry]]) -> dict[str, FlowCount]:
    """Count every run of these trees in whole conversations; runs of other trees are passed over.

    Args:
        flows: by id.
        conversations: the entries of each, in order.
    """
    counts = {ident: FlowCount(flow, nodes={node: Counter() for node in flow.nodes}) for ident, flow in flows.items()}
    for entries in conversations:
        for flow_id, run in _runs(entries):
            if flow_id in counts:
                _count_run(counts[flow_id], run)
    return counts


def _runs(entries: Sequence[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    """Yield each run: the tree's id, and its entries with everything that came until the next tree began.

    Going back into the tree before makes that run go on.
    """
    runs: list[tuple[str, list[Entry]]] = []
    last: dict[str, int] = {}
    now = -1
    for entry in entries:
        data = entry.data if isinstance(entry.data, Mapping) else {}
        if ident := begins(entry):
            runs.append((ident, []))
            now = last[ident] = len(runs) - 1
        elif entry.kind is EntryKind.EVENT and data.get("event") == Event.BACK.value:
            now = last.get(str(data.get("flow")), now)
        if now >= 0:
            runs[now][1].append(entry)
    yield from runs


def _count_run(counted: FlowCount, run: Sequence[Entry]) -> None:
    flow = counted.flow
    counted.runs += 1
    counted.older += run[0].data.get("version") != flow.version
    track = Track(flow)
    seen: dict[str, set[str]] = {node: set() for node in flow.nodes}
    person = False
    for entry in run[1:]:
        _mark(track, seen)
        before = track.node
        event = entry.data.get("event") if entry.kind is EntryKind.EVENT and isinstance(entry.data, Mapping) else None
        if before is not None and (event == Event.HANDOFF.value or _wants_person(event, entry.data)):
            seen[before.id].add("asked")
            person = True
        track.take(entry)
        if before is not None and event == Event.BACK.value and track.node is not before:
            seen[before.id].add("went_back")
    _mark(track, seen)
    if track.node is not None and not person:
        seen[track.node.id].add("left")
    for node, marks in seen.items():
        counted.nodes[node].update(marks)


def _wants_person(event: object, data: Mapping[str, object]) -> bool:
    return event == Event.WISHED.value and data.get("wish") == "person"


def _mark(track: Track, seen: dict[str, set[str]]) -> None:
    """Note which nodes the customer has come to, and gone on from."""
    for ident in track.path:
        seen[ident].add("came")
    for ident in track.path[:-1]:
        seen[ident].add("went_on")
