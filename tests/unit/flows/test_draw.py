"""Drawings: every node once in full, and texts that stay texts."""

from __future__ import annotations

import re

from agentassist.flows import load
from agentassist.flows.draw import Twig, mermaid, outline
from agentassist.flows.model import Flow

from .conftest import Put


def lines(twig: Twig, depth: int = 0) -> list[str]:
    """Return an outline as text."""
    way = f"{twig.way}: " if twig.way else ""
    return [f"{'  ' * depth}{way}{twig.line}", *(line for item in twig.twigs for line in lines(item, depth + 1))]


def test_an_outline(main: Flow) -> None:
    """From the start down; what was drawn is only named."""
    assert lines(outline(main)) == [
        "· Hi there. (hello)",
        "  ? Which device? (device)",
        "    Dial: ✎ Which order? (form)",
        "      → person Needs a look (human)",
        "    Valve: ?? What do you see? (signs)",
        "      ◇ (split)",
        "        signs has red or dark: ↩ form",
        "        not (device is dial): → bot Say it in your own words. (bot)",
        "        otherwise: ■ Bye. (done)",
        "    Other: ⇒ other (to-other)",
    ]


def test_a_flowchart(main: Flow) -> None:
    """A line for each node and each way."""
    chart = mermaid(main).splitlines()
    assert chart[0] == "flowchart TD"
    assert '  n1["Hi there."]' in chart
    assert '  n2{{"Which device?"}}' in chart
    assert '  n2 -->|"Dial"| n5' in chart
    assert '  n5[/"Which order?"/]' in chart
    assert '  n4 -->|"otherwise"| n8' in chart


def test_hostile_texts_stay_texts(put: Put) -> None:
    """Quotes, brackets, markup and newlines mean nothing in a drawing."""
    hostile = '"]; click n1 "javascript:alert(1)"\\n%%{init}%% <script> [red]#quot; `x` | \\u202e'
    text = 'title: T\nstart: a\nnodes:\n  a: {choice: "Q", options: {x: "{}"}, next: p}\n  p: {person: P}\n'
    escaped = hostile.replace('"', '\\"')
    flow = load.load(put(text.replace('"Q"', f'"{escaped}"').replace('"{}"', f'"{escaped}"')))
    for line in mermaid(flow).splitlines()[1:]:
        inner = re.fullmatch(r'  n1\{\{"([^"]*)"\}\}|  n1 -->\|"([^"]*)"\| n2|  n2\(\["([^"]*)"\]\)', line)
        assert inner is not None
        assert not set("".join(filter(None, inner.groups()))) & set('"[]{}<>|`')
    assert all(line.isprintable() for line in lines(outline(flow)))
