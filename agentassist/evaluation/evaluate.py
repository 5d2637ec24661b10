"""Asks the search what a desk would ask it, for every conversation of a data set, and says how good the answers are."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.evaluation import metrics
from agentassist.evaluation.baselines import BM25, read
from agentassist.evaluation.metrics import DEPTH, MEASURES, Confidence, Interval, Judged
from agentassist.search.query import from_conversation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from agentassist.evaluation.baselines import Baselines
    from agentassist.evaluation.datasets import Case, Dataset
    from agentassist.models import SearchResult
    from agentassist.search.index import Index

SHIPPED = "shipped"
"""The name of what the desk does."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the search said to one case."""

    case: Case
    result: SearchResult

    @property
    def ranking(self) -> tuple[str, ...]:
        """The ids of the articles that were found, best first."""
        return tuple(hit.article.id for hit in self.result.hits)

    @property
    def first_is_right(self) -> bool:
        """Whether the first hit is a right article."""
        return bool(self.ranking) and self.ranking[0] in self.case.right

    @property
    def shown(self) -> bool:
        """Whether the desk shows a suggestion rather than "No good match"."""
        return bool(self.result.hits) and not self.result.no_match

    @property
    def probability(self) -> float:
        """How likely the first hit was said to be right; 0 when that is not known."""
        return (self.result.hits[0].probability or 0.0) if self.result.hits else 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """How good rankings are.

    Attributes:
        queries: how many were ranked.
        dialogs: the conversations that they are parts of.
        values: by measure, see `metrics.MEASURES`.
    """

    queries: int
    dialogs: int
    values: Mapping[str, Interval]


@dataclass(frozen=True, slots=True)
class System:
    """One way to rank, measured.

    Attributes:
        name: `SHIPPED`, or one of `baselines.NAMES`.
        overall: over all queries.
        domains: over the queries of each domain; empty when there are fewer than two.
        ahead: by how much `SHIPPED` has a better MRR@10 on the same queries; None for itself.
    """

    name: str
    overall: Figures
    domains: Mapping[str, Figures]
    ahead: Interval | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured on one data set.

    Attributes:
        systems: `SHIPPED` first; empty when no query has a right article.
        confidence: of what the desk does; None when nothing was asked.
        answers: of what the desk does, to every case, in order; the unanswerable ones last.
        degraded: why it was searched by less than everything; empty when all is well.
        milliseconds: the median of what a search took, with whatever was remembered.
    """

    name: str
    articles: int
    model: str
    systems: tuple[System, ...]
    confidence: Confidence | None
    answers: tuple[Answer, ...]
    degraded: str
    milliseconds: float


def questions(dataset: Dataset, compare: Sequence[str] = ()) -> Iterator[str]:
    """Yield the texts whose vectors `evaluate` will ask for, as far as can be known before."""
    for case in (*dataset.queries, *dataset.unanswerable):
        yield from (part.text for part in from_conversation(case.entries).parts)
    for name in compare:
        way, _, reading = name.partition("-")
        if way != BM25:
            yield from (text for case in dataset.queries if (text := read(case.entries, reading)).strip())


def sample(cases: Sequence[Case], limit: int, seed: int) -> tuple[Case, ...]:
    """Return at most so many cases, chosen at random, in their order; 0 takes all."""
    if not limit or len(cases) <= limit:
        return tuple(cases)
    chosen = sorted(random.Random(seed).sample(range(len(cases)), limit))  # noqa: S311 — no secret
    return tuple(cases[number] for number in chosen)


def evaluate(
    dataset: Dataset,
    index: Index,
    *,
    today: date,
    baselines: Baselines | None = None,
    compare: Sequence[str] = (),
    seed: int = 0,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> Evaluation:
    """Ask everything, and measure.

    Args:
        dataset: what to ask.
        index: of the data set's articles.
        today: the day on which it is asked; an article that is past its review then is not found.
        baselines: what ranks for `compare`.
        compare: some of `baselines.NAMES`.
        seed: of the resamples that the intervals come from.
        progress: called after each query with what is done, how many are, and of how many.

    Raises:
        MissingExtraError: what measures is not installed.
        SearchError: the index cannot be read.
    """
    metrics.require()
    answers = ask(index, (*dataset.queries, *dataset.unanswerable), today=today, progress=progress)
    rankings: dict[str, list[Sequence[str]]] = {SHIPPED: [answer.ranking for answer in answers[: len(dataset.queries)]]}
    if baselines is not None:
        for name in baselines.available(compare):
            rank = baselines.ranker(name, DEPTH)
            rankings[name] = []
            for done, case in enumerate(dataset.queries, start=1):
                rankings[name].append(rank(case.entries))
                progress(name, done, len(dataset.queries))
    took = sorted(answer.result.took_ms for answer in answers)
    return Evaluation(
        name=dataset.name,
        articles=len(dataset.articles),
        model=index.manifest.model,
        systems=measure(dataset.queries, rankings, seed),
        confidence=metrics.confidence([_judged(answer) for answer in answers]) if answers else None,
        answers=answers,
        degraded=next((answer.result.degraded for answer in answers if answer.result.degraded), ""),
        milliseconds=took[len(took) // 2] if took else 0.0,
    )


def ask(
    index: Index,
    cases: Sequence[Case],
    *,
    today: date,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> tuple[Answer, ...]:
    """Search for each case as the desk does.

    Raises:
        SearchError: the index cannot be read.
    """
    answers = []
    for done, case in enumerate(cases, start=1):
        found = index.search(from_conversation(case.entries), limit=DEPTH, today=today)
        answers.append(Answer(case, found))
        progress(SHIPPED, done, len(cases))
    return tuple(answers)


def measure(
    cases: Sequence[Case], rankings: Mapping[str, Sequence[Sequence[str]]], seed: int = 0
) -> tuple[System, ...]:
    """Return how good rankings are, with intervals.

    Args:
        cases: with right articles.
        rankings: article ids by system, a ranking for each case; the first system is what others are compared with.
        seed: of the resamples.
    """
    import numpy as np

    if not cases:
        return ()
    right = [case.right for case in cases]
    dialogs = np.array([case.dialog_id for case in cases], dtype=object)
    domain = np.array([case.domain for case in cases], dtype=object)
    known = sorted({case.domain for case in cases})
    groups = {name: domain == name for name in known} if len(known) > 1 else {}
    tables = {name: metrics.scores(some, right) for name, some in rankings.items()}
    first = next(iter(tables.values()))
    column = MEASURES.index("mrr@10")
    weights = metrics.resamples(list(dialogs), seed)

    systems = []
    for name, table in tables.items():
        overall = _figures(table, dialogs, weights)
        domains = {
            of: _figures(table[inside], dialogs[inside], metrics.resamples(list(dialogs[inside]), seed))
            for of, inside in groups.items()
        }
        ahead = None if table is first else metrics.interval(first[:, column] - table[:, column], weights)
        systems.append(System(name, overall, domains, ahead))
    return tuple(systems)


def _figures(table: NDArray[np.float64], dialogs: NDArray[np.object_], weights: NDArray[np.float64]) -> Figures:
    values = {name: metrics.interval(table[:, at], weights) for at, name in enumerate(MEASURES)}
    return Figures(len(table), len(set(dialogs)), values)


def _judged(answer: Answer) -> Judged:
    result = answer.result
    return Judged(bool(answer.case.right), answer.first_is_right, answer.probability, result.answerable, answer.shown)
