"""The nearest of vectors in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agentassist.search.nearest import Nearest, embedded, likeness, packed


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows of length 1."""
    return np.asarray(rows / np.linalg.norm(rows, axis=1)[:, None], dtype=np.float32)


def some(count: int, seed: int = 1) -> NDArray[np.float32]:
    """Return unit rows of 64 numbers."""
    return unit(np.random.default_rng(seed).standard_normal((count, 64)).astype(np.float32))


def test_it_is_exact() -> None:
    """The same as comparing all by hand, also after growing many times and with numbers in any order."""
    rows = some(3_000)
    nearest = Nearest()
    numbers = list(range(3_000, 0, -1))
    for start in range(0, 3_000, 70):
        nearest.put(numbers[start : start + 70], packed(rows[start : start + 70]))
    query = some(1, 2)
    cosines = rows @ query[0]
    wanted = [numbers[place] for place in np.argsort(-cosines)[:20]]
    found = nearest.best(packed(query)[0], 20, -1.0)
    assert len(nearest) == 3_000
    assert [number for number, _ in found][:10] == wanted[:10]
    assert np.allclose([score for _, score in found], np.sort(cosines)[::-1][:20], atol=2e-3)


def test_a_number_that_is_known_gets_the_new_vector() -> None:
    """A conversation that was closed again is there once, as it is now."""
    old, new = packed(some(2))
    nearest = Nearest()
    nearest.put([7], [old])
    nearest.put([7], [new])
    assert len(nearest) == 1
    assert nearest.best(new, 5, 0.99)[0][0] == 7
    assert nearest.best(old, 5, 0.99) == ()


def test_below_the_floor_nothing_is_near() -> None:
    """Neither in an empty one, nor with a vector of another size or none."""
    rows = packed(some(3))
    nearest = Nearest()
    assert nearest.best(rows[0], 5, -1.0) == ()
    nearest.put([1, 2, 3], [rows[0], rows[1], b"short"])
    assert len(nearest) == 2
    assert [number for number, _ in nearest.best(rows[0], 5, 0.9)] == [1]
    assert nearest.best(b"", 5, -1.0) == ()
    assert nearest.best(rows[0][:-2], 5, -1.0) == ()
    assert nearest.best(rows[0], 0, -1.0) == ()


def test_no_text_needs_no_encoder() -> None:
    """Nothing is encoded for nothing."""

    class Refuses:
        dimension = 4

        def encode(self, texts: object) -> NDArray[np.float32]:
            raise AssertionError(texts)

    assert embedded(Refuses(), ()) == ()


def test_the_greatest_likeness_of_several_vectors_counts() -> None:
    """Whichever of a number's vectors is like the query; a damaged one is like nothing, and takes nobody with it."""
    one, two, three = packed(some(3))
    assert [number for number, _ in likeness([1, 2, 3], ([one, two, b""], [two, b"x", three]), one, 0.9)] == [1]
    assert [number for number, _ in likeness([1, 2, 3], ([one, two, b""], [two, b"x", three]), two, 0.9)] == [1, 2]
    assert likeness([], ([], []), one, -1.0) == []
    assert likeness([1], ([one], [one]), b"", -0.5) == []
