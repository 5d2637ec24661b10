"""Trees, the bot, e-mail, video calls and shared forms from an agent's hands: what is stored, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agentassist.errors import FlowInputError, StaleNodeError, StateError, UnsendableError, UsageError
from agentassist.flows import walk
from agentassist.flows.model import FieldType, Flow, FormField, Node, NodeKind, Option
from agentassist.models import (
    Article,
    ArticleKind,
    Author,
    Customer,
    EntryKind,
    Event,
    Hit,
    Mode,
    NewEntry,
    Outcome,
    Passage,
    Query,
    SearchResult,
    State,
)
from agentassist.session import crossing, undo
from agentassist.session.calling import call_link
from agentassist.session.desk import Desk
from agentassist.session.forms import SharedForm, shared_form
from agentassist.session.mailing import mail_of
from agentassist.session.offers import Offer
from agentassist.store.store import Store

FORM = Node(
    "details",
    NodeKind.FORM,
    "Where shall we send it?",
    next="end",
    fields=(
        FormField("email", "E-mail address", FieldType.EMAIL, private=True),
        FormField("order", "Order number", required=False),
    ),
)
ASK = Node("topic", NodeKind.CHOICE, "What is it?", options=(Option("a", "A part", "details"), Option("b", "B", "end")))
FLOW = Flow(
    "order", "Order a part", "topic", {node.id: node for node in (ASK, FORM, Node("end", NodeKind.END, "We send it."))}
)


class Shelf:
    """A knowledge base with one tree."""

    def trees(self) -> dict[str, Flow]:
        """Return it."""
        return {"order": FLOW}


@pytest.fixture
def number(store: Store) -> int:
    """Let a customer be in the form of the tree, and Ada have them."""
    conversation = store.transcript.start(Customer("c-1", "Reyes, Dana"), "web")
    store.transcript.append(conversation, *walk.begin(FLOW))
    chosen = walk.answer(FLOW, store.transcript.entries(conversation), "topic", "a", author=Author.CUSTOMER)
    store.transcript.append(conversation, *chosen)
    store.claims.handoff(conversation, "asked for a person")
    store.claims.claim(conversation, "Ada")
    return conversation


@pytest.fixture
def ada(store: Store) -> Desk:
    """Return a desk."""
    return Desk(store, "Ada")


def offer(**changes: Any) -> Offer:
    """Return a suggestion."""
    article = Article("reset", ArticleKind.ARTICLE, "Reset the code", "https://help.example/reset", "articles/reset.md")
    article = replace(article, **changes)
    passage = Passage("reset", 0, "In short", "Hold the button for ten seconds.", None)
    hit = Hit(1, article, passage, 1.0, 0.9, (), article.url, "close in meaning")
    return Offer(hit, None, Query.typed("code"), SearchResult((hit,), Mode.HYBRID))


# Trees and the bot


def test_the_trees_to_choose_from() -> None:
    """Each has its title, how much it asks and how it begins; words find it, its name finds it alone."""
    (tree,) = found = crossing.trees(Shelf())  # type: ignore[arg-type]
    assert (tree.id, tree.title, tree.detail) == ("order", "Order a part", "2 questions · order")
    assert tree.begin[0].text == "Order a part"
    assert crossing.find(found, "where SEND") == found
    assert crossing.find((*found, replace(tree, id="order-more")), "order") == found
    assert crossing.find(found, "elsewhere") == ()


def test_lend_and_take_back(store: Store, ada: Desk, number: int) -> None:
    """The customer is with the tree and stays Ada's; taken back, the conversation is hers again."""
    lent = ada.lend(number, "order", walk.begin(FLOW))
    assert [entry.event for entry in lent] == [Event.LENT, Event.FLOW]
    now = store.queue.get(number)
    assert (now.state, now.agent) == (State.DIGITAL, "Ada")
    assert ada.overview().trees == {number: "Order a part"}
    opened = undo.take_back(ada, number, lent[0].seq)
    assert opened.conversation.state is State.CLAIMED
    assert ada.overview().trees == {}
    with pytest.raises(UsageError, match="taken by you since"):
        undo.take_back(ada, number, lent[0].seq)


def test_return_and_take_back(store: Store, ada: Desk, number: int) -> None:
    """Handed back for good it is nobody's; undone, it is hers again, with what she was writing."""
    ada.save_draft(number, "one more thing", 3)
    entry = ada.return_to_bot(number)
    now = store.queue.get(number)
    assert (now.state, now.agent, now.state) == (State.DIGITAL, "", State.DIGITAL)
    assert store.drafts.get(number, "Ada") is None
    opened = undo.take_back(ada, number, entry.seq, draft="one more thing", seen_seq=3)
    assert opened.conversation.agent == "Ada"
    assert opened.draft is not None


