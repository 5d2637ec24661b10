"""Vectors of closed conversations: made for each closing, found missing, forgotten for good."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.store import similar
from agentassist.store.similar import SessionVector
from agentassist.store.store import Store


def row(number: int) -> bytes:
    """Return some vector."""
    return bytes(np.full(8, number + 0.5, dtype="<f2").tobytes())


def closed(store: Store, name: str = "li", text: str = "it clicks") -> int:
    """Let a conversation be had and closed; return its number."""
    number = store.transcript.start(Customer(name, name), "web")
    store.transcript.append(number, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text))
    store.claims.handoff(number, "asked")
    store.claims.claim(number, "Bo")
    store.claims.close(number, "Bo", "solved", "done")
    return number


def make(store: Store, number: int, model: str = "m") -> int:
    """Keep vectors of a conversation's last closing; return how many were kept."""
    closing = store.similar.closing(number)
    assert closing is not None
    return store.similar.put([SessionVector(number, closing.seq, model, row(number), row(number))])


def missing(store: Store, model: str = "m") -> list[int]:
    """Return every conversation without vectors, looking through all of them."""
    found, below = [], 1 + store.similar.newest()
    while below:
        some, below = store.similar.unmade(model, below=below, limit=3)
        found += [closing.conversation_id for closing in some]
    return found


def test_what_is_missing_is_found_newest_first_and_once(store: Store) -> None:
    """Only closed ones; not again when they are made; again for another encoder."""
    numbers = [closed(store) for _ in range(7)]
    store.transcript.start(Customer("li", "li"), "web")
    assert missing(store) == numbers[::-1]
    assert make(store, numbers[3]) == 1
    assert missing(store) == [number for number in numbers[::-1] if number != numbers[3]]
    assert missing(store, "other") == numbers[::-1]
    assert store.similar.count("m") == (7, 1)


def test_a_look_is_bounded(store: Store, monkeypatch: Any) -> None:
    """One look goes through SPAN ids at most, and says where the next one begins."""
    numbers = [closed(store) for _ in range(5)]
    monkeypatch.setattr(similar, "SPAN", 2)
    found, below = store.similar.unmade("m", below=numbers[-1] + 1, limit=100)
    assert [closing.conversation_id for closing in found] == numbers[:2:-1]
    assert below == numbers[3]
    assert missing(store) == numbers[::-1]


def test_a_conversation_that_was_closed_again_is_made_anew(store: Store) -> None:
    """While it is open it does not stand; after the second closing it is missing until it is made for that one."""
    number = closed(store)
    make(store, number)
    assert [item.conversation_id for item in store.similar.standing([number], "m")] == [number]
    first = store.similar.closing(number)
    store.claims.reopen(number, "Bo")
    assert store.similar.standing([number], "m") == ()
    assert store.similar.closing(number) is None
    store.claims.close(number, "Bo", "solved", "again")
    assert store.similar.standing([number], "m") == (), "the vectors are of the first closing"
    assert missing(store) == [number]
    assert first is not None
    old = SessionVector(number, first.seq, "m", row(1), row(1))
    assert store.similar.put([old]) == 0, "what was made for the first closing comes too late"
    assert make(store, number) == 1
    assert missing(store) == []


def test_only_what_stands_and_is_not_the_customers_own(store: Store) -> None:
    """A customer's own conversations are left out, and those of another encoder."""
    mine, other = closed(store, "me"), closed(store, "li")
    make(store, mine)
    make(store, other)
    assert [item.conversation_id for item in store.similar.standing([mine, other], "m", without=mine)] == [other]
    assert store.similar.standing([mine, other], "n") == ()


def test_forgetting_is_for_good_and_is_told(store: Store, path: Path) -> None:
    """No vector is left in any file, none is made again, not even after another closing; others stay."""
    gone, stays = closed(store, "gone"), closed(store, "stays")
    marker = bytes(np.linspace(1, 2, 48, dtype="<f2").tobytes())
    closing = store.similar.closing(gone)
    assert closing is not None
    store.similar.put([SessionVector(gone, closing.seq, "m", marker, marker)])
    make(store, stays)
    before = store.similar.forgotten()
    assert store.similar.forget_customer("gone") == 1
    assert store.similar.forgotten() != before
    assert [item.conversation_id for item in store.similar.page("m", below=10**9, limit=9)] == [stays]
    store._connection.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in path.parent.iterdir():
        assert marker not in file.read_bytes(), file.name
    assert missing(store) == []
    store.claims.reopen(gone, "Bo")
    store.claims.close(gone, "Bo", "solved", "again")
    assert missing(store) == []
    assert store.similar.closing(gone) is None
    assert store.similar.put([SessionVector(gone, closing.seq + 2, "m", marker, marker)]) == 0
    assert store.similar.forget_customer("gone") == 0
    assert store.similar.forget_customer("nobody") == 0


def test_making_anew_does_not_count_as_forgetting(store: Store) -> None:
    """Others who hold vectors would begin from nothing each time."""
    number = closed(store)
    make(store, number)
    before = store.similar.forgotten()
    make(store, number, "other")
    assert store.similar.forgotten() == before


def test_what_others_made_is_found_by_time(store: Store) -> None:
    """From the moment of the last known row on, the earliest first."""
    numbers = [closed(store) for _ in range(4)]
    for number in numbers:
        make(store, number)
    rows = store.similar.since("m", "", 9)
    assert [item.conversation_id for item in rows] == numbers
    later = store.similar.since("m", rows[2].made_at, 9)
    assert [item.conversation_id for item in later] == numbers[2:]


def test_of_a_long_conversation_both_ends_are_read(store: Store) -> None:
    """As many entries as can be bounded: a conversation of thousands takes no longer than one of hundreds."""
    number = store.transcript.start(Customer("li", "li"), "web")
    said = (NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, f"line {count}") for count in range(500))
    store.transcript.append(number, *said)
    store.claims.handoff(number, "asked")
    store.claims.claim(number, "Bo")
    store.claims.close(number, "Bo", "solved", "done")
    closing = store.similar.closing(number)
    assert closing is not None
    entries = store.similar.said(closing)
    assert len(entries) == similar.FIRST + similar.LAST
    assert (entries[0].text, entries[-1].seq) == ("line 0", closing.seq)
