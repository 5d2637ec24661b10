"""Every command of the registry: its real keys are pressed, and what it does is seen on the screen or in the store.

`CASES` says for each command where it is tried and what must be seen; what must be seen must not hold before the key,
so that no case can pass by itself. A command of the palette is then tried once more by its name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from textual.app import App
from textual.command import CommandPalette
from textual.theme import ThemeProvider

from agentassist.flows.model import Flow, FormField, Node, NodeKind
from agentassist.models import Author, EntryKind, NewEntry, Outcome, Snippet, State
from agentassist.session import browser
from agentassist.tui.app import DeskApp
from agentassist.tui.registry import COMMANDS, Command
from agentassist.tui.screens import desk_suggestions, dialog
from agentassist.tui.screens.advice import AdviceScreen
from agentassist.tui.screens.agenda import AgendaScreen
from agentassist.tui.screens.article import ArticleScreen
from agentassist.tui.screens.desk import DeskScreen
from agentassist.tui.screens.email import EmailScreen
from agentassist.tui.screens.entry import EntryScreen
from agentassist.tui.screens.follow_up import FollowUpScreen
from agentassist.tui.screens.form import FormScreen
from agentassist.tui.screens.help import HelpScreen
from agentassist.tui.screens.pick import PickScreen
from agentassist.tui.screens.reading import ConversationList, ReadingScreen
from agentassist.tui.screens.snooze import SnoozeScreen
from agentassist.tui.screens.wrap_up import WrapUpScreen

# A desk in the middle of its day

OLD, DANA, LI, KIM = 1, 2, 3, 4
"""Dana's earlier conversation, which Bo has closed; Dana and Li wait; Bo has Kim's."""
LINES = 60
"""Messages that Dana has written: more than a screen shows."""
LAST = f"line {LINES - 1}"
ORDER = Flow(
    "order",
    "Order a part",
    "details",
    {
        "details": Node(
            "details", NodeKind.FORM, "Which order is it?", next="end", fields=(FormField("order", "Order number"),)
        ),
        "end": Node("end", NodeKind.END, "Thank you."),
    },
)
"""A tree with a form, which Dana is in."""


def day(world: Any) -> None:
    """Write the day into the store."""
    for name, messages in (("Dana", ["hello"]), ("Dana", [f"line {n}" for n in range(LINES)]), ("Li Wei", [])):
        customer = world.arrive(name, "it broke") if not messages else world.arrive(name, messages[0])
        if customer != OLD:
            begun = {"event": "flow", "flow": "order", "version": ORDER.version}
            world.store.transcript.append(customer, NewEntry(Author.BOT, EntryKind.EVENT, "Order a part", data=begun))
        entries = (NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text) for text in messages[1:])
        world.store.transcript.append(customer, *entries)
        if customer == OLD:
            world.store.claims.claim(OLD, "Bo")
            world.store.claims.close(OLD, "Bo", "solved", "Reset it.")
        world.clock.move(60)
    assert world.arrive("Kim") == KIM
    world.store.claims.claim(KIM, "Bo")
    for note, hours in (("send the form", 1), ("ring back", 2)):
        due = world.clock.now() + timedelta(hours=hours)
        world.store.followups.add(DANA, None, "Ada", note, due, "UTC", f"{due:%Y-%m-%dT%H:%M}")


class Building:
    """An index that is built when somebody asks for it."""

    at_once = published = False
    started = 0

    def start(self, tell: Callable[..., None]) -> bool:
        """Remember it."""
        self.started += 1
        return True

    def stop(self) -> None:
        """Nothing runs."""


@asynccontextmanager
async def at_work(world: Any) -> AsyncIterator[Any]:
    """Open a desk on that day, the focus in its queue."""
    day(world)
    backend = world.backend()
    library = backend.library
    hits = [world.hit(rank, f"Answer {rank}", f"Passage {rank}.") for rank in range(1, 10)]
    again = replace(hits[0].article, id="answer-again", title="Answer again")
    library.hits = (replace(hits[0], folded=(again,)), *hits[1:])
    library.canned = (Snippet("bye", "Goodbye", "Have a nice day."),)
    library.flows = {"order": ORDER}
    serve = replace(world.config.serve, video_call="https://meet.example/{room}")
    config = replace(world.config, search=replace(world.config.search, suggestions=9), serve=serve)
    app = DeskApp(backend, config, world.clock, indexing=Building(), hints=True)  # type: ignore[arg-type]
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        seat = world.seat(app, pilot, backend)
        await seat.until(lambda: seat.desk.complete and seat.desk.queue.chosen == DANA, "the queue")
        yield seat


# What is seen

Sees = Callable[[Any], bool]


def top(kind: type[Any], seat: Any) -> bool:
    """Say whether such a screen is in front and listens."""
    return isinstance(seat.app.screen, kind) and getattr(seat.app.screen, "ready", True)


def on(kind: type[Any]) -> Sees:
    """Return a look at which screen is in front."""
    return partial(top, kind)


def palette_of(name: str) -> Sees:
    """Return a look at whether the palette is open with one provider."""

    def open_with(seat: Any) -> bool:
        return top(CommandPalette, seat) and name in {kind.__name__ for kind in seat.app.screen._provider_classes}

    return open_with


def who(seat: Any, number: int) -> str:
    """Return who has a conversation."""
    return str(seat.world.store.queue.get(number).agent)


def is_in(state: State, number: int = DANA) -> Sees:
    """Return a look at a conversation's state."""
    return lambda seat: seat.world.store.queue.get(number).state is state


