"""v, w, + and - and x: each acts on the suggestion under the cursor, is recorded, and can be taken back."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest

from agentassist.config import DeskConfig
from agentassist.errors import StoreFullError
from agentassist.models import Mode, Outcome, Query, SearchResult
from agentassist.session import browser

OPENED, UP, DOWN, GONE, BACK, SHOWN = (
    Outcome.OPENED,
    Outcome.THUMBS_UP,
    Outcome.THUMBS_DOWN,
    Outcome.DISMISSED,
    Outcome.RESTORED,
    Outcome.SHOWN,
)


@pytest.fixture(autouse=True)
def links(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let no test open a browser; return what would have been opened."""
    opened: list[str] = []

    def open_link(link: str) -> bool:
        opened.append(link)
        return True

    monkeypatch.setattr(browser, "open_link", open_link)
    return opened


def life(world: Any, number: int, rank: int) -> tuple[Outcome, ...]:
    """Return what happened to the suggestion at a rank of the last search, without that it was shown."""
    rows = [row for row in world.store.suggestions.of(number) if row.rank == rank]
    return tuple(outcome for outcome in rows[-1].outcomes if outcome is not SHOWN)


async def test_view_opens_the_video_at_its_second(world: Any, links: list[str]) -> None:
    """The link of the one under the cursor goes to the browser and counts as opened; the focus stays."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("ctrl+g", "down", "f3", "v")
        await seat.until(lambda: links == ["https://help.example/article-2#t=192"])
        await seat.until(lambda: seat.desk.suggestion_note.words == "Opened in the browser.")
        await seat.until(lambda: life(world, number, 2) == (OPENED,))
        assert seat.desk.transcript.has_focus


@pytest.mark.parametrize("copies", [True, False])
async def test_without_a_browser_the_link_is_copied_and_shown(
    world: Any, monkeypatch: pytest.MonkeyPatch, copies: bool
) -> None:
    """Over ssh, where no browser opens, the link is on screen, and in the clipboard unless that is turned off."""
    monkeypatch.setattr(browser, "open_link", lambda _: False)
    world.config = dataclasses.replace(world.config, desk=DeskConfig(copy=copies))
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("f3", "v")
        await seat.until(lambda: seat.desk.suggestion_note.words.endswith("https://help.example/article-1"))
        assert seat.app.clipboard == ("https://help.example/article-1" if copies else "")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "javascript:alert(1)", "https://a.b/\x1b]52;c;eA==\x07", ""])
async def test_only_web_addresses_are_opened(world: Any, links: list[str], url: str) -> None:
    """Whatever a knowledge base names as a link, nothing but http and https is opened or copied."""
    number = world.arrive()
    backend = world.backend()
    backend.library.hits = (world.hit(1, "Evil", "Text.", url=url),)
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.press("f3", "v")
        await seat.until(lambda: seat.desk.suggestion_note.words[:3] in ("Not", "It "))
        await seat.settled()
        assert links == []
        assert seat.app.clipboard == ""


async def test_why(world: Any) -> None:
    """It opens at the reasons: rank and score, how likely, matched words, closeness, and every part that was asked."""
    number = world.arrive()
    backend = world.backend()
    first, second, *_ = backend.library.hits
    backend.library.hits = (first, dataclasses.replace(second, probability=0.914))
    async with world.desk(backend, size=(120, 50)) as seat:
        await seat.claim(number)
        await seat.press("ctrl+g", "down", "f3", "w")
        await seat.shows("Why it is suggested")
        lines = [line for line in seat.text.splitlines() if "Why it is suggested" in line or "video 3:12" in line]
        assert "Why it is suggested" in lines[0] or "video" not in lines[0]
        for words in (
            "2 of 2, with 50 % of the score of the first",
            "91 % of suggestions like this one",
            "“button”",
            "close: 0.80",
            "100 %  the last messages",
            "it still won't pair",
            "answers in the tree",
        ):
            await seat.shows(words)
        await seat.until(lambda: life(world, number, 2) == (OPENED,))
        await seat.press("escape")
        assert seat.desk.transcript.has_focus


async def test_probability_age_and_review_are_on_the_row(world: Any) -> None:
    """How likely, how old, and until when it is right; a review that is near is a warning in words."""
    number = world.arrive()
    backend = world.backend()
    first, second, *_ = backend.library.hits
    fresh = dataclasses.replace(first.article, updated=date(2026, 8, 20), review_by=date(2027, 8, 31))
    near = dataclasses.replace(second.article, updated=date(2026, 11, 19), review_by=date(2026, 12, 2))
    backend.library.hits = (
        dataclasses.replace(first, probability=0.914, article=fresh),
        dataclasses.replace(second, probability=None, article=near),
    )
    async with world.desk(backend, size=(200, 60)) as seat:
        await seat.claim(number)
        await seat.shows("91 %  article")
        await seat.shows("updated 3 months ago · review by 31 Aug 2027")
        await seat.shows("updated yesterday · review by 2 Dec, in 12 days")
        assert "%  ▶ video" not in seat.text
        await seat.pilot.resize_terminal(120, 36)
        await seat.shows("3 months old · review Aug 2027")
        await seat.shows("review in 12 days")


async def test_thumbs(world: Any) -> None:
    """A thumb is on the row and in the records; the same again takes it back, the other one replaces it."""
    number = world.arrive()
    async with world.desk(size=(200, 60)) as seat:
        await seat.claim(number)
        await seat.press("f3", "plus")
        await seat.shows("article · + good")
        await seat.press("minus")
        await seat.shows("article · - bad")
        assert "+ good" not in seat.text
        await seat.press("minus")
        await seat.until(lambda: "- bad" not in seat.text)
        await seat.settled()
        assert life(world, number, 1) == (UP, DOWN, BACK)


async def test_thumbs_are_undone_step_by_step(world: Any) -> None:
    """Undo brings back what was said before, and in the end that nothing was said."""
    number = world.arrive()
    async with world.desk(size=(200, 60)) as seat:
        await seat.claim(number)
        await seat.press("f3", "plus")
        await seat.shows("+ good")
        await seat.settled()
        await seat.press("minus")
        await seat.shows("- bad")
        await seat.settled()
        await seat.press("u")
        await seat.shows("+ good")
        await seat.until(lambda: life(world, number, 1) == (UP, DOWN, UP))
        await seat.press("u")
        await seat.until(lambda: "+ good" not in seat.text)
        await seat.until(lambda: life(world, number, 1) == (UP, DOWN, UP, BACK))


async def test_a_dismissed_one_goes_and_stays_away(world: Any) -> None:
    """The row goes, the others keep their rank, the next message does not bring it back, and undo does."""
    number = world.arrive()
    async with world.desk(size=(200, 60)) as seat:
        await seat.claim(number)
        await seat.settled()
        await seat.press("f3", "x")
        await seat.until(lambda: "Reset the pairing code" not in seat.text)
        assert [hit.rank for hit in seat.desk.suggestions.hits] == [2, 3, 4]
        await seat.until(lambda: life(world, number, 1) == (GONE,))
        world.say(number, "hello?")
        await seat.until(lambda: len({row.seq for row in world.store.suggestions.of(number)}) == 2)
        assert [hit.rank for hit in seat.desk.suggestions.hits] == [2, 3, 4]
        await seat.settled()
        await seat.press("u")
        await seat.shows("Reset the pairing code")
        assert [hit.rank for hit in seat.desk.suggestions.hits] == [1, 2, 3, 4]
        rows = [row for row in world.store.suggestions.of(number) if row.rank == 1]
        assert rows[0].outcomes[-1] is BACK


async def test_all_dismissed_is_no_gap(world: Any) -> None:
    """When everything was dismissed the panel says so, and no search that found nothing is recorded."""
    number = world.arrive()
    backend = world.backend()
    backend.library.hits = backend.library.hits[:1]
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.press("f3", "x")
        await seat.shows("You have dismissed")
        await seat.settled()
        world.say(number, "hello?")
        await seat.shows("hello?")
        await seat.until(lambda: len(backend.library.queries) >= 2)
        await seat.settled()
        assert all(searched.suggestions for searched in world.store.suggestions.searches(number))


async def test_who_asks_for_what_was_dismissed_gets_it(world: Any) -> None:
    """A search with the agent's own words shows it again; dismissing it there works too."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("f3", "x")
        await seat.until(lambda: [hit.rank for hit in seat.desk.suggestions.hits] == [2, 3, 4])
        await seat.press("slash")
        await seat.write("code")
        await seat.until(lambda: [hit.rank for hit in seat.desk.suggestions.hits] == [1, 2, 3, 4])
        await seat.until(lambda: not seat.desk.suggesting.just_moved(1))
        await seat.press("enter", "home", "x")
        await seat.until(lambda: [hit.rank for hit in seat.desk.suggestions.hits] == [2, 3, 4])


