"""What became of articles, in numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from agentassist.clock import to_stored
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
)
from agentassist.store.article_stats import DEFINITIONS, QUERIES
from agentassist.store.store import Store
from agentassist.store.suggestions import Picked


def converse(store: Store, customer: str, *, version: str, send: bool, end: str = "solved") -> int:
    """Make a conversation in which an article is suggested twice, sent if asked for, and closed."""
    number = store.transcript.start(Customer(customer, "Dana"), "web")
    store.claims.claim(number, "Ada")
    article = Article("pair", ArticleKind.ARTICLE, "Pair", "https://x.example", "p.md", digest=version * 64)
    hit = Hit(1, article, Passage("pair", 0, "", "Hold it."), 1.0, 0.5, (), article.url, "because")
    for text in ("won't pair", "still won't pair"):
        store.transcript.append(number, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text))
        seq = store.queue.get(number).last_seq
        query = Query((QueryPart(text, 1.0, "burst"),), seq)
        rows = store.suggestions.show(number, "Ada", query, SearchResult((hit,), Mode.HYBRID))
    if send:
        entry = NewEntry(Author.AGENT, EntryKind.ARTICLE, "Pair https://x.example", "Ada", {"article": "pair"})
        store.replies.send(number, "Ada", entry, seen_seq=seq, sent=[Picked(rows[0].id, edited=True)])
    else:
        store.suggestions.mark(rows[0].id, Outcome.OPENED, "Ada")
        store.suggestions.mark(rows[0].id, Outcome.THUMBS_DOWN, "Ada")
    store.claims.close(number, "Ada", end, "done")
    return number


def test_every_number_counts_a_conversation_once(store: Store, clock: Any) -> None:
    """By version; a thumb that was taken back does not count, nor does what is older than asked for."""
    first = converse(store, "c1", version="a", send=True)
    converse(store, "c2", version="a", send=False)
    undone = converse(store, "c3", version="b", send=False, end="not-solved")
    store.suggestions.mark(store.suggestions.of(undone)[-1].id, Outcome.RESTORED, "Ada")
    found = store.article_stats.count()
    assert found == {
        ("pair", "a" * 12): {"suggested": 2, "shown": 2, "sent": 1, "edited": 1, "opened": 1, "solved": 1,
                             "came_back": 0, "thumbs_down": 1},
        ("pair", "b" * 12): {"suggested": 1, "shown": 1, "sent": 0, "edited": 0, "opened": 1, "solved": 0,
                             "came_back": 0, "thumbs_down": 0},
    }  # fmt: skip
    assert store.article_stats.titles() == {"pair": "Pair"}
    assert store.article_stats.searches() == 6
    assert store.article_stats.count(article_id="another") == {}
    assert store.article_stats.count(since=to_stored(clock.now() + timedelta(days=1))) == {}
    store.claims.reopen(first, "Ada")
    assert store.article_stats.count()["pair", "a" * 12]["came_back"] == 1
    assert store.article_stats.count()["pair", "a" * 12]["solved"] == 0


def test_who_comes_back_is_counted_within_the_days(store: Store, clock: Any) -> None:
    """The same customer's next conversation counts, another's does not, and none that is later."""
    converse(store, "c1", version="a", send=True)
    store.transcript.start(Customer("c2", "Eli"), "web")
    assert store.article_stats.count()["pair", "a" * 12]["came_back"] == 0
    clock.moment += timedelta(days=5)
    store.transcript.start(Customer("c1", "Dana"), "web")
    assert store.article_stats.count(days=7)["pair", "a" * 12]["came_back"] == 1
    assert store.article_stats.count(days=4)["pair", "a" * 12]["came_back"] == 0


def test_every_definition_has_its_query() -> None:
    """What --help tells is what is counted."""
    assert list(DEFINITIONS) == list(QUERIES)
