"""Near-duplicates by vectors and by words."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from agentassist.kb.similar import Pair, near_copies, near_duplicates


def unit(*rows: tuple[float, ...]) -> NDArray[np.float32]:
    """Return rows of length one."""
    matrix = np.array(rows, dtype=np.float64)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix.astype(np.float32)


def test_both_have_to_be_covered() -> None:
    """A short article that a long one contains is no duplicate of it; two that cover each other are."""
    ids = ["long", "long", "short", "twin", "twin"]
    vectors = unit((1, 0, 0), (0, 1, 0), (1, 0, 0), (0, 1, 0.1), (1, 0.1, 0))
    (pair,) = near_duplicates(ids, vectors, 0.9)
    assert (pair.first, pair.second) == ("long", "twin")
    assert pair.similarity == pytest.approx(0.995, abs=0.001)


def test_rows_may_come_in_any_order_and_number() -> None:
    """The result is that of comparing each pair by hand, for more rows than one block holds."""
    random = np.random.default_rng(7)
    ids = [f"a{number}" for number in random.integers(0, 40, size=1_500)]
    vectors = unit(*random.normal(size=(1_500, 4)).tolist())
    rows = {name: vectors[[at for at, owner in enumerate(ids) if owner == name]] for name in dict.fromkeys(ids)}
    expected = {}
    for first, mine in rows.items():
        for second, others in rows.items():
            cosines = mine @ others.T
            expected[first, second] = min(cosines.max(axis=1).mean(), cosines.max(axis=0).mean())
    found = near_duplicates(ids, vectors, 0.9)
    names = list(rows)
    above = {pair for pair, value in expected.items() if value >= 0.9 and names.index(pair[0]) < names.index(pair[1])}
    assert {(pair.first, pair.second) for pair in found} == above
    assert len(found) > 5
    assert [pair.similarity for pair in found] == sorted((pair.similarity for pair in found), reverse=True)
    assert all(pair.similarity == pytest.approx(expected[pair.first, pair.second], abs=1e-5) for pair in found)


@pytest.mark.parametrize("ids", [[], ["a"], ["a", "a"]])
def test_one_article_has_no_duplicate(ids: list[str]) -> None:
    """Nothing, or one article alone, gives nothing."""
    assert near_duplicates(ids, np.ones((len(ids), 1), dtype=np.float32), 0.0) == ()


def test_shared_wording() -> None:
    """The index is that of the word triples: the same text is 1, other words are not told."""
    text = "hold the button under the ring for ten seconds"
    texts = {"a": text, "b": text.upper() + "!", "c": "quite other words about refunds and returns", "d": ""}
    assert near_copies(texts, 0.5) == (Pair("a", "b", 1.0),)


def test_boilerplate_is_no_likeness() -> None:
    """What stands in very many articles says nothing about any two of them."""
    texts = {f"a{n}": f"contact our support from monday to saturday {'x' * n} {'y' * n} {'z' * n}" for n in range(60)}
    assert near_copies(texts, 0.3) == ()
