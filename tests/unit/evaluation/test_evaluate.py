"""Asking a real index, built of a small data set with a fake encoder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from agentassist.evaluation import baselines, cases, datasets, indexing, report
from agentassist.evaluation.baselines import Baselines
from agentassist.evaluation.datasets import Dataset
from agentassist.evaluation.evaluate import SHIPPED, Evaluation, evaluate, measure, sample
from agentassist.search import build
from agentassist.search.index import Index
from agentassist.search.query import from_conversation

pytest.importorskip("ir_measures", reason="needs the [build] extra")

Write = Callable[..., Path]
TODAY = date(2026, 11, 22)


@pytest.fixture
def small(dataset: Write) -> Dataset:
    """The small data set."""
    return datasets.load(dataset())


@pytest.fixture
def index(small: Dataset, tmp_path: Path, encoder: object, clock: object) -> Iterator[Index]:
    """Its index."""
    opened = indexing.open_index(small, tmp_path / "cache", clock=clock)  # type: ignore[arg-type]
    yield opened
    opened.close()


def found_by(index: Index, dataset: Dataset, **options: object) -> Evaluation:
    """Evaluate on the day of these tests."""
    return evaluate(dataset, index, today=TODAY, **options)  # type: ignore[arg-type]


def test_the_index_is_kept_by_content(
    small: Dataset, tmp_path: Path, encoder: object, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same articles are not indexed again; other ones get an index of their own."""
    built: list[str] = []
    real = build.publish

    def counting(*arguments: object, **options: object) -> object:
        built.append(str(options["name"]))
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(build, "publish", counting)
    indexing.open_index(small, tmp_path / "cache").close()
    assert built == []
    other = replace(small, name="other", articles=small.articles[:2])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(indexing, "KEPT", 1)
        indexing.open_index(other, tmp_path / "cache").close()
    assert built == ["other"]
    kept = [place for place in (tmp_path / "cache" / indexing.FOLDER).iterdir() if place.is_dir()]
    assert len(kept) == 1


def test_a_damaged_index_is_built_again(small: Dataset, tmp_path: Path, encoder: object, index: Index) -> None:
    """What was kept and cannot be opened is replaced."""
    (pointer,) = (tmp_path / "cache" / indexing.FOLDER).glob("*/current")
    pointer.write_text("../nowhere\n")
    again = indexing.open_index(small, tmp_path / "cache")
    assert again.manifest.articles == 3
    again.close()


def test_query_vectors_outlive_the_process(tmp_path: Path, encoder: object) -> None:
    """What was encoded once is read from the disk afterwards, bit for bit."""
    fake = encoder
    first = indexing.query_encoder(tmp_path / "cache")
    rows = first.encode(["a question", "another", "a question"])
    asked = list(fake.embedded)  # type: ignore[attr-defined]
    again = indexing.query_encoder(tmp_path / "cache").encode(["another", "a question"])
    assert asked == ["a question", "another"]
    assert fake.embedded == asked  # type: ignore[attr-defined]
    assert (again == rows[[1, 0]]).all()
    assert first.encode([]).shape == (0, first.dimension)


def test_the_desks_own_search_is_measured(small: Dataset, index: Index) -> None:
    """What is measured is what `Index.search` gives for what `from_conversation` asks."""
    found = found_by(index, small)
    for answer in found.answers:
        wanted = index.search(from_conversation(answer.case.entries), limit=10, today=TODAY)
        assert answer.ranking == tuple(hit.article.id for hit in wanted.hits)
    assert [answer.case.id for answer in found.answers] == ["q1", "q2", "q3", "n1"]
    assert [system.name for system in found.systems] == [SHIPPED]
    assert found.confidence is not None
    assert (found.confidence.answerable, found.confidence.unanswerable) == (3, 1)


