"""The words of all passages as arrays: scored as FTS5 does, and by brute force the same."""

from __future__ import annotations

import contextlib
import math
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentassist.errors import SearchError
from agentassist.kb import library
from agentassist.models import Article, ArticleKind, Passage
from agentassist.search import build_postings, lexical, postings
from agentassist.search.lexical import Lexical
from agentassist.search.postings import FILE, Postings
from agentassist.search.stems import Stemmer

WORDS = ("pair", "pairing", "dial", "valve", "ring", "Café", "cafe", "K12", "the", "x_y", "don't")
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
ROWS = st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS), max_size=12)


def written(folder: Path, rows: Sequence[Sequence[str]]) -> Postings:
    """Write passages of four columns each, and open them."""
    writer = build_postings.PostingsWriter(folder, lexical.WEIGHTS)
    try:
        for row in rows:
            writer.add(*row)
        writer.finish()
    finally:
        writer.close()
    return Postings.open(folder, len(rows))


def brute(rows: Sequence[Sequence[str]], weights: dict[str, float]) -> list[float]:
    """Return the weighted BM25 of every passage, counted word by word."""
    stemmer = Stemmer()
    counts = [[Counter(stems) for stems in stemmer.tokens(row)] for row in rows]
    stemmer.close()
    lengths = [sum(sum(column.values()) for column in row) for row in counts]
    mean = sum(lengths) / len(lengths) if rows else 0.0
    scores = [0.0] * len(rows)
    for stem, weight in weights.items():
        having = sum(any(stem in column for column in row) for row in counts)
        idf = max(math.log((len(rows) - having + 0.5) / (having + 0.5)), 1e-6)
        for at, row in enumerate(counts):
            f = sum(each * column[stem] for each, column in zip(lexical.WEIGHTS, row, strict=True))
            if f:
                norm = 1.2 * (1 - 0.75 + 0.75 * lengths[at] / mean)
                scores[at] += weight * idf * f * 2.2 / (f + norm)
    return scores


@settings(deadline=None, max_examples=60)
@given(rows=ROWS, asked=st.dictionaries(st.sampled_from(("pair", "dial", "valv", "ring", "cafe", "k12", "the", "zz")),
                                        st.floats(0.1, 3), max_size=6), limit=st.integers(1, 12))  # fmt: skip
def test_scores_are_those_of_bm25_by_hand(rows: list[tuple[str, ...]], asked: dict[str, float], limit: int) -> None:
    """`best` and `scores` give each passage its exact weighted BM25, and nothing that has none of the words."""
    with tempfile.TemporaryDirectory() as folder:
        opened = written(Path(folder), rows)
        expected = brute(rows, asked)
        every = np.arange(len(rows), dtype=np.int64)
        assert opened.scores(asked, every).tolist() == pytest.approx(expected, abs=1e-3)
        found, scores = opened.best(asked, limit)
        having = [at for at, score in enumerate(expected) if score > 0]
        assert len(found) == min(limit, len(having))
        assert set(found.tolist()) <= set(having)
        assert scores.tolist() == pytest.approx([expected[row] for row in found], abs=1e-3)
        assert scores.tolist() == pytest.approx(sorted(expected, reverse=True)[: len(found)], abs=1e-3)
        table = opened.table(list(asked), every)
        weights = np.array(list(asked.values()), dtype=np.float32)
        assert (weights @ table).tolist() == pytest.approx(expected, abs=1e-3)


@settings(deadline=None, max_examples=40)
@given(rows=ROWS, chosen=st.lists(st.integers(0, 11), unique=True), short=st.integers(0, 6))
def test_rare_and_common_stems_are_looked_up_alike(rows: list[tuple[str, ...]], chosen: list[int], short: int) -> None:
    """A stem's line of the table is the same whether its postings are read whole or looked into."""
    asked = ["pair", "dial", "zz", "valv", "the", "ring", "k12"]
    some = np.array([at for at in chosen if at < len(rows)], dtype=np.int64)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as changed:
        opened = written(Path(folder), rows)
        whole = opened.table(asked, some)
        changed.setattr(postings, "_SHORT", short)
        assert opened.table(asked, some).tolist() == whole.tolist()


