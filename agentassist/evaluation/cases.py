"""Reads a trainer's tests of a knowledge base: questions and short conversations, and what is to come first.

    thresholds:
      hit@1: 0.8
      no_answer: 0.9
    cases:
      - ask: the pairing code is gone
        expect: reset-dial-pairing-code
      - turns:
          - customer: my dial lost its code
          - agent: Which Dial is it?
          - customer: the old one
        expect: [reset-pairing-code-dial-1, reset-dial-pairing-code]
      - ask: do you sell boilers?
        expect: none

docs/evaluation.md tells what each field means.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from agentassist.errors import EvaluationError
from agentassist.evaluation.datasets import Case, Dataset
from agentassist.evaluation.records import ROLES, spoken
from agentassist.kb import files, frontmatter, library
from agentassist.kb.parts import Part
from agentassist.kb.problems import BrokenFileError, Problem, Report
from agentassist.models import Author, Entry, Status
from agentassist.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

FILE = "tests.yaml"
NONE = "none"
"""What `expect` says when no article fits."""
THRESHOLDS = ("hit@1", "hit@3", "hit@5", "recall@5", "mrr@10", "ndcg@10", "no_answer", "kept")
MAX_CASES = 5_000
_TOP = ("thresholds", "cases")
_CASE = ("ask", "turns", "expect", "note", "domain", "conversation")


@dataclass(frozen=True, slots=True)
class Test:
    """One thing to try.

    Attributes:
        case: what is asked, and what is right.
        line: where it is in the file; 1 is the first.
        note: why it is there, in the trainer's words; often empty.
    """

    __test__ = False  # pytest takes what is called Test for a test

    case: Case
    line: int
    note: str


@dataclass(frozen=True, slots=True)
class Tests:
    """A file of tests.

    Attributes:
        thresholds: the least that each measure may be, in [0, 1], by one of `THRESHOLDS`.
        tests: in the order of the file.
    """

    __test__ = False

    thresholds: Mapping[str, float]
    tests: tuple[Test, ...]

    @property
    def queries(self) -> tuple[Case, ...]:
        """The cases with at least one right article."""
        return tuple(test.case for test in self.tests if test.case.right)

    @property
    def unanswerable(self) -> tuple[Case, ...]:
        """The cases that no article answers."""
        return tuple(test.case for test in self.tests if not test.case.right)


def load(file: Path, known: Collection[str]) -> Tests:
    """Read a file of tests.

    Args:
        file: usually `tests.yaml` in the folder of a knowledge base.
        known: the ids of the articles that can be found.

    Raises:
        EvaluationError: it cannot be used; names file, line and field of what is wrong.
    """
    report = Report(file.name)
    try:
        node = frontmatter.compose(files.read(file).text, what="the file", above=0)
    except BrokenFileError as error:
        report.broken(error)
        node = None
    found = _Reader(known).tests(Part(node, report, "")) if node is not None else Tests({}, ())
    if not found.tests and not report.problems:
        report.error("holds no case", "Write one below cases:.", field="cases")
    elif not found.unanswerable and "no_answer" in found.thresholds:
        report.error("there is no case with expect: none to measure it with", field="thresholds.no_answer")
    elif not found.queries and set(found.thresholds) - {"no_answer"}:
        report.error("there is no case that expects an article to measure them with", field="thresholds")
    if report.problems:
        raise _refusal(report.problems)
    return found


def of_knowledge_base(folder: Path) -> tuple[Dataset, Tests]:
    """Load a knowledge base and its tests.

    Raises:
        NotFoundError: there is no such folder.
        EvaluationError: the tests cannot be used.
    """
    loaded = library.load(folder)
    published = [item for item in loaded.articles if item.article.status is Status.PUBLISHED and item.passages]
    tests = load(folder / FILE, {item.article.id for item in published})
    articles = tuple((item.article, item.passages) for item in published)
    return Dataset(folder.resolve().name, articles, tests.queries, tests.unanswerable), tests


def _refusal(problems: list[Problem]) -> EvaluationError:
    in_order = sorted(problems, key=lambda problem: problem.line)
    shown = "\n".join(clean_line(f"{problem.place}: {problem.words}") for problem in in_order[:10])
    more = f"\n… and {len(problems) - 10:,} more" if len(problems) > 10 else ""
    hints = dict.fromkeys(problem.hint for problem in in_order if problem.hint)
    return EvaluationError(shown + more, " ".join(list(hints)[:2]) or "docs/evaluation.md tells what each field means.")


class _Reader:
    """Makes tests of the parts of a file; what is wrong goes to the report of the parts."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = known

    def tests(self, top: Part) -> Tests:
        """Return what is in the whole file."""
        parts = top.mapping(_TOP, ("cases",))
        tests: list[Test] = []
        if "cases" in parts:
            listed = parts["cases"].node
            if not isinstance(listed, yaml.SequenceNode) or len(listed.value) > MAX_CASES:
                parts["cases"].wrong(f"must be a list of 1 to {MAX_CASES:,} cases", "Begin each case with a dash.")
            else:
                for number, item in enumerate(listed.value):
                    tests.append(self._test(Part(item, top.report, f"cases[{number}]")))
        return Tests(_thresholds(parts["thresholds"]) if "thresholds" in parts else {}, tuple(tests))

    def _test(self, part: Part) -> Test:
        parts = part.mapping(_CASE, ("expect",))
        if ("ask" in parts) == ("turns" in parts):
            part.wrong("needs either ask or turns", "ask is one question, turns is a list of who says what.")
        entries: tuple[Entry, ...] = ()
        if "ask" in parts:
            entries = (spoken(1, "customer", parts["ask"].text()),)
        elif "turns" in parts:
            entries = _turns(parts["turns"])
        right = self._expected(parts["expect"]) if "expect" in parts else {}
        ident = f"{part.report.path}:{part.line}"
        conversation = parts["conversation"].text() if "conversation" in parts else ident
        domain = parts["domain"].text() if "domain" in parts else ""
        note = parts["note"].text() if "note" in parts else ""
        return Test(Case(ident, conversation, domain, entries, right), part.line, note)

    def _expected(self, part: Part) -> dict[str, float]:
        alone = isinstance(part.node, yaml.ScalarNode)
        if alone and part.node.value == NONE:
            return {}
        items = part.items()
        if not items:
            part.wrong("is empty", f"Write the id of an article, or {NONE} when no article fits.")
        right: dict[str, float] = {}
        for item in items:
            if isinstance(item.node, yaml.ScalarNode) and item.node.value in ("", "~", "null"):
                item.wrong("is empty", f"Write the id of an article, or {NONE} when no article fits.")
                continue
            ident = item.text()
            if ident and ident not in self._known:
                near = difflib.get_close_matches(ident[:100], self._known, n=1)
                hint = f"Did you mean {near[0]}?" if near else "`agentassist kb list` shows every id."
                item.wrong(f"no published article has the id {ident[:100]}", hint)
            right[ident] = 1.0
        return right


def _turns(part: Part) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    for item in part.items():
        parts = item.mapping((*ROLES, "question"))
        roles = [role for role in ROLES if role in parts]
        if len(roles) != 1:
            item.wrong(f"must be one of {', '.join(ROLES)}", "Write for example - customer: it does not work.")
            continue
        question = parts["question"].text() if "question" in parts else ""
        entries.append(spoken(len(entries) + 1, roles[0], parts[roles[0]].text(), question))
    if entries and entries[-1].author is not Author.CUSTOMER:
        part.wrong("must end with the customer's", "It is the customer's last words that want an answer.")
    return tuple(entries)


def _thresholds(part: Part) -> dict[str, float]:
    return {name: value.number(0, 1) for name, value in part.mapping(THRESHOLDS).items()}
