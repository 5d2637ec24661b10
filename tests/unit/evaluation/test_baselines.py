"""What the shipped ranking is compared with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agentassist.evaluation import baselines, datasets
from agentassist.evaluation.baselines import Baselines
from agentassist.evaluation.records import spoken
from agentassist.kb.passages import embedded_text
from agentassist.kb.similar import PassageVectors
from agentassist.models import Entry

pytest.importorskip("bm25s", reason="needs the [build] extra")

Write = Callable[..., Path]
SAID = [
    spoken(at, role, text)
    for at, (role, text) in enumerate(
        [("customer", "one"), ("agent", "two"), ("customer", "three"), ("customer", "four"), ("bot", "five"),
         ("customer", "six"), ("agent", "seven"), ("customer", "eight"), ("customer", "nine")], start=1)
]  # fmt: skip


@pytest.mark.parametrize(
    ("reading", "wanted"),
    [
        ("last", "eight nine"),
        ("last3", "three four six eight nine"),
        ("last5", "five six seven eight nine"),
        ("whole", "one two three four five six seven eight nine"),
    ],
)
def test_what_is_read(reading: str, wanted: str) -> None:
    """A burst is what the customer says until another speaks; the last five turns are everybody's."""
    assert baselines.read(SAID, reading).split() == wanted.split()


def test_nothing_was_said() -> None:
    """An agent alone has no burst."""
    assert baselines.read([spoken(1, "agent", "hello")], "last") == ""
    assert baselines.read([], "whole") == ""


@pytest.fixture
def ranked(dataset: Write, encoder: object) -> Callable[[str, str], list[str]]:
    """Ranks the small data set by a baseline."""
    from agentassist.search.encoder import OnnxEncoder

    loaded = datasets.load(dataset())
    fake = OnnxEncoder.load(Path())
    texts = [embedded_text(article, passage) for article, some in loaded.articles for passage in some]
    ids = [article.id for article, some in loaded.articles for _ in some]
    made = Baselines(loaded, PassageVectors(ids, fake.embed(texts)), fake)

    def rank(name: str, words: str) -> list[str]:
        entries: list[Entry] = [spoken(1, "customer", words)]
        return made.ranker(name, 10)(entries)

    return rank


def test_keyword_search_finds_words(ranked: Callable[[str, str], list[str]]) -> None:
    """BM25 ranks by words, and what shares none is not found."""
    assert ranked("bm25-last", "valve batteries pairing")[0] == "valve"
    assert ranked("bm25-last", "bicycle") == []
    assert ranked("bm25-last", "the") == []
    assert ranked("bm25-last", "") == []


def test_vectors_rank_everything(ranked: Callable[[str, str], list[str]]) -> None:
    """Vectors rank every article by its best passage."""
    found = ranked("vectors-whole", "Money comes back within ten working days")
    assert found[0] == "refund"
    assert sorted(found) == ["pairing", "refund", "valve"]
    assert ranked("vectors-whole", " ") == []


def test_fusion_takes_both(ranked: Callable[[str, str], list[str]]) -> None:
    """What both rank first is first, and what only vectors find is behind it."""
    found = ranked("rrf-last", "pairing code button")
    assert found[0] == "pairing"
    assert len(found) == 3


def test_without_vectors_there_is_keyword_search(dataset: Write, encoder: object) -> None:
    """An index without vectors leaves the other two out."""
    from agentassist.search.encoder import OnnxEncoder

    made = Baselines(datasets.load(dataset()), None, OnnxEncoder.load(Path()))
    assert made.available(baselines.NAMES) == tuple(name for name in baselines.NAMES if name.startswith("bm25"))
