"""The desk's panels: three columns, a line above and a line below, and which of them is in front."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Tab, Tabs

from agentassist.tui.screens.desk_head import title
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.widgets.composer import Composer
from agentassist.tui.widgets.customer import CustomerCard
from agentassist.tui.widgets.filter import Filtered
from agentassist.tui.widgets.hint import Hint
from agentassist.tui.widgets.key_footer import KeyFooter
from agentassist.tui.widgets.queue import Queue
from agentassist.tui.widgets.status import Note, StatusLine
from agentassist.tui.widgets.suggestions import SearchBox, SuggestionList
from agentassist.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from textual.app import ComposeResult
    from textual.widget import Widget

    from agentassist.tui.screens.desk_conversation import Current

PANES = {"queue": "Queue", "conversation": "Conversation", "side": "Suggestions"}


class DeskPanels(Screen[None]):
    """Lays the panels out and shows what it is told to.

    Args:
        zone: for times of day.
    """

    AUTO_FOCUS = "#queue"

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__(id="desk")
        self.zone = zone
        # Made here and not looked up by id, so that work that is just ending still finds them while the screen goes.
        self.status = StatusLine(id="status")
        self.pane_tabs = {pane: Tab(Content(label), id=f"tab-{pane}") for pane, label in PANES.items()}
        self.tabs = Tabs(*self.pane_tabs.values(), id="tabs")
        self.queue = Queue(zone, id="queue")
        self.queue_filter = Filtered(self.queue, id="queue-filter")
        self.around = ""
        self.queue_note = Note(id="queue-note")
        self.transcript = Transcript(id="transcript")
        self.composer = Composer(id="composer")
        self.reply_note = Note(id="reply-note")
        self.reply_pane = Vertical(self.composer, self.reply_note, id="reply")
        self.search_box = SearchBox(id="search")
        self.suggestions = SuggestionList(id="suggestions")
        self.suggestion_note = Note(id="suggestion-note")
        self.customer = CustomerCard(id="customer")
        self.hint = Hint(id="hint")

    def compose(self) -> ComposeResult:
        """Lay out the three columns."""
        yield self.status
        yield self.tabs
        with Horizontal(id="columns"):
            yield Vertical(self.queue_filter, self.queue_note, id="queue-pane")
            yield Vertical(self.transcript, self.reply_pane, id="conversation-pane")
            with Vertical(id="side-pane"):
                yield self.search_box
                yield self.suggestions
                yield self.suggestion_note
                yield VerticalScroll(self.customer, id="customer-pane", can_focus=False)
        yield self.hint
        yield KeyFooter(show_command_palette=False)

    def name_panels(self) -> None:
        """Put the names on the borders, and the queue in front."""
        self.queue.border_title = "Queue"
        self.suggestions.border_title = "Suggestions"
        self.query_one("#customer-pane").border_title = "Customer"
        self.reply_pane.border_title = "Reply"
        self.show_pane("queue")

    def show_head(self, current: Current | None) -> None:
        """Say whose conversation is in the middle, and who has it."""
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
        """Show the pane whose tab was chosen."""
        pane = (event.tab.id or "").removeprefix("tab-")
        if not self.has_class(f"-show-{pane}"):
            self.show_pane(pane)
