"""Learns from the examples what a message means: one linear judge a question, fitted when an encoder is at hand.

Nothing is tied to a model: the same examples are embedded with whatever encoder there is, their words are put beside
that, and a ridge regression is fitted on both in closed form. What it says of an example that it was fitted without is
known in closed form, too (leave one out), and gives the scale from which a probability is made (Platt 1999).
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from agentassist.errors import FrictionError
from agentassist.friction import lexicon, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

ASKS, UPSET = "asks", "upset"
WORDS_SHARE = 0.5
"""What the words of a text count beside its vector, in squared lengths."""
RIDGE = 1.0
_CONSTANT = 0.5
_STEPS = 30
_SHARES = {ASKS: 0.06, UPSET: 0.2}
"""How many of the messages that customers write are expected to be so: the examples hold more of them than life."""
_RARE = 0.01


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what it means.

    Attributes:
        labels: ASKS, UPSET and the names of high-stakes topics, each with how much it is so, in (0, 1].
    """

    text: str
    labels: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Judge:
    """A linear function of a text's features, and the scale that makes a probability of it."""

    weights: NDArray[np.float32]
    constant: float
    slope: float
    offset: float


class Judges:
    """Says of texts how likely each label is.

    Args:
        examples: what to learn from; at least one with and one without each label.
        vectors: their vectors, shape (n, d); d is 0 without an encoder.
    """

    def __init__(self, examples: Sequence[Example], vectors: NDArray[np.float32]) -> None:
        rows = features([item.text for item in examples], vectors)
        self.labels = tuple(sorted({label for item in examples for label in item.labels}))
        kernel = np.asarray(rows @ rows.T, dtype=np.float64) + _CONSTANT
        inverse = np.asarray(np.linalg.inv(kernel + RIDGE * np.eye(len(kernel))), dtype=np.float64)
        self._judges: Mapping[str, Judge] = {
            label: _fitted(inverse, rows, np.array([item.labels.get(label, 0.0) for item in examples]), label)
            for label in self.labels
        }

    def judge(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
        """Return for each label how likely it is of each text, in (0, 1), shape (len(texts),).

        Args:
            texts: what was said.
            vectors: of the same encoder as those of the examples.
        """
        rows = features(texts, vectors)
        return {label: _probability(item, _each(rows, item.weights)) for label, item in self._judges.items()}


@functools.cache
def by_words(language: str) -> Judges:
    """Return the judges of a language for texts that are read by their words: the same for everybody.

    Raises:
        FrictionError: the file of examples is damaged.
    """
    examples = shipped(language)
    return Judges(examples, np.zeros((len(examples), 0), dtype=np.float32))


def features(texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the judges see of texts: their vectors, and their words beside them."""
    said = np.stack([words.vector(text) for text in texts]) if texts else np.zeros((0, words.SIZE), np.float32)
    return np.hstack([vectors, np.float32(WORDS_SHARE**0.5) * said]) if vectors.shape[1] else said


def shipped(language: str) -> tuple[Example, ...]:
    """Return the examples of a language; English ones when there are none.

    Raises:
        FrictionError: the file is damaged.
    """
    return parsed(lexicon.data("examples", language))


def parsed(text: str) -> tuple[Example, ...]:
    """Read the text of a file of examples.

    Raises:
        FrictionError: it is not as it should be.
    """
    try:
        return tuple(example for group in tomllib.loads(text)["group"] for example in _group(group))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FrictionError(f"the examples cannot be read: {error}", "Install agentassist again.") from error


def _group(raw: Mapping[str, Any]) -> list[Example]:
    if unknown := set(raw) - {ASKS, UPSET, "stakes", "texts"}:
        raise ValueError(f"{sorted(unknown)[0]} is not known")
    labels = {label: float(raw[label]) for label in (ASKS, UPSET) if raw.get(label)}
    if raw.get("stakes"):
        labels[str(raw["stakes"])] = 1.0
    if not all(0 < degree <= 1 for degree in labels.values()):
        raise ValueError("how much a label is so lies between 0 and 1")
    return [Example(str(said), labels) for said in raw["texts"]]


def _fitted(inverse: NDArray[np.float64], rows: NDArray[np.float32], yes: NDArray[np.float64], label: str) -> Judge:
    """Fit one judge: a ridge regression, and Platt's scale on what it says of examples that it was fitted without.

    Args:
        inverse: of the kernel of the examples with the ridge.
        rows: their features.
        yes: how much each has the label, in [0, 1].
        label: for how common it is in life.
    """
    share = float(yes.mean())
    target = 2 * yes - 1
    alpha = inverse @ target
    left_out = target - alpha / np.diag(inverse)
    slope, offset = _scale(left_out, yes)
    # The examples are half and half at best; at a desk few messages are so.
    wanted = _SHARES.get(label, _RARE)
    offset += float(np.log(wanted / (1 - wanted)) - np.log(share / (1 - share)))
    return Judge(np.asarray(alpha @ rows, dtype=np.float32), _CONSTANT * float(alpha.sum()), slope, offset)


def _scale(scores: NDArray[np.float64], yes: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and offset of the logistic regression of `yes` on the scores, by Newton's steps.

    Platt's targets, which are not quite 0 and 1, keep it finite where the scores part the two sides wholly.
    """
    many, few = float(yes.sum()), float((1 - yes).sum())
    target = yes * (many + 1) / (many + 2) + (1 - yes) / (few + 2)
    design = np.stack([scores, np.ones_like(scores)], axis=1)
    made = np.array([2.0, 0.0])
    for _ in range(_STEPS):
        said = 1 / (1 + np.exp(-np.clip(design @ made, -30, 30)))
        slope = design.T @ (said - target)
        curve = design.T @ (design * (said * (1 - said))[:, None]) + 1e-6 * np.eye(2)
        made = made - np.linalg.solve(curve, slope)
    return float(made[0]), float(made[1])


def _each(rows: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the dot product of each row: the same, to the last bit, whatever other rows there are."""
    return np.asarray(np.einsum("ij,j->i", rows, weights, optimize=False), dtype=np.float32)


def _probability(judge: Judge, scores: NDArray[np.float32]) -> NDArray[np.float64]:
    logit = judge.slope * (np.asarray(scores, dtype=np.float64) + judge.constant) + judge.offset
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -30, 30))))