def test_scores_are_those_of_fts5_on_the_shipped_knowledge_base(tmp_path: Path) -> None:
    """The same words get the same passages the same score as FTS5's bm25 gives, to a thousandth."""
    loaded = library.load(Path(__file__).parents[3] / "kb")
    pairs = [(item.article, item.passages) for item in loaded.articles]
    _, passages = lexical.write(tmp_path / lexical.FILE, pairs)
    words, opened = Lexical.open(tmp_path / lexical.FILE), Postings.open(tmp_path, passages)
    compared = 0
    for item in loaded.articles[:40]:
        # One word a stem: FTS5 counts a word that is given twice as two.
        by_stem = {stems[0]: word for word in lexical.words(item.passages[0].text)
                   if len(stems := list(words.stems([word])[0])) == 1}  # fmt: skip
        chosen = dict(list(by_stem.items())[:10])
        by_fts5 = words._rows(
            f"SELECT rowid, -bm25(passages_fts, {', '.join(map(str, lexical.WEIGHTS))}) AS score FROM passages_fts"
            " WHERE passages_fts MATCH ? ORDER BY score DESC, rowid LIMIT 50",
            (lexical.match(list(chosen.values())),),
        )
        _, scores = opened.best(dict.fromkeys(chosen, 1.0), 50)
        assert scores.tolist() == pytest.approx([score for _, score in by_fts5], abs=2e-3)
        rows = np.array([row for row, _ in by_fts5], dtype=np.int64)
        exact = opened.scores(dict.fromkeys(chosen, 1.0), rows)
        assert exact.tolist() == pytest.approx([score for _, score in by_fts5], abs=2e-3)
        compared += len(rows)
    assert compared > 200
    words.close()


def test_what_is_not_allowed_is_not_found(tmp_path: Path) -> None:
    """The best of what may be found, however good the rest is."""
    opened = written(tmp_path, [("valve", "", "", "valve"), ("", "", "", "the valve is long"), ("", "", "", "ring")])
    rows, scores = opened.best({"valv": 1.0}, 5, np.array([False, True, True]))
    assert rows.tolist() == [1]
    assert scores.tolist() == opened.scores({"valv": 1.0}, rows).tolist()


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), budget=st.integers(1, 400))
def test_beyond_the_budget_no_more_is_lost_than_is_said(seed: int, budget: int) -> None:
    """A missed passage has no more by the words that were added up than the last that was looked at, so it scores at
    most what the words left over can add better than that; what is found is scored exactly."""  # noqa: D209, D205
    rng = np.random.default_rng(seed)
    rows = [("", "", "", " ".join(f"w{n}" for n in range(12) if rng.random() < (n + 1) / 14)) for _ in range(60)]
    asked = {f"w{n}": float(rng.uniform(0.2, 2)) for n in range(12)}
    expected = np.array(brute(rows, asked))
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(postings, "BUDGET", budget)
        patch.setattr(postings, "POOL", 12)
        opened = written(Path(folder), rows)
        found, scores = opened.best(asked, 3)
        scanned, left = postings._within_budget(opened._wanted(asked))
        assert len(scanned) == 1 or sum(stop - start for start, stop, _, _ in scanned) <= budget
        assert scores.tolist() == pytest.approx(expected[found].tolist(), abs=1e-3)
        missed = np.setdiff1d(np.arange(len(rows)), found)
        can_add = sum(most for *_, most in left)
        assert expected[missed].max() <= scores.min() + can_add + 1e-3
        if not left:
            assert sorted(scores.tolist()) == pytest.approx(sorted(expected)[-3:], abs=1e-3)


def test_several_threads_add_up_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the stems are shared out, the same passages are found with the same scores."""
    rows = [("", "", "", " ".join(f"w{n}" for n in range(9) if (at + n) % (n + 2) == 0)) for at in range(80)]
    opened = written(tmp_path, rows)
    asked = {f"w{n}": n + 1.0 for n in range(9)}
    found, scores = opened.best(asked, 20)
    monkeypatch.setattr(postings, "THREADED", 0)
    for count in (1, 2, 3):
        monkeypatch.setattr(postings, "cores", lambda count=count: count)
        again, same = opened.best(asked, 20)
        assert again.tolist() == found.tolist()
        assert same.tolist() == pytest.approx(scores.tolist(), rel=1e-5)


def test_an_index_without_passages_finds_nothing(tmp_path: Path) -> None:
    """It opens, and every question has an empty answer."""
    opened = written(tmp_path, [])
    assert len(opened) == 0
    rows, scores = opened.best({"valv": 1.0}, 5)
    assert (rows.tolist(), scores.tolist()) == ([], [])
    assert opened.scores({"valv": 1.0}, np.zeros(0, np.int64)).tolist() == []
    assert opened.counts(["valv"]) == {"valv": 0}


def test_one_passage_is_found(tmp_path: Path) -> None:
    """Its words are in every passage, so they are worth next to nothing, and it is found all the same."""
    opened = written(tmp_path, [("Valve", "", "", "The valve clicks.")])
    rows, scores = opened.best({"valv": 1.0}, 5)
    assert rows.tolist() == [0]
    assert 0 < float(scores[0]) < 1e-5
    assert opened.counts(["valv", "zz"]) == {"valv": 1, "zz": 0}


def test_a_rare_word_is_worth_more(tmp_path: Path) -> None:
    """The worth of a word is FTS5's, and one that no passage has is worth most."""
    opened = written(tmp_path, [("", "", "", f"{'valve' if at == 0 else 'ring'} dial{at}") for at in range(20)])
    idf = opened.idf(["valv", "ring", "nothing"])
    assert idf["valv"] == pytest.approx(math.log(19.5 / 1.5))
    assert idf["ring"] == 1e-6
    assert idf["nothing"] > idf["valv"]


