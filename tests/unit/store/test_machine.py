"""Any order of claims, sends, handoffs and closings, against a dict; and the triggers against the rule in Python."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from agentassist.clock import SystemClock
from agentassist.errors import ClaimedError, StateError, StoreError, UnseenEntriesError
from agentassist.models import Author, Customer, Entry, EntryKind, NewEntry, State
from agentassist.store import health
from agentassist.store.derive import Derived, derive
from agentassist.store.store import Store

AGENTS = st.sampled_from(["Ada", "Bo", "Çelik ✓"])


@dataclass
class Model:
    """What a conversation should be: its state, who has it, and who wrote each entry."""

    state: State = State.DIGITAL
    agent: str = ""
    disposition: str = ""
    authors: list[str] = field(default_factory=list)


class Records(RuleBasedStateMachine):
    """Two connections to one file, used in turns."""

    conversations = Bundle("conversations")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="agentassist-test-"))
        path = self.folder / "agentassist.db"
        self.stores = [Store.open(path, SystemClock()), Store.open(path, SystemClock())]
        self.models: dict[int, Model] = {}
        self.turn = 0

    def teardown(self) -> None:
        """Look at the whole file once more, then remove it."""
        for store in self.stores:
            store.close()
        unwell = [check for check in health.check(self.folder / "agentassist.db") if not check.ok]
        shutil.rmtree(self.folder)
        assert unwell == []

    @property
    def store(self) -> Store:
        """Either connection, in turns."""
        self.turn += 1
        return self.stores[self.turn % 2]

    @rule(target=conversations)
    def start(self) -> int:
        """A customer comes."""
        number = self.store.transcript.start(Customer("c", "C"), "web")
        self.models[number] = Model()
        return number

    @rule(number=conversations, text=st.text(max_size=20))
    def customer_writes(self, number: int, text: str) -> None:
        """What a customer writes reopens what was closed."""
        self.store.transcript.append(number, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text))
        model = self.models[number]
        model.authors.append("customer")
        if model.state is State.CLOSED:
            model.state, model.agent, model.disposition = State.WAITING, "", ""

    @rule(number=conversations)
    def bot_writes(self, number: int) -> None:
        """A bot changes nothing but the transcript."""
        self.store.transcript.append(number, NewEntry(Author.BOT, EntryKind.MESSAGE, "hm", "Bot"))
        self.models[number].authors.append("bot")

    @rule(number=conversations)
    def handoff(self, number: int) -> None:
        """From the bot to the queue; from an agent to nobody."""
        model = self.models[number]
        if self.refused(model.state is State.CLOSED, StateError, lambda: self.store.claims.handoff(number, "asked")):
            return
        model.authors.append("system")
        if model.state is State.DIGITAL:
            model.state = State.CLAIMED if model.agent else State.WAITING

    @rule(number=conversations, agent=AGENTS)
    def claim(self, number: int, agent: str) -> None:
        """Whoever is first has it."""
        model = self.models[number]
        others = model.state is State.CLAIMED and model.agent != agent
        kind = ClaimedError if others else StateError
        if self.refused(others or model.state is State.CLOSED, kind, lambda: self.store.claims.claim(number, agent)):
            return
        if model.state is not State.CLAIMED:
            model.authors.append(agent)
        model.state, model.agent = State.CLAIMED, agent

    @rule(number=conversations, agent=AGENTS)
    def release(self, number: int, agent: str) -> None:
        """Only who has it gives it back."""
        model = self.models[number]
        if self.refused(not self.owns(number, agent), StateError, lambda: self.store.claims.release(number, agent)):
            return
        model.authors.append(agent)
        model.state, model.agent = State.WAITING, ""

    @rule(number=conversations, agent=AGENTS)
    def lend(self, number: int, agent: str) -> None:
        """Only who has it lends it to a tree, and stays whose it is."""
        model = self.models[number]
        then = [NewEntry(Author.BOT, EntryKind.EVENT, "Survey", "", {"event": "flow", "flow": "survey"})]
        call = lambda: self.store.claims.lend(number, agent, "survey", then)[0]  # noqa: E731
        if self.refused(not self.owns(number, agent), StateError, call):
            return
        model.authors += [agent, "bot"]
        model.state = State.DIGITAL

    @rule(number=conversations, agent=AGENTS)
    def return_to_bot(self, number: int, agent: str) -> None:
        """Only who has it hands it back to the bot, and then it is nobody's."""
        model = self.models[number]
        if self.refused(
            not self.owns(number, agent), StateError, lambda: self.store.claims.return_to_bot(number, agent)
        ):
            return
        model.authors.append(agent)
        model.state, model.agent = State.DIGITAL, ""

    @rule(number=conversations)
    def bot_answers(self, number: int) -> None:
        """The bot speaks only where the tree or the bot has the conversation, and the customer has not gone on."""
        model = self.models[number]
        entry = NewEntry(Author.BOT, EntryKind.MESSAGE, "hm", "Bot")
        stored = self.store.page.answer(number, len(model.authors), [entry])
        assert len(stored) == (model.state is State.DIGITAL)
        model.authors += ["bot"] * len(stored)

    @rule(number=conversations)
    def bot_closes(self, number: int) -> None:
        """The bot closes only what is its own."""
        model = self.models[number]
        stored = self.store.page.finish(number, "solved-digital", "")
        assert (stored is not None) == (model.state is State.DIGITAL and not model.agent)
        if stored is not None:
            model.authors.append("bot")
            model.state, model.disposition = State.CLOSED, "solved-digital"

    @rule(number=conversations, agent=AGENTS)
    def close(self, number: int, agent: str) -> None:
        """Only who has it closes it."""
        model = self.models[number]
        call = lambda: self.store.claims.close(number, agent, "solved", "done")  # noqa: E731
        if self.refused(not self.owns(number, agent), StateError, call):
            return
        model.authors.append(agent)
        model.state, model.disposition = State.CLOSED, "solved"

    @rule(number=conversations, agent=AGENTS)
    def reopen(self, number: int, agent: str) -> None:
        """Only what is closed is reopened, and then belongs to who did."""
        model = self.models[number]
        call = lambda: self.store.claims.reopen(number, agent)  # noqa: E731
        if self.refused(model.state is not State.CLOSED, StateError, call):
            return
        model.authors.append(agent)
        model.state, model.agent, model.disposition = State.CLAIMED, agent, ""

    @rule(number=conversations, agent=AGENTS, behind=st.integers(0, 3))
    def send(self, number: int, agent: str, behind: int) -> None:
        """A reply goes out when it is theirs and nothing by others is unseen."""
        model = self.models[number]
        seen = max(len(model.authors) - behind, 0)
        unseen = tuple(seq for seq, who in enumerate(model.authors, 1) if seq > seen and who != agent)
        kind = UnseenEntriesError if self.owns(number, agent) else StateError
        entry = NewEntry(Author.AGENT, EntryKind.MESSAGE, "hi", agent)
        call = lambda: self.store.transcript.send(number, agent, entry, seen_seq=seen)  # noqa: E731
        if not self.refused(not self.owns(number, agent) or bool(unseen), kind, call):
            model.authors.append(agent)

    def owns(self, number: int, agent: str) -> bool:
        """Say whether the conversation is this agent's."""
        model = self.models[number]
        return model.state is State.CLAIMED and model.agent == agent

    def refused(self, expected: bool, kind: type[StoreError], call: Callable[[], Entry]) -> bool:
        """Make the call, and say whether it was refused; it has to be exactly when that was expected."""
        found: StoreError | None = None
        try:
            call()
        except StoreError as error:
            found = error
        assert (found is not None) == expected, found
        assert found is None or type(found) is kind
        return expected

    @invariant()
    def agrees(self) -> None:
        """Both connections read what the dict holds, and the triggers kept what the entries say."""
        for number, model in self.models.items():
            conversation = self.store.queue.get(number)
            assert (conversation.state, conversation.agent, conversation.disposition, conversation.last_seq) == (
                model.state,
                model.agent,
                model.disposition,
                len(model.authors),
            )
            entries = self.store.transcript.entries(number)
            (row,) = self.store._connection.rows(
                "SELECT * FROM conversation_state WHERE conversation_id = ?", (number,)
            )
            assert health._kept(row) == derive(entries)
        waiting = {item.id for item in self.store.queue.waiting("Ada")}
        assert waiting == {number for number, model in self.models.items() if model.state is State.WAITING}
        assert not any(store._connection.raw.in_transaction for store in self.stores)


Records.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestRecords = Records.TestCase


def test_nothing_said_means_digital() -> None:
    """A conversation without entries is with the tree or the bot."""
    assert derive([]) == Derived()
