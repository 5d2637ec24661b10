"""The composer's work: drafts that are not lost, sends that are on disk before they are shown as sent."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from textual.content import Content

from agentassist.errors import AgentAssistError
from agentassist.models import Outcome, State
from agentassist.session.desk import Desk
from agentassist.session.events import from_customer
from agentassist.tui.screens.desk_sending import SendWork
from agentassist.tui.screens.desk_snippets import SnippetWork
from agentassist.tui.screens.desk_verdicts import judged
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.screens.work import begin, done
from agentassist.tui.timers import after
from agentassist.tui.widgets import words
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from textual.timer import Timer

    from agentassist.models import Snippet
    from agentassist.session.desk import Offer
    from agentassist.tui.screens.desk_conversation import Current
    from agentassist.tui.screens.desk_work import DeskWork

REST_SECONDS = 0.5
"""A draft is saved when typing has rested this long …"""
LONGEST_SECONDS = 1.5
"""… and at least this often while it goes on, so that a crash loses less than two seconds of it."""
RETRY_SECONDS = 2.0
"""How soon a draft that could not be saved is tried again."""


class ReplyWork:
    """What becomes of the words in the composer."""

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk
        self._inserted: dict[int, list[Offer]] = {}
        self._snippets: dict[int, list[Snippet]] = {}
        self._sends = SendWork(desk, self)
        self._canned = SnippetWork(desk, self)
        self._handed_in = ""
        self._unsaved_since: float | None = None
        self._resting: Timer | None = None

    # Which conversation

    def attach(self, current: Current | None, *, keep_text: bool = False) -> None:
        """Write to this conversation from now on, beginning with its draft."""
        desk = self._desk
        desk.reply_note.say("")
        if not (keep_text and desk.composer.text):
            draft = current.opened.draft if current else None
            self._put(draft.text if draft else "")
            if current and draft and draft.text:
                self._tell_unseen(current, draft.seen_seq)
                self._canned.look_for_verbatim(current, draft.text)
        self.allow(current)

    def _tell_unseen(self, current: Current, seen_seq: int) -> None:
        count = sum(entry.seq > seen_seq and from_customer(entry) for entry in current.entries)
        if count:
            self._desk.reply_note.say(f"{_new(count)} since you wrote this", level="warning")

    def allow(self, current: Current | None) -> None:
        """Let the agent write, or say what has to come first."""
        desk = self._desk
        writable = current is not None and current.mine and not self._sends.busy(current.id)
        desk.composer.read_only = not writable
        # Who types while the conversation is lost keeps the focus here, where letters do nothing: elsewhere they act.
        desk.composer.can_focus = (current is not None and current.mine) or desk.composer.has_focus
        desk.reply_pane.set_class(not (current and current.mine), "-closed")
        desk.composer.placeholder = Content(_placeholder(current, partial(key_of, desk)))

    def lose(self, current: Current, by: str) -> None:
        """Keep what was being written to a conversation that others have taken or closed, and say so.

        Args:
            current: the conversation, which is not this agent's any more.
            by: who did it.
        """
        if self._resting is not None:
            self._resting.stop()
        if self._changed:
            self._unsaved_since = None
            begin(self._desk, self._kept, current, self._save(current.id), group="draft")
        state = current.opened.conversation.state
        what = {State.CLAIMED: "taken", State.CLOSED: "closed"}.get(state, "released")
        kept = " · your words are kept" if self._desk.composer.text else ""
        self._desk.reply_note.say(f"{what} by {label(by, 40) or 'somebody'}{kept}", level="warning")

    def refuse(self) -> None:
        """Take the focus, but no words: the open conversation was claimed by another first."""
        self._desk.composer.read_only = True
        self._desk.composer.can_focus = True
        self._desk.go("conversation", self._desk.composer)

    # Drafts

    @property
    def _changed(self) -> bool:
        """Say whether the composer has words that the store was not asked to keep, or could not.

        The words count, not only that `typed` was called: that they were typed is told by a message that passes
        through every widget above the composer, and when the desk ends or turns to another conversation at that
        moment it comes too late or never.
        """
        return self._unsaved_since is not None or self._desk.composer.text != self._handed_in

    def _put(self, text: str) -> None:
        """Put what the store has into the composer."""
        self._desk.composer.restore(text)
        self._handed_in = self._desk.composer.text

    def typed(self) -> None:
        """Note that there is something to save, and when."""
        now = monotonic()
        if self._unsaved_since is None:
            self._unsaved_since = now
        current = self._desk.conversation.current
        if self._desk.reply_note.words and not (current and self._sends.busy(current.id)):
            self._desk.reply_note.say("")
        self._keep_in(min(REST_SECONDS, self._unsaved_since + LONGEST_SECONDS - now))

    def keep(self) -> None:
        """Save the draft now, if it has changed."""
        current = self._desk.conversation.current
        if self._resting is not None:
            self._resting.stop()
        if current is None or not current.mine or self._sends.busy(current.id) or not self._changed:
            return
        self._unsaved_since = None
        saving = self._save(current.id)
        begin(self._desk, self._kept, current, saving, group="draft")

    def hand_in(self) -> None:
        """Have the draft saved without waiting: the desk is going."""
        current = self._desk.conversation.current
        if current is None or not current.mine:
            return
        if self._sends.busy(current.id):
            self._sends.keep_unless_sent(current.id)
        elif self._changed:
            self._save(current.id)

    def _save(self, conversation_id: int) -> Future[None]:
        """Hand the draft in at once, so that drafts and sends are done in the order in which they were asked for."""
        desk = self._desk
        self._handed_in = text = desk.composer.text
        return desk.backend.records(Desk.save_draft, conversation_id, text, desk.transcript.seen_seq)

    async def _kept(self, current: Current, saving: Future[None]) -> bool:
        """Wait for a draft to be saved; when it could not be, try again and again while it is on screen."""
        try:
            await done(saving)
        except AgentAssistError as error:
            if not self._desk.reply_note.words.startswith("not s"):  # that the reply was not sent says more
                self._desk.reply_note.fail(error, "draft not saved: ")
            if self._desk.conversation.current is current and self._unsaved_since is None:
                self._unsaved_since = monotonic()
                self._keep_in(RETRY_SECONDS)
            return False
        if self._desk.reply_note.words.startswith("draft not saved"):
            self._desk.reply_note.say("")
        return True

    def _keep_in(self, seconds: float) -> None:
        if self._resting is not None:
            self._resting.stop()
        self._resting = after(self._desk, seconds, self.keep)

    def stop_resting(self) -> None:
        """Save no draft soon: its words are being sent."""
        if self._resting is not None:
            self._resting.stop()

    async def save_before_leaving(self) -> bool:
        """Save what is unsaved; say whether it is safe now."""
        current = self._desk.conversation.current
        if current is None or not current.mine or not self._changed:
            return True
        self._unsaved_since = None
        return await self._kept(current, self._save(current.id))

    def forget(self, conversation_id: int) -> None:
        """Drop what was being written to a conversation that is closed."""
        self._unsaved_since = None
        self._inserted.pop(conversation_id, None)
        self._snippets.pop(conversation_id, None)
        self._put("")

    # Sending

    def send(self, text: str) -> None:
        """Send a reply; the text stays until the store has it."""
        self._sends.send(text)

    def send_suggestion(self, rank: int) -> None:
        """Send a suggestion at once."""
        self._sends.send_suggestion(rank)

    def sent(self, current: Current) -> None:
        """Clear away what has been sent."""
        self._inserted.pop(current.id, None)
        self._snippets.pop(current.id, None)
        if self._desk.conversation.current is current:
            self._unsaved_since = None
            self._put("")
            self._desk.reply_note.say("")
            self.allow(current)

    def unsent(self, current: Current) -> None:
        """Go on with what could not be sent."""
        self.allow(current)
        self._unsaved_since = monotonic()
        self.keep()

    def put_away(self, current: Current, text: str) -> None:
        """Keep what could not be sent to a conversation that is not open any more."""
        saving = self._desk.backend.records(Desk.save_draft, current.id, text, current.entries[-1].seq)
        begin(self._desk, self._kept, current, saving, group="draft")

    # Suggestions and snippets

    def inserted(self, conversation_id: int) -> Sequence[Offer]:
        """Return the suggestions that were put into the reply of a conversation."""
        return tuple(self._inserted.get(conversation_id, ()))

    def snippets_in(self, conversation_id: int) -> Sequence[Snippet]:
        """Return the snippets that were put into the reply of a conversation."""
        return tuple(self._snippets.get(conversation_id, ()))

    def insert(self, rank: int) -> None:
        """Put a suggestion at the cursor."""
        suggesting, note = self._desk.suggesting, self._desk.suggestion_answer
        offer = suggesting.offer(rank)
        if suggesting.just_moved(rank):
            note.say("The suggestions have just changed: press again.")
        elif offer is None:
            note.say(suggesting.missing(rank))
        else:
            self.insert_offer(offer)

    def insert_offer(self, offer: Offer) -> None:
        """Put an article at the cursor, with title and link, if there is a reply that it may go into."""
        desk, note = self._desk, self._desk.suggestion_answer
        current = desk.conversation.current
        if current is None or not current.mine:
            note.say(f"Claim the conversation first: {key_of(desk, 'conversation.claim')}", level="warning")
        elif offer.hit.blocked:
            note.say(f"Not inserted: {offer.hit.blocked}.", level="warning")
        elif not desk.composer.read_only:
            note.say("")
            desk.composer.put_in(offer.text)
            self.note_inserted(current.id, offer)
            desk.show_pane("conversation")
            desk.composer.focus()

    def note_inserted(self, conversation_id: int, offer: Offer) -> None:
        """Remember that a suggestion is in the reply, and record it."""
        self._inserted.setdefault(conversation_id, []).append(offer)
        begin(self._desk, self._judge, conversation_id, offer, group="judge")

    async def _judge(self, conversation_id: int, offer: Offer) -> None:
        """Keep that it was inserted; what a typed search found is recorded only now that it matters."""
        try:
            kept = await done(self._desk.backend.records(judged, conversation_id, offer, Outcome.INSERTED))
        except AgentAssistError as error:
            self._desk.suggestion_note.fail(error, "not saved: ")
            return
        self._desk.suggesting.keep((kept,))
        if conversation_id in self._inserted:
            inserted = self._inserted[conversation_id]
            self._inserted[conversation_id] = [kept if item is offer else item for item in inserted]

    def snippet(self) -> None:
        """Put a snippet into the reply."""
        self._canned.pick()

    def put_snippet(self, current: Current, snippet: Snippet, text: str, offer: Offer | None) -> None:
        """Put a filled snippet at the cursor.

        Args:
            current: whose reply it goes into; nothing is done when another one is open by now.
            snippet: which.
            text: what it says here.
            offer: the suggestion that its words name, if any.
        """
        desk = self._desk
        if desk.conversation.current is not current or not current.mine or desk.composer.read_only:
            return
        desk.composer.put_words(text)
        self.note_snippet(current.id, snippet)
        if offer is not None and offer.hit.link and offer.hit.link in text:
            self.note_inserted(current.id, offer)
        desk.go("conversation", desk.composer)

    def note_snippet(self, conversation_id: int, snippet: Snippet) -> None:
        """Remember that a snippet is in the reply: a verbatim one must stay as it is."""
        self._snippets.setdefault(conversation_id, []).append(snippet)


def _new(count: int) -> str:
    return words.count(count, "new entry", "new entries")


def _placeholder(current: Current | None, key: Callable[[str], str]) -> str:
    if current is None:
        return "Open a conversation: ↑ ↓ and Enter in the queue."
    conversation = current.opened.conversation
    if current.mine:
        send, line, there = key("composer.send"), key("composer.newline"), key("focus.suggestions")
        return f"Write a reply. {send} sends it, {line} begins a new line, {there} then 1–9 inserts a suggestion."
    if conversation.state is State.CLAIMED:
        return f"{label(conversation.agent, 40)} has this conversation. You only look."
    if conversation.state is State.DIGITAL and conversation.agent == current.agent:
        return f"The customer is with a tree, and comes back by itself. {key('conversation.claim')} takes them back."
    if conversation.state is State.CLOSED:
        return f"This conversation is closed. {key('conversation.reopen')} Reopen takes it up again."
    return f"You only look. Press {key('conversation.claim')} to claim it."
