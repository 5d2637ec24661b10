"""The order of the candidates, by the numbers that ship."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agentassist.models import Author, Query, QueryPart, Recalled
from agentassist.search import parameters, ranking
from agentassist.search.index import Index
from agentassist.search.parameters import EVIDENCE
from agentassist.search.turns import FEATURES

TODAY = date(2026, 11, 22)
Make = Callable[..., Any]
ARTICLES = {
    "pairing": "A new pairing code is shown on the dial when the code button is held.",
    "valve": "The radiator valve clicks twice and grinds when its motor is blocked.",
    "refund": "A refund of the invoice takes five to seven working days on the card.",
    "router": "A new router needs the bridge to be set up again with its cable.",
    "delivery": "A parcel with an order comes within three days by courier.",
}


class Counting:
    """Counts what an encoder is given."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.texts, self.dimension = inner, list[str](), inner.dimension

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return what the other encoder does."""
        self.texts.extend(texts)
        return np.asarray(self.inner.encode(texts), dtype=np.float32)


class Voting:
    """A memory that says what it is told to."""

    def __init__(self, votes: Mapping[str, Recalled]) -> None:
        self.votes = votes

    def recall(self, model: str, context: NDArray[np.float32], today: date) -> Mapping[str, Recalled]:
        """Return the votes."""
        return self.votes


@pytest.fixture
def counting(encoder: Any) -> Counting:
    """An encoder that counts."""
    return Counting(encoder)


@pytest.fixture
def index(tmp_path: Path, publish: Make, article: Make, counting: Counting) -> Index:
    """Some articles of one passage each."""
    publish(tmp_path / "index", [article(name, text) for name, text in ARTICLES.items()])
    return Index.open(tmp_path / "index", counting)


def said(*texts: str) -> Query:
    """Return the query of a customer's bursts, the last one last."""
    parts = [QueryPart(text, 0.7**age, "earlier" if age else "burst", age) for age, text in enumerate(reversed(texts))]
    return Query(tuple(parts))


def test_a_new_topic_beats_the_old_one(index: Index) -> None:
    """Who has something else to ask gets that, not what was answered before."""
    hits = index.search(
        said("the radiator valve clicks", "ok that works now", "when does the refund of the invoice come on my card"),
        today=TODAY,
    ).hits
    assert hits[0].article.id == "refund"


def test_what_only_points_leans_on_what_was_said(index: Index) -> None:
    """“The second one” is about what was said before it."""
    hits = index.search(said("the radiator valve clicks and grinds", "no, the second one"), today=TODAY).hits
    assert hits[0].article.id == "valve"


def test_no_vote_is_the_very_same(index: Index) -> None:
    """An empty memory changes neither order nor numbers."""
    query = said("the radiator valve clicks", "the code on the dial")
    without, empty = (index.search(query, today=TODAY, memory=memory) for memory in (None, Voting({})))
    assert without.hits == empty.hits
    assert without.answerable == empty.answerable
    scores = np.array([0.5, 2.0], dtype=np.float32)
    assert ranking.voted(scores, np.zeros(2, dtype=np.float32)) is scores


def test_what_the_memory_alone_names_moves_nothing_else() -> None:
    """However much it names: what was found by itself keeps its scores, and a vote weighs the same."""
    rng = np.random.default_rng(0)
    turns = np.zeros((2, len(FEATURES)), dtype=np.float32)
    kinds = rng.random((len(EVIDENCE), 30, 2), dtype=np.float32)
    found = np.arange(30) < ranking.ENOUGH
    weighing = parameters.shipped().by_meaning
    alone = ranking.scores(weighing, ranking.Evidence(turns, kinds[:, found]))
    beside = ranking.scores(weighing, ranking.Evidence(turns, kinds), found)
    assert beside[found] == pytest.approx(alone, abs=1e-5)
    votes = np.array([0, 0.5] + [0.0] * 28, dtype=np.float32)
    told = ranking.voted(beside, votes, found)
    assert told[found] == pytest.approx(ranking.voted(alone, votes[found]), abs=1e-5)
    few = ranking.scores(weighing, ranking.Evidence(turns, kinds), np.arange(30) < ranking.ENOUGH - 1)
    assert few == pytest.approx(ranking.scores(weighing, ranking.Evidence(turns, kinds)))