@pytest.mark.parametrize("lends", [True, False])
def test_what_went_on_is_not_taken_back(store: Store, ada: Desk, number: int, lends: bool) -> None:
    """Once the customer has said something it is no undo any more; a claim takes it back all the same."""
    entry = ada.lend(number, "order", walk.begin(FLOW))[0] if lends else ada.return_to_bot(number)
    store.transcript.append(number, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "hm"))
    with pytest.raises(UsageError, match="has gone on since"):
        undo.take_back(ada, number, entry.seq)
    assert ada.claim(number).conversation.agent == "Ada"


def test_only_ones_own_can_be_handed_over(store: Store, number: int) -> None:
    """A colleague cannot lend, return, mail or fill in what is Ada's."""
    bo = Desk(store, "Bo")
    before = len(store.transcript.entries(number))
    for attempt in (
        lambda: bo.lend(number, "order", walk.begin(FLOW)),
        lambda: bo.return_to_bot(number),
        lambda: bo.send_mail(number, offer(), "dana@example.com", "Hearthwell"),
        lambda: bo.fill(number, SharedForm(FLOW, FORM, {FLOW.id: FLOW}), "email", "dana@example.com"),
    ):
        with pytest.raises(StateError):
            attempt()
    assert len(store.transcript.entries(number)) == before
    assert store.outbox.list() == ()


# E-mail


def test_a_suggestion_by_mail(store: Store, ada: Desk, number: int) -> None:
    """Queued with passage, title and link; the transcript says so, the address is kept, it counts as sent."""
    (kept,) = ada.offer(number, Query.typed("code"), offer().result)  # type: ignore[arg-type]
    entry = ada.send_mail(number, kept, " dana@example.com ", "Hearthwell")
    (queued,) = store.outbox.list(number)
    assert queued.mail.to == "dana@example.com"
    assert queued.mail.subject == "Reset the code"
    assert queued.mail.text == (
        "Hello Dana,\n\nthis is what we spoke about:\n\nReset the code\nhttps://help.example/reset\n\n"
        "Hold the button for ten seconds.\n\nAda\nHearthwell\n"
    )
    assert entry is not None
    assert entry.text == "Sent by e-mail: Reset the code\nhttps://help.example/reset"
    assert (entry.kind, entry.data["via"], entry.data["article"]) == (EntryKind.ARTICLE, "email", "reset")
    assert store.customers.get("c-1").email == "dana@example.com"
    assert Outcome.SENT in store.suggestions.of(number)[0].outcomes


@pytest.mark.parametrize("address", ["", "   ", "dana", "a b@example.com", "a@b", "x@example.com\nBcc: y@example.com"])
def test_what_is_no_address(store: Store, ada: Desk, number: int, address: str) -> None:
    """It is refused, and nothing is queued or said."""
    with pytest.raises(UsageError):
        ada.send_mail(number, offer(), address, "")
    assert store.outbox.list() == ()


def test_an_article_without_a_link_is_not_mailed(store: Store, ada: Desk, number: int) -> None:
    """As with the chat: what must not go to a customer does not go by mail."""
    shown = offer()
    hidden = replace(shown, hit=replace(shown.hit, link=""))
    with pytest.raises(UnsendableError):
        ada.send_mail(number, hidden, "dana@example.com", "")
    assert store.outbox.list() == ()


def test_a_verbatim_article_is_mailed_as_it_is() -> None:
    """Its passage, cut out of the whole, is left out; a subject is one line, however the title is written."""
    mail = mail_of(offer(verbatim=True, title="Gas\nalarm " + "x" * 900), "a@example.com", "", "Ada", "")
    assert "ten seconds" not in mail.text
    assert mail.text.startswith("Hello,\n\n")
    assert "\n" not in mail.subject
    assert len(mail.subject) == 200


# Video calls


def test_a_room_is_one_conversations_own() -> None:
    """What was sent or written before is used again; else the room has 128 random bits."""
    pattern = "https://meet.example/{room}?a=b"
    first, second = call_link(pattern, ()), call_link(pattern, ("hello", "https://meet.example/short?a=b"))
    assert first != second
    assert len(first) == len(pattern) - len("{room}") + 22
    assert call_link(pattern, ("nothing", f"Join: {first} now")) == first
    twice = call_link("https://m.example/{room}/{room}", ())
    assert len(set(twice.split("/")[3:])) == 1


# Forms


def test_a_form_is_filled_together(store: Store, ada: Desk, number: int) -> None:
    """Both fill it, each field has its author; the newest value counts; what is the same is not stored again."""
    form = shared_form(Shelf(), store.transcript.entries(number))  # type: ignore[arg-type]
    assert form == SharedForm(FLOW, FORM, {FLOW.id: FLOW})
    theirs = walk.fill(
        FLOW, store.transcript.entries(number), "details", "email", "dana@example.com", author=Author.CUSTOMER
    )
    store.transcript.append(number, *theirs)
    (entry,) = ada.fill(number, form, "order", " 4711 ")
    assert (entry.author, entry.author_name, entry.text) == (Author.AGENT, "Ada", "4711")
    state = form.state(store.transcript.entries(number))
    assert [(item.value, item.author) for item in state.fields] == [
        ("dana@example.com", Author.CUSTOMER),
        ("4711", Author.AGENT),
    ]
    assert state.complete
    assert ada.fill(number, form, "order", "4711") == ()


