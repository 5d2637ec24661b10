"""What can be seen of each turn of a conversation, from which the ranking decides how much it counts. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from agentassist.models import QueryPart

FEATURES = (
    "last", "agent", "age", "agent_age", "opening", "words", "agent_words", "mass", "question", "similar",
    "agent_similar", "last_words", "last_pointing", "last_question", "last_similar",
)  # fmt: skip
"""In the order of the columns.

last: it is the customer's last burst · agent: an agent said it · age: bursts of the customer after it · opening: it is
their first burst · words: ln(1 + its telling stems that the knowledge base has) · mass: ln(1 +
what these are worth for being rare) · question: it has a question mark · similar: cosine with the last burst.
For every turn but the last burst, of that one: last_words, its words · last_pointing: the share of words such as "it"
and "that" · last_question: it asks · last_similar: cosine with the bursts before it.
"""

UNKNOWN_SIMILARITY = 0.4
"""Taken for a cosine when there is no encoder or nothing to compare with: about the mean over turns."""
_FADING = 0.7
_POINTING = frozenset(
    {
        *("it", "its", "that", "this", "these", "those", "they", "them", "one", "ones", "he", "she", "there", "same"),
        *("so", "else", "other", "another", "which"),
    }
)
_ASKING = frozenset(
    {
        *("what", "how", "when", "where", "who", "why", "which", "can", "could", "do", "does", "did", "is", "are"),
        *("will", "would", "should", "may"),
    }
)


@dataclass(frozen=True, slots=True)
class Said:
    """A turn made ready to be looked for.

    Attributes:
        part: of the query.
        stems: its telling stems that the knowledge base has, with what each is worth for being rare (idf).
        unknown: how many telling stems it has that the knowledge base does not have.
        pairs: its words that stand side by side, see `pairs.of`.
    """

    part: QueryPart
    stems: Mapping[str, float]
    unknown: int = 0
    pairs: tuple[int, ...] = ()

    @property
    def by_agent(self) -> bool:
        """Whether an agent said it."""
        return self.part.source == "agent"

    @property
    def last(self) -> bool:
        """Whether it is what the customer said last, or what was typed."""
        return self.part.source in {"burst", "typed"} or (self.part.source == "tree" and self.part.age == 0)


def described(said: Sequence[Said], vectors: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """Return FEATURES of each turn, shape (len(said), len(FEATURES)).

    Args:
        said: the heaviest first: the customer's last burst.
        vectors: a unit-length row a turn; None without an encoder.
    """
    first = said[0]
    spoken = re.findall(r"\w+", first.part.text.lower())
    similar = _similarities(vectors, len(said))
    oldest = max((turn.part.age for turn in said if turn.part.source == "earlier"), default=0)
    about_last = (
        math.log1p(len(first.stems)),
        sum(word in _POINTING for word in spoken) / max(len(spoken), 1),
        float("?" in first.part.text or (bool(spoken) and spoken[0] in _ASKING)),
        _before(said, vectors),
    )
    rows = []
    for at, turn in enumerate(said):
        agent, age, words = float(turn.by_agent), float(turn.part.age), math.log1p(len(turn.stems))
        opening = turn.part.source == "earlier" and turn.part.age == oldest
        rows.append(
            (
                float(at == 0), agent, age, agent * age, float(at > 0 and opening), words, agent * words,
                math.log1p(sum(turn.stems.values())), float("?" in turn.part.text), similar[at], agent * similar[at],
                *((0.0,) * 4 if at == 0 else about_last),
            )
        )  # fmt: skip
    return np.array(rows, dtype=np.float32)


def _similarities(vectors: NDArray[np.float32] | None, count: int) -> list[float]:
    """Return the cosine of each turn with the first one; UNKNOWN_SIMILARITY for the first itself."""
    if vectors is None:
        return [UNKNOWN_SIMILARITY] * count
    return [UNKNOWN_SIMILARITY, *(vectors[1:] @ vectors[0]).tolist()]


def _before(said: Sequence[Said], vectors: NDArray[np.float32] | None) -> float:
    """Return the cosine of the last burst with what the customer said before, newer turns counting more."""
    weights = np.array(
        [_FADING**turn.part.age if at and not turn.by_agent else 0.0 for at, turn in enumerate(said)], dtype=np.float32
    )
    if vectors is None or not weights.any():
        return UNKNOWN_SIMILARITY
    before = weights @ vectors
    length = float(np.linalg.norm(before))
    return float(before @ vectors[0]) / length if length > 1e-6 else UNKNOWN_SIMILARITY
