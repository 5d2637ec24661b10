"""A trainer's file of tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentassist.errors import EvaluationError
from agentassist.evaluation import cases
from agentassist.models import Author, EntryKind

KNOWN = ("pairing", "valve")
GOOD = """\
thresholds:
  hit@1: 0.8
  no_answer: 1
cases:
  - ask: where is the code?
    expect: pairing
    note: the first thing that is asked
  - turns:
      - tree: Heating
        question: What about?
      - bot: Did that help?
      - customer: "no"
    expect: [valve, pairing]
    domain: heat
    conversation: c1
  - ask: bicycles
    expect: none
"""


def load(folder: Path, text: str) -> cases.Tests:
    """Read tests from a file with this text."""
    file = folder / cases.FILE
    file.write_text(text, encoding="utf-8")
    return cases.load(file, KNOWN)


def test_everything_is_read(tmp_path: Path) -> None:
    """Questions, conversations, what is expected, and the thresholds are read, each with its line."""
    found = load(tmp_path, GOOD)
    assert found.thresholds == {"hit@1": 0.8, "no_answer": 1.0}
    first, second, third = found.tests
    assert (first.line, first.note, first.case.id) == (5, "the first thing that is asked", "tests.yaml:5")
    assert dict(second.case.right) == {"valve": 1.0, "pairing": 1.0}
    assert (second.case.domain, second.case.dialog_id) == ("heat", "c1")
    assert [entry.author for entry in second.case.entries] == [Author.CUSTOMER, Author.BOT, Author.CUSTOMER]
    assert second.case.entries[0].kind is EntryKind.CHOICE
    assert second.case.entries[2].text == "no"
    assert third.case.right == {}
    assert found.queries == (first.case, second.case)
    assert found.unanswerable == (third.case,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "tests.yaml: cases: holds no case"),
        ("cases: []\n", "cases: holds no case"),
        ("cases: hello\n", "tests.yaml:1: cases: must be a list"),
        ("case:\n  - ask: x\n", "tests.yaml:1: case: unknown key"),
        ("cases:\n  - ask: x\n", "tests.yaml:2: cases[0].expect: is missing"),
        ("cases:\n  - expect: none\n", "tests.yaml:2: cases[0]: needs either ask or turns"),
        ("cases:\n  - ask: x\n    expect:\n", "tests.yaml:3: cases[0].expect: is empty"),
        ("cases:\n  - ask: x\n    expect: []\n", "tests.yaml:3: cases[0].expect: is empty"),
        ("cases:\n  - ask: x\n    expect: valv\n", "no published article has the id valv"),
        ("cases:\n  - ask: x\n    expects: valve\n", "cases[0].expects: unknown key"),
        ("cases:\n  - turns: [{robot: x}]\n    expect: none\n", "cases[0].turns[0].robot: unknown key"),
        ("cases:\n  - turns: [{agent: x}]\n    expect: none\n", "must end with the customer's"),
        ("cases:\n  - ask: &a x\n    expect: none\n", "anchors and aliases are not allowed"),
        ("thresholds: {hit@2: 1}\ncases:\n  - ask: x\n    expect: none\n", "thresholds.hit@2: unknown key"),
        ("thresholds: {hit@1: 80}\ncases:\n  - ask: x\n    expect: valve\n", "must be a number from 0 to 1"),
        ("thresholds: {no_answer: 1}\ncases:\n  - ask: x\n    expect: valve\n", "thresholds.no_answer: there is no"),
        ("thresholds: {hit@1: 1}\ncases:\n  - ask: x\n    expect: none\n", "thresholds: there is no case that expects"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: str) -> None:
    """A file that cannot be used is refused with line and field."""
    with pytest.raises(EvaluationError) as refused:
        load(tmp_path, text)
    assert words in refused.value.message


def test_a_misspelled_id_gets_a_suggestion(tmp_path: Path) -> None:
    """An id that is nearly one that exists is offered that one."""
    with pytest.raises(EvaluationError) as refused:
        load(tmp_path, "cases:\n  - ask: x\n    expect: valv\n")
    assert refused.value.hint == "Did you mean valve?"


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """A trainer sees every mistake of a file, not one after the other; of very many the first ten."""
    with pytest.raises(EvaluationError) as refused:
        load(tmp_path, "cases:\n" + "  - ask: x\n    expect: nothing\n" * 12)
    assert refused.value.message.count("no published article") == 10
    assert refused.value.message.endswith("… and 2 more")


def test_problems_are_told_from_top_to_bottom(tmp_path: Path) -> None:
    """A misspelled key and what is missing for it come in the order of lines, and none is called an error again."""
    with pytest.raises(EvaluationError) as refused:
        load(tmp_path, "cases:\n  - ask: x\n    expcet: valve\n")
    assert refused.value.message.splitlines() == [
        "tests.yaml:2: cases[0].expect: is missing",
        "tests.yaml:3: cases[0].expcet: unknown key",
    ]
    assert refused.value.hint == "Did you mean expect?"


def test_the_documented_example_can_be_read(tmp_path: Path) -> None:
    """The example in docs/evaluation.md is a file of tests, for the knowledge base that ships."""
    page = (Path(__file__).parents[3] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n", 1)[1].split("```", 1)[0]
    file = tmp_path / cases.FILE
    file.write_text(example, encoding="utf-8")
    known = {path.stem for path in (Path(__file__).parents[3] / "kb" / "articles").glob("*.md")}
    assert len(cases.load(file, known).tests) == 3