def judged(outcome: Outcome, rank: int = 1) -> Sees:
    """Return a look at what the records say of a suggestion."""
    return lambda seat: any(
        row.rank == rank and outcome in row.outcomes for row in seat.world.store.suggestions.of(DANA)
    )


def looks(seat: Any, number: int) -> bool:
    """Say whether a conversation is in the middle, claimed by nobody."""
    current = seat.desk.conversation.current
    waits = is_in(State.WAITING, number)(seat)
    return seat.app.screen is seat.desk and current is not None and current.id == number and waits


def focus(name: str) -> Sees:
    """Return a look at which part of the desk has the focus."""
    return lambda seat: seat.app.screen is seat.desk and getattr(seat.desk, name).has_focus


def entry_at(text: str) -> Sees:
    """Return a look at the entry under the cursor."""
    return lambda seat: seat.desk.transcript.text == text


def at(index: int) -> Sees:
    """Return a look at the cursor of the list that is open."""
    return lambda seat: seat.app.screen.list.cursor == index


def open_follow_ups(count: int) -> Sees:
    """Return a look at how many follow-ups are open."""
    return lambda seat: len(seat.world.store.followups.list()) == count


# How to get there


async def mine(seat: Any) -> None:
    """Have Dana's conversation, with its suggestions, the focus in the reply."""
    await seat.claim(DANA)
    await seat.until(lambda: seat.desk.composer.has_focus and len(seat.desk.suggesting.offers) == 9)
    await seat.until(lambda: seat.desk.suggesting.offers[0].suggestion is not None, "the records of the suggestions")
    await seat.until(lambda: seat.desk.transcript.fully_measured)


async def reading(seat: Any, words: str) -> None:
    """Read another conversation."""
    await go(seat, "o", on(ConversationList), f"={words}", lambda seat: "1 of 4" in seat.text, "enter")
    await seat.until(lambda: top(ReadingScreen, seat) and seat.app.screen.opened is not None)


async def closed(seat: Any) -> None:
    """Look at the conversation that was closed."""
    await go(seat, partial(reading, words="solved"), "o", lambda seat: seat.app.screen is seat.desk)
    await seat.until(lambda: seat.desk.conversation.current is not None and seat.desk.conversation.current.id == OLD)


async def go(seat: Any, *steps: Any) -> None:
    """Press keys, type (what begins with =), wait for what must be seen, and take longer ways."""
    for step in steps:
        if isinstance(step, str):
            await (seat.write(step[1:]) if len(step) > 1 and step[0] == "=" else seat.press(step))
        elif (longer := step(seat)) is not None and not isinstance(longer, bool):
            await longer
        else:
            await seat.until(partial(step, seat))


@dataclass(frozen=True)
class Case:
    """Where a command is tried, and what must be seen afterwards.

    Attributes:
        sees: holds after the key, and not before.
        before: the way there, from the queue.
        each: for a command with a key for each digit: holds after the key of a digit.
    """

    sees: Sees
    before: tuple[Any, ...] = ()
    each: Callable[[Any, int], bool] | None = None


def case(sees: Sees, *before: Any, each: Callable[[Any, int], bool] | None = None) -> Case:
    """Make a case."""
    return Case(sees, before, each)


TRANSCRIPT = (mine, "escape")
BESIDE = (mine, "ctrl+g")
ENTRY = (*TRANSCRIPT, "up", "up", "up", entry_at(LAST))
SEARCHING = ("slash", "=dial", lambda seat: seat.desk.suggesting._typed is not None)
FOLLOW_UP = ("down", "down", lambda seat: seat.desk.queue.chosen_follow_up is not None)
LIST = ("o", on(ConversationList))

