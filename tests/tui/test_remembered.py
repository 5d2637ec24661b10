"""What agents did in similar conversations, and what says nearly the same: beside suggestions, and in plain lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agentassist.models import Outcome, Recalled
from agentassist.session.offers import Offer
from agentassist.tui.plain import printing
from agentassist.tui.screens.article import ArticleScreen

HOSTILE = "\x1b]52;c;cHduZWQ=\x07[@click=app.quit]free[/] \u202e"
RECALLED = Recalled(0.8, 14, 11, 2, 0.83)


def remembered(world: Any, library: Any, *, title: str = "Reset a Dial") -> None:
    """Let the first hit be one that was sent before, with another that says nearly the same."""
    first, *rest = library.hits
    alike = replace(first.article, id="alike", title=title, url="https://help.example/alike")
    library.hits = (replace(first, recalled=RECALLED, folded=(alike,)), *rest)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_a_row_says_what_was_done_before(world: Any, size: tuple[int, int]) -> None:
    """One line more at most where there is room, and the other suggestions say nothing of it."""
    number = world.arrive()
    backend = world.backend()
    remembered(world, backend.library)
    async with world.desk(backend, size=size) as seat:
        await seat.claim(number)
        await seat.press("ctrl+g")
        await seat.shows("sent in 14 similar, 11 solved")
        await seat.shows("+1 nearly the same")
        assert seat.text.count("similar, ") == 1
        (reason,) = [line for line in seat.text.splitlines() if "says “code”" in line]
        assert ("11 solved · +1 nearly the same" in reason) is (size[0] == 80)


async def test_no_memory_looks_as_before(world: Any) -> None:
    """Where nothing is remembered and nothing left out, nothing is said of it."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.shows("says “code”")
        assert "solved" not in seat.text
        assert "nearly the same" not in seat.text


async def test_why_says_all_of_it(world: Any) -> None:
    """Words, meaning, memory with its counts, and what was left out."""
    number = world.arrive()
    backend = world.backend()
    remembered(world, backend.library)
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.press("escape", "w")
        await seat.shows("sent in 14 similar conversations, 11 solved; turned")
        await seat.shows("Left out for it, since they say nearly the same")
        for words in (
            "down in 2",
            "“code”",
            "close: 0.80",
            "alike to 0.83",
            "Reset a Dial · https://help.example/alike",
        ):
            assert words in seat.text


async def test_what_is_left_out_is_read_and_inserted(world: Any) -> None:
    """`a` reads it, all of it; `i` puts it into the reply, and it is recorded as inserted and then as sent."""
    number = world.arrive()
    backend = world.backend()
    remembered(world, backend.library)
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.press("escape", "w")
        await seat.until(lambda: isinstance(seat.app.screen, ArticleScreen) and seat.app.screen.ready)
        await seat.press("a")
        await seat.shows("All of alike.")
        await seat.shows("2 of 2 that say nearly the same")
        await seat.shows("It says nearly the same as “Reset the pairing code”")
        await seat.press("a")
        await seat.shows("sent in 14 similar conversations")
        await seat.press("a", "i")
        await seat.until(lambda: seat.desk.composer.has_focus)
        assert seat.desk.composer.text.strip() == "Reset a Dial\nhttps://help.example/alike"

        def kept(outcome: Outcome) -> bool:
            rows = world.store.suggestions.of(number)
            return any(row.article_id == "alike" and outcome in row.outcomes for row in rows)

        await seat.until(lambda: kept(Outcome.INSERTED), "the record")
        await seat.press("enter")
        await seat.until(lambda: kept(Outcome.SENT), "the record of the send")
        (entry,) = [entry for entry in world.store.transcript.entries(number) if "alike" in (entry.text or "")]
        assert entry.data["article"] == "alike"


async def test_who_only_looks_inserts_nothing(world: Any) -> None:
    """Reading is open to everybody; without a claim it says what to do first."""
    world.arrive()
    backend = world.backend()
    remembered(world, backend.library)
    async with world.desk(backend) as seat:
        await seat.press("space")
        await seat.until(lambda: bool(seat.desk.suggesting.offers), "suggestions")
        await seat.press("w")
        await seat.until(lambda: isinstance(seat.app.screen, ArticleScreen) and seat.app.screen.ready)
        await seat.press("i")
        await seat.shows("Claim the conversation first")
        assert seat.desk.composer.text == ""


async def test_no_good_match_stays_silent(world: Any) -> None:
    """What is remembered of hits that are no good match is not told before they are asked for."""
    number = world.arrive()
    backend = world.backend()
    remembered(world, backend.library)
    backend.library.no_match = True
    async with world.desk(backend) as seat:
        seat.desk.conversation.claim(number)
        await seat.shows("No good match")
        assert "similar" not in seat.text


async def test_hostile_titles_are_only_text(world: Any) -> None:
    """A title of what was left out does nothing, in the dialog and as the one that is read."""
    number = world.arrive()
    backend = world.backend()
    remembered(world, backend.library, title=HOSTILE)
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.press("escape", "w")
        await seat.until(lambda: isinstance(seat.app.screen, ArticleScreen) and seat.app.screen.ready)
        await seat.shows("[@click=app.quit]free[/]")
        await seat.press("a")
        await seat.shows("All of alike.")
        assert not any(char in seat.text for char in "\x1b\x07\u202e")


def test_plain_lines_say_it_in_words(world: Any) -> None:
    """The suggestion's line, and each part of why in a line of its own; hostile titles are only text."""
    hit = replace(world.hit(1, "Reset", "Hold the code button.", word="code"), recalled=RECALLED)
    alike = replace(hit.article, id="alike", title=HOSTILE, url="https://help.example/alike")
    offer = Offer(replace(hit, folded=(alike,)))
    line = printing.offer_line(offer)
    assert "sent in 14 similar conversations, 11 solved; turned down in 2, 1 other says nearly the same" in line
    why = printing.why_lines(offer)
    assert why[:2] == ["Why 1: says “code”", "Why 1: sent in 14 similar conversations, 11 solved; turned down in 2"]
    assert why[-1].startswith("Why 1: nearly the same: ")
    assert why[-1].endswith("https://help.example/alike")
    assert not any(char in "".join(why) for char in "\x1b\x07\u202e")
    assert "similar" not in "".join(printing.why_lines(Offer(replace(hit, recalled=None))))
