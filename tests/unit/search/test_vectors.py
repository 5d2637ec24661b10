"""Exact search over memory-mapped rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agentassist.search import vectors
from agentassist.search.vectors import Vectors, best


def unit(count: int, dimension: int, seed: int = 0) -> NDArray[np.float32]:
    """Return random unit-length rows."""
    rows = np.random.default_rng(seed).standard_normal((count, dimension), dtype=np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_the_ten_nearest_are_the_exact_ones(tmp_path: Path) -> None:
    """Scan and rescoring give the same ten nearest as float64 does, and the same cosines to 1e-3."""
    rows, queries = unit(3000, 384), unit(20, 384, seed=1)
    vectors.write(tmp_path, [rows[:1000], rows[1000:]])
    opened = Vectors.open(tmp_path, 3000, 384)
    assert len(opened) == 3000
    for query in queries:
        exact = rows.astype(np.float64) @ query.astype(np.float64)
        near = best(opened.scan(query), 100)
        scores = opened.exact(near, query[None, :])[:, 0]
        assert np.abs(opened.scan(query) - exact).max() < 0.01
        assert np.abs(scores - exact[near]).max() < 1e-3
        assert near[best(scores, 10)].tolist() == np.argsort(-exact)[:10].tolist()


@pytest.mark.parametrize("name", vectors.FILES)
def test_a_file_of_the_wrong_size_is_refused(tmp_path: Path, name: str) -> None:
    """A cut file is an error at opening, not a crash in the middle of a search."""
    vectors.write(tmp_path, [unit(10, 16)])
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-1])
    with pytest.raises(ValueError, match=name):
        Vectors.open(tmp_path, 10, 16)
    (tmp_path / name).unlink()
    with pytest.raises(FileNotFoundError):
        Vectors.open(tmp_path, 10, 16)


def test_no_rows_at_all(tmp_path: Path) -> None:
    """An index without passages can be opened and finds nothing."""
    vectors.write(tmp_path, [])
    opened = Vectors.open(tmp_path, 0, 16)
    assert opened.scan(unit(1, 16)[0]).tolist() == []


def test_a_row_of_zeros_does_not_divide_by_zero(tmp_path: Path) -> None:
    """A vector without direction is at right angles to everything."""
    vectors.write(tmp_path, [np.zeros((1, 16), np.float32)])
    assert Vectors.open(tmp_path, 1, 16).scan(unit(1, 16)[0]).tolist() == [0.0]


def test_best_breaks_ties_by_position() -> None:
    """Equal scores keep the order of position, so that a search gives the same twice."""
    assert best(np.array([1, 3, 3, 2], np.float32), 3).tolist() == [1, 2, 3]
    assert best(np.array([1, 2], np.float32), 9).tolist() == [1, 0]
    assert best(np.array([1.0], np.float32), 0).tolist() == []
