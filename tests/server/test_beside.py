"""The bot's search and encoding stand beside everything else: while it thinks, nobody else waits for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.server.conftest import SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentassist.session.knowledge import Knowledge
    from tests.server.conftest import Served


@pytest.fixture
def held(server: Served) -> Iterator[threading.Event]:
    """Let the bot's thread be busy until this is set."""
    free, began = threading.Event(), threading.Event()

    def busy(_: Knowledge) -> None:
        began.set()
        free.wait(SECONDS)

    server.server.service._backend.knowledge(busy)
    assert began.wait(SECONDS)
    yield free
    free.set()


def test_a_bot_that_thinks_holds_nobody_up(server: Served, held: threading.Event) -> None:
    """Others come, write, are answered by an agent and read; whoever asked the bot gets its answer afterwards."""
    asking, other = server.arrived(), server.arrived()
    with asking.live() as events:
        next(events)
        assert asking.say("what does E1 mean?").status_code == 200
        while not next(events)["thinking"]:
            pass
        assert other.post("wish", wish="person").status_code == 200
        with server.store() as store:
            store.claims.claim(2, "Ada")
        assert other.say("it leaks").status_code == 200
        server.agent_says("I am here.", number=2)
        assert other.texts()[-2:] == ["it leaks", "I am here."]
        assert not held.is_set()
        held.set()
        while next(events)["thinking"]:
            pass
    assert asking.view()["state"] == "waiting"  # without an index the bot hands over
