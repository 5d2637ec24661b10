"""Entries: numbered, exact, never changed; replies held while something is unseen."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentassist.errors import NotFoundError, StateError, StoreError, UnseenEntriesError, UsageError
from agentassist.models import Author, Customer, EntryKind, NewEntry, State
from agentassist.store.store import Store

DANA = Customer("cust-dana", "Dana Reyes", "dana@example.com", "Europe/Lisbon", "en", {"plan": "Plus"})


def said(text: str) -> NewEntry:
    """What a customer writes."""
    return NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text)


def reply(text: str, agent: str = "Ada") -> NewEntry:
    """What an agent writes."""
    return NewEntry(Author.AGENT, EntryKind.MESSAGE, text, agent)


def test_entries_are_numbered_without_a_gap_in_each_conversation(store: Store) -> None:
    """Each conversation counts 1, 2, 3 by itself, over single and several entries at once."""
    first, second = store.transcript.start(DANA, "web"), store.transcript.start(DANA, "web")
    store.transcript.append(first, said("a"))
    store.transcript.append(second, said("x"), said("y"))
    store.transcript.append(first, said("b"), said("c"))
    assert [(entry.seq, entry.text) for entry in store.transcript.entries(first)] == [(1, "a"), (2, "b"), (3, "c")]
    assert [entry.seq for entry in store.transcript.entries(second)] == [1, 2]
    assert [entry.text for entry in store.transcript.entries(first, after=2)] == ["c"]


def test_what_append_returns_is_what_is_read_back(store: Store) -> None:
    """Every field of an entry comes back as it went in."""
    conversation = store.transcript.start(DANA, "web")
    answer = NewEntry(
        Author.CUSTOMER, EntryKind.FORM, "DL12345678", data={"node": "serial", "question": "Número?", "deep": [1, None]}
    )
    article = NewEntry(
        Author.BOT, EntryKind.ARTICLE, "Reset\nhttps://x", "Bot", {"article": "reset", "url": "https://x"}
    )
    stored = store.transcript.append(conversation, answer, article)
    assert stored == store.transcript.entries(conversation)
    assert [(e.author, e.author_name, e.kind, e.text, e.data) for e in stored] == [
        (new.author, new.author_name, new.kind, new.text, new.data) for new in (answer, article)
    ]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_stored_text_stays_exact(store: Store, text: str) -> None:
    """Whatever a customer writes, controls and NUL included, is read back character by character."""
    conversation = store.transcript.start(DANA, "web")
    store.transcript.append(conversation, said(text))
    assert store.transcript.entries(conversation)[0].text == text


def test_half_of_a_surrogate_pair_does_not_stop_the_store(store: Store) -> None:
    """UTF-8 has no lone surrogate: it becomes U+FFFD, and two halves become their character."""
    conversation = store.transcript.start(DANA, "web")
    (entry,) = store.transcript.append(conversation, said("a\ud800b \ud83d\ude00"))
    assert entry.text == "a\ufffdb \U0001f600"
    assert store.transcript.entries(conversation) == (entry,)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET text = 'x'",
        "DELETE FROM entries",
        "REPLACE INTO entries SELECT id, conversation_id, seq, at, author, '', kind, '', data, NULL, NULL FROM entries",
    ],
)
def test_an_entry_never_changes(store: Store, statement: str) -> None:
    """The database itself refuses to change or remove an entry."""
    conversation = store.transcript.start(DANA, "web")
    store.transcript.append(conversation, said("as it was"))
    with pytest.raises(StoreError, match=r"never|gap"), store._connection.write() as write:
        write.run(statement)
    assert [entry.text for entry in store.transcript.entries(conversation)] == ["as it was"]


def test_an_erase_path_can_lift_the_guard_and_the_full_text_follows(store: Store) -> None:
    """Within one transaction the guard can go and come back; what was removed is no longer found."""
    conversation = store.transcript.start(DANA, "web")
    store.transcript.append(conversation, said("secretword"), said("kept"))
    with store._connection.write() as write:
        guard = write.rows("SELECT sql FROM sqlite_master WHERE name = 'entries_keep_delete'")[0]["sql"]
        write.run("DROP TRIGGER entries_keep_delete")
        write.run("DELETE FROM entries WHERE text = 'secretword'")
        write.run(guard)
    assert store.sessions.search("secretword") == ()
    assert len(store.sessions.search("kept")) == 1
    with pytest.raises(StoreError), store._connection.write() as write:
        write.run("DELETE FROM entries")


def test_several_entries_are_stored_all_or_none(store: Store) -> None:
    """When the last of several is refused, none is there."""
    conversation = store.transcript.start(DANA, "web")
    nameless = NewEntry(Author.AGENT, EntryKind.MESSAGE, "who am I?")
    with pytest.raises(StoreError):
        store.transcript.append(conversation, said("first"), nameless)
    assert store.transcript.entries(conversation) == ()
    assert store.queue.get(conversation).last_seq == 0


@pytest.mark.parametrize("event", ["claimed", "released", "closed", "reopened"])
def test_append_does_not_change_who_has_a_conversation(store: Store, event: str) -> None:
    """Ownership changes by claims alone."""
    conversation = store.transcript.start(DANA, "web")
    with pytest.raises(UsageError):
        store.transcript.append(conversation, NewEntry(Author.AGENT, EntryKind.EVENT, "", "Ada", {"event": event}))
    assert store.queue.get(conversation).state is State.DIGITAL


def test_an_unknown_conversation_is_named(store: Store) -> None:
    """Nothing is stored for a conversation that does not exist, and reading it gives nothing."""
    with pytest.raises(NotFoundError, match="no conversation 7"):
        store.transcript.append(7, said("x"))
    assert store.transcript.entries(7) == ()


def test_a_reply_needs_a_claim(store: Store) -> None:
    """Only who has a conversation may reply: not from the queue, not in another's, not after the wrap-up."""
    conversation = store.transcript.start(DANA, "web")
    store.claims.handoff(conversation, "asked")
    with pytest.raises(StateError, match="nobody has claimed"):
        store.transcript.send(conversation, "Ada", reply("hi"), seen_seq=1)
    store.claims.claim(conversation, "Bo")
    with pytest.raises(StateError, match="Bo has the conversation"):
        store.transcript.send(conversation, "Ada", reply("hi"), seen_seq=2)
    store.claims.close(conversation, "Bo", "solved", "")
    with pytest.raises(StateError, match="closed"):
        store.transcript.send(conversation, "Bo", reply("hi", "Bo"), seen_seq=3)
    assert not [entry for entry in store.transcript.entries(conversation) if entry.kind is EntryKind.MESSAGE]


