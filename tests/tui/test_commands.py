"""One registry: bindings, palette, help and README agree, and no key does two things in one place."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from textual.command import Hit
from textual.dom import DOMNode

from agentassist.models import State
from agentassist.tui.app import DeskApp
from agentassist.tui.commands import bindings
from agentassist.tui.registry import COMMANDS, Command, Scope, markdown_table, rows
from agentassist.tui.screens.agenda import AgendaScreen
from agentassist.tui.screens.article import ArticleScreen
from agentassist.tui.screens.desk import DeskScreen
from agentassist.tui.screens.desk_keys import DeskKeys
from agentassist.tui.screens.dialog import Dialog, LinesDialog
from agentassist.tui.screens.entry import EntryScreen
from agentassist.tui.screens.form import FormScreen
from agentassist.tui.screens.pick import PickScreen
from agentassist.tui.screens.reading import ReadingScreen
from agentassist.tui.screens.wrap_up import WrapUpScreen
from agentassist.tui.widgets.composer import Composer
from agentassist.tui.widgets.filter import FilterBox
from agentassist.tui.widgets.queue import Queue
from agentassist.tui.widgets.suggestions import SearchBox, SuggestionList
from agentassist.tui.widgets.transcript import Transcript

OWNERS: dict[Scope, type[DOMNode]] = {
    Scope.DESK: DeskKeys,
    Scope.QUEUE: Queue,
    Scope.FILTER: FilterBox,
    Scope.TRANSCRIPT: Transcript,
    Scope.SUGGESTIONS: SuggestionList,
    Scope.SEARCH: SearchBox,
    Scope.COMPOSER: Composer,
    Scope.DIALOG: Dialog,
    Scope.FORM: LinesDialog,
    Scope.SHARED_FORM: FormScreen,
    Scope.LIST: PickScreen,
    Scope.AGENDA: AgendaScreen,
    Scope.READING: ReadingScreen,
    Scope.ENTRY: EntryScreen,
    Scope.ARTICLE: ArticleScreen,
    Scope.WRAP_UP: WrapUpScreen,
}
NAMESPACES: dict[str, type[DOMNode]] = {"app": DeskApp, "screen": DeskScreen}
UNDOABLE_BY_LETTER = {
    "conversation.earlier": "only shows",
    "conversation.recent": "only shows",
    "desk.agenda": "only shows",
    "desk.undo": "what it takes back can be done again",
    "desk.hint": "only hides a hint",
    "suggestion.similar": "only shows",
    "suggestion.view": "only shows",
    "suggestion.why": "only shows",
    "suggestion.dismiss": "undo brings it back",
    "snippet.insert": "opens a list that can be cancelled",
    "queue.snooze": "undo moves it back",
    "reading.claim": "release gives it back",
    "reading.open": "only shows",
    "entry.copy": "only the clipboard changes",
    "article.insert": "the reply can be edited before it is sent",
    "article.alike": "only shows",
    "transcript.copy": "only the clipboard changes",
    "transcript.quote": "the reply can be edited before it is sent",
    "transcript.search": "Esc returns",
    "conversation.claim": "release gives it back",
    "conversation.next": "release gives it back",
    "conversation.follow_up": "opens a dialog that can be cancelled",
    "conversation.lend": "opens a list that can be cancelled",
    "conversation.form": "opens a dialog that can be cancelled",
    "suggestion.advice": "only shows",
    "reply.video_call": "the reply can be edited before it is sent",
    "focus.reply": "only moves the focus",
    "transcript.fold": "the same key unfolds",
}
"""Every command on a bare letter, and how it is undone."""


def test_keys_are_unique_in_their_scope() -> None:
    """No key means two things in one place, and no id is used twice."""
    for scope, commands in rows():
        keys = Counter(key for command in commands for key in command.key_list)
        assert max(keys.values()) == 1, (scope, keys)
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_action_exists(command: Command) -> None:
    """The part that a scope names has the action."""
    namespace, _, action = command.action.rpartition(".")
    owner = NAMESPACES[namespace] if namespace else OWNERS[command.scope]
    assert callable(getattr(owner, f"action_{action}", None))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_is_told_well(command: Command) -> None:
    """A label fits the footer and a help text is one sentence."""
    assert len(command.label.split()) <= 3
    assert command.help.endswith(".")
    assert command.help[0].isupper()


@pytest.mark.parametrize("scope", Scope)
def test_bindings_are_the_registry(scope: Scope) -> None:
    """A part binds exactly the keys that the registry gives its scope."""
    declared = {key for command in COMMANDS if command.scope is scope for key in command.key_list}
    assert {binding.key for binding in bindings(scope)} == declared
    own = {binding.key for binding in OWNERS[scope].__dict__["BINDINGS"]}
    assert declared == own
    ids = [binding.id for binding in bindings(scope)]
    assert len(set(ids)) == len(ids)


def test_no_bare_letter_does_what_cannot_be_undone() -> None:
    """Each command on a bare letter is on the list that says how it is undone."""
    letters = {command.id for command in COMMANDS if any(len(key) == 1 and key.isalpha() for key in command.key_list)}
    assert letters == set(UNDOABLE_BY_LETTER)


def test_the_table_has_every_command() -> None:
    """The README's table has one row a command, a scope's name once, and a pipe in a text does not break it."""
    head, rule, *lines = markdown_table().splitlines()
    expected = []
    for scope, commands in rows():
        where = [f"**{scope}**", *[""] * (len(commands) - 1)]
        expected += [f"| {name} | {each.key_words} | {each.help} |" for name, each in zip(where, commands, strict=True)]
    assert lines == expected
    assert len(lines) == len(COMMANDS)
    assert all(line.count("|") == 4 for line in (head, rule, *lines))


def test_no_binding_is_made_elsewhere() -> None:
    """Nobody declares a key outside the registry."""
    package = Path(__file__).parents[2] / "agentassist" / "tui"
    users = {file.name for file in package.rglob("*.py") if "Binding(" in file.read_text(encoding="utf-8")}
    assert users == {"commands.py"}


async def test_palette_offers_the_registry(world: Any) -> None:
    """The palette offers exactly the commands that are meant for it, and runs what is chosen."""
    from textual.command import CommandPalette

    number = world.arrive()
    async with world.desk() as seat:
        await seat.press("ctrl+p")
        await seat.until(lambda: isinstance(seat.app.screen, CommandPalette))
        await seat.write("next")
        await seat.shows("Next")
        await seat.press("enter")
        await seat.until(lambda: world.store.queue.get(number).agent == "Ada")


async def test_palette_list(world: Any) -> None:
    """Opening the palette lists every command that is meant for it."""
    from agentassist.tui.commands import DeskCommands

    async with world.desk() as seat:
        provider = DeskCommands(seat.desk)
        offered = [hit.text async for hit in provider.discover()]
        assert offered == [command.label for command in COMMANDS if command.palette]


async def test_palette_shows_the_keys(world: Any) -> None:
    """Listed or searched, a command has its keys beside it; one that only the palette has says nothing."""
    from agentassist.tui.commands import DeskCommands

    async with world.desk() as seat:
        provider = DeskCommands(seat.desk)
        for query in ("wrap up", "reopen"):
            listed = {str(hit.prompt) async for hit in provider.discover()}
            found = [str(hit.match_display) async for hit in provider.search(query) if isinstance(hit, Hit)]
            assert found[0] in listed
            assert "^P" not in found[0]
        assert {"Wrap up  (^W)", "Reopen", "Undo  (u)"} <= listed


async def test_letters_typed_in_an_input_reach_it(world: Any) -> None:
    """In the search box every printable key is a character."""
    async with world.desk() as seat:
        await seat.press("f3", "slash")
        await seat.write("cfnr123b?/")
        assert seat.desk.search_box.value == "cfnr123b?/"
        assert len(seat.app.screen_stack) == 1


async def test_footer_shows_what_can_be_done(world: Any) -> None:
    """The footer offers a claim while nothing is owned, and wrapping up once something is."""
    number = world.arrive()
    async with world.desk() as seat:
        await seat.shows("c Claim")
        assert "Wrap up" not in seat.text.splitlines()[-1]
        await seat.claim(number)
        await seat.until(lambda: "^W Wrap up" in seat.text.splitlines()[-1])
        assert "c Claim" not in seat.text.splitlines()[-1]


async def test_footer_offers_a_claim_only_where_one_can_be_had(world: Any) -> None:
    """Not on what a colleague has, not on what is closed; the key itself still says who has it."""
    first, others = world.arrive("Dana"), world.arrive("Kim")
    world.store.claims.claim(others, "Bo")
    async with world.desk() as seat:
        await seat.until(lambda: "c Claim" in seat.text.splitlines()[-1], "a claim on who waits")
        await seat.press("end")
        await seat.until(lambda: seat.desk.queue.chosen == others)
        await seat.until(
            lambda: "Claim  " not in seat.text.splitlines()[-1].replace("Claim or", ""), "no claim on Bo's"
        )
        await seat.press("space")
        await seat.until(lambda: seat.desk.transcript.has_focus)
        assert "c Claim" not in seat.text.splitlines()[-1]
        await seat.press("c")
        await seat.shows("Bo")
        await seat.shows("has")
        world.store.claims.close(others, "Bo", "solved", "Done.")
        seat.backend.changed()
        await seat.until(lambda: seat.desk.conversation.current.opened.conversation.state is State.CLOSED)
        assert "c Claim" not in seat.text.splitlines()[-1]
        await seat.press("f2", "home")
        await seat.until(lambda: seat.desk.queue.chosen == first)
        await seat.until(lambda: "c Claim" in seat.text.splitlines()[-1], "a claim again")
