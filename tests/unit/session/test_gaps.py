"""What counts as a gap, how gaps come together, and the draft that is made of one."""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from agentassist.errors import NotFoundError, UsageError
from agentassist.kb import library
from agentassist.kb.lint import lint
from agentassist.models import (
    Article,
    ArticleKind,
    Author,
    Customer,
    EntryKind,
    Hit,
    Mode,
    NewEntry,
    Outcome,
    Passage,
    Query,
    QueryPart,
    SearchResult,
    Status,
)
from agentassist.session import drafting, staleness
from agentassist.session.gap_sources import Kind
from agentassist.session.gaps import Found, Gaps
from agentassist.store.store import Store

SOLAR = "do you sell solar panels for the roof?"
ANSWER = "We do not sell solar panels, but the Bridge reads any inverter with a pulse output."
TODAY = date(2026, 11, 23)
Talk = Callable[..., int]


def result(*, match: bool, hits: int = 1, degraded: str = "") -> SearchResult:
    """Return what a search found."""
    article = Article("pair", ArticleKind.ARTICLE, "Pair a dial", "https://x.example/pair", "pair.md", digest="v1" * 32)
    found = tuple(
        Hit(rank, article, Passage("pair", 0, "", "Hold it."), 1.0, 0.2, (), article.url, "because")
        for rank in range(1, hits + 1)
    )
    return SearchResult(found, Mode.HYBRID, degraded, no_match=not match)


@pytest.fixture
def talk(store: Store, clock: Any) -> Talk:
    """Make a conversation with one question that Ada has, and search for it."""

    def make(
        question: str = SOLAR, *, found: SearchResult | None = None, reply: str = ANSWER, closed: bool = True,
        article: bool = False, name: str = "Dana Reyes", words: str = "",
    ) -> int:  # fmt: skip
        customer = Customer(f"cust-{name}", name, "dana@mail.example")
        number = store.transcript.start(customer, "web")
        store.claims.handoff(number, "asked for a person")
        store.claims.claim(number, "Ada")
        store.transcript.append(number, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, question))
        seq = store.queue.get(number).last_seq
        query = Query((QueryPart(question, 1.0, "burst"),), seq)
        store.suggestions.show(number, "Ada", query, found or result(match=False))
        if words:
            clock.forward(1)
            store.suggestions.show(number, "Ada", Query.typed(words), result(match=True))
        clock.forward(120)
        if reply:
            kind = EntryKind.ARTICLE if article else EntryKind.MESSAGE
            data = {"article": "pair", "title": "Pair a dial", "url": "https://x.example/pair"} if article else {}
            store.transcript.send(number, "Ada", NewEntry(Author.AGENT, kind, reply, "Ada", data), seen_seq=seq)
        if closed:
            store.claims.close(number, "Ada", "solved", "done")
        return number

    return make


@pytest.fixture
def find(store: Store, tmp_path: Path) -> Callable[..., Found]:
    """Find the gaps, by words: there is no index."""
    return Gaps(store, tmp_path / "index", TODAY).find


def test_no_match_is_a_gap(talk: Talk, find: Callable[..., Found]) -> None:
    """What nothing was found for is one, with its conversations, minutes and times; the same question is the same."""
    eli = talk("I am Eli. Are there any solar panels for my roof?", name="Eli Park")
    numbers = [eli, talk(), talk("my dog ate it, who pays?")]
    found = find()
    assert found.trouble
    assert [gap.conversations for gap in found.gaps] == [tuple(numbers[:2]), (numbers[2],)]
    gap = found.gaps[0]
    assert (gap.kinds, gap.minutes, gap.nearest) == ({Kind.NO_MATCH: 2}, 4.0, None)
    assert (gap.last_seen - gap.first_seen).total_seconds() == 120
    assert {(source.conversation_id, source.seq) for source in gap.sources} == {(numbers[0], 3), (numbers[1], 3)}


@pytest.mark.parametrize(
    "how",
    [
        {"article": True},
        {"found": result(match=False, hits=0, degraded="no suggestions: no index was built yet. Build it")},
        {"question": "HEY HO!"},
        {"reply": "", "closed": False},
        {"found": result(match=True), "reply": "One moment please, let me have a look."},
        {"found": result(match=True), "question": "Crystal Minh"},
    ],
)
def test_no_gap(talk: Talk, find: Callable[..., Found], how: dict[str, Any]) -> None:
    """An article was sent, there was no index, a greeting, nobody answered yet, or no answer in own words."""
    talk(**how)
    assert find().gaps == ()


def test_an_answer_in_own_words_is_a_gap(talk: Talk, find: Callable[..., Found]) -> None:
    """Articles were suggested, and the agent wrote the answer instead."""
    talk(found=result(match=True))
    assert find().gaps[0].kinds == {Kind.OWN_WORDS: 1}


def test_a_typed_search_without_a_send_is_a_gap(talk: Talk, find: Callable[..., Found]) -> None:
    """It belongs to the question that was open then; sending what it found closes it."""
    talk(found=result(match=True), words="solar roof", reply="ok")
    assert find().gaps[0].kinds == {Kind.TYPED: 1}
    assert find().gaps[0].title == SOLAR


def test_a_thumb_down_is_a_gap_until_it_is_taken_back(store: Store, talk: Talk, find: Callable[..., Found]) -> None:
    """Also where an article was sent."""
    number = talk(found=result(match=True), article=True)
    suggestion = store.suggestions.of(number)[0]
    store.suggestions.mark(suggestion.id, Outcome.THUMBS_DOWN, "Ada")
    assert find().gaps[0].kinds == {Kind.THUMBS_DOWN: 1}
    store.suggestions.mark(suggestion.id, Outcome.RESTORED, "Ada")
    assert find().gaps == ()


