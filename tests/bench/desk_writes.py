"""What offering, sending and saying where one is cost on the thread that owns the records: time, and commits to disk.

Run by hand: `python tests/bench/desk_writes.py`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from agentassist.clock import SystemClock
from agentassist.models import (
    Article,
    ArticleKind,
    Author,
    Customer,
    EntryKind,
    Hit,
    Mode,
    NewEntry,
    Outcome,
    Passage,
    Query,
    QueryPart,
    SearchResult,
)
from agentassist.session.desk import Desk
from agentassist.store.store import Store

ROUNDS = 200
HITS = 5


def result(number: int) -> SearchResult:
    """Return what a search of its own would find."""
    hits = []
    for rank in range(1, HITS + 1):
        name = f"article-{number}-{rank}"
        article = Article(name, ArticleKind.ARTICLE, name.title(), f"https://help.example/{name}", f"{name}.md")
        hits.append(Hit(rank, article, Passage(name, 0, "", "words " * 60), 1.0, 0.5, (), article.url, "words: dial"))
    return SearchResult(tuple(hits), Mode.HYBRID)


def measured(name: str, store: Store, calls: list[Callable[[], object]]) -> None:
    """Run calls one after the other and print how long one takes and how often it commits."""
    commits = 0

    def count(statement: str) -> None:
        nonlocal commits
        commits += statement.startswith("COMMIT")

    store._connection.raw.set_trace_callback(count)
    times = []
    for call in calls:
        start = perf_counter()
        call()
        times.append(1e3 * (perf_counter() - start))
    store._connection.raw.set_trace_callback(None)
    times.sort()
    p50, p95 = times[len(times) // 2], times[int(0.95 * len(times))]
    print(f"{name:28} p50 {p50:7.2f} ms   p95 {p95:7.2f} ms   commits {commits / len(calls):5.2f}")


def main(folder: Path) -> None:
    """Measure and print."""
    with Store.open(folder / "agentassist.db", SystemClock()) as store:
        number = store.transcript.start(Customer("c", "Dana"), "web")
        desk = Desk(store, "Ada")
        desk.claim(number)
        asked = [Query((QueryPart(f"words {n}", 1.0, "burst"),), seq=n) for n in range(ROUNDS)]
        found = [result(n) for n in range(ROUNDS)]
        measured(
            "offer, new",
            store,
            [lambda q=q, r=r: desk.offer(number, q, r) for q, r in zip(asked, found, strict=True)],  # type: ignore[misc]
        )
        measured(
            "offer, the same again",
            store,
            [lambda q=q, r=r: desk.offer(number, q, r) for q, r in zip(asked, found, strict=True)],  # type: ignore[misc]
        )
        offers = [desk.offer(number, q, r)[0] for q, r in zip(asked, found, strict=True)]
        for offer in offers:
            desk.judge(offer, Outcome.INSERTED)

        def send(n: int) -> None:
            desk.send(number, offers[n].text, seen_seq=10_000, offers=[offers[n]])

        for n in range(ROUNDS):
            store.transcript.append(number, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, f"and {n}?"))
        measured("send with an article", store, [lambda n=n: send(n) for n in range(ROUNDS)])  # type: ignore[misc]
        if not hasattr(desk, "present"):
            return
        measured(
            "present, changed",
            store,
            [lambda n=n: desk.present(number, typing=n % 2 == 0) for n in range(ROUNDS)],  # type: ignore[misc]
        )
        measured("present, unchanged", store, [lambda: desk.present(number, typing=False) for _ in range(ROUNDS)])
        measured("overview", store, [desk.overview for _ in range(ROUNDS)])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as made:
        main(Path(made))
