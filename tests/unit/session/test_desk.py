"""What one agent can do with the records."""

from __future__ import annotations

from datetime import datetime

import pytest

from agentassist.errors import ClaimedError, StateError, UnseenEntriesError, UnsendableError, UsageError
from agentassist.models import (
    Article,
    ArticleKind,
    Audience,
    Author,
    EntryKind,
    Hit,
    Mode,
    NewEntry,
    Outcome,
    Passage,
    Query,
    QueryPart,
    SearchResult,
    State,
)
from agentassist.protocols import Clock
from agentassist.session.desk import Desk, Offer, check_sendable
from agentassist.session.when import parse
from agentassist.store.store import Store


def hit(
    name: str = "reset-code", *, rank: int = 1, audience: Audience = Audience.CUSTOMER, verbatim: bool = False
) -> Hit:
    """Make a hit."""
    url = f"https://help.hearthwell.example/articles/{name}"
    article = Article(
        name, ArticleKind.ARTICLE, f"About {name}", url, f"articles/{name}.md", audience=audience, verbatim=verbatim
    )
    return Hit(
        rank, article, Passage(name, 0, "", "Hold the button for 10 seconds."), 1.0, 0.7, ((0, 4),), url, "words"
    )


def found(*hits: Hit) -> SearchResult:
    """Make a search result."""
    return SearchResult(hits, Mode.HYBRID)


QUERY = Query((QueryPart("the code is gone", 1.0, "last burst"),), seq=5)


@pytest.fixture
def ada(store: Store) -> Desk:
    """Return one agent's desk."""
    return Desk(store, "Ada")


def test_looking_leaves_no_trace(store: Store, ada: Desk, waiting: int) -> None:
    """Opening a conversation that is not mine writes no entry, no seen mark and no suggestion."""
    before = store.transcript.entries(waiting)
    unread = store.queue.get(waiting, "Ada").unread
    opened = ada.open(waiting)
    offers = ada.offer(waiting, QUERY, found(hit()))
    ada.seen(waiting, opened.entries[-1].seq)
    assert store.transcript.entries(waiting) == before
    assert store.queue.get(waiting, "Ada").unread == unread > 0
    assert [offer.suggestion for offer in offers] == [None]
    assert store.suggestions.of(waiting) == ()


def test_a_claim_moves_it_from_waiting_to_mine(ada: Desk, waiting: int) -> None:
    """After a claim the conversation is in my part of the queue, read, and no longer waits."""
    opened = ada.claim(waiting)
    overview = ada.overview()
    assert [item.id for item in overview.mine] == [waiting]
    assert overview.waiting == ()
    assert opened.conversation.state is State.CLAIMED
    assert overview.mine[0].unread == 0


def test_the_second_to_claim_reads_who_has_it(store: Store, ada: Desk, waiting: int) -> None:
    """The loser is told the winner's name, and nothing is written."""
    ada.claim(waiting)
    before = store.transcript.entries(waiting)
    with pytest.raises(ClaimedError, match="taken by Ada"):
        Desk(store, "Bo").claim(waiting)
    assert store.transcript.entries(waiting) == before


def test_a_suggestion_lives_from_shown_to_sent(store: Store, ada: Desk, waiting: int) -> None:
    """What was ranked, shown, inserted and sent is on record, with the entry that carried it."""
    opened = ada.claim(waiting)
    offers = ada.offer(waiting, QUERY, found(hit(), hit("other", rank=2)))
    ada.judge(offers[0], Outcome.INSERTED)
    text = f"Please try this:\n{offers[0].text}"
    entry = ada.send(waiting, text, seen_seq=opened.entries[-1].seq, offers=[offers[0]])
    assert entry.kind is EntryKind.ARTICLE
    assert entry.text == text
    assert entry.data == {"article": "reset-code", "title": "About reset-code", "url": offers[0].hit.link}
    first, second = store.suggestions.of(waiting)
    assert first.outcomes == (Outcome.SHOWN, Outcome.INSERTED, Outcome.SENT)
    assert second.outcomes == (Outcome.SHOWN,)


