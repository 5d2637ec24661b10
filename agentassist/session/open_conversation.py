"""The conversation that is open at a desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.models import State
from agentassist.session.brief import shown

if TYPE_CHECKING:
    from agentassist.models import Entry
    from agentassist.session.desk import Opened


@dataclass
class OpenConversation:
    """A conversation, with every entry that has come in since it was opened.

    Attributes:
        opened: what was read last of it.
        entries: in the order of their numbers.
        agent: who sits at the desk.
    """

    opened: Opened
    entries: list[Entry]
    agent: str

    @property
    def id(self) -> int:
        """Its number."""
        return self.opened.conversation.id

    @property
    def mine(self) -> bool:
        """Whether this agent may write."""
        conversation = self.opened.conversation
        return conversation.state is State.CLAIMED and conversation.agent == self.agent

    @property
    def given(self) -> frozenset[str]:
        """The ids of the articles that the customer was given, by the tree, the bot or a person."""
        return frozenset(article for article, _ in shown(self.entries))

    @property
    def last_seq(self) -> int:
        """The number of the last entry."""
        return self.entries[-1].seq if self.entries else 0
