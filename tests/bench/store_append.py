"""How long storing one entry takes when the store holds a million: `python tests/bench/store_append.py`.

Prints p50, p95, p99, p99.9 and the slowest of appends through the public API, and the ratio to a bare INSERT of such a
text into a plain table with the same settings, in the same run. Also the queue over the same store.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

from agentassist.clock import SystemClock, to_stored
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.store.driver import sqlite3
from agentassist.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENTRIES_EACH = 10
OPEN = 200


class Words:
    """Sentences whose words are as unequally frequent as those of a language (Zipf)."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        letters = "abcdefghijklmnopqrstuvwxyz"
        self._words = ["".join(self._random.choices(letters, k=self._random.randint(2, 9))) for _ in range(50_000)]
        self._weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(50_000)))

    def sentence(self) -> str:
        """Return 4 to 30 words."""
        return " ".join(self._random.choices(self._words, cum_weights=self._weights, k=self._random.randint(4, 30)))


def build(path: Path, entries: int, words: Words) -> None:
    """Fill a store with closed conversations and `OPEN` waiting ones; one transaction, no waiting for the disk."""
    Store.open(path, SystemClock()).close()
    raw = sqlite3.connect(str(path), isolation_level=None)
    raw.execute("PRAGMA synchronous = OFF")
    raw.execute("PRAGMA cache_size = -400000")
    at, count = to_stored(SystemClock().now()), entries // ENTRIES_EACH
    raw.execute("BEGIN IMMEDIATE")
    raw.executemany(
        "INSERT INTO customers VALUES (?, ?, '', '', '', '{}')", ((f"c{n}", f"C {n}") for n in range(count))
    )
    raw.executemany(
        "INSERT INTO conversations (customer_id, channel, started_at) VALUES (?, 'web', ?)",
        ((f"c{n}", at) for n in range(count)),
    )
    raw.executemany(
        "INSERT INTO entries (conversation_id, seq, at, author, author_name, kind, text, data, event, disposition) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows(count, at, words),
    )
    raw.execute("COMMIT")
    raw.close()
    # Else the first append that has to wait for the disk would wait for all of this too.
    os.sync()


def rows(count: int, at: str, words: Words) -> Iterator[tuple[object, ...]]:
    """Yield the entries of `count` conversations: each handed over, and all but the last `OPEN` claimed and closed."""
    for conversation in range(1, count + 1):
        for seq in range(1, ENTRIES_EACH - 2):
            yield conversation, seq, at, "customer", "", "message", words.sentence(), "{}", None, None
        yield conversation, ENTRIES_EACH - 2, at, "system", "", "event", "asked", '{"event":"handoff"}', "handoff", None
        if conversation <= count - OPEN:
            yield (
                conversation,
                ENTRIES_EACH - 1,
                at,
                "agent",
                "Ada",
                "event",
                "",
                '{"event":"claimed"}',
                "claimed",
                None,
            )
            closed = '{"event":"closed","disposition":"solved"}'
            yield conversation, ENTRIES_EACH, at, "agent", "Ada", "event", "all well", closed, "closed", "solved"


def measure(call: Callable[[], object], times: int) -> list[float]:
    """Return how long each call took, in milliseconds, the shortest first."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - start))
    return sorted(taken)


def show(name: str, taken: list[float]) -> None:
    """Print one line of figures."""
    shares = (0.5, 0.95, 0.99, 0.999, 1.0)
    figures = [taken[min(len(taken) - 1, int(len(taken) * share))] for share in shares]
    print(f"{name:34} p50 {figures[0]:6.2f}  p95 {figures[1]:6.2f}  p99 {figures[2]:6.2f}", end="")
    print(f"  p99.9 {figures[3]:6.2f}  max {figures[4]:6.2f} ms")


def at(taken: list[float], share: float) -> float:
    """Return the figure below which `share` of the calls stayed."""
    return taken[int(len(taken) * share)]


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--appends", type=int, default=2_000)
    options = parser.parse_args()
    words = Words(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "agentassist.db"
        start = time.perf_counter()
        build(path, options.entries, words)
        print(
            f"{options.entries:,} entries built in {time.perf_counter() - start:.0f} s, {path.stat().st_size:,} bytes"
        )
        with Store.open(path, SystemClock()) as store:
            run(store, path, options.entries // ENTRIES_EACH, options.appends, words)


def run(store: Store, path: Path, conversations: int, appends: int, words: Words) -> None:
    """Measure on a filled store."""
    chosen = random.Random(2)
    # Half in the conversations that are open, half anywhere: customers write again after months too.
    known = [*range(conversations - OPEN + 1, conversations + 1), *chosen.sample(range(1, conversations + 1), OPEN)]

    def append() -> None:
        entry = NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, words.sentence())
        store.transcript.append(chosen.choice(known), entry)

    plain = sqlite3.connect(str(path.with_name("plain.db")), isolation_level=None)
    plain.execute("PRAGMA journal_mode = WAL").fetchone()
    plain.execute("PRAGMA synchronous = FULL")
    plain.execute("CREATE TABLE plain (text TEXT)")
    # In turns, so that a slow moment of the disk meets both.
    stored: list[float] = []
    bare: list[float] = []
    for _ in range(10):
        bare += measure(lambda: plain.execute("INSERT INTO plain VALUES (?)", (words.sentence(),)), appends // 10)
        stored += measure(append, appends // 10)
    plain.close()
    show("bare INSERT", sorted(bare))
    show("entry stored, full text kept", sorted(stored))
    for share in (0.5, 0.99):
        print(f"ratio at p{100 * share:.0f}: {at(sorted(stored), share) / at(sorted(bare), share):.1f}")
    show("queue.waiting", measure(lambda: store.queue.waiting("Ada"), 100))
    show("queue.mine", measure(lambda: store.queue.mine("Ada"), 100))
    show("sessions.list, newest 50", measure(lambda: store.sessions.list(50), 100))
    show("sessions.search, a common word", measure(lambda: store.sessions.search(words.sentence().split()[0]), 100))
    show("start a conversation", measure(lambda: store.transcript.start(Customer("c1", "C 1"), "web"), 100))


if __name__ == "__main__":
    main()