# fmt: off
CASES: dict[str, Case] = {
    "desk.help": case(on(HelpScreen)),
    "desk.palette": case(palette_of("DeskCommands")),
    "conversation.claim": case(lambda seat: who(seat, LI) == "Ada" and looks_mine(seat, LI), "down"),
    "conversation.next": case(lambda seat: who(seat, DANA) == "Ada" and looks_mine(seat, DANA), "down"),
    "conversation.release": case(is_in(State.WAITING), mine),
    "conversation.lend": case(lambda seat: top(PickScreen, seat) and "Order a part" in seat.text, *TRANSCRIPT),
    "conversation.return": case(lambda seat: is_in(State.DIGITAL)(seat) and not who(seat, DANA), mine),
    "conversation.form": case(lambda seat: top(FormScreen, seat) and "Order number" in seat.text, *TRANSCRIPT),
    "conversation.follow_up": case(on(FollowUpScreen), *TRANSCRIPT),
    "conversation.wrap_up": case(on(WrapUpScreen), mine),
    "conversation.close_now": case(lambda seat: is_in(State.CLOSED)(seat) and looks(seat, LI), *TRANSCRIPT),
    "conversation.earlier": case(lambda seat: top(ReadingScreen, seat) and "hello" in seat.text, *TRANSCRIPT),
    "conversation.recent": case(on(ConversationList)),
    "conversation.reopen": case(lambda seat: who(seat, OLD) == "Ada", closed),
    "desk.agenda": case(lambda seat: top(AgendaScreen, seat) and "ring back" in seat.text),
    "desk.undo": case(is_in(State.WAITING), *TRANSCRIPT),
    "suggestion.insert": case(
        lambda seat: True, *TRANSCRIPT,
        each=lambda seat, n: f"Answer {n}\nhttps://help.example/article-{n}" in seat.desk.composer.text),
    "suggestion.send": case(
        lambda seat: True, *TRANSCRIPT,
        each=lambda seat, n: seat.world.texts(DANA)[-1] == f"Answer {n}\nhttps://help.example/article-{n}"),
    "suggestion.email": case(
        lambda seat: top(EmailScreen, seat) and "Answer 2" in seat.text and "dana@example.com" in seat.text,
        *BESIDE, "down"),
    "suggestion.advice": case(on(AdviceScreen), *TRANSCRIPT, lambda seat: seat.desk.advising.advised is not None),
    "reply.video_call": case(
        lambda seat: "https://meet.example/" in seat.desk.composer.text and seat.desk.composer.has_focus, *TRANSCRIPT),
    "suggestion.view": case(judged(Outcome.OPENED, 2), *BESIDE, "down"),
    "suggestion.why": case(lambda seat: top(ArticleScreen, seat) and seat.app.screen._why, *TRANSCRIPT),
    "suggestion.up": case(judged(Outcome.THUMBS_UP, 2), *BESIDE, "down"),
    "suggestion.down": case(judged(Outcome.THUMBS_DOWN, 2), *BESIDE, "down"),
    "suggestion.dismiss": case(
        lambda seat: judged(Outcome.DISMISSED)(seat) and len(seat.desk.suggesting.offers) == 8, *TRANSCRIPT),
    "suggestion.search": case(focus("search_box"), *TRANSCRIPT),
    "suggestion.similar": case(lambda seat: "No past conversation is like" in seat.text, *TRANSCRIPT),
    "snippet.insert": case(lambda seat: top(PickScreen, seat) and "Goodbye" in seat.text, *TRANSCRIPT),
    "focus.suggestions": case(focus("suggestions"), mine),
    "focus.queue": case(focus("queue"), mine),
    "focus.conversation": case(focus("transcript"), mine),
    "focus.reply": case(focus("composer"), *TRANSCRIPT),
    "focus.back": case(focus("transcript"), mine),
    "desk.light": case(lambda seat: not seat.app.current_theme.dark),
    "desk.theme": case(palette_of(ThemeProvider.__name__)),
    "desk.hint": case(lambda seat: not seat.desk.hint.display, lambda seat: seat.desk.hint.display),
    "desk.index": case(lambda seat: seat.desk.indexing_work.busy and "indexing" in seat.text),
    "desk.quit": case(lambda seat: seat.app._exit),
    "queue.take": case(lambda seat: who(seat, LI) == "Ada" and looks_mine(seat, LI), "down"),
    "queue.look": case(lambda seat: looks(seat, LI), "down"),
    "queue.filter": case(lambda seat: seat.desk.queue_filter.box.has_focus),
    "queue.up": case(lambda seat: seat.desk.queue.chosen == DANA, "down"),
    "queue.down": case(lambda seat: seat.desk.queue.chosen == LI),
    "queue.first": case(lambda seat: seat.desk.queue.chosen == DANA, "down", "down"),
    "queue.last": case(lambda seat: seat.desk.queue.chosen == KIM),
    "queue.done": case(open_follow_ups(1), *FOLLOW_UP),
    "queue.snooze": case(on(SnoozeScreen), *FOLLOW_UP),
    "filter.take": case(lambda seat: who(seat, LI) == "Ada" and "of 2" not in seat.text, "slash", "=wei"),
    "filter.up": case(lambda seat: seat.desk.queue.chosen == DANA, "slash", "down"),
    "filter.down": case(lambda seat: seat.desk.queue.chosen == LI, "slash"),
    "filter.clear": case(
        lambda seat: "WAITING 2" in seat.text and not seat.desk.queue_filter.box.is_open,
        "slash", "=wei", lambda seat: "WAITING 1 of 2" in seat.text),
    "transcript.up": case(entry_at(f"line {LINES - 2}"), *ENTRY),
    "transcript.down": case(entry_at(LAST), *ENTRY, "up"),
    "transcript.page_up": case(lambda seat: seat.desk.transcript.cursor < LINES - 10, *TRANSCRIPT),
    "transcript.page_down": case(lambda seat: seat.desk.transcript.cursor > 10, *TRANSCRIPT, "home"),
    "transcript.end": case(
        lambda seat: seat.desk.transcript.cursor == seat.desk.transcript.last_choice, *TRANSCRIPT, "home"),
    "transcript.home": case(
        lambda seat: seat.desk.transcript.cursor_key == "before" and "Before you" in seat.text, *TRANSCRIPT),
    "transcript.read": case(lambda seat: top(EntryScreen, seat) and LAST in seat.text, *ENTRY),
    "transcript.copy": case(lambda seat: seat.app.copied == [LAST], *ENTRY),
    "transcript.quote": case(
        lambda seat: seat.desk.composer.text == f"> {LAST}\n" and seat.desk.composer.has_focus, *ENTRY),
    "transcript.search": case(
        lambda seat: seat.desk.search_box.value == LAST and seat.desk.suggestions.has_focus, *ENTRY),
    "transcript.fold": case(lambda seat: "my dial wont pair" in seat.text, *TRANSCRIPT, "home"),
    "suggestions.read": case(
        lambda seat: top(ArticleScreen, seat) and "Passage 2." in seat.text and not seat.app.screen._why,
        *BESIDE, "down"),
    "suggestions.up": case(lambda seat: seat.desk.suggestions.chosen.rank == 1, *BESIDE, "down"),
    "suggestions.down": case(lambda seat: seat.desk.suggestions.chosen.rank == 2, *BESIDE),
    "suggestions.first": case(lambda seat: seat.desk.suggestions.chosen.rank == 1, *BESIDE, "down", "down"),
    "suggestions.last": case(lambda seat: seat.desk.suggestions.chosen.rank == 9, *BESIDE),
    "search.back": case(
        lambda seat: not seat.desk.search_box.value and seat.desk.suggesting._typed is None, *TRANSCRIPT, *SEARCHING),
    "search.results": case(
        lambda seat: seat.desk.suggestions.has_focus and seat.desk.search_box.value == "dial",
        *TRANSCRIPT, *SEARCHING),
    "composer.send": case(lambda seat: seat.world.texts(DANA)[-1] == "hi", mine, "=hi"),
    "composer.newline": case(lambda seat: seat.desk.composer.text == "hi\n", mine, "=hi"),
    "dialog.cancel": case(on(DeskScreen), *TRANSCRIPT, "f5", on(FollowUpScreen)),
    "dialog.save": case(open_follow_ups(3), *TRANSCRIPT, "f5", on(FollowUpScreen), "=tomorrow 9"),
    "dialog.help": case(on(HelpScreen), *TRANSCRIPT, "w", on(ArticleScreen)),
    "form.next": case(
        lambda seat: getattr(seat.app.screen.focused, "id", "") == "what",
        *TRANSCRIPT, "f5", on(FollowUpScreen), "=tomorrow 9"),
    "form.submit": case(
        lambda seat: "HW-1" in seat.world.texts(DANA) and not top(FormScreen, seat)
        and any(entry.data.get("done") for entry in seat.world.store.transcript.entries(DANA)),
        mine, "escape", "i", lambda seat: getattr(seat.app.screen, "ready", False), "=HW-1"),
    "list.up": case(at(0), *LIST, "down", at(1)),
    "list.down": case(at(1), *LIST),
    "list.page_up": case(at(0), *LIST, "down", "down", at(2)),
    "list.page_down": case(at(3), *LIST),
    "list.pick": case(on(ReadingScreen), *LIST),
    "agenda.done": case(open_follow_ups(1), "g", on(AgendaScreen)),
    "agenda.snooze": case(on(SnoozeScreen), "g", on(AgendaScreen)),
    "reading.reopen": case(lambda seat: who(seat, OLD) == "Ada", partial(reading, words="solved")),
    "reading.claim": case(lambda seat: who(seat, LI) == "Ada", partial(reading, words="li wei")),
    "reading.open": case(lambda seat: looks(seat, LI), partial(reading, words="li wei")),
    "entry.copy": case(lambda seat: seat.app.copied == [LAST], *ENTRY, "enter", on(EntryScreen)),
    "article.insert": case(
        lambda seat: "Answer 2\nhttps://help.example/article-2" in seat.desk.composer.text,
        *BESIDE, "down", "enter", on(ArticleScreen)),
    "article.alike": case(
        lambda seat: "All of answer-again." in seat.text, *TRANSCRIPT, "w", on(ArticleScreen)),
    "wrap_up.save": case(is_in(State.CLOSED), mine, "ctrl+w", on(WrapUpScreen), "1"),
}
# fmt: on


