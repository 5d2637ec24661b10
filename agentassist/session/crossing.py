"""Handing a customer to a decision tree or back to the bot, and what trees there are to hand them to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.models import Entry, NewEntry
    from agentassist.session.knowledge import Knowledge
    from agentassist.store.store import Store


@dataclass(frozen=True, slots=True)
class Tree:
    """A decision tree to choose.

    Attributes:
        title: not yet safe to show, as everything here.
        detail: what stands beside the title.
        words: what it asks and says, to be found by.
        begin: how it begins.
    """

    id: str
    title: str
    detail: str
    words: str
    begin: tuple[NewEntry, ...]


class CrossingWork:
    """The part of a desk that hands customers over to what is digital."""

    _store: Store
    agent: str

    def lend(self, conversation_id: int, tree: str, begin: Sequence[NewEntry]) -> tuple[Entry, ...]:
        """Hand the customer to a decision tree; the conversation comes back by itself, with the answers.

        Args:
            conversation_id: whose.
            tree: its id.
            begin: how it begins.

        Raises:
            StateError: the conversation is not this agent's.
        """
        return self._store.claims.lend(conversation_id, self.agent, tree, begin)

    def return_to_bot(self, conversation_id: int) -> Entry:
        """Hand a conversation back to the bot for good. The draft goes.

        Raises:
            StateError: it is not this agent's.
        """
        return self._store.claims.return_to_bot(conversation_id, self.agent)


def trees(knowledge: Knowledge) -> tuple[Tree, ...]:
    """Return the decision trees of the knowledge base by title; runs on the thread of the knowledge base.

    Raises:
        NotFoundError: there is no such knowledge base.
    """
    from agentassist.flows.trees import Trees

    known = Trees(knowledge.trees())
    made = []
    for flow in known.flows.values():
        asked = sum(node.kind.waits for node in flow.nodes.values())
        words = " ".join(node.text for node in flow.nodes.values())
        questions = f"{asked} question{'' if asked == 1 else 's'}"
        made.append(Tree(flow.id, flow.title, f"{questions} · {flow.id}", words, known.begin(flow.id)))
    return tuple(sorted(made, key=lambda tree: (tree.title.casefold(), tree.id)))


def find(all_of_them: Sequence[Tree], words: str) -> tuple[Tree, ...]:
    """Return the trees that have all of some words in id, title or what they ask; one that is called so alone."""
    wanted = words.casefold().split()
    exact = [tree for tree in all_of_them if words.strip().casefold() in (tree.id.casefold(), tree.title.casefold())]
    if exact:
        return tuple(exact[:1])
    return tuple(
        tree
        for tree in all_of_them
        if all(word in f"{tree.id} {tree.title} {tree.words}".casefold() for word in wanted)
    )