def test_two_articles_in_one_reply_are_both_on_record(ada: Desk, waiting: int) -> None:
    """The first is the entry's article, the rest are listed beside it."""
    opened = ada.claim(waiting)
    offers = ada.offer(waiting, QUERY, found(hit(), hit("other", rank=2)))
    text = "\n".join(offer.text for offer in offers)
    entry = ada.send(waiting, text, seen_seq=opened.entries[-1].seq, offers=offers)
    assert entry.data["article"] == "reset-code"
    assert entry.data["also"] == [{"article": "other", "title": "About other", "url": offers[1].hit.link}]


def test_an_article_that_was_removed_from_the_text_was_not_sent(store: Store, ada: Desk, waiting: int) -> None:
    """Only what the customer reads counts as sent."""
    opened = ada.claim(waiting)
    offers = ada.offer(waiting, QUERY, found(hit()))
    entry = ada.send(waiting, "Hello Dana", seen_seq=opened.entries[-1].seq, offers=offers)
    assert entry.kind is EntryKind.MESSAGE
    assert Outcome.SENT not in store.suggestions.of(waiting)[0].outcomes


def test_the_same_result_for_the_same_entries_is_recorded_once(store: Store, ada: Desk, waiting: int) -> None:
    """Coming back to a conversation does not count its suggestions again; another result does."""
    ada.claim(waiting)
    first = ada.offer(waiting, QUERY, found(hit()))
    again = ada.offer(waiting, QUERY, found(hit()))
    assert [offer.suggestion for offer in again if offer.suggestion] == list(store.suggestions.of(waiting))
    assert first[0].suggestion is not None
    assert again[0].suggestion is not None
    assert first[0].suggestion.id == again[0].suggestion.id
    ada.offer(waiting, QUERY, found(hit("other")))
    assert len(store.suggestions.of(waiting)) == 2


def test_a_reply_written_before_something_unseen_is_held(store: Store, ada: Desk, waiting: int) -> None:
    """What came in meanwhile has to be seen first; then the same reply goes."""
    opened = ada.claim(waiting)
    seen = opened.entries[-1].seq
    store.transcript.append(waiting, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "found it, thanks"))
    with pytest.raises(UnseenEntriesError) as held:
        ada.send(waiting, "Try this", seen_seq=seen)
    assert held.value.unseen == (seen + 1,)
    assert ada.send(waiting, "Glad to hear it", seen_seq=seen + 1).text == "Glad to hear it"


def test_only_the_owner_sends(store: Store, ada: Desk, waiting: int) -> None:
    """A reply to a conversation that is not mine is refused."""
    with pytest.raises(StateError):
        ada.send(waiting, "Hello", seen_seq=99)
    ada.claim(waiting)
    with pytest.raises(StateError):
        Desk(store, "Bo").send(waiting, "Hello", seen_seq=99)


def test_a_draft_comes_back_and_goes_with_the_send(ada: Desk, waiting: int) -> None:
    """A draft is kept as typed, gone when emptied, gone when sent."""
    opened = ada.claim(waiting)
    seen = opened.entries[-1].seq
    ada.save_draft(waiting, "Hello Da", seen)
    draft = ada.open(waiting).draft
    assert draft is not None
    assert (draft.text, draft.seen_seq) == ("Hello Da", seen)
    ada.save_draft(waiting, "", seen)
    assert ada.open(waiting).draft is None
    ada.save_draft(waiting, "Hello", seen)
    ada.send(waiting, "Hello", seen_seq=seen)
    assert ada.open(waiting).draft is None


def test_a_follow_up_belongs_to_conversation_customer_and_owner(ada: Desk, waiting: int) -> None:
    """It is in the owner's queue with the moment, the zone and the wall time that was meant, until it is done."""
    ada.claim(waiting)
    when = parse("tomorrow 9:00", now=datetime.fromisoformat("2026-11-23T09:30:00+00:00"), zone="Europe/Lisbon")
    kept = ada.follow_up(waiting, when, "call back")
    assert (kept.customer_id, kept.owner, kept.wall, kept.zone) == (
        "cust-1",
        "Ada",
        "2026-11-24T09:00",
        "Europe/Lisbon",
    )
    assert ada.overview().follow_ups == (kept,)
    assert ada.open(waiting).follow_ups == (kept,)
    ada.finish_follow_up(kept.id)
    assert ada.overview().follow_ups == ()


