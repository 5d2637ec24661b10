"""Loads what suggestions can be fitted on: a data set, a knowledge base with tests, or files of cases."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from agentassist.errors import EvaluationError
from agentassist.evaluation import cases, datasets
from agentassist.kb import library
from agentassist.models import Status
from agentassist.paths import sample_kb

if TYPE_CHECKING:
    from pathlib import Path

    from agentassist.evaluation.datasets import Case, Dataset

DEV, TEST = "dev", "test"


def load(folder: Path, split: str = "") -> Dataset:
    """Load the conversations in a folder.

    Args:
        folder: a data set (`datasets.load`); a knowledge base with a tests.yaml (`cases.of_knowledge_base`, all of it);
            or files of cases like tests.yaml, on the knowledge base that ships.
        split: only the cases of this split; empty takes all. Files of cases have two, `dev` and `test`: see `part`.

    Raises:
        NotFoundError: there is no such folder.
        EvaluationError: something in it cannot be used.
    """
    if datasets.is_dataset(folder) or not folder.is_dir():
        return datasets.load(folder, split)
    if (folder / cases.FILE).is_file():
        return cases.of_knowledge_base(folder)[0]
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise EvaluationError(
            f"{folder.name} holds nothing to ask",
            "Name a data set, a knowledge base with tests.yaml, or files of cases.",
        )
    loaded = library.load(sample_kb())
    published = [item for item in loaded.articles if item.article.status is Status.PUBLISHED and item.passages]
    known = {item.article.id for item in published}
    found = [test.case for file in files for test in cases.load(file, known).tests if split in {"", part(test.case)}]
    return datasets.Dataset(
        folder.resolve().name,
        tuple((item.article, item.passages) for item in published),
        tuple(case for case in found if case.right),
        tuple(case for case in found if not case.right),
    )


def part(case: Case) -> str:
    """Return which split a case of a file is in: about half of them each, by what its conversation is called."""
    return TEST if hashlib.sha256(case.dialog_id.encode()).digest()[0] % 2 else DEV
