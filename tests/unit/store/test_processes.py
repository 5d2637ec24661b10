"""Several processes on one file, and processes that die."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING

from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.store import health
from agentassist.store.store import Store

if TYPE_CHECKING:
    from agentassist.protocols import Clock

DANA = Customer("cust-dana", "Dana")
SETUP = """
import os, sys
from pathlib import Path
from agentassist.clock import SystemClock
from agentassist.errors import ClaimedError
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.store.store import Store

def say(*words):
    os.write(1, (" ".join(map(str, words)) + chr(10)).encode())

def entry(text):
    return NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text)

path = Path(sys.argv[1])
"""

# One process imports everything once; each life is a fork of it that opens the store itself.
LIVES = (
    SETUP
    + """
for life in sys.stdin:
    child = os.fork()
    if child == 0:
        store = Store.open(path, SystemClock())
        say("pid", os.getpid())
        while True:
            (stored,) = store.transcript.append(1, entry(f"life{life.strip()} words that are indexed"))
            say("kept", stored.seq)
    os.waitpid(child, 0)
    say("dead", life.strip())
"""
)


def test_killed_at_any_moment_nothing_acknowledged_is_lost(
    store: Store, path: Path, child: Callable[..., Popen[str]]
) -> None:
    """Fifty times kill -9 in the middle of appending: every acknowledged entry is there, whole and searchable."""
    store.transcript.start(DANA, "web")
    chance = random.Random(20261122)
    lives = child(LIVES, path)
    assert lives.stdin is not None
    assert lives.stdout is not None
    acknowledged: dict[int, int] = {}
    for life in range(50):
        lives.stdin.write(f"{life}\n")
        pid, still = 0, chance.randint(0, 40)
        for line in lives.stdout:
            word, _, value = line.strip().partition(" ")
            if word == "dead":
                break
            if word == "pid":
                pid = int(value)
            else:
                acknowledged[int(value)] = life
                still -= 1
            if still == 0:
                spin(chance.uniform(0, 0.002))
                os.kill(pid, signal.SIGKILL)
        if life % 10 == 9:
            assert not unwell(path)
    there = {entry.seq: entry.text for entry in store.transcript.entries(1)}
    assert len(acknowledged) > 300
    assert {
        seq for seq, life in acknowledged.items() if there.get(seq) != f"life{life} words that are indexed"
    } == set()
    assert sorted(there) == list(range(1, len(there) + 1))
    found = {hit.entry.text.split()[0] for hit in store.sessions.search("words indexed", limit=10_000)}
    assert found == {text.split()[0] for text in there.values()}


def spin(seconds: float) -> None:
    """Let a moment pass that is shorter than what a sleep can keep to."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def unwell(path: Path) -> list[health.Check]:
    """Return what is not well with the records."""
    return [check for check in health.check(path) if not check.ok]


CLAIMS = (
    SETUP
    + """
store = Store.open(path, SystemClock())
agent = sys.argv[2]
say("ready")
for line in sys.stdin:
    try:
        say("won", store.claims.claim(int(line), agent).author_name)
    except ClaimedError as lost:
        say("lost", lost.agent)
"""
)


def test_of_two_who_claim_at_once_exactly_one_wins(store: Store, path: Path, child: Callable[..., Popen[str]]) -> None:
    """200 rounds of two processes: one winner each, the loser reads the winner's name, one claim entry."""
    conversations = [store.transcript.start(DANA, "web") for _ in range(200)]
    agents = {name: child(CLAIMS, path, name) for name in ("Ada", "Bo")}
    assert all(agent.stdout and agent.stdout.readline() == "ready\n" for agent in agents.values())
    for conversation in conversations:
        said = {}
        for agent in agents.values():
            assert agent.stdin is not None
            agent.stdin.write(f"{conversation}\n")
        for name, agent in agents.items():
            assert agent.stdout is not None
            said[name] = agent.stdout.readline().split()
        (winner,) = [name for name, (word, _) in said.items() if word == "won"]
        assert {tuple(answer) for answer in said.values()} == {("won", winner), ("lost", winner)}
        assert len(store.transcript.entries(conversation)) == 1
        assert store.queue.get(conversation).agent == winner


TOGETHER = (
    SETUP
    + """
sys.stdin.readline()
with Store.open(path, SystemClock()) as store:
    mine = store.transcript.start(Customer("c" + sys.argv[2], "C"), "web")
    for number in range(40):
        store.transcript.append(1, entry(f"{sys.argv[2]} {number}"))
    store.claims.claim(mine, "agent" + sys.argv[2])
say("done")
"""
)


def test_eight_processes_start_at_once_on_nothing(path: Path, clock: Clock, child: Callable[..., Popen[str]]) -> None:
    """All eight open, migrate and write: no error, every entry of every one in order, one set of tables."""
    several = [child(TOGETHER, path, number) for number in range(8)]
    for process in several:
        assert process.stdin is not None
        process.stdin.write("go\n")
    for process in several:
        out, err = process.communicate(timeout=300)
        assert (out, err, process.returncode) == ("done\n", "", 0)
    with Store.open(path, clock) as store:
        entries = store.transcript.entries(1)
        by_process = defaultdict(list)
        for entry in entries:
            if entry.kind is EntryKind.MESSAGE:
                name, number = entry.text.split()
                by_process[name].append(int(number))
        assert by_process == {str(name): list(range(40)) for name in range(8)}
        assert [entry.seq for entry in entries] == list(range(1, 322))
        assert len(store.sessions.list(100)) == 8
    assert unwell(path) == []


def test_another_process_sees_what_was_written_at_once(store: Store, path: Path, clock: Clock) -> None:
    """A second connection reads an entry as soon as the call that wrote it has returned."""
    conversation = store.transcript.start(DANA, "web")
    with Store.open(path, clock) as other:
        (entry,) = store.transcript.append(conversation, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "now"))
        assert other.transcript.entries(conversation) == (entry,)
