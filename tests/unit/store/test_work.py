"""Suggestions and their life, follow-ups, drafts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agentassist.errors import NotFoundError, StoreError, UsageError
from agentassist.models import (
    Article,
    ArticleKind,
    Author,
    Customer,
    EntryKind,
    Event,
    Hit,
    Mode,
    NewEntry,
    Outcome,
    Passage,
    Query,
    QueryPart,
    SearchResult,
)
from agentassist.store.store import Store

if TYPE_CHECKING:
    from agentassist.protocols import Clock

DANA = Customer("cust-dana", "Dana")
QUERY = Query((QueryPart("dial wont pair", 1.0, "burst"), QueryPart("Dial", 0.5, "tree")), seq=1)


def hit(rank: int, name: str) -> Hit:
    """A hit as search returns it."""
    article = Article(name, ArticleKind.ARTICLE, name.title(), f"https://x/{name}", f"{name}.md")
    return Hit(rank, article, Passage(name, 0, "", f"about {name}"), 1 / rank, 0.5, (), article.url, "words: dial")


RESULT = SearchResult((hit(1, "reset"), hit(2, "wifi")), Mode.HYBRID, took_ms=3.5)


@pytest.fixture
def conversation(store: Store) -> int:
    """A conversation with one customer entry."""
    number = store.transcript.start(DANA, "web")
    store.transcript.append(number, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "dial wont pair"))
    return number


def test_suggestions_are_kept_as_they_were(store: Store, conversation: int) -> None:
    """Rows come back in rank order with title, link, passage, score and reason as they were then."""
    rows = store.suggestions.record(conversation, QUERY, RESULT)
    assert [(row.rank, row.article_id, row.title, row.url, row.passage, row.reason, row.seq) for row in rows] == [
        (1, "reset", "Reset", "https://x/reset", "about reset", "words: dial", 1),
        (2, "wifi", "Wifi", "https://x/wifi", "about wifi", "words: dial", 1),
    ]
    assert store.suggestions.of(conversation) == rows
    (searched,) = store.suggestions.searches(conversation)
    assert (searched.query, searched.mode, searched.degraded, searched.suggestions) == (
        QUERY.parts,
        Mode.HYBRID,
        "",
        rows,
    )
    with pytest.raises(StoreError, match="stays as it was"), store._connection.write() as write:
        write.run("UPDATE suggestions SET title = 'better'")


def test_a_search_keeps_its_context_and_the_versions_it_found(store: Store, conversation: int) -> None:
    """The vector is kept byte for byte with its encoder, the version as a short digest; without a vector no row is."""
    store.suggestions.record(conversation, QUERY, RESULT)
    assert store._connection.rows("SELECT * FROM contexts") == []
    article = replace(RESULT.hits[0].article, digest="0123456789abcdef")
    hits = (replace(RESULT.hits[0], article=article), RESULT.hits[1])
    store.suggestions.record(conversation, QUERY, replace(RESULT, hits=hits, context=b"\x00\x3c", model="m1"))
    assert [tuple(row) for row in store._connection.rows("SELECT * FROM contexts")] == [(2, "m1", b"\x00\x3c")]
    versions = store._connection.rows("SELECT version FROM suggestions ORDER BY id")
    assert [row[0] for row in versions] == ["", "", "0123456789ab", ""]


def test_the_life_of_a_suggestion_is_only_added_to(store: Store, conversation: int) -> None:
    """Shown twice is one, the same again is one, and every other step stays in order with who and why."""
    row = store.suggestions.record(conversation, QUERY, RESULT)[0]
    for outcome, reason, seq in [
        (Outcome.SHOWN, "", None),
        (Outcome.INSERTED, "", None),
        (Outcome.SHOWN, "", None),
        (Outcome.SENT, "", 4),
        (Outcome.SENT, "", 4),
        (Outcome.THUMBS_DOWN, "out of date", None),
    ]:
        store.suggestions.mark(row.id, outcome, "Ada", reason, seq)
    assert store.suggestions.of(conversation)[0].outcomes == (
        Outcome.SHOWN,
        Outcome.INSERTED,
        Outcome.SENT,
        Outcome.THUMBS_DOWN,
    )
    life = store.suggestions.life(conversation)
    assert [(item.outcome, item.agent, item.reason, item.entry_seq) for item in life][2:] == [
        (Outcome.SENT, "Ada", "", 4),
        (Outcome.THUMBS_DOWN, "Ada", "out of date", None),
    ]
    with pytest.raises(NotFoundError):
        store.suggestions.mark(999, Outcome.SHOWN, "Ada")


def test_a_search_without_a_hit_is_one_gap(store: Store, conversation: int) -> None:
    """It is recorded, but not again until something else was said or asked."""
    nothing = SearchResult((), Mode.KEYWORD, degraded="keyword search only: no encoder")
    for query in (QUERY, QUERY, replace(QUERY, seq=2), replace(QUERY, seq=2)):
        assert store.suggestions.record(conversation, query, nothing) == ()
    gaps = store.suggestions.searches(conversation)
    assert [(gap.seq, gap.degraded) for gap in gaps] == [
        (1, "keyword search only: no encoder"),
        (2, "keyword search only: no encoder"),
    ]
    with pytest.raises(NotFoundError):
        store.suggestions.record(77, QUERY, RESULT)


def test_a_follow_up_is_kept_with_the_wall_time_that_was_meant(store: Store, clock: Clock, conversation: int) -> None:
    """Several for one conversation, each with note, owner, zone and wall; an entry says so; the next one first."""
    now = clock.now()
    late = store.followups.add(
        conversation, None, "Ada", "call", now + timedelta(days=2), "Europe/Lisbon", "2026-11-24T10:00"
    )
    soon = store.followups.add(
        conversation, "cust-dana", "Bo", "mail", now + timedelta(hours=1), "UTC", "2026-11-22T11:00"
    )
    assert (late.customer_id, late.zone, late.wall, late.done_at) == (
        "cust-dana",
        "Europe/Lisbon",
        "2026-11-24T10:00",
        None,
    )
    assert store.followups.list() == (soon, late)
    assert store.followups.list(owner="Ada") == (late,)
    assert store.followups.list(due_before=now + timedelta(days=1)) == (soon,)
    assert store.followups.get(late.id) == late
    entry = store.transcript.entries(conversation)[-1]
    assert (entry.event, entry.author_name, entry.text, entry.data["wall"]) == (
        Event.FOLLOW_UP,
        "Bo",
        "mail",
        "2026-11-22T11:00",
    )


def test_a_follow_up_can_be_about_a_customer_alone(store: Store, clock: Clock, conversation: int) -> None:
    """Without a conversation it is the customer's; an unknown one is refused."""
    due = clock.now() + timedelta(hours=1)
    item = store.followups.add(None, "cust-dana", "Ada", "news", due, "UTC", "2026-11-22T11:00")
    assert (item.conversation_id, item.customer_id) == (None, "cust-dana")
    with pytest.raises(NotFoundError):
        store.followups.add(None, "nobody", "Ada", "", due, "UTC", "")
    with pytest.raises(NotFoundError):
        store.followups.add(99, None, "Ada", "", due, "UTC", "")


