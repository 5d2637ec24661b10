"""What crosses between the customer's page and the desk: friction, loans to a tree, typing, opened articles."""

from __future__ import annotations

from typing import Any

from agentassist.models import Author, Data, EntryKind, Event, NewEntry, State


def noticed(world: Any) -> None:
    """Let the desks notice what another process has just written."""
    for backend in world.backends:
        backend.changed()


def event(world: Any, number: int, what: Event, data: Data | None = None, text: str = "") -> None:
    """Store an event of the customer's, as their page does."""
    entry = NewEntry(Author.CUSTOMER, EntryKind.EVENT, text, data={**(data or {}), "event": what.value})
    world.store.page.take(number, "", [entry])
    noticed(world)


# The queue


async def test_friction_is_marked_and_comes_first(world: Any) -> None:
    """Who is at the point of friction stands above who waits a little longer, and has a mark; who is calm has none."""
    calm = world.arrive("Calm Carl")
    for name, friction in (("Stra Ined", 0.4), ("Fric Tion", 0.9)):
        customer = world.arrive(name)
        world.store.claims.claim(customer, "Bo")
        world.store.claims.return_to_bot(customer, "Bo")
        world.store.claims.handoff(customer, f"reason of {name}", {"friction": friction})
    async with world.desk() as seat:
        await seat.shows("reason of Fric Tion")
        rows = seat.desk.queue_work.overview.waiting
        assert [row.customer.name for row in rows] == ["Fric Tion", "Stra Ined", "Calm Carl"]
        marks = {
            name: next(line for line in seat.text.splitlines() if name in line) for name in ("Fric", "Stra", "Calm")
        }
        assert "▲▲" in marks["Fric"]
        assert "▲" in marks["Stra"]
        assert "▲▲" not in marks["Stra"]
        assert "▲" not in marks["Calm"]
        assert calm in {row.id for row in rows}


async def test_what_is_lent_stays_mine(world: Any) -> None:
    """A conversation that is lent stays in the list of the lender's own, says with which tree, and is not turned to."""
    number = world.arrive()
    world.store.claims.claim(number, "Ada")
    begin = NewEntry(
        Author.BOT, EntryKind.EVENT, "How was it?", data={"event": "flow", "flow": "survey", "version": "1"}
    )
    world.store.claims.lend(number, "Ada", "survey", [begin])
    async with world.desk() as seat:
        await seat.shows("MINE 1")
        await seat.shows("⇄ with the tree: How")
        assert seat.desk.queue_work.next_one(besides=0) is None
        seat.desk.conversation.open(number)
        await seat.shows("with the tree · c takes it back")
        await seat.press("c")
        await seat.until(lambda: world.store.queue.get(number).state is State.CLAIMED, "the conversation is back")


# Typing, and what was opened


async def test_the_customer_types(world: Any) -> None:
    """That they type is on the border of the conversation, not what; it ends when they stop or their page is gone."""
    number = world.arrive()
    async with world.desk(size=(80, 24)) as seat:
        await seat.claim(number)
        world.store.presence.customer_says(number, typing=True)
        noticed(world)
        await seat.shows("Dana Reyes is typing")
        world.store.presence.customer_says(number, typing=False)
        noticed(world)
        await seat.until(lambda: "is typing" not in seat.text, "they have stopped")
        world.store.presence.customer_says(number, typing=True)
        noticed(world)
        await seat.shows("Dana Reyes is typing")
        world.clock.move(7)
        seat.desk.typing.tick()
        await seat.until(lambda: "is typing" not in seat.text, "their page has gone")


async def test_typing_is_of_the_open_conversation(world: Any) -> None:
    """What was shown of one customer is not shown of the next."""
    dana, kim = world.arrive(), world.arrive("Kim Park")
    async with world.desk() as seat:
        await seat.claim(dana)
        world.store.presence.customer_says(dana, typing=True)
        noticed(world)
        await seat.shows("is typing")
        seat.desk.conversation.open(kim)
        await seat.until(lambda: "is typing" not in seat.text)


async def test_an_opened_article_holds_nothing_up(world: Any) -> None:
    """It is a line of the conversation, neither unread nor missed: a reply that is being written is sent at once."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.claim(number)
        await seat.write("hello")
        event(
            world, number, Event.OPENED, {"article": "reset", "title": "Reset the code", "url": "https://help.example"}
        )
        event(world, number, Event.RATED, {"rating": 5})
        await seat.press("enter")
        await seat.until(lambda: world.texts(number)[-1] == "hello", "the reply")
        await seat.shows("Dana Reyes opened: Reset the code")
        assert "missed" not in seat.text
        assert world.store.queue.get(number, "Ada").unread == 0
