"""The re-ranker keeps to its time, changes only what it scored, and is never a reason for a search to fail."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentassist.clock import SystemClock
from agentassist.errors import EncoderError
from agentassist.models import Scores
from agentassist.search import build_model, build_reranker, bundle, reranker
from agentassist.search.build import build
from agentassist.search.reranker import BundleReranker, CrossEncoder, Description, reordered


class Timed:
    """A cross-encoder whose every token takes a millisecond of a clock of its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pace = 0.001
        self.scored: list[str] = []
        self.fails: str = ""

    def cut(self, query: str) -> str:
        """Return the query."""
        return query

    def tokens(self, query: str, passage: str) -> Any:
        """Return a token a word."""
        return SimpleNamespace(ids=f"{query} {passage}".split(), passage=passage)

    def score(self, encoding: Any) -> float:
        """Return how long the passage is, after the time that takes."""
        if self.fails and self.fails in encoding.passage:
            raise EncoderError("it failed: out of memory")
        self.now += self.pace * len(encoding.ids)
        self.scored.append(encoding.passage)
        return float(len(encoding.passage))


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Timed]:
    """A model that is loaded from any folder, and the clock that it moves."""
    made = Timed()
    with monkeypatch.context() as patch:
        patch.setattr(CrossEncoder, "load", lambda *_args, **_options: made)
        patch.setattr("agentassist.search.reranker.time.perf_counter", lambda: made.now)
        yield made


def opened() -> BundleReranker:
    """Return a re-ranker that is loaded when it is first asked."""
    return BundleReranker(Path("nowhere"), {})


def test_it_scores_what_fits_into_the_time(model: Timed) -> None:
    """Ten pairs of ten tokens take 100 ms: 45 ms are enough for four, the first ones, and are not overdrawn."""
    ranker = opened()
    ranker.warm()
    model.scored.clear()
    before = model.now
    passages = [f"{'word ' * 8}p{number}" for number in range(10)]
    scores = ranker.rerank("q", passages, 45)
    assert model.scored == passages[:4]
    assert len(scores.values) == 4
    assert model.now - before <= 0.045
    assert scores.trouble == ""


def test_a_slower_machine_gets_fewer(model: Timed) -> None:
    """How fast it was lately decides how many are begun, after a slow pair as after a fast one."""
    ranker = opened()
    ranker.warm()
    passages = ["word " * 9] * 10
    assert len(ranker.rerank("q", passages, 50).values) == 5
    model.pace = 0.004
    ranker.rerank("q", passages, 50)
    before = model.now
    assert len(ranker.rerank("q", passages, 90).values) == 2
    assert model.now - before <= 0.09


def test_a_slow_spell_passes(model: Timed) -> None:
    """A machine that was busy for a moment re-ranks again once it is not, although nothing was begun meanwhile."""
    ranker = opened()
    ranker.warm()
    passages = ["word " * 9] * 10
    model.pace = 0.1
    ranker.rerank("q", passages, 50)
    model.pace = 0.001
    assert ranker.rerank("q", passages, 50).values == ()
    assert len(ranker.rerank("q", passages, 50).values) >= 4


@pytest.mark.parametrize(
    ("query", "passages", "budget"), [("q", ["p"], 0), ("q", ["p"], -1), ("q", [], 9), (" ", ["p"], 9)]
)
def test_nothing_to_do_loads_nothing(
    monkeypatch: pytest.MonkeyPatch, query: str, passages: list[str], budget: float
) -> None:
    """Without time, passages or a query there are no scores and no trouble."""
    monkeypatch.setattr(CrossEncoder, "load", lambda *_args, **_options: pytest.fail("loaded"))
    assert opened().rerank(query, passages, budget) == Scores()


def test_the_time_to_load_is_not_in_the_budget(model: Timed) -> None:
    """The first search of a session is re-ranked like any other."""
    assert len(opened().rerank("q", ["word " * 9] * 3, 35).values) == 3


def test_a_failure_gives_no_scores_and_is_told_once_and_for_all(model: Timed) -> None:
    """Half an order would be worse than the one there is; a model that failed is not asked again."""
    model.fails = "bad"
    ranker = opened()
    scores = ranker.rerank("q", ["good", "bad", "good"], 1000)
    assert scores == Scores(trouble="not re-ranked: it failed: out of memory")
    assert ranker.trouble == scores.trouble
    model.scored.clear()
    assert ranker.rerank("q", ["good"], 1000) == scores
    assert model.scored == []


def test_a_folder_without_a_model_is_told() -> None:
    """Whatever cannot be read is words, not an error."""
    ranker = opened()
    ranker.warm()
    assert ranker.trouble.startswith("not re-ranked: it cannot be loaded")


