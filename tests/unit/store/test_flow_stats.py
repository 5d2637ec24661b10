"""Which conversations the numbers of decision trees are counted from."""

from __future__ import annotations

from agentassist.clock import to_stored
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.store.store import Store

from .conftest import FakeClock

BEGIN = NewEntry(Author.BOT, EntryKind.EVENT, "T", data={"event": "flow", "flow": "main", "version": "v"})
SAID = NewEntry(Author.BOT, EntryKind.MESSAGE, "Hi", data={"flow": "main", "node": "a"})
CHOSEN = NewEntry(Author.CUSTOMER, EntryKind.CHOICE, "X", data={"flow": "main", "node": "b", "value": "x"})
WORDS = NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "my own words")


def test_only_conversations_with_a_tree_and_only_what_is_counted(store: Store, clock: FakeClock) -> None:
    """Answers, events and the bot's words in order; nobody's own words; none from before."""
    customer = Customer("c", "Ana")
    first, second, third = (store.transcript.start(customer, "web") for _ in range(3))
    store.transcript.append(first, BEGIN, SAID, WORDS, CHOSEN)
    store.transcript.append(second, WORDS)
    later = to_stored(clock.now())
    store.transcript.append(third, BEGIN)
    found = [[(item.conversation_id, item.seq) for item in one] for one in store.flow_stats.conversations()]
    assert found == [[(first, 1), (first, 2), (first, 4)], [(third, 1)]]
    assert [one[0].conversation_id for one in store.flow_stats.conversations(since=later)] == [third]
