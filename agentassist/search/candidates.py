"""Gathers the articles that may answer a question, and what speaks for each of them turn by turn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from agentassist.search import pairs
from agentassist.search.ranking import FINITE, Evidence
from agentassist.search.turns import Said, described

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from agentassist.models import QueryPart
    from agentassist.search.columns import Allowed, Columns
    from agentassist.search.lexical import Lexical
    from agentassist.search.postings import Postings
    from agentassist.search.sequences import Sequences
    from agentassist.search.vectors import Vectors

READINGS = ((0.3, 0.3), (0.9, 0.4))
"""Two readings of a conversation for the first look: what a turn counts against the one after it, and an agent's
against a customer's. The first is right where the topic shifts, the second where the matter builds up; the ranking
weighs what both found. A single turn needs but one."""
TOP = 30
"""Articles that each reading may name by meaning, by the words of a passage and by those of the whole article. On the
dev sets the right one is among all that were named in 98 to 99 % of the conversations."""
_FIRST = 100
"""Passages that a search looks at closely at first: one that looks at more may name more articles."""
MOST_STEMS = 96
"""Stems that are looked for, the rarest: each costs as much as the passages that have it."""
MOST_PASSAGES = 48
"""Of an article with more passages only those are looked at closely that a reading found."""
MOST_TITLES = 4000
"""Titles whose stems are remembered: the articles that one message names are mostly those that the next one does."""
FLOOR = 0.25
"""An article that has none of the words is a hit only when a passage's cosine is above this: so are 95 % of the right
passages of doc2dial and mtrag (all-MiniLM-L6-v2), and words that mean nothing stay below it."""
_BM25_UNIT = 10.0


@dataclass(frozen=True, slots=True)
class Sources:
    """The parts of an open bundle that are searched; without vectors by words alone.

    Attributes:
        sequences: the passages' stems in order.
        stop: stems of the stop words.
        titles: the stems of titles that were looked at, with what each is worth, by the article's number.
    """

    words: Lexical
    columns: Columns
    postings: Postings
    by_article: Postings
    sequences: Sequences
    stop: frozenset[str]
    vectors: Vectors | None
    titles: dict[int, Mapping[str, float]] = field(default_factory=dict)


class Worded(NamedTuple):
    """What the words of a question find: it takes no vectors.

    Attributes:
        size: passages that each search looked at closely.
        articles: numbers of the articles that were named.
        rows: the passages that were found.
        more: see `Candidates`.
        pairs: the words that stand side by side, and which passages of these articles have them.
    """

    size: int
    articles: frozenset[int]
    rows: frozenset[int]
    more: bool
    pairs: pairs.Seen


@dataclass(frozen=True, slots=True)
class Question:
    """A query made ready.

    Attributes:
        said: the turns, heaviest first.
        vectors: a unit-length row a turn; None without meaning.
        by_words: whether words are looked for.
        allowed: what may be found at all.
        named: numbers of the articles that were typed by name: they come before all others.
        voted: numbers of the articles that the memory names.
        worded: what its words find, when that is known by now.
    """

    said: Sequence[Said]
    vectors: NDArray[np.float32] | None
    by_words: bool
    allowed: Allowed
    named: Sequence[int] = ()
    voted: Sequence[int] = ()
    worded: Worded | None = None

    @property
    def whole(self) -> NDArray[np.float32] | None:
        """The one unit-length vector of all turns by their weights, shape (d,); None without one."""
        if self.vectors is None:
            return None
        return _unit(np.array([turn.part.weight for turn in self.said], dtype=np.float32) @ self.vectors)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The articles that may answer; arrays of the same order.

    Attributes:
        articles: their numbers, ascending, shape (a,).
        rows: their passages that were looked at, article by article, shape (p,).
        first: where each article's passages begin in `rows`, shape (a,).
        cosines: of each passage with each turn, shape (p, t); zeros without meaning.
        words: BM25 of each passage for each turn, a tenth of it, shape (p, t).
        shares: of what a turn's words are worth, the part that a passage has, in [0, 1], shape (p, t).
        rests: the same of the words that are not in the article's title: it may be named and not asked about.
        evidence: what speaks for each article.
        total: how many passages the index has.
        found: which articles the question itself found or named, and not the memory alone, shape (a,); None for all.
        more: whether some search found as many as it could tell of, so that a deeper one may find more.
    """

    articles: NDArray[np.int64]
    rows: NDArray[np.int64]
    first: NDArray[np.int64]
    cosines: NDArray[np.float32]
    words: NDArray[np.float32]
    shares: NDArray[np.float32]
    rests: NDArray[np.float32]
    evidence: Evidence
    total: int = 0
    found: NDArray[np.bool_] | None = None
    more: bool = False


