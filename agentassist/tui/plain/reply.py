"""Replies in plain mode: one line at once, or several lines as a draft that is kept while it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError, UnseenEntriesError, UsageError
from agentassist.kb.snippets import check_verbatim
from agentassist.models import Outcome
from agentassist.session.desk import Desk
from agentassist.session.events import from_customer
from agentassist.text import clean, counted
from agentassist.tui.plain import printing
from agentassist.tui.plain.commands import a_number

if TYPE_CHECKING:
    from agentassist.session.desk import Offer
    from agentassist.tui.plain.conversation import Current
    from agentassist.tui.plain.desk import PlainDesk

END, KEEP, DROP = ".", ".keep", ".drop"


class ReplyPart:
    """What becomes of the words for the customer."""

    def __init__(self, desk: PlainDesk) -> None:
        self._desk = desk
        self._inserted: list[Offer] = []
        self._saved = ""
        self._failing = False
        self.draft = ""
        self.writing = False

    # Which conversation

    def attach(self, current: Current) -> None:
        """Write to this conversation from now on, beginning with its draft."""
        draft = current.opened.draft
        self.writing = False
        self._inserted = []
        self.draft = self._saved = draft.text if draft else ""
        if draft and draft.text and current.mine:
            self._desk.say(self._read())
            unseen = sum(entry.seq > draft.seen_seq and from_customer(entry) for entry in current.entries)
            since = f" {counted(unseen, 'new entry', 'new entries')} since you wrote it." if unseen else ""
            self._desk.say(
                [f"System: There is a draft.{since} To go on: reply. To send it: send. To throw it away: drop"]
            )

    def lose(self, by: str) -> None:
        """Say that the conversation is not this agent's any more; the words stay as they were saved last."""
        if (self.writing or self.draft) and by != self._desk.agent:
            self._desk.say(["System: The conversation is not yours any more. Your words are kept."])
        self.writing = False

    # Commands

    def begin(self, _: str = "") -> None:
        """Write several lines."""
        current = self._desk.conversation.my_own()
        self.writing = True
        self._desk.say(self._read())
        self._desk.say(
            [f"System: Write to {current.name}. A full stop alone sends, .drop throws away, ctrl+c or .keep keeps it."]
        )

    def say(self, text: str) -> None:
        """Send one line; a draft stays."""
        if not text.strip():
            raise UsageError("there is nothing to send", "Type say and the words, or reply for several lines.")
        self._send(text)

    def send(self, text: str) -> None:
        """Send the draft, or the suggestion with this number."""
        if not text.strip():
            if not self.draft.strip():
                raise UsageError("there is nothing to send", "Type reply to write, or send and a suggestion's number.")
            self._send(self.draft)
            return
        offer = self._desk.suggesting.offer(a_number(text, "suggestion"))
        self._desk.conversation.my_own()
        if offer.hit.blocked:
            raise UsageError(f"not sent: {offer.hit.blocked}", "Say what the customer needs in your own words.")
        self._send(offer.text, (self._desk.suggesting.recorded(offer),))

    def insert(self, text: str) -> None:
        """Put a suggestion into the draft."""
        offer = self._desk.suggesting.offer(a_number(text, "suggestion"))
        self._desk.conversation.my_own()
        if offer.hit.blocked:
            raise UsageError(f"not inserted: {offer.hit.blocked}", "Say what the customer needs in your own words.")
        kept = self._desk.suggesting.recorded(offer)
        self._inserted.append(kept)
        self.put_in(offer.text)
        self._desk.records(Desk.judge, kept, Outcome.INSERTED)

    def put_in(self, text: str) -> None:
        """Add lines to the draft and read it."""
        before = self.draft
        self._change(f"{before}\n{text}" if before else text)
        self._desk.undoing.offer("what was put into the draft", lambda: self._change(before))
        self._desk.say(self._read())
        if not self.writing:
            self._desk.say(["System: To add words: reply. To send it: send"])

    def read(self, _: str = "") -> None:
        """Read the draft."""
        self._desk.say(self._read() or ["System: There is no draft."])

    def drop(self, _: str = "") -> None:
        """Throw the draft away."""
        before, self.writing = self.draft, False
        if before:
            self._change("")
            self._desk.undoing.offer("the draft that was thrown away", lambda: self._change(before))
        self._desk.say(
            ["System: The draft is gone. To bring it back: undo" if before else "System: There was no draft."]
        )

    def forget(self) -> None:
        """Drop what was being written to a conversation that is closed."""
        self.draft = self._saved = ""
        self.writing = False

    # Writing

    def line(self, line: str) -> None:
        """Take one line of a reply that is being written."""
        word = line.strip().lower()
        if word == END:
            self.writing = False
            self.send("")
        elif word == KEEP:
            self.stop()
        elif word == DROP:
            self.drop()
        else:
            # A line that begins with a full stop is written with two of them.
            text = line[1:] if line.startswith("..") else line
            self._change(f"{self.draft}\n{text}" if self.draft else text)

    def stop(self) -> None:
        """Leave off writing; the draft stays."""
        self.writing = False
        kept = "Your words are kept as a draft. To go on: reply" if self.draft else "Nothing was written."
        self._desk.say([f"System: {kept}"])

    def keep(self, half: str = "") -> None:
        """Save the draft with what is half typed, if it has changed."""
        current = self._desk.conversation.current
        text = "\n".join(part for part in (self.draft, half) if part)
        if current is not None and current.mine and text != self._saved:
            self._desk.records(Desk.save_draft, current.id, text, current.seen_seq)
            self._saved = text

    def keep_if_possible(self, half: str = "") -> None:
        """Save the draft likewise; when that fails it is said once, and tried again by and by."""
        try:
            self.keep(half)
        except AgentAssistError as error:
            if not self._failing:
                self._desk.say(printing.error_lines(error, "draft not saved: "))
            self._failing = True
        else:
            if self._failing:
                self._desk.say(["System: The draft is saved."])
            self._failing = False

    def _change(self, text: str) -> None:
        self.draft = text
        self.keep_if_possible()

    def _read(self) -> list[str]:
        return [f"Draft: {line}" for line in clean(self.draft).split("\n")] if self.draft else []

    # Sending

    def _send(self, text: str, offers: tuple[Offer, ...] = ()) -> None:
        desk = self._desk
        current = desk.conversation.my_own()
        is_draft = text == self.draft
        known = {offer.hit.link for offer in (*offers, *self._inserted)}
        # A draft that came back after a restart may hold links whose insertion this process never saw.
        found = [o for o in desk.suggesting.offers if o.hit.link and o.hit.link in text and o.hit.link not in known]
        named = [offer for offer in (*offers, *self._inserted, *found) if offer.hit.link]
        try:
            check_verbatim(text, desk.snippets.verbatim)
            entry = desk.records(Desk.send, current.id, text, seen_seq=current.seen_seq, offers=named)
        except UnseenEntriesError as error:
            self._hold(text, error)
            return
        except AgentAssistError as error:
            if not is_draft and not offers:
                desk.say(printing.error_lines(error, "not sent: "))
                self._keep_aside(text)
                desk.say(["System: Your words are kept as a draft."])
                return
            raise
        if is_draft:
            self.draft = ""
            self._inserted = []
        self._saved = ""  # sending takes the draft away
        desk.conversation.take((entry,))
        self.keep_if_possible()

    def _hold(self, text: str, error: UnseenEntriesError) -> None:
        """Say first what was missed, keep the words, and leave it to the agent to send them."""
        desk = self._desk
        desk.conversation.catch_up()
        desk.conversation.heard()
        self._keep_aside(text)
        count = counted(len(error.unseen), "new entry", "new entries")
        desk.say([f"System: Not sent: {count} since you wrote this, read above. To send it: send. To change it: reply"])

    def _keep_aside(self, text: str) -> None:
        if text != self.draft:
            self._change(f"{self.draft}\n{text}" if self.draft else text)