def test_the_id_stays(store: Store, talk: Talk, find: Callable[..., Found], clock: Any, tmp_path: Path) -> None:
    """Whatever is asked later and however far back is looked; a prefix is enough, and a wrong one is told."""
    talk()
    ident = find().gaps[0].id
    clock.forward(timedelta(days=60).total_seconds())
    later = talk()
    gap = find(clock.now() - timedelta(days=30)).gaps[0]
    assert (gap.id, gap.conversations) == (ident, (later,))
    gaps = Gaps(store, tmp_path / "index", TODAY)
    assert gaps.one(ident[:3].upper()).id == ident
    for wrong in ("", "zz", "%"):
        with pytest.raises(NotFoundError):
            gaps.one(wrong)
    for letter in "abcdefghijklmnopqr":  # of 17 ids two begin with the same of 16 digits
        talk(f"why does thing{letter * 5} break part{letter * 6}?")
    begins = Counter(gap.id[0] for gap in gaps.find().gaps)
    with pytest.raises(UsageError):
        gaps.one(begins.most_common(1)[0][0])


def test_a_title_holds_nothing_personal(talk: Talk, find: Callable[..., Found]) -> None:
    """Neither what is recognised nor what is known of the customer."""
    talk("do you sell solar panels to Dana Reyes, dana@mail.example, order 12345678?")
    assert find().gaps[0].title == "do you sell solar panels to [name], [email], order [number]?"


def test_a_draft_is_an_article_that_is_never_suggested(
    store: Store, talk: Talk, find: Callable[..., Found], tmp_path: Path
) -> None:
    """It loads, lints without errors, and says what agents said once, without personal data and without marks."""
    evil = "Dana, write <b>*to*</b> me at ada@mail.example [here](javascript:x) about inverters and pulse outputs. # no"
    numbers = [talk(reply=f"Hi Dana! {ANSWER}"), talk(reply=ANSWER), talk(reply=evil)]
    gap = find().gaps[0]
    text = drafting.compose(gap, store)
    assert text.count("We do not sell solar panels") == 1
    assert "(said in 2 answers)" in text
    assert not [word for word in ("Dana", "ada@") if word in text]
    assert all(f"conversation {number}," in text for number in numbers)
    file = drafting.write(tmp_path / "kb", gap.id, text, force=False)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (item,) = library.load(tmp_path / "kb").articles
    assert (item.article.status, item.article.title, item.article.id) == (Status.DRAFT, gap.title, f"gap-{gap.id}")
    assert item.origin.links == ()
    assert "<b>*to*</b> me at [email] [here](javascript:x)" in item.body
    problems = lint(tmp_path / "kb", TODAY)
    assert {problem.field for problem in problems} == {"url", "review_by", "verified_by"}
    assert not [problem for problem in problems if problem.fatal]


def test_a_draft_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    """Not without force, and nothing is left beside it."""
    file = drafting.write(tmp_path, "ab", "one", force=False)
    with pytest.raises(UsageError):
        drafting.write(tmp_path, "ab", "two", force=False)
    assert file.read_text() == "one"
    drafting.write(tmp_path, "ab", "two", force=True)
    assert (file.read_text(), [item.name for item in tmp_path.iterdir()]) == ("two", ["gap-ab.md"])


def test_without_an_answer_the_draft_is_an_outline(store: Store, talk: Talk, find: Callable[..., Found]) -> None:
    """It says so."""
    talk(reply="One moment please.")
    assert "No agent has answered this in their own words yet" in drafting.compose(find().gaps[0], store)


def counts(**numbers: int) -> dict[str, int]:
    """Return numbers of an article, 0 where nothing is said."""
    return {**dict.fromkeys(("suggested", "shown", "sent", "came_back", "thumbs_down"), 0), **numbers}


def test_every_reason_to_look_at_an_article() -> None:
    """Each article has its own, the most urgent first; drafts have none."""

    def article(ident: str, **more: Any) -> Article:
        return Article(ident, ArticleKind.ARTICLE, ident, "", f"{ident}.md", **more)

    articles = [
        article("past", review_by=date(2026, 11, 22)), article("near", review_by=date(2026, 12, 1)),
        article("far", review_by=date(2027, 12, 1)), article("old", updated=date(2025, 1, 1)), article("down"),
        article("back"), article("unsent"), article("never"), article("draft", status=Status.DRAFT),
    ]  # fmt: skip
    fine = counts(suggested=90, shown=90, sent=50, came_back=1, thumbs_down=1)
    numbers = dict.fromkeys(("past", "near", "far", "old"), fine) | {
        "down": counts(suggested=9, shown=9, sent=1, thumbs_down=4),
        "back": counts(suggested=9, shown=9, sent=6, came_back=5),
        "unsent": counts(suggested=9, shown=9),
    }
    found = staleness.stale(articles, numbers, searches=100, today=TODAY, days=30)
    assert {(item.article.id, item.reason) for item in found} == {
        ("past", "review_past"), ("near", "review_near"), ("old", "old"), ("down", "thumbs_down"),
        ("back", "came_back"), ("unsent", "never_sent"), ("never", "never_suggested"),
    }  # fmt: skip
    assert found[0].article.id == "past"
    few = staleness.stale(articles, {}, searches=99, today=TODAY, days=0)
    assert {item.reason for item in few} == {"review_past", "old"}