def looks_mine(seat: Any, number: int) -> bool:
    """Say whether an own conversation is in the middle."""
    current = seat.desk.conversation.current
    return current is not None and current.id == number and current.mine


# The tests


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no dialog and no rank be deaf to a test, which presses faster than a hand; open and copy nothing."""
    monkeypatch.setattr(dialog, "DEAF_SECONDS", 0.0)
    monkeypatch.setattr(desk_suggestions, "STILL_SECONDS", 0.0)
    monkeypatch.setattr(browser, "open_link", lambda link: True)
    monkeypatch.setattr(App, "copied", [], raising=False)
    monkeypatch.setattr(App, "copy_to_clipboard", lambda app, text: app.copied.append(text))


def test_no_command_is_left_out() -> None:
    """A command without a case fails here, and so does a case without a command."""
    assert list(CASES) == [command.id for command in COMMANDS]
    assert all(command.key_list or command.palette for command in COMMANDS)


def tries() -> list[Any]:
    """Return each command with each of its keys; one that has a key for each digit only once."""
    pairs = []
    for command in COMMANDS:
        keys = command.key_list[:1] if CASES[command.id].each else command.key_list
        pairs += [pytest.param(command, key, id=f"{command.id}-{key}") for key in keys]
    return pairs


@pytest.mark.parametrize(("command", "key"), tries())
async def test_its_key_does_it(world: Any, command: Command, key: str) -> None:
    """After the key it is seen, and before it was not; of the digits each does its own."""
    tried = CASES[command.id]
    async with at_work(world) as seat:
        await go(seat, *tried.before)
        if tried.each is None:
            assert not tried.sees(seat)
            await seat.press(key)
            await seat.until(lambda: tried.sees(seat), command.help)
            return
        for number, digit in enumerate(command.key_list, 1):
            assert not tried.each(seat, number)
            await seat.press("f3", digit)
            await seat.until(lambda number=number: tried.each(seat, number), digit)


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.palette], ids=lambda each: each.id)
async def test_the_palette_does_it(world: Any, command: Command) -> None:
    """The palette does it, too, found by its whole name."""
    tried = CASES[command.id]
    async with at_work(world) as seat:
        await go(seat, *tried.before)
        assert not tried.sees(seat)
        await go(seat, "ctrl+p", on(CommandPalette), f"={command.label}")
        await seat.until(lambda: _offered(seat) == command.label, f"{command.label} as the first of the palette")
        await seat.press("enter")
        await seat.until(lambda: tried.sees(seat), command.help)


def _offered(seat: Any) -> str:
    """Return what the palette would run now; empty while it searches."""
    from textual.command import CommandList

    found = seat.app.screen.query_one(CommandList)
    return str(found.get_option_at_index(found.highlighted).hit.text) if found.highlighted is not None else ""