def test_a_follow_up_in_the_past_or_nowhere_is_refused(store: Store, clock: Clock, conversation: int) -> None:
    """Past, now, an unknown zone, no owner: nothing is stored."""
    now = clock.now()
    for due, zone, owner in [
        (now - timedelta(minutes=1), "UTC", "Ada"),
        (now, "UTC", "Ada"),
        (now + timedelta(hours=1), "Mars/Olympus", "Ada"),
        (now + timedelta(hours=1), "UTC", ""),
    ]:
        with pytest.raises(UsageError):
            store.followups.add(conversation, None, owner, "x", due, zone, "")
    assert store.followups.list(include_done=True) == ()
    assert len(store.transcript.entries(conversation)) == 1


def test_a_follow_up_comes_due_is_moved_and_done(store: Store, clock: Clock, conversation: int) -> None:
    """Due from its minute on, for its owner; snoozed it is not; done it stays done."""
    start = clock.now()
    item = store.followups.add(conversation, None, "Ada", "x", start + timedelta(hours=1), "UTC", "2026-11-22T11:00")
    assert store.followups.due("Ada") == ()
    clock.moment = start + timedelta(hours=2)  # type: ignore[attr-defined]
    assert store.followups.due("Ada") == (item,)
    assert store.followups.due("Bo") == ()
    moved = store.followups.snooze(item.id, start + timedelta(hours=3), "UTC", "2026-11-22T13:00")
    assert (store.followups.due("Ada"), moved.wall) == ((), "2026-11-22T13:00")
    with pytest.raises(UsageError):
        store.followups.snooze(item.id, start, "UTC", "")
    done = store.followups.done(item.id)
    assert done.done_at is not None
    assert store.followups.done(item.id) == done
    assert (store.followups.list(), store.followups.list(include_done=True)) == ((), (done,))
    with pytest.raises(UsageError, match="is done"):
        store.followups.snooze(item.id, start + timedelta(days=1), "UTC", "")
    for call in (store.followups.done, store.followups.get):
        with pytest.raises(NotFoundError):
            call(9)


def test_thanks_does_not_cancel_a_follow_up_unless_it_was_set_so(store: Store, clock: Clock, conversation: int) -> None:
    """A customer's reply ends only what was set "only if no reply"; an agent's line ends nothing."""
    start = clock.now()
    due = start + timedelta(hours=1)
    kept = store.followups.add(conversation, None, "Ada", "kept", due, "UTC", "")
    ends = store.followups.add(conversation, None, "Ada", "ends", due, "UTC", "", only_if_no_reply=True)
    store.transcript.append(conversation, NewEntry(Author.BOT, EntryKind.MESSAGE, "still there?", "Bot"))
    assert store.followups.list() == (kept, ends)
    store.transcript.append(conversation, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "thanks"))
    assert store.followups.list() == (kept,)
    clock.moment = start + timedelta(hours=2)  # type: ignore[attr-defined]
    assert store.followups.due("Ada") == (kept,)
    assert store.followups.list(include_done=True) == (kept, ends)


def test_a_draft_comes_back_and_goes(store: Store, conversation: int) -> None:
    """One for each agent and conversation; the same again writes nothing; deleting what is not there is fine."""
    store.drafts.save(conversation, "Ada", "Hello D", 1)
    store.drafts.save(conversation, "Ada", "Hello Dana", 1)
    store.drafts.save(conversation, "Bo", "mine", 1)
    draft = store.drafts.get(conversation, "Ada")
    assert draft is not None
    assert (draft.text, draft.seen_seq) == ("Hello Dana", 1)
    changes = store._connection.raw.total_changes
    store.drafts.save(conversation, "Ada", "Hello Dana", 1)
    assert store._connection.raw.total_changes == changes
    store.drafts.delete(conversation, "Ada")
    store.drafts.delete(conversation, "Ada")
    assert store.drafts.get(conversation, "Ada") is None
    assert store.drafts.get(conversation, "Bo") is not None
    with pytest.raises(NotFoundError):
        store.drafts.save(99, "Ada", "x", 0)
