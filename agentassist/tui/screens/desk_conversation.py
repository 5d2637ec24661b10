"""The middle column's work: open, keep up, claim, release, close."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError, ClaimedError, StoreError
from agentassist.models import Author, Entry, EntryKind
from agentassist.session import events
from agentassist.session.desk import Desk, Opened
from agentassist.session.open_conversation import OpenConversation
from agentassist.tui.screens.desk_entries import EntryWork
from agentassist.tui.screens.desk_queue import NOBODY
from agentassist.tui.screens.desk_reading import ReadingWork
from agentassist.tui.screens.work import Refresher, begin, done
from agentassist.tui.widgets.entry_lines import Voice
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from agentassist.tui.screens.desk_work import DeskWork


NEWS_SECONDS = 0.1
"""How often what others write to the open conversation is shown while they write all the time; the first at once."""


class Current(OpenConversation):
    """The conversation in the middle."""

    @property
    def name(self) -> str:
        """The customer's name, clean."""
        customer = self.opened.conversation.customer
        return label(customer.name or customer.id, 60)


class ConversationWork:
    """Opens conversations and keeps the open one true."""

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk
        self._refresher = Refresher(desk, "live", self._read_live, every=NEWS_SECONDS, keyboard=desk.keyboard)
        self._entry = EntryWork(desk, desk, desk.transcript, desk.reply_note)
        self._reading = ReadingWork(desk)
        self.current: Current | None = None

    # Opening

    def open(self, conversation_id: int) -> None:
        """Look at a conversation."""
        begin(self._desk, self._open, conversation_id, group="open", exclusive=True)

    async def turn_to(self, conversation_id: int) -> None:
        """Look at a conversation, and return when it is shown."""
        await self._open(conversation_id)

    async def _open(self, conversation_id: int) -> None:
        self._desk.reply.keep()
        try:
            opened = await done(self._desk.backend.records(Desk.open, conversation_id))
        except AgentAssistError as error:
            self._desk.queue_note.fail(error, "cannot open it: ")
            return
        self._desk.queue_note.say("")
        self.show(opened)

    def show(self, opened: Opened) -> None:
        """Put a conversation in the middle."""
        desk = self._desk
        same = self.current is not None and self.current.id == opened.conversation.id
        if not same:
            desk.reply.keep()  # what was typed to the last one while this one was read
        self.current = current = Current(opened, list(opened.entries), desk.backend.agent)
        voice = Voice(desk.backend.agent, opened.conversation.customer.name, desk.zone)
        missed_after = self._missed_after(current)
        desk.transcript.show(
            current.id,
            current.entries,
            voice,
            desk.clock.now(),
            reason=opened.conversation.reason,
            seen=opened.conversation.last_seq if missed_after is None else missed_after,
            missed_after=missed_after,
        )
        desk.reply.attach(current, keep_text=same)
        desk.show_head(current)
        desk.queue_work.show()
        desk.queue.prefer(current.id)
        desk.suggesting.start(current)
        desk.show_pane("conversation")
        (desk.composer if current.mine else desk.transcript).focus()

    def _missed_after(self, current: Current) -> int | None:
        """Return the last entry that this agent has seen, when others have written since and it is theirs to answer."""
        opened, transcript = current.opened, self._desk.transcript
        draft = opened.draft.seen_seq if opened.draft and opened.draft.text else 0
        on_screen = transcript.seen_seq if transcript.conversation_id == current.id else 0
        seen = max(opened.seen_seq, draft, on_screen)
        if not seen or not current.mine:
            return draft or None
        later = (entry for entry in reversed(current.entries) if entry.seq > seen)
        wanted = (entry for entry in later if events.wants_reading(entry))
        others = any(not (entry.author is Author.AGENT and entry.author_name == current.agent) for entry in wanted)
        return seen if others else None

    def leave(self) -> None:
        """Put nothing in the middle."""
        self.current = None
        self._desk.transcript.clear()
        self._desk.reply.attach(None)
        self._desk.show_head(None)
        self._desk.suggesting.start(None)
        self._desk.queue_work.show()

    # Keeping up

    def refresh(self) -> None:
        """Read what has come in."""
        if self.current is not None:
            self._refresher.poke()

    async def catch_up(self) -> None:
        """Read what has come in, and return when it is shown."""
        await self._read()

    async def _read_live(self) -> None:
        """Read what has come in; only what is painted is worth a pause: others write all the time what is not here."""
        if not await self._read():
            self._refresher.at_once()

    async def _read(self) -> bool:
        """Read what has come in to the open conversation, and say whether there was anything."""
        current = self.current
        if current is None:
            return False
        last = current.entries[-1].seq if current.entries else 0
        try:
            fresh = await done(self._desk.backend.records(Desk.entries, current.id, last))
            changed = any(entry.kind is EntryKind.EVENT for entry in fresh)
            opened = await done(self._desk.backend.records(Desk.open, current.id)) if changed else current.opened
        except AgentAssistError as error:
            self._desk.reply_note.fail(error, "cannot read what came in: ")
            return True
        if self.current is current and fresh:
            if self._keep(current, fresh, opened):
                await self._desk.suggesting.ahead()
            self._show_new()
        return bool(fresh)

    def take(self, fresh: tuple[Entry, ...], opened: Opened) -> None:
        """Show what has come in to the open conversation."""
        current = self.current
        if current is None:
            return
        last = current.entries[-1].seq if current.entries else 0
        if any(entry.seq > last for entry in fresh) and fresh[0].seq > last + 1:
            # An own reply came back before what the customer did meanwhile, such as opening an article: read it all.
            self.refresh()
            return
        wanted = self._keep(current, fresh, opened)
        self._show_new()
        if wanted:
            self._desk.suggesting.refresh()

    def _show_new(self) -> None:
        """Put into the transcript what is not in it by now: a reply may have overtaken what waited to be shown."""
        current, script = self.current, self._desk.transcript.script
        if current is not None and script is not None:
            later = bisect_right(current.entries, script.last_seq, key=lambda entry: entry.seq)
            self._desk.transcript.add(current.entries[later:], self._desk.clock.now())

    def _keep(self, current: Current, fresh: tuple[Entry, ...], opened: Opened) -> bool:
        """Take in what has come, but for the transcript, and say whether it is to be searched for."""
        last = current.entries[-1].seq if current.entries else 0
        current.entries += [entry for entry in fresh if entry.seq > last]
        was_mine = current.mine
        if opened is not current.opened:
            current.opened = opened
            self._desk.show_head(current)
            self._desk.reply.allow(current)
            moves = [entry for entry in fresh if events.changes_hands(entry)]
            if was_mine and not current.mine and moves and moves[-1].author_name != current.agent:
                self._desk.reply.lose(current, moves[-1].author_name)
        if any(entry.kind is EntryKind.EVENT for entry in fresh):
            self._desk.advising.refresh()
        return was_mine != current.mine or any(events.from_customer(entry) for entry in fresh)

    def seen(self, conversation_id: int, seq: int) -> None:
        """Keep that this agent has seen what is on screen; a look at what is not theirs leaves no trace."""
        current = self.current
        if current is not None and current.id == conversation_id and current.mine:
            begin(self._desk, self._seen, conversation_id, seq, group="seen")

    async def _seen(self, conversation_id: int, seq: int) -> None:
        try:
            await done(self._desk.backend.records(Desk.seen, conversation_id, seq))
        except StoreError as error:
            self._desk.queue_note.fail(error, "not saved: ")

    # Having it

    def claim(self, conversation_id: int) -> None:
        """Take a conversation."""
        begin(self._desk, self._claim, conversation_id, group="open", exclusive=True)

    async def _claim(self, conversation_id: int) -> bool:
        self._desk.reply.keep()
        try:
            opened = await done(self._desk.backend.records(Desk.claim, conversation_id))
        except AgentAssistError as error:
            self._desk.queue_note.fail(error, self._whose(conversation_id))
            if self.current is not None and self.current.id == conversation_id:
                await self._read()
                self._desk.reply_note.fail(error)
                if isinstance(error, ClaimedError):
                    self._desk.reply.refuse()
            self._desk.queue_work.refresh()
            return not isinstance(error, ClaimedError)
        self._desk.queue_note.say("")
        self.show(opened)
        self._desk.undoing.claimed(opened)
        self._desk.queue_work.refresh()
        return True

    def _whose(self, conversation_id: int) -> str:
        """Begin a note with the customer's name: by then the cursor of the queue may be on another."""
        overview = self._desk.queue_work.overview
        known = (*overview.waiting, *overview.others, *overview.mine)
        name = next((each.customer.name for each in known if each.id == conversation_id), "")
        return f"{label(name, 40)}: " if name else ""

    def claim_next(self) -> None:
        """Take the conversation that comes first; when another agent is faster, the one after it."""
        begin(self._desk, self._claim_next, group="open", exclusive=True)

    async def _claim_next(self) -> None:
        waiting = list(self._desk.queue_work.overview.waiting)
        for conversation in waiting:
            if await self._claim(conversation.id):
                return
        if not waiting:
            self._desk.queue_note.say(NOBODY)

    def release(self) -> None:
        """Give the open conversation back to the queue."""
        if (current := self.current) is not None:
            begin(self._desk, self._release, current, group="open", exclusive=True)

    async def _release(self, current: Current) -> None:
        self._desk.reply.keep()
        try:
            await done(self._desk.backend.records(Desk.release, current.id))
        except AgentAssistError as error:
            self._desk.reply_note.fail(error)
            return
        await self._read()
        self._desk.undoing.released(current)
        self._desk.transcript.focus()
        self._desk.reply.allow(self.current)
        self._desk.queue_work.refresh()

    def show_details(self, opened: Opened) -> None:
        """Show what is known around the open conversation, without touching its text."""
        if self.current is not None and self.current.id == opened.conversation.id:
            self.current.opened = opened
            self._desk.show_head(self.current)

    # The entry under the cursor, and other conversations

    def read_entry(self) -> None:
        """Read the entry under the cursor in full."""
        self._entry.read()

    def copy_entry(self) -> None:
        """Copy the entry under the cursor."""
        self._entry.copy()

    def quote_entry(self) -> None:
        """Quote the entry under the cursor in the reply."""
        self._entry.quote()

    def search_entry(self) -> None:
        """Search for what the entry under the cursor says."""
        self._entry.search()

    def earlier(self) -> None:
        """Read an earlier conversation of the customer."""
        self._reading.earlier()

    def recent(self) -> None:
        """Find any conversation."""
        self._reading.recent()
