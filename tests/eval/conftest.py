"""The conversations on the shipped knowledge base, in two parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentassist.evaluation import sets
from agentassist.kb import library
from agentassist.models import Article, Status
from agentassist.paths import sample_kb

if TYPE_CHECKING:
    from agentassist.evaluation.datasets import Case

CONTEXTS = Path(__file__).parent / "contexts"
TODAY = date(2026, 12, 1)
"""The day on which everything is asked: what is past its review then stays past it."""


@dataclass(frozen=True)
class Contexts:
    """All cases.

    Attributes:
        cases: in the order of the files; `dialog_id` is a case's name, `domain` its kind.
        articles: those of the knowledge base that may be suggested on the day, by id.
    """

    cases: tuple[Case, ...]
    articles: dict[str, Article]

    @staticmethod
    def in_test_part(case: Case) -> bool:
        """Say whether nobody may fit anything to a case."""
        return sets.part(case) == sets.TEST


@pytest.fixture(scope="session")
def today() -> date:
    """The day on which everything is asked."""
    return TODAY


@pytest.fixture(scope="session")
def contexts(today: date) -> Contexts:
    """Every conversation of the evaluation set."""
    from agentassist.evaluation import cases

    loaded = (item.article for item in library.load(sample_kb()).articles)
    articles = {item.id: item for item in loaded if item.status is Status.PUBLISHED and not item.expired(today)}
    files = sorted(CONTEXTS.glob("*.yaml"))
    return Contexts(tuple(test.case for file in files for test in cases.load(file, articles).tests), articles)
