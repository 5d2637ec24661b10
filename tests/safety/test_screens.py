"""Every screen of the desk with every hostile string in every place: nothing but text, every row of the same width."""

from __future__ import annotations

import dataclasses
import importlib
import os
import pkgutil
from collections.abc import Callable, Sequence
from time import thread_time
from typing import Any

import pytest
from textual.screen import Screen

import agentassist.tui.screens as package
from agentassist.errors import StoreBusyError, UsageError
from agentassist.models import Author, Disposition, Entry, EntryKind, NewEntry, Query, SearchResult, Snippet
from agentassist.session.desk import Offer, Opened
from agentassist.session.past import Past

HEAVY = "AGENTASSIST_HEAVY" in os.environ
CEILING = 2.0
"""Seconds that one string may take on one screen of a busy machine; what it takes is in tests/bench/hostile_text.py."""
PARENTS = {"LatePanels", "DeskPanels", "DeskWork", "DeskKeys", "Dialog", "LinesDialog"}
"""Screens that are never shown themselves."""


def screens() -> dict[str, type[Screen[Any]]]:
    """Return every screen there is, by name, found by importing every module of the package."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    found: dict[str, type[Screen[Any]]] = {}

    def collect(parent: type[Screen[Any]]) -> None:
        for kind in parent.__subclasses__():
            if kind.__module__.startswith("agentassist."):
                found[kind.__name__] = kind
            collect(kind)

    collect(Screen)
    return found


# One maker a screen: it gets the desk and a string, and returns the screen with the string in each of its places.


def _read(_: str) -> Any:
    raise UsageError("no time", "Say another.")


def _echo(text: str) -> Callable[[str], Any]:
    def read(_: str) -> Any:
        raise UsageError(text or "-", text)

    return read


async def _nothing(*_: object) -> None:
    return None


def _offer(seat: Any, text: str) -> Offer:
    hit = dataclasses.replace(
        seat.world.hit(1, text, text, verified_by=text, tags=(text, text), url=text),
        reason=text,
        link=text,
        matched=((0, 1), (2, max(len(text), 3))),
    )
    result = SearchResult((hit,), "hybrid", text)  # type: ignore[arg-type]
    return Offer(hit, None, Query.typed(text or "-"), result)


def make_help(seat: Any, text: str) -> Screen[Any]:
    """Help, which shows nothing from outside: what is typed into its filter."""
    from agentassist.tui.screens.help import HelpScreen

    return HelpScreen()


def make_pick(seat: Any, text: str) -> Screen[Any]:
    """A list: title, labels, details, hidden words, what is said when it is empty."""
    from agentassist.tui.screens.pick import Item, PickScreen

    items = [Item(str(number), text, text, text) for number in range(3)]
    return PickScreen(text, items, on_pick=lambda _: None, empty=text, placeholder=text)


def make_empty_pick(seat: Any, text: str) -> Screen[Any]:
    """An empty list."""
    from agentassist.tui.screens.pick import PickScreen

    return PickScreen(text, [], on_pick=lambda _: None, empty=text, placeholder=text)


def make_conversations(seat: Any, text: str) -> Screen[Any]:
    """The list of conversations, as the desk fills it."""
    from agentassist.tui.screens.desk_reading import ReadingWork
    from agentassist.tui.screens.reading import ConversationList

    opened = seat.opened
    conversation = dataclasses.replace(
        opened.conversation,
        customer=dataclasses.replace(opened.conversation.customer, name=text, id=text or "-"),
        summary=text, preview=text, disposition=text, agent=text, channel=text, reason=text,
    )  # fmt: skip
    item = ReadingWork(seat.desk)._item(conversation, name=True)
    return ConversationList(f"Conversations with {text}", [item, item], on_pick=lambda _: None)


def make_reading(seat: Any, text: str) -> Screen[Any]:
    """Another conversation, read."""
    from agentassist.tui.screens.reading import ReadingScreen

    return ReadingScreen(seat.desk, seat.numbers[text])


def make_entry(seat: Any, text: str) -> Screen[Any]:
    """One entry in full: what was said, and by whom."""
    from agentassist.tui.screens.entry import EntryScreen

    return EntryScreen(*_entry(seat, text))


def _entry(seat: Any, text: str) -> tuple[Any, ...]:
    from agentassist.tui.widgets.entry_lines import Voice

    data = {"article": text, "title": text, "url": text, "question": text, "node": text}
    entry = Entry(
        conversation_id=1, seq=1, at=seat.world.clock.now(), author=Author.AGENT, kind=EntryKind.MESSAGE, text=text,
        author_name=text, data=data,
    )  # fmt: skip
    return entry, Voice(text, text, seat.desk.zone), seat.world.clock.now(), seat.world.config


def make_article(seat: Any, text: str) -> Screen[Any]:
    """A suggestion, why, and its whole article."""
    from agentassist.tui.screens.article import ArticleScreen

    offer = _offer(seat, text)
    passages = (dataclasses.replace(offer.hit.passage, heading=text), dataclasses.replace(offer.hit.passage, number=1))

    async def read(_: str) -> Sequence[Any]:
        return passages

    return ArticleScreen(offer, read, seat.world.clock.now().date(), why=True)


def make_unreadable_article(seat: Any, text: str) -> Screen[Any]:
    """A suggestion whose article cannot be read."""
    from agentassist.tui.screens.article import ArticleScreen

    async def read(_: str) -> Sequence[Any]:
        raise StoreBusyError(text, text)

    return ArticleScreen(_offer(seat, text), read, seat.world.clock.now().date())


def make_follow_up(seat: Any, text: str) -> Screen[Any]:
    """A promise: whose, what was promised before and by whom, and the echo of the time."""
    from agentassist.tui.screens.follow_up import FollowUpScreen

    items = [
        dataclasses.replace(item, note=text, owner=text, customer_id=text)
        for item in seat.desk.queue_work.overview.follow_ups[:2]
    ]
    assert items

    async def known() -> Any:
        return items, seat.world.clock.now(), seat.desk.zone

    return FollowUpScreen(text, "Ada", _echo(text), _nothing, known)


def make_snooze(seat: Any, text: str) -> Screen[Any]:
    """A later time: for what, and until when it was."""
    from agentassist.tui.screens.snooze import SnoozeScreen

    return SnoozeScreen(text, text, _echo(text), _nothing)


def make_snippet(seat: Any, text: str) -> Screen[Any]:
    """What a snippet asks for: its title, its text, and what is filled in."""
    from agentassist.tui.screens.snippets import SnippetScreen

    snippet = Snippet("s", text, f"{text} {{{{customer.name}}}} {{{{order.number}}}}", (text,))
    return SnippetScreen(snippet, {"customer.name": text}, lambda _: None)


def make_wrap_up(seat: Any, text: str) -> Screen[Any]:
    """The end of a conversation: whose, with which codes, what was not sent."""
    from agentassist.tui.screens.wrap_up import WrapUpScreen

    return WrapUpScreen(text, [Disposition("a", text), Disposition(text or "-", "")], _nothing, text or "x")


def make_agenda(seat: Any, text: str) -> Screen[Any]:
    """The list of promises, with the customer's name and the note."""
    from agentassist.tui.screens.agenda import AgendaScreen

    before = seat.desk.queue_work.overview
    items = tuple(dataclasses.replace(item, note=text, owner=text) for item in before.follow_ups)
    names = {item.customer_id: text for item in items}
    seat.desk.queue_work.overview = dataclasses.replace(before, follow_ups=items, names=names)
    screen = AgendaScreen(seat.desk)
    screen._look = lambda: None  # type: ignore[method-assign]
    seat.desk.queue_work.overview = before
    return screen


