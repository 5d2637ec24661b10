"""A form that customer and agent fill together: which one it is, how it stands, and a field that an agent fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.errors import StateError
from agentassist.models import Author, Event, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentassist.flows.model import Flow, Node
    from agentassist.flows.walk import FormState
    from agentassist.models import Entry
    from agentassist.session.knowledge import Knowledge
    from agentassist.store.store import Store


@dataclass(frozen=True, slots=True)
class SharedForm:
    """A form of a conversation.

    Attributes:
        flow: the tree that it is in.
        node: the form; its texts are not yet safe to show.
    """

    flow: Flow
    node: Node

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

        conversation = self._store.queue.get(conversation_id)
        if conversation.agent != self.agent or conversation.state not in (State.CLAIMED, State.DIGITAL):
            raise StateError("cannot fill it in: the conversation is not yours", "Claim it first.")
        entries = self._store.transcript.entries(conversation_id)
        place = (form.node.id, field, value)
        new = walk.fill(form.flow, entries, *place, author=Author.AGENT, author_name=self.agent)
        return self._store.transcript.append(conversation_id, *new) if new else ()


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
            return SharedForm(flow, node)
    return None


def _runs(entries: Sequence[Entry], running: str) -> Iterator[str]:
    """Yield the ids of the trees that a conversation was in, the last first, each once."""
    seen = {""}
    begun = (str(entry.data.get("flow") or "") for entry in reversed(entries) if entry.event is Event.FLOW)
    for ident in (running, *begun):
        if ident not in seen:
            seen.add(ident)
            yield ident