def test_many_blocks_are_one_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the writing is cut, and whatever is forgotten in between, the file is the same."""
    rows = [(f"title {at}", "", "tag", f"word{at % 7} and Ring the ring {at}") for at in range(100)]
    written(tmp_path, rows)
    whole = (tmp_path / FILE).read_bytes()
    monkeypatch.setattr(build_postings, "_ROWS", 7)
    monkeypatch.setattr(build_postings, "_PIECES", 5)
    written(tmp_path, rows)
    assert (tmp_path / FILE).read_bytes() == whole
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("damage", [b"", b"agentas1", b"x" * 500])
def test_a_damaged_file_is_told(tmp_path: Path, damage: bytes) -> None:
    """A cut or foreign file is an error with what to do at opening, not a crash in a search."""
    written(tmp_path, [("", "", "", "valve")])
    (tmp_path / FILE).write_bytes(damage)
    with pytest.raises(SearchError, match="damaged") as caught:
        Postings.open(tmp_path, 1)
    assert "kb index" in caught.value.hint
    (tmp_path / FILE).unlink()
    with pytest.raises(SearchError, match="damaged"):
        Postings.open(tmp_path, 1)


def test_a_cut_file_and_one_of_another_index_are_told(tmp_path: Path) -> None:
    """So is one that lost its last byte, or that has another number of passages."""
    written(tmp_path, [("", "", "", "valve"), ("", "", "", "ring")])
    with pytest.raises(SearchError, match="not of this index"):
        Postings.open(tmp_path, 3)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:-1])
    with pytest.raises(SearchError, match="bytes, not"):
        Postings.open(tmp_path, 2)


@settings(deadline=None, max_examples=150)
@given(at=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_wrong_byte_never_crashes(at: int, value: int) -> None:
    """Whatever byte is wrong, a search answers or says that the index is damaged."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written(folder, [("valve", "", "", f"the valve rings dial{number % 3}") for number in range(9)])
        held = bytearray((folder / FILE).read_bytes())
        held[at % len(held)] = value
        (folder / FILE).write_bytes(held)
        with contextlib.suppress(SearchError):
            opened = Postings.open(folder, 9)
            asked = {"valv": 1.0, "ring": 0.5, "dial0": 2.0, "zz": 1.0}
            rows, _ = opened.best(asked, 3)
            assert all(0 <= row < 9 for row in rows.tolist())
            assert np.isfinite(opened.scores(asked, np.array([0, 8], dtype=np.int64))).all()


@given(text=st.text(max_size=200))
@settings(deadline=None, max_examples=100)
def test_stems_of_a_text_are_those_that_are_stored(text: str) -> None:
    """A passage has exactly the stems that `Lexical.stems` gives for its text, whatever the text."""
    storable = text.encode("utf-8", "replace").decode("utf-8")
    article = Article("a", ArticleKind.ARTICLE, "", "", "a.md")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lexical.write(folder / lexical.FILE, [(article, [Passage("a", 0, "", storable)])])
        words, opened = Lexical.open(folder / lexical.FILE), Postings.open(folder, 1)
        stems = words.stems([text])[0]
        vocabulary = {term for (term,) in words._rows("SELECT term FROM words", ())}
        words.close()
        assert set(stems) == vocabulary
        assert opened.counts(stems) == dict.fromkeys(stems, 1)


def test_stems_are_counted_and_remembered(tmp_path: Path, article: Callable[..., Any]) -> None:
    """A text's stems with how often each is in it; many texts, also the same twice, and long pieces."""
    lexical.write(tmp_path / "p.db", [article("a", "x")])
    words = Lexical.open(tmp_path / "p.db")
    assert words.stems(["Pairing a pair, PAIRED", "", "…"]) == [{"pair": 3, "a": 1}, {}, {}]
    assert words.stems(["a-b", "a-b"]) == [{"a": 1, "b": 1}] * 2
    assert words.stems(["q" * 500]) == [{"q" * 500: 1}]
    assert words.stems(["\ud800valve"]) == [{"valv": 1}]
    many = [f"text {number}" for number in range(5000)]
    assert words.stems(many)[4321] == {"text": 1, "4321": 1}
    assert words.stems(many[:2]) == [{"text": 1, "0": 1}, {"text": 1, "1": 1}]
    words.close()