def make_similar_list(seat: Any, text: str) -> Screen[Any]:
    """Past conversations: how each ended, who had it, what was sent and how it was solved."""
    from agentassist.tui.screens.similar import SimilarList, item_of

    now, zone = seat.world.clock.now(), seat.desk.zone
    pasts = [Past(number, 0.8, bool(number % 2), text, text, now, (text, text), text) for number in (1, 2)]
    return SimilarList(pasts, [item_of(past, {text: text}, now, zone) for past in pasts], seat.desk)


def make_similar(seat: Any, text: str) -> Screen[Any]:
    """A past conversation of another customer, read."""
    from agentassist.tui.screens.similar import SimilarScreen

    return SimilarScreen(seat.desk, seat.numbers[text])


def make_similar_entry(seat: Any, text: str) -> Screen[Any]:
    """One entry of such a conversation in full."""
    from agentassist.tui.screens.similar import SimilarEntry

    return SimilarEntry(*_entry(seat, text))


def make_advice(seat: Any, text: str) -> Screen[Any]:
    """An advice: its reason, its channel and its inputs."""
    from agentassist.friction.advice import Advice, Direction, Inputs
    from agentassist.session.advising import Advised
    from agentassist.tui.screens.advice import AdviceScreen

    advice = Advice(Direction.DIGITAL, text, Inputs(text, text, text), text)
    seat.desk.advice_line.show(advice)
    return AdviceScreen(Advised(advice, measured=True))


