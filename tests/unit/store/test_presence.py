"""Where each desk is: said to the others, never a record, forgotten by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING

import pytest

from agentassist.errors import NotFoundError, StoreBusyError
from agentassist.models import Customer
from agentassist.store.store import Store

if TYPE_CHECKING:
    from agentassist.protocols import Clock


@pytest.fixture
def conversation(store: Store) -> int:
    """A conversation."""
    return store.transcript.start(Customer("c", "Dana"), "web")


def rows(store: Store) -> list[str]:
    """Return which desks have a row, dead ones too."""
    return [row["desk"] for row in store._connection.rows("SELECT desk FROM presence ORDER BY desk")]


def later(clock: Clock, seconds: float) -> None:
    """Let time pass."""
    clock.moment += timedelta(seconds=seconds)  # type: ignore[attr-defined]


def test_others_are_seen_and_oneself_is_not(store: Store, conversation: int) -> None:
    """Each desk sees the other one, what it looks at and whether it types; two desks of one agent are two."""
    store.presence.say("d1", "Ada", conversation, typing=False)
    store.presence.say("d2", "Bo", conversation, typing=True)
    store.presence.say("d3", "Ada", None, typing=False)
    assert [(item.agent, item.conversation_id, item.typing) for item in store.presence.others("d1")] == [
        ("Ada", None, False),
        ("Bo", conversation, True),
    ]
    store.presence.leave("d2")
    store.presence.leave("d2")
    assert [item.agent for item in store.presence.others("d1")] == ["Ada"]


def test_only_a_change_or_a_heartbeat_is_written(store: Store, conversation: int, clock: Clock) -> None:
    """The same again within twenty seconds costs no write; a change does at once, and so does the next heartbeat."""
    store.presence.say("d1", "Ada", conversation, typing=False)
    changes = store._connection.raw.total_changes
    later(clock, 19)
    store.presence.say("d1", "Ada", conversation, typing=False)
    assert store._connection.raw.total_changes == changes
    store.presence.say("d1", "Ada", conversation, typing=True)
    assert store._connection.raw.total_changes == changes + 1
    later(clock, 20)
    store.presence.say("d1", "Ada", conversation, typing=True)
    assert store._connection.raw.total_changes == changes + 2


def test_a_desk_that_is_gone_is_forgotten(store: Store, conversation: int, clock: Clock) -> None:
    """After a minute nobody sees it, and the next write of anybody removes its row; a clock put back does no harm."""
    store.presence.say("dead", "Bo", conversation, typing=True)
    later(clock, 59)
    assert len(store.presence.others("d1")) == 1
    later(clock, 2)
    assert store.presence.others("d1") == ()
    assert rows(store) == ["dead"]
    store.presence.say("d1", "Ada", conversation, typing=False)
    assert rows(store) == ["d1"]
    later(clock, -3600)
    assert store.presence.others("d2") == ()
    store.presence.say("d1", "Ada", conversation, typing=False)
    assert len(store.presence.others("d2")) == 1


def test_it_is_no_entry_and_points_at_something(store: Store, conversation: int) -> None:
    """Nothing is added to the conversation, and one that does not exist is refused."""
    store.presence.say("d1", "Ada", conversation, typing=True)
    assert store.transcript.entries(conversation) == ()
    with pytest.raises(NotFoundError):
        store.presence.say("d1", "Ada", 99, typing=True)
    assert store.presence.others("x")[0].conversation_id == conversation


def test_the_settings_are_as_before_after_a_light_write(store: Store, conversation: int) -> None:
    """What comes after is durable and patient again, be the light write refused or not."""
    store.presence.say("d1", "Ada", conversation, typing=True)
    with pytest.raises(NotFoundError):
        store.presence.say("d1", "Ada", 99, typing=True)
    assert [found for _, wanted, found in store._connection.pragmas() if found != wanted] == []
    assert store._connection.rows("PRAGMA busy_timeout")[0][0] == 10_000


HOLDS = """
import sys
from sqlite_utils.utils import sqlite3
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
"""


def test_nobody_waits_for_it(store: Store, path: Path, conversation: int, child: Callable[..., Popen[str]]) -> None:
    """While another process writes, it gives up at once, long before the ten seconds that a reply would wait."""
    from time import monotonic

    other = child(HOLDS, path)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    before = monotonic()
    with pytest.raises(StoreBusyError):
        store.presence.say("d1", "Ada", conversation, typing=True)
    assert monotonic() - before < 5
    assert [found for _, wanted, found in store._connection.pragmas() if found != wanted] == []
    other.communicate("\n", timeout=300)
    store.presence.say("d1", "Ada", conversation, typing=True)
    assert rows(store) == ["d1"]
