"""A desk that dies in the middle of a reply."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path
from subprocess import PIPE, Popen

from agentassist.models import EntryKind, Outcome
from agentassist.store import health
from agentassist.store.store import Store

ROOT = Path(__file__).parents[3]

# One process imports everything once; each life is a fork of it that opens the store itself.
LIVES = """
import os, sys
from pathlib import Path
from agentassist.clock import SystemClock
from agentassist.models import Article, ArticleKind, Hit, Mode, Passage, Query, QueryPart, SearchResult
from agentassist.session.desk import Desk, offered
from agentassist.store.store import Store

def result(name):
    article = Article(name, ArticleKind.ARTICLE, name, "https://x/" + name, "x.md")
    hit = Hit(1, article, Passage(name, 0, "", "words"), 1.0, None, (), article.url, "words")
    return SearchResult((hit,), Mode.HYBRID)

for life in sys.stdin:
    child = os.fork()
    if child == 0:
        desk = Desk(Store.open(Path(sys.argv[1]), SystemClock()), "Ada")
        number, count = int(sys.argv[2]), 0
        os.write(1, f"pid {os.getpid()}\\n".encode())
        while True:
            count += 1
            name = f"life{life.strip()}n{count}"
            query = Query((QueryPart(name, 1.0, "typed"),), seq=0)
            (offer,) = offered(query, result(name)) if count % 2 else desk.offer(number, query, result(name))
            desk.save_draft(number, offer.text, 99)
            desk.present(number, typing=True)
            entry = desk.send(number, offer.text, seen_seq=10**6, offers=[offer])
            desk.present(number)
            os.write(1, f"sent {entry.seq}\\n".encode())
    os.waitpid(child, 0)
    os.write(1, b"dead\\n")
"""


def test_a_reply_is_there_with_everything_that_belongs_to_it_or_not_at_all(
    store: Store, tmp_path: Path, waiting: int
) -> None:
    """Fifteen times kill -9: every acknowledged reply is there, and each one that is there is marked as sent, once."""
    store.claims.claim(waiting, "Ada")
    path, chance = tmp_path / "home" / "agentassist.db", random.Random(20261122)
    line = [sys.executable, "-W", "error", "-c", LIVES, str(path), str(waiting)]
    lives = Popen(line, stdin=PIPE, stdout=PIPE, text=True, bufsize=1, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert lives.stdin is not None
    assert lives.stdout is not None
    acknowledged = set()
    with lives:
        for life in range(15):
            lives.stdin.write(f"{life}\n")
            pid, still = 0, chance.randint(1, 12)
            for said in lives.stdout:
                word, _, value = said.strip().partition(" ")
                if word == "dead":
                    break
                if word == "pid":
                    pid = int(value)
                    continue
                acknowledged.add(int(value))
                still -= 1
                if still == 0:
                    end = time.perf_counter() + chance.uniform(0, 0.003)
                    while time.perf_counter() < end:
                        pass
                    os.kill(pid, signal.SIGKILL)
        lives.stdin.close()
    sent = {entry.seq: entry for entry in store.transcript.entries(waiting) if entry.kind is EntryKind.ARTICLE}
    assert len(acknowledged) > 50
    assert acknowledged <= set(sent)
    marked = [event.entry_seq for event in store.suggestions.life(waiting) if event.outcome is Outcome.SENT]
    assert sorted(seq for seq in marked if seq) == sorted(sent)
    found = {row.id: row.article_id for row in store.suggestions.of(waiting)}
    for event in store.suggestions.life(waiting):
        if event.outcome is Outcome.SENT:
            assert event.entry_seq is not None
            assert sent[event.entry_seq].data["article"] == found[event.suggestion_id]
    assert [check for check in health.check(path) if not check.ok] == []
