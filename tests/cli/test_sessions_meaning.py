"""`agentassist sessions search` by meaning, and `sessions index`, with an encoder that goes by words."""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from agentassist.clock import SystemClock
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.session.knowledge import Knowledge
from agentassist.store.store import Store

Run = Callable[..., Result]
HOSTILE = "\x1b]52;c;aGk=\x07\u202e\x9b2J [/]"
FORBIDDEN = {"Cc", "Cs", "Cf", "Zl", "Zp"}


def vector(text: str) -> bytes:
    """Return a unit vector in which each word of a text, cut to four letters, has a place."""
    row = np.full(256, 1e-3, dtype=np.float32)
    for word in re.findall(r"\w+", text.lower()):
        row[zlib.crc32(word[:4].encode()) % 256] += 1.0
    return bytes((row / np.linalg.norm(row)).astype("<f2").tobytes())


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the knowledge base encode, without an index."""

    def embed(_: Knowledge, texts: Sequence[str]) -> tuple[str, tuple[bytes, ...]]:
        return "words", tuple(vector(text) for text in texts)

    monkeypatch.setattr(Knowledge, "embed", embed)


def past(home: Path, text: str, summary: str, name: str = "Li Wei") -> int:
    """Let a conversation be had and closed; return its number."""
    with Store.open(home / "agentassist.db", SystemClock()) as store:
        number = store.transcript.start(Customer(f"c-{name}", name), "web")
        store.transcript.append(number, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text))
        store.claims.handoff(number, "asked")
        store.claims.claim(number, "Bo")
        store.claims.close(number, "Bo", "solved", summary)
    return number


def test_index_makes_what_is_missing_and_only_that(run: Run, home: Path, encoder: None) -> None:
    """Each closed conversation gets its vectors once; a second run has nothing to do."""
    past(home, "the pairing light blinks red", "Paired again.")
    past(home, "invoice was charged twice", "Refunded one.")
    done = run("sessions", "index")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "2 conversations made findable by meaning, 0 were before" in done.stderr
    assert "0 conversations made findable by meaning, 2 were before" in run("sessions", "index").stderr


def test_index_without_an_encoder_says_what_to_do(run: Run, home: Path) -> None:
    """It is an error with a hint, and no traceback."""
    done = run("sessions", "index")
    assert done.exit_code != 0
    assert "no vectors can be made: there is no index yet" in done.stderr
    assert "agentassist kb index" in done.stderr


def test_meaning_finds_what_words_do_not(run: Run, home: Path, encoder: None) -> None:
    """Other forms of the words find the conversation, and the line says by what it was found."""
    number = past(home, "the pairing light blinks red", "Paired again.")
    past(home, "invoice was charged twice", "Refunded one.")
    run("sessions", "index")
    assert run("sessions", "search", "--words", "pair", "blinking").stdout == ""
    done = run("sessions", "search", "pair", "blinking")
    first = done.stdout.splitlines()[0]
    assert first.split()[0] == str(number)
    assert "by meaning" in first
    (item,) = json.loads(run("sessions", "search", "--meaning", "pair", "blinking", "--json").stdout)
    assert (item["found_by"], item["entry"], item["conversation"]["id"]) == (["meaning"], None, number)
    assert 0.3 < item["similarity"] <= 1


def test_what_both_find_comes_first(run: Run, home: Path, encoder: None) -> None:
    """The merged order begins with what has the words and is about them; each is found once."""
    about = past(home, "relay board clicks", "Relay replaced.")
    newer = past(home, "relay is one of a hundred other words in a long story of nothing at all that is said", "No.")
    run("sessions", "index")
    found = json.loads(run("sessions", "search", "relay", "--json").stdout)
    assert found[0]["found_by"] == ["words", "meaning"]
    entries = [(item["conversation"]["id"], item["entry"] and item["entry"]["seq"]) for item in found]
    assert len(entries) == len(set(entries))
    assert {number for number, _ in entries} == {about, newer}


def test_what_is_not_indexed_is_said(run: Run, home: Path, encoder: None) -> None:
    """A search that can only see a part of the past says how much, and how to see all."""
    past(home, "the pairing light blinks red", "Paired again.")
    done = run("sessions", "search", "--meaning", "pair")
    assert "by meaning only 0 of 1 closed conversations are found: agentassist sessions index" in done.stderr


def test_without_an_index_it_goes_on_with_words(run: Run, home: Path) -> None:
    """Also when only meaning was asked for; the reason is on stderr, what was found on stdout."""
    number = past(home, "the pairing light blinks red", "Paired again.")
    for option in ([], ["--meaning"]):
        done = run("sessions", "search", *option, "pairing")
        assert (done.exit_code, done.stdout.split()[0]) == (0, str(number))
        assert done.stderr.startswith("by words only: there is no index yet")


def test_what_is_forgotten_is_not_found_nor_made_again(run: Run, home: Path, encoder: None) -> None:
    """After a customer's memory was erased no search by meaning finds their conversations, and no run makes them."""
    past(home, "the pairing light blinks red", "Paired again.")
    run("sessions", "index")
    with Store.open(home / "agentassist.db", SystemClock()) as store:
        assert store.similar.forget_customer("c-Li Wei") == 1
    assert run("sessions", "search", "--meaning", "pairing light").stdout == ""
    assert "0 conversations made" in run("sessions", "index").stderr


def test_hostile_words_are_only_shown(run: Run, home: Path, encoder: None) -> None:
    """What was said and who said it attack no terminal, in lines and as JSON."""
    past(home, f"pairing light {HOSTILE}", f"Paired {HOSTILE}", HOSTILE)
    run("sessions", "index")
    for option in (["--meaning"], ["--meaning", "--json"], []):
        done = run("sessions", "search", *option, "pairing", "light")
        assert done.stdout
        bad = [char for char in done.stdout + done.stderr if char != "\n" and unicodedata.category(char) in FORBIDDEN]
        assert bad == []
