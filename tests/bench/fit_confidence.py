"""Fits the constants of `search/confidence.py`, and says how well they do: `python tests/bench/fit_confidence.py`.

Each set of ../shared/data is indexed as the product does it. Asked are its conversations, those that it says it cannot
answer, and ones of the other sets (which it cannot answer either). Each of the first five hits is one case: right or
not. First every set is judged with constants that were fitted on the two others, then the constants are fitted on all.
The sets are development data: fit on nothing else.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
from _bench import SHARED, entries, lines
from quality import SETS, open_set, relevant

from agentassist.models import Mode
from agentassist.search import confidence
from agentassist.search.confidence import Evidence, Weights
from agentassist.search.query import from_conversation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from agentassist.search.index import Index

MODES = {"BY_MEANING": Mode.HYBRID, "BY_WORDS": Mode.KEYWORD}
ANSWERED, UNANSWERED, FOREIGN = "answered", "unanswered", "foreign"
SHARE_OF_UNANSWERED = 1 / 3
"""How much the conversations without an answer count, in every set: how common they are at a desk nobody knows."""


@dataclass(frozen=True)
class Case:
    """One search: what speaks for each hit, and whether it is right."""

    name: str
    kind: str
    evidence: tuple[Evidence, ...]
    right: tuple[bool, ...]


def cases(index: Index, name: str, kind: str, queries: Sequence[dict[str, Any]], mode: Mode) -> list[Case]:
    """Search, and keep what speaks for each hit."""
    right = relevant(name) if kind == ANSWERED else {}
    made = []
    for item in queries:
        seen: list[Evidence] = []

        def remember(evidence: Evidence, seen: list[Evidence] = seen) -> float:
            seen.append(evidence)
            return 0.5

        with mock.patch.object(confidence, "probability", remember):
            query = from_conversation(entries(item["turns"]))
            found = index.search(query, mode=mode, limit=5, today=date(2026, 1, 1))
        good = right.get(item["id"], set())
        made.append(Case(name, kind, tuple(seen), tuple(hit.article.id in good for hit in found.hits)))
    return made


def gather(limit: int, folder: Path) -> dict[str, list[Case]]:
    """Return the cases of all sets, by mode."""
    chosen = random.Random(0)

    def some(name: str, file: str, number: int) -> list[dict[str, Any]]:
        path = SHARED / name / file
        found = lines(path) if path.is_file() else []
        return chosen.sample(found, min(number, len(found)))

    made: dict[str, list[Case]] = {name: [] for name in MODES}
    for name in SETS:
        asked = {
            ANSWERED: some(name, "queries.jsonl", limit),
            UNANSWERED: some(name, "queries_no_article.jsonl", limit),
            FOREIGN: [item for other in SETS if other != name for item in some(other, "queries.jsonl", limit // 4)],
        }
        index = open_set(name, folder / name)
        for model, mode in MODES.items():
            for kind, queries in asked.items():
                made[model] += cases(index, name, kind, queries, mode)
        index.close()
        print(f"{name}: {', '.join(f'{len(queries)} {kind}' for kind, queries in asked.items())}", flush=True)
    return made


def facts(evidence: Evidence) -> tuple[float, float, float, float]:
    """Return what is multiplied with the weights, in their order."""
    return 1.0, evidence.cosine or 0.0, evidence.lead, evidence.share


def fit(some: Sequence[Case]) -> Weights:
    """Fit by Newton's method; every set counts the same, and so does every search of its kind."""
    rows, labels, counts = [], [], []
    groups: dict[tuple[str, bool], int] = {}
    for case in some:
        group = case.name, case.kind == ANSWERED
        groups[group] = groups.get(group, 0) + 1
    for case in some:
        answered = case.kind == ANSWERED
        share = 1 - SHARE_OF_UNANSWERED if answered else SHARE_OF_UNANSWERED
        for evidence, good in zip(case.evidence, case.right, strict=True):
            rows.append(facts(evidence))
            labels.append(good)
            counts.append(share / groups[case.name, answered])
    x, y, weight = np.array(rows), np.array(labels, dtype=float), np.array(counts)
    weight *= len(weight) / weight.sum()
    used = x.std(axis=0) > 0
    used[0] = True
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-(x[:, used] @ beta[used])))
        gradient = x[:, used].T @ (weight * (y - p)) - 1e-3 * beta[used]
        curve = (x[:, used] * (weight * p * (1 - p))[:, None]).T @ x[:, used] + 1e-3 * np.eye(int(used.sum()))
        beta[used] += np.linalg.solve(curve, gradient)
    return Weights(*(round(float(value), 2) for value in beta))