async def test_only_own_conversations_are_judged(world: Any) -> None:
    """Who only looks is told to claim it first, and leaves no trace."""
    number = world.arrive()
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.until(lambda: bool(seat.desk.suggesting.offers))
        for key in ("plus", "minus", "x"):
            await seat.press("f3", key)
            assert seat.desk.suggestion_note.words == "Claim the conversation first: c"
        await seat.press("w")
        await seat.shows("Why it is suggested")
        await seat.press("escape", "v")
        await seat.settled()
        assert world.store.suggestions.of(number) == ()


async def test_nothing_to_act_on(world: Any) -> None:
    """Without suggestions each key says so."""
    number = world.arrive()
    backend = world.backend()
    backend.library.hits = ()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        for key, words in (("v", "to open"), ("w", "to explain"), ("plus", "here"), ("x", "here")):
            await seat.press("f3", key)
            assert words in seat.desk.suggestion_note.words


async def test_a_thumb_that_cannot_be_saved_goes_again(world: Any) -> None:
    """The sign vanishes, and the panel says that it was not saved."""
    number = world.arrive()
    async with world.desk(size=(200, 60)) as seat:
        await seat.claim(number)
        await seat.settled()
        seat.backend.broken = StoreFullError("the disk is full", "Make room.")
        await seat.press("f3", "plus")
        await seat.shows("not saved: the disk is full")
        assert "+ good" not in seat.text
        await seat.press("x")
        await seat.shows("Reset the pairing code")


