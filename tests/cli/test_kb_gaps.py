"""`agentassist kb gaps`, `draft`, `stale` and `stats`, as a trainer types them."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from agentassist import paths
from agentassist.clock import SystemClock
from agentassist.models import Author, Customer, EntryKind, Mode, NewEntry, SearchResult
from agentassist.search.query import from_conversation
from agentassist.session.desk import Desk
from agentassist.session.knowledge import Knowledge
from agentassist.session.searching import find
from agentassist.store.store import Store

Run = Callable[..., Result]
EVIL = "\x1b]52;c;aGk=\x07\u202e\x9b2J [/] why does it not work?"
ANSWER = "We do not sell solar panels, but the Bridge reads any inverter with a pulse output."
KB = {
    "pair-a-dial": "Hold the button on the Dial for ten seconds until a pairing code of six digits is on its screen.",
    "refund-times": "A refund is on your card five working days after the parcel has come back to our warehouse.",
    "bleed-a-radiator": "Open the valve at the top of a cold radiator with a key until water comes out of it.",
}


@pytest.fixture
def kb(tmp_path: Path, home: Path) -> Path:
    """A knowledge base of three articles, named in the configuration."""
    folder = tmp_path / "kb"
    folder.mkdir()
    for name, text in KB.items():
        url = f"https://help.example/{name}"
        year = 2020 if name == "refund-times" else 2999
        matter = f"id: {name}\ntitle: About {name.replace('-', ' ')}\nurl: {url}\nreview_by: {year}-01-01"
        (folder / f"{name}.md").write_text(f"---\n{matter}\n---\n{text}")
    with (home / "config.toml").open("a") as file:
        file.write(f'[kb]\nfolder = "{folder}"\n')
    return folder


def converse(*questions: str) -> None:
    """Have one conversation a question: Ada claims it, it is searched for, she answers in her own words, closes it."""
    places, clock = paths.default_paths(), SystemClock()
    knowledge = Knowledge(places.index, clock)
    with Store.open(places.database, clock) as store:
        desk = Desk(store, "Ada")
        for number, question in enumerate(questions):
            customer = Customer(f"c{number}", "Dana Reyes", "dana@mail.example")
            conversation = store.transcript.start(customer, "web")
            store.claims.handoff(conversation, "asked for a person")
            desk.claim(conversation)
            store.transcript.append(conversation, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, question))
            desk.offer(conversation, *find(knowledge, desk.entries(conversation, 0), 5))
            desk.send(conversation, ANSWER, seen_seq=store.queue.get(conversation).last_seq)
            desk.close(conversation, "solved", "done")
    knowledge.close()


def test_nothing_yet_is_said_in_plain_words(run: Run, kb: Path) -> None:
    """Nothing is on stdout, and JSON says zero."""
    result = run("kb", "gaps")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no gaps (yet)" in result.stderr
    assert json.loads(run("kb", "gaps", "--json").stdout)["gaps"] == []
    result = run("kb", "stats")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "--since all" in result.stderr
    assert json.loads(run("kb", "stats", "--json").stdout)["articles"] == []
    assert "pair-a-dial was not suggested" in run("kb", "stats", "pair-a-dial").stderr
    result = run("kb", "draft", "abc")
    assert result.exit_code == 1
    assert "no gap abc" in result.stderr


@pytest.mark.parametrize("span", ["soon", "2026-13-01", "-1d", "", "2026-11-01T10:00", "\x1b[2J"])
def test_a_span_that_is_none_is_refused(run: Run, span: str) -> None:
    """With what would be right, and harmless."""
    result = run("kb", "gaps", "--since", span)
    assert result.exit_code == 2
    assert "is no span" in result.stderr
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize("span", ["30d", "8w", "6m", "1y", "all", "2026-11-01", "99999y", "7"])
def test_a_span_is_taken(run: Run, span: str) -> None:
    """Days, weeks, months, years, a day, or all."""
    assert run("kb", "gaps", "--since", span).exit_code == 0


def test_stale_says_what_is_past_its_review(run: Run, kb: Path) -> None:
    """And that there are too few searches to say what is never suggested."""
    result = run("kb", "stale")
    assert result.stdout.startswith("refund-times: its review was due on 2020-01-01")
    assert "so far: 0 searches" in result.stderr
    found = json.loads(run("kb", "stale", "--json").stdout)
    assert [(item["id"], item["reason"]) for item in found] == [("refund-times", "review_past")]


def test_the_help_of_stats_defines_every_number(run: Run) -> None:
    """What a number means is where it is asked for."""
    from agentassist.store.article_stats import DEFINITIONS

    shown = run("kb", "stats", "--help").stdout
    assert not [name for name, words in DEFINITIONS.items() if name not in shown or words not in shown]


@pytest.mark.model
def test_from_a_conversation_without_an_article_to_its_draft(
    run: Run, kb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two questions that mean the same are one gap, with the real model; its draft lints, and is never suggested."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert run("kb", "index").exit_code == 0
    converse(
        "Do you sell solar panels? I am Dana Reyes", "can I connect solar panels to it?", EVIL, "how do I pair my dial?"
    )
    found = json.loads(run("kb", "gaps", "--json").stdout)
    assert (found["grouped_by"], found["trouble"]) == ("meaning", "")
    gap = found["gaps"][0]
    assert (gap["conversations"], gap["kinds"]) == ([1, 2], {"no_match": 2})
    assert "Reyes" not in gap["title"]
    assert gap["nearest"] is None or not gap["nearest"]["matches"]
    shown = run("kb", "gaps")
    assert f"1. {gap['id']}" in shown.stdout
    assert "nearest: " in shown.stdout
    assert "from each claim" in shown.stderr
    assert not {unicodedata.category(char) for char in shown.stdout if char != "\n"} & {"Cc", "Cs", "Cf", "Zl", "Zp"}
    result = run("kb", "draft", gap["id"][:6])
    file = Path(result.stdout.strip())
    assert file == kb / "drafts" / f"gap-{gap['id']}.md"
    text = file.read_text()
    assert ANSWER in text.replace("\\", "")
    assert "Reyes" not in text
    assert run("kb", "draft", gap["id"]).exit_code == 2
    assert run("kb", "draft", gap["id"], "--force").exit_code == 0
    assert run("kb", "lint").exit_code == 0
    assert run("kb", "index").exit_code == 0
    assert f"gap-{gap['id']}" not in run("kb", "search", "solar", "panels").stdout
    assert "pair-a-dial" in run("kb", "stats").stdout


def test_without_an_encoder_gaps_are_by_words(run: Run, kb: Path) -> None:
    """It says so, and why."""
    places = paths.default_paths()
    with Store.open(places.database, SystemClock()) as store:
        desk = Desk(store, "Ada")
        conversation = store.transcript.start(Customer("c1", EVIL), "web")
        store.claims.handoff(conversation, "x")
        desk.claim(conversation)
        store.transcript.append(conversation, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, f"solar {EVIL}"))
        desk.offer(conversation, from_conversation(desk.entries(conversation, 0)), SearchResult((), Mode.KEYWORD))
        desk.send(conversation, ANSWER, seen_seq=store.queue.get(conversation).last_seq)
    result = run("kb", "gaps")
    assert "grouped by words, not by meaning" in result.stderr
    assert result.stdout.startswith("1. ")
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(result.stdout + result.stderr)


@pytest.mark.model
def test_who_is_forgotten_is_in_no_gap_and_no_draft(run: Run, kb: Path) -> None:
    """Of a question that two asked what one of them wrote is gone, and of the other's nothing; then there is no gap."""
    assert run("kb", "index", kb).exit_code == 0
    converse("Do you sell solar panels, too?", "Do you sell solar panels and inverters, too?")
    (gap,) = json.loads(run("kb", "gaps", "--json").stdout)["gaps"]
    assert run("kb", "memory", "forget", "--customer", "c0", "--yes").exit_code == 0
    (left,) = json.loads(run("kb", "gaps", "--json").stdout)["gaps"]
    assert (len(gap["conversations"]), len(left["conversations"])) == (2, 1)
    assert run("kb", "draft", left["id"], "--out", kb).exit_code == 0
    drafted = next(kb.glob("gap-*.md")).read_text()
    assert "inverters" in drafted
    assert "conversation 1" not in drafted
    assert run("kb", "memory", "forget", "--customer", "c1", "--yes").exit_code == 0
    assert json.loads(run("kb", "gaps", "--json").stdout)["gaps"] == []
    assert run("kb", "draft", left["id"], "--out", kb).exit_code == 1
