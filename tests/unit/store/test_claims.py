"""Who has a conversation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agentassist.errors import ClaimedError, NotFoundError, StateError, StoreError, UsageError
from agentassist.models import Author, Customer, Entry, EntryKind, Event, NewEntry, State
from agentassist.store.store import Store

DANA = Customer("cust-dana", "Dana")


def said(text: str) -> NewEntry:
    """What a customer writes."""
    return NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text)


def test_one_agent_wins_and_the_other_reads_who(store: Store) -> None:
    """The second claim names the first one's agent and writes nothing."""
    conversation = store.transcript.start(DANA, "web")
    entry = store.claims.claim(conversation, "Ada")
    assert (entry.event, entry.author, entry.author_name) == (Event.CLAIMED, Author.AGENT, "Ada")
    with pytest.raises(ClaimedError) as lost:
        store.claims.claim(conversation, "Bo")
    assert lost.value.agent == "Ada"
    assert len(store.transcript.entries(conversation)) == 1


def test_claiming_ones_own_again_writes_nothing(store: Store) -> None:
    """The same claim returns the entry of the first, also after a handoff and a reopening."""
    conversation = store.transcript.start(DANA, "web")
    entry = store.claims.claim(conversation, "Ada")
    store.claims.handoff(conversation, "asked again")
    assert store.claims.claim(conversation, "Ada") == entry
    store.claims.close(conversation, "Ada", "solved", "")
    reopened = store.claims.reopen(conversation, "Ada")
    assert store.claims.claim(conversation, "Ada") == reopened


def test_the_whole_way_of_a_conversation(store: Store) -> None:
    """Digital, waiting, claimed, waiting again, claimed by another, closed, reopened: all derived from entries."""
    conversation = store.transcript.start(DANA, "web")

    def stands() -> tuple[State, str, str]:
        now = store.queue.get(conversation)
        return now.state, now.agent, now.disposition

    assert stands() == (State.DIGITAL, "", "")
    handoff = store.claims.handoff(conversation, "asked for a person")
    assert stands() == (State.WAITING, "", "")
    assert (store.queue.get(conversation).reason, store.queue.get(conversation).since) == (
        "asked for a person",
        handoff.at,
    )
    store.claims.claim(conversation, "Ada")
    assert stands() == (State.CLAIMED, "Ada", "")
    store.claims.release(conversation, "Ada")
    assert stands() == (State.WAITING, "", "")
    store.claims.claim(conversation, "Bo")
    closed = store.claims.close(conversation, "Bo", "solved", "pressed the button")
    assert (closed.text, closed.data) == ("pressed the button", {"event": "closed", "disposition": "solved"})
    assert stands() == (State.CLOSED, "Bo", "solved")
    store.claims.reopen(conversation, "Ada")
    assert stands() == (State.CLAIMED, "Ada", "")


def test_a_customer_who_writes_after_the_wrap_up_is_waiting_again(store: Store) -> None:
    """Nobody may write into a closed conversation unseen; a bot's line does not reopen it."""
    conversation = store.transcript.start(DANA, "web")
    store.claims.claim(conversation, "Ada")
    store.claims.close(conversation, "Ada", "solved", "")
    store.transcript.append(conversation, NewEntry(Author.BOT, EntryKind.MESSAGE, "rate us", "Bot"))
    assert store.queue.get(conversation).state is State.CLOSED
    (entry,) = store.transcript.append(conversation, said("it broke again"))
    now = store.queue.get(conversation)
    assert (now.state, now.agent, now.disposition, now.since) == (State.WAITING, "", "", entry.at)


def test_a_handoff_takes_a_conversation_from_nobody(store: Store) -> None:
    """A bot's late handoff is recorded and leaves the conversation with the agent who has it."""
    conversation = store.transcript.start(DANA, "web")
    claim = store.claims.claim(conversation, "Ada")
    store.claims.handoff(conversation, "bot gave up")
    now = store.queue.get(conversation)
    assert (now.state, now.agent, now.reason, now.since) == (State.CLAIMED, "Ada", "bot gave up", claim.at)


def test_an_old_handoff_says_nothing_of_a_new_conversation(store: Store) -> None:
    """A new conversation of the same customer starts digital, without a reason."""
    first = store.transcript.start(DANA, "web")
    store.claims.handoff(first, "angry")
    second = store.queue.get(store.transcript.start(DANA, "web"))
    assert (second.state, second.reason) == (State.DIGITAL, "")


@pytest.mark.parametrize("act", ["release", "close"])
def test_only_who_has_it_may_let_go(store: Store, act: str) -> None:
    """Release and close need one's own claim."""

    def try_as(agent: str) -> None:
        if act == "release":
            store.claims.release(conversation, agent)
        else:
            store.claims.close(conversation, agent, "solved", "")

    conversation = store.transcript.start(DANA, "web")
    with pytest.raises(StateError, match="nobody"):
        try_as("Ada")
    store.claims.claim(conversation, "Bo")
    with pytest.raises(StateError, match="Bo has"):
        try_as("Ada")
    try_as("Bo")


def test_a_closed_conversation_is_reopened_not_claimed(store: Store) -> None:
    """Closed: no claim, no handoff, no close; open: no reopening."""
    conversation = store.transcript.start(DANA, "web")
    with pytest.raises(StateError, match="not closed"):
        store.claims.reopen(conversation, "Ada")
    store.claims.claim(conversation, "Ada")
    store.claims.close(conversation, "Ada", "solved", "")
    refusals: tuple[Callable[[], Entry], ...] = (
        lambda: store.claims.claim(conversation, "Ada"),
        lambda: store.claims.handoff(conversation, "x"),
        lambda: store.claims.close(conversation, "Ada", "solved", ""),
    )
    for refused in refusals:
        with pytest.raises(StateError, match="closed"):
            refused()


def test_a_wrap_up_needs_a_disposition(store: Store) -> None:
    """An empty code is refused."""
    conversation = store.transcript.start(DANA, "web")
    store.claims.claim(conversation, "Ada")
    with pytest.raises(UsageError):
        store.claims.close(conversation, "Ada", "", "done")
    assert store.queue.get(conversation).state is State.CLAIMED


def test_unknown_conversations_are_named(store: Store) -> None:
    """Every claim call says which conversation does not exist."""
    calls: tuple[Callable[[], Entry], ...] = (
        lambda: store.claims.claim(5, "Ada"),
        lambda: store.claims.release(5, "Ada"),
        lambda: store.claims.close(5, "Ada", "solved", ""),
        lambda: store.claims.reopen(5, "Ada"),
        lambda: store.claims.handoff(5, "x"),
    )
    for call in calls:
        with pytest.raises(NotFoundError, match="no conversation 5"):
            call()


def test_the_database_itself_refuses_a_second_claim(store: Store) -> None:
    """Even code that goes around the claims cannot make two owners."""
    conversation = store.transcript.start(DANA, "web")
    store.claims.claim(conversation, "Ada")
    with pytest.raises(StoreError, match="nobody has"), store._connection.write() as write:
        write.run(
            "INSERT INTO entries (conversation_id, seq, at, author, author_name, kind, text, data, event) "
            "VALUES (?, 2, '', 'agent', 'Bo', 'event', '', '{\"event\":\"claimed\"}', 'claimed')",
            (conversation,),
        )
