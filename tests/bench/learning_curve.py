"""How much suggestions gain from what agents sent: MRR@10 after 0, 50, 200, 1,000 and all sends.

Conversations are split in two by a hash of their dialog. The right articles of the first half's arrive as sends, in an
order that a seed decides; the second half's ask, with the shipped search and memory. Printed beside it: queries whose
right articles were all never sent, and what they had without any memory, which must not be more than 0.02 better.

With --simulate the votes are added here to the ranking of a search without memory, VOTE deviations of the scores of the
first 100 for a whole vote. With --set NAME=VALUE a constant of `search.memory` has another value.
"""

from __future__ import annotations

import argparse
import hashlib
import random
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from _bench import CACHE, SHARED

from agentassist.evaluation import datasets
from agentassist.evaluation.indexing import open_index
from agentassist.models_memory import Deed, Did, Lesson
from agentassist.search import memory
from agentassist.search.memory import Lessons, unpacked
from agentassist.search.query import from_conversation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.evaluation.datasets import Case
    from agentassist.search.index import Index

SETS = ("doc2dial", "dstc11t5")
SENDS = (0, 50, 200, 1_000, None)
TODAY = date(2026, 1, 1)
CONSTANTS = ("NEAREST", "FLOOR", "SHARPNESS", "HALF", "VOTE")


def halves(cases: Sequence[Case], split: int) -> tuple[list[Case], list[Case]]:
    """Return the cases that teach and those that ask; all of a dialog are on one side."""
    salt = f"{split}:" if split else ""
    parts: tuple[list[Case], list[Case]] = ([], [])
    for case in cases:
        parts[hashlib.sha256(f"{salt}{case.dialog_id}".encode()).digest()[0] & 1].append(case)
    return parts


def taught(index: Index, cases: Sequence[Case], seed: int) -> list[Lesson]:
    """Return a lesson for each case, in the order in which they arrive: whole dialogs, shuffled."""
    dialogs = sorted({case.dialog_id for case in cases})
    random.Random(seed).shuffle(dialogs)
    number_of = {dialog: number for number, dialog in enumerate(dialogs, start=1)}
    lessons = []
    for search_id, case in enumerate(sorted(cases, key=lambda case: number_of[case.dialog_id]), start=1):
        result = index.search(from_conversation(case.entries), limit=1, today=TODAY)
        deeds = tuple(Deed(article, Did.SENT, TODAY) for article in case.right)
        lessons.append(Lesson(number_of[case.dialog_id], search_id, result.model, result.context, deeds))
    return lessons


def first(lessons: Sequence[Lesson], sends: int | None) -> list[Lesson]:
    """Return the lessons that so many sends make; None for all."""
    found: list[Lesson] = []
    count = 0
    for lesson in lessons:
        if sends is not None and count + len(lesson.deeds) > sends:
            break
        found.append(lesson)
        count += len(lesson.deeds)
    return found


def ranked(index: Index, case: Case, lessons: Lessons, *, simulate: bool) -> list[str]:
    """Return the ids of the first ten articles."""
    query = from_conversation(case.entries)
    if not simulate:
        hits = index.search(query, limit=10, today=TODAY, memory=lessons).hits
        return [hit.article.id for hit in hits]
    result = index.search(query, limit=100, today=TODAY)
    values = np.array([hit.score for hit in result.hits])
    scores = dict(
        zip([hit.article.id for hit in result.hits], (values - values.mean()) / (values.std() or 1.0), strict=True)
    )
    last = min(scores.values(), default=0.0)
    for article, said in lessons.recall(result.model, unpacked(result.context), TODAY).items():
        scores[article] = scores.get(article, last) + memory.VOTE * said.vote
    return sorted(scores, key=lambda article: -scores[article])[:10]


def reciprocal(ranking: Sequence[str], case: Case) -> float:
    """Return one over the rank of the first right article, 0 without one."""
    return next((1 / rank for rank, article in enumerate(ranking, start=1) if article in case.right), 0.0)


def curve(name: str, seed: int, split: int, *, simulate: bool) -> None:
    """Print a line for each number of sends."""
    dataset = datasets.load(SHARED / name, "dev")
    index = open_index(dataset, CACHE)
    teaching, asking = halves(dataset.queries, split)
    lessons = taught(index, teaching, seed)
    sent = sum(len(lesson.deeds) for lesson in lessons)
    print(f"{name}: {len(teaching)} queries teach with {sent} sends, {len(asking)} ask", flush=True)
    before: list[float] = []
    for sends in SENDS:
        if sends is not None and sends > sent:
            continue
        some = first(lessons, sends)
        known = {deed.article_id for lesson in some for deed in lesson.deeds}
        held = Lessons(some)
        now = [reciprocal(ranked(index, case, held, simulate=simulate), case) for case in asking]
        before = before or now
        never = [place for place, case in enumerate(asking) if not known & set(case.right)]
        had, has = (float(np.mean([values[place] for place in never])) for values in (before, now))
        print(
            f"  {'all' if sends is None else sends!s:>5} sends  MRR@10 {np.mean(now):.3f} "
            f"({np.mean(now) / np.mean(before):.2f} x)   never sent ({len(never):3}) {has:.3f} of {had:.3f}, "
            f"{has - had:+.3f}",
            flush=True,
        )
    index.close()


def main() -> None:
    """Print the curve of each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--split", type=int, default=0, help="another hash: which articles are never sent hangs on it")
    parser.add_argument("--simulate", action="store_true")
    parser.add_argument("--set", dest="given", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    for given in options.given:
        name, _, value = given.partition("=")
        if name not in CONSTANTS:
            parser.error(f"{name} is none of {', '.join(CONSTANTS)}")
        setattr(memory, name, type(getattr(memory, name))(float(value)))
    for name in options.sets:
        if not (SHARED / name).is_dir():
            print(f"{name}: not beside this checkout")
            continue
        curve(name, options.seed, options.split, simulate=options.simulate)


if __name__ == "__main__":
    main()
