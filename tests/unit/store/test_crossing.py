"""What crosses between the customer's page, the bot and a person: stored once, and only where it still fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentassist.errors import NotFoundError, StateError, UnseenEntriesError, UsageError
from agentassist.models import Author, Customer, EntryKind, NewEntry, Outcome, State
from agentassist.store.followups import ANYONE, Meant
from agentassist.store.outbox import Mail
from agentassist.store.page import Handoff, Wish
from agentassist.store.store import Store

if TYPE_CHECKING:
    from tests.unit.store.conftest import FakeClock

DANA = Customer("web-1", "Dana Reyes")
HELLO = NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "hello")
BOT = NewEntry(Author.BOT, EntryKind.MESSAGE, "Hi")
OPENED = NewEntry(Author.CUSTOMER, EntryKind.EVENT, "", data={"event": "opened", "article": "a", "url": "https://x/a"})


@pytest.fixture
def number(store: Store) -> int:
    """A conversation with the bot."""
    return store.visitors.begin("token", DANA, "web")


def seqs(store: Store, number: int) -> list[str]:
    """Return what a conversation says, in order."""
    return [entry.text or str(entry.event) for entry in store.transcript.entries(number)]


def test_a_send_is_stored_once(store: Store, number: int) -> None:
    """The same send id a second time stores nothing; another one does; without one nothing is compared."""
    assert len(store.page.take(number, "s1", [HELLO])) == 1
    assert store.page.take(number, "s1", [HELLO]) == ()
    assert len(store.page.take(number, "s2", [HELLO])) == 1
    assert len(store.page.take(number, "", [HELLO])) == 1
    assert seqs(store, number) == ["hello"] * 3
    with pytest.raises(NotFoundError):
        store.page.take(99, "s1", [HELLO])


def test_the_bot_does_not_talk_over_anybody(store: Store, number: int) -> None:
    """What was made before the customer went on, or before a person came, is not stored."""
    store.page.take(number, "", [HELLO])
    store.page.take(number, "", [HELLO])
    assert store.page.answer(number, 1, [BOT]) == ()
    assert len(store.page.answer(number, 2, [BOT])) == 1
    store.claims.claim(number, "Ada")
    assert store.page.answer(number, 4, [BOT]) == ()
    store.claims.return_to_bot(number, "Ada")
    assert len(store.page.answer(number, 5, [BOT])) == 1


def test_an_opened_link_does_not_silence_the_bot_nor_hold_a_reply(store: Store, number: int) -> None:
    """Opening an article is nothing that has to be read before somebody answers, nor does it count as unread."""
    store.page.take(number, "", [HELLO])
    assert store.page.once(number, OPENED, same="article") is not None
    assert len(store.page.answer(number, 1, [BOT])) == 1
    store.claims.claim(number, "Ada")
    store.queue.mark_seen(number, "Ada", 4)
    store.page.once(
        number, NewEntry(Author.CUSTOMER, EntryKind.EVENT, "", data={**OPENED.data, "article": "b"}), same="article"
    )
    assert store.queue.get(number, "Ada").unread == 0
    store.transcript.send(number, "Ada", NewEntry(Author.AGENT, EntryKind.MESSAGE, "hi", "Ada"), seen_seq=4)
    store.page.take(number, "", [HELLO])
    with pytest.raises(UnseenEntriesError):
        store.transcript.send(number, "Ada", NewEntry(Author.AGENT, EntryKind.MESSAGE, "hi", "Ada"), seen_seq=5)


def test_what_happens_once_is_stored_once(store: Store, number: int) -> None:
    """An article is opened once, a rating is given once, whatever it says the second time."""
    rated = NewEntry(Author.CUSTOMER, EntryKind.EVENT, "good", data={"event": "rated", "rating": 5})
    again = NewEntry(Author.CUSTOMER, EntryKind.EVENT, "bad", data={"event": "rated", "rating": 1})
    assert store.page.once(number, OPENED, same="article") is not None
    assert store.page.once(number, OPENED, same="article") is None
    assert store.page.once(number, rated, same="") is not None
    assert store.page.once(number, again, same="") is None
    assert seqs(store, number) == ["opened", "good"]


def test_a_handoff_brings_its_friction_into_the_queue(store: Store, number: int, clock: FakeClock) -> None:
    """Who is at the point of friction passes who has waited a little longer, not who has waited far longer."""
    others = [store.visitors.begin(f"t{index}", Customer(f"c{index}", "C"), "web") for index in range(2)]
    store.claims.handoff(others[0], "asked")
    clock.moment = clock.moment.replace(hour=10, minute=30)
    store.claims.handoff(others[1], "asked", {"friction": True})
    clock.moment = clock.moment.replace(minute=35)
    store.claims.handoff(number, "asked twice", {"friction": 0.9, "signals": []})
    assert [item.id for item in store.queue.waiting("Ada")] == [others[0], number, others[1]]
    assert [item.friction for item in store.queue.waiting("Ada")] == [0.0, 0.9, 0.0]


@pytest.mark.parametrize(("told", "kept"), [(7, 1.0), (-1, 0.0), ("1", 0.0), (None, 0.0), (1, 1.0), (0.25, 0.25)])
def test_odd_frictions(store: Store, number: int, told: object, kept: float) -> None:
    """Whatever a handoff says, what is kept is a number from 0 to 1."""
    store.claims.handoff(number, "asked", {"friction": told})  # type: ignore[dict-item]
    assert store.queue.get(number).friction == kept


def test_a_wish_is_stored_with_what_follows_from_it(store: Store, number: int, clock: FakeClock) -> None:
    """Entries, handoff, address and promise are stored together, and once for each send id."""
    wish = NewEntry(Author.CUSTOMER, EntryKind.EVENT, "", data={"event": "wished", "wish": "callback"})
    due = clock.moment.replace(hour=15)
    meant = Meant(ANYONE, "call +351 912 345 678", due, "Europe/Lisbon", "2026-11-22T15:00")
    asked = Wish(Handoff("call back", {}), email="dana@example.com", call_back=meant, then=(BOT,))
    stored = store.page.take(number, "s1", [wish], asked)
    assert [str(entry.event) for entry in stored] == ["wished", "handoff", "None"]
    assert store.page.take(number, "s1", [wish], asked) == ()
    assert seqs(store, number) == ["wished", "call +351 912 345 678", "call back", "Hi"]
    assert store.customers.get("web-1").email == "dana@example.com"
    assert store.queue.get(number).state is State.WAITING
    assert [item.owner for item in store.followups.list(owner="Bo")] == [ANYONE]
    clock.moment = due
    assert len(store.followups.due("Ada")) == 1


def test_whoever_waits_can_go_on_with_the_bot(store: Store, number: int) -> None:
    """It is the bot's again and leaves the queue; while a person has it, nothing changes."""
    store.claims.handoff(number, "asked")
    store.page.take(number, "", [], Wish(bot=True))
    assert store.queue.get(number).state is State.DIGITAL
    store.claims.claim(number, "Ada")
    store.page.take(number, "", [], Wish(bot=True))
    assert store.queue.get(number).agent == "Ada"


