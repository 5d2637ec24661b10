"""Who needs an agent now."""

from __future__ import annotations

import pytest

from agentassist.errors import NotFoundError
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.store.store import Store

DANA = Customer("cust-dana", "Dana")


def said(text: str) -> NewEntry:
    """What a customer writes."""
    return NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text)


def handed_over(store: Store) -> int:
    """Start a conversation that waits."""
    conversation = store.transcript.start(DANA, "web")
    store.transcript.append(conversation, said("help"))
    store.claims.handoff(conversation, "asked")
    return conversation


def test_waiting_and_mine_are_the_oldest_first(store: Store) -> None:
    """By the time since when, not by number: a released one waits anew."""
    first, second, third = handed_over(store), handed_over(store), handed_over(store)
    store.claims.claim(first, "Ada")
    store.claims.release(first, "Ada")
    assert [item.id for item in store.queue.waiting("Ada")] == [second, third, first]
    store.claims.claim(third, "Ada")
    store.claims.claim(second, "Ada")
    assert [item.id for item in store.queue.mine("Ada")] == [third, second]
    assert store.queue.mine("Bo") == ()
    assert [item.id for item in store.queue.waiting("Bo")] == [first]


def test_the_order_of_those_who_wait_is_that_of_the_queue(store: Store) -> None:
    """What tells each customer their place agrees with what the desks show, friction's head start included."""
    numbers = [handed_over(store) for _ in range(4)]
    store.claims.handoff(numbers[2], "asked twice", {"friction": 1.0})
    store.claims.claim(numbers[1], "Ada")
    order = tuple(item.id for item in store.queue.waiting(""))
    assert order == (numbers[2], numbers[0], numbers[3])
    assert store.queue.order() == order
    assert [store.waits.place(number) for number in numbers] == [2, 0, 1, 3]


def test_unread_counts_the_customers_entries_after_the_last_one_seen(store: Store) -> None:
    """Each agent has their own count; nobody has none; bot, event and agent lines do not count."""
    conversation = handed_over(store)
    store.transcript.append(conversation, NewEntry(Author.BOT, EntryKind.MESSAGE, "hm", "Bot"), said("hello?"))
    assert store.queue.get(conversation, "Ada").unread == 2
    store.queue.mark_seen(conversation, "Ada", 3)
    assert store.queue.get(conversation, "Ada").unread == 1
    assert store.queue.get(conversation, "Bo").unread == 2
    assert store.queue.get(conversation).unread == 0
    store.queue.mark_seen(conversation, "Ada", 4)
    store.queue.mark_seen(conversation, "Ada", 1)
    assert store.queue.get(conversation, "Ada").unread == 0


def test_what_is_not_there_yet_cannot_have_been_seen(store: Store) -> None:
    """A number beyond the last entry counts as the last entry."""
    conversation = handed_over(store)
    store.queue.mark_seen(conversation, "Ada", 999)
    store.transcript.append(conversation, said("new"))
    assert store.queue.get(conversation, "Ada").unread == 1
    with pytest.raises(NotFoundError):
        store.queue.mark_seen(12, "Ada", 1)


def test_looking_leaves_no_trace(store: Store, path: object, clock: object) -> None:
    """Reading a conversation, the queue or what is known to be seen writes nothing."""
    conversation = handed_over(store)
    store.queue.mark_seen(conversation, "Ada", 2)
    changes = store._connection.raw.total_changes
    store.queue.get(conversation, "Ada")
    store.queue.waiting("Ada")
    store.queue.mark_seen(conversation, "Ada", 2)
    store.transcript.entries(conversation)
    assert store._connection.raw.total_changes == changes


def test_the_preview_is_the_last_message_or_article(store: Store) -> None:
    """Events do not hide what was said."""
    conversation = handed_over(store)
    store.claims.claim(conversation, "Ada")
    assert store.queue.get(conversation).preview == "help"
    with pytest.raises(NotFoundError, match="no conversation 99"):
        store.queue.get(99)


def test_the_queue_does_not_read_what_is_closed(store: Store) -> None:
    """The plan starts from the index of open conversations, and with 20,000 closed ones no table is scanned."""
    handed_over(store)
    with store._connection.write() as write:
        write.run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
            "INSERT INTO conversations (customer_id, channel, started_at) "
            "SELECT 'cust-dana', 'web', '2026-01-01T00:00:00.000000Z' FROM n"
        )
        write.run("UPDATE conversation_state SET state = 'closed', agent = 'Ada' WHERE conversation_id > 1")
    asked: list[str] = []
    store._connection.raw.set_trace_callback(asked.append)
    assert len(store.queue.waiting("Ada")) == 1
    assert store.queue.mine("Ada") == ()
    store._connection.raw.set_trace_callback(None)
    assert len(asked) == 2
    for statement in asked:
        plan = [row["detail"] for row in store._connection.rows(f"EXPLAIN QUERY PLAN {statement}")]
        assert "conversation_state_open" in plan[0]
        assert not [detail for detail in plan if detail.startswith("SCAN")]
