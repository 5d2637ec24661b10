"""Suggestions: there before the agent types, true to the last burst, honest when there is nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agentassist.models import Audience
from agentassist.tui.screens import desk_suggestions


async def test_filled_before_the_agent_types(world: Any) -> None:
    """Opening a conversation is enough: rank, title, kind with second, passage, reason and marks are there."""
    number = world.arrive()
    async with world.desk(size=(200, 60)) as seat:
        await seat.claim(number)
        for words in (
            "1 Reset the pairing code",
            "Hold the code button",
            "says “code”",
            "▶ video 3:12",
            "internal",
            "verbatim",
            "search: by meaning",
        ):
            await seat.shows(words)


async def test_matched_words_are_highlighted(world: Any) -> None:
    """The matched words of a passage stand out from the rest, also without colour."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.shows("Hold the code button")
        segments = [
            segment
            for y in range(seat.desk.suggestions.size.height)
            for segment in seat.desk.suggestions.render_line(y)
        ]
        styles = {segment.text: segment.style for segment in segments}
        assert styles["code"].underline
        assert not styles["Hold the "].underline


async def test_a_burst_is_one_query(world: Any) -> None:
    """Each entry of a burst refreshes the suggestions with the whole burst in one query."""
    number = world.arrive("Dana Reyes", "hello")
    async with world.desk() as seat:
        await seat.claim(number)
        world.say(number, "the ring is amber")
        world.say(number, "sorry I mean red")
        await seat.until(lambda: "amber" in _last(seat) and "red" in _last(seat))
        assert seat.backend.library.queries[-1].seq == world.store.transcript.entries(number)[-1].seq


async def test_no_good_match_is_said(world: Any) -> None:
    """When nothing fits the panel says so instead of showing noise; to whom searched already it offers other words."""
    number = world.arrive()
    backend = world.backend()
    backend.library.hits = ()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.shows("No good match. Search")
        await seat.press("f3", "slash", *"pizza")
        await seat.shows("No good match. Try other")
        await seat.press("escape")
        await seat.shows("No good match. Search")


