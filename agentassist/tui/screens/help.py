"""Every key and what it does: first those of the part that has the focus, then the rest, then the signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.containers import Vertical
from textual.widgets import Input, Static

from agentassist.tui.commands import bindings
from agentassist.tui.registry import COMMANDS, Scope, rows
from agentassist.tui.screens.dialog import Dialog
from agentassist.tui.screens.help_words import ABOUT, SIGNS
from agentassist.tui.screens.live_keys import live_keys
from agentassist.tui.widgets.blocks import Block, BlockList
from agentassist.tui.widgets.lines import Line, Piece, fit, wrap
from agentassist.tui.widgets.match import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.dom import DOMNode

KEY_WIDTH = 15
_SCOPES = {command.id: command.scope for command in COMMANDS}


class Row(NamedTuple):
    """One line of the help: a key or a sign, and what it does or means.

    Attributes:
        name: what footer and palette call it; searched and not shown.
    """

    key: str
    sign: str
    words: str
    name: str = ""


class Section(NamedTuple):
    """Some rows under a heading.

    Attributes:
        about: what is said of the part before its keys; empty for nothing.
    """

    title: str
    about: str
    rows: tuple[Row, ...]


class HelpScreen(Dialog):
    """Lists the keys as they are now, and what the signs mean; typing filters."""

    DEFAULT_CSS = """
    HelpScreen #help-dialog { height: 94%; }
    HelpScreen.-low #help-dialog { padding: 0 2 !important; }
    HelpScreen #help { height: 1fr; background: $surface !important; margin: 1 0 0 0; }
    HelpScreen.-low #help { margin: 0; }
    HelpScreen .keys { height: 1; margin: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.LIST)]
    AUTO_FOCUS = "#help-filter"

    def __init__(self) -> None:
        super().__init__()
        self._sections: tuple[Section, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        with Vertical(classes="dialog", id="help-dialog") as dialog:
            dialog.border_title = "Help"
            yield Input(placeholder="type to filter", id="help-filter", max_length=100)
            yield BlockList(id="help")
            yield Static("↑↓ scroll · Esc closes", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Show what belongs to the part that has the focus first."""
        super().on_mount()
        below = self.app.screen_stack[-2] if len(self.app.screen_stack) > 1 else None
        self._sections = tuple(self._all(scopes_here((below.focused or below) if below else None)))
        self._show()

    def _all(self, here: Sequence[Scope]) -> Iterable[Section]:
        by_scope = dict(rows())
        for scope in (*here, *(scope for scope in by_scope if scope not in here)):
            keys = tuple(
                Row(command.id, live_keys(self, command), command.help, command.label) for command in by_scope[scope]
            )
            title = f"Here · {scope}" if scope in here else str(scope)
            yield Section(title, ABOUT.get(scope, "") if scope in here else "", keys)
        yield Section("Signs and states", "", tuple(Row(f"sign-{sign}", sign, words) for sign, words in SIGNS))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show only what has every word that was typed."""
        event.stop()
        self._show()

    def _show(self) -> None:
        typed = folded(self.query_one("#help-filter", Input).value).split()
        blocks: list[Block] = []
        for number, section in enumerate(self._sections):
            kept = [row for row in section.rows if _has(typed, row, section)]
            if kept:
                about = "" if typed else section.about
                blocks.append(Block(f"section-{number}", _heading(section.title, about, first=not blocks)))
                blocks += [Block(row.key, _row(row)) for row in kept]
        if not blocks:
            blocks.append(Block("nothing", _heading("Nothing fits what you typed.", "", first=True)))
        shown = self.query_one("#help", BlockList)
        shown.set_blocks(blocks)
        shown.call_after_refresh(shown.scroll_home, animate=False, immediate=True, force=True)

    def action_cursor_up(self) -> None:
        """Go up by a line."""
        self._scroll(-1)

    def action_cursor_down(self) -> None:
        """Go down by a line."""
        self._scroll(1)

    def action_page_up(self) -> None:
        """Go up by a screen."""
        self._scroll(1 - self.query_one("#help").size.height)

    def action_page_down(self) -> None:
        """Go down by a screen."""
        self._scroll(self.query_one("#help").size.height - 1)

    def _scroll(self, lines: int) -> None:
        self.query_one("#help").scroll_relative(y=lines, animate=False, immediate=True, force=True)

    def action_pick(self) -> None:
        """Close it: there is nothing to choose."""
        self.action_save()

    def action_help(self) -> None:
        """Close it: it is the help."""
        self.action_save()

    def action_save(self) -> None:
        """Close it: there is nothing to save."""
        if self.ready:
            self.go()


def scopes_here(focused: DOMNode | None) -> tuple[Scope, ...]:
    """Return the part that has the focus, by the commands whose keys work there; a dialog has those of all dialogs."""
    for node in focused.ancestors_with_self if focused is not None else ():
        bindings = (binding for same_key in node._bindings.key_to_bindings.values() for binding in same_key)
        found = {_SCOPES.get((binding.id or "").rstrip(".0123456789")) for binding in bindings} - {None}
        if found:
            # What this dialog alone has comes before what each has.
            return tuple(sorted((scope for scope in Scope if scope in found), key=lambda scope: scope is Scope.DIALOG))
    return (Scope.DESK,)


def _has(typed: Sequence[str], row: Row, section: Section) -> bool:
    text = folded(f"{row.sign} {row.words} {row.name} {section.title}")
    return all(word in text for word in typed)


def _heading(title: str, about: str, *, first: bool) -> Callable[[int], Sequence[Line]]:
    def lines(width: int) -> Sequence[Line]:
        made: list[Line] = [] if first else [(Piece(""),)]
        made.append((Piece(fit(title, width), "mark"),))
        made += [(Piece(about[start:end]),) for start, end in (wrap(about, width) if about else [])]
        return made

    return lines


def _row(row: Row) -> Callable[[int], Sequence[Line]]:
    def lines(width: int) -> Sequence[Line]:
        room = min(KEY_WIDTH, width // 3)
        made: list[Line] = []
        # A key map may give a command many keys: then they have lines of their own.
        keys = wrap(row.sign, room - 2)
        words = wrap(row.words, width - room)
        for number in range(max(len(keys), len(words))):
            key = row.sign[slice(*keys[number])] if number < len(keys) else ""
            text = row.words[slice(*words[number])] if number < len(words) else ""
            made.append((Piece(fit(f" {key}", room), "key"), Piece(text)))
        return made

    return lines
