"""Which passage of an article is shown to who names an error code, on the knowledge base that ships."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentassist import naming
from agentassist.kb import library
from agentassist.models import Mode, Query, QueryPart
from agentassist.paths import sample_kb
from agentassist.search.index import Index

if TYPE_CHECKING:
    from agentassist.models import Hit
    from agentassist.protocols import Encoder
    from agentassist.search.bundle import Bundle

TODAY = date(2026, 12, 1)
CODES = (*(f"E{number}" for number in (1, 2, 3, 4, 5, 6, 7, 9)), "V1", "V2", "V3", "V4", "B1", "B2", "B3")
ASKED = ("my display shows {}", "What is {}?", "error code {}, no heating since the power cut")


@pytest.fixture
def index(tmp_path: Path, publish: Callable[..., Bundle], encoder: Encoder) -> Iterator[Index]:
    """The articles that ship, with vectors of which all that is known is that who shares words is near."""
    publish(tmp_path, [(item.article, item.passages) for item in library.load(sample_kb()).articles])
    opened = Index.open(tmp_path, encoder)
    yield opened
    opened.close()


def ask(index: Index, *parts: QueryPart, mode: Mode = Mode.HYBRID) -> tuple[Hit, ...]:
    """Return what is found for a conversation."""
    return index.search(Query(parts), mode=mode, limit=8, today=TODAY).hits


def missed(index: Index, hit: Hit, code: str) -> bool:
    """Say whether another passage of the article has a code, and the one that is shown does not."""
    has = [code in f"{one.heading} {one.text}".lower() for one in index.passages(hit.article.id)]
    return any(has) and code not in f"{hit.passage.heading} {hit.passage.text}".lower()


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.KEYWORD])
def test_the_passage_that_has_the_code_is_shown(index: Index, mode: Mode) -> None:
    """Of every article that is not all about it, a passage with the code; of the table of all codes, its row."""
    overviews = 0
    for code, words in itertools.product(CODES, ASKED):
        for hit in ask(index, QueryPart(words.format(code), 1.0, "burst"), mode=mode):
            if naming.names(hit.article.title) != {code.lower()}:
                assert not missed(index, hit, code.lower()), (code, words, hit.article.id)
            if hit.article.id == "error-codes-overview":
                overviews += 1
                assert f"Code: {code}; " in hit.passage.text
            assert all(end <= len(hit.passage.text) for _, end in hit.matched)
    assert overviews >= len(CODES)


def test_only_what_was_said_last_decides(index: Index) -> None:
    """A code of before, or an agent's, does not: the question has moved on."""
    last = QueryPart("which first thing to try: start the update again in the app", 1.0, "burst")
    before = QueryPart("it was E9", 0.2, "earlier", age=1)
    agent = QueryPart("so it is E9", 0.2, "agent")
    alone = {hit.article.id: hit.passage.number for hit in ask(index, last)}
    assert alone["error-codes-overview"] == 1
    for other in (before, agent):
        shown = {hit.article.id: hit.passage.number for hit in ask(index, last, other)}
        assert shown["error-codes-overview"] == 1
    named = QueryPart(f"{last.text} E9", 1.0, "burst")
    assert {hit.article.id: hit.passage.number for hit in ask(index, named)}["error-codes-overview"] == 2


def test_an_article_about_the_code_keeps_what_answers_best(index: Index) -> None:
    """Every passage of it is about that code: the one that answers far better is shown, with the code in it or not."""
    asked = "E3 and the small light on the front of the Boiler Switch relay box is off"
    (hit,) = [one for one in ask(index, QueryPart(asked, 1.0, "burst")) if one.article.id.startswith("error-e3")]
    assert hit.passage.heading.startswith("2. Is the Boiler Switch awake?")
    (hit,) = [one for one in ask(index, QueryPart("E3", 1.0, "burst")) if one.article.id.startswith("error-e3")]
    assert "E3" in hit.passage.text