def test_a_wish_of_a_closed_conversation_stores_nothing(store: Store, number: int) -> None:
    """What nobody would see is refused, and the send id is free again."""
    store.page.finish(number, "solved-digital", "")
    event = NewEntry(Author.CUSTOMER, EntryKind.EVENT, "", data={"event": "wished", "wish": "person"})
    for _ in range(2):
        with pytest.raises(StateError):
            store.page.take(number, "s1", [event], Wish(Handoff("asked", {})))
    assert len(seqs(store, number)) == 1


def test_what_was_lent_comes_back_to_its_agent(store: Store, number: int) -> None:
    """A tree that hands over gives the conversation to who lent it; it is among their own meanwhile."""
    store.claims.claim(number, "Ada")
    then = [NewEntry(Author.BOT, EntryKind.EVENT, "Survey", data={"event": "flow", "flow": "survey"})]
    assert [entry.text for entry in store.claims.lend(number, "Ada", "survey", then)] == ["", "Survey"]
    assert [item.state for item in store.queue.mine("Ada")] == [State.DIGITAL]
    assert store.page.finish(number, "solved-digital", "") is None
    store.page.answer(number, 3, [BOT], Handoff("the survey is done", {}))
    assert [(item.state, item.agent) for item in store.queue.mine("Ada")] == [(State.CLAIMED, "Ada")]
    assert store.queue.waiting("Ada") == ()


def test_a_visitor_is_who_has_the_token(store: Store, number: int) -> None:
    """A token opens its own customer's conversations and no other; the records hold no token."""
    assert store.visitors.get("other") is None
    visitor = store.visitors.get("token")
    assert visitor is not None
    assert (visitor.customer_id, visitor.conversation_id) == ("web-1", number)
    second = store.visitors.begin("token", DANA, "web")
    other = store.visitors.begin("other", Customer("web-2", ""), "web")
    assert [store.visitors.belongs("token", each) for each in (number, second, other, 99)] == [True, True, False, False]
    assert b"token" not in repr([tuple(row) for row in store._connection.rows("SELECT * FROM visitors")]).encode()


