"""What each kind of signal counts: read from `data/weights.toml`, which `agentassist friction fit` writes."""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from agentassist.errors import FrictionError
from agentassist.friction.reading import SignalKind

FILE = "weights.toml"
FOR, AGAINST = 8.0, -8.0
"""The bounds of a weight."""
CALMING = frozenset({SignalKind.DONE, SignalKind.THANKS})
"""The kinds that speak against friction: their weights are at most 0, all others at least 0."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The numbers of one way of reading.

    Attributes:
        constant: the logit of the score when there is no signal.
        kinds: what a signal of each kind adds to it, by how strong the signal is.
    """

    constant: float
    kinds: Mapping[SignalKind, float]

    def score(self, values: Mapping[SignalKind, float]) -> float:
        """Return the score of signals by their strength, in [0, 1]."""
        logit = self.constant + sum(self.kinds[kind] * value for kind, value in values.items())
        return 1 / (1 + math.exp(-min(max(logit, -30.0), 30.0)))


@dataclass(frozen=True, slots=True)
class Both:
    """The numbers for messages that are read by meaning, and for those that are read by their words."""

    by_meaning: Weights
    by_words: Weights


def parsed(text: str) -> Both:
    """Read the text of a file of weights.

    Raises:
        FrictionError: something is missing, is not a number, has the wrong sign, or is not known.
    """
    try:
        return _both(tomllib.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise FrictionError(f"{FILE} cannot be read: {error}", "Write it again: agentassist friction fit") from error


def written(both: Both, head: str) -> str:
    """Return the text of a file of weights.

    Args:
        both: what it holds; rounded to two places.
        head: the comment at its top, without marks.
    """
    lines = [f"# {line}".rstrip() for line in head.splitlines()]
    for name, some in (("by_meaning", both.by_meaning), ("by_words", both.by_words)):
        lines += ["", f"[{name}]", f"constant = {some.constant:.2f}"]
        lines += [f"{kind.value} = {some.kinds[kind]:.2f}" for kind in SignalKind]
    return "\n".join(lines) + "\n"


@functools.cache
def shipped() -> Both:
    """Return the weights that ship.

    Raises:
        FrictionError: the file is damaged.
    """
    return parsed(resources.files(__package__).joinpath("data", FILE).read_text(encoding="utf-8"))


def _both(raw: Mapping[str, Mapping[str, float]]) -> Both:
    if set(raw) != {"by_meaning", "by_words"}:
        raise ValueError(f"the parts are {', '.join(raw)}, not by_meaning, by_words")
    return Both(_weights(raw["by_meaning"]), _weights(raw["by_words"]))


def _weights(raw: Mapping[str, float]) -> Weights:
    wanted = {"constant", *(kind.value for kind in SignalKind)}
    if set(raw) != wanted:
        odd = sorted(set(raw) ^ wanted)
        raise ValueError(f"{odd[0]} is {'missing' if odd[0] in wanted else 'not known'}")
    kinds = {kind: float(raw[kind.value]) for kind in SignalKind}
    for kind, weight in kinds.items():
        if not AGAINST <= weight <= FOR or (weight > 0 if kind in CALMING else weight < 0):
            raise ValueError(f"{kind.value} = {weight} has the wrong sign or is too large")
    return Weights(float(raw["constant"]), kinds)
