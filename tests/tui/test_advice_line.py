"""The advice beside a conversation: whose history it is reckoned from."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from agentassist.session import advising
from agentassist.session.desk import Desk

if TYPE_CHECKING:
    import pytest


async def test_one_customers_history_says_nothing_of_another(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A history that arrives when another conversation was opened meanwhile is not taken for that of its customer."""
    one, two = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    asked, gate = threading.Event(), threading.Event()

    def history(_: Desk, number: int) -> advising.History:
        if number == one:
            asked.set()
            gate.wait(60)
        return advising.History(opened=number)

    monkeypatch.setattr(advising, "history", history)
    async with world.desk() as seat:
        seat.backend._records._gates.append(gate)
        seat.desk.conversation.open(one)
        await seat.until(asked.is_set, "the first one's history is read")
        seat.desk.conversation.show(Desk(world.store, "Ada").open(two))
        gate.set()
        await seat.until(lambda: seat.desk.advising.advised is not None, "advice")
        assert seat.desk.advising._history == advising.History(opened=two)
