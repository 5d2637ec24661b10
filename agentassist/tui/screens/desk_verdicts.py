"""What an agent thinks of a suggestion: opened, good, bad, dismissed; and how each of these is taken back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError
from agentassist.models import Outcome
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.screens.work import begin, done
from agentassist.tui.widgets.lines import label
from agentassist.tui.widgets.suggestions import Row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentassist.models import Hit
    from agentassist.session.desk import Desk, Offer
    from agentassist.tui.screens.desk_conversation import Current
    from agentassist.tui.screens.desk_suggestions import SuggestionWork
    from agentassist.tui.screens.desk_work import DeskWork

SIGNS = {Outcome.THUMBS_UP: "+ good", Outcome.THUMBS_DOWN: "- bad"}
"""What a row says of what the agent said; told without colour."""


def key_of_hit(hit: Hit) -> str:
    """Return what stays the same when an article is found again at another rank."""
    return Row(hit).key


def recorded(desk: Desk, conversation_id: int, offer: Offer) -> Offer:
    """Return an offer with its row in the records, which is made when there is none; runs on the store's thread."""
    if offer.suggestion is not None or offer.result is None:
        return offer
    kept = desk.offer(conversation_id, offer.query, offer.result)
    return next((item for item in kept if item.hit.rank == offer.hit.rank), offer)


def judged(desk: Desk, conversation_id: int, offer: Offer, outcome: Outcome) -> Offer:
    """Keep what became of an offer; runs on the store's thread.

    Raises:
        UsageError: the conversation is not this agent's.
    """
    kept = recorded(desk, conversation_id, offer)
    desk.judge(kept, outcome)
    return kept


