"""Similar past conversations in plain mode: told of, listed, read out, and never sent."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Callable, Sequence
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest

from agentassist.models import Author, EntryKind, Mode, NewEntry, Query, SearchResult
from agentassist.session import past_keeping

HOSTILE = "\x1b]52;c;aGk=\x07\x1b[2J\u202eevil"
FORBIDDEN = {"Cc", "Cs", "Cf", "Zl", "Zp"}
ASKED = "the relay in my bridge clicks all night"
Plain = Callable[..., Any]


def vector(text: str) -> bytes:
    """Return a unit vector in which each word of a text has a place."""
    row = np.full(64, 1e-3, dtype=np.float32)
    for word in re.findall(r"\w+", text.lower()):
        row[zlib.crc32(word.encode()) % 64] += 1.0
    return bytes((row / np.linalg.norm(row)).astype("<f2").tobytes())


def understanding(library: Any) -> None:
    """Give a knowledge base an encoder that goes by words."""

    def embed(texts: Sequence[str]) -> tuple[str, tuple[bytes, ...]]:
        return "words", tuple(vector(text) for text in texts)

    def search(query: Query, *, limit: int = 5, **_: object) -> SearchResult:
        asked = " ".join(part.text for part in query.parts if part.source != "agent")
        return SearchResult(library.hits[:limit], Mode.HYBRID, "", 1.0, False, vector(asked), "words")

    library.embed, library.search = embed, search


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make vectors without waiting for a quiet moment."""
    monkeypatch.setattr(past_keeping, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(past_keeping, "SOON_SECONDS", 0.0)
    monkeypatch.setattr(past_keeping, "FLOOR", 0.3)


def closed(world: Any, name: str, text: str = ASKED, summary: str = "Replaced the relay board.") -> int:
    """Let Bo have and close a conversation; return its number."""
    number = int(world.arrive(name, text))
    world.store.claims.claim(number, "Bo")
    entry = NewEntry(Author.AGENT, EntryKind.MESSAGE, "I have sent a board.", "Bo")
    world.store.transcript.send(number, "Bo", entry, seen_seq=999)
    world.store.claims.close(number, "Bo", "solved", summary)
    return number


def made(ear: Any, number: int) -> None:
    """Let the desk make and hold the vectors of a conversation."""
    keeping = ear.desk.similar._keeping
    end = monotonic() + 60
    while keeping.vectors._nearest is None or number not in keeping.vectors._nearest._place or keeping._busy:
        assert monotonic() < end, "the vectors were never made"
        keeping.tick()
        sleep(0.01)  # lets the desk's own threads have their turn


def test_they_are_told_listed_and_read(world: Any, plain: Plain) -> None:
    """How many when the conversation is opened; how each was solved without its customer; one read out in full."""
    old = closed(world, "Li Wei")
    ear = plain()
    understanding(ear.backend.library)
    ear.begin()
    made(ear, old)
    number = world.arrive("Dana Reyes", ASKED)
    said = ear.type(f"claim {number}", "similar")
    text = "\n".join(said)
    assert "Similar: 1 similar conversation, 1 solved. To list: similar" in said
    assert "How: Replaced the relay board." in said
    assert "Similar 1: solved" in text
    assert "Li" not in "\n".join(said[said.index("Similar: 1 similar conversation, 1 solved. To list: similar") :])
    read = ear.type("similar 1")
    assert read[0] == "System: Another customer's conversation, to be read and never sent."
    assert read[-1] == f"System: End of conversation {old}."
    assert any("I have sent a board." in line for line in read)
    assert ear.desk.conversation.current.id == number


def test_no_command_sends_or_inserts_one(world: Any, plain: Plain) -> None:
    """Where there are no articles there is nothing to insert, send, judge or view, however many are similar."""
    old = closed(world, "Li Wei")
    ear = plain()
    understanding(ear.backend.library)
    ear.backend.library.hits = ()
    ear.begin()
    made(ear, old)
    number = world.arrive("Dana Reyes", ASKED)
    ear.type(f"claim {number}", "similar", "similar 1")
    before = world.texts(number)
    for line in ("insert 1", "send 1", "i 1", "up 1", "view 1", "article 1", "send"):
        assert ear.type(line)[-1].startswith("Error: "), line
    assert ear.desk.reply.draft == ""
    assert world.texts(number) == before


def test_what_there_is_not_is_said(world: Any, plain: Plain) -> None:
    """Without a conversation, without any like it, and with a number that there is not."""
    ear = plain()
    ear.begin()
    assert ear.type("similar")[-1].startswith("Error: no conversation is open")
    number = world.arrive("Dana Reyes")
    ear.type(f"claim {number}")
    assert ear.type("similar")[-1] == "System: No past conversation is like this one."
    assert ear.type("similar 1")[-1].startswith("Error: there is no similar conversation 1")
    assert ear.type("similar x")[-1].startswith("Error: which similar conversation?")


def test_hostile_words_are_only_said(world: Any, plain: Plain) -> None:
    """Neither the list nor the reading prints anything but characters."""
    old = closed(world, HOSTILE, f"{ASKED} {HOSTILE}", f"Replaced {HOSTILE} it.")
    ear = plain()
    understanding(ear.backend.library)
    ear.begin()
    made(ear, old)
    number = world.arrive("Dana Reyes", ASKED)
    said = "".join(ear.type(f"claim {number}", "similar", "similar 1"))
    assert "Replaced" in said
    assert [char for char in said if unicodedata.category(char) in FORBIDDEN] == []


def test_what_is_closed_here_is_found_next(world: Any, plain: Plain) -> None:
    """Closing a conversation has it found for the next customer."""
    first = world.arrive("Li Wei", ASKED)
    ear = plain()
    understanding(ear.backend.library)
    ear.begin()
    ear.type(f"claim {first}", "close now")
    made(ear, first)
    second = world.arrive("Ana Mo", ASKED)
    assert any(line.startswith("Similar: 1 similar") for line in ear.type(f"claim {second}", "similar"))
