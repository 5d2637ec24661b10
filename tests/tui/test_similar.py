"""Past conversations that are like the open one: told of, listed, read, and never sent."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from agentassist.models import Author, EntryKind, Mode, NewEntry, Query, SearchResult
from agentassist.session import past_keeping
from agentassist.session.desk import Desk
from agentassist.tui.screens.entry import EntryScreen
from agentassist.tui.screens.similar import SimilarEntry, SimilarList, SimilarScreen

HOSTILE = "\x1b]52;c;aGk=\x07\x1b[2J\u202eevil[@click=app.quit]x[/]"
DONE = "I have replaced the relay board in your bridge."
FORBIDDEN = {"Cc", "Cs", "Cf", "Zl", "Zp"}


def vector(text: str) -> bytes:
    """Return a unit vector in which each word of a text has a place: texts with the same words are alike."""
    row = np.zeros(64, dtype=np.float32)
    for word in re.findall(r"\w+", text.lower()):
        row[zlib.crc32(word.encode()) % 64] += 1.0
    size = float(np.linalg.norm(row))
    return bytes((row / size if size else row).astype("<f2").tobytes())


def understanding(backend: Any) -> None:
    """Give a desk's knowledge base an encoder that goes by words."""
    library = backend.library

    def embed(texts: Sequence[str]) -> tuple[str, tuple[bytes, ...]]:
        return "words", tuple(vector(text) for text in texts)

    def search(query: Query, *, limit: int = 5, **_: object) -> SearchResult:
        asked = " ".join(part.text for part in query.parts if part.source != "agent")
        return SearchResult(library.hits[:limit], Mode.HYBRID, "", 1.0, False, vector(asked), "words")

    library.embed, library.search = embed, search


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make vectors without waiting for a quiet moment, and count as similar what shares some words."""
    monkeypatch.setattr(past_keeping, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(past_keeping, "SOON_SECONDS", 0.0)
    monkeypatch.setattr(past_keeping, "FLOOR", 0.3)


def closed(
    world: Any,
    name: str,
    *messages: str,
    disposition: str = "solved",
    reply: str = DONE,
    title: str = "",
) -> int:
    """Let Bo have and close a conversation; return its number."""
    number = int(world.arrive(name, *messages))
    world.store.claims.claim(number, "Bo")
    world.store.transcript.send(number, "Bo", NewEntry(Author.AGENT, EntryKind.MESSAGE, reply, "Bo"), seen_seq=999)
    if title:
        data = {"article": "a", "title": title, "url": "https://help.example/a"}
        entry = NewEntry(Author.AGENT, EntryKind.ARTICLE, f"{title}\nhttps://help.example/a", "Bo", data)
        world.store.transcript.send(number, "Bo", entry, seen_seq=999)
    world.store.claims.close(number, "Bo", disposition, "")
    return number


async def made(seat: Any, *numbers: int) -> None:
    """Wait until the vectors of these conversations are in the records and at the desk."""
    keeping = seat.desk.similar._keeping

    def there() -> bool:
        keeping.tick()
        rows = {row.conversation_id for row in seat.world.store.similar.page("words", below=10**6, limit=1000)}
        held = keeping.vectors._nearest
        return rows.issuperset(numbers) and held is not None and len(held) >= len(rows) and not keeping._busy

    await seat.until(there, "vectors")


@pytest.fixture
def story(world: Any) -> dict[str, int]:
    """Two solved past conversations and one that was not, like the open one; and the open one's customer's own."""
    return {
        "solved": closed(world, "Li Wei", "the relay in my bridge clicks all night", title="Relay boards"),
        "passed": closed(world, "Kim Ode", "relay bridge clicks all night long", disposition="passed-on"),
        "own": closed(world, "Dana Reyes", "the relay in my bridge clicks all night"),
        "other": closed(world, "Sam Otis", "invoice charged twice credit card statement"),
        "open": int(world.arrive("Dana Reyes", "the relay in my bridge clicks all night again")),
    }


async def looked(seat: Any, story: dict[str, int]) -> None:
    """Claim the open conversation and wait for what is like it."""
    await made(seat, story["solved"], story["passed"], story["own"])
    await seat.claim(story["open"])
    await seat.until(lambda: bool(seat.desk.similar.pasts), "similar conversations")


async def test_a_line_tells_of_them_and_a_key_lists_them(world: Any, story: dict[str, int]) -> None:
    """The solved ones first, the others marked; never the customer's own, and no customer is named."""
    backend = world.backend()
    understanding(backend)
    async with world.desk(backend) as seat:
        await looked(seat, story)
        numbers = [past.conversation_id for past in seat.desk.similar.pasts]
        assert numbers[0] == story["solved"], "the solved one is first, though the other is as near"
        assert story["passed"] in numbers
        assert story["own"] not in numbers
        assert story["open"] not in numbers
        assert seat.desk.similar_line.told.startswith(f"{len(numbers)} similar conversations: m")
        await seat.press("escape", "m")
        await seat.until(lambda: isinstance(seat.app.screen, SimilarList), "the list")
        for words in ("✓ ", "Solved", "Bo", "replaced the relay board", "sent Relay boards", "– "):
            await seat.shows(words)
        for name in ("Li Wei", "Kim Ode", "Wei", "Kim"):
            assert name not in seat.text
        await seat.press("pagedown")
        await seat.shows("Ended not solved.")


