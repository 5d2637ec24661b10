"""Follow-ups: promises to come back to a customer, set, moved, kept, and each of these undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentassist.models import FollowUp
    from agentassist.session.when import When
    from agentassist.store.store import Store


class PromiseWork:
    """The part of a desk that keeps follow-ups."""

    _store: Store
    agent: str

    def follow_up(
        self, conversation_id: int, when: When, note: str, *, only_if_no_reply: bool = False, owner: str = ""
    ) -> FollowUp:
        """Promise to come back at a time; a conversation can have several.

        Args:
            conversation_id: about which.
            when: the time that was meant.
            note: what to do then.
            only_if_no_reply: it is over once the customer has written again.
            owner: who comes back; empty means this agent.

        Raises:
            UsageError: the time is past.
        """
        return self._store.followups.add(
            conversation_id,
            None,
            owner or self.agent,
            note,
            when.due,
            when.zone,
            when.wall,
            only_if_no_reply=only_if_no_reply,
            author=self.agent,
        )

    def follow_ups(self, *, everyone: bool = False, include_done: bool = False) -> tuple[FollowUp, ...]:
        """Return follow-ups, the next one first.

        Args:
            everyone: those of all agents, not only this one's.
            include_done: also those that are done, and those "only if no reply" whose customer has replied.
        """
        return self._store.followups.list(owner=None if everyone else self.agent, include_done=include_done)

    def names(self, follow_ups: Iterable[FollowUp]) -> dict[str, str]:
        """Return what the customers of these follow-ups are called, by customer id."""
        customers = {item.customer_id for item in follow_ups if item.customer_id is not None}
        return self._store.customers.names(customers) if customers else {}

    def finish_follow_up(self, follow_up_id: int) -> None:
        """Tick a follow-up off."""
        self._store.followups.done(follow_up_id)

    def resume_follow_up(self, follow_up_id: int) -> None:
        """Undo that a follow-up was ticked off; one that is open stays as it is."""
        self._store.followups.resume(follow_up_id)

    def snooze(self, follow_up_id: int, when: When) -> FollowUp:
        """Move a follow-up, and return it as it was before, for `restore_follow_up`.

        Raises:
            UsageError: the time is past, or the follow-up is done.
        """
        before = self._store.followups.get(follow_up_id)
        self._store.followups.snooze(follow_up_id, when.due, when.zone, when.wall)
        return before

    def restore_follow_up(self, before: FollowUp) -> None:
        """Give a follow-up back the time that it had; that may be past."""
        self._store.followups.restore(before)
