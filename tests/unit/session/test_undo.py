"""Taking back what was done, against what others have done since; each is one write or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agentassist.errors import AgentAssistError, ClaimedError, StateError, UsageError
from agentassist.models import Author, Customer, EntryKind, Event, NewEntry, State
from agentassist.session import undo
from agentassist.session.desk import Desk
from agentassist.store.store import Store


@pytest.fixture
def number(store: Store) -> int:
    """Let a customer wait; return the conversation."""
    conversation = store.transcript.start(Customer("c-1", "Dana Reyes"), "web")
    store.transcript.append(conversation, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "my dial wont pair"))
    store.claims.handoff(conversation, "asked for a person")
    return conversation


@pytest.fixture
def ada(store: Store) -> Desk:
    """Return a desk."""
    return Desk(store, "Ada")


def _seq(store: Store, number: int, event: Event) -> int:
    entry = undo.last_event(store.transcript.entries(number), event)
    assert entry is not None
    return entry.seq


def _said(store: Store, number: int, author: Author, text: str, name: str = "") -> None:
    store.transcript.append(number, NewEntry(author, EntryKind.MESSAGE, text, name))


def test_unclaim_and_reclaim(store: Store, ada: Desk, number: int) -> None:
    """A claim is given back, a release is taken up again."""
    ada.claim(number)
    undo.unclaim(ada, number, _seq(store, number, Event.CLAIMED))
    assert store.queue.get(number).state is State.WAITING
    opened = undo.reclaim(ada, number, _seq(store, number, Event.RELEASED))
    assert opened.conversation.agent == "Ada"


def test_close_and_unclose(store: Store, ada: Desk, number: int) -> None:
    """A closing remembers what it threw away, and gives it back."""
    ada.claim(number)
    ada.save_draft(number, "half a thought", 2)
    ending = undo.close(ada, number, "solved", "All well.", draft="half a thought", seen_seq=2)
    assert (ending.disposition, ending.summary) == ("solved", "All well.")
    assert ending.seq == _seq(store, number, Event.CLOSED)
    assert store.drafts.get(number, "Ada") is None
    opened = undo.unclose(ada, ending)
    assert opened.draft is not None
    assert (opened.draft.text, opened.draft.seen_seq) == ("half a thought", 2)
    assert opened.conversation.state is State.CLAIMED


def test_reopen_and_reclose(store: Store, ada: Desk, number: int) -> None:
    """A reopening knows how it had been closed, and closes it that way again."""
    ada.claim(number)
    ada.close(number, "passed-on", "To the engineers.")
    before, opened = undo.reopen(ada, number)
    assert opened.conversation.agent == "Ada"
    seq = _seq(store, number, Event.REOPENED)
    undo.reclose(ada, number, seq, str(before.data["disposition"]), before.text)
    closed = store.queue.get(number)
    assert (closed.state, closed.disposition) == (State.CLOSED, "passed-on")
    assert store.transcript.entries(number)[-1].text == "To the engineers."


def test_reopen_needs_a_closed_one(ada: Desk, number: int) -> None:
    """What was never closed, or is open again, is not reopened."""
    with pytest.raises(StateError, match="not closed"):
        undo.reopen(ada, number)
    ada.claim(number)
    ada.close(number, "solved", "")
    undo.reopen(ada, number)
    with pytest.raises(StateError, match="not closed"):
        undo.reopen(ada, number)


def _taken(store: Store, number: int) -> None:
    store.claims.release(number, "Ada")
    store.claims.claim(number, "Bo")


def _reopened(store: Store, number: int) -> None:
    store.claims.reopen(number, "Bo")


def _claimed(store: Store, number: int) -> None:
    store.claims.claim(number, "Bo")


def _wrote(store: Store, number: int) -> None:
    _said(store, number, Author.CUSTOMER, "one more thing")


def _answered(store: Store, number: int) -> None:
    entry = NewEntry(Author.AGENT, EntryKind.MESSAGE, "hello", "Ada")
    store.transcript.send(number, "Ada", entry, seen_seq=10_000)


def _unclaim(desk: Desk, store: Store, number: int) -> Callable[[], object]:
    desk.claim(number)
    seq = _seq(store, number, Event.CLAIMED)
    return lambda: undo.unclaim(desk, number, seq)


def _reclaim(desk: Desk, store: Store, number: int) -> Callable[[], object]:
    desk.claim(number)
    desk.release(number)
    seq = _seq(store, number, Event.RELEASED)
    return lambda: undo.reclaim(desk, number, seq)


def _unclose(desk: Desk, store: Store, number: int) -> Callable[[], object]:
    desk.claim(number)
    ending = undo.close(desk, number, "solved", "", draft="", seen_seq=0)
    return lambda: undo.unclose(desk, ending)


def _reclose(desk: Desk, store: Store, number: int) -> Callable[[], object]:
    desk.claim(number)
    desk.close(number, "solved", "Done.")
    undo.reopen(desk, number)
    seq = _seq(store, number, Event.REOPENED)
    return lambda: undo.reclose(desk, number, seq, "solved", "Done.")


@pytest.mark.parametrize(
    ("done", "since", "said"),
    [
        (_unclaim, _answered, "you have sent a reply since you claimed it"),
        (_unclaim, _taken, "taken by Bo"),
        (_reclaim, _claimed, "taken by Bo"),
        (_unclose, _wrote, "the customer has written since"),
        (_unclose, _reopened, "reopened by Bo"),
        (_reclose, _answered, "you have sent a reply since you reopened it"),
        (_reclose, _wrote, "the customer has written since"),
        (_reclose, _taken, "taken by Bo"),
    ],
)
def test_what_happened_since_is_told_and_nothing_is_done(  # noqa: PLR0917 - fixtures and cases
    store: Store, ada: Desk, number: int, done: Any, since: Any, said: str
) -> None:
    """When the conversation has gone on, it says how, and not one entry is written."""
    take_back = done(ada, store, number)
    since(store, number)
    before = store.transcript.entries(number)
    with pytest.raises(UsageError, match=said):
        take_back()
    assert store.transcript.entries(number) == before


@pytest.mark.parametrize("done", [_unclaim, _reclaim, _unclose, _reclose])
def test_a_change_between_the_look_and_the_write(
    store: Store, ada: Desk, number: int, done: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is faster between looking and writing has it: the write itself refuses, and takes it from nobody."""
    take_back = done(ada, store, number)
    state = store.queue.get(number).state
    monkeypatch.setattr(undo, "_stay", lambda *_: None)
    if state is State.CLOSED:
        store.claims.reopen(number, "Bo")
    elif state is State.WAITING:
        store.claims.claim(number, "Bo")
    else:
        _taken(store, number)
    with pytest.raises((StateError, ClaimedError)):
        take_back()
    assert store.queue.get(number).agent == "Bo"


def test_a_draft_comes_back_even_when_the_conversation_does_not(store: Store, ada: Desk, number: int) -> None:
    """What closing threw away is kept again whatever became of the conversation."""
    ada.claim(number)
    ending = undo.close(ada, number, "solved", "", draft="half a thought", seen_seq=1)
    _wrote(store, number)
    with pytest.raises(AgentAssistError):
        undo.unclose(ada, ending)
    draft = store.drafts.get(number, "Ada")
    assert draft is not None
    assert draft.text == "half a thought"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UsageError("it is gone", "Look again."), "it is gone. Look again."),
        (UsageError("Is it gone?", "Look again."), "Is it gone? Look again."),
        (UsageError("it is gone"), "it is gone."),
    ],
)
def test_sentence(error: AgentAssistError, said: str) -> None:
    """An error is told in whole sentences."""
    assert undo.sentence(error) == said