async def test_what_can_wait_gets_ready_before_a_customer_waits(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once search is ready the memory is read and the friction meter learns: no conversation has to be open."""
    order: list[str] = []
    backend = world.backend()

    def warm() -> str:
        order.append("search")
        return ""

    monkeypatch.setattr(backend.library, "warm", warm)
    monkeypatch.setattr(backend.library, "warm_meter", lambda *_: order.append("meter"))
    monkeypatch.setattr(backend, "learn", lambda: order.append("memory"))
    async with world.desk(backend) as seat:
        await seat.until(lambda: len(order) == 3)
    assert order == ["search", "memory", "meter"]


async def test_degraded_search_is_told_twice(world: Any) -> None:
    """Search that is less than it should be says so in its panel and in the status line, and still shows hits."""
    number = world.arrive()
    backend = world.backend()
    backend.library.degraded = "keyword search only: the encoder is missing"
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.shows("Reset the pairing code")
        await seat.until(lambda: seat.text.count("keyword search only") == 2, "both places")
        assert "keyword search only" in seat.text.splitlines()[0]
        backend.library.degraded = ""
        world.say(number, "hello?")
        await seat.shows("search: by meaning")
        assert "keyword search only" not in seat.text


async def test_typed_search_and_back(world: Any) -> None:
    """Typed words are searched when typing rests; Esc brings the conversation's own suggestions back."""
    number = world.arrive()
    backend = world.backend()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        backend.library.hits = (world.hit(1, "Refund times", "Five to seven business days.", id="refund-times"),)
        await seat.press("escape", "slash")
        await seat.write("refund fn1")
        await seat.shows("Refund times")
        assert _last(seat) == "refund fn1"
        assert world.store.suggestions.of(number)[-1].article_id != "refund-times"
        await seat.press("escape")
        await seat.shows("Reset the pairing code")
        assert seat.desk.search_box.value == ""


async def test_a_typed_find_is_recorded_when_it_is_inserted(world: Any) -> None:
    """What a typed search found enters the records with the insertion, so that its sending is known."""
    number = world.arrive()
    backend = world.backend()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        backend.library.hits = (world.hit(1, "Refund times", "Five days.", id="refund-times"),)
        await seat.press("escape", "slash")
        await seat.write("refund")
        await seat.shows("Refund times")
        await seat.press("enter")
        await seat.until(lambda: not seat.desk.suggesting.just_moved(1))
        await seat.press("1")
        await seat.until(lambda: "refund-times" in seat.desk.composer.text)
        await seat.until(lambda: world.store.suggestions.of(number)[-1].article_id == "refund-times")
        await seat.until(lambda: len(world.store.suggestions.of(number)[-1].outcomes) == 2)
        await seat.press("enter")
        await seat.until(lambda: "sent" in world.store.suggestions.of(number)[-1].outcomes)


async def test_search_without_a_conversation(world: Any) -> None:
    """The search box works before anything is open."""
    async with world.desk() as seat:
        await seat.press("f3", "slash", "c", "o", "d", "e")
        await seat.shows("Reset the pairing code")


async def test_reading_in_full(world: Any) -> None:
    """Enter on a suggestion shows its whole passage, link and review; Esc returns."""
    number = world.arrive()
    backend = world.backend()
    backend.library.hits = (world.hit(1, "Long one", "word " * 200 + "the very end", word="end"),)
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.press("ctrl+g", "enter")
        await seat.until(lambda: len(seat.app.screen_stack) == 2)
        await seat.shows("https://help.example/article-1")
        await seat.press("end")
        await seat.shows("the very end")
        await seat.press("escape")
        assert len(seat.app.screen_stack) == 1


def _last(seat: Any) -> str:
    """Return the heaviest part of the last query."""
    queries = seat.backend.library.queries
    return str(queries[-1].parts[0].text) if queries and queries[-1].parts else ""


async def test_a_suggestion_is_read_with_its_whole_article(world: Any) -> None:
    """Enter on a suggestion shows the passage, and below it every passage of the article under its heading."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.press("ctrl+g", "enter")
        await seat.shows("The whole article")
        await seat.shows("Afterwards")
        await seat.shows("Check that the ring light is white.")
        assert "▸ Before you begin" in seat.text


async def test_a_digit_never_takes_what_has_just_slipped_under_it(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A digit inserts nothing where the suggestion has just become another one, and works where it stayed the same."""
    monkeypatch.setattr(desk_suggestions, "STILL_SECONDS", 60.0)
    number = world.arrive()
    backend = world.backend()
    async with world.desk(backend) as seat:
        await seat.claim(number)
        first, second, *_ = backend.library.hits
        backend.library.hits = (first, world.hit(2, "Refund times", "Five days.", id="refund-times"))
        world.say(number, "and my refund?")
        await seat.shows("Refund times")
        await seat.press("ctrl+g", "2")
        await seat.shows("The suggestions have just changed:")
        assert seat.desk.suggestion_note.words == "The suggestions have just changed: press again."
        assert seat.desk.composer.text == ""
        assert all(row.outcomes[-1] == "shown" for row in world.store.suggestions.of(number))
        await seat.press("1")
        await seat.until(lambda: first.link in seat.desk.composer.text)
        monkeypatch.setattr(desk_suggestions, "STILL_SECONDS", 0.0)
        await seat.press("ctrl+g", "2")
        await seat.until(lambda: "refund-times" in seat.desk.composer.text)
        assert second.link not in seat.desk.composer.text


def test_a_finger_has_time_to_stop() -> None:
    """The time is long enough to see that the list has changed, and short enough not to be in the way."""
    assert desk_suggestions.STILL_SECONDS == 0.6


@pytest.mark.parametrize(
    ("trouble", "short"),
    [
        ("keyword search only: the encoder cannot be loaded because its folder is not there", "keyword search only"),
        ("no suggestions: there is no index yet. Build it: agentassist kb index --all", "no index"),
    ],
)
async def test_the_status_line_is_short_where_there_is_little_room(world: Any, trouble: str, short: str) -> None:
    """At 80 columns the status line says in two words how search is, the panel says it in full; nothing is counted."""
    number = world.arrive()
    world.store.followups.add(number, None, "Ada", "x", world.clock.now() + timedelta(seconds=1), "UTC", "")
    world.clock.move(5)
    backend = world.backend()
    backend.library.degraded = trouble

    def first_line() -> str:
        seat.app.clear_notifications()  # the one of the follow-up lies above the line
        return str(seat.text.splitlines()[0].rstrip())

    async with world.desk(backend, size=(80, 24)) as seat:
        await seat.until(lambda: first_line().endswith(f"· {short}"))
        assert seat.desk.suggestion_note.words == trouble
        await seat.pilot.resize_terminal(200, 30)
        await seat.until(lambda: first_line().endswith(trouble))


async def test_an_article_without_a_link_has_no_row_for_it(world: Any) -> None:
    """The dialog of an internal article shows no row that has nothing to say."""
    number = world.arrive()
    backend = world.backend()
    backend.library.hits = (world.hit(1, "Goodwill", "Up to 20.", url="", audience=Audience.INTERNAL),)
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.press("ctrl+g", "enter")
        await seat.shows("internal: for agents only")
        assert "Link" not in seat.text


async def test_an_answer_goes_when_it_is_not_true_any_more(world: Any) -> None:
    """A digit is told that there is no good match; once there is one, that is not on screen any more."""
    number = world.arrive()
    backend = world.backend()
    backend.library.no_match = True
    async with world.desk(backend) as seat:
        seat.desk.conversation.claim(number)
        await seat.shows("Enter here shows")
        await seat.press("escape", "2")
        await seat.shows("No good match: Enter in the")
        backend.library.no_match = False
        world.say(number, "the ring is amber")
        await seat.shows("Hold the code button")
        assert "No good match" not in seat.text


async def test_another_conversation_shows_nothing_of_the_one_before(world: Any) -> None:
    """However long the first search of a conversation takes: what was for another customer is off the screen."""
    one, two = world.arrive("Dana Reyes"), world.arrive("Li Wei")
    async with world.desk() as seat:
        await seat.claim(one)
        await seat.shows("Reset the pairing code")
        gate = seat.backend.hold_knowledge()
        seat.desk.conversation.open(two)
        await seat.shows("Searching")
        assert seat.desk.conversation.current.id == two
        assert "Reset the pairing code" not in seat.text
        assert seat.desk.suggesting.just_moved(1)  # a finger that was on its way meant the one before
        gate.set()
        await seat.shows("Reset the pairing code")


async def test_claiming_what_is_looked_at_keeps_its_suggestions(world: Any) -> None:
    """What is on screen for a conversation is there for a digit all the time, also while it is searched again."""
    number = world.arrive()
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.shows("Reset the pairing code")
        gate = seat.backend.hold_knowledge()
        seat.desk.conversation.claim(number)
        await seat.until(lambda: seat.desk.conversation.current.mine, "the claim")
        assert "Reset the pairing code" in seat.text
        assert seat.desk.suggesting.offer(1) is not None
        gate.set()
