"""The fitted numbers of search: read from `parameters.toml` beside this file, which `agentassist kb fit` writes."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from agentassist.errors import SearchError
from agentassist.search.turns import FEATURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FILE = "parameters.toml"
EVIDENCE = (
    "meaning", "passage_words", "article_words", "title", "opening", "passage_pairs", "article_pairs", "length",
)  # fmt: skip
"""What speaks for an article, turn by turn: see `ranking.Evidence`."""
STANDING = frozenset({"length"})
"""What is the same whatever was said: no feature of a turn counts for it."""
SIGNS = (
    "constant", "sure", "lead", "cosine", "last_cosine", "share", "last_share", "rest", "title", "words", "unknown",
    "question", "turns", "agreement", "ahead", "spread", "answering", "agent_cosine", "size",
)  # fmt: skip
"""What the probabilities are made of: see `confidence.signs`."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """How the turns and the kinds of evidence are weighed.

    Attributes:
        shares: what each kind of EVIDENCE counts, in standard deviations over the candidates.
        turns: for each kind of EVIDENCE, what each of `turns.FEATURES` adds to the logarithm of a turn's weight, shape
            (len(EVIDENCE), len(FEATURES)).
        confidence: what each of SIGNS adds to the logit of the probability that a hit is right.
        answerable: the same of the probability that the knowledge base has an answer, from the signs of the first hit.
        threshold: of `answerable`: below it there is no good match.
    """

    shares: NDArray[np.float32]
    turns: NDArray[np.float32]
    confidence: NDArray[np.float32]
    answerable: NDArray[np.float32]
    threshold: float


@dataclass(frozen=True, slots=True)
class Parameters:
    """All fitted numbers.

    Attributes:
        by_meaning: with an encoder.
        by_words: without one.
    """

    by_meaning: Weighing
    by_words: Weighing


def parsed(text: str) -> Parameters:
    """Read the text of a parameter file.

    Raises:
        SearchError: something is missing, is not a number, or is not known.
    """
    try:
        raw = tomllib.loads(text)
        return Parameters(_weighing(raw["by_meaning"]), _weighing(raw["by_words"]))
    except (ValueError, KeyError, TypeError) as error:
        raise SearchError(f"{FILE} cannot be read: {error}", "Write it again: agentassist kb fit") from error


def written(parameters: Parameters, head: str) -> str:
    """Return the text of a parameter file.

    Args:
        parameters: what it holds; rounded to three places.
        head: the comment at its top, without marks.
    """
    lines = [f"# {line}".rstrip() for line in head.splitlines()]
    for name, weighing in (("by_meaning", parameters.by_meaning), ("by_words", parameters.by_words)):
        for kind, share, turns in zip(EVIDENCE, weighing.shares, weighing.turns, strict=True):
            lines += ["", f"[{name}.{kind}]", f"share = {share:.3f}"]
            if kind not in STANDING:
                lines += [f"{feature} = {value:.3f}" for feature, value in zip(FEATURES, turns, strict=True)]
        lines += ["", f"[{name}.confidence]"]
        lines += [f"{sign} = {value:.3f}" for sign, value in zip(SIGNS, weighing.confidence, strict=True)]
        lines += ["", f"[{name}.answerable]", f"threshold = {weighing.threshold:.3f}"]
        lines += [f"{sign} = {value:.3f}" for sign, value in zip(SIGNS, weighing.answerable, strict=True)]
    return "\n".join(lines) + "\n"


@functools.cache
def shipped() -> Parameters:
    """Return the parameters that ship.

    Raises:
        SearchError: the file is damaged.
    """
    return parsed(resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8"))


def _weighing(raw: Mapping[str, Mapping[str, float]]) -> Weighing:
    wanted = {*EVIDENCE, "confidence", "answerable"}
    if set(raw) != wanted:
        raise ValueError(f"the parts are {', '.join(raw)}, not {', '.join(sorted(wanted))}")
    return Weighing(
        np.array([raw[kind]["share"] for kind in EVIDENCE], dtype=np.float32),
        np.array([_of_turns(raw[kind], kind) for kind in EVIDENCE], dtype=np.float32),
        np.array(_numbers(raw["confidence"], SIGNS), dtype=np.float32),
        np.array(_numbers(raw["answerable"], SIGNS, ("threshold",)), dtype=np.float32),
        float(raw["answerable"]["threshold"]),
    )


def _of_turns(raw: Mapping[str, float], kind: str) -> list[float]:
    numbers = _numbers(raw, () if kind in STANDING else FEATURES, ("share",))
    return numbers or [0.0] * len(FEATURES)


def _numbers(raw: Mapping[str, float], names: tuple[str, ...], others: tuple[str, ...] = ()) -> list[float]:
    if set(raw) != {*names, *others}:
        raise ValueError(f"the names are {', '.join(raw)}, not {', '.join((*others, *names))}")
    return [float(raw[name]) for name in names]
