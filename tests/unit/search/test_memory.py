"""Votes of past conversations: pure."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentassist.models import Query, Recalled, Status
from agentassist.models_memory import Deed, Did, Ending, Lesson, expected
from agentassist.search import memory
from agentassist.search.index import Index
from agentassist.search.memory import Lessons, weight, worth

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from agentassist.protocols import Encoder

    Make = Callable[..., Any]

DAY = date(2026, 11, 22)
MODEL = "m1"


def unit(*numbers: float) -> NDArray[np.float32]:
    """A vector of length 1."""
    row = np.array(numbers, dtype=np.float32)
    return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


ASKED = unit(1, 0, 0, 0)


def near(cosine: float) -> NDArray[np.float32]:
    """A vector that has this cosine with what is asked."""
    return unit(cosine, (1 - cosine**2) ** 0.5, 0, 0)


def lesson(
    number: int, *deeds: Deed, vector: NDArray[np.float32] = ASKED, search: int = 0, model: str = MODEL
) -> Lesson:
    """What was learned in a conversation."""
    return Lesson(number, search or number, model, vector.astype("<f2").tobytes(), deeds)


def sent(article: str = "reset", ending: Ending = Ending.UNKNOWN, did: Did = Did.SENT, age: int = 0) -> Deed:
    """What was done with an article."""
    return Deed(article, did, DAY - timedelta(days=age), ending)


def recall(*lessons: Lesson, without: int = 0) -> Mapping[str, Recalled]:
    """What these lessons say."""
    return Lessons(lessons).recall(MODEL, ASKED, DAY, without=without)


def test_nothing_learned_says_nothing() -> None:
    """No lesson, another encoder, another size, or nothing that is similar: an empty mapping."""
    assert Lessons().recall(MODEL, ASKED, DAY) == {}
    assert recall(lesson(1, sent(), model="other")) == {}
    assert recall(lesson(1, sent(), vector=unit(1, 0, 0))) == {}
    assert recall(lesson(1, sent(), vector=near(memory.FLOOR - 0.01))) == {}


def test_a_send_votes_and_is_counted() -> None:
    """What was sent where the same was asked is named with how often, how it ended, and how similar the nearest was."""
    found = recall(
        lesson(1, sent(ending=Ending.SOLVED)),
        lesson(2, sent(), sent("wifi", did=Did.DISMISSED), vector=near(0.9)),
    )
    assert (found["reset"].sent, found["reset"].solved, found["reset"].turned_down) == (2, 1, 0)
    assert found["reset"].nearest == pytest.approx(1.0, abs=1e-3)
    assert (found["wifi"].sent, found["wifi"].turned_down) == (0, 1)
    assert 0.6 < found["reset"].vote < 1
    assert -0.2 < found["wifi"].vote < 0


def test_the_more_similar_the_more_it_counts() -> None:
    """A vote falls with the cosine, and stays within (-1, 1) however many vote."""
    votes = [recall(lesson(1, sent(), vector=near(cosine)))["reset"].vote for cosine in (1.0, 0.95, 0.9, 0.8, 0.6)]
    assert votes == sorted(votes, reverse=True)
    many = recall(*(lesson(number, sent(ending=Ending.SOLVED)) for number in range(1, 500)))["reset"]
    assert 0.9 < many.vote < 1


def voters(*lessons: Lesson) -> list[int]:
    """The conversations that have a vote, the nearest first."""
    return [voice.conversation_id for voice in Lessons(lessons).voices(MODEL, ASKED, DAY) if voice.weight]


def test_while_little_is_remembered_few_vote() -> None:
    """Of few conversations only the nearest vote, and what is nearly the same; of many, as many as may at all."""
    others = [lesson(number, sent("wifi"), vector=unit(0, 0, 1, 0)) for number in range(100, 100 + 16 * memory.NEAREST)]
    alike = [lesson(number, sent(), vector=near(0.8)) for number in range(1, 20)]
    same = [lesson(number, sent(), vector=near(0.95)) for number in range(20, 26)]
    assert len(voters(*alike)) == memory.FEWEST
    assert len(voters(*alike, *others)) == memory.NEAREST
    assert voters(*alike, *same) == [20, 21, 22, 23, 24, 25]


def test_what_is_similar_is_told_of() -> None:
    """How often it was sent counts every similar conversation, though the nearest alone vote and decide."""
    alike = [lesson(number, sent(ending=Ending.SOLVED), vector=near(0.8)) for number in range(1, 15)]
    few = [lesson(number, sent(), vector=near(0.7)) for number in range(20, 24)]
    found = recall(*alike, *few)["reset"]
    assert (found.sent, found.solved) == (14, 14)
    assert found.vote == recall(*alike[: memory.FEWEST])["reset"].vote
    assert recall(*few)["reset"].sent == memory.FEWEST
    assert "wifi" not in recall(*alike[:3], lesson(30, sent("wifi"), vector=near(0.79)))


def test_how_it_ended_decides() -> None:
    """Solved counts more than unknown, opened too, edited less; one that came back counts against the article."""
    assert worth(sent(ending=Ending.SOLVED)) > worth(sent()) > worth(sent(did=Did.EDITED)) > 0
    assert worth(Deed("reset", Did.SENT, DAY, opened=True)) > worth(sent())
    assert worth(sent(did=Did.THUMBS_UP)) > 0 > worth(sent(did=Did.DISMISSED)) > worth(sent(did=Did.THUMBS_DOWN))
    assert worth(sent(ending=Ending.CAME_BACK)) < 0


def test_a_bad_article_sinks_below_zero() -> None:
    """Sent ten times and the customer always came back, it is voted down, the more the more often."""
    votes = [
        recall(*(lesson(number, sent(ending=Ending.CAME_BACK)) for number in range(1, count + 1)))["reset"].vote
        for count in (1, 3, 10)
    ]
    assert 0 > votes[0] > votes[1] > votes[2] > -1


def test_what_was_expected_counts_less() -> None:
    """A send counts by how little the ranking had expected it, at least EXPECTED; a verdict against it wholly."""
    sure, unsure = replace(sent(), surprise=0.0), replace(sent(), surprise=0.6)
    assert weight(sure, 1.0, DAY) == pytest.approx(memory.EXPECTED)
    assert weight(unsure, 1.0, DAY) == pytest.approx(0.6)
    assert weight(sent(), 1.0, DAY) == pytest.approx(1.0)
    down = sent(did=Did.THUMBS_DOWN)
    assert weight(replace(down, surprise=0.0), 1.0, DAY) == weight(down, 1.0, DAY) < 0


@given(st.dictionaries(st.text(max_size=3), st.floats(-1e6, 1e6), max_size=8))
def test_belief_is_shared_out(scores: dict[str, float]) -> None:
    """The shares of belief are of what was suggested, add up to one, and keep the order of the scores."""
    shares = expected(scores)
    assert shares.keys() == scores.keys()
    assert all(0 <= share <= 1 for share in shares.values())
    assert sum(shares.values()) == pytest.approx(1 if scores else 0)
    best_first = sorted(scores, key=lambda name: -scores[name])
    assert [shares[name] for name in best_first] == sorted(shares.values(), reverse=True)


def test_votes_fade() -> None:
    """After the half-life one counts half; one of the future counts as of today."""
    old, new = sent(age=memory.HALF_LIFE_DAYS), sent()
    assert weight(old, 1.0, DAY) == pytest.approx(weight(new, 1.0, DAY) / 2)
    assert weight(sent(age=-9), 1.0, DAY) == weight(new, 1.0, DAY)


def test_one_conversation_votes_once_for_an_article() -> None:
    """Several searches of a conversation count as the most similar of them."""
    several = [lesson(1, sent(), search=number, vector=near(0.5 + number / 20)) for number in range(2, 10)]
    once = recall(several[-1])
    assert recall(*several[:-1], several[-1])["reset"] == Recalled(
        once["reset"].vote, sent=1, nearest=once["reset"].nearest
    )


def test_the_conversation_that_asks_has_no_vote() -> None:
    """What was sent in it says nothing about what to send in it."""
    assert recall(lesson(7, sent()), without=7) == {}
    assert recall(lesson(7, sent()), lesson(8, sent()), without=7)["reset"].sent == 1


def test_a_conversation_is_learned_anew_as_a_whole() -> None:
    """What is learned again takes the place of what was; what is forgotten has no vote, and its room is used again."""
    lessons = Lessons([lesson(1, sent()), lesson(2, sent("wifi"))])
    lessons.learn([lesson(1, sent("other"))])
    assert set(lessons.recall(MODEL, ASKED, DAY)) == {"other", "wifi"}
    lessons.forget([1, 99])
    assert set(lessons.recall(MODEL, ASKED, DAY)) == {"wifi"}
    for number in range(1000):
        lessons.learn([lesson(5, sent(f"a{number}"))])
    assert len(lessons) == 2
    assert len(lessons._tables[MODEL]._rows) == memory._SMALLEST
    lessons.clear()
    assert lessons.recall(MODEL, ASKED, DAY) == {}


@pytest.mark.parametrize(
    "vector", [b"", b"\x00", b"\x00" * 8, b"\x00\x7e" * 4, b"\x00\x7c" * 4, b"\xff\x7b" * 4, b"\x00\x3c"]
)
def test_a_vector_that_is_none_teaches_nothing(vector: bytes) -> None:
    """Nothing, half a number, zeros, NaN, infinity, far too long, or of another size: no vote and no crash."""
    bad = Lesson(2, 2, MODEL, vector, (sent("bad"),))
    assert set(recall(lesson(1, sent()), bad)) == {"reset"}


def test_it_is_quick() -> None:
    """Ten thousand contexts are asked in 2 ms; the best of many is measured, with room for a busy machine."""
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((10_000, 384), dtype=np.float32) + 2
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    lessons = Lessons(lesson(number, sent(f"a{number % 300}"), vector=row) for number, row in enumerate(rows, start=1))
    took = []
    for row in rows[:30]:
        started = time.thread_time()
        assert lessons.recall(MODEL, row, DAY)
        took.append(time.thread_time() - started)
    assert min(took) < 0.004, f"{min(took) * 1e3:.1f} ms"


@pytest.fixture
def index(tmp_path: Path, publish: Make, article: Make, encoder: Encoder) -> Index:
    """Two articles."""
    publish(
        tmp_path / "index",
        [article("reset", "Reset the code with the button."), article("dial", "Pairing the dial takes a minute.")],
    )
    return Index.open(tmp_path / "index", encoder)


class Told:
    """A memory that says what it is told to, and remembers what it was asked."""

    def __init__(self, says: Mapping[str, Recalled]) -> None:
        self.says = says
        self.asked: list[tuple[str, NDArray[np.float32], date]] = []

    def recall(self, model: str, context: NDArray[np.float32], today: date) -> Mapping[str, Recalled]:
        """Return it."""
        self.asked.append((model, context, today))
        return self.says


@pytest.mark.parametrize("text", ["reset the code", "pairing the dial", "zebra", ""])
def test_an_empty_memory_changes_nothing(index: Index, text: str) -> None:
    """The hits, their scores and everything else are those of a search without a memory."""
    query = Query.typed(text)
    plain = index.search(query, today=DAY)
    told = Told({})
    assert index.search(query, today=DAY, memory=told).hits == plain.hits
    for model, context, today in told.asked:
        assert (model, today) == (index.manifest.model_hash, DAY)
        assert np.linalg.norm(context) == pytest.approx(1, abs=1e-2)
        assert np.frombuffer(plain.context, "<f2") == pytest.approx(context, abs=1e-3)


def test_a_hit_tells_what_is_remembered_of_it(index: Index) -> None:
    """What the memory says of an article is told with its hit; an article that is not in the index gets nothing."""
    query = Query.typed("reset the code")
    first = index.search(query, today=DAY).hits[0].article.id
    known = Recalled(0.5, 3, 2, 0, 0.9)
    hits = index.search(query, today=DAY, memory=Told({first: known, "withdrawn": known})).hits
    assert {hit.article.id: hit.recalled for hit in hits}[first] == known
    assert "withdrawn" not in {hit.article.id for hit in hits}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.sampled_from(["reset", "dial", "pairing", "code", "button", "zebra", "the"]), max_size=6))
def test_an_empty_memory_ranks_as_none(index: Index, words: list[str]) -> None:
    """Whatever is asked: an empty memory leaves hits, order, scores and how answerable it is as they are without."""
    query = Query.typed(" ".join(words))
    plain, asked = index.search(query, today=DAY), index.search(query, today=DAY, memory=Lessons())
    assert asked.hits == plain.hits
    assert (asked.answerable, asked.no_match, asked.context) == (plain.answerable, plain.no_match, plain.context)


def test_what_may_not_be_found_gets_nothing(tmp_path: Path, publish: Make, article: Make, encoder: Encoder) -> None:
    """An archived article, and one past its review, stay out however often they were sent; a published one is told."""
    text = "Reset the code with the button."
    past = datetime(2026, 1, 1, tzinfo=UTC)
    publish(
        tmp_path / "index",
        [
            article("reset", text),
            article("gone", text, status=Status.ARCHIVED),
            article("late", text, review_by=past),
        ],
    )
    found = Index.open(tmp_path / "index", encoder)
    known = Recalled(0.9, 5, 5, 0, 0.99)
    hits = found.search(
        Query.typed("reset the code"), today=DAY, memory=Told(dict.fromkeys(("reset", "gone", "late"), known))
    ).hits
    assert [(hit.article.id, hit.recalled) for hit in hits] == [("reset", known)]
