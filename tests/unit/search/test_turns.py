"""What can be seen of a turn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agentassist.models import QueryPart
from agentassist.search.turns import FEATURES, UNKNOWN_SIMILARITY, Said, described

LAST = Said(QueryPart("does it work?", 1.0, "burst", 0), {"work": 2.0, "bridg": 3.0})
LINE = Said(QueryPart("Which valve?", 0.5, "agent", 0), {"valv": 1.0})
EARLIER = Said(QueryPart("my heating", 0.7, "earlier", 1), {"heat": 4.0})
FIRST = Said(QueryPart("hello there", 0.49, "earlier", 2), {})


def seen(said: list[Said], vectors: list[list[float]] | None = None) -> list[dict[str, float]]:
    """Return each turn's features by name."""
    rows = described(said, None if vectors is None else np.array(vectors, dtype=np.float32))
    assert rows.shape == (len(said), len(FEATURES))
    return [dict(zip(FEATURES, map(float, row), strict=True)) for row in rows]


def test_who_and_when() -> None:
    """The last burst, an agent's line, the age, and the customer's first burst are told apart."""
    last, line, earlier, first = seen([LAST, LINE, EARLIER, FIRST])
    assert [turn["last"] for turn in (last, line, earlier, first)] == [1, 0, 0, 0]
    assert [turn["agent"] for turn in (last, line, earlier, first)] == [0, 1, 0, 0]
    assert [turn["age"] for turn in (last, line, earlier, first)] == [0, 0, 1, 2]
    assert [turn["opening"] for turn in (last, line, earlier, first)] == [0, 0, 0, 1]
    old_line = Said(QueryPart("Try it", 0.3, "agent", 2), {})
    assert [turn["agent_age"] for turn in seen([LAST, old_line, EARLIER])] == [0, 2, 0]


def test_the_first_burst_is_the_opening_and_a_tree_is_none() -> None:
    """What the tree asks for is not what the customer opens with; the last burst alone is only the last."""
    tree = Said(QueryPart("Heating", 0.4, "tree", 1), {"heat": 1.0})
    assert [turn["opening"] for turn in seen([LAST, EARLIER, tree])] == [0, 1, 0]
    assert [turn["opening"] for turn in seen([LAST])] == [0]


def test_words_and_what_they_are_worth() -> None:
    """Logarithms of how many words and how rare they are; an agent's once more."""
    last, line, _ = seen([LAST, LINE, EARLIER])
    assert last["words"] == pytest.approx(math.log1p(2))
    assert last["mass"] == pytest.approx(math.log1p(5))
    assert [last["agent_words"], line["agent_words"]] == pytest.approx([0, math.log1p(1)])


def test_questions_and_pointing_words() -> None:
    """A question mark is seen on every turn; on all but the last stands what the last burst is like."""
    last, line, earlier = seen([LAST, LINE, EARLIER])
    assert [turn["question"] for turn in (last, line, earlier)] == [1, 1, 0]
    assert [turn["last_pointing"] for turn in (last, line)] == [0, pytest.approx(1 / 3)]
    assert [turn["last_question"] for turn in (last, line)] == [0, 1]
    assert [turn["last_words"] for turn in (last, line)] == [0, pytest.approx(math.log1p(2))]
    quiet = Said(QueryPart("the bridge blinks", 1.0, "burst", 0), {"blink": 1.0})
    assert seen([quiet, EARLIER])[1]["last_question"] == 0


def test_likeness_with_the_last_burst() -> None:
    """Cosines with it, an agent's once more, and how near it is to what the customer said before."""
    last, line, earlier = seen([LAST, LINE, EARLIER], [[1, 0], [0.6, 0.8], [0.8, 0.6]])
    assert last["similar"] == pytest.approx(UNKNOWN_SIMILARITY)
    assert [line["similar"], line["agent_similar"]] == pytest.approx([0.6, 0.6])
    assert [earlier["similar"], earlier["agent_similar"]] == pytest.approx([0.8, 0])
    assert [line["last_similar"], earlier["last_similar"]] == pytest.approx([0.8, 0.8])


def test_without_an_encoder_likeness_is_not_known() -> None:
    """Everything else is seen all the same, and nothing is no number."""
    rows = described([LAST, LINE, EARLIER, FIRST], None)
    assert np.isfinite(rows).all()
    assert seen([LAST, EARLIER])[1]["similar"] == pytest.approx(UNKNOWN_SIMILARITY)
