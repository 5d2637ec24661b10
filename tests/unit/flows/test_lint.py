"""What a trainer is told of trees before a customer meets them."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from agentassist.flows.graph import graph, loops, reach, turned
from agentassist.flows.lint import lint
from agentassist.flows.model import Flow, Node, NodeKind

KB = Path(__file__).parents[3] / "kb"
TODAY = date(2026, 11, 30)
HEAD = "title: T\nstart: a\nnodes:\n"
PERSON = "  p: {person: P}\n"


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    """A knowledge base with articles of every kind."""
    for ident, more in {
        "good": "url: https://x.example/good",
        "inside": "url: https://x.example/i\naudience: internal",
        "draft": "url: https://x.example/d\nstatus: draft",
        "old": "url: https://x.example/o\nreview_by: 2026-01-01",
        "nowhere": "tags: [a]",
    }.items():
        head = f"---\nid: {ident}\ntitle: {ident}\n{more}\n---\nSome words.\n"
        (tmp_path / f"{ident}.md").write_text(head, encoding="utf-8")
    (tmp_path / "flows").mkdir()
    return tmp_path


def found(kb: Path, text: str, **others: str) -> list[str]:
    """Return what is told of a tree, one line each."""
    for name, content in {"tree": text, **others}.items():
        (kb / "flows" / f"{name}.yaml").write_text(content, encoding="utf-8")
    return [str(problem) for problem in lint(kb, TODAY)]


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ("  a: {choice: Q, options: {x: X}, next: p}\n" + PERSON, []),
        ("  a: {choice: Q, options: {x: X}, next: p}\n" + PERSON + "  q: {end: Q}\n",
         ["6: warning: nodes.q: is never reached"]),
        ("  a: {choice: Q, options: {x: X}, next: z}\n  z: {end: Z}\n",
         ["4: error: nodes.a: no person can be reached from here"]),
        ("  a: {bot: Say it.}\n", []),
        ("  a: {text: A, next: q}\n" + PERSON,
         ["4: error: nodes.a: no person can be reached from here",
          "4: error: nodes.a.next: there is no node q", "5: warning: nodes.p: is never reached"]),
        ("  a: {text: A, next: b}\n  b: {text: B, next: a}\n",
         ["4: error: nodes.a: goes round without a way out: a, b",
          "4: error: nodes.a: goes round without asking anything",
          "4: error: nodes.a: no person can be reached from here",
          "5: error: nodes.b: no person can be reached from here"]),
        ("  a: {choice: Q, options: {again: {label: Again, next: a}, p: {label: P, next: p}}}\n" + PERSON,
         ["4: warning: nodes.a: leads back to itself: a"]),
        ("  a: {flow: gone}\n", ["4: error: nodes.a.flow: there is no decision tree gone"]),
        ("  a: {text: A, next: p, articles: [good, gone, inside, draft, nowhere, old]}\n" + PERSON,
         ["4: error: nodes.a.articles: there is no article gone",
          "4: error: nodes.a.articles: article inside is internal",
          "4: error: nodes.a.articles: article draft is draft",
          "4: error: nodes.a.articles: article nowhere has no url, so it cannot be sent",
          "4: warning: nodes.a.articles: review of article old was due on 2026-01-01, so it is not sent any more"]),
        ("  a:\n    choice: Q\n    options:\n      x: Yes\n      y: 'yes '\n    next: p\n" + PERSON,
         ["8: warning: nodes.a.options.y: has the same label as x"]),
        ("  a:\n    form: Q\n    fields:\n      m: {label: Mail, type: email}\n    next: p\n" + PERSON,
         ["7: warning: nodes.a.fields.m: email is personal data and not marked"]),
        ("  a: {choice: Q, options: {x: X, y: Y}, next: b}\n"
         "  b: {branch: [{when: {answer: a, is: x}, next: p}]}\n" + PERSON,
         ["5: warning: nodes.b.branch: has no case for a y"]),
        ("  a: {choice: Q, options: {x: X}, next: b}\n"
         "  b: {branch: [{when: {answer: a, is: x}, next: p}]}\n" + PERSON, []),
        ("  a: {choice: Q, options: {x: X}, next: b}\n"
         "  b: {branch: [{when: {answer: a, has: x}, next: p}]}\n" + PERSON,
         ["5: warning: nodes.b.branch: has no case for everything else"]),
        ("  a: {choice: '<b>Q</b>', options: {x: X}, next: p}\n" + PERSON,
         ["4: warning: nodes.a: holds what looks like markup"]),
    ],
)  # fmt: skip
def test_findings(kb: Path, nodes: str, expected: list[str]) -> None:
    """Each with file, line, node and severity."""
    assert sorted(found(kb, HEAD + nodes)) == sorted(f"flows/tree.yaml:{line}" for line in expected)


def test_a_person_in_another_tree_counts(kb: Path) -> None:
    """A way that leads on through another tree is one; trees that lead to each other are a loop."""
    tree = HEAD + "  a: {choice: Q, options: {x: X}, next: go}\n  go: {flow: other}\n"
    assert found(kb, tree, other=HEAD + "  a: {person: P}\n") == []
    back = HEAD + "  a: {choice: Q, options: {x: {label: X, next: p}, y: {label: Y, next: go}}}\n  go: {flow: tree}\n"
    assert found(kb, tree, other=back + PERSON) == [
        "flows/other.yaml:4: warning: nodes.a: leads back to itself: a, go, tree/a, tree/go"
    ]


def test_thanks_in_another_language(kb: Path) -> None:
    """A tree in another language says its own thanks."""
    form = "  a: {form: Q, fields: {f: Wie}, next: p}\n".replace("f: Wie", "f: {label: Wie}")
    told = found(kb, "language: de\n" + HEAD + form + PERSON)
    assert told == ["flows/tree.yaml:5: warning: nodes.a.thanks: would say its thanks in English"]


def test_the_shipped_trees_are_clean() -> None:
    """No error and no warning, with the articles that ship."""
    assert lint(KB, TODAY) == ()


def test_hostile_texts_are_told_on_one_clean_line(kb: Path) -> None:
    """What a file says never reaches the terminal as more than text."""
    told = found(kb, HEAD + '  a: {text: A, next: "x\\e[2J\\u202e"}\n' + PERSON)
    assert all(line.isprintable() for line in told)


def chain(count: int, *, closed: bool) -> Flow:
    """Return a tree that is one long way, or one long circle."""
    ways = {f"n{n}": f"n{(n + 1) % count if closed else n + 1}" for n in range(count)}
    nodes = {ident: Node(ident, NodeKind.TEXT, "T", next=to) for ident, to in ways.items()}
    return Flow("f", "F", "n0", nodes)


@pytest.mark.parametrize("closed", [True, False])
def test_a_deep_tree_does_not_recurse(closed: bool) -> None:
    """20,000 nodes in a row are walked without a deep stack."""
    edges = graph({"f": chain(20_000, closed=closed)})
    assert len(reach(edges, [("f", "n0")])) == 20_000
    assert [len(group) for group in loops(edges)] == ([20_000] if closed else [])
    assert sum(map(len, turned(edges).values())) == sum(map(len, edges.values()))


def test_loops_are_found_apart() -> None:
    """Two circles that are joined by a way are two; what is in none is in none."""

    def place(name: str) -> tuple[str, str]:
        return ("f", name)

    ways = {"a": "b", "b": "ac", "c": "d", "d": "d", "e": "a"}
    edges = {place(name): tuple(place(to) for to in targets) for name, targets in ways.items()}
    assert sorted(loops(edges)) == [(place("a"), place("b")), (place("d"),)]


def test_a_copy_of_the_shipped_kb_without_articles_tells_each(tmp_path: Path) -> None:
    """Every article that a shipped tree names is one that lint looks for."""
    shutil.copytree(KB / "flows", tmp_path / "flows")
    assert sum("there is no article" in problem.message for problem in lint(tmp_path, TODAY)) > 20