@FINITE
def ready(parts: Sequence[QueryPart], sources: Sources, small_talk: frozenset[str]) -> tuple[Said, ...]:
    """Look the words of a query's parts up.

    Args:
        parts: heaviest first.
        sources: know which stems there are.
        small_talk: stems that are left out, unless a turn has no other.
    """
    found = [
        [stem for stem in stems if stem not in small_talk] or list(stems)
        for stems in sources.words.stems([part.text for part in parts])
    ]
    counts = sources.postings.counts(dict.fromkeys(stem for stems in found for stem in stems))
    worth = sources.postings.idf(stem for stem, count in counts.items() if count)
    kept = set(sorted(worth, key=lambda stem: -worth[stem])[:MOST_STEMS])
    orders = sources.words.ordered([part.text for part in parts])
    return tuple(
        Said(
            part,
            {stem: worth[stem] for stem in stems if stem in kept},
            sum(not counts[stem] and stem.isalpha() for stem in stems),
            pairs.of(order, sources.stop),
        )
        for part, stems, order in zip(parts, found, orders, strict=True)
    )


@FINITE
def by_words(question: Question, sources: Sources, size: int) -> Worded:
    """Return what the words of a question find, none when it is not asked by words.

    Args:
        question: what is asked; its vectors are not looked at.
        sources: where it is looked for.
        size: passages that each search looks at closely.

    Raises:
        SearchError: the passages cannot be read.
    """
    named: set[int] = set()
    seen: set[int] = set()
    top, more = _top(size), False
    for weights in _readings(question) if question.by_words else ():
        stems = _stems(question.said, weights)
        rows, _ = sources.postings.best(stems, size, None if question.allowed.everything else question.allowed.mask)
        found, _ = sources.by_article.best(stems, top, question.allowed.articles)
        more |= _taken(rows, sources, size, named, seen) or len(found) >= top
        named.update(found.tolist())
    # What is read of these articles now is not waited for later.
    _titles_of(sources, sorted(named))
    of = sources.columns.passages_of_all(sorted(named))
    whole = [row for some in of if len(some) <= MOST_PASSAGES for row in some]
    beside = pairs.seen(question, sources, np.array(whole, dtype=np.int64))
    return Worded(size, frozenset(named), frozenset(seen), more, beside)


@FINITE
def gather(question: Question, sources: Sources, size: int) -> Candidates:
    """Return the articles that may answer, with what speaks for them.

    Args:
        question: what is asked.
        sources: where it is looked for.
        size: passages that each search looks at closely.

    Raises:
        SearchError: the passages cannot be read.
    """
    worded = question.worded
    if worded is None or worded.size != size:
        worded = by_words(question, sources, size)
        question = replace(question, worded=worded)
    named, seen, more = {*worded.articles, *question.named}, set(worded.rows), worded.more
    for weights in _readings(question):
        more |= _taken(_near(question, sources, weights, size), sources, size, named, seen)
    made = _examined(question, sources, sorted({*named, *question.voted}), seen, named)
    return replace(made, more=more)


def _readings(question: Question) -> list[list[float]]:
    """Return what each turn counts in each reading."""
    readings = READINGS if len(question.said) > 1 else READINGS[:1]
    return [
        [decay**turn.part.age * (agent if turn.by_agent else 1.0) for turn in question.said]
        for decay, agent in readings
    ]