def shown_anyway(desk: Desk, conversation_id: int, offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """Keep that hits without a good match were shown all the same; runs on the store's thread."""
    return tuple(judged(desk, conversation_id, offer, Outcome.SHOWN) for offer in offers)


class VerdictWork:
    """Keeps what the agent says of suggestions, by conversation, while the desk is open."""

    def __init__(self, desk: DeskWork, suggesting: SuggestionWork) -> None:
        self._desk = desk
        self._suggesting = suggesting
        self._signs: dict[tuple[int, str], Outcome] = {}
        self._dismissed: dict[int, set[str]] = {}

    def sign(self, current: Current | None, hit: Hit) -> str:
        """Return what a row says of what the agent said."""
        outcome = self._signs.get((current.id, key_of_hit(hit))) if current else None
        return SIGNS[outcome] if outcome else ""

    def dismissed(self, conversation_id: int) -> frozenset[str]:
        """Return the keys of what was dismissed in a conversation: it does not come back with the next message."""
        return frozenset(self._dismissed.get(conversation_id, ()))

    # Judging

    def judge(self, offer: Offer | None, outcome: Outcome) -> None:
        """Keep what the agent thinks of a suggestion, or take it back when they say the same again."""
        current, note = self._desk.conversation.current, self._desk.suggestion_answer
        if offer is None:
            note.say("There is no suggestion here.")
        elif current is None or not current.mine:
            note.say(f"Claim the conversation first: {key_of(self._desk, 'conversation.claim')}", level="warning")
        elif outcome is Outcome.DISMISSED:
            self._dismiss(current.id, offer)
        else:
            before = self._signs.get((current.id, key_of_hit(offer.hit)))
            self._say(current.id, offer, before, None if before is outcome else outcome)

    def _say(self, conversation_id: int, offer: Offer, before: Outcome | None, now: Outcome | None) -> None:
        what = {Outcome.THUMBS_UP: "“good”", Outcome.THUMBS_DOWN: "“bad”"}
        title = label(offer.hit.article.title, 40)

        async def back() -> None:
            await self._put_sign(conversation_id, offer, before)

        async def put() -> None:
            try:
                await self._put_sign(conversation_id, offer, now)
            except AgentAssistError as error:
                self._desk.suggestion_note.fail(error, "not saved: ")
                return
            said = what[now] if now else f"taking back {what[before]}" if before else ""
            self._desk.undoing.offer(f"{said} for {title}", back)

        begin(self._desk, put, group="judge")

    async def _put_sign(self, conversation_id: int, offer: Offer, outcome: Outcome | None) -> None:
        """Show a sign at once, and record it; when it cannot be recorded it goes again.

        Raises:
            AgentAssistError: it was not recorded.
        """
        key = (conversation_id, key_of_hit(offer.hit))
        before = self._signs.get(key)
        self._set_sign(key, outcome)
        try:
            await self._record(conversation_id, offer, outcome or Outcome.RESTORED)
        except AgentAssistError:
            self._set_sign(key, before)
            raise

    def _set_sign(self, key: tuple[int, str], outcome: Outcome | None) -> None:
        if outcome is None:
            self._signs.pop(key, None)
        else:
            self._signs[key] = outcome
        self._suggesting.show()

    def _dismiss(self, conversation_id: int, offer: Offer) -> None:
        async def back() -> None:
            await self._put_dismissed(conversation_id, offer, dismissed=False)

        async def put() -> None:
            try:
                await self._put_dismissed(conversation_id, offer, dismissed=True)
            except AgentAssistError as error:
                self._desk.suggestion_note.fail(error, "not saved: ")
            else:
                self._desk.undoing.offer(f"the dismissal of {label(offer.hit.article.title, 40)}", back)

        begin(self._desk, put, group="judge")

    async def _put_dismissed(self, conversation_id: int, offer: Offer, *, dismissed: bool) -> None:
        """Take a row off the list or put it back, and record that; when it cannot be recorded all is as before.

        Raises:
            AgentAssistError: it was not recorded.
        """
        self._set_dismissed(conversation_id, offer, dismissed=dismissed)
        try:
            await self._record(conversation_id, offer, Outcome.DISMISSED if dismissed else Outcome.RESTORED)
        except AgentAssistError:
            self._set_dismissed(conversation_id, offer, dismissed=not dismissed)
            raise

    def _set_dismissed(self, conversation_id: int, offer: Offer, *, dismissed: bool) -> None:
        keys = self._dismissed.setdefault(conversation_id, set())
        key = key_of_hit(offer.hit)
        (keys.add if dismissed else keys.discard)(key)
        self._suggesting.dismissed_changed(conversation_id, key)

    async def _record(self, conversation_id: int, offer: Offer, outcome: Outcome) -> None:
        kept = await done(self._desk.backend.records(judged, conversation_id, offer, outcome))
        self._suggesting.keep((kept,))

    # Looking

    def note(self, offer: Offer, outcome: Outcome) -> None:
        """Record what was done with a suggestion; a look at a conversation that is another's leaves no trace."""
        current = self._desk.conversation.current
        if current is None or not current.mine:
            return

        async def put(conversation_id: int) -> None:
            try:
                await self._record(conversation_id, offer, outcome)
            except AgentAssistError as error:
                self._desk.suggestion_note.fail(error, "not saved: ")

        begin(self._desk, put, current.id, group="judge")

    def view(self, offer: Offer | None) -> None:
        """Open a suggestion's link in a browser; where there is none, copy it and show it."""
        note = self._desk.suggestion_answer
        if offer is None:
            note.say("There is no suggestion to open.")
        elif not offer.hit.link:
            note.say("It has no link. Enter in the suggestions reads it here.")
        else:
            note.say("opening …")
            begin(self._desk, self._view, offer, group="view", exclusive=True)

    async def _view(self, offer: Offer) -> None:
        from agentassist.session import browser

        link, note = offer.hit.link, self._desk.suggestion_answer
        self.note(offer, Outcome.OPENED)
        if not browser.openable(link):
            note.say(f"Not opened, since it is no web address: {link}", level="warning")
        elif await asyncio.to_thread(browser.open_link, link):
            note.say("Opened in the browser.")
        elif self._desk.config.desk.copy:
            self._desk.app.copy_to_clipboard(link)
            note.say(f"No browser here. Copied: {link}")
        else:
            note.say(f"No browser here. The link: {link}")