async def test_one_is_read_and_nothing_of_it_goes_anywhere(
    world: Any, story: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enter reads it; no key quotes, copies, searches, claims, reopens or opens it; the reply stays empty."""
    backend = world.backend()
    understanding(backend)
    copied: list[str] = []
    async with world.desk(backend) as seat:
        monkeypatch.setattr(seat.app, "copy_to_clipboard", copied.append)
        await looked(seat, story)
        before = {item.id: item.last_seq for item in world.store.sessions.list()}
        await seat.press("escape", "m")
        await seat.until(lambda: isinstance(seat.app.screen, SimilarList) and seat.app.screen.ready, "the list")
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, SimilarScreen) and seat.app.screen.ready, "it")
        await seat.shows("relay board")
        await seat.press("end", "up")
        for key in ("y", "q", "s", "ctrl+o", "c", "o", "1", "alt+1", "ctrl+s", "ctrl+c"):
            if key == "ctrl+s":
                continue  # closes what is read, as in every dialog
            await seat.press(key)
            assert isinstance(seat.app.screen, SimilarScreen), key
        screen = seat.app.screen
        for action in ("copy_entry", "quote_entry", "search_entry", "reopen", "claim", "open"):
            assert screen.check_action(action, ()) is False
            getattr(screen, f"action_{action}")()
        await seat.press("home", "down", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, EntryScreen), "an entry")
        assert isinstance(seat.app.screen, SimilarEntry)
        await seat.press("y", "ctrl+c")
        seat.app.screen.action_copy_entry()
        await seat.press("escape", "escape", "escape")
        await seat.until(lambda: seat.app.screen is seat.desk, "the desk")
        await seat.press("r", "ctrl+v")
        assert seat.desk.composer.text == ""
        assert seat.desk.search_box.value == ""
        assert copied == []
        assert {item.id: item.last_seq for item in world.store.sessions.list()} == before


async def test_no_digit_means_one_of_them(world: Any, story: dict[str, int]) -> None:
    """Digits insert and Alt+digits send articles only: a past conversation has no rank."""
    backend = world.backend()
    understanding(backend)
    backend.library.hits = ()
    async with world.desk(backend) as seat:
        await made(seat, story["solved"])
        await seat.claim(story["open"])
        await seat.until(lambda: bool(seat.desk.similar.pasts), "similar conversations")
        before = world.texts(story["open"])
        await seat.press("escape", "1", "alt+1", "ctrl+g", "1", "enter")
        assert seat.desk.composer.text == ""
        assert seat.desk.suggesting.offers == ()
        assert world.texts(story["open"]) == before


async def test_what_is_closed_at_the_desk_is_found_next(world: Any) -> None:
    """A conversation that is closed gets its vectors by itself, and the next customer's finds it."""
    backend = world.backend()
    understanding(backend)
    first = world.arrive("Li Wei", "the relay in my bridge clicks all night")
    async with world.desk(backend) as seat:
        await seat.claim(first)
        await seat.desk.closing.close(seat.desk.conversation.current, "solved", "Replaced the relay.")
        assert world.store.queue.get(first).state == "closed"
        await made(seat, first)
        second = world.arrive("Ana Mo", "my bridge relay clicks all night")
        await seat.claim(second)
        await seat.until(lambda: [past.conversation_id for past in seat.desk.similar.pasts] == [first], "it")


async def test_without_an_encoder_nothing_is_told(world: Any, story: dict[str, int]) -> None:
    """No line, no error; the key says so in words."""
    async with world.desk() as seat:
        await seat.claim(story["open"])
        await seat.press("escape", "m")
        await seat.shows("No past conversation is like")
        assert not seat.desk.similar_line.display


async def test_it_fits_a_small_terminal(world: Any, story: dict[str, int]) -> None:
    """At 80×24 the line is below the suggestions, and the list shows all of its parts."""
    backend = world.backend()
    understanding(backend)
    async with world.desk(backend, size=(80, 24)) as seat:
        await looked(seat, story)
        await seat.press("ctrl+g")
        await seat.shows("similar conversations: m")
        await seat.press("m")
        await seat.until(lambda: isinstance(seat.app.screen, SimilarList), "the list")
        await seat.shows("never sent")
        await seat.shows("replaced the relay board")
        await seat.shows("entries")


async def test_hostile_words_are_only_shown(world: Any) -> None:
    """A past conversation that attacks the terminal is text in the list and while it is read."""
    backend = world.backend()
    understanding(backend)
    text = f"relay bridge clicks all night {HOSTILE}"
    old = closed(world, HOSTILE, text, reply=f"I have replaced it {HOSTILE} now.", title=f"Title {HOSTILE}")
    number = world.arrive("Dana Reyes", "relay bridge clicks all night")
    async with world.desk(backend) as seat:
        await made(seat, old)
        await seat.claim(number)
        await seat.until(lambda: bool(seat.desk.similar.pasts), "similar conversations")
        await seat.press("escape", "m")
        await seat.until(lambda: isinstance(seat.app.screen, SimilarList) and seat.app.screen.ready, "the list")
        safe(seat.text)
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, SimilarScreen), "it")
        await seat.shows("replaced")
        safe(seat.text)
        await seat.press("end", "enter")
        safe(seat.text)


def safe(text: str) -> None:
    """Fail when a character could do more than be seen."""
    assert [char for char in text if char != "\n" and unicodedata.category(char) in FORBIDDEN] == []


async def test_what_is_forgotten_is_gone_from_the_list(world: Any, story: dict[str, int]) -> None:
    """An erased customer's conversation is not listed any more, though the desk still counted it."""
    backend = world.backend()
    understanding(backend)
    async with world.desk(backend) as seat:
        await looked(seat, story)
        world.store.similar.forget_customer("cust-Li Wei")
        told = backend.records(Desk.told, seat.desk.similar.pasts).result()
        assert story["solved"] not in [past.conversation_id for past in told]
        near = ((story["solved"], 0.9), (story["passed"], 0.8))
        left = backend.records(Desk.similar, story["open"], near, "words").result()
        assert [past.conversation_id for past in left] == [story["passed"]]
