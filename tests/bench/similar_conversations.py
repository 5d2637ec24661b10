"""What similar conversations cost a desk, a search over all of history, and how alike they have to be.

Run by hand: `python tests/bench/similar_conversations.py [--sessions 100000]`. The conversations are made up, their
vectors random around a hundred centres. Asked for: at most 5 ms (p95) for each of a customer's messages beyond the
search for articles. With the data beside the checkout it also prints how often, from each cosine on, two
conversations of doc2dial are about the same article.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from _bench import SHARED, encoder, lines, percentiles
from numpy.typing import NDArray

from agentassist.models import Author, Customer, Entry, EntryKind
from agentassist.search.encoder import OnnxEncoder
from agentassist.search.nearest import packed
from agentassist.search.query import from_conversation
from agentassist.session import past_keeping
from agentassist.session.desk import Desk
from agentassist.session.past_keeping import PastVectors
from agentassist.session.session_search import search
from agentassist.session.similar import problem_of
from agentassist.store.similar import SessionVector
from agentassist.store.store import Store

DIMENSION = 384
ASKED = 200


class Clock:
    """Goes on by a minute with every look."""

    moment = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the moment."""
        self.moment += timedelta(minutes=1)
        return self.moment


class Knowledge:
    """Has a vector for everything, at no cost."""

    def __init__(self, row: bytes) -> None:
        self.row = row

    def embed(self, texts: list[str]) -> tuple[str, tuple[bytes, ...]]:
        """Return it."""
        return "m", (self.row,) * len(texts)


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows of length 1."""
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def vectors(count: int) -> NDArray[np.float32]:
    """Return unit rows around a hundred centres."""
    chosen = np.random.default_rng(0)
    centres = unit(chosen.standard_normal((100, DIMENSION)).astype(np.float32))
    noise = chosen.standard_normal((count, DIMENSION)).astype(np.float32) * (0.9 / DIMENSION**0.5)
    return unit(centres[np.arange(count) % 100] + noise)


def fill(store: Store, rows: NDArray[np.float32]) -> None:
    """Put closed conversations and their vectors into the records."""
    store.transcript.start(Customer("c0", "C"), "web")
    connection = store._connection
    event = '{"event":"closed","disposition":"solved"}'
    with connection.write() as write:
        for number in range(1, 1_000):
            write.run("INSERT INTO customers VALUES (?, ?, '', '', '', '{}')", (f"c{number}", "C"))
        for number, row in enumerate(packed(rows), 2):
            customer, at = f"c{number % 1_000}", "2026-01-01T00:00:00.000000+00:00"
            write.run("INSERT INTO conversations VALUES (?, ?, 'web', ?)", (number, customer, at))
            for seq, (author, kind, text) in enumerate(
                (("customer", "message", f"words of {number}"), ("agent", "event", "done"))
            ):
                closed = ("closed", "solved", event) if kind == "event" else (None, None, "{}")
                write.run(
                    "INSERT INTO entries (conversation_id, seq, at, author, author_name, kind, text, event, "
                    "disposition, data) VALUES (?, ?, ?, ?, 'Bo', ?, ?, ?, ?, ?)",
                    (number, seq + 1, at, author, kind, text, *closed),
                )
            write.run("INSERT INTO session_vectors VALUES (?, 2, 'm', ?, ?, ?)", (number, row, row, at))


def costs(count: int, folder: Path) -> None:
    """Print what a desk and a search pay."""
    rows = vectors(count)
    with Store.open(folder / "agentassist.db", Clock()) as store:
        fill(store, rows)
        desk, held = Desk(store, "Ada"), PastVectors()
        knowledge = Knowledge(packed(rows[:1])[0])
        pages, below = [], 10**9
        while True:
            started = time.perf_counter()
            page = desk.vectors("m", below, past_keeping.PAGE)
            size = held.take(knowledge, "m", page)  # type: ignore[arg-type]
            pages.append(time.perf_counter() - started)
            if len(page) < past_keeping.PAGE or size >= past_keeping.HELD:
                break
            below = page[-1].conversation_id
        print(f"{size:,} of {count:,} held: {sum(pages):.2f} s in all, a page {percentiles(pages)}")
        asked = packed(rows[:: max(count // ASKED, 1)][:ASKED])
        scans, both, busy = [], [], []
        for row in asked:
            started, used = time.perf_counter(), time.thread_time()
            near = held.near(knowledge, row, "m")  # type: ignore[arg-type]
            scans.append(time.perf_counter() - started)
            desk.similar(1, near, "m")
            both.append(time.perf_counter() - started)
            busy.append(time.thread_time() - used)
        print(f"a message: vectors            {percentiles(scans)}")
        print(f"a message: vectors and records {percentiles(both)}")
        print(f"a message: of one processor   {percentiles(busy)}")
        looks = []
        for _ in range(50):
            started = time.perf_counter()
            desk.unmade("m", count, past_keeping.PAGE)
            looks.append(time.perf_counter() - started)
        print(f"a look for missing vectors    {percentiles(looks)}")
        for words, meaning in ((True, False), (False, True), (True, True)):
            took, used = [], time.thread_time()
            for _ in range(5):
                started = time.perf_counter()
                search(store, knowledge, "words of 777", 20, by_words=words, by_meaning=meaning)  # type: ignore[arg-type]
                took.append(time.perf_counter() - started)
            print(
                f"sessions search, words {words}, meaning {meaning}: {percentiles(took)}"
                f", of one processor {(time.thread_time() - used) / 5:.2f} s"
            )
        started = time.perf_counter()
        store.similar.put([SessionVector(2, 2, "m", asked[0], asked[0])])
        print(f"keeping one: {(time.perf_counter() - started) * 1000:.1f} ms")


def said(turns: list[dict[str, str]]) -> list[Entry]:
    """Return turns as entries."""
    at = Clock.moment
    return [
        Entry(1, seq, at, Author(turn["role"]), "", EntryKind.MESSAGE, turn["text"])
        for seq, turn in enumerate(turns, 1)
    ]


def likeness() -> None:
    """Print how often what is as alike as each floor is about the same article, by a conversation's first turns."""
    folder = SHARED / "doc2dial"
    if not folder.is_dir():
        return
    encode = OnnxEncoder.load(encoder().folder).embed
    right: dict[str, set[str]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, article, _ = line.split("\t")
        right.setdefault(query, set()).add(article)
    last = {each["dialog_id"]: each for each in lines(folder / "queries.jsonl") if each["id"] in right}
    problems = encode([problem_of(said(each["turns"])) or "nothing" for each in last.values()])
    contexts = []
    for each in last.values():
        parts = from_conversation(said(each["turns"][:3])).parts
        rows = encode([part.text for part in parts])
        contexts.append((rows * np.array([[part.weight] for part in parts], dtype=np.float32)).sum(axis=0))
    cosines = unit(np.stack(contexts)) @ problems.T
    np.fill_diagonal(cosines, -1.0)
    articles = [right[each["id"]] for each in last.values()]
    same = np.array([[bool(one & other) for other in articles] for one in articles])
    np.fill_diagonal(same, val=False)
    for floor in (0.4, 0.5, 0.6, 0.7):
        top = [(row, column) for row in range(len(same)) for column in np.argsort(-cosines[row])[:3]]
        shown = [same[place] for place in top if cosines[place] >= floor]
        found = [(same[row] & (cosines[row] >= floor)).any() for row in range(len(same)) if same[row].any()]
        print(f"from {floor}: {np.mean(shown):.0%} of the first three are right, {np.mean(found):.0%} find one")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        costs(options.sessions, Path(folder))
    likeness()


if __name__ == "__main__":
    main()