def make_email(seat: Any, text: str) -> Screen[Any]:
    """A mail: to whom, by whom, and what it says."""
    from agentassist.session.mailing import mail_of
    from agentassist.tui.screens.email import EmailScreen

    return EmailScreen(text, mail_of(_offer(seat, text), text, text, text, text), _nothing)


def make_form(seat: Any, text: str) -> Screen[Any]:
    """A form: tree, question, labels and hints; who filled what, and with what."""
    from agentassist.flows.model import FieldType, Flow, FormField, Node, NodeKind
    from agentassist.session.forms import SharedForm
    from agentassist.tui.screens.form import FormScreen

    fields = (
        FormField("a", text, hint=text, private=True),
        FormField("b", text, FieldType.EMAIL),
        FormField("c", text, FieldType.PATTERN, pattern="[0-9]+", hint=text),
    )
    node = Node("n", NodeKind.FORM, text, fields=fields)
    data = {"flow": "f", "node": "n", "question": text}
    entries = [
        Entry(1, number, seat.world.clock.now(), Author.AGENT, text, EntryKind.FORM, text, {**data, "field": name})
        for number, name in enumerate("abc", 1)
    ]
    form = SharedForm(Flow("f", text, "n", {"n": node}), node, {})
    return FormScreen(form, lambda: entries, _nothing, _nothing, me="Ada", customer=text)


MAKERS: dict[str, tuple[Callable[[Any, str], Screen[Any]], ...]] = {
    "HelpScreen": (make_help,),
    "PickScreen": (make_pick, make_empty_pick),
    "ConversationList": (make_conversations,),
    "ReadingScreen": (make_reading,),
    "EntryScreen": (make_entry,),
    "ArticleScreen": (make_article, make_unreadable_article),
    "FollowUpScreen": (make_follow_up,),
    "SnoozeScreen": (make_snooze,),
    "SnippetScreen": (make_snippet,),
    "WrapUpScreen": (make_wrap_up,),
    "AgendaScreen": (make_agenda,),
    "SimilarList": (make_similar_list,),
    "SimilarScreen": (make_similar,),
    "SimilarEntry": (make_similar_entry,),
    "AdviceScreen": (make_advice,),
    "EmailScreen": (make_email,),
    "FormScreen": (make_form,),
}
RAW = {
    "SnippetScreen",
    "WrapUpScreen",
    "FollowUpScreen",
    "SnoozeScreen",
    "HelpScreen",
    "PickScreen",
    "EmailScreen",
    "FormScreen",
}
"""Screens on which words are edited as they are: there the last guard keeps them off the terminal."""


def test_no_screen_is_left_out() -> None:
    """Who adds a screen adds what shows that hostile text does nothing on it."""
    assert set(screens()) - PARENTS == {*MAKERS, "DeskScreen"}


