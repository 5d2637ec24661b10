"""Heights: where blocks are, whatever was added above and below."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentassist.tui.widgets.heights import Heights

RUN = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=60)


@given(RUN)
def test_it_agrees_with_a_plain_list(run: list[tuple[bool, int]]) -> None:
    """Every top, every line's block and the total are those of a list of heights that is rewritten each time."""
    anchor = 100
    heights, plain, first = Heights(anchor), list[int](), anchor
    for above, height in run:
        if above:
            heights.add_above(height)
            plain.insert(0, height)
            first -= 1
        else:
            heights.add_below(height)
            plain.append(height)
    assert (heights.first, heights.end, heights.total) == (first, first + len(plain), sum(plain))
    tops = [sum(plain[:number]) for number in range(len(plain) + 1)]
    assert [heights.top(first + number) for number in range(len(plain) + 1)] == tops
    covered = [first + number for number, height in enumerate(plain) for _ in range(height)]
    assert [heights.at(line) for line in range(sum(plain))] == covered
    assert heights.at(-1) is None
    assert heights.at(sum(plain)) is None


def test_what_is_not_measured_has_no_place() -> None:
    """Asking for a block outside of the run is an error, not a wrong line."""
    heights = Heights(3)
    heights.add_below(2)
    for index in (2, 5):
        with pytest.raises(IndexError):
            heights.top(index)
