"""Fits the numbers of `search.parameters` on conversations whose right articles are known.

The weights of the ranking are those under which the right articles get the greatest share of belief (the softmax of the
scores over the candidates); the weights of the confidence are a logistic regression on the first hits. Every data set
counts the same unless it is given another weight.
"""

from __future__ import annotations

import importlib.util
import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from agentassist.errors import EvaluationError, MissingExtraError
from agentassist.search import answers, build_model, confidence, ranking
from agentassist.search.parameters import EVIDENCE, SIGNS, STANDING, Parameters, Weighing
from agentassist.search.query import from_conversation
from agentassist.search.turns import FEATURES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from agentassist.evaluation.datasets import Dataset
    from agentassist.search.candidates import Candidates, Question
    from agentassist.search.index import Index

SHARE_OF_UNANSWERABLE = 1 / 3
"""How much the questions without an answer count when the confidence is fitted, in every set that has some: how common
they are at a desk nobody knows."""
SHOWN = 0.1
"""The share of unanswerable questions that may show a suggestion at the threshold."""
FEW, MINOR = 0.25, 0.3
"""A set of whose questions fewer than FEW are unanswerable says little of where one in ten of them is: it counts MINOR
when it is fitted whether there is an answer, its unanswerable questions SHARE_OF_UNANSWERABLE of that, and sets no
threshold."""
RIDGE = 2e-3
"""Holds the ranking's weights near where they begin: the plain reading of `START`. It was chosen by domains that were
left out of the fit: docs/search.md has what others give."""
CONFIDENCE_RIDGE = 10.0
"""Holds the weights of the confidence near zero. With 1 it keeps more of the right first suggestions where it was
fitted, and shows far more that are none where it was not (docs/search.md)."""
START_SHARES = (1.0, 0.4, 0.4, 0.3, 0.2, 0.2, 0.2, 0.0)
START = {"last": 0.5, "agent": -0.7, "age": -0.5}
"""Where the fit begins: every turn counts 0.6 of the one after it, an agent's half as much."""
STEPS = 80
BATCH = 256
"""Examples that are reckoned with at once."""


@dataclass(frozen=True, slots=True)
class Example:
    """One conversation: what speaks for each candidate, and which are right.

    Attributes:
        dataset: the name of its set.
        dialog_id: cases of one dialog stay together when a set is parted.
        answerable: some article of the set is right.
        right: which candidates are, shape (a,).
    """

    dataset: str
    dialog_id: str
    answerable: bool
    question: Question
    found: Candidates
    right: NDArray[np.bool_]


def require() -> None:
    """Check that what fits and measures is installed.

    Raises:
        MissingExtraError: the [build] extra is not, or not all of it.
    """
    missing = [name for name in ("torch", "sklearn") if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"fitting needs the [build] extra ({', '.join(missing)} is not installed)",
            f"Type: {build_model.install_line()}",
        )


def examples(
    dataset: Dataset, index: Index, today: date, *, by_meaning: bool, progress: Callable[[int, int], None]
) -> list[Example]:
    """Return what search sees of every conversation of a data set."""
    made = []
    cases = (*dataset.queries, *dataset.unanswerable)
    for number, case in enumerate(cases, start=1):
        query = from_conversation(case.entries)
        if query.parts:
            ids, question, found = index.evidence(query, today=today, by_meaning=by_meaning)
            right = np.array([name in case.right for name in ids], dtype=np.bool_)
            made.append(Example(dataset.name, case.dialog_id, bool(case.right), question, found, right))
        progress(number, len(cases))
    return made


def fit(some: Sequence[Example], weights: Mapping[str, float]) -> Weighing:
    """Fit ranking and confidence on examples.

    Args:
        some: of one or more data sets.
        weights: what a set counts against the others; 1 when it is not named.
    """
    return fit_confidence(some, fit_ranking([item for item in some if item.answerable and item.right.any()], weights))


def fit_ranking(some: Sequence[Example], weights: Mapping[str, float]) -> Weighing:
    """Fit the weights of turns and kinds of evidence, by L-BFGS. The confidence is left at zero.

    The same examples give the same numbers: it is reckoned in double precision by one thread, as the order in which
    threads add up would decide how far STEPS steps get.

    Raises:
        EvaluationError: there is no example.
    """
    import torch

    if not some:
        raise EvaluationError(
            "no right article is among those that are found", "Fitting needs queries whose right articles can be found."
        )
    sizes = {name: sum(item.dataset == name for item in some) for name in {item.dataset for item in some}}
    # Examples of about the same size stand together, so that little is filled up.
    order = sorted(some, key=lambda item: (len(item.found.evidence.turns), len(item.found.articles)))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        batches = [
            _Batch.of(part, [weights.get(item.dataset, 1.0) / sizes[item.dataset] for item in part])
            for part in (order[at : at + BATCH] for at in range(0, len(order), BATCH))
        ]
        turns, shares = _descended(batches)
    finally:
        torch.set_num_threads(threads)
    nothing = np.zeros(len(SIGNS), dtype=np.float32)
    return Weighing(_small(shares), _small(turns), nothing, nothing, 0.0)