def _top(size: int) -> int:
    return max(TOP, size * TOP // _FIRST)


def _taken(rows: NDArray[np.int64], sources: Sources, size: int, named: set[int], seen: set[int]) -> bool:
    """Add passages, best first, to those that were seen, and the first articles to those that were named.

    Returns:
        Whether a deeper search may find more.
    """
    articles = dict.fromkeys(sources.columns.article_of[rows].tolist())
    named.update(list(articles)[: _top(size)])
    seen.update(rows.tolist())
    return len(rows) >= size or len(articles) > _top(size)


def _near(question: Question, sources: Sources, weights: Sequence[float], size: int) -> NDArray[np.int64]:
    """Return the passages that one reading finds by meaning, best first."""
    allowed = question.allowed
    whole = None if question.vectors is None else _unit(np.array(weights, dtype=np.float32) @ question.vectors)
    if whole is None or sources.vectors is None:
        return np.zeros(0, dtype=np.int64)
    mask = None if allowed.everything else allowed.mask
    near = sources.vectors.nearest(whole, min(size, allowed.count), mask=mask, rows=allowed.rows)
    return near.rows[near.scores > FLOOR]


def _stems(said: Sequence[Said], weights: Sequence[float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for turn, weight in zip(said, weights, strict=True):
        for stem in turn.stems:
            found[stem] = found.get(stem, 0.0) + weight
    return found


def _examined(
    question: Question,
    sources: Sources,
    articles: Sequence[int],
    seen: AbstractSet[int],
    named: AbstractSet[int],
) -> Candidates:
    """Look at every passage of some articles for every turn."""
    rows: list[int] = []
    first: list[int] = []
    sizes: list[int] = []
    for of in sources.columns.passages_of_all(articles):
        first.append(len(rows))
        sizes.append(len(of))
        few = of if len(of) <= MOST_PASSAGES else [row for row in of if row in seen] or of[:MOST_PASSAGES]
        rows += few
    at, starts, count = np.array(rows, dtype=np.int64), np.array(first, dtype=np.int64), len(question.said)
    numbers = np.array(articles, dtype=np.int64)
    by_itself = np.isin(numbers, list(named))
    cosines = np.zeros((len(at), count), dtype=np.float32)
    if question.vectors is not None and sources.vectors is not None and len(at):
        exact = sources.vectors.exact(at, question.vectors)
        cosines = np.clip(np.nan_to_num(exact, nan=-1.0), -1.0, 1.0).astype(np.float32)
    found = _by_words(question, sources, at, numbers, starts)
    turns = described(question.said, question.vectors)
    kinds = [_greatest(cosines, starts), _greatest(found.words, starts), found.whole, found.titles, cosines[starts]]
    kinds += pairs.evidence(question, sources, at, starts, by_itself)
    kinds.append(np.repeat(np.log(np.maximum(np.array(sizes), 1))[:, None], count, axis=1))
    evidence = Evidence(turns, np.stack(kinds).astype(np.float32))
    total = len(sources.columns.article_of)
    return Candidates(numbers, at, starts, cosines, found.words, found.shares, found.rests, evidence, total, by_itself)


class _Words(NamedTuple):
    """What words say: as in `Candidates`, and of articles and titles as in `ranking.Evidence`."""

    words: NDArray[np.float32]
    shares: NDArray[np.float32]
    rests: NDArray[np.float32]
    whole: NDArray[np.float32]
    titles: NDArray[np.float32]


def _by_words(
    question: Question,
    sources: Sources,
    rows: NDArray[np.int64],
    articles: NDArray[np.int64],
    starts: NDArray[np.int64],
) -> _Words:
    said = question.said
    worth = {stem: value for turn in said for stem, value in turn.stems.items()} if question.by_words else {}
    stems = list(worth)
    has = np.array([[stem in turn.stems for turn in said] for stem in stems], dtype=np.float32)
    has = has.reshape(len(stems), len(said))
    values = has * np.array([worth[stem] for stem in stems], dtype=np.float32)[:, None]
    unknown = np.array([turn.unknown for turn in said], dtype=np.float32)
    rarest = max(worth.values(), default=1.0)
    of_passages = sources.postings.table(stems, rows)
    there = (of_passages > 0).astype(np.float32)
    shares = there.T @ values / np.maximum(values.sum(axis=0) + unknown * rarest, rarest)
    titles, outside = _titles(question, sources, articles, stems, has)
    out = np.repeat(outside, np.diff(np.append(starts, len(rows))), axis=1) if len(starts) else there
    rests = (there * out).T @ values / np.maximum(out.T @ values + unknown * rarest, rarest)
    whole = sources.by_article.table(stems, articles).T @ has / _BM25_UNIT
    return _Words(of_passages.T @ has / _BM25_UNIT, shares, rests, whole, titles)


def _titles(
    question: Question,
    sources: Sources,
    articles: NDArray[np.int64],
    stems: Sequence[str],
    has: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how much of each title each turn has, by what its words are worth, in [0, 1], shape (a, t).

    And 1 for each stem that is not in an article's title, shape (len(stems), a).
    """
    worths = np.zeros((len(articles), len(stems)))
    if not question.by_words:
        return np.zeros((len(articles), len(question.said)), dtype=np.float32), (worths == 0).T.astype(np.float32)
    place = {stem: at for at, stem in enumerate(stems)}
    wholes = np.zeros(len(articles))
    for at, title in enumerate(_titles_of(sources, articles.tolist())):
        wholes[at] = sum(title.values())
        for stem in title.keys() & place.keys():
            worths[at, place[stem]] = title[stem]
    found = (worths @ has) / np.maximum(wholes, 1e-6)[:, None]
    return found.astype(np.float32), (worths == 0).T.astype(np.float32)


def _titles_of(sources: Sources, articles: Sequence[int]) -> list[Mapping[str, float]]:
    """Return the stems of some articles' titles, with what each is worth for being rare."""
    words, known = sources.words, sources.titles
    if len(known) > MOST_TITLES:
        known.clear()
    new = [number for number in articles if number not in known]
    if new:
        titles = words.stems(words.titles(new))
        worth = sources.by_article.idf(dict.fromkeys(stem for title in titles for stem in title))
        known.update((number, {stem: worth[stem] for stem in title}) for number, title in zip(new, titles, strict=True))
    return [known[number] for number in articles]


def _greatest(values: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.maximum.reduceat(values, starts, axis=0) if len(starts) else values[:0]


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32] | None:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length, dtype=np.float32) if length > 1e-6 else None