def test_why_there_is_none_is_told_from_the_bundle(tmp_path: Path) -> None:
    """A re-ranker that could not be built says so at the desk as well."""
    (tmp_path / reranker.DESCRIPTION_FILE).write_text(
        Description("m", trouble="no such model").dump(), encoding="utf-8"
    )
    ranker = BundleReranker(tmp_path, {})
    assert ranker.rerank("q", ["p"], 9) == Scores(trouble="not re-ranked: no such model")


@given(st.integers(0, 12), st.lists(st.floats(-9, 9), max_size=12))
def test_only_what_was_scored_changes_places(count: int, values: list[float]) -> None:
    """Every candidate stays; the scored ones fall, and behind them all is as it was."""
    order = reordered(count, Scores(tuple(values)))
    scored = min(count, len(values))
    assert sorted(order) == list(range(count))
    assert order[scored:] == list(range(scored, count))
    for one, other in itertools.pairwise(order[:scored]):
        assert (-values[one], one) < (-values[other], other)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"model": 1, "model_hash": "", "max_length": 1, "trouble": ""}', "nope"]
)
def test_what_is_no_description_is_refused(text: str) -> None:
    """A file from elsewhere is a ValueError and nothing else; our own is read back."""
    with pytest.raises(ValueError, match=r".+"):
        Description.parse(text)
    own = Description("m", "h", 512)
    assert Description.parse(own.dump()) == own


@pytest.mark.parametrize("name", ["/no/such/folder", "./none"])
def test_a_missing_model_leaves_the_index_without_one(tmp_path: Path, name: str) -> None:
    """The bundle says why, names no place on this machine, and nothing is raised."""
    build_reranker.put(name, tmp_path, tmp_path / "index", tmp_path / "cache")
    assert build_reranker.trouble(tmp_path).startswith("there is no model folder")
    assert "/no/such" not in build_reranker.trouble(tmp_path)


def test_a_folder_that_is_no_model_and_pickled_weights_are_told(tmp_path: Path) -> None:
    """Neither is run: weights in a pickle can run code."""
    (tmp_path / "m").mkdir()
    (tmp_path / "b").mkdir()
    build_reranker.put(str(tmp_path / "m"), tmp_path / "b", tmp_path, tmp_path / "cache")
    assert "holds no cross-encoder" in build_reranker.trouble(tmp_path / "b")
    (tmp_path / "m" / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "m" / "pytorch_model.bin").write_bytes(b"")
    build_reranker.put(str(tmp_path / "m"), tmp_path / "b", tmp_path, tmp_path / "cache")
    assert "can run code" in build_reranker.trouble(tmp_path / "b")


def test_no_reranker_puts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Off is off: no file, no process, no trouble."""
    monkeypatch.setattr(build_model, "run_child", lambda *_: pytest.fail("exported"))
    build_reranker.put("", tmp_path, tmp_path, tmp_path / "cache")
    assert list(tmp_path.iterdir()) == []
    assert build_reranker.trouble(tmp_path) == ""


def test_an_index_is_published_without_a_reranker_that_cannot_be_had(
    tmp_path: Path, kb: Callable[..., Path], fake_model: object
) -> None:
    """An extra that is missing does not keep the articles from the desk, and is told by build and desk."""
    manifest = build(
        kb(pairing="Press the button."),
        tmp_path / "index",
        tmp_path / "cache",
        reranker=str(tmp_path / "no-model"),
        progress=lambda _: None,
        clock=SystemClock(),
    )
    assert not manifest.keyword_only
    assert (
        build_reranker.configured(tmp_path / "index")
        == "no-model"
        == build_reranker.name_of(str(tmp_path / "no-model"))
    )
    assert build_reranker.trouble_of(tmp_path / "index") == "there is no model folder no-model"
    found = BundleReranker.of(bundle.find(tmp_path / "index"))
    assert found is not None
    assert found.rerank("q", ["p"], 99) == Scores(trouble="not re-ranked: there is no model folder no-model")


def test_the_files_of_a_reranker_are_a_part_of_the_bundle(
    tmp_path: Path, kb: Callable[..., Path], fake_model: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are hashed like all others, so that one that was changed is found; without the line they are gone again."""
    made = tmp_path / "made"
    made.mkdir()
    for name in build_reranker.FILES:
        (made / name).write_text(Description("m", "h", 64).dump(), encoding="utf-8")
    monkeypatch.setattr(build_reranker, "exported", lambda *_args, **_options: made)
    folder = kb(pairing="Press the button.")
    places = (folder, tmp_path / "index", tmp_path / "cache")
    build(*places, reranker="m", progress=lambda _: None, clock=SystemClock())
    published = bundle.find(tmp_path / "index")
    assert set(build_reranker.FILES) <= set(published.manifest.files)
    assert published.verify() == ()
    assert build_reranker.configured(tmp_path / "index") == "m"
    (published.folder / reranker.ONNX_FILE).unlink()
    assert published.verify() != ()
    build(*places, progress=lambda _: None, clock=SystemClock())
    assert BundleReranker.of(bundle.find(tmp_path / "index")) is None
    assert build_reranker.configured(tmp_path / "index") == ""
