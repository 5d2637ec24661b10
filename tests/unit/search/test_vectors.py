"""Exact search over memory-mapped rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agentassist.search import mapped, vectors
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


@given(
    scores=st.lists(st.sampled_from([0.0, 1.0, 2.0, -1.0, 0.5, 7.0]), max_size=400),
    limit=st.integers(0, 12),
    above=st.none() | st.sampled_from([0.0, 0.5, 9.0]),
)
def test_best_is_what_sorting_gives(scores: list[float], limit: int, above: float | None) -> None:
    """By blocks or not, with a floor or not: the greatest first, equal ones in the order of position."""
    fitting = [at for at, score in enumerate(scores) if above is None or score > above]
    expected = sorted(fitting, key=lambda at: (-scores[at], at))[:limit]
    assert best(np.array(scores, dtype=np.float32), limit, above).tolist() == expected


def test_best_of_very_many() -> None:
    """So it is where only the maxima of blocks are compared first, the last block being short."""
    scores = np.random.default_rng(0).standard_normal(100_003).astype(np.float32)
    scores[100_001] = 99.0
    assert best(scores, 50).tolist() == np.argsort(-scores, kind="stable")[:50].tolist()
    assert best(scores, 50, above=4.0).tolist() == [at for at in np.argsort(-scores)[:50] if scores[at] > 4.0]


def test_a_filter_gives_the_nearest_of_what_is_left(tmp_path: Path) -> None:
    """By a mask or by rows alone, the exact ten nearest of what may be found, and never another."""
    rows, query = unit(3000, 64), unit(1, 64, seed=1)[0]
    vectors.write(tmp_path, [rows])
    opened = Vectors.open(tmp_path, 3000, 64)
    exact = rows @ query
    assert opened.nearest(query, 10).rows.tolist() == np.argsort(-exact)[:10].tolist()
    for mask in (exact < 0.1, exact < -0.2, np.arange(3000) < 4, np.zeros(3000, dtype=bool)):
        expected = [at for at in np.argsort(-exact) if mask[at]][:10]
        by_mask = opened.nearest(query * 3, 10, mask=mask)
        by_rows = opened.nearest(query, 10, rows=np.flatnonzero(mask))
        assert by_mask.rows.tolist() == by_rows.rows.tolist() == expected
        assert np.abs(by_rows.scores - exact[expected]).max(initial=0) < 1e-3


def test_many_rows_are_scanned_by_several_threads_as_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the rows are shared out, every score is in its place."""
    rows, query = unit(1000, 32), unit(1, 32, seed=1)[0]
    vectors.write(tmp_path, [rows])
    opened = Vectors.open(tmp_path, 1000, 32)
    expected = opened.scan(query).tolist()
    some = np.array([999, 3, 500])
    monkeypatch.setattr(vectors, "THREADED", 1)
    monkeypatch.setattr(vectors, "BLOCK", 37)
    assert opened.scan(query).tolist() == expected
    assert opened.scan(query, some).tolist() == [expected[at] for at in some]


def test_what_was_read_here_and_there_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading goes on as before when pages were handed back in between, and rows are the same read or mapped."""
    rows, query = unit(100, 16), unit(1, 16, seed=1)
    vectors.write(tmp_path, [rows])
    some = np.array([99, 0, 50, 50])
    by_map = Vectors.open(tmp_path, 100, 16).exact(some, query)
    monkeypatch.setattr(mapped, "KEEP", 0)
    monkeypatch.setattr(vectors, "KEEP", 0)
    assert Vectors.open(tmp_path, 100, 16).exact(some, query).tolist() == by_map.tolist()
    assert np.abs(by_map[:, 0] - rows[some] @ query[0]).max() < 1e-3
    file = mapped.Mapped(tmp_path / vectors.FLOAT_FILE, 3200)
    held = file.array(np.dtype(np.float16), (100, 16))
    before = held.tolist()
    file.touched(1)
    assert held.tolist() == before


def test_what_is_no_number_is_quiet(tmp_path: Path) -> None:
    """A damaged row that holds infinity and what is no number spoils no other row, and nothing warns of it."""
    rows = unit(4, 16)
    vectors.write(tmp_path, [rows])
    wrong = np.fromfile(tmp_path / vectors.FLOAT_FILE, dtype=np.float16).reshape(4, 16)
    wrong[1, :3] = np.inf, -np.inf, np.nan
    wrong.tofile(tmp_path / vectors.FLOAT_FILE)
    scores = Vectors.open(tmp_path, 4, 16).exact(np.arange(4), rows)
    assert np.isfinite(scores[[0, 2, 3]]).all()
    assert not np.isfinite(scores[1]).any()
