"""Past conversations that are like the open one: a list of how they were solved, and one of them to read.

They are another customer's. Nothing here puts a word of them anywhere: it is not quoted, copied, searched for or sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from agentassist.tui.screens.entry import EntryScreen
from agentassist.tui.screens.pick import Item
from agentassist.tui.screens.reading import ConversationList, ReadingScreen
from agentassist.tui.widgets import words
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, tzinfo

    from agentassist.session.past import Past
    from agentassist.tui.screens.desk_work import DeskWork
    from agentassist.tui.screens.pick import Row
    from agentassist.tui.widgets.match import Fit

DETAIL = 700
"""Characters that are told of the conversation under the cursor."""
UNSOLVED = "not solved"

_READ_ONLY = frozenset(("copy_entry", "quote_entry", "search_entry", "reopen", "claim", "open"))
"""What can be done with a conversation elsewhere, and not with somebody else's that only shows the way."""


def item_of(past: Past, labels: Mapping[str, str], now: datetime, zone: tzinfo | None) -> Item:
    """Return a past conversation as an entry of the list: when, how it ended, who had it, and how it was solved.

    Args:
        past: which.
        labels: what the dispositions are called, by code.
        now: this moment.
        zone: for the day.
    """
    ended = label(labels.get(past.disposition) or past.disposition, 30)
    mark = "✓" if past.solved else "–"
    how = " · ".join(filter(None, [past.telling and f"“{past.telling}”", _sent(past)]))
    head = [f"{mark} {past.similarity:.0%}", words.day(past.at, now, zone), ended, label(past.agent, 30)]
    return Item(str(past.conversation_id), " · ".join(filter(None, head)), how)


def _sent(past: Past) -> str:
    return f"sent {'; '.join(past.sent)}" if past.sent else ""


class SimilarList(ConversationList):
    """The list. What is said of the one under the cursor stands below it in full.

    Args:
        pasts: told, the solved ones first.
        items: the same, as `item_of` makes them.
        desk: on which they are read.
    """

    DEFAULT_CSS = """
    SimilarList #pick { width: 110; max-width: 96%; }
    SimilarList #similar-how { height: auto; max-height: 6; padding: 1 1 0 1; }
    """

    def __init__(self, pasts: Sequence[Past], items: Sequence[Item], desk: DeskWork) -> None:
        super().__init__(
            "Similar conversations: how a colleague solved it",
            items,
            on_pick=lambda key: desk.app.push_screen(SimilarScreen(desk, int(key))),
            empty="There is no similar conversation any more.",
        )
        self._how = {str(past.conversation_id): past for past in pasts}

    def on_mount(self) -> None:
        """Put what is told of one above the line of the keys."""
        super().on_mount()
        foot = self.query_one("#pick-foot", Static)
        foot.update(Content("↑↓ choose · ⏎ reads · Esc closes · to be read, never sent"))
        self.query_one("#pick").mount(Static("", id="similar-how", markup=False), before=foot)
        self.call_after_refresh(self._tell)

    def action_cursor_up(self) -> None:
        """Go to the one above."""
        super().action_cursor_up()
        self._tell()

    def action_cursor_down(self) -> None:
        """Go to the one below."""
        super().action_cursor_down()
        self._tell()

    def action_page_up(self) -> None:
        """Go up by a screen of the list."""
        super().action_page_up()
        self._tell()

    def action_page_down(self) -> None:
        """Go down by a screen of the list."""
        super().action_page_down()
        self._tell()

    def _show(self, found: list[tuple[Row, Fit]], keep: bool) -> None:
        super()._show(found, keep)
        self._tell()

    def _tell(self) -> None:
        """Say how the one under the cursor was solved."""
        for foot in self.query("#similar-how").results(Static):
            past = self._how.get(self.chosen or "")
            foot.update(Content(_told(past) if past else ""))


def _told(past: Past) -> str:
    begin = "" if past.solved else f"Ended {UNSOLVED}. "
    how = past.telling or "Nothing tells how: read it."
    return label(begin + " · ".join(filter(None, [how, _sent(past)])), DETAIL)


class SimilarScreen(ReadingScreen):
    """Shows a past conversation of another customer, to be read and nothing else."""

    ALLOW_SELECT = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse whatever would take words or the conversation from here."""
        return False if action in _READ_ONLY else super().check_action(action, parameters)

    def action_read_entry(self) -> None:
        """Read the entry under the cursor in full, or fold the part before."""
        entry, script = self.transcript.entry, self.transcript.script
        if self.transcript.cursor_key == "before":
            self.transcript.action_fold()
        elif entry is not None and script is not None:
            self.app.push_screen(SimilarEntry(entry, script.voice, script.now, self._desk.config))

    # A key map cannot bring them back either: what a key does not reach, nothing else does.

    def action_copy_entry(self) -> None:
        """Nothing is copied from here."""

    def action_quote_entry(self) -> None:
        """Nothing is quoted from here."""

    def action_search_entry(self) -> None:
        """Nothing is searched for from here."""

    def action_reopen(self) -> None:
        """It is not taken up from here."""

    def action_claim(self) -> None:
        """It is not claimed from here."""

    def action_open(self) -> None:
        """It is not opened from here."""


class SimilarEntry(EntryScreen):
    """Shows one entry of such a conversation in full."""

    ALLOW_SELECT = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse to copy."""
        return False if action in _READ_ONLY else super().check_action(action, parameters)

    def on_mount(self) -> None:
        """Show the text, and only how to leave it."""
        super().on_mount()
        self.query_one("#entry").border_subtitle = "Esc closes"

    def action_copy_entry(self) -> None:
        """Nothing is copied from here."""