def test_a_flag_of_the_processor_is_not_told(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are finite where they come in: what a product reads beside a matrix warns nobody, and only there."""
    seen: list[str] = []
    scores = ranking.scores

    def watched(*given: Any, **named: Any) -> NDArray[np.float32]:
        seen.append(np.geterr()["invalid"])
        return scores(*given, **named)

    monkeypatch.setattr(ranking, "scores", watched)
    index.search(said("the code on the dial"), today=TODAY)
    assert set(seen) == {"ignore"}
    assert np.geterr()["invalid"] == "warn"


def test_votes_move_an_article(index: Index) -> None:
    """A strong vote brings an article to the top and is told; one against the first makes it fall."""
    query = said("the code on the dial")
    assert index.search(query, today=TODAY).hits[0].article.id == "pairing"
    helped = Recalled(0.95, sent=9, solved=9)
    up = index.search(query, today=TODAY, memory=Voting({"delivery": helped, "gone": helped})).hits
    assert (up[0].article.id, up[0].recalled) == ("delivery", helped)
    down = index.search(query, today=TODAY, memory=Voting({"pairing": Recalled(-0.95)})).hits
    assert down[0].article.id != "pairing"


def test_a_new_message_costs_one_encoding(index: Index, counting: Counting) -> None:
    """What was encoded before is remembered."""
    index.search(said("the radiator valve", "it clicks twice"), today=TODAY)
    assert len(counting.texts) == 2
    index.search(said("the radiator valve", "it clicks twice", "and it grinds"), today=TODAY)
    assert counting.texts[2:] == ["and it grinds"]
    index.search(said("the radiator valve", "it clicks twice", "and it grinds"), today=TODAY)
    assert len(counting.texts) == 3


def test_a_long_conversation_is_bounded(index: Index, counting: Counting) -> None:
    """Of forty turns only the newest are looked at."""
    from datetime import UTC, datetime

    from agentassist.models import Entry, EntryKind
    from agentassist.search.query import MAX_TURNS, from_conversation

    at = datetime(2026, 1, 1, tzinfo=UTC)
    entries = [
        Entry(1, n, at, Author.AGENT if n % 2 else Author.CUSTOMER, "", EntryKind.MESSAGE, f"valve clicks {n} router")
        for n in range(41)
    ]
    assert index.search(from_conversation(entries), today=TODAY).hits
    assert len(counting.texts) <= MAX_TURNS


def test_the_same_question_gets_the_same_answer(index: Index) -> None:
    """Twice the same, to the last digit."""
    query = said("the radiator valve clicks", "the code on the dial")
    some, other = (index.search(query, today=TODAY) for _ in range(2))
    assert (some.hits, some.answerable, some.context) == (other.hits, other.answerable, other.context)


def test_something_else_is_less_answerable(index: Index) -> None:
    """A question about something nobody wrote of is told from one that an article answers.

    Where the threshold lies between them is for real vectors to show: `tests/eval` does.
    """
    known = index.search(said("a new pairing code is shown on the dial"), today=TODAY)
    other = index.search(said("a new bicycle is parked on the pavement"), today=TODAY)
    assert other.answerable < known.answerable


def test_the_passage_that_answers_is_shown(tmp_path: Path, publish: Make, article: Make, encoder: Any) -> None:
    """Of an article with several passages the one that is about what was asked."""
    publish(
        tmp_path / "many",
        [
            article("valve", "The valve has two batteries.", "The motor grinds when it is blocked."),
            article("b", "Ring"),
        ],
    )
    opened = Index.open(tmp_path / "many", encoder)
    assert opened.search(said("the motor grinds"), today=TODAY).hits[0].passage.number == 1
    opened.close()
