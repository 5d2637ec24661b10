"""Sending: on disk before it is shown as sent, once for each press, and never past what was not seen."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError, StateError, StoreError, UnseenEntriesError, UnsendableError
from agentassist.kb.snippets import check_verbatim
from agentassist.models import Author
from agentassist.session.desk import Desk
from agentassist.text import clean_line
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.screens.work import begin, done
from agentassist.tui.widgets import words
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future

    from agentassist.models import Entry
    from agentassist.session.desk import Offer
    from agentassist.tui.screens.desk_conversation import Current
    from agentassist.tui.screens.desk_reply import ReplyWork
    from agentassist.tui.screens.desk_work import DeskWork

PRESS_SECONDS = 0.7
"""A key that sends at once is one press until it was up for so long: a key that is held down repeats after 0.66 s at
the latest (X11), and then every few hundredths."""


class SendWork:
    """Sends replies and suggestions of the open conversation."""

    def __init__(self, desk: DeskWork, reply: ReplyWork) -> None:
        self._desk = desk
        self._reply = reply
        self._sending: dict[int, Future[Entry]] = {}
        self._beside: set[int] = set()
        self._pressed: dict[int, float] = {}

    def busy(self, conversation_id: int) -> bool:
        """Say whether the words in the composer are being sent, so that they cannot be changed."""
        return conversation_id in self._sending

    def keep_unless_sent(self, conversation_id: int) -> None:
        """Have the words that are being sent kept as a draft if it fails: the desk goes, and will not hear of it."""
        desk, sending = self._desk, self._sending[conversation_id]
        desk.backend.records(_keep_unsent, sending, conversation_id, desk.composer.text, desk.transcript.seen_seq)

    # The reply

    def send(self, text: str) -> None:
        """Send a reply; the text stays until the store has it."""
        desk, reply = self._desk, self._reply
        current = desk.conversation.current
        if current is None or not current.mine or current.id in self._beside or self.busy(current.id):
            return
        try:
            check_verbatim(text, reply.snippets_in(current.id))
        except UnsendableError as error:
            desk.reply_note.fail(error)
            return
        reply.stop_resting()
        inserted = reply.inserted(current.id)
        known = {offer.hit.link for offer in inserted}
        # A draft that came back after a restart may hold links whose insertion this process never saw.
        offers = [*inserted, *(o for o in desk.suggesting.offers if o.hit.link in text and o.hit.link not in known)]
        seen = desk.transcript.seen_seq
        self._sending[current.id] = sending = desk.backend.records(
            Desk.send, current.id, text, seen_seq=seen, offers=[offer for offer in offers if offer.hit.link]
        )
        reply.allow(current)
        desk.reply_note.say("sending …")

        async def wait() -> None:
            try:
                entry = await done(sending)
            except AgentAssistError as error:
                self._sending.pop(current.id, None)
                await self._failed(current, text, error, seen)
            else:
                self._sending.pop(current.id, None)
                reply.sent(current)
                self._show(current, entry)

        begin(desk, wait, group="send")

    async def _failed(self, current: Current, text: str, error: AgentAssistError, seen: int) -> None:
        """Keep the words, and say why they were not sent."""
        desk = self._desk
        if desk.conversation.current is not current:
            self._reply.put_away(current, text)
            told = clean_line(f"Not sent to {current.name}: {error.message}")
            desk.notify(told, severity="error", timeout=10, markup=False)
            return
        self._reply.unsent(current)
        if isinstance(error, UnsendableError):
            desk.reply_note.fail(error)
            if error.end > error.start:
                desk.composer.point_at(error.start, error.end)
        else:
            await self._tell(current, error, seen, "since you wrote this", "Enter sends it")

    # A suggestion

    def send_suggestion(self, rank: int) -> None:
        """Send a suggestion at once, its title and link and nothing else; the reply stays as it is."""
        desk = self._desk
        now = monotonic()
        held, self._pressed[rank] = now - self._pressed.get(rank, -PRESS_SECONDS) < PRESS_SECONDS, now
        current, note = desk.conversation.current, desk.suggestion_answer
        offer = desk.suggesting.offer(rank)
        if held:
            return
        if current is None or not current.mine:
            note.say(f"Claim the conversation first: {key_of(desk, 'conversation.claim')}", level="warning")
        elif current.id in self._beside or self.busy(current.id):
            note.say("Not sent: the last one is still being sent.", level="warning")
        elif desk.suggesting.just_moved(rank):
            note.say("Not sent: the suggestions have just changed. Press again.")
        elif offer is None:
            note.say(desk.suggesting.missing(rank))
        elif offer.hit.blocked:
            note.say(f"Not sent: {offer.hit.blocked}.", level="warning")
        else:
            note.say("")
            desk.undoing.say("sending …")
            self._beside.add(current.id)
            begin(desk, self._send_beside, current, offer, rank, group="send")

    async def _send_beside(self, current: Current, offer: Offer, rank: int) -> None:
        desk = self._desk
        seen = desk.transcript.seen_seq
        sending = desk.backend.records(
            Desk.send, current.id, offer.text, seen_seq=seen, offers=[offer], keep_draft=True
        )
        title = label(offer.hit.article.title, 60)
        try:
            entry = await done(sending)
        except AgentAssistError as error:
            if desk.conversation.current is current:
                await self._tell(current, error, seen, "that you have not seen", f"Alt+{rank} sends it")
            else:
                told = clean_line(f"Not sent to {current.name}: {error.message}")
                desk.notify(told, severity="error", timeout=10, markup=False)
        else:
            self._show(current, entry)
            if desk.conversation.current is current:
                desk.undoing.say(f"Sent: {title}")
        finally:
            self._beside.discard(current.id)

    # Telling

    def _show(self, current: Current, entry: Entry) -> None:
        if self._desk.conversation.current is current:
            self._desk.conversation.take((entry,), current.opened)
            self._desk.transcript.action_end()

    async def _tell(self, current: Current, error: AgentAssistError, seen: int, which: str, again: str) -> None:
        """Say why something was not sent; what was missed is shown first.

        Args:
            current: the open conversation.
            error: why.
            seen: the last entry that the agent had seen.
            which: what is said of entries that were not seen.
            again: how it is sent after that.
        """
        desk = self._desk
        if isinstance(error, UnseenEntriesError):
            desk.transcript.show_missed(seen)
            by = await self._authors(current, error.unseen)
            if desk.conversation.current is current:
                told = f"{words.count(len(error.unseen), 'new entry', 'new entries')} {which}"
                desk.undoing.say(f"{told}{by and f', by {by}'} · {again}", level="warning")
                desk.conversation.refresh()
        elif isinstance(error, StateError):
            desk.undoing.fail(error, "not sent: ")
            desk.conversation.refresh()
        else:
            desk.undoing.fail(error, "not saved: " if isinstance(error, StoreError) else "not sent: ")

    async def _authors(self, current: Current, unseen: tuple[int, ...]) -> str:
        """Say who wrote the entries that were not seen; empty when they cannot be read now."""
        try:
            fresh = await done(self._desk.backend.records(Desk.entries, current.id, min(unseen, default=1) - 1))
        except AgentAssistError:
            return ""  # how many there are is told all the same
        return _names(current, (entry for entry in fresh if entry.seq in unseen))


def _keep_unsent(desk: Desk, sending: Future[Entry], conversation_id: int, text: str, seen_seq: int) -> None:
    """Keep the words of a send that failed; it was handed in before, so it is over by now."""
    if sending.exception() is not None:
        desk.save_draft(conversation_id, text, seen_seq)


def _names(current: Current, entries: Iterable[Entry]) -> str:
    """Return who wrote some entries, each once, in words."""
    names: list[str] = []
    for entry in entries:
        name = current.name if entry.author is Author.CUSTOMER else label(entry.author_name or entry.author, 40)
        if name not in names:
            names.append(name)
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