def _descended(batches: Sequence[_Batch]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import torch

    held = [torch.tensor(values, dtype=torch.float64) for values in _start()]
    free = [values.clone().requires_grad_() for values in held]
    optimizer = torch.optim.LBFGS(free, max_iter=STEPS, line_search_fn="strong_wolfe", history_size=20)

    def loss() -> Any:
        optimizer.zero_grad()
        off = sum(((now - then) ** 2).sum() for now, then in zip(free, held, strict=True))
        total = RIDGE * off + sum(batch.loss(*free) for batch in batches)
        total.backward()
        return total

    optimizer.step(loss)
    turns, shares = (values.detach().numpy() for values in free)
    return turns, shares


def _start() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    turns = np.zeros((len(EVIDENCE), len(FEATURES)), dtype=np.float32)
    for name, value in START.items():
        turns[:, FEATURES.index(name)] = value
    turns[[EVIDENCE.index(kind) for kind in STANDING]] = 0
    return turns, np.array(START_SHARES, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Examples as tensors, filled up to the longest."""

    kinds: Any
    turns: Any
    there: Any
    candidates: Any
    right: Any
    weights: Any

    @classmethod
    def of(cls, some: Sequence[Example], weights: Sequence[float]) -> _Batch:
        import torch

        count = max(len(item.found.articles) for item in some)
        spoken = max(len(item.found.evidence.turns) for item in some)
        kinds = np.zeros((len(some), len(EVIDENCE), count, spoken), dtype=np.float64)
        turns = np.zeros((len(some), spoken, len(FEATURES)), dtype=np.float64)
        there = np.zeros((len(some), spoken), dtype=np.float64)
        candidates = np.zeros((len(some), count), dtype=np.bool_)
        right = np.zeros((len(some), count), dtype=np.bool_)
        for at, item in enumerate(some):
            _, a, t = item.found.evidence.kinds.shape
            kinds[at, :, :a, :t], turns[at, :t] = item.found.evidence.kinds, item.found.evidence.turns
            there[at, :t], candidates[at, :a], right[at, :a] = 1, True, item.right
        of = torch.tensor
        return cls(of(kinds), of(turns), of(there), of(candidates), of(right), of(np.array(weights, dtype=np.float64)))

    def loss(self, turns: Any, shares: Any) -> Any:
        from torch import einsum, log_softmax, logsumexp

        inside = einsum("ntf,kf->nkt", self.turns, turns).clamp(-8.0, 4.0).exp() * self.there[:, None, :]
        summed = einsum("nkat,nkt->nka", self.kinds, inside)
        mask = self.candidates[:, None, :].double()
        number = mask.sum(2, keepdim=True)
        centred = (summed - (summed * mask).sum(2, keepdim=True) / number) * mask
        deviation = ((centred**2).sum(2, keepdim=True) / number).clamp_min(1e-9).sqrt()
        scores = einsum("nka,k->na", centred / deviation, shares).masked_fill(~self.candidates, -1e4)
        belief = log_softmax(scores, 1)
        return -(logsumexp(belief.masked_fill(~self.right, -1e9), 1) * self.weights).sum()


@dataclass(frozen=True, slots=True)
class First:
    """The first hit of an example, as far as the confidence needs it.

    Attributes:
        rank: of the first right candidate, 0 when none is there.
        signs: shape (len(SIGNS),).
    """

    example: Example
    rank: int
    signs: NDArray[np.float32]


@ranking.FINITE
def first(item: Example, weighing: Weighing) -> First:
    """Return the first hit of an example under some weights."""
    if not len(item.found.articles):
        return First(item, 0, np.zeros(len(SIGNS), dtype=np.float32))
    scored = ranking.scores(weighing, item.found.evidence)
    rows = answers.best_passages(answers.passage_scores(weighing, item.found), item.found)
    cosines = answers.whole_cosines(item.question, item.found)[rows]
    fits = answers.fitting(item.found, cosines)
    signs = confidence.signs(item.question.said, item.found, scored, rows, cosines)
    order = [at for at in np.lexsort((np.arange(len(scored)), -scored)).tolist() if fits[at]]
    rank = next((place for place, at in enumerate(order, start=1) if item.right[at]), 0)
    return First(item, rank, signs[order[0]] if order else np.zeros(len(SIGNS), dtype=np.float32))


def fit_confidence(some: Sequence[Example], ranked: Weighing) -> Weighing:
    """Fit what each sign adds to the two logits, by Newton's method, and the threshold.

    That a hit is right is learned from the first hits of all examples; that there is an answer from the examples whose
    first hit is right against the unanswerable ones.
    """
    firsts = [first(item, ranked) for item in some if len(item.found.articles)]
    groups = [(item.example.dataset, item.example.answerable) for item in firsts]
    right = np.array([item.rank == 1 for item in firsts], dtype=np.float64)
    x = np.array([item.signs for item in firsts], dtype=np.float64)
    confident = _logistic(x, right, _balanced(groups, SHARE_OF_UNANSWERABLE))
    telling = np.array([item.rank == 1 or not item.example.answerable for item in firsts])
    if all(answerable for _, answerable in groups):
        answerable = confident
    else:
        chosen = [group for group, told in zip(groups, telling.tolist(), strict=True) if told]
        answerable = _logistic(x[telling], right[telling], _telling(chosen, _minor(groups)))
    made = Weighing(ranked.shares, ranked.turns, _small(confident), _small(answerable), 0.0)
    return replace(made, threshold=threshold(firsts, made))


def _small(values: NDArray[np.float64]) -> NDArray[np.float32]:
    # As many places as the file has, so that the threshold is of what it says.
    return np.round(values, 3).astype(np.float32)


def _balanced(groups: Sequence[tuple[str, bool]], unanswerable: float) -> NDArray[np.float64]:
    """Return weights under which every set counts the same, and unanswerable questions their share of it.

    A set without any counts as much as the answerable ones of the others.
    """
    number = Counter(groups)
    weight = [
        (1 - unanswerable if answerable else unanswerable) / number[name, answerable] for name, answerable in groups
    ]
    return np.array(weight) * len(weight) / sum(weight)


def _minor(groups: Sequence[tuple[str, bool]]) -> set[str]:
    """Return the sets with few unanswerable questions: see FEW."""
    number = Counter(groups)
    names = {name for name, _ in groups}
    return {name for name in names if number[name, False] < FEW * (number[name, False] + number[name, True])}


def _telling(groups: Sequence[tuple[str, bool]], minor: set[str]) -> NDArray[np.float64]:
    """Return weights for the question whether there is an answer: see FEW."""
    number = Counter(groups)
    weight = []
    for name, answerable in groups:
        unanswerable = SHARE_OF_UNANSWERABLE if name in minor else 0.5
        share = 1 - unanswerable if answerable else unanswerable
        weight.append((MINOR if name in minor else 1.0) * share / number[name, answerable])
    return np.array(weight) * len(weight) / sum(weight)


def _logistic(x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    scale = np.where(x.std(axis=0) > 1e-9, x.std(axis=0), 1.0)
    scaled, beta = x / scale, np.zeros(x.shape[1])
    ridge = CONFIDENCE_RIDGE * np.eye(x.shape[1])
    ridge[0, 0] = 1e-6
    for _ in range(60):
        p = 1 / (1 + np.exp(-(scaled @ beta)))
        gradient = scaled.T @ (weight * (y - p)) - ridge @ beta
        curve = (scaled * (weight * p * (1 - p))[:, None]).T @ scaled + ridge
        beta += np.linalg.solve(curve, gradient)
    return np.asarray(beta / scale, dtype=np.float64)


def threshold(firsts: Sequence[First], weighing: Weighing) -> float:
    """Return the least probability at which at most SHOWN of each set's unanswerable questions show a suggestion.

    Sets of which few are are left out when there is another: see FEW.
    """
    of: dict[str, list[float]] = {}
    for item in firsts:
        if not item.example.answerable:
            said = confidence.probabilities(weighing.answerable, item.signs[None, :])
            of.setdefault(item.example.dataset, []).append(float(said[0]))
    minor = _minor([(item.example.dataset, item.example.answerable) for item in firsts])
    many = [values for name, values in of.items() if name not in minor] or list(of.values())
    cuts = [float(np.quantile(values, 1 - SHOWN, method="higher")) for values in many]
    return math.ceil(max(cuts, default=0.5) * 1000 + 1) / 1000


def parameters_of(
    by_meaning: Sequence[Example], by_words: Sequence[Example], weights: Mapping[str, float]
) -> Parameters:
    """Fit everything."""
    return Parameters(fit(by_meaning, weights), fit(by_words, weights))