def test_domains_and_comparisons(small: Dataset, index: Index) -> None:
    """Each domain has its figures, and each comparison says by how much the shipped ranking is ahead."""
    others = Baselines(small, index.passage_vectors(), indexing.query_encoder(Path()))
    told: list[tuple[str, int, int]] = []
    found = found_by(index, small, baselines=others, compare=("bm25-last",), progress=lambda *now: told.append(now))
    shipped, bm25 = found.systems
    assert {name: figures.queries for name, figures in shipped.domains.items()} == {"money": 1, "setup": 2}
    assert shipped.overall.dialogs == 2
    assert shipped.ahead is None
    assert bm25.ahead is not None
    difference = shipped.overall.values["mrr@10"].value - bm25.overall.values["mrr@10"].value
    assert bm25.ahead.value == pytest.approx(difference)
    assert told[0] == (SHIPPED, 1, 4)
    assert told[-1] == ("bm25-last", 3, 3)


def test_only_unanswerable_queries(small: Dataset, index: Index) -> None:
    """Without an answerable query there are no figures of ranking, and no error."""
    found = found_by(index, replace(small, queries=()))
    assert found.systems == ()
    assert "".join(report.lines(found))


def test_a_sample_is_the_same_again(small: Dataset) -> None:
    """A sample keeps the order, is chosen by its seed, and 0 is everything."""
    assert sample(small.queries, 0, 1) == small.queries
    assert sample(small.queries, 9, 1) == small.queries
    two = sample(small.queries, 2, 1)
    assert two == sample(small.queries, 2, 1)
    assert [case.id for case in two] == sorted(case.id for case in two)


def test_a_perfect_and_an_empty_ranking(small: Dataset) -> None:
    """A ranking that is always right has 1 everywhere, one that finds nothing has 0."""
    best = [list(case.right) for case in small.queries]
    perfect, nothing = measure(small.queries, {SHIPPED: best, "bm25-last": [[], [], []]})
    assert {value.value for value in perfect.overall.values.values()} == {1.0}
    assert {value.value for value in nothing.overall.values.values()} == {0.0}
    assert nothing.ahead is not None
    assert nothing.ahead.low == 1.0


def test_it_is_told_as_lines_and_as_data(small: Dataset, index: Index) -> None:
    """Both hold the same figures; the data is JSON, and no control character gets into the lines."""
    hostile = replace(
        small, name="a\x1b[2Jb", queries=tuple(replace(case, domain=f"{case.domain}\x9b") for case in small.queries)
    )
    others = Baselines(small, index.passage_vectors(), indexing.query_encoder(Path()))
    found = found_by(index, hostile, baselines=others, compare=baselines.NAMES)
    text = "\n".join(report.lines(found))
    assert "\x1b" not in text
    assert "\x9b" not in text
    told = json.loads(json.dumps(report.data(found)))
    assert [system["name"] for system in told["systems"]] == [SHIPPED, *baselines.NAMES]
    value = told["systems"][0]["overall"]["mrr@10"]["value"]
    assert f"mrr@10       {value:.3f}" in text
    assert told["confidence"]["bins"]


def test_misses_and_thresholds(small: Dataset, index: Index) -> None:
    """A test fails when the first is not right, or when something is shown though nothing fits."""
    right, wrong, nothing = (
        cases.Test(replace(small.queries[0], id="t:1"), 1, ""),
        cases.Test(replace(small.queries[0], id="t:2", right={"refund": 1.0}), 2, "on purpose"),
        cases.Test(replace(small.unanswerable[0], id="t:3"), 3, ""),
    )
    tests = cases.Tests({"hit@1": 0.5, "mrr@10": 0.9, "no_answer": 1.0}, (right, wrong, nothing))
    found = found_by(index, replace(small, queries=tests.queries, unanswerable=tests.unanswerable))
    missed = report.misses(tests, found.answers)
    assert missed[0].place == "t:2"
    assert missed[0].first == "pairing"
    assert missed[0].note == "on purpose"
    shown = {answer.case.id: answer.shown for answer in found.answers}
    assert ("t:3" in [miss.place for miss in missed]) == shown["t:3"]
    by = {item.name: item for item in report.thresholds(tests, found)}
    assert not by["hit@1"].missed
    assert by["mrr@10"].missed
    assert by["no_answer"].value == (0.0 if shown["t:3"] else 1.0)
    text = "\n".join(report.test_lines(tuple(by.values()), missed))
    assert "expected refund" in text
    assert "MISSED   mrr@10" in text
    assert json.dumps(report.test_data(tuple(by.values()), missed))
