"""One order from two scores."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from agentassist.search.fusion import by_article, combine

SCORES = arrays.arrays(np.float32, st.integers(0, 30), elements=st.floats(-1, 1, width=32))


def test_what_is_good_by_both_comes_first() -> None:
    """A candidate that is near and has the words beats one that is only near and one that only has the words."""
    scores = combine(np.array([0.7, 0.7, 0.1, 0.1], np.float32), np.array([9.0, 0.0, 9.0, 0.0], np.float32))
    assert scores.argmax() == 0
    assert scores.argmin() == 3


def test_one_score_alone_keeps_its_order_and_size() -> None:
    """Without the other, a score is passed on as it is."""
    only = np.array([0.3, 0.9], np.float32)
    assert combine(only, None).tolist() == only.tolist()
    assert combine(None, only).tolist() == only.tolist()
    assert len(combine(None, None)) == 0


@given(SCORES)
def test_fused_scores_are_finite(scores: np.ndarray) -> None:
    """Equal scores, one candidate or none: nothing divides by zero."""
    assert np.isfinite(combine(scores, np.zeros_like(scores))).all()
    assert np.isfinite(combine(scores, scores)).all()


@given(st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 6)), max_size=30), st.lists(st.integers(0, 6), unique=True))
def test_each_article_once_by_its_best_passage(candidates: list[tuple[float, int]], first: list[int]) -> None:
    """Every article with a candidate is there once, with its best one; the named ones first, then by score."""
    scores, articles = [score for score, _ in candidates], [article for _, article in candidates]
    order = by_article(scores, articles, first)
    ranked = [articles[position] for position in order]
    assert sorted(ranked) == sorted(set(articles))
    for position in order:
        assert scores[position] == max(score for score, article in candidates if article == articles[position])
    named = [article for article in first if article in articles]
    assert ranked[: len(named)] == named
    others = [scores[position] for position in order[len(named) :]]
    assert others == sorted(others, reverse=True)
