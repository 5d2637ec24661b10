"""Questions that mean the same come together, and what comes later changes no group's start."""

from __future__ import annotations

import numpy as np
import pytest

from agentassist.models import QueryPart
from agentassist.search import grouping


def rows_of(*topics: int, noise: float = 0.4, dimension: int = 64) -> np.ndarray:
    """Return a unit row for each topic number, near its topic's direction."""
    middles = np.random.default_rng(7).standard_normal((1 + max(topics), dimension))
    rng = np.random.default_rng(8)
    rows = middles[list(topics)] + noise * rng.standard_normal((len(topics), dimension))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_each_topic_is_one_group_in_the_order_of_its_first() -> None:
    """Also beyond a block, where most groups are known from blocks before."""
    topics = [number % 7 for number in range(3 * grouping.BLOCK + 5)]
    groups = grouping.group(rows_of(*topics), 0.5)
    assert [group[0] for group in groups] == list(range(7))
    assert all({topics[at] for at in group} == {number} for number, group in enumerate(groups))
    assert sorted(at for group in groups for at in group) == list(range(len(topics)))


def test_what_comes_later_changes_no_start() -> None:
    """The oldest of a group names it: it stays so while more is asked."""
    topics = [(number * number) % 11 for number in range(600)]
    rows = rows_of(*topics)
    early = [group[0] for group in grouping.group(rows[:300], 0.5)]
    assert [group[0] for group in grouping.group(rows, 0.5)][: len(early)] == early


def test_no_rows_and_rows_that_say_nothing() -> None:
    """Nothing makes no group; what has no words is near nothing, not even to itself."""
    assert grouping.group(np.zeros((0, 8), np.float32), 0.5) == []
    assert grouping.group(np.zeros((2, 8), np.float32), 0.5) == [[0], [1]]


def test_the_middle_comes_first() -> None:
    """The row that is nearest to all is first; of equal ones the older."""
    rows = np.array([[1, 0], [0.8, 0.6], [0, 1], [0.8, 0.6]], dtype=np.float32)
    assert grouping.middle(rows)[:2] == [1, 3]


def test_vectors_that_are_known_are_not_made_again() -> None:
    """Only what is missing is encoded, weighed as the search does it; what is common is taken out of all."""
    asked: list[str] = []

    def embed(texts: list[str]) -> list[bytes]:
        asked.extend(texts)
        return [np.array([0, 1, 0], "<f2").tobytes() for _ in texts]

    known = {0: np.array([1, 0, 0], "<f2").tobytes(), 2: b"short"}
    parts = (QueryPart("a", 1.0, "burst"), QueryPart("b", 0.5, "tree"))
    rows = grouping.by_meaning([(), parts, parts], known, np.zeros(3, np.float32), embed)  # type: ignore[arg-type]
    assert asked == ["a", "b"]
    assert rows.tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 0]]
    common = np.array([0, 0, 0.5], np.float32)
    assert grouping.by_meaning([()], {0: known[0]}, common, embed)[0].tolist() == pytest.approx(  # type: ignore[arg-type]
        [0.894, 0, -0.447], abs=0.001
    )


def test_by_words_other_forms_of_a_word_meet() -> None:
    """Where there is no encoder, what shares telling words comes together, and small talk does not."""
    rows = grouping.by_words(
        ["do you sell solar panels", "hello, connecting a solar panel please", "hello please", "my refund is late"]
    )
    assert grouping.group(rows, grouping.SAME_WORDS) == [[0, 1], [2], [3]]
