"""What an index says of how likely its hits are right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agentassist.models import Mode, Query
from agentassist.protocols import Encoder
from agentassist.search import confidence
from agentassist.search.index import Index

TODAY = date(2026, 11, 22)
Make = Callable[..., Any]
ARTICLES = {
    "pairing": "A new pairing code is shown on the dial.",
    "valve": "The radiator valve clicks twice. Two batteries last eighteen months.",
    "refund": "A refund takes five to seven days.",
    "lock": "The ring of the dial can be locked with a code.",
    "router": "A new router needs the bridge to be set up again.",
    "delivery": "A parcel comes within three days.",
}


@pytest.fixture
def index(tmp_path: Path, publish: Make, article: Make, encoder: Encoder) -> Index:
    """Some articles of one passage each."""
    publish(tmp_path / "index", [article(name, text) for name, text in ARTICLES.items()])
    return Index.open(tmp_path / "index", encoder)


@pytest.mark.parametrize("mode", list(Mode))
def test_the_first_hit_is_the_likeliest(index: Index, mode: Mode) -> None:
    """Every hit says how likely it is, never rising from rank to rank; by words alone too."""
    result = index.search(Query.typed("pairing code shown on the dial"), mode=mode, today=TODAY)
    said = [hit.probability for hit in result.hits if hit.probability is not None]
    assert len(said) == len(result.hits)
    assert result.hits[0].article.id == "pairing"
    assert all(0 <= value <= 1 for value in said)
    assert said == sorted(said, reverse=True)
    assert 0 <= result.answerable <= 1


@pytest.mark.parametrize("mode", list(Mode))
def test_words_that_mean_nothing_are_no_match(index: Index, mode: Mode) -> None:
    """The desk then says so, in every mode."""
    assert index.search(Query.typed("xylophone quartz zzz"), mode=mode, today=TODAY).no_match


def test_a_shared_word_is_not_yet_a_match(index: Index) -> None:
    """What was found by one word of many is there for who wants to look, and said to be unlikely."""
    result = index.search(
        Query.typed("which galaxy and planet is the nearest to a dial"), mode=Mode.KEYWORD, today=TODAY
    )
    assert result.hits
    known = index.search(Query.typed("pairing code shown on the dial"), mode=Mode.KEYWORD, today=TODAY)
    assert result.answerable < known.answerable
    assert result.no_match


def test_where_nothing_was_asked_nothing_is_missing(index: Index) -> None:
    """Before a customer has written there is no "No good match"."""
    assert not index.search(Query(()), today=TODAY).no_match


def test_what_was_named_is_what_was_meant(index: Index) -> None:
    """A typed id is no guess."""
    result = index.search(Query.typed("delivery"), today=TODAY)
    assert (result.hits[0].article.id, result.hits[0].probability) == ("delivery", confidence.NAMED)
    assert not result.no_match
