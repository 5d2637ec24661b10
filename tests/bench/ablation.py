"""What each part of the ranking is worth: MRR@10 on the dev parts of ../shared/data without it, fitted again each time.

It is fitted as it ships: on the conversations of `tests/eval/contexts`, too; the means are those of the public sets.
The examples are gathered once. "In sample" is measured on the conversations that the weights were fitted on, "crossed"
on the half of the dialogs that they were not. What is left out is left out of the ranking; the articles that are ranked
are the same in every line, but for "words only", which looks for them without the encoder.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from _bench import CACHE, REPOSITORY, SHARED

from agentassist.evaluation import fit, sets, trial
from agentassist.evaluation.evaluate import questions
from agentassist.evaluation.indexing import open_index, query_encoder
from agentassist.search import parameters
from agentassist.search.parameters import EVIDENCE
from agentassist.search.turns import FEATURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.evaluation.fit import Example
    from agentassist.evaluation.trial import Outcome
    from agentassist.search.parameters import Weighing

SETS = ("doc2dial", "mtrag", "dstc11t5")
CONTEXTS = REPOSITORY / "tests" / "eval" / "contexts"
WEIGHTS = {"doc2dial": 10.0, "mtrag": 1.5, "contexts": 4.0}
"""Those of the parameters that ship."""
TODAY = date(2026, 12, 1)
AGENT = FEATURES.index("agent")
GROUPS = {
    "similarity": ("similar", "agent_similar", "last_similar"),
    "the last burst's features": ("last_words", "last_pointing", "last_question", "last_similar"),
    "question and opening": ("question", "last_question", "opening"),
    "words and mass": ("words", "agent_words", "mass"),
    "every feature but last, agent, age": tuple(name for name in FEATURES if name not in {"last", "agent", "age"}),
}


def gathered() -> tuple[list[Example], list[Example]]:
    """Return the examples of every set, by meaning and by words."""
    encoder = query_encoder(CACHE)
    by_meaning: list[Example] = []
    by_words: list[Example] = []
    for folder in (*(SHARED / name for name in SETS), CONTEXTS):
        dataset = sets.load(folder, sets.DEV)
        index = open_index(dataset, CACHE, encoder=encoder)
        encoder.learn(questions(dataset))
        for made, meaning in ((by_meaning, True), (by_words, False)):
            made.extend(fit.examples(dataset, index, TODAY, by_meaning=meaning, progress=lambda *_: None))
        index.close()
    return by_meaning, by_words


def domains() -> dict[tuple[str, str], str]:
    """Return what each dialog of the public sets is about, where a set is about more than one thing."""
    found: dict[tuple[str, str], str] = {}
    for name in SETS:
        queries = sets.load(SHARED / name, sets.DEV).queries
        if len({case.domain for case in queries}) > 1:
            found |= {(name, case.dialog_id): case.domain for case in queries}
    return found


def without_evidence(some: Sequence[Example], name: str) -> list[Example]:
    """Return examples in which a kind of evidence says nothing."""
    return [_with(item, kind=EVIDENCE.index(name)) for item in some]


def without_features(some: Sequence[Example], names: Sequence[str]) -> list[Example]:
    """Return examples in which some features of the turns cannot be seen."""
    return [_with(item, features=[FEATURES.index(name) for name in names]) for item in some]


def without_agent(some: Sequence[Example]) -> list[Example]:
    """Return examples in which nothing that an agent said counts."""
    return [_with(item, agent=True) for item in some]


def _with(item: Example, *, kind: int | None = None, features: Sequence[int] = (), agent: bool = False) -> Example:
    evidence = item.found.evidence
    kinds, turns = evidence.kinds.copy(), evidence.turns.copy()
    if kind is not None:
        kinds[kind] = 0
    if agent:
        kinds[:, :, turns[:, AGENT] > 0] = 0
    turns[:, list(features)] = 0
    return replace(item, found=replace(item.found, evidence=replace(evidence, kinds=kinds, turns=turns)))


def fitted(some: Sequence[Example]) -> Weighing:
    """Fit the ranking as it is shipped."""
    return fit.fit_ranking([item for item in some if item.right.any()], WEIGHTS)


def equally(some: Sequence[Example]) -> Weighing:
    """Fit the ranking with every set counting the same."""
    return fit.fit_ranking([item for item in some if item.right.any()], {})


def row(name: str, *measured: Sequence[Outcome]) -> None:
    """Print MRR@10 of each public set, and their mean."""
    cells = []
    for some in measured:
        of = {each: one for each, one in trial.measured(some).items() if each in SETS}
        told = [f"{of[each].mrr:.3f}" if each in of else "     " for each in SETS]
        cells.append(f"{' '.join(told)}  {trial.mean(of):.3f}" if len(of) > 1 else f"{' '.join(told)}       ")
    print(f"{name:44} {'   '.join(cells)}".rstrip(), flush=True)


def main() -> None:
    """Print a line for each thing that is left out."""
    began = time.perf_counter()
    every, worded = ([item for item in some if item.answerable] for some in gathered())
    print(
        f"{'':44} in sample{'':18} crossed\n{'':44} "
        + "   ".join([" ".join(f"{n[:5]:5}" for n in SETS) + "  mean "] * 2)
    )
    row("the parameters that ship", trial.outcomes(every, parameters.shipped().by_meaning))
    variants = {"everything": every}
    variants |= {f"without {name.replace('_', ' ')}": without_evidence(every, name) for name in EVIDENCE}
    variants["without the agent's lines"] = without_agent(every)
    variants |= {f"without {name}": without_features(every, names) for name, names in GROUPS.items()}
    variants["words only (no encoder)"] = worded
    for name, some in variants.items():
        row(name, trial.outcomes(some, fitted(some)), trial.crossed(some, fitted))
    row("weight 1 for every set", trial.outcomes(every, equally(every)), trial.crossed(every, equally))
    print("\nLeft out when fitting, then measured:")
    for name in SETS:
        weighing = fitted([item for item in every if item.dataset != name])
        row(name, trial.outcomes([item for item in every if item.dataset == name], weighing))
    about = domains()
    for name, domain in sorted({(name, domain) for (name, _), domain in about.items()}):
        inside = [about.get((item.dataset, item.dialog_id)) == domain and item.dataset == name for item in every]
        weighing = fitted([item for item, here in zip(every, inside, strict=True) if not here])
        row(
            f"{name}, {domain}",
            trial.outcomes([item for item, here in zip(every, inside, strict=True) if here], weighing),
        )
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
