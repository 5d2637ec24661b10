"""Articles that say nearly the same are folded under the better one, and no others."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agentassist.kb.similar import near_duplicates
from agentassist.search.folding import SAME, fold, similarity

DIMENSION = 32


def rows(seed: int, count: int = 3) -> NDArray[np.float32]:
    """Return unit-length vectors that have little to do with those of another seed."""
    made = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)


def turned(start: NDArray[np.float32], cosine: float) -> NDArray[np.float32]:
    """Return vectors whose cosine with `start`, row by row, is `cosine`."""
    other = rows(99, len(start))
    other -= (other * start).sum(axis=1, keepdims=True) * start
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    return np.asarray(cosine * start + np.sqrt(1 - cosine**2) * other, dtype=np.float32)


def folded(articles: Sequence[tuple[str, NDArray[np.float32]]]) -> list[tuple[int, tuple[int, ...]]]:
    """Fold articles that are in rank order, numbered from 0."""
    return fold(range(len(articles)), lambda number: articles[number][1], lambda number: articles[number][0])


def test_a_copy_goes_under_the_better_one() -> None:
    """The better of two copies stays, and names the other; what is between them keeps its place."""
    copy = rows(1)
    found = folded([("Reset", copy), ("Pair a valve", rows(2)), ("Reset", copy), ("Refunds", rows(3))])
    assert found == [(0, (2,)), (1, ()), (3, ())]


@pytest.mark.parametrize("title", ["reset the  CODE ", "Reset the code.", "Reset\u00a0the code", "Ｒeset the code"])
def test_spacing_case_and_punctuation_make_no_other_title(title: str) -> None:
    """A title with a space at its end is the title without it."""
    assert folded([("Reset the code", rows(1)), (title, turned(rows(1), SAME + 0.001))]) == [(0, (1,))]


def test_the_same_title_alone_folds_nothing() -> None:
    """Thirty questions about one hotel have its name as their title, and are thirty answers."""
    assert folded([("Acorn Guest House", rows(1)), ("Acorn Guest House", turned(rows(1), 0.96))]) == [(0, ()), (1, ())]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Curry King", "Curry Prince"),
        ("Fit the Dial", "Fit the Ring"),
        ("Error E1", "Error E2"),
        ("Error", "Error E2"),
        ("Prices", "Prices 2027"),
        ("Reset the code", ""),
        ("Reset the code", "?!"),
    ],
)
def test_articles_of_other_titles_are_never_one(one: str, other: str) -> None:
    """Pages made from one template for two products or two codes are different answers, however alike."""
    assert folded([(one, rows(1)), (other, rows(1))]) == [(0, ()), (1, ())]
    assert folded([(other, rows(1)), (one, rows(1))]) == [(0, ()), (1, ())]


def test_a_video_folds_only_when_it_says_the_same() -> None:
    """A title with words added takes more than the same title does."""
    article, video = "Reset the code", "Reset the code (video)"
    assert folded([(article, rows(1)), (video, turned(rows(1), 0.99))]) == [(0, (1,))]
    assert folded([(video, rows(1)), (article, turned(rows(1), 0.99))]) == [(0, (1,))]
    assert folded([(article, rows(1)), (video, turned(rows(1), 0.975))]) == [(0, ()), (1, ())]
    assert folded([(article, rows(1)), (article, turned(rows(1), 0.975))]) == [(0, (1,))]


def test_articles_without_titles_fold_by_their_passages() -> None:
    """Imported pages may have no title at all."""
    assert folded([("", rows(1)), ("", rows(1)), ("", rows(2))]) == [(0, (1,)), (2, ())]


def test_a_short_article_in_a_long_one_stays() -> None:
    """An article that is a part of another is the better answer to its own question."""
    assert folded([("Setting up", rows(1, 6)), ("Setting up", rows(1, 6)[:2])]) == [(0, ()), (1, ())]


def test_a_newer_version_with_a_section_more_stays() -> None:
    """It says what the older one lacks; the other way round nothing is lost, and the older one goes under it."""
    page = rows(1, 40)
    newer = np.concatenate([page, rows(2, 1)])
    assert similarity(page, newer) > SAME
    assert folded([("Benefits", page), ("Benefits", newer)]) == [(0, ()), (1, ())]
    assert folded([("Benefits", newer), ("Benefits", page)]) == [(0, (1,))]


def test_folding_does_not_drift() -> None:
    """An article is held against the one that is shown, not against what was folded under it."""
    first = rows(1, 1)
    second = turned(first, 0.975)
    third = np.asarray(second + (second - first), dtype=np.float32)
    third /= np.linalg.norm(third)
    assert similarity(second, third) > SAME > similarity(first, third)
    assert folded([("X", first), ("X", second), ("X", third)]) == [(0, (1,)), (2, ())]


def test_articles_told_apart_never_fold() -> None:
    """An internal copy does not stand in for the one that can be sent."""
    kinds = ["internal", "customer", "internal"]
    found = fold(range(3), lambda _: rows(1), lambda _: "Reset", apart=lambda number: kinds[number])
    assert found == [(0, (2,)), (1, ())]


def test_without_vectors_nothing_folds() -> None:
    """By keyword only there is no telling whether two of one title say the same."""
    empty = np.zeros((0, DIMENSION), dtype=np.float32)
    assert folded([("X", empty), ("X", rows(1)), ("X", empty)]) == [(0, ()), (1, ()), (2, ())]
    assert folded([]) == []


def test_vectors_are_read_only_where_titles_allow_for_a_fold() -> None:
    """A ranking of unlike titles costs no reading of vectors, and no article's are read twice."""
    asked: list[int] = []

    def vectors_of(article: int) -> NDArray[np.float32]:
        asked.append(article)
        return rows(article)

    names = ["Reset", "Pair", "Reset", "Refund", "reset"]
    fold(range(5), vectors_of, names.__getitem__)
    assert sorted(asked) == [0, 2, 4]


def test_similarity_is_the_one_that_lint_tells() -> None:
    """A pair that folds is a pair that `kb lint` names."""
    some, others = rows(1, 4), turned(rows(1, 4), 0.9)[:3]
    pairs = near_duplicates(["a"] * 4 + ["b"] * 3, np.concatenate([some, others]), 0.1)
    assert [pair.similarity for pair in pairs] == [pytest.approx(similarity(some, others), abs=1e-6)]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["X", "X (video)", "Y", ""]), st.integers(0, 2)), max_size=12))
def test_nothing_is_lost_and_nothing_is_named_twice(drawn: list[tuple[str, int]]) -> None:
    """Every article is either shown or under exactly one that is better, and the order stays."""
    found = folded([(title, rows(seed)) for title, seed in drawn])
    shown = [article for article, _ in found]
    assert shown == sorted(shown)
    assert sorted([*shown, *(one for _, under in found for one in under)]) == list(range(len(drawn)))
    assert all(one > article for article, under in found for one in under)


def test_thirty_candidates_take_no_time() -> None:
    """The worst case, thirty articles of one title, stays far from what a person notices."""
    articles = [("X", rows(seed, 6)) for seed in range(30)]
    took = []
    for _ in range(7):
        started = time.thread_time()
        folded(articles)
        took.append(time.thread_time() - started)
    assert min(took) < 0.02  # 2 ms on a quiet machine, vectors made anew included