async def test_suggestions_are_shown_before_they_are_recorded(world: Any) -> None:
    """While the store is busy the suggestions are on screen; the records follow."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        seat.backend.library.hits = (world.hit(1, "Refund times", "Five days.", id="refund"),)
        gate = seat.backend.hold_records()
        seat.desk.suggesting.refresh()
        await seat.shows("Refund times")
        assert all(offer.suggestion is None for offer in seat.desk.suggesting.offers)
        gate.set()
        await seat.until(lambda: all(offer.suggestion for offer in seat.desk.suggesting.offers))


async def test_the_cursor_stays_on_its_article(world: Any) -> None:
    """When the agent has moved the cursor it stays on that article at its new rank; unmoved it is on the first."""
    number = world.arrive()
    backend = world.backend()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        first, second, *_ = backend.library.hits
        assert seat.desk.suggestions.chosen == first
        await seat.press("ctrl+g", "down")
        new = world.hit(1, "New", "New.", id="new")
        backend.library.hits = (new, dataclasses.replace(first, rank=2), dataclasses.replace(second, rank=3))
        world.say(number, "hello?")
        await seat.shows("New")
        assert seat.desk.suggestions.chosen.article.id == second.article.id
        await seat.press("home")
        backend.library.hits = (dataclasses.replace(first, rank=1), dataclasses.replace(new, rank=2))
        world.say(number, "hello??")
        await seat.until(lambda: len(seat.desk.suggestions.hits) == 2)
        assert seat.desk.suggestions.chosen.article.id == first.article.id
        await seat.press("end")
        backend.library.hits = (world.hit(1, "Other", "Other.", id="other"), dataclasses.replace(first, rank=2))
        world.say(number, "hello???")
        await seat.shows("Other")
        assert seat.desk.suggestions.chosen.article.id == "other"


async def test_no_good_match_is_kept_back(world: Any) -> None:
    """Weak hits wait behind a line; Enter shows them; the query counts as a gap all the same."""
    number = world.arrive()
    backend = world.backend()
    backend.library.no_match = True
    async with world.desk(backend) as seat:
        seat.desk.conversation.claim(number)
        await seat.shows("No good match")
        await seat.shows("Enter here shows the 4")
        assert "Reset the pairing code" not in seat.text
        await seat.press("f3", "1")
        assert seat.desk.suggestion_note.words.startswith("No good match: Enter in the suggestions")
        assert seat.desk.composer.text == ""
        await seat.settled()
        assert all(SHOWN not in row.outcomes for row in world.store.suggestions.of(number))
        await seat.press("ctrl+g", "enter")
        await seat.shows("No good match: the closest")
        await seat.shows("Reset the pairing code")
        await seat.settled()
        assert [row.outcomes for row in world.store.suggestions.of(number)] == [(SHOWN,)] * 4
        (searched,) = world.store.suggestions.searches(number)
        assert searched.no_match
        await seat.press("1")
        await seat.until(lambda: "article-1" in seat.desk.composer.text)


async def test_who_searches_sees_weak_hits_at_once(world: Any) -> None:
    """A search with the agent's own words shows what there is, and says that it is no good match."""
    backend = world.backend()
    backend.library.no_match = True
    async with world.desk(backend) as seat:
        await seat.press("f3", "slash")
        await seat.write("code")
        await seat.shows("No good match: the closest")
        await seat.shows("Reset the pairing code")


async def test_one_burst_is_one_search(world: Any) -> None:
    """Messages that come while a search runs are one more search, with all of them."""
    number = world.arrive()
    backend = world.backend()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        before = len(backend.library.queries)
        gate = backend.hold_knowledge()
        for text in ("the ring is amber", "sorry", "I mean red"):
            world.say(number, text)
        await seat.shows("I mean red")
        await seat.settled()
        gate.set()
        await seat.until(lambda: len(backend.library.queries) > before)
        await seat.settled()
        assert "amber" in backend.library.queries[-1].parts[0].text
        assert "red" in backend.library.queries[-1].parts[0].text
        assert len(backend.library.queries) == before + 1


def test_what_is_left_of_a_search_keeps_its_rows() -> None:
    """Of a search without what was dismissed, the others keep rank and order."""
    from agentassist.tui.screens.desk_suggestions import Found

    empty = Found(Query.typed("x"), SearchResult((), Mode.HYBRID))
    assert empty.without(frozenset({"a"})).offers == ()
    assert empty.hidden == 0
