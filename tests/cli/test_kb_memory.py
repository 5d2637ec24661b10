"""`agentassist kb memory`."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from agentassist.clock import SystemClock
from agentassist.models import (
    Article,
    ArticleKind,
    Author,
    Customer,
    EntryKind,
    Event,
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

Run = Callable[..., Result]
HOSTILE = "wifi\x1b[31m\u202e"
VECTOR = np.array([0.6, 0.8, 0.0], dtype="<f2").tobytes()


def hit(rank: int, name: str) -> Hit:
    """A hit as search returns it."""
    article = Article(name, ArticleKind.ARTICLE, "Private words", f"https://x/{rank}", f"{rank}.md")
    return Hit(rank, article, Passage(name, 0, "", "about"), 1.0, 0.5, (), article.url, "words")


RESULT = SearchResult((hit(1, "reset"), hit(2, HOSTILE)), Mode.HYBRID, context=VECTOR, model="m1")


def had(store: Store, customer: str, *, sent: bool = True) -> int:
    """A conversation in which the first suggestion was sent and solved it, and the second was turned down."""
    number = store.transcript.start(Customer(customer, "Dana Reyes"), "web")
    store.transcript.append(
        number,
        NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "the secret dial wont pair"),
        NewEntry(Author.SYSTEM, EntryKind.EVENT, "asked", data={"event": Event.HANDOFF.value}),
    )
    ada = Desk(store, "Ada")
    seen = ada.claim(number).entries[-1].seq
    offers = ada.offer(number, Query((QueryPart("secret dial", 1.0, "burst"),), seen), RESULT)
    if sent:
        ada.send(number, offers[0].text, seen_seq=seen, offers=offers[:1])
        ada.judge(offers[1], Outcome.THUMBS_DOWN, "secret reason")
        ada.close(number, "solved", "a secret summary")
    return number


@pytest.fixture
def asks(home: Path) -> int:
    """A conversation that asks what was asked in two before."""
    with Store.open(home / "agentassist.db", SystemClock()) as store:
        had(store, "cust-1")
        had(store, "cust-2")
        return had(store, "cust-3", sent=False)


def test_nothing_learned_is_no_error(run: Run) -> None:
    """Every command works on records without a lesson."""
    assert "nothing learned yet" in run("kb", "memory", "list").stderr
    assert run("kb", "memory", "export", "-").stdout == ""
    assert json.loads(run("kb", "memory", "stats", "--json").stdout)["lessons"] == 0
    assert run("kb", "memory", "why", 9).exit_code != 0


def test_list_names_what_was_done(run: Run, asks: int) -> None:
    """A line each, the latest first, cleaned for the terminal; only of an article, and not more than asked for."""
    lines = run("kb", "memory", "list").stdout.splitlines()
    assert len(lines) == 4
    assert lines[0].split("\t")[1:4] == ["conversation 2", "sent", "solved"]
    assert "\x1b" not in "".join(lines)
    (first, _) = json.loads(run("kb", "memory", "list", "--article", "reset", "--json").stdout)
    assert (first["article"], first["did"], first["outcome"], first["conversation"]) == ("reset", "sent", "solved", 2)
    assert len(run("kb", "memory", "list", "--limit", 1).stdout.splitlines()) == 1


def test_why_names_the_conversations(run: Run, asks: int) -> None:
    """In words, with every similar conversation, how like it is, how expected, how it ended and what it counts."""
    lines = run("kb", "memory", "why", asks).stdout.splitlines()
    assert lines[0].startswith("reset: sent in 2 similar conversations, 2 solved (vote +0.")
    assert "rank 1" in lines[0]
    assert "conversation 1: sent, solved, similarity 1.00, 50 % expected, 0 days ago, counts +0.62" in "\n".join(
        lines[1:3]
    )
    assert "turned down in 2 similar conversations (vote -0." in lines[3]
    assert "\x1b" not in "".join(lines)
    first, second = json.loads(run("kb", "memory", "why", asks, "--json").stdout)
    assert {item["conversation"] for item in first["conversations"]} == {1, 2}
    assert {item["surprise"] for item in first["conversations"]} == {0.5}
    assert second["turned_down"] == 2
    assert run("kb", "memory", "why", 1, "--json").stdout != "[]\n"


def test_export_has_no_word_of_anybody(run: Run, asks: int, tmp_path: Path) -> None:
    """What was done, when and with which vector; no text, name, number or reason; a file only its owner reads."""
    file = tmp_path / "lessons.jsonl"
    assert run("kb", "memory", "export", file).exit_code == 0
    text = file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in text.splitlines()]
    assert len(lines) == 4
    assert set(lines[0]) == {"article", "did", "outcome", "opened", "at", "model", "vector"}
    assert base64.b64decode(lines[0]["vector"]) == VECTOR
    for word in ("secret", "Dana", "cust-", "Private", "Ada"):
        assert word not in text
    assert run("kb", "memory", "export", file).exit_code == 2
    assert run("kb", "memory", "export", file, "--force").exit_code == 0


def test_forget_asks_and_forgets(run: Run, asks: int) -> None:
    """Exactly one thing at a time, only what is there, and only when confirmed; what is left still votes."""
    assert run("kb", "memory", "forget").exit_code == 2
    assert run("kb", "memory", "forget", "--article", "reset", "--conversation", 1).exit_code == 2
    assert run("kb", "memory", "forget", "--article", "nothing", "--yes").exit_code != 0
    assert run("kb", "memory", "forget", "--customer", "nobody", "--yes").exit_code != 0
    assert run("kb", "memory", "forget", "--conversation", 99, "--yes").exit_code != 0
    assert run("kb", "memory", "forget", "--conversation", 1).exit_code != 0
    assert len(run("kb", "memory", "list").stdout.splitlines()) == 4
    assert run("kb", "memory", "forget", "--conversation", 1, "--yes").exit_code == 0
    assert "in 1 similar conversation, 1 solved" in run("kb", "memory", "why", asks).stdout
    assert run("kb", "memory", "forget", "--article", "reset", "--yes").exit_code == 0
    assert "reset" not in run("kb", "memory", "list").stdout
    assert run("kb", "memory", "forget", "--customer", "cust-2", "--yes").exit_code == 0
    assert run("kb", "memory", "list").stdout == ""


def test_stats_count(run: Run, asks: int) -> None:
    """How much is kept, and what was done how often."""
    found = json.loads(run("kb", "memory", "stats", "--json").stdout)
    assert (found["vectors"], found["lessons"], found["conversations"], found["articles"]) == (3, 2, 2, 2)
    assert found["did"] == {"sent": 2, "thumbs_down": 2}
    assert found["endings"]["solved"] == 2
    assert "thumbs down 2" in run("kb", "memory", "stats").stdout