def test_a_reply_drafted_before_an_unseen_entry_is_held(store: Store) -> None:
    """What others wrote after `seen_seq` holds the reply and is named; one's own lines do not."""
    conversation = store.transcript.start(DANA, "web")
    store.transcript.append(conversation, said("help"))
    claim = store.claims.claim(conversation, "Ada")
    store.transcript.append(conversation, said("wait"), NewEntry(Author.BOT, EntryKind.MESSAGE, "hm", "Bot"))
    with pytest.raises(UnseenEntriesError) as held:
        store.transcript.send(conversation, "Ada", reply("hi"), seen_seq=claim.seq)
    assert held.value.unseen == (3, 4)
    first = store.transcript.send(conversation, "Ada", reply("hi"), seen_seq=4)
    second = store.transcript.send(conversation, "Ada", reply("there"), seen_seq=4)
    assert (first.seq, second.seq) == (5, 6)


def test_a_colleagues_line_holds_a_reply_too(store: Store) -> None:
    """An entry by another agent counts as unseen, so that a customer is not answered twice."""
    conversation = store.transcript.start(DANA, "web")
    store.claims.claim(conversation, "Ada")
    store.transcript.append(conversation, reply("I took care of it", "Bo"))
    with pytest.raises(UnseenEntriesError):
        store.transcript.send(conversation, "Ada", reply("hi"), seen_seq=1)


def test_nobody_sends_in_anothers_name(store: Store) -> None:
    """A reply carries the name of who sends it."""
    conversation = store.transcript.start(DANA, "web")
    store.claims.claim(conversation, "Ada")
    with pytest.raises(UsageError):
        store.transcript.send(conversation, "Ada", reply("hi", "Bo"), seen_seq=1)


def test_a_customer_is_brought_up_to_date_and_nothing_known_is_lost(store: Store) -> None:
    """A second conversation updates the customer; what it does not know stays."""
    store.transcript.start(DANA, "web")
    store.transcript.start(Customer("cust-dana", "Dana R.", timezone="UTC"), "web")
    assert store.customers.get("cust-dana") == Customer(
        "cust-dana", "Dana R.", "dana@example.com", "UTC", "en", {"plan": "Plus"}
    )
    store.customers.upsert(Customer("cust-dana", "Dana", attributes={"plan": "Free"}))
    assert store.customers.get("cust-dana").attributes == {"plan": "Free"}
    with pytest.raises(NotFoundError):
        store.customers.get("nobody")
