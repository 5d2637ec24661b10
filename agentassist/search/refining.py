"""What becomes of the answers once they are in order: the best are read anew by a re-ranker, and copies are folded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from agentassist.kb.passages import embedded_text
from agentassist.search import folding
from agentassist.search.reranker import reordered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from agentassist.search.answers import Answer
    from agentassist.search.candidates import Question, Sources
    from agentassist.search.lexical import Lexical
    from agentassist.search.reranker import BundleReranker

MOST_READ = 20
"""Answers that a re-ranker may get: more than it has time for on a CPU."""
MORE = 10
"""Answers beyond those that are wanted which are looked through for copies at first."""
MOST_PASSAGES = 256
"""Passages of an article that are held against those of another: to compare two books would take seconds."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that stays, and the numbers of the articles that were folded under it."""

    answer: Answer
    folded: tuple[int, ...] = ()


def reranked(
    question: Question, ranked: Sequence[Answer], words: Lexical, reranker: BundleReranker, budget_ms: float
) -> tuple[Answer, ...]:
    """Return answers as a re-ranker orders them, as many as it has time for.

    What was typed by name and what the memory knows stays where it is: of both it is known better than by reading.
    Scores and probabilities belong to the places: the first is as likely as the first was.

    Raises:
        SearchError: the passages cannot be read.
    """
    places = [at for at, item in enumerate(ranked) if item.article not in question.named and item.recalled is None]
    places = places[:MOST_READ]
    if len(places) < 2 or budget_ms <= 0:
        return tuple(ranked)
    chosen = [ranked[at] for at in places]
    records = {item.row: words.record(item.article).article for item in chosen}
    found = words.passages(list(records), {row: article.id for row, article in records.items()})
    texts = [embedded_text(article, found[row]) for row, article in records.items()]
    order = reordered(len(chosen), reranker.rerank(asked(question), texts, budget_ms))
    made = list(ranked)
    for at, new in zip(places, order, strict=True):
        made[at] = replace(chosen[new], score=ranked[at].score, probability=ranked[at].probability)
    return tuple(made)


def asked(question: Question) -> str:
    """Return what was said in the order in which it was said: of a long text a re-ranker reads the end."""
    said = sorted(question.said, key=lambda turn: (-turn.part.age, not turn.by_agent))
    return "\n".join(turn.part.text for turn in said)


def folded(question: Question, ranked: Sequence[Answer], limit: int, sources: Sources) -> tuple[Kept, ...]:
    """Return the best `limit` answers that say different things, with their copies folded under them.

    An article that was typed by name is never folded away.

    Args:
        question: what was asked.
        ranked: best first.
        limit: how many are wanted.
        sources: the parts of the index; without vectors nothing is folded.
    """
    words, vectors = sources.words, sources.vectors
    if vectors is None or limit <= 0:
        return tuple(map(Kept, ranked[:limit]))
    of = {item.article: item for item in ranked}
    alone = set(question.named[1:])

    def rows(number: int) -> NDArray[np.float32]:
        return vectors.some(np.array(sources.columns.passages_of(number)[:MOST_PASSAGES], dtype=np.int64))

    def apart(number: int) -> tuple[object, ...]:
        article = words.record(number).article
        return article.language, article.audience, number if number in alone else -1

    kept: list[tuple[int, tuple[int, ...]]] = []
    for some in _longer(list(of), limit + MORE):
        words.remember(some)
        kept = folding.fold(some, rows, lambda number: words.record(number).article.title, apart=apart)
        if len(kept) >= limit:
            break
    return tuple(Kept(of[number], under) for number, under in kept[:limit])


def _longer(order: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Yield the beginning of an order, and ever more of it."""
    while size < len(order):
        yield order[:size]
        size *= 2
    yield order
