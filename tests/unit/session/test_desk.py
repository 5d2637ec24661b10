"""What one agent can do with the records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

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
from agentassist.session.desk import Desk, Offer, check_sendable, offered
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


def test_a_suggestion_whose_words_were_changed_is_sent_and_edited(store: Store, ada: Desk, waiting: int) -> None:
    """Changed is what was put in, not what stands around it; sent comes last, with the entry that carried both."""
    opened = ada.claim(waiting)
    offers = ada.offer(waiting, QUERY, found(hit(), hit("other", rank=2)))
    text = f"Look here: {offers[0].hit.link}\n{offers[1].text}"
    entry = ada.send(waiting, text, seen_seq=opened.entries[-1].seq, offers=offers)
    first, second = store.suggestions.of(waiting)
    assert first.outcomes == (Outcome.SHOWN, Outcome.EDITED, Outcome.SENT)
    assert second.outcomes == (Outcome.SHOWN, Outcome.SENT)
    carried = [item.entry_seq for item in store.suggestions.life(waiting) if item.outcome is not Outcome.SHOWN]
    assert carried == [entry.seq] * 3


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


def test_a_wrap_up_needs_a_disposition(store: Store, ada: Desk, waiting: int) -> None:
    """Without one nothing is closed; with one it leaves the queue and keeps code and summary."""
    ada.claim(waiting)
    with pytest.raises(UsageError, match="disposition"):
        ada.close(waiting, "", "")
    ada.save_draft(waiting, "Goodb", 1)
    assert writes(store, lambda: ada.close(waiting, "solved", "reset the code")) == 1
    assert ada.open(waiting).draft is None
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


def writes(store: Store, call: Callable[[], object]) -> int:
    """Return how many transactions a call commits."""
    committed: list[str] = []
    store._connection.raw.set_trace_callback(committed.append)
    call()
    store._connection.raw.set_trace_callback(None)
    return sum(statement.startswith("COMMIT") for statement in committed)


def test_offering_and_sending_are_one_write_each(store: Store, ada: Desk, waiting: int) -> None:
    """However many hits are shown and sent; and what is known already is not written at all."""
    seen = ada.claim(waiting).entries[-1].seq
    result = found(hit(), hit("second", rank=2), hit("third", rank=3))
    ada.save_draft(waiting, "Try", seen)
    assert writes(store, lambda: ada.offer(waiting, QUERY, result)) == 1
    assert writes(store, lambda: ada.offer(waiting, QUERY, result)) == 0
    assert writes(store, lambda: ada.offer(waiting, QUERY, found())) == 1
    assert writes(store, lambda: ada.offer(waiting, QUERY, found())) == 0
    offers = ada.offer(waiting, QUERY, result)
    text = "\n".join(offer.text for offer in offers)
    assert writes(store, lambda: ada.send(waiting, text, seen_seq=seen, offers=offers)) == 1
    assert [row.outcomes for row in store.suggestions.of(waiting)] == [(Outcome.SHOWN, Outcome.SENT)] * 3
    assert store.queue.get(waiting, "Ada").unread == 0
    assert ada.open(waiting).draft is None


def test_a_refused_reply_changes_nothing(store: Store, ada: Desk, waiting: int) -> None:
    """The draft stays, nothing counts as sent, and the typed search is not in the records."""
    seen = ada.claim(waiting).entries[-1].seq
    (typed,) = offered(Query.typed("code"), found(hit()))
    ada.save_draft(waiting, typed.text, seen)
    store.transcript.append(waiting, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "wait"))
    with pytest.raises(UnseenEntriesError):
        ada.send(waiting, typed.text, seen_seq=seen, offers=[typed])
    assert store.suggestions.searches(waiting) == ()
    assert ada.open(waiting).draft is not None


def test_a_sent_hit_of_a_typed_search_is_recorded_with_it(store: Store, ada: Desk, waiting: int) -> None:
    """The whole search is kept as it was ranked, shown, and what was sent; once, however often it is sent."""
    seen = ada.claim(waiting).entries[-1].seq
    offers = offered(Query.typed("the code"), found(hit(), hit("second", rank=2)))
    entry = ada.send(waiting, offers[1].text, seen_seq=seen, offers=[offers[1]])
    (searched,) = store.suggestions.searches(waiting)
    assert (searched.query[0].text, searched.seq) == ("the code", 0)
    assert [row.outcomes for row in searched.suggestions] == [(Outcome.SHOWN,), (Outcome.SHOWN, Outcome.SENT)]
    assert store.suggestions.life(waiting)[-1].entry_seq == entry.seq
    ada.send(waiting, offers[0].text, seen_seq=entry.seq, offers=[offers[0]])
    assert len(store.suggestions.searches(waiting)) == 1


def test_looking_leaves_a_way_to_record_later(store: Store, ada: Desk, waiting: int) -> None:
    """What was found before the claim can be sent after it, and is in the records then."""
    (offer,) = ada.offer(waiting, QUERY, found(hit()))
    assert offer.suggestion is None
    seen = ada.claim(waiting).entries[-1].seq
    ada.send(waiting, offer.text, seen_seq=seen, offers=[offer])
    (row,) = store.suggestions.of(waiting)
    assert (row.seq, row.outcomes) == (QUERY.seq, (Outcome.SHOWN, Outcome.SENT))


def test_without_a_good_match_nothing_counts_as_shown(store: Store, ada: Desk, waiting: int) -> None:
    """The hits are ranked with how likely they were, and what an agent opens of them is kept."""
    ada.claim(waiting)
    unlikely = SearchResult((replace(hit(), probability=0.05),), Mode.HYBRID, no_match=True)
    (offer,) = ada.offer(waiting, QUERY, unlikely)
    assert writes(store, lambda: ada.offer(waiting, QUERY, unlikely)) == 0
    assert offer.suggestion is not None
    assert (offer.suggestion.outcomes, offer.suggestion.probability) == ((), 0.05)
    (searched,) = store.suggestions.searches(waiting)
    assert searched.no_match
    ada.judge(offer, Outcome.OPENED)
    assert store.suggestions.of(waiting)[0].outcomes == (Outcome.OPENED,)


def test_a_thumb_is_taken_back_and_given_again(store: Store, ada: Desk, waiting: int) -> None:
    """Each step is kept in order: nothing that happened is removed."""
    ada.claim(waiting)
    (offer,) = ada.offer(waiting, QUERY, found(hit()))
    for outcome in (Outcome.THUMBS_UP, Outcome.RESTORED, Outcome.RESTORED, Outcome.THUMBS_UP):
        ada.judge(offer, outcome)
    (again,) = ada.offer(waiting, QUERY, found(hit()))
    assert again.suggestion is not None
    assert again.suggestion.outcomes == (Outcome.SHOWN, Outcome.THUMBS_UP, Outcome.RESTORED, Outcome.THUMBS_UP)
