"""A form that customer and agent fill together: which one it is, how it stands, and what an agent does in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.errors import StaleNodeError, StateError, UnseenEntriesError
from agentassist.models import Author, Event, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agentassist.flows.model import Flow, Node
    from agentassist.flows.walk import FormState
    from agentassist.models import Conversation, Entry
    from agentassist.session.knowledge import Knowledge
    from agentassist.store.store import Store

TRIES = 5
"""How often a submit is worked out anew because the customer wrote in that moment."""


@dataclass(frozen=True, slots=True)
class SharedForm:
    """A form of a conversation.

    Attributes:
        flow: the tree that it is in.
        node: the form; its texts are not yet safe to show.
        flows: every tree by id, for where it leads.
    """

    flow: Flow
    node: Node
    flows: Mapping[str, Flow]

    def state(self, entries: Sequence[Entry]) -> FormState:
        """Return how it stands: value, author and what is wrong, by field."""
        from agentassist.flows.walk import form_state

        return form_state(self.flow, entries, self.node.id)


class FormWork:
    """The part of a desk that fills forms."""

    _store: Store
    agent: str

    def fill(self, conversation_id: int, form: SharedForm, field: str, value: str) -> tuple[Entry, ...]:
        """Fill one field for the customer; nothing is stored when it has that value already.

        Raises:
            FlowInputError: the value is not right; says why.
            StaleNodeError: the form is gone, since the customer went back.
            StateError: the conversation is not this agent's.
        """
        from agentassist.flows import walk
        from agentassist.session.reception_tree import known_by

        self._own(conversation_id, "fill it in")
        entries = self._store.transcript.entries(conversation_id)
        place = (form.node.id, field, value)
        new = walk.fill(form.flow, entries, *place, author=Author.AGENT, author_name=self.agent)
        return self._store.page.take(conversation_id, "", new, known_by(new)) if new else ()

    def submit(self, conversation_id: int, form: SharedForm) -> tuple[Entry, ...]:
        """Submit a form for the customer, with what is saved of it.

        A tree that was lent to goes on with the customer, and at its end the conversation comes back; while a person
        has the conversation the tree says no more than its thanks.

        Raises:
            FlowInputError: it is not complete; says why, by field.
            StaleNodeError: it is not open: it was submitted, or the customer went back.
            StateError: the conversation is not this agent's.
            UnseenEntriesError: the customer writes without an end.
        """
        for _ in range(TRIES - 1):
            try:
                return self._submit(conversation_id, form)
            except UnseenEntriesError:
                continue  # it may be the customer who submitted it
        return self._submit(conversation_id, form)

    def _submit(self, conversation_id: int, form: SharedForm) -> tuple[Entry, ...]:
        from agentassist.flows.trees import Trees
        from agentassist.session import reception_tree
        from agentassist.store.page import Wish

        entries = self._store.transcript.entries(conversation_id)
        conversation = self._own(conversation_id, "submit it")
        tree = reception_tree.standing(Trees(form.flows), entries)
        if tree is None or tree.flow.id != form.flow.id:
            raise StaleNodeError("")
        new = tree.trees.answer(entries, form.node.id, {}, author=Author.AGENT, author_name=self.agent)
        wish = None
        if conversation.state is State.DIGITAL:
            wish = Wish(reception_tree.after(tree, [*entries, *new], lent=True, bot="", stakes=()).handoff)
        else:
            new = reception_tree.only_submitted(new)
        return self._store.page.take(conversation_id, "", new, wish, seen_seq=entries[-1].seq)

    def _own(self, conversation_id: int, verb: str) -> Conversation:
        conversation = self._store.queue.get(conversation_id)
        if conversation.agent != self.agent or conversation.state not in (State.CLAIMED, State.DIGITAL):
            raise StateError(f"cannot {verb}: the conversation is not yours", "Claim it first.")
        return conversation


def shared_form(knowledge: Knowledge, entries: Sequence[Entry]) -> SharedForm | None:
    """Return the form that is open, or else the last one that was gone through; None when there was none.

    Runs on the thread of the knowledge base.

    Raises:
        NotFoundError: there is no such knowledge base.
    """
    from agentassist.flows import walk
    from agentassist.flows.model import NodeKind

    known = knowledge.trees()
    for ident in _runs(entries, walk.running(entries)):
        flow = known.get(ident)
        if flow is None:
            continue
        stands = walk.walk(flow, entries)
        gone = (flow.nodes[name] for name in reversed(stands.path))
        node = next((node for node in gone if node.kind is NodeKind.FORM), None)
        if node is not None:
            return SharedForm(flow, node, known)
    return None


def _runs(entries: Sequence[Entry], running: str) -> Iterator[str]:
    """Yield the ids of the trees that a conversation was in, the last first, each once."""
    seen = {""}
    begun = (str(entry.data.get("flow") or "") for entry in reversed(entries) if entry.event is Event.FLOW)
    for ident in (running, *begun):
        if ident not in seen:
            seen.add(ident)
            yield ident
