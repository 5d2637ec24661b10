"""Another conversation to read; reading leaves no trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from agentassist.errors import AgentAssistError
from agentassist.models import Event, State
from agentassist.session.desk import Desk
from agentassist.text import clean
from agentassist.tui.commands import bindings
from agentassist.tui.registry import Scope
from agentassist.tui.screens.desk_entries import EntryWork
from agentassist.tui.screens.dialog import Dialog
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.screens.pick import PickScreen
from agentassist.tui.screens.work import begin, found
from agentassist.tui.widgets import words
from agentassist.tui.widgets.entry_lines import Voice
from agentassist.tui.widgets.lines import label
from agentassist.tui.widgets.status import Note
from agentassist.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from agentassist.models import Conversation
    from agentassist.session.desk import Opened
    from agentassist.tui.screens.desk_work import DeskWork

SUMMARY_LIMIT = 1_000
"""Characters of a summary above the text; all of it stands at the end of the conversation."""


class ConversationList(PickScreen):
    """A list of conversations that stays open below the one that is read, with what was typed and chosen."""

    def take(self, key: str | None) -> None:
        """Read the one that was taken."""
        if key is not None and self.ready and self.is_active:
            self._on_pick(key)


class ReadingScreen(Dialog):
    """Shows one conversation, without the desk around it.

    Args:
        desk: the desk on which it may be opened, claimed or reopened.
        conversation_id: which.
    """

    DEFAULT_CSS = """
    ReadingScreen #reading-head { height: auto; max-height: 8; padding: 0 1; color: $foreground 70%; }
    ReadingScreen #reading-transcript { height: 1fr; background: $surface !important; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.READING)]
    AUTO_FOCUS = "#reading-transcript"

    def __init__(self, desk: DeskWork, conversation_id: int) -> None:
        super().__init__()
        self._desk = desk
        self._conversation_id = conversation_id
        self.opened: Opened | None = None
        self.transcript = Transcript(id="reading-transcript")
        self.note = Note(id="dialog-note")
        self._entries = EntryWork(desk, self, self.transcript, self.note)

    def compose(self) -> ComposeResult:
        """Lay out header and text."""
        with Vertical(classes="dialog", id="reading") as dialog:
            dialog.border_subtitle = "Esc goes back"
            yield Static("", id="reading-head", markup=False)
            yield self.transcript
            yield self.note

    def on_mount(self) -> None:
        """Fetch it."""
        super().on_mount()
        self.transcript.clear()
        begin(self, self._fetch, group="reading", exclusive=True)

    async def _fetch(self) -> None:
        try:
            opened = await found(self._desk.backend.records(Desk.open, self._conversation_id))
        except AgentAssistError as error:
            self.note.fail(error, "cannot read it: ")
            return
        self.opened = opened
        conversation = opened.conversation
        name = label(conversation.customer.name or conversation.customer.id, 60)
        dialog = self.query_one("#reading")
        dialog.border_title = Content(name)
        dialog.border_subtitle = Content(self._keys())
        self.query_one("#reading-head", Static).update(Content("\n").join(self._head(opened)))
        now, voice = (
            self._desk.clock.now(),
            Voice(self._desk.backend.agent, conversation.customer.name, self._desk.zone),
        )
        last = conversation.last_seq  # what is only read is never marked as seen
        self.transcript.show(conversation.id, opened.entries, voice, now, reason=conversation.reason, seen=last)
        self.transcript.action_home()
        self.refresh_bindings()

    def _keys(self) -> str:
        """Say what can be done here; the keys are those of the agent's key map."""
        offered = (("reopen", "reopens"), ("claim", "claims"), ("open", "opens it at the desk"))
        told = [f"{key_of(self, f'reading.{name}')} {what}" for name, what in offered if self.check_action(name, ())]
        return " · ".join([*told, f"{key_of(self, 'dialog.cancel')} goes back"])

    def _head(self, opened: Opened) -> list[Content]:
        conversation, zone = opened.conversation, self._desk.zone
        now = self._desk.clock.now()
        began = f"{words.day(conversation.started_at, now, zone)} {words.clock_time(conversation.started_at, zone)}"
        ended = f"{words.day(conversation.last_at, now, zone)} {words.clock_time(conversation.last_at, zone)}"
        # One that was over within a day names the day once.
        same = words.day(conversation.started_at, now, zone) == words.day(conversation.last_at, now, zone)
        ended = words.clock_time(conversation.last_at, zone) if same else ended
        told = [began if began.endswith(ended) else f"{began} to {ended}", label(conversation.channel, 20)]
        if conversation.agent:
            told.append(label(conversation.agent, 40))
        told.append(state_words(opened.conversation))
        lines = [Content(" · ".join(filter(None, told)))]
        if summary := clean(_summary(opened), limit=SUMMARY_LIMIT).strip():
            lines.append(Content.styled(summary, "$foreground"))
        return lines

    # The entry under the cursor

    def action_read_entry(self) -> None:
        """Read it in full."""
        self._entries.read()

    def action_copy_entry(self) -> None:
        """Copy it."""
        self._entries.copy()

    def action_quote_entry(self) -> None:
        """Quote it in the reply to the open conversation."""
        if self._entries.quote():
            self._leave()

    def action_search_entry(self) -> None:
        """Search for what it says."""
        if self._entries.search():
            self._leave()

    # The conversation

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only what its state allows."""
        state = self.opened.conversation.state if self.opened else None
        if action == "reopen":
            return state is State.CLOSED
        if action == "claim":
            return state is State.WAITING
        return True

    def action_reopen(self) -> None:
        """Take it up again."""
        if self.ready:
            self._leave()
            self._desk.closing.reopen(self._conversation_id)

    def action_claim(self) -> None:
        """Claim it."""
        if self.ready:
            self._leave()
            self._desk.conversation.claim(self._conversation_id)

    def action_open(self) -> None:
        """Look at it at the desk."""
        if self.ready:
            self._leave()
            self._desk.conversation.open(self._conversation_id)

    def action_save(self) -> None:
        """Close it: there is nothing to save."""
        self.go()

    def _leave(self) -> None:
        """Close this and the list below it."""
        below = self.app.screen_stack[-2]
        self.go()
        if isinstance(below, ConversationList):
            below.go()


def state_words(conversation: Conversation) -> str:
    """Say where a conversation is: who has it, or how it ended; clean."""
    return {
        State.DIGITAL: "with a tree" if conversation.agent else "with the bot",
        State.WAITING: "waiting",
        State.CLAIMED: f"with {label(conversation.agent, 40)}",
        State.CLOSED: f"closed: {label(conversation.disposition, 40)}",
    }[conversation.state]


def _summary(opened: Opened) -> str:
    """Return the whole summary of a closed conversation, empty for an open one."""
    if opened.conversation.state is not State.CLOSED:
        return ""
    return next((entry.text for entry in reversed(opened.entries) if entry.event is Event.CLOSED), "")