def test_a_wrap_up_needs_a_disposition(store: Store, ada: Desk, waiting: int) -> None:
    """Without one nothing is closed; with one it leaves the queue and keeps code and summary."""
    ada.claim(waiting)
    with pytest.raises(UsageError, match="disposition"):
        ada.close(waiting, "", "")
    ada.close(waiting, "solved", "reset the code")
    closed = store.queue.get(waiting)
    assert (closed.state, closed.disposition) == (State.CLOSED, "solved")
    assert ada.overview().mine == ()
    assert ada.reopen(waiting).conversation.state is State.CLAIMED


@pytest.mark.parametrize("text", ["Hi {{customer.name}}", "Hi {{ customer.name }} there", "Hi {{customer", "{{}}"])
def test_a_raw_placeholder_is_never_sent(ada: Desk, waiting: int, text: str) -> None:
    """It is refused, and the error says where it is."""
    opened = ada.claim(waiting)
    with pytest.raises(UnsendableError) as refused:
        ada.send(waiting, text, seen_seq=opened.entries[-1].seq)
    assert text[refused.value.start : refused.value.end].startswith("{{")


def test_nothing_is_not_sent() -> None:
    """White space is not a reply."""
    with pytest.raises(UnsendableError, match="nothing to send"):
        check_sendable(" \n ")


def test_an_internal_article_is_never_sent() -> None:
    """Neither by its link nor by its title, and the error says where."""
    offer = Offer(hit("limits", audience=Audience.INTERNAL))
    for text in (f"see {offer.hit.link}", f"see {offer.hit.article.title}"):
        with pytest.raises(UnsendableError, match="for agents only"):
            check_sendable(text, [offer])
    check_sendable("my own words", [offer])


def test_a_verbatim_article_is_sent_as_it_is_or_not_at_all() -> None:
    """Its title and link stay together and unchanged."""
    offer = Offer(hit("gas", verbatim=True))
    check_sendable(f"Please read this now:\n{offer.text}", [offer])
    with pytest.raises(UnsendableError, match="must be sent as it is"):
        check_sendable(f"gas stuff {offer.hit.link}", [offer])


def test_the_overview_names_the_customers_of_follow_ups(store: Store, ada: Desk, waiting: int, clock: Clock) -> None:
    """The overview tells what the customers of this agent's own follow-ups are called, each once."""
    at = parse("tomorrow 9:00", now=clock.now(), zone="UTC")
    assert ada.overview().names == {}
    for owner in ("Ada", "Ada", "Bo"):
        Desk(store, owner).follow_up(waiting, at, "call")
    assert ada.overview().names == {"cust-1": "Dana Reyes"}
    store.followups.add(None, None, "Cy", "water the plants", at.due, at.zone, at.wall)
    assert Desk(store, "Cy").overview().names == {}


def test_a_text_that_did_not_come_from_the_draft_leaves_it(store: Store, ada: Desk, waiting: int) -> None:
    """A suggestion that is sent at once is marked as sent, and what the agent was writing stays."""
    ada.claim(waiting)
    ada.save_draft(waiting, "half a reply", 1)
    (offer,) = ada.offer(waiting, QUERY, found(hit()))
    seen = ada.open(waiting).conversation.last_seq
    ada.send(waiting, offer.text, seen_seq=seen, offers=[offer], keep_draft=True)
    draft = ada.open(waiting).draft
    assert draft is not None
    assert draft.text == "half a reply"
    assert store.suggestions.of(waiting)[-1].outcomes == (Outcome.SHOWN, Outcome.SENT)
    ada.send(waiting, "half a reply, whole", seen_seq=seen + 1)
    assert ada.open(waiting).draft is None
