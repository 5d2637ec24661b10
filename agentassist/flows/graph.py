"""The ways through trees as a graph, across all trees that lead to each other. Nothing recurses: a tree may be deep.

A place is a tree's id and a node's id. An edge is a way that a customer can be led.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.flows.model import NodeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from agentassist.flows.model import Flow

Place = tuple[str, str]
Graph = dict[Place, tuple[Place, ...]]


def graph(flows: Mapping[str, Flow]) -> Graph:
    """Return every node of the trees with the nodes that can come next; ways that lead nowhere are left out."""
    edges: Graph = {}
    for flow in flows.values():
        for node in flow.nodes.values():
            ways: list[Place] = [(flow.id, target) for target in node.targets if target in flow.nodes]
            target = flows.get(node.flow) if node.kind is NodeKind.FLOW else None
            if target is not None and target.start in target.nodes:
                ways.append((target.id, target.start))
            edges[flow.id, node.id] = tuple(ways)
    return edges


def reach(edges: Graph, starts: Iterable[Place], *, without: Collection[Place] = ()) -> set[Place]:
    """Return every place that can be reached, those to start from among them.

    Args:
        edges: the graph.
        starts: from where.
        without: places that are not gone through.
    """
    found: set[Place] = set()
    waiting = [place for place in starts if place in edges]
    while waiting:
        place = waiting.pop()
        if place not in found and place not in without:
            found.add(place)
            waiting += edges[place]
    return found


def turned(edges: Graph) -> Graph:
    """Return the graph with every edge turned round."""
    back: dict[Place, list[Place]] = {place: [] for place in edges}
    for place, targets in edges.items():
        for target in targets:
            back[target].append(place)
    return {place: tuple(sources) for place, sources in back.items()}


def loops(edges: Graph) -> list[tuple[Place, ...]]:
    """Return the places that lead back to themselves, together with those that they do so through.

    Each group in the graph's order. (These are the strongly connected components, by Kosaraju's algorithm.)
    """
    back, order, seen = turned(edges), _finished(edges), set[Place]()
    place_of = {place: number for number, place in enumerate(edges)}
    groups = []
    for place in reversed(order):
        if place in seen:
            continue
        group = reach(back, [place], without=seen)
        seen |= group
        if len(group) > 1 or place in edges[place]:
            groups.append(tuple(sorted(group, key=place_of.__getitem__)))
    return groups


def _finished(edges: Graph) -> list[Place]:
    """Return the places in the order in which a walk in depth is done with them."""
    order: list[Place] = []
    seen: set[Place] = set()
    for start in edges:
        waiting = [(start, False)]
        while waiting:
            place, done = waiting.pop()
            if done:
                order.append(place)
            elif place not in seen:
                seen.add(place)
                waiting.append((place, True))
                waiting += [(target, False) for target in edges[place]]
    return order
