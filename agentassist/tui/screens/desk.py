"""The desk: who needs me, what was said, what helps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Tab, Tabs

from agentassist.errors import AgentAssistError
from agentassist.session.desk import Desk
from agentassist.tui.commands import Scope, bindings
from agentassist.tui.messages import (
    DraftChanged,
    EntriesSeen,
    FollowUpOpened,
    OpenRequested,
    ReadRequested,
    SearchRequested,
    SendRequested,
    StoreChanged,
)
from agentassist.tui.screens.desk_conversation import ConversationWork, Current
from agentassist.tui.screens.desk_head import title
from agentassist.tui.screens.desk_queue import QueueWork
from agentassist.tui.screens.desk_reply import ReplyWork
from agentassist.tui.screens.desk_suggestions import SuggestionWork
from agentassist.tui.screens.work import done
from agentassist.tui.timers import every
from agentassist.tui.widgets.composer import Composer
from agentassist.tui.widgets.customer import CustomerCard
from agentassist.tui.widgets.key_footer import KeyFooter
from agentassist.tui.widgets.queue import Queue
from agentassist.tui.widgets.status import Note, StatusLine
from agentassist.tui.widgets.suggestions import SearchBox, SuggestionList
from agentassist.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from agentassist.config import Config
    from agentassist.protocols import Clock
    from agentassist.session.backend import Backend

PANES = {"queue": "Queue", "conversation": "Conversation", "side": "Suggestions"}
TICK_SECONDS = 1.0


class DeskScreen(Screen[None]):
    """Lays the panels out and passes what they ask for to the work behind them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.DESK)]
    AUTO_FOCUS = "#queue"

    def __init__(
        self, backend: Backend, config: Config, clock: Clock, zone: ZoneInfo, *, prefer: tuple[int, ...] = ()
    ) -> None:
        super().__init__(id="desk")
        self.backend = backend
        self.config = config
        self.clock = clock
        self.zone = zone
        # Made here and not looked up by id, so that work that is just ending still finds them while the screen goes.
        self.status = StatusLine(id="status")
        self.tabs = Tabs(*(Tab(Content(label), id=f"tab-{pane}") for pane, label in PANES.items()), id="tabs")
        self.queue = Queue(zone, id="queue")
        self.queue_note = Note(id="queue-note")
        self.transcript = Transcript(id="transcript")
        self.composer = Composer(id="composer")
        self.reply_note = Note(id="reply-note")
        self.reply_pane = Vertical(self.composer, self.reply_note, id="reply")
        self.search_box = SearchBox(id="search")
        self.suggestions = SuggestionList(id="suggestions")
        self.suggestion_note = Note(id="suggestion-note")
        self.customer = CustomerCard(id="customer")
        self.queue_work = QueueWork(self, prefer)
        self.conversation = ConversationWork(self)
        self.reply = ReplyWork(self)
        self.suggesting = SuggestionWork(self)
        self._leaving = False

    def compose(self) -> ComposeResult:
        """Lay out the three columns."""
        yield self.status
        yield self.tabs
        with Horizontal(id="columns"):
            yield Vertical(self.queue, self.queue_note, id="queue-pane")
            yield Vertical(self.transcript, self.reply_pane, id="conversation-pane")
            with Vertical(id="side-pane"):
                yield self.search_box
                yield self.suggestions
                yield self.suggestion_note
                yield VerticalScroll(self.customer, id="customer-pane", can_focus=False)
        yield KeyFooter(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin to keep up with the store."""
        self.queue.border_title = "Queue"
        self.suggestions.border_title = "Suggestions"
        self.query_one("#customer-pane").border_title = "Customer"
        self.reply_pane.border_title = "Reply"
        self.status.change(agent=self.backend.agent)
        self.show_pane("queue")
        self.conversation.leave()
        self.queue_work.refresh()
        self.backend.watch(self._changed)
        every(self, TICK_SECONDS, self.queue_work.tick)
        self.call_after_refresh(self.suggesting.warm)

    def on_unmount(self) -> None:
        """Hand in what is unsaved, however the desk ends."""
        self.reply.hand_in()

    def on_screen_resume(self) -> None:
        """Look again when a dialog has gone: what came in behind it was not seen."""
        self.transcript.look()

    def _changed(self) -> None:
        """Hear from the watcher's thread that somebody wrote."""
        self.post_message(StoreChanged())

    # What the work shows here

    def show_head(self, current: Current | None) -> None:
        """Say whose conversation is in the middle, and who has it."""
        self.refresh_bindings()
        self.transcript.head = partial(title, current)
        self.transcript.show_title()

    def count_waiting(self, number: int) -> None:
        """Show on the tab how many wait."""
        tab = self.query_one("#tab-queue", Tab)
        label = f"Queue {number}" if number else "Queue"
        if tab.label_text != label:
            tab.label = Content(label)

    def show_pane(self, pane: str) -> None:
        """Bring one of the panes to the front; it matters only when the screen is narrow."""
        for name in PANES:
            self.set_class(name == pane, f"-show-{name}")
        if self.tabs.active != f"tab-{pane}":
            self.tabs.active = f"tab-{pane}"

    def go(self, pane: str, widget: Widget) -> None:
        """Put the focus on a part, whichever pane it is in."""
        self.show_pane(pane)
        widget.focus()

    # What the parts ask for

    def on_tabs_tab_activated(self, event: Tabs.TabActivated) -> None:
        """Show the pane whose tab was chosen."""
        pane = (event.tab.id or "").removeprefix("tab-")
        if not self.has_class(f"-show-{pane}"):
            self.show_pane(pane)

    def on_store_changed(self, _: StoreChanged) -> None:
        """Read what is new."""
        self.queue_work.refresh()
        self.conversation.refresh()

    def on_open_requested(self, event: OpenRequested) -> None:
        """Look at a conversation."""
        self.conversation.open(event.conversation_id)

    def on_follow_up_opened(self, event: FollowUpOpened) -> None:
        """Look at the conversation that a follow-up is about."""
        if event.conversation_id is not None:
            self.conversation.open(event.conversation_id)

    def on_send_requested(self, event: SendRequested) -> None:
        """Send what is in the composer."""
        self.reply.send(event.text)

    def on_draft_changed(self, _: DraftChanged) -> None:
        """Save the draft soon."""
        self.reply.typed()

    def on_entries_seen(self, event: EntriesSeen) -> None:
        """Keep what was read."""
        self.conversation.seen(event.conversation_id, event.seq)

    def on_search_requested(self, event: SearchRequested) -> None:
        """Search with typed words."""
        self.suggesting.search(event.words)

    def on_read_requested(self, event: ReadRequested) -> None:
        """Show an article's passage in full."""
        from agentassist.tui.screens.article import ArticleScreen

        if (offer := self.suggesting.offer(event.rank)) is not None:
            self.app.push_screen(ArticleScreen(offer.hit, self.suggesting.read))

    # Commands

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Hide from the footer what cannot be done to what is in the middle."""
        current = self.conversation.current
        if action == "claim":
            return self.queue.has_focus or (current is not None and not current.mine)
        if action in ("wrap_up", "release", "insert"):
            return current is not None and current.mine
        if action == "follow_up":
            return current is not None
        return True

    def action_help(self) -> None:
        """Show every key."""
        from agentassist.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen())

    def action_claim(self) -> None:
        """Take the conversation under the cursor of the queue, or the open one."""
        current = self.conversation.current
        chosen = self.queue.chosen if self.queue.has_focus or current is None else current.id
        if chosen is not None:
            self.conversation.claim(chosen)

    def action_next_waiting(self) -> None:
        """Take the one that has waited longest."""
        self.conversation.claim_next()

    def action_release(self) -> None:
        """Give the open conversation back."""
        self.conversation.release()

    def action_insert(self, rank: int) -> None:
        """Put a suggestion into the reply."""
        self.reply.insert(rank)

    def action_search(self) -> None:
        """Search with own words."""
        self.go("side", self.search_box)

    def action_to_results(self) -> None:
        """Go from the search box to what it found."""
        self.go("side", self.suggestions)

    def action_leave_search(self) -> None:
        """Return to the conversation's own suggestions."""
        self.search_box.value = ""
        self.suggesting.search("")
        self.go("side", self.suggestions)

    def action_focus_suggestions(self) -> None:
        """Go to the suggestions."""
        self.go("side", self.suggestions)

    def action_focus_queue(self) -> None:
        """Go to the queue."""
        self.go("queue", self.queue)

    def action_focus_transcript(self) -> None:
        """Go to the conversation."""
        self.go("conversation", self.transcript)

    def action_focus_composer(self) -> None:
        """Go to the reply, if this agent may write one."""
        current = self.conversation.current
        self.go("conversation", self.composer if current and current.mine else self.transcript)

    def action_back(self) -> None:
        """Go one step back: reply or suggestions, conversation, queue."""
        if self.suggestions.has_focus:
            if self.search_box.value:
                self.action_leave_search()
            else:
                self.action_focus_composer()
        elif self.transcript.has_focus:
            self.action_focus_queue()
        else:
            self.action_focus_transcript()

    def action_follow_up(self) -> None:
        """Promise to come back."""
        if (current := self.conversation.current) is not None:
            from agentassist.tui.screens.follow_up import FollowUpScreen

            self.app.push_screen(FollowUpScreen(current.name, self.conversation.when, self.conversation.follow_up))

    def action_wrap_up(self) -> None:
        """Close the open conversation, when it is this agent's."""
        current = self.conversation.current
        if current is None:
            return
        from agentassist.tui.screens.wrap_up import WrapUpScreen

        self.reply.keep()
        close = partial(self.conversation.close, current.id)
        self.app.push_screen(WrapUpScreen(current.name, self.config.dispositions, close, self.composer.text))

    async def action_follow_up_done(self) -> None:
        """Tick off the follow-up under the cursor."""
        if (item := self.queue.chosen_follow_up) is None:
            return
        try:
            await done(self.backend.records(Desk.finish_follow_up, item.id))
        except AgentAssistError as error:
            self.queue_note.fail(error, "not saved: ")
        self.queue_work.refresh()

    async def may_leave(self) -> bool:
        """Save the draft; say whether the desk may end: when it cannot be saved, only the second time."""
        asked_before, self._leaving = self._leaving, True
        return await self.reply.save_before_leaving() or asked_before