def test_a_link_has_one_token(store: Store, number: int) -> None:
    """The same article in the same conversation keeps its token, which nobody guesses; another has another."""
    token = store.article_links.make(number, "a", "A", "https://x/a")
    assert store.article_links.make(number, "a", "A", "https://x/a") == token
    assert store.article_links.make(number, "b", "B", "https://x/b") != token
    assert len(token) >= 22
    link = store.article_links.get(token)
    assert link is not None
    assert (link.conversation_id, link.article_id, link.url) == (number, "a", "https://x/a")
    assert store.article_links.get("guessed") is None
    assert store.article_links.opened(link)
    assert not store.article_links.opened(link)
    assert seqs(store, number) == ["opened"]


def test_an_opened_suggestion_is_a_lesson(store: Store, number: int) -> None:
    """What an agent sent and the customer opened is an outcome of that suggestion, by nobody's name, once."""
    with store._connection.write() as write:
        write.run(
            "INSERT INTO searches (id, conversation_id, seq, query, mode, degraded, hits, took_ms, at) "
            "VALUES (1, ?, 0, '[]', 'hybrid', '', 1, 0.0, '')",
            (number,),
        )
        write.run(
            "INSERT INTO suggestions (id, search_id, conversation_id, rank, article_id, title, url, passage, score, "
            "similarity, reason) VALUES (7, 1, ?, 1, 'a', 'A', 'https://x/a', '', 1.0, NULL, '')",
            (number,),
        )
    store.suggestions.mark(7, Outcome.SENT, "Ada")
    token = store.article_links.make(number, "a", "A", "https://x/a")
    link = store.article_links.get(token)
    assert link is not None
    for _ in range(2):
        store.article_links.opened(link)
    rows = store._connection.rows("SELECT outcome, agent FROM suggestion_events ORDER BY id")
    assert [tuple(row) for row in rows] == [("sent", "Ada"), ("opened", "")]


def test_an_email_is_queued_once_with_its_entry(store: Store, number: int) -> None:
    """Both are stored or none; the same state of a conversation is mailed once for a purpose."""
    mail = Mail("dana@example.com", "Your guide", "https://x/a")
    with pytest.raises(UsageError):
        store.outbox.queue(number, Mail(" ", "", ""), purpose="guide", entries=[BOT])
    assert store.outbox.queue(number, mail, purpose="guide") == ()
    assert store.outbox.queue(number, mail, purpose="guide", entries=[BOT]) is None
    assert seqs(store, number) == []
    assert store.outbox.queue(number, mail, purpose="transcript", entries=[BOT]) is not None
    assert [(item.mail, item.state) for item in store.outbox.list(number)] == [(mail, "queued")] * 2
    assert len(store.outbox.list()) == 2
    assert seqs(store, number) == ["Hi"]


def test_a_customer_who_types_is_seen_for_seconds(store: Store, number: int, clock: FakeClock) -> None:
    """Typing ends when the page says so or says nothing for a while; a page that is gone is gone after a minute."""
    assert store.presence.customer(number) is None
    store.presence.customer_says(number, typing=True)
    now = store.presence.customer(number)
    assert now is not None
    assert now.typing
    clock.moment = clock.moment.replace(second=10)
    now = store.presence.customer(number)
    assert now is not None
    assert not now.typing
    clock.moment = clock.moment.replace(minute=2)
    assert store.presence.customer(number) is None


def test_recent_waits_are_from_handoff_to_claim(store: Store, number: int, clock: FakeClock) -> None:
    """Each claim counts from how it came into the queue; an older day does not; the bot's time never does."""
    store.claims.claim(number, "Ada")
    assert store.waits.recent() == ()
    clock.moment = clock.moment.replace(day=24)
    for index, minute in enumerate((2, 5)):
        other = store.visitors.begin(f"t{index}", Customer(f"c{index}", "C"), "web")
        clock.moment = clock.moment.replace(minute=0, second=0, microsecond=0)
        store.claims.handoff(other, "asked")
        clock.moment = clock.moment.replace(minute=minute, second=0, microsecond=0)
        store.claims.claim(other, "Ada")
    assert [round(wait) for wait in store.waits.recent()] == [300, 120]


def test_the_place_in_the_queue(store: Store, number: int) -> None:
    """As the desk orders it; who does not wait has none."""
    other = store.visitors.begin("other", Customer("c", "C"), "web")
    store.claims.handoff(other, "asked")
    store.claims.handoff(number, "asked", {"friction": 1.0})
    assert (store.waits.place(number), store.waits.place(other)) == (1, 2)
    store.claims.claim(number, "Ada")
    assert (store.waits.place(number), store.waits.place(other)) == (0, 1)