async def stocked(world: Any, backend: Any, texts: Sequence[str]) -> dict[str, int]:
    """Put each string wherever the records can hold it, and say in which conversation."""
    numbers = {}
    for index, text in enumerate(texts):
        number = world.arrive(
            f"{index} {text}", text, reason=text, answer=text or "-", channel=text[:50] or "web", plan=text
        )
        world.store.transcript.append(
            number,
            NewEntry(Author.BOT, EntryKind.MESSAGE, text, text[:80]),
            NewEntry(Author.BOT, EntryKind.ARTICLE, text, text[:80], {"article": "x", "title": text, "url": text}),
            *_events(text),
        )
        world.store.claims.handoff(number, text, _told(text))
        numbers[text] = number
    return numbers


def _events(text: str) -> list[NewEntry]:
    """Return what happens on the way, with the string in each place."""
    told = (
        (Author.BOT, "flow", {"flow": text, "version": text}),
        (Author.CUSTOMER, "back", {"flow": text, "node": text}),
        (Author.CUSTOMER, "wished", {"wish": text}),
        (Author.CUSTOMER, "opened", {"article": text, "title": text, "url": text}),
        (Author.CUSTOMER, "rated", {"rating": None}),
    )
    return [NewEntry(who, EntryKind.EVENT, text, data={**data, "event": event}) for who, event, data in told]


def _told(text: str) -> dict[str, Any]:
    """Return what a handoff tells, with the string in each place."""
    signals = [{"kind": text, "entries": [1], "words": text, "text": f"{text} {number}"} for number in range(3)]
    lists = {"signals": signals, "articles": [text, f"{text}."], "tried": [text], "skills": [text]}
    return {**lists, "friction": 0.9, "level": text, "stakes": text, "question": text, "asked": True}


@pytest.mark.parametrize("name", sorted(MAKERS))
async def test_every_string_on_every_screen(world: Any, watch: Any, hostile: list[str], name: str) -> None:
    """Each string in each place of a screen: no crash, no action, no control in any cell, no row of another width."""
    if not HEAVY:  # every other one, beginning with the first or the second
        hostile = hostile[sorted(MAKERS).index(name) % 2 :: 2]
    backend = world.backend()
    texts = hostile if name in ("ReadingScreen", "SimilarScreen") else hostile[:1]
    numbers = await stocked(world, backend, texts)
    first = next(iter(numbers.values()))
    due = world.clock.now().replace(year=2027)
    customer = world.store.queue.get(first).customer.id
    world.store.followups.add(first, customer, "Ada", "call", due, "UTC", "2027-11-20T14:00")
    before = {number: world.store.transcript.entries(number) for number in numbers.values()}
    slowest = 0.0
    async with world.desk(backend) as seat:
        seat.numbers = numbers
        seat.opened = await _opened(seat, first)
        for text in hostile:
            for make in MAKERS[name]:
                started = thread_time()
                await seat.app.push_screen(make(seat, text))
                await seat.settled()
                watch.check(seat, raw=name in RAW)
                await _type(seat, text)
                watch.check(seat, raw=True)
                slowest = max(slowest, thread_time() - started)
                seat.app.pop_screen()
                await seat.settled()
                watch.slipped.clear()
        assert seat.app.is_running
        assert len(seat.app.screen_stack) == 1
    assert slowest < CEILING
    assert before == {number: world.store.transcript.entries(number) for number in numbers.values()}


async def _opened(seat: Any, number: int) -> Opened:
    import asyncio

    from agentassist.session.desk import Desk

    opened: Opened = await asyncio.wrap_future(seat.backend.records(Desk.open, number))
    return opened


async def _type(seat: Any, text: str) -> None:
    """Put a string into each line of the screen that is in front, as a paste would."""
    from textual.widgets import Input, TextArea

    for line in seat.app.screen.query(Input):
        line.value = text
    for area in seat.app.screen.query(TextArea):
        area.load_text(text)
    await seat.settled()
