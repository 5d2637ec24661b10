"""How likely a hit is right: pure."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentassist.models import Recalled
from agentassist.search import parameters
from agentassist.search.confidence import falling, probabilities, voted
from agentassist.search.parameters import SIGNS


@given(st.lists(st.floats(0, 1), max_size=9))
def test_no_later_hit_is_told_to_be_likelier(values: list[float]) -> None:
    """From rank to rank it never rises, none is told less likely than it is, and the first is the greatest."""
    told = falling(values)
    assert len(told) == len(values)
    assert all(later <= earlier for earlier, later in pairwise(told))
    assert all(said >= value for said, value in zip(told, values, strict=True))
    assert told[:1] == ((max(values),) if values else ())


def test_only_what_is_out_of_order_changes() -> None:
    """What falls already stays as it is."""
    assert falling([0.9, 0.2, 0.4, 0.1]) == (0.9, 0.4, 0.4, 0.1)


@given(st.lists(st.floats(-3, 3), min_size=len(SIGNS), max_size=len(SIGNS)))
def test_it_is_a_probability(signs: list[float]) -> None:
    """Whatever the signs, it is between nothing and all, and the same each time."""
    row = np.array([signs], dtype=np.float32)
    for weighing in (parameters.shipped().by_meaning, parameters.shipped().by_words):
        for weights in (weighing.confidence, weighing.answerable):
            said = probabilities(weights, row)
            assert 0 <= said[0] <= 1
            assert said == probabilities(weights, row)


@pytest.mark.parametrize(("size", "likely"), [(-1000, 0), (0, 0.5), (1000, 1)])
def test_weights_of_any_size_give_a_probability(size: float, likely: float) -> None:
    """What was fitted on a few questions may weigh so much that nothing is left to doubt; it is no warning."""
    row = np.ones((1, len(SIGNS)), dtype=np.float32)
    assert probabilities(np.full(len(SIGNS), size, dtype=np.float32), row)[0] == pytest.approx(likely, abs=1e-30)


def test_votes_move_a_probability_and_none_leaves_it() -> None:
    """What helped before is likelier, what was turned down less; without a memory it is the very same number."""
    assert voted(0.3, None) == 0.3
    assert voted(0.3, Recalled(-0.5)) < 0.3 < voted(0.3, Recalled(0.5)) < voted(0.3, Recalled(0.9))
    assert voted(0.3, Recalled(0.0)) == pytest.approx(0.3)
    assert 0 < voted(0.0, Recalled(-1)) < voted(1.0, Recalled(1)) < 1
