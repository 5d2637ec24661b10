"""Where this desk is, said to the others; and where the others are."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from agentassist.errors import StoreBusyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentassist.models import CustomerPresence, Presence
    from agentassist.store.store import Store


class WhereaboutsWork:
    """The part of a desk that says who looks at what."""

    _store: Store
    agent: str
    _name: str

    def present(self, conversation_id: int | None, *, typing: bool = False) -> None:
        """Say where this desk is; call it at every change and every few seconds, most calls write nothing.

        Args:
            conversation_id: what is open, None for nothing.
            typing: a reply is being written.

        Raises:
            NotFoundError: there is no such conversation.
            StoreError: it cannot be written.
        """
        # While another process writes, nobody waits to say this: the next call says it.
        with suppress(StoreBusyError):
            self._store.presence.say(self._name, self.agent, conversation_id, typing=typing)

    def leave(self) -> None:
        """Say that this desk is closed.

        Raises:
            StoreError: it cannot be written.
        """
        # What cannot be said now is forgotten by itself.
        with suppress(StoreBusyError):
            self._store.presence.leave(self._name)

    def customer_present(self, conversation_id: int) -> CustomerPresence | None:
        """Return whether the customer of a conversation has their page open, and types; None when they have not.

        Raises:
            StoreError: it cannot be read.
        """
        return self._store.presence.customer(conversation_id)

    def _present(self) -> Mapping[int, tuple[Presence, ...]]:
        """Return the other desks by the conversation that they look at."""
        found: dict[int, tuple[Presence, ...]] = {}
        for desk in self._store.presence.others(self._name):
            if desk.conversation_id is not None:
                found[desk.conversation_id] = (*found.get(desk.conversation_id, ()), desk)
        return found