def judge(some: Sequence[Case], weights: Weights) -> list[NDArray[np.float64]]:
    """Return the probabilities of each case's hits."""
    beta = np.array([weights.constant, weights.cosine, weights.lead, weights.share])
    return [
        1 / (1 + np.exp(-(np.array([facts(item) for item in case.evidence]).reshape(-1, 4) @ beta))) for case in some
    ]


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return how often a positive is above a negative; equal ones count half."""
    if not positive or not negative:
        return float("nan")
    a, b = np.array(positive)[:, None], np.array(negative)[None, :]
    return float((a > b).mean() + 0.5 * (a == b).mean())


def report(title: str, some: Sequence[Case], weights: Weights, threshold: float) -> None:
    """Print how good probabilities are, and what the threshold does."""
    judged = list(zip(some, judge(some, weights), strict=True))
    flat = [(float(p), good) for case, row in judged for p, good in zip(row, case.right, strict=True)]
    brier = np.mean([(p - good) ** 2 for p, good in flat])
    rate = np.mean([good for _, good in flat])
    best = {
        kind: [float(max(row, default=0.0)) for case, row in judged if case.kind == kind]
        for kind in (ANSWERED, UNANSWERED, FOREIGN)
    }
    first_right = [float(max(row)) for case, row in judged if case.right[:1] == (True,)]
    line = f"{title:11} Brier {brier:.3f} (always the mean: {rate * (1 - rate):.3f})"
    for kind in (UNANSWERED, FOREIGN):
        line += f"  AUROC {kind} {auroc(best[ANSWERED], best[kind]):.2f}"
    shown = {kind: np.mean([p >= threshold for p in best[kind]]) if best[kind] else float("nan") for kind in best}
    kept = np.mean([p >= threshold for p in first_right]) if first_right else float("nan")
    print(f"{line}  at {threshold}: shown answered {shown[ANSWERED]:.2f}, right first kept {kept:.2f},", end="")
    print(f" unanswered {shown[UNANSWERED]:.2f}, foreign {shown[FOREIGN]:.2f}", flush=True)


def calibration(some: Sequence[Case], weights: Weights) -> None:
    """Print how often hits of about the same probability are right."""
    judged = zip(some, judge(some, weights), strict=True)
    flat = [(float(p), good) for case, row in judged for p, good in zip(row, case.right, strict=True)]
    cells = []
    for low in np.arange(0, 1, 0.2):
        inside = [good for p, good in flat if low <= p < low + 0.2]
        cells.append(f"{low:.1f}–{low + 0.2:.1f}: {np.mean(inside):.2f} of {len(inside)}" if inside else "")
    print("            said: right   ", "   ".join(filter(None, cells)))


def main() -> None:
    """Print constants and figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=400, help="of each kind, chosen at random")
    parser.add_argument("--thresholds", type=float, nargs="*", default=[confidence.THRESHOLD])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = gather(options.queries, Path(folder))
    for model, some in made.items():
        print(f"\n{model}")
        for name in SETS:
            held = [case for case in some if case.name == name]
            others = fit([case for case in some if case.name != name])
            for threshold in options.thresholds:
                report(name, held, others, threshold)
            calibration(held, others)
        fitted = fit(some)
        for threshold in options.thresholds:
            report("all", some, fitted, threshold)
        calibration(some, fitted)
        shipped: Weights = getattr(confidence, model)
        same = "as shipped" if fitted == shipped else f"NOT the shipped {shipped}"
        print(f"{model} = {fitted}  {same}")


if __name__ == "__main__":
    main()
