"""All history: listed and found by words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from agentassist.models import Author, Customer, EntryKind, NewEntry, State
from agentassist.store.store import Store

HOSTILE_FILE = Path(__file__).parents[4] / "shared" / "hostile_strings.jsonl"
HOSTILE = [
    '"', '""', "'", "*", "a*", "^a", "a OR", "OR", "NOT", "AND AND", "NEAR(", "NEAR(a b, 2)", "(", ")", "a:b", "text:a",
    "-a", "+a", "{a b}", "a\x00b", "\x00", "\ud800", "'; DROP TABLE entries; --", "%", "_", "__", "\\", "\x1b[2J",
    "🙂", "a" * 10_000, "a " * 1_000, "१२३", "e\u0301", "foo_bar",
]  # fmt: skip


def said(text: str) -> NewEntry:
    """What a customer writes."""
    return NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text)


def conversation(store: Store, *texts: str, customer: str = "c1") -> int:
    """Start a conversation in which a customer wrote these."""
    number = store.transcript.start(Customer(customer, f"Name of {customer}"), "web")
    store.transcript.append(number, *(said(text) for text in texts))
    return number


def test_the_list_is_the_newest_first_by_page_and_filter(store: Store) -> None:
    """Limit, offset, state, agent and time narrow it."""
    first, second, third = conversation(store, "a"), conversation(store, "b", customer="c2"), conversation(store, "c")
    store.claims.claim(second, "Ada")
    store.claims.close(second, "Ada", "solved", "")
    assert [item.id for item in store.sessions.list()] == [third, second, first]
    assert [item.id for item in store.sessions.list(1, 1)] == [second]
    assert [item.id for item in store.sessions.list(state=State.CLOSED)] == [second]
    assert [item.id for item in store.sessions.list(agent="Ada")] == [second]
    assert store.sessions.list(agent="") == ()
    assert [item.id for item in store.sessions.list(since=store.queue.get(second).started_at)] == [third, second]
    assert [item.id for item in store.sessions.of_customer("c1")] == [third, first]
    assert store.sessions.ids(first, 10) == (second, third)


def test_every_word_has_to_be_in_the_entry_and_the_newest_comes_first(store: Store) -> None:
    """All words, in any order, without case or accents; the entry and its conversation come with it."""
    first = conversation(store, "My DIAL does not pair", "the dial is white")
    second = conversation(store, "Où est le café? The dial, pair it")
    assert [(found.conversation.id, found.entry.seq) for found in store.sessions.search("pair dial")] == [
        (second, 1),
        (first, 1),
    ]
    assert [found.entry.seq for found in store.sessions.search("dial", limit=2)] == [1, 2]
    assert [found.conversation.id for found in store.sessions.search("CAFE ou")] == [second]
    assert store.sessions.search("dial zebra") == ()


def test_what_agents_and_events_said_is_found_too(store: Store) -> None:
    """Replies, handoff reasons and wrap-up summaries are history as well."""
    number = conversation(store, "hi")
    store.claims.handoff(number, "urgent words")
    store.claims.claim(number, "Ada")
    store.transcript.send(number, "Ada", NewEntry(Author.AGENT, EntryKind.MESSAGE, "hold it", "Ada"), seen_seq=3)
    store.claims.close(number, "Ada", "solved", "customer pressed the button")
    assert [found.entry.seq for word in ("urgent", "hold", "pressed") for found in store.sessions.search(word)] == [
        2,
        4,
        5,
    ]


def test_the_snippet_shows_the_words(store: Store) -> None:
    """A long entry is cut around the first word found; spans point at the words, in order."""
    text = "filler " * 100 + "the Café closes and the café opens " + "tail " * 100
    conversation(store, text)
    (found,) = store.sessions.search("cafe")
    assert len(found.snippet) <= 160
    assert found.snippet in text
    assert [found.snippet[start:end] for start, end in found.spans] == ["Café", "café"]


@pytest.mark.parametrize("words", HOSTILE, ids=ascii)
def test_a_hostile_search_is_only_words(store: Store, words: str) -> None:
    """Operators, quotes, controls and lone surrogates neither fail nor act."""
    conversation(store, "a plain entry", "b or not b near")
    for found in store.sessions.search(words):
        folded = found.entry.text.lower()
        assert all(word.lower() in folded for word in re.findall(r"[a-z]+", words.lower())[:32])


def test_no_word_finds_nothing_and_only_32_count(store: Store) -> None:
    """Without a word there is nothing to look for; the 33rd word does not count."""
    conversation(store, " ".join(f"w{n}" for n in range(32)))
    assert store.sessions.search("?! ...") == ()
    assert len(store.sessions.search(" ".join(f"w{n}" for n in range(32)) + " missing")) == 1


@pytest.mark.skipif(not HOSTILE_FILE.exists(), reason="the shared collection of hostile strings is not here")
def test_the_whole_collection_is_stored_exactly_and_searched_safely(store: Store) -> None:
    """Every collected string can be stored and used as a search."""
    texts = [json.loads(line)["text"] for line in HOSTILE_FILE.read_text(encoding="utf-8").splitlines()]
    number = conversation(store, *texts)
    for text, entry in zip(texts, store.transcript.entries(number), strict=True):
        assert entry.text == text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        store.sessions.search(text)