def test_a_wrong_value_is_not_stored(store: Store, ada: Desk, number: int) -> None:
    """It says why, by field; a field that there is not is refused."""
    before = store.transcript.entries(number)
    with pytest.raises(FlowInputError) as refused:
        ada.fill(number, SharedForm(FLOW, FORM, {FLOW.id: FLOW}), "email", "dana")
    assert "e-mail address" in refused.value.fields["email"]
    with pytest.raises(StaleNodeError):
        ada.fill(number, SharedForm(FLOW, FORM, {FLOW.id: FLOW}), "nowhere", "x")
    assert store.transcript.entries(number) == before


def test_a_form_is_submitted_for_the_customer(store: Store, ada: Desk, number: int) -> None:
    """The thanks is stored, with who submitted it, and nothing else of the tree, since a person has the customer."""
    form = SharedForm(FLOW, FORM, {FLOW.id: FLOW})
    with pytest.raises(FlowInputError) as refused:
        ada.submit(number, form)
    assert set(refused.value.fields) == {"email"}
    ada.fill(number, form, "email", "dana@example.com")
    assert store.queue.get(number).customer.email == "dana@example.com"
    (thanks,) = ada.submit(number, form)
    assert (thanks.author, thanks.data["done"], thanks.data["agent"]) == (Author.BOT, True, "Ada")
    assert not form.state(store.transcript.entries(number)).open
    assert store.queue.get(number).state is State.CLAIMED
    with pytest.raises(StaleNodeError):
        ada.submit(number, form)
    ada.release(number)
    with pytest.raises(StateError):
        ada.submit(number, form)


def test_a_lent_form_that_is_submitted_leads_on(store: Store, ada: Desk, number: int) -> None:
    """The tree says what it says at its end, and the conversation is back with the answers."""
    ada.lend(number, "order", walk.begin(FLOW))
    chosen = walk.answer(FLOW, store.transcript.entries(number), "topic", "a", author=Author.CUSTOMER)
    store.transcript.append(number, *chosen)
    form = shared_form(Shelf(), store.transcript.entries(number))  # type: ignore[arg-type]
    assert form is not None
    ada.fill(number, form, "email", "dana@example.com")
    stored = ada.submit(number, form)
    assert [entry.text for entry in stored] == ["", "We send it.", "came back from “Order a part”"]
    assert (store.queue.get(number).state, store.queue.get(number).agent) == (State.CLAIMED, "Ada")


def test_a_form_that_both_submit_is_submitted_once(
    store: Store, ada: Desk, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The customer submits while the agent's submit is on its way: the agent is told, and nothing is stored twice."""
    form = SharedForm(FLOW, FORM, {FLOW.id: FLOW})
    ada.fill(number, form, "email", "dana@example.com")
    take = type(store.page).take

    def first_the_customer(page: Any, *args: Any, **more: Any) -> Any:
        monkeypatch.undo()
        entries = store.transcript.entries(number)
        take(page, number, "", walk.answer(FLOW, entries, "details", {}, author=Author.CUSTOMER)[:1])
        return take(page, *args, **more)

    monkeypatch.setattr(type(store.page), "take", first_the_customer)
    with pytest.raises(StaleNodeError):
        ada.submit(number, form)
    assert sum(entry.data.get("done") is True for entry in store.transcript.entries(number)) == 1


def test_a_form_of_another_tree_is_not_submitted(store: Store, ada: Desk, number: int) -> None:
    """The customer is in another tree by now, which has a question of that name: it is not answered by mistake."""
    other = replace(FLOW, id="other", title="Another", start="details")
    store.transcript.append(number, *walk.begin(other))
    before = store.transcript.entries(number)
    with pytest.raises(StaleNodeError):
        ada.submit(number, SharedForm(FLOW, FORM, {FLOW.id: FLOW, "other": other}))
    assert store.transcript.entries(number) == before


def test_a_conversation_without_a_form(store: Store, number: int) -> None:
    """No tree, a tree that is gone, a tree that has not come to a form: there is none."""
    entries = store.transcript.entries(number)

    class Empty(Shelf):
        def trees(self) -> dict[str, Flow]:
            return {}

    assert shared_form(Empty(), entries) is None  # type: ignore[arg-type]
    assert shared_form(Shelf(), ()) is None  # type: ignore[arg-type]
    assert shared_form(Shelf(), entries[:1]) is None  # type: ignore[arg-type]
