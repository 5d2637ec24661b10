"""Puts candidates in order, chooses of each the passage to show, and says how likely each is right. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from agentassist import naming
from agentassist.search import confidence, parameters, ranking
from agentassist.search.candidates import FLOOR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from agentassist.models import Recalled
    from agentassist.search.candidates import Candidates, Question
    from agentassist.search.parameters import Parameters, Weighing


class Scored(NamedTuple):
    """A passage of an article, how well it answers, and its cosine with the whole of what was asked."""

    row: int
    score: float
    cosine: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An article that may answer.

    Attributes:
        article: its number.
        row: its best passage.
        score: only its order means anything.
        cosine: of the passage with the whole of what was asked; None without meaning.
        probability: how likely it is right, in [0, 1].
        recalled: what the memory says of it.
        passages: gives all that were looked at, the best first; none unless the question has a name, which decides
            then.
    """

    article: int
    row: int
    score: float
    cosine: float | None
    probability: float
    recalled: Recalled | None = None
    passages: Callable[[], tuple[Scored, ...]] = tuple


class Ranked(NamedTuple):
    """The answers in order.

    Attributes:
        answers: best first.
        answerable: how likely the knowledge base has an answer, in [0, 1].
        good: whether that is above the threshold.
    """

    answers: tuple[Answer, ...]
    answerable: float
    good: bool


@ranking.FINITE
def ranked(
    question: Question,
    found: Candidates,
    votes: Mapping[int, Recalled],
    *,
    keyword: bool,
    with_parameters: Parameters | None = None,
) -> Ranked:
    """Return the candidates that fit at all, best first; the ones that were typed by name before all others.

    Args:
        question: what was asked.
        found: the candidates.
        votes: what the memory says, by article number.
        keyword: words are all there is to go by.
        with_parameters: None takes those that ship.
    """
    if not len(found.articles):
        return Ranked((), 0.0, good=False)
    fitted = with_parameters or parameters.shipped()
    weighing = fitted.by_words if keyword else fitted.by_meaning
    scored = ranking.scores(weighing, found.evidence, found.found)
    rows, cosines, passages = _read(weighing, question, found)
    recalled = [votes.get(number) for number in found.articles.tolist()]
    votes_of = np.array([item.vote if item else 0.0 for item in recalled], dtype=np.float32)
    final = ranking.voted(scored, votes_of, found.found)
    signs = confidence.signs(question.said, found, scored, rows, cosines)
    likely = confidence.probabilities(weighing.confidence, signs)
    some = confidence.probabilities(weighing.answerable, signs)
    place = {number: at for at, number in enumerate(question.named)}
    fits = fitting(found, cosines) | np.isin(found.articles, [*question.named, *question.voted])
    order = sorted(
        np.flatnonzero(fits).tolist(),
        key=lambda at: (place.get(int(found.articles[at]), len(place)), -final[at], at),
    )
    if not order:
        return Ranked((), 0.0, good=False)
    numbers = found.articles.tolist()
    believed = [
        confidence.NAMED if numbers[at] in place else confidence.voted(float(likely[at]), recalled[at]) for at in order
    ]
    shown, near = found.rows[rows].tolist(), [None] * len(rows) if question.vectors is None else cosines.tolist()
    told = tuple(
        Answer(numbers[at], shown[at], float(final[at]), near[at], probability, recalled[at], partial(passages, at))
        for at, probability in zip(order, confidence.falling(believed), strict=True)
    )
    first = order[0]
    answerable = confidence.NAMED if told[0].article in place else confidence.voted(float(some[first]), recalled[first])
    return Ranked(told, answerable, answerable >= weighing.threshold)


def whole_cosines(question: Question, found: Candidates) -> NDArray[np.float32]:
    """Return the cosine of every passage with the whole of what was asked, shape (p,); zeros without meaning."""
    if question.vectors is None:
        return np.zeros(len(found.rows), dtype=np.float32)
    weights = np.array([turn.part.weight for turn in question.said], dtype=np.float32)
    length = float(np.linalg.norm(weights @ question.vectors))
    return np.asarray(np.clip(found.cosines @ weights / max(length, 1e-6), -1, 1), dtype=np.float32)


def passage_scores(weighing: Weighing, found: Candidates) -> NDArray[np.float32]:
    """Return how well each passage answers, shape (p,); only the order within an article means anything."""
    weights = ranking.turn_weights(weighing, found.evidence.turns)
    both = np.stack([found.cosines @ weights[0], found.words @ weights[1]]).astype(np.float32)
    return np.asarray(np.abs(weighing.shares[:2]) @ ranking.standard(both), dtype=np.float32)


def best_passages(scored: NDArray[np.float32], found: Candidates) -> NDArray[np.int64]:
    """Return of each article the place in `found.rows` of the passage that answers best, shape (a,)."""
    ends = np.append(found.first[1:], len(found.rows))
    return np.array(
        [start + int(np.argmax(scored[start:end])) for start, end in zip(found.first, ends, strict=True)],
        dtype=np.int64,
    )


def asked_names(question: Question) -> frozenset[str]:
    """Return the names with a number in what the customer said last: see `naming`."""
    return frozenset().union(
        *(naming.names(turn.part.text) for turn in question.said if not (turn.part.age or turn.by_agent))
    )


def _read(
    weighing: Weighing, question: Question, found: Candidates
) -> tuple[NDArray[np.int64], NDArray[np.float32], Callable[[int], tuple[Scored, ...]]]:
    """Return of each article the place of its best passage, that one's cosine, and what gives all of its passages.

    The last gives none where nothing was named. Few articles are ever shown, so it is asked only for those.
    """
    scored, cosines = passage_scores(weighing, found), whole_cosines(question, found)
    rows = best_passages(scored, found)
    if not asked_names(question):
        return rows, cosines[rows], lambda _: ()

    def passages(at: int) -> tuple[Scored, ...]:
        end = found.first[at + 1] if at + 1 < len(found.first) else len(found.rows)
        places = range(int(found.first[at]), int(end))
        made = (Scored(int(found.rows[place]), float(scored[place]), float(cosines[place])) for place in places)
        return tuple(sorted(made, key=lambda one: -one.score))

    return rows, cosines[rows], passages


def fitting(found: Candidates, cosines: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which articles have anything to do with the question: one of its words, or a meaning near enough."""
    return np.asarray((found.evidence.kinds[1:3].sum(axis=(0, 2)) > 0) | (cosines > FLOOR), dtype=np.bool_)
