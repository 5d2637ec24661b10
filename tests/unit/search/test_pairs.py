"""Words side by side: what is one, where it is found, and what it says for an article."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentassist.errors import SearchError
from agentassist.search import build_postings, lexical, pairs, sequences
from agentassist.search.sequences import Sequences, mark_of, pair_of
from agentassist.search.stems import Stemmer

WORDS = ("life", "insurance", "policy", "the", "of", "Café", "K12")
STOP = frozenset({"the", "of"})
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
ROWS = st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS), min_size=1, max_size=8)


def written(folder: Path, rows: Sequence[Sequence[str]]) -> Sequences:
    """Write passages of four columns each, and open them."""
    with contextlib.closing(build_postings.PostingsWriter(folder, lexical.WEIGHTS, in_order=True)) as writer:
        for row in rows:
            writer.add(*row)
        writer.finish()
    return Sequences.open(folder, len(rows))


def stems_of(text: str) -> tuple[str, ...]:
    """Return the stems of a text in order."""
    with contextlib.closing(Stemmer()) as stemmer:
        return stemmer.ordered([text])[0]


def having(index: Sequences, wanted: Sequence[sequences.Pair], rows: Sequence[int]) -> np.ndarray:
    """Return which of some passages have which pairs."""
    return index.having(
        np.array(wanted, dtype=np.uint64), np.array(rows), np.array([mark_of(stem) for stem in STOP], dtype=np.uint32)
    )


def test_pairs_of_a_text() -> None:
    """Neighbours, and neighbours but for stop words between them; two stop words are none, and one word has none."""
    wanted = [("cost", "of"), ("the", "polic"), ("cost", "polic")]
    told = pairs.of(("cost", "of", "the", "polic", "cost", "polic"), STOP)
    assert told == tuple(pair_of(*pair) for pair in (*wanted[:2], ("polic", "cost"), wanted[2]))
    assert pairs.of(("cost",), STOP) == pairs.of((), STOP) == ()
    assert len(pairs.of(tuple(map(str, range(5000))), STOP)) == pairs.MOST


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, asked=TEXTS, data=st.data())
def test_a_passage_has_the_pairs_of_its_columns(rows: list[tuple[str, ...]], asked: str, data: st.DataObject) -> None:
    """For any passages and any selection of them: found is what stands side by side within a column, no more."""
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), unique=True))
    wanted = pairs.of(stems_of(asked), STOP)
    expected = [
        [any(pair in pairs.of(stems_of(column), STOP) for column in rows[row]) for pair in wanted] for row in chosen
    ]
    with tempfile.TemporaryDirectory() as folder:
        found = having(written(Path(folder), rows), wanted, chosen)
    assert found.shape == (len(chosen), len(wanted))
    assert found.tolist() == expected


@settings(max_examples=60, deadline=None)
@given(
    keys=st.sets(st.integers(1, 40), min_size=1), marks=st.lists(st.integers(0, 41), max_size=60), low=st.integers(1, 3)
)
def test_marks_are_known_though_their_low_halves_are_the_same(keys: set[int], marks: list[int], low: int) -> None:
    """Which marks are among the keys is exact, also where several keys differ only in their upper half."""

    def mark(number: int) -> int:
        return (number << 16) | (number % low)

    wanted = sorted(map(mark, keys))
    some = [mark(number) for number in marks]
    places, at = sequences._known(np.array(some, dtype=np.uint32), np.array(wanted, dtype=np.uint32))
    assert places.tolist() == [place for place, one in enumerate(some) if one in wanted]
    assert [wanted[one] for one in at] == [one for one in some if one in wanted]


def test_what_is_damaged_is_told(tmp_path: Path) -> None:
    """Of another index, cut, or with places that do not fit together: an error that says what to do."""
    written(tmp_path, [("life insurance", "", "", "the policy")] * 3)
    file = tmp_path / sequences.FILE
    whole = file.read_bytes()
    with pytest.raises(SearchError, match="not of this index"):
        Sequences.open(tmp_path, 2)
    file.write_bytes(whole[:-1])
    with pytest.raises(SearchError, match="damaged") as caught:
        Sequences.open(tmp_path, 3)
    assert "kb index" in caught.value.hint
    starts = np.array([0, 1000, 2000, (len(whole) - sequences.HEAD.size - 32) // 4], dtype=np.int64).tobytes()
    file.write_bytes(whole[: sequences.HEAD.size] + starts + whole[sequences.HEAD.size + len(starts) :])
    with pytest.raises(SearchError, match="fit together"):
        having(Sequences.open(tmp_path, 3), [pair_of("a", "b")], [1])
    file.unlink()
    with pytest.raises(SearchError, match="damaged"):
        Sequences.open(tmp_path, 3)


def told(
    index: Sequences,
    said: Sequence[str],
    rows: int,
    by_itself: Sequence[bool],
    *,
    by_words: bool = True,
    before: Sequence[int] | None = None,
) -> Any:
    """Return what turns say for articles of one passage each; some passages may have been looked at before."""
    turns = [SimpleNamespace(pairs=pairs.of(stems_of(text), STOP)) for text in said]
    question: Any = SimpleNamespace(said=turns, by_words=by_words, worded=None)
    sources: Any = SimpleNamespace(sequences=index, stop=STOP)
    if before is not None:
        question.worded = SimpleNamespace(pairs=pairs.seen(question, sources, np.array(before, dtype=np.int64)))
    return pairs.evidence(question, sources, np.arange(rows), np.arange(rows), np.array(by_itself))


def test_side_by_side_counts_turn_by_turn(tmp_path: Path) -> None:
    """Both words apart, or in another column, say nothing; side by side they do, and the more the fewer have them."""
    rows = [("", "", "", text) for text in ("life insurance", "insurance of life", "K12 policy", "K12 policy")]
    rows.append(("life", "", "", "insurance"))
    best, of_all = told(written(tmp_path, rows), ["the life insurance", "the K12 policy"], 5, [True] * 5)
    assert best.tolist() == of_all.tolist()
    assert (best > 0).tolist() == [[True, False], [False, False], [False, True], [False, True], [False, False]]
    assert best[0, 0] > best[2, 1]


@pytest.mark.parametrize("before", [[], [0], [1, 3], [0, 1, 2, 3], [3, 7]])
def test_what_was_looked_at_before_says_the_same(tmp_path: Path, before: list[int]) -> None:
    """Whichever passages were looked at while the encoder worked, also such as are no candidates, nothing changes."""
    texts = ["life insurance", "insurance of life", "K12 policy", "the K12 policy", "none", "", "x", "life insurance"]
    index, said = written(tmp_path, [("", "", "", text) for text in texts]), ["the life insurance", "the K12 policy"]
    plain, split = (told(index, said, 5, [True] * 5, before=some) for some in (None, before))
    assert [part.tolist() for part in split] == [part.tolist() for part in plain]
    assert plain[0].any()


def test_what_the_memory_names_beside_them_changes_nothing(tmp_path: Path) -> None:
    """How rare a pair is follows from the articles that the question found by itself."""
    rows = [("", "", "", text) for text in ("life insurance", "policy", "life insurance", "life insurance")]
    index = written(tmp_path, rows)
    alone, _ = told(index, ["life insurance"], 2, [True, True])
    beside, _ = told(index, ["life insurance"], 4, [True, True, False, False])
    assert beside[:2].tolist() == alone.tolist()
    assert beside[2] == beside[0]


def test_no_pair_and_no_words_say_nothing(tmp_path: Path) -> None:
    """One word has no pair, and a search by meaning alone looks for none."""
    index = written(tmp_path, [("", "", "", "life insurance")])
    for said, by_words in ((["life"], True), (["life insurance"], False)):
        best, of_all = told(index, said, 1, [True], by_words=by_words)
        assert best.tolist() == of_all.tolist() == [[0.0]]
