"""How much suggestions gain from what agents sent: MRR@10 after 0, 50, 200, 1,000 and all sends.

Conversations are split in two by a hash of their dialog. The right articles of the first half's arrive as sends, in an
order that a seed decides; the second half's ask, with the shipped search and memory. What each send is worth follows,
as at a desk, from what the search with the memory of then suggested. Printed beside it: queries whose right articles
were all never sent, and what they had without any memory, which must not be more than 0.02 better.

With --splits N the conversations are split in N ways, with none and with all sends only, and the mean and the worst are
printed. With --set NAME=VALUE a constant of `search.memory` or `search.ranking` has another value.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import random
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from _bench import CACHE, SHARED

from agentassist.evaluation import datasets
from agentassist.evaluation.indexing import open_index
from agentassist.models_memory import Deed, Did, Lesson, expected
from agentassist.search import memory, ranking
from agentassist.search.memory import Lessons
from agentassist.search.query import from_conversation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.evaluation.datasets import Case
    from agentassist.search.index import Index

SETS = ("doc2dial", "dstc11t5")
SENDS = (0, 50, 200, 1_000, None)
SUGGESTED = 5
"""Articles that an agent sees: what was expected of the one that is sent is reckoned among them."""
TODAY = date(2026, 1, 1)
CONSTANTS = {
    **dict.fromkeys(("NEAREST", "FEWEST", "ONE_IN", "CLOSE", "FLOOR", "SHARPNESS", "HALF", "EXPECTED"), memory),
    "VOTE": ranking,
}


class Point(NamedTuple):
    """What the asking half has after so many sends.

    Attributes:
        mrr: MRR@10.
        never: queries whose right articles were all never sent.
        has: MRR@10 of these.
        had: the same without any memory.
    """

    mrr: float
    never: int
    has: float
    had: float


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
    ordered = enumerate(sorted(cases, key=lambda case: number_of[case.dialog_id]), start=1)
    lessons: list[Lesson] = []
    held = Lessons()
    for number, some in itertools.groupby(ordered, key=lambda item: number_of[item[1].dialog_id]):
        new = [lesson(index, case, number, search_id, held) for search_id, case in some]
        held.learn(new)
        lessons += new
    return lessons


def lesson(index: Index, case: Case, conversation_id: int, search_id: int, held: Lessons) -> Lesson:
    """Return what is learned when the right articles of a case are sent."""
    result = index.search(from_conversation(case.entries), limit=SUGGESTED, today=TODAY, memory=held)
    believed = expected({hit.article.id: hit.score for hit in result.hits})
    deeds = (Deed(article, Did.SENT, TODAY, surprise=1 - believed.get(article, 0.0)) for article in case.right)
    return Lesson(conversation_id, search_id, result.model, result.context, tuple(deeds))


def first(lessons: Sequence[Lesson], sends: int | None) -> list[Lesson]:
    """Return the lessons that so many sends make; None for all."""
    found: list[Lesson] = []
    count = 0
    for item in lessons:
        if sends is not None and count + len(item.deeds) > sends:
            break
        found.append(item)
        count += len(item.deeds)
    return found


def reciprocal(index: Index, case: Case, held: Lessons) -> float:
    """Return one over the rank of the first right article among the first ten, 0 without one."""
    hits = index.search(from_conversation(case.entries), limit=10, today=TODAY, memory=held).hits
    return next((1 / hit.rank for hit in hits if hit.article.id in case.right), 0.0)


def curve(index: Index, cases: Sequence[Case], seed: int, split: int, amounts: Sequence[int | None]) -> list[Point]:
    """Print and return a point for each number of sends; the first must be 0."""
    teaching, asking = halves(cases, split)
    lessons = taught(index, teaching, seed)
    sent = sum(len(item.deeds) for item in lessons)
    print(f"  split {split}: {len(teaching)} queries teach with {sent} sends, {len(asking)} ask", flush=True)
    before: list[float] = []
    points = []
    for sends in amounts:
        if sends is not None and sends > sent:
            continue
        some = first(lessons, sends)
        known = {deed.article_id for item in some for deed in item.deeds}
        held = Lessons(some)
        now = [reciprocal(index, case, held) for case in asking]
        before = before or now
        never = [place for place, case in enumerate(asking) if not known & set(case.right)]
        had, has = (float(np.mean([values[place] for place in never])) for values in (before, now))
        points.append(Point(float(np.mean(now)), len(never), has, had))
        print(
            f"  {'all' if sends is None else sends!s:>5} sends  MRR@10 {np.mean(now):.3f} "
            f"({np.mean(now) / np.mean(before):.2f} x)   never sent ({len(never):3}) {has:.3f} of {had:.3f}, "
            f"{has - had:+.3f}",
            flush=True,
        )
    return points


def summary(curves: Sequence[Sequence[Point]]) -> None:
    """Print the mean and the worst of several splits, each with none and with all sends."""
    none, every = (np.array([points[at].mrr for points in curves]) for at in (0, -1))
    never = np.array([points[-1].has - points[-1].had for points in curves])
    ratio = every / none
    print(
        f"  {len(curves)} splits: without {none.mean():.4f}, with all {every.mean():.4f} (worst {every.min():.3f}), "
        f"{ratio.mean():.2f} x (worst {ratio.min():.2f}); never sent {never.mean():+.3f} (worst {never.min():+.3f})",
        flush=True,
    )


def main() -> None:
    """Print the curve of each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--split", type=int, default=0, help="another hash: which articles are never sent hangs on it")
    parser.add_argument(
        "--splits", type=int, default=0, help="so many splits, from --split on, and what they have in all"
    )
    parser.add_argument("--set", dest="given", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    for given in options.given:
        name, _, value = given.partition("=")
        if name not in CONSTANTS:
            parser.error(f"{name} is none of {', '.join(CONSTANTS)}")
        setattr(CONSTANTS[name], name, type(getattr(CONSTANTS[name], name))(float(value)))
    for name in options.sets:
        if not (SHARED / name).is_dir():
            print(f"{name}: not beside this checkout")
            continue
        print(name, flush=True)
        dataset = datasets.load(SHARED / name, "dev")
        index = open_index(dataset, CACHE)
        splits = range(options.split, options.split + max(options.splits, 1))
        amounts = (0, None) if options.splits else SENDS
        curves = [curve(index, dataset.queries, options.seed, split, amounts) for split in splits]
        if options.splits:
            summary(curves)
        index.close()


if __name__ == "__main__":
    main()
