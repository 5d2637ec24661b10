"""The line between page and server: cut, taken up again, shared; nothing is missed, and nothing doubled."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import expect

from agentassist.models import Author, EntryKind, State

if TYPE_CHECKING:
    from tests.browser.conftest import House, Visit, Visitor


async def waiting(visitor: Visitor) -> int:
    """Let a customer ask for a person, and return their conversation."""
    await visitor.press("Talk to a person")
    await expect(visitor.panel).to_contain_text("You are in the queue")
    return visitor.house.newest()


def as_shown(house: House, number: int) -> list[str]:
    """Return what of the records a customer sees as bubbles."""
    return [entry.text for entry in house.entries(number) if entry.kind is not EntryKind.EVENT]


async def test_offline_in_the_middle(house: House, visit: Visit) -> None:
    """What is written without a line is kept, marked and delivered once; what was said meanwhile is there, once."""
    async with visit(house) as visitor:
        visitor.quiet = True
        number = await waiting(visitor)
        house.claim(number)
        house.reply(number, "hello, I read it all")
        await visitor.shows("hello, I read it all")
        await visitor.page.context.set_offline(True)
        await expect(visitor.page.locator("#net")).to_contain_text("You are offline")
        await visitor.write("written on a train")
        await visitor.write("and in a tunnel")
        marked = visitor.page.locator("#pending .pending")
        await expect(marked).to_have_count(2)
        await expect(marked.first).to_contain_text("Not sent yet")
        house.reply(number, "are you still there?")
        assert "written on a train" not in house.texts(number)
        await visitor.page.context.set_offline(False)
        await visitor.shows("and in a tunnel")
        await visitor.shows("are you still there?")
        await expect(visitor.page.locator("#pending .bubble")).to_have_count(0)
        await expect(visitor.page.locator("#net")).to_be_hidden()
        house.reply(number, "good")
        await visitor.shows("good")
        assert await visitor.said() == as_shown(house, number)
        assert max(Counter(as_shown(house, number)).values()) == 1
        sent = [entry.text for entry in house.entries(number) if entry.author is Author.CUSTOMER and entry.text]
        assert sent[-2:] == ["written on a train", "and in a tunnel"]


async def test_what_was_written_offline_outlives_a_reload(house: House, visit: Visit) -> None:
    """A message that was not delivered is there after a reload, and is delivered then, once."""
    async with visit(house) as visitor:
        visitor.quiet = True
        number = await waiting(visitor)
        await visitor.page.route("**/api/say", lambda route: route.abort())
        await visitor.write("this must not get lost")
        await expect(visitor.page.locator("#pending .pending")).to_contain_text("Not sent yet")
        await visitor.page.unroute("**/api/say")
        await visitor.page.reload()
        await visitor.shows("this must not get lost")
        assert house.texts(number).count("this must not get lost") == 1
        assert await visitor.said() == as_shown(house, number)


async def test_what_was_not_sent_goes_with_the_first_picture(house: House, visit: Visit) -> None:
    """After a reload it waits for no timer: neither for the next look at what is left, nor for its tab to be gone."""
    async with visit(house, arrive=False) as visitor:
        visitor.quiet = True
        await visitor.page.add_init_script("setInterval = () => 0; Date.now = () => 1e12;")
        await visitor.arrive()
        number = await waiting(visitor)
        await visitor.page.route("**/api/say", lambda route: route.abort())
        await visitor.write("sent as soon as it can be")
        await expect(visitor.page.locator("#pending .bubble")).to_have_count(1)
        await visitor.page.unroute("**/api/say")
        await visitor.page.reload()
        await visitor.shows("sent as soon as it can be")
        assert house.texts(number).count("sent as soon as it can be") == 1


async def test_an_answer_that_got_lost_on_its_way_back(house: House, visit: Visit) -> None:
    """A message that the server has, while the page never heard so, is not stored twice when it comes again."""
    async with visit(house) as visitor:
        visitor.quiet = True
        number = await waiting(visitor)
        tries: list[str] = []

        async def lose(route: object) -> None:
            await route.fetch()  # type: ignore[attr-defined]
            tries.append("lost")
            await (route.abort() if len(tries) == 1 else route.continue_())  # type: ignore[attr-defined]

        await visitor.page.route("**/api/say", lose)
        await visitor.write("did you get this?")
        await visitor.shows("did you get this?")
        await expect(visitor.page.locator("#pending .bubble")).to_have_count(0)
        await visitor.page.unroute("**/api/say")
        await visitor.write("next")
        await visitor.shows("next")
        assert house.texts(number).count("did you get this?") == 1
        assert await visitor.said() == as_shown(house, number)


def kept_port() -> int:
    """Return a free port that is still free when it is opened again: the system gives it to nobody by itself."""
    while True:
        number = random.randint(20_000, 32_000)  # below what Linux and macOS give out
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", number))
            return number


def serving(home: Path, port: int) -> tuple[subprocess.Popen[str], str]:
    """Start `agentassist serve` as a process, and return it with the address that it tells."""
    process = subprocess.Popen(
        [sys.executable, "-m", "agentassist", "serve", "--port", str(port)],
        env={**os.environ, "AGENTASSIST_HOME": str(home), "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"http://\S+", line):
            return process, found[0]
    raise AssertionError("it never said where the page is")


def stopped(process: subprocess.Popen[str]) -> str:
    """Stop the process as a terminal or a service manager does, and return what it still said."""
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    return said


async def test_the_server_is_started_again_under_an_open_page(own_house: House, visit: Visit) -> None:
    """The process is stopped and started at the same address: the page goes on by itself, and all is said once."""
    house = own_house
    process, house.url = serving(house.home, kept_port())
    async with visit(house) as visitor:
        visitor.quiet = True
        number = await waiting(visitor)
        await visitor.write("before")
        await visitor.shows("before")
        assert "kept" in stopped(process)
        await visitor.write("while it was away")
        await expect(visitor.page.locator("#pending .pending")).to_contain_text("while it was away")
        house.claim(number)
        house.reply(number, "said while it was away")
        process, _ = serving(house.home, int(house.url.rpartition(":")[2]))
        await visitor.shows("said while it was away")
        await visitor.shows("while it was away")
        await expect(visitor.page.locator("#pending .bubble")).to_have_count(0)
        await visitor.write("after")
        await visitor.shows("after")
        assert await visitor.said() == as_shown(house, number)
        assert max(Counter(as_shown(house, number)).values()) == 1
    stopped(process)


async def test_two_customers_see_only_their_own(house: House, visit: Visit) -> None:
    """Two browsers at once, one conversation each; what is said in one is nowhere in the other."""
    async with visit(house) as ana, visit(house) as ben:
        first, second = await waiting(ana), await waiting(ben)
        assert first != second
        await ana.write("this is Ana")
        await ben.write("this is Ben")
        await ana.shows("this is Ana")
        await ben.shows("this is Ben")
        for number, name in ((first, "Ana"), (second, "Ben")):
            house.claim(number)
            house.reply(number, f"hello {name}")
        await ana.shows("hello Ana")
        await ben.shows("hello Ben")
        assert "Ben" not in await ana.page.content()
        assert "Ana" not in await ben.page.content()
        assert await ana.said() == as_shown(house, first)
        assert await ben.said() == as_shown(house, second)


async def test_two_tabs_show_the_same(house: House, visit: Visit, another_tab: Visit) -> None:
    """Two tabs of one browser are one conversation: what is chosen and written in one is in the other, once."""
    async with visit(house) as visitor:
        other = await another_tab(visitor)
        await other.asks("What can we help with?")
        await visitor.choose("Setting up")
        await other.asks("Which product is it about?")
        await other.choose("Dial, the thermostat on the wall")
        await visitor.asks("What does its light ring do?")
        await visitor.write("it is blue")
        await other.shows("it is blue")
        number = house.newest()
        assert house.store.sessions.ids(number - 1, 10) == (number,)
        await house.until(lambda: house.store.queue.get(number).state is State.WAITING, "the handoff")
        for tab in (visitor, other):
            await expect(tab.panel).to_contain_text("You are in the queue")
            assert await tab.said() == as_shown(house, number)
        assert other.troubles == []


async def test_a_reload_shows_it_all_and_keeps_the_draft(house: House, visit: Visit) -> None:
    """Everything that was said, answered and noted is there again, and so is what was being written."""
    async with visit(house) as visitor:
        await visitor.choose("Setting up")
        await visitor.choose("Dial, the thermostat on the wall")
        await visitor.asks("What does its light ring do?")
        await visitor.press("Talk to a person")
        await expect(visitor.panel).to_contain_text("You are in the queue")
        number = house.newest()
        house.claim(number)
        house.reply(number, "hello there")
        await visitor.shows("hello there")
        await visitor.composer.fill("half a sent")
        before, notes = await visitor.said(), await visitor.notes()
        await visitor.page.reload()
        await visitor.shows("hello there")
        assert await visitor.said() == before == as_shown(house, number)
        assert await visitor.notes() == notes
        await expect(visitor.composer).to_have_value("half a sent")
        assert "Ada is here" in " ".join(notes)


async def test_going_back_changes_an_answer(house: House, visit: Visit) -> None:
    """A customer goes back a step and answers anew; all of it is in the records, and only the new answer counts."""
    async with visit(house) as visitor:
        await visitor.choose("Setting up")
        await visitor.choose("Valve, on the radiator")
        await visitor.asks("What does its light ring do?")
        await visitor.press("← Back")
        await visitor.asks("Which product is it about?")
        await visitor.shows("You went back one step.")
        await visitor.choose("Dial, the thermostat on the wall")
        await visitor.choose("It is steady white")
        await visitor.shows("Press the code button")
        assert await visitor.said() == as_shown(house, house.newest())


async def test_going_back_out_of_a_tree(house: House, visit: Visit) -> None:
    """The first tap is the one that goes wrong: from the tree that it leads to there is a way back, too."""
    async with visit(house) as visitor:
        await visitor.choose("Setting up")
        await visitor.asks("Which product is it about?")
        await visitor.press("← Back")
        await visitor.asks("What can we help with?")
        await visitor.choose("Heating does not work")
        await visitor.asks("do you smell gas")
        assert await visitor.said() == as_shown(house, house.newest())


async def test_the_typing_agent(house: House, visit: Visit) -> None:
    """The page shows that an agent types, and no more once they have stopped; the records hear the customer type."""
    async with visit(house) as visitor:
        number = await waiting(visitor)
        house.claim(number)
        await expect(visitor.page.locator("#status")).to_contain_text("Ada is with you")
        house.store.presence.say("desk-1", "Ada", number, typing=True)
        await expect(visitor.page.locator("#busy")).to_contain_text("Ada is typing")
        house.store.presence.say("desk-1", "Ada", number, typing=False)
        await expect(visitor.page.locator("#busy")).to_be_hidden()
        await visitor.composer.press_sequentially("hm")

        def types() -> bool:
            presence = house.store.presence.customer(number)
            return presence is not None and presence.typing

        await house.until(types, "the customer types")
        await visitor.composer.fill("")
        await house.until(lambda: not types(), "the customer has stopped")
