"""Reading trees: what is right is used, what is wrong is told with file, line and field."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from agentassist.errors import ContentError
from agentassist.flows import load
from agentassist.flows.model import FieldType, NodeKind
from agentassist.kb import library
from agentassist.models import Journey

from .conftest import MAIN, Put

KB = Path(__file__).parents[3] / "kb"
HEAD = "title: T\nstart: a\n"
FORM = "  b:\n    form: F\n    next: z\n    fields:\n"
BRANCH = "  b:\n    branch:\n"
GOOD = "  a: {choice: 'Q?', options: {x: X}, next: z}\n  z: {person: P}\n"


def wrong(put: Put, text: str) -> list[tuple[int, str, str]]:
    """Return line, field and message of every problem of a tree."""
    found = load.read(put(text))
    assert not found.usable
    return [(problem.line, problem.field, problem.message) for problem in found.problems]


def test_a_whole_tree(put: Put) -> None:
    """Every kind of node, with its lines."""
    flow = load.load(put(MAIN, "main"))
    assert (flow.id, flow.title, flow.language, flow.journey, flow.region) == (
        "main", "Pairing", "en", Journey.ROUTINE, "PT",
    )  # fmt: skip
    assert [node.kind.value for node in flow.nodes.values()] == [
        "text", "choice", "choices", "branch", "form", "person", "bot", "end", "flow",
    ]  # fmt: skip
    form = flow.nodes["form"]
    assert (form.line, form.say, form.text, form.thanks) == (
        24, "Nearly there.", "Which order?", "Thank you, that is noted.",
    )  # fmt: skip
    assert [(item.type, item.required, item.private, item.line) for item in form.fields] == [
        (FieldType.PATTERN, True, False, 28), (FieldType.EMAIL, True, True, 29), (FieldType.PHONE, False, True, 30),
    ]  # fmt: skip
    assert [option.next for option in flow.nodes["signs"].options] == ["split"] * 3
    assert (flow.nodes["done"].solved, flow.nodes["bot"].solved) == (True, None)


def test_the_version_is_the_files(put: Put) -> None:
    """Another word, another version."""
    first = load.load(put(MAIN, "main")).version
    assert first == load.load(put(MAIN, "main")).version
    assert first != load.load(put(MAIN.replace("Hi", "Ho"), "main")).version


def test_plain_words_stay_words(put: Put) -> None:
    """Yes, no, numbers and days are what they are written as."""
    options = "{no: No, yes: 2026-11-30, 7: 007}"
    text = f"{HEAD}nodes:\n  a: {{choice: Q, options: {options}, next: z}}\n  z: {{end: on}}\n"
    flow = load.load(put(text))
    assert [(option.id, option.label) for option in flow.nodes["a"].options] == [
        ("no", "No"), ("yes", "2026-11-30"), ("7", "007"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(0, "", "is empty, or longer than 200,000 characters")]),
        ("- a\n", [(1, "", "decision tree is not a list of keys and values")]),
        (f"{HEAD}nodes: {{}}\n", [(3, "nodes", "has no node")]),
        ("title: T\nnodes:\n" + GOOD, [(1, "start", "is missing")]),
        (f"{HEAD}nodes:\n{GOOD}".replace("start: a", "start: b"), [(2, "start", "there is no node b")]),
        (f"{HEAD}nodes:\n{GOOD}colour: red\n", [(6, "colour", "unknown key")]),
        (f"{HEAD}journey: nice\nnodes:\n{GOOD}", [(3, "journey", "nice is not one of routine, complex, emotional")]),
        (f"{HEAD}language: '?'\nnodes:\n{GOOD}", [(3, "language", "? is not right")]),
        (f"{HEAD}region: Portugal\nnodes:\n{GOOD}", [(3, "region", "Portugal is not right")]),
        (f"id: other\n{HEAD}nodes:\n{GOOD}", [(1, "id", "is not the file's name, tree")]),
        (f"{HEAD}nodes:\n{GOOD}  b b: {{end: E}}\n", [(6, "nodes.b b", "b b cannot be an id")]),
        (f"{HEAD}nodes:\n{GOOD}  b: {{next: z}}\n", [(6, "nodes.b", "must say once what it does")]),
        (f"{HEAD}nodes:\n{GOOD}  b: {{end: E, bot: B}}\n", [(6, "nodes.b", "must say once what it does")]),
        (f"{HEAD}nodes:\n{GOOD}  b: {{text: E}}\n", [(6, "nodes.b.next", "is missing")]),
        (f"{HEAD}nodes:\n{GOOD}  b: {{text: E, next: q}}\n", [(6, "nodes.b.next", "there is no node q")]),
        (f"{HEAD}nodes:\n{GOOD}  z: {{end: E}}\n", [(6, "nodes.z", "is there twice")]),
        (f"{HEAD}nodes:\n{GOOD}  b: {{choice: 'C?', options: {{x: X}}}}\n",
         [(6, "nodes.b.options.x", "leads nowhere")]),
        (f"{HEAD}nodes:\n{GOOD}  b:\n    choice: C\n    options:\n      x: {{label: X, next: q}}\n",
         [(9, "nodes.b.options.x", "there is no node q")]),
        (f"{HEAD}nodes:\n{GOOD}  b: {{choices: 'C?', options: {{x: X}}, least: 2, next: z}}\n",
         [(6, "nodes.b.least", "must be a number from 0 to 1")]),
        (f"{HEAD}nodes:\n{GOOD}{FORM}      f: {{label: L, type: colour}}\n",
         [(10, "nodes.b.fields.f.type", "colour is not one of text, email, phone, number, date, pattern")]),
        (f"{HEAD}nodes:\n{GOOD}{FORM}      f: {{label: L, type: pattern}}\n",
         [(10, "nodes.b.fields.f", "needs a pattern with type: pattern, and only then")]),
        (f"{HEAD}nodes:\n{GOOD}{FORM}      f: {{label: L, type: pattern, pattern: '(a'}}\n",
         [(10, "nodes.b.fields.f.pattern", "pattern is not understood at character 1 ((a)")]),
        (f"{HEAD}nodes:\n{GOOD}{FORM}      f: {{label: L, least: 3}}\n",
         [(10, "nodes.b.fields.f", "has bounds, which only a number has")]),
        (f"{HEAD}nodes:\n{GOOD}{BRANCH}      - next: z\n      - next: a\n",
         [(9, "nodes.b.branch[1]", "is never reached: the one before it fits always")]),
        (f"{HEAD}nodes:\n{GOOD}{BRANCH}      - {{when: {{answer: q, is: x}}, next: z}}\n",
         [(8, "nodes.b.branch[0].when", "there is no question q")]),
        (f"{HEAD}nodes:\n{GOOD}{BRANCH}      - {{when: {{answer: a, is: y}}, next: z}}\n",
         [(8, "nodes.b.branch[0].when", "a has no option y")]),
        (f"{HEAD}nodes:\n{GOOD}{BRANCH}      - {{when: {{answer: a, above: 3}}, next: z}}\n",
         [(8, "nodes.b.branch[0].when", "a is a choice: it has no fields and is no number")]),
        (f"{HEAD}nodes:\n{GOOD}{BRANCH}      - {{when: {{answer: a}}, next: z}}\n",
         [(8, "nodes.b.branch[0].when", "must have answer: and one test")]),
        (f"{HEAD}nodes:\n{GOOD}  b: {{end: \"a\\e[2Jb\"}}\n",
         [(6, "nodes.b.end", "holds the control character U+001B")]),
        (f"{HEAD}nodes:\n{GOOD}  b: {{person: {'x' * 201}}}\n",
         [(6, "nodes.b.person", "has 201 characters, more than 200")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_line_and_field(put: Put, text: str, expected: list[tuple[int, str, str]]) -> None:
    """One mistake, one problem, at its place."""
    assert wrong(put, text) == expected


def test_one_error_names_the_first_and_how_many_more(put: Put) -> None:
    """What is raised is what a person needs to begin with."""
    with pytest.raises(ContentError) as caught:
        load.load(put(f"{HEAD}nodes:\n  a: {{text: T, next: q}}\n  b: {{text: T, next: r}}\n"))
    assert caught.value.message == "tree.yaml:4: error: nodes.a.next: there is no node q (and 1 more)"


def test_a_broken_tree_leaves_the_others(put: Put) -> None:
    """It is told and left out; the others go on."""
    put("nodes: [", "broken")
    put(f"{HEAD}nodes:\n{GOOD}", "good")
    put(f"{HEAD}nodes:\n{GOOD}", "bad name")
    folder = put("no tree at all", "notes").with_suffix(".yaml").parent
    loaded = load.load_all(folder)
    assert list(loaded.flows) == ["good"]
    assert {problem.path for problem in loaded.problems} == {"broken.yaml", "bad name.yaml", "notes.yaml"}


def test_no_folder_holds_no_tree(tmp_path: Path) -> None:
    """A knowledge base without trees is one."""
    assert load.load_all(tmp_path / "flows").flows == {}


def test_a_link_out_of_the_folder_is_refused(put: Put, tmp_path: Path) -> None:
    """A tree is read from its folder only."""
    outside = tmp_path / "outside.yaml"
    outside.write_text(f"{HEAD}nodes:\n{GOOD}", encoding="utf-8")
    link = put(MAIN, "main").with_name("link.yaml")
    link.symlink_to(outside)
    assert not load.read(link).usable


def test_only_what_a_customer_may_get_is_linked() -> None:
    """Internal, unpublished and expired articles have no link."""
    articles = library.load(KB).articles
    links = load.links_of(articles, date(2026, 11, 30))
    assert "pair-a-dial" in links
    assert "goodwill-credits" not in links  # internal
    assert "where-is-my-refund" not in links  # archived
    assert "moving-house" not in links  # a draft
    assert load.links_of(articles, date(2099, 1, 1)).keys() < links.keys()


MANY = f"{{{', '.join(f'o{n}: O{n}' for n in range(31))}}}"
HOSTILE = {
    "a bomb of aliases": "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n",
    "nested 5,000 deep": f"title: {'[' * 5_000}{']' * 5_000}\n",
    "mappings 5,000 deep": f"title: {'{a: ' * 5_000}x{'}' * 5_000}\n",
    "conditions too deep": f"{HEAD}nodes:\n{GOOD}  b: {{branch: [{{when: {'{not: ' * 40}x{'}' * 40}, next: z}}]}}\n",
    "a tag": f"{HEAD}nodes:\n  a: {{end: !!python/object/apply:os.system [ls]}}\n",
    "a merge": f"{HEAD}nodes:\n  a: {{<<: {{end: E}}}}\n",
    "two documents": f"{HEAD}nodes:\n{GOOD}---\n{HEAD}",
    "half a character": f'{HEAD}nodes:\n  a: {{end: "\\ud83d"}}\n',
    "100,000 nodes": HEAD + "nodes:\n" + "".join(f"  n{n}: {{end: E}}\n" for n in range(100_000)),
    "501 nodes": HEAD + "nodes:\n" + "".join(f"  n{n}: {{end: E}}\n" for n in range(501)),
    "31 options": f"{HEAD}nodes:\n  a: {{choice: Q, next: a, options: {MANY}}}\n",
    "a long text": f"{HEAD}nodes:\n  a: {{end: {'x' * 2_001}}}\n",
    "more than 1 MB": HEAD + "#" * 1_000_001,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_quickly(put: Put, name: str) -> None:
    """Each is told as a problem, none raises, none takes long."""
    started = time.process_time()
    found = load.read(put(HOSTILE[name]))
    assert time.process_time() - started < 5
    assert not found.usable
    assert all(str(problem).isprintable() for problem in found.problems)


def test_markup_in_labels_is_kept_as_it_is(put: Put) -> None:
    """The engine neither reads nor removes it: whoever shows it escapes it."""
    text = f"{HEAD}nodes:\n  a: {{choice: '<b>Q</b>', options: {{x: '[red]<script>'}}, next: z}}\n  z: {{person: P}}\n"
    flow = load.load(put(text))
    assert flow.nodes["a"].text == "<b>Q</b>"
    assert flow.nodes["a"].options[0].label == "[red]<script>"
    assert flow.nodes["a"].kind is NodeKind.CHOICE
