"""The desk's panels: three columns, a line above and a line below, and which of them is in front."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen

from agentassist.tui.screens.desk_late import PANES, LatePanels
from agentassist.tui.widgets.filter import Filtered
from agentassist.tui.widgets.queue import Queue
from agentassist.tui.widgets.status import Note, StatusLine

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from textual.app import ComposeResult
    from textual.widget import Widget
    from textual.widgets import Tabs

    from agentassist.tui.screens.desk_conversation import Current

LATER_STYLES = Path(__file__).parents[1] / "later.tcss"


class DeskPanels(LatePanels, Screen[None]):
    """Lays the panels out and shows what it is told to.

    The first picture has the queue, and the places of everything else; `furnish` fills them.

    Args:
        zone: for times of day.

    Attributes:
        complete: whether everything is in its place.
    """

    AUTO_FOCUS = "#queue"
    DEFAULT_CSS = """
    #columns > .-place { border: round $foreground 30%; }
    #foot { dock: bottom; height: 1; background: $footer-background; }
    """

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__(id="desk")
        self.zone = zone
        self.around = ""
        self.complete = False
        self.status = StatusLine(id="status")
        self.queue = Queue(zone, id="queue")
        self.queue.border_title = "Queue"
        self.queue_filter = Filtered(self.queue, id="queue-filter")
        self.queue_note = Note(id="queue-note")
        self._conversation_pane = Vertical(id="conversation-pane", classes="-place")
        self._side_pane = Vertical(id="side-pane", classes="-place")
        self._foot = Vertical(id="foot")

    def compose(self) -> ComposeResult:
        """Lay out the first picture."""
        yield self.status
        if self.has_class("-narrow"):
            yield self.tabs
        with Horizontal(id="columns"):
            yield Vertical(self.queue_filter, self.queue_note, id="queue-pane")
            yield self._conversation_pane
            yield self._side_pane
        yield self._foot

    async def furnish(self) -> None:
        """Put everything else in its place."""
        from agentassist.tui.widgets.key_footer import KeyFooter

        customer_pane = VerticalScroll(self.customer, id="customer-pane", can_focus=False)
        customer_pane.border_title = "Customer"
        self.suggestions.border_title = "Suggestions"
        self.reply_pane.border_title = "Reply"
        self.app.stylesheet.read(LATER_STYLES)
        with self.app.batch_update():
            await self.queue_filter.furnish()
            for pane in (self._conversation_pane, self._side_pane):
                pane.remove_class("-place")
            if not self.tabs.is_attached:
                await self.mount(self.tabs, after=self.status)
            await self._conversation_pane.mount(self.transcript, self.reply_pane)
            await self._side_pane.mount(
                self.search_box,
                self.advice_line,
                self.suggestions,
                self.similar_line,
                self.suggestion_note,
                customer_pane,
            )
            await self.mount(self.hint, before=self._foot)
            await self._foot.mount(KeyFooter(self.offers))
        self.complete = True

    def offers(self, action: str) -> bool:  # noqa: ARG002
        """Say whether the footer shows the key of an action."""
        return True

    def show_head(self, current: Current | None) -> None:
        """Say whose conversation is in the middle, and who has it."""
        from agentassist.tui.screens.desk_head import title
        from agentassist.tui.screens.live_keys import key_of

        self.refresh_bindings()
        claim = key_of(self, "conversation.claim")
        self.transcript.head = partial(title, current, around=self.around, claim=claim)
        self.transcript.show_title()

    def count_waiting(self, number: int) -> None:
        """Show on the tab how many wait."""
        tab = self.pane_tabs["queue"]
        label = f"Queue {number}" if number else "Queue"
        if tab.label_text != label:
            tab.label = Content(label)

    @property
    def suggestion_answer(self) -> Note:
        """Where a key that is about a suggestion is answered: below them, or in the pane behind which they are."""
        if not self.has_class("-narrow") or self.has_class("-show-side"):
            return self.suggestion_note
        return self.queue_note if self.has_class("-show-queue") else self.reply_note

    def show_pane(self, pane: str) -> None:
        """Bring one of the panes to the front; it matters only when the screen is narrow."""
        # Where all panes are side by side no style asks for these classes, and to make all styles anew takes long.
        shown = {f"-show-{name}": name == pane for name in PANES}
        self.update_classes(shown, update=self.has_class("-narrow"), animate=False)
        if self.tabs.active != f"tab-{pane}":
            self.tabs.active = f"tab-{pane}"

    def go(self, pane: str, widget: Widget) -> None:
        """Put the focus on a part, whichever pane it is in."""
        self.show_pane(pane)
        widget.focus()

    def on_tabs_tab_activated(self, event: Tabs.TabActivated) -> None:
        """Show the pane whose tab was chosen, unless another was meanwhile: two would bring up each other for ever."""
        pane = (event.tab.id or "").removeprefix("tab-")
        if event.tab.id == self.tabs.active and not self.has_class(f"-show-{pane}"):
            self.show_pane(pane)
