"""Checks decision trees: what keeps one out, where a customer would be stuck, and what somebody should look at."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agentassist.flows import load
from agentassist.flows.build import THANKS
from agentassist.flows.graph import Graph, Place, graph, loops, reach, turned
from agentassist.flows.model import Check, FieldType, NodeKind
from agentassist.kb import library
from agentassist.kb.fields import normal
from agentassist.kb.problems import Problem, Severity
from agentassist.models import Audience, Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from agentassist.flows.model import Flow, Node
    from agentassist.models import Article

_HELP = (NodeKind.PERSON, NodeKind.BOT)
"""Where a person is: the bot hands over to one when it has no answer."""
_PRIVATE = (FieldType.EMAIL, FieldType.PHONE)
_MARKUP = re.compile(r"</?[a-zA-Z][^>\n]*>|\[/?[a-z]+\]")
SHOWN = 6
"""How many nodes of a loop are named."""


@dataclass(slots=True)
class _Findings:
    """Gathers what is wrong with the trees."""

    problems: list[Problem] = field(default_factory=list)

    def say(
        self, flow: Flow, node: Node, key: str, message: str, hint: str, *, line: int = 0, error: bool = True
    ) -> None:
        """Add a problem of a node."""
        severity = Severity.ERROR if error else Severity.WARNING
        where = f"nodes.{node.id}.{key}" if key else f"nodes.{node.id}"
        self.problems.append(Problem(flow.path, line or node.line, where, message, hint, severity))


def lint(folder: Path, today: date) -> tuple[Problem, ...]:
    """Check the trees of the knowledge base in `folder`.

    Args:
        folder: of the knowledge base, whose folder `flows` holds the trees.
        today: articles past their review are judged by.

    Returns:
        Errors (the tree is left out, or a customer would be stuck in it) and warnings, in the order of path and line.

    Raises:
        NotFoundError: there is no such folder.
    """
    articles = {item.article.id: item.article for item in library.load(folder).articles}
    readings = load.read_all(folder / load.FOLDER)
    findings = _Findings([problem for reading in readings for problem in reading.problems])
    flows = {reading.flow.id: reading.flow for reading in readings if reading.flow is not None}
    _check(flows, articles, today, findings)
    told = [replace(problem, path=f"{load.FOLDER}/{problem.path}") for problem in findings.problems]
    return tuple(sorted(told, key=lambda problem: (problem.path, problem.line)))


def _check(flows: Mapping[str, Flow], articles: Mapping[str, Article], today: date, findings: _Findings) -> None:
    """Find what is wrong with trees that could be read."""
    edges = graph(flows)
    _check_ways(flows, edges, findings)
    _check_loops(flows, edges, findings)
    for flow in flows.values():
        for node in flow.nodes.values():
            _check_articles(flow, node, articles, today, findings)
            _check_labels(flow, node, findings)
            _check_branch(flow, node, findings)
            _check_words(flow, node, findings)
            if node.kind is NodeKind.FLOW and node.flow not in flows:
                findings.say(
                    flow, node, "flow", f"there is no decision tree {node.flow}", f"Known: {', '.join(flows)}."
                )


def _check_ways(flows: Mapping[str, Flow], edges: Graph, findings: _Findings) -> None:
    """Find nodes that nobody comes to, and nodes from which nobody comes to a person."""
    helping = [(flow.id, node.id) for flow in flows.values() for node in flow.nodes.values() if node.kind in _HELP]
    helped = reach(turned(edges), helping)
    for flow in flows.values():
        own = {place: tuple(to for to in edges[place] if to[0] == flow.id) for place in edges if place[0] == flow.id}
        reached = reach(own, [(flow.id, flow.start)])
        for node in flow.nodes.values():
            place = (flow.id, node.id)
            # A tree without a beginning is told as that.
            if place not in reached and flow.start in flow.nodes:
                findings.say(flow, node, "", "is never reached", "Lead to it, or remove it.", error=False)
            lost = node.kind is NodeKind.FLOW and node.flow not in flows
            if place not in helped and node.kind is not NodeKind.END and not lost:
                hint = "Lead to a node with person: or bot: from here."
                findings.say(flow, node, "", "no person can be reached from here", hint)


def _check_loops(flows: Mapping[str, Flow], edges: Graph, findings: _Findings) -> None:
    """Find ways that lead back: a customer may want to leave them, and some never end."""
    for group in loops(edges):
        inside = set(group)
        first = group[0]
        flow, node = flows[first[0]], flows[first[0]].nodes[first[1]]
        more = f" and {len(group) - SHOWN} more" if len(group) > SHOWN else ""
        names = f"{', '.join(_name(place, flow) for place in group[:SHOWN])}{more}"
        if not any(to not in inside for place in group for to in edges[place]):
            findings.say(flow, node, "", f"goes round without a way out: {names}", "Add a way that ends.")
        else:
            hint = "Customers do not like to be asked again: lead on after one try."
            findings.say(flow, node, "", f"leads back to itself: {names}", hint, error=False)
    asking = {place: ways for place, ways in edges.items() if not flows[place[0]].nodes[place[1]].kind.waits}
    silent = {place: tuple(to for to in ways if to in asking) for place, ways in asking.items()}
    for group in loops(silent):
        flow, node = flows[group[0][0]], flows[group[0][0]].nodes[group[0][1]]
        findings.say(flow, node, "", "goes round without asking anything", "Ask something, or end it.")


def _name(place: Place, flow: Flow) -> str:
    return place[1] if place[0] == flow.id else f"{place[0]}/{place[1]}"


def _check_articles(flow: Flow, node: Node, articles: Mapping[str, Article], today: date, findings: _Findings) -> None:
    for ident in node.articles:
        article = articles.get(ident)
        if article is None:
            findings.say(
                flow, node, "articles", f"there is no article {ident}", "`agentassist kb list` shows every id."
            )
        elif article.audience is not Audience.CUSTOMER:
            findings.say(flow, node, "articles", f"article {ident} is internal", "A customer never gets it.")
        elif article.status is not Status.PUBLISHED:
            findings.say(
                flow, node, "articles", f"article {ident} is {article.status.value}", "Publish it, or take another."
            )
        elif not article.url:
            findings.say(flow, node, "articles", f"article {ident} has no url, so it cannot be sent", "Give it one.")
        elif article.expired(today):
            message = f"review of article {ident} was due on {article.review_by}, so it is not sent any more"
            findings.say(flow, node, "articles", message, "Check it and write a later day.", error=False)


def _check_labels(flow: Flow, node: Node, findings: _Findings) -> None:
    """Find answers and fields that a customer cannot tell apart."""
    for key, labels in (
        ("options", [(option.id, option.label, option.line) for option in node.options]),
        ("fields", [(item.id, item.label, item.line) for item in node.fields]),
    ):
        same: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for ident, label, line in labels:
            same[normal(label)].append((ident, line))
        for found in same.values():
            if len(found) > 1:
                message = f"has the same label as {found[0][0]}"
                findings.say(
                    flow, node, f"{key}.{found[1][0]}", message, "Say how they differ.", line=found[1][1], error=False
                )
    for item in node.fields:
        if item.type in _PRIVATE and not item.private:
            hint = "Write private: true, so that it is handled as such."
            message = f"{item.type.value} is personal data and not marked"
            findings.say(flow, node, f"fields.{item.id}", message, hint, line=item.line, error=False)


def _check_branch(flow: Flow, node: Node, findings: _Findings) -> None:
    """Find a branch that may have no case for what was answered."""
    if node.kind is not NodeKind.BRANCH or not node.cases or node.cases[-1].when is None:
        return
    asked = {case.when.answer for case in node.cases if case.when is not None and case.when.check is Check.IS}
    simple = len(asked) == 1 and all(case.when is not None and case.when.check is Check.IS for case in node.cases)
    question = flow.nodes.get(next(iter(asked))) if simple else None
    if question is not None and question.kind is NodeKind.CHOICE:
        said = {value for case in node.cases if case.when is not None for value in case.when.values}
        left = [option.id for option in question.options if option.id not in said]
        if not left:
            return
        message = f"has no case for {question.id} {', '.join(left)}"
    else:
        message = "has no case for everything else"
    findings.say(flow, node, "branch", message, "End it with - next: NODE, without when.", error=False)


def _check_words(flow: Flow, node: Node, findings: _Findings) -> None:
    labels = (*(option.label for option in node.options), *(item.label for item in node.fields))
    if any(_MARKUP.search(words) for words in (node.text, node.say, node.thanks, *labels)):
        hint = "Every text is shown as it is written, marks too."
        findings.say(flow, node, "", "holds what looks like markup", hint, error=False)
    foreign = not flow.language.lower().startswith("en")
    if node.kind is NodeKind.FORM and foreign and node.thanks == THANKS:
        hint = f"Write thanks: in the language of the tree, {flow.language}."
        findings.say(flow, node, "thanks", "would say its thanks in English", hint, error=False)
