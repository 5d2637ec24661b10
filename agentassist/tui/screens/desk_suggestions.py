"""The right column's work: suggestions before the agent types, and searches with the agent's own words."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError
from agentassist.models import Mode, Outcome, Query, SearchResult
from agentassist.session.desk import Desk, Offer, offered
from agentassist.session.searching import find, look_up, read_article, warm
from agentassist.tui.screens.desk_verdicts import VerdictWork, key_of_hit, shown_anyway
from agentassist.tui.screens.live_keys import key_of
from agentassist.tui.screens.work import Refresher, begin, done, found
from agentassist.tui.widgets.status import NO_INDEX
from agentassist.tui.widgets.suggestions import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.models import Passage
    from agentassist.session.knowledge import Knowledge
    from agentassist.tui.screens.desk_conversation import Current
    from agentassist.tui.screens.desk_work import DeskWork


@dataclass(frozen=True, slots=True)
class Found:
    """What one search gave.

    Attributes:
        result: everything that was found.
        offers: what of it is offered: without what the agent has dismissed.
        anyway: hits that are no good match are shown all the same.
        again: the keys of what was dismissed before, and was now asked for.
    """

    query: Query
    result: SearchResult
    offers: tuple[Offer, ...] = ()
    anyway: bool = False
    again: frozenset[str] = frozenset()

    @property
    def hidden(self) -> int:
        """How many hits are kept back because they are no good match."""
        return len(self.offers) if self.result.no_match and not self.anyway else 0

    def without(self, keys: frozenset[str]) -> Found:
        """Return the same without some hits; those that are offered already keep their place in the records."""
        known = {offer.hit.rank: offer for offer in self.offers}
        gone = keys - self.again
        hits = tuple(hit for hit in self.result.hits if key_of_hit(hit) not in gone)
        fresh = offered(self.query, replace(self.result, hits=hits))
        return replace(self, offers=tuple(known.get(offer.hit.rank, offer) for offer in fresh))


STILL_SECONDS = 0.6
"""How long a suggestion must have been at its rank before a digit takes it: a finger that is already on its way means
what was there before."""

AGAIN_SECONDS = 0.3
"""How often it is searched while a customer writes on and on; their first message is searched for at once."""

AHEAD_SECONDS = 0.06
"""How long the picture of a customer's message waits for its suggestions at most. To paint meanwhile would hold the
search up for longer than it paints, because Python's lock changes hands only every 5 ms; so both are painted at once.
"""

LOOK_SECONDS = 3.0
"""How often it is looked whether search has become what it should be, while it is less."""

ALL_HIDDEN = "No good match: Enter in the suggestions shows what comes closest."
"""What is answered to who wants one while all are hidden; true until some are shown."""

NOTHING = Found(Query(()), SearchResult((), Mode.HYBRID))


def prepare(knowledge: Knowledge) -> str:
    """Load the encoder, and what reads dates; runs on the thread of the knowledge base."""
    from agentassist.session import when

    trouble = warm(knowledge)
    when.prepare()
    return trouble


class SuggestionWork:
    """Keeps the suggestions those of the open conversation, unless the agent searches."""

    def __init__(self, desk: DeskWork) -> None:
        self._desk = desk
        self._of = 0
        self._own = NOTHING
        self._typed: Found | None = None
        self._moved: dict[int, float] = {}
        self._told = ""
        self._noted = ""
        self._looked = monotonic()
        self._answered = asyncio.Event()
        self._refresher = Refresher(desk, "suggestions", self._refresh, every=AGAIN_SECONDS, keyboard=desk.keyboard)
        self._verdicts = VerdictWork(desk, self)

    # What is on screen

    @property
    def shown(self) -> Found:
        """What was searched for last: by the agent, else for the conversation."""
        return self._typed or self._own

    @property
    def offers(self) -> tuple[Offer, ...]:
        """What is on screen."""
        return () if self.shown.hidden else self.shown.offers

    def offer(self, rank: int) -> Offer | None:
        """Return the one with this rank on screen."""
        return next((offer for offer in self.offers if offer.hit.rank == rank), None)

    @property
    def chosen(self) -> Offer | None:
        """The one under the cursor of the suggestions: the first, unless the cursor was moved."""
        hit = self._desk.suggestions.chosen
        return None if hit is None else self.offer(hit.rank)

    def missing(self, rank: int) -> str:
        """Say why there is nothing with this rank."""
        if self.shown.hidden:
            return ALL_HIDDEN
        return f"There is no suggestion {rank}."

    def just_moved(self, rank: int) -> bool:
        """Say whether what is at this rank has only now become another one."""
        return monotonic() - self._moved.get(rank, -STILL_SECONDS) < STILL_SECONDS

    # Searching

    def warm(self) -> None:
        """Load the encoder now, so that the first customer does not wait for it."""
        begin(self._desk, self._warm, group="warm")

    async def _warm(self) -> None:
        self._desk.status.change(search="search: getting ready", degraded=False)
        self._tell(await found(self._desk.backend.knowledge(prepare)), Mode.HYBRID)
        self._desk.backend.learn()
        self._desk.advising.warm()

    def tick(self) -> None:
        """While search is less than it should be, look from time to time whether it is better, and search again."""
        if self._told and not self._desk.indexing_work.busy and monotonic() - self._looked >= LOOK_SECONDS:
            self._looked = monotonic()
            begin(self._desk, self._look_again, group="look again", exclusive=True)

    async def _look_again(self) -> None:
        trouble = await found(self._desk.backend.knowledge(warm))
        if not trouble or trouble not in self._told:
            self._tell(trouble, Mode.KEYWORD if trouble else Mode.HYBRID)
            self.refresh()
            self.search(self._desk.search_box.value)

    def start(self, current: Current | None) -> None:
        """Turn to another conversation, which shows nothing of the one before; a typed search ends."""
        number = current.id if current is not None else 0
        if number != self._of:
            self._of, self._own = number, NOTHING
        self._typed = None
        self._desk.search_box.value = ""
        self._desk.suggestion_note.say("")
        self._desk.similar.start(current)
        self._desk.advising.start(current)
        self._desk.customer.show(current.opened if current else None, self._desk.clock.now(), self._desk.zone)
        self.show()
        if current is not None:
            self._refresher.restart()

    def refresh(self) -> None:
        """Search again for what the open conversation is about; a burst of messages makes few searches."""
        self._refresher.poke()

    async def ahead(self) -> None:
        """Search for what has just been said, and return when that is done, or after AHEAD_SECONDS.

        Nothing is waited for while a customer writes on and on, because then the search waits, too; nor while the agent
        types: what is painted then is painted between two keys, and not too much at once.
        """
        self._answered.clear()
        soon = self._desk.keyboard.rests and not self._refresher.engaged
        self.refresh()
        if soon:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._answered.wait(), AHEAD_SECONDS)

    async def _refresh(self) -> None:
        """Show what is found at once, and record it then: nobody waits for the disk to see a suggestion."""
        current = self._desk.conversation.current
        if current is None:
            return
        entries = tuple(current.entries)
        try:
            query, result = await found(
                self._desk.backend.knowledge(find, entries, self._desk.config.search.suggestions)
            )
        finally:
            self._answered.set()
        await self._desk.keyboard.between()
        if self._desk.conversation.current is not current:
            return
        mine = Found(query, result).without(self._verdicts.dismissed(current.id))
        self._own = mine
        if self._typed is None:
            self.show()
        self._tell(result.degraded, result.mode)
        self._desk.similar.look(current, result)
        self._desk.advising.look(current, result)
        if result.hits and not mine.offers:
            return  # all of it was dismissed before: no search that found nothing
        ranked = replace(result, hits=tuple(offer.hit for offer in mine.offers))
        try:
            offers = await done(self._desk.backend.records(Desk.offer, current.id, query, ranked))
        except AgentAssistError as error:
            if self._desk.conversation.current is current:
                self._desk.suggestion_note.fail(error, "suggestions not saved: ")
            return
        self.keep(offers)

    def keep(self, offers: Sequence[Offer]) -> None:
        """Put the rows of the records to what is on screen."""
        rows = {id(offer.hit): offer for offer in offers if offer.suggestion is not None}
        self._own = _kept(self._own, rows)
        self._typed = None if self._typed is None else _kept(self._typed, rows)

    def search(self, words: str) -> None:
        """Search for typed words; none means back to the conversation's own suggestions."""
        begin(self._desk, self._search, words, group="typed search", exclusive=True)

    async def _search(self, words: str) -> None:
        if not words.strip():
            if self._typed is not None:
                self._typed = None
                self.show()
            return
        limit = self._desk.config.search.suggestions
        current = self._desk.conversation.current
        looking = self._desk.backend.knowledge(look_up, words, limit, current.id if current else 0)
        query, result = await found(looking)
        if self._desk.search_box.value == words:
            # Who asks in their own words sees what there is: what is no good match, and what they had dismissed.
            current = self._desk.conversation.current
            again = self._verdicts.dismissed(current.id) if current else frozenset()
            self._typed = Found(query, result, offered(query, result), anyway=True, again=again)
            self.show()
            self._tell(result.degraded, result.mode)

    # What the agent does with one

    def read_offer(self, rank: int) -> None:
        """Show a suggestion's passage in full, and the whole article; while all are hidden, show them first."""
        if self.shown.hidden:
            self._show_anyway()
        elif (offer := self.offer(rank)) is not None:
            self._read(offer)

    def why(self) -> None:
        """Say why the suggestion under the cursor is suggested."""
        if (offer := self.chosen) is not None:
            self._read(offer, why=True)
        else:
            self._desk.suggestion_answer.say("There is no suggestion to explain.")

    def _read(self, offer: Offer, *, why: bool = False) -> None:
        from agentassist.tui.screens.article import ArticleScreen

        self._verdicts.note(offer, Outcome.OPENED)
        today = self._desk.clock.now().astimezone(self._desk.zone).date()
        put = self._desk.reply.insert_offer
        self._desk.app.push_screen(ArticleScreen(offer, self.read, today, why=why, put=put))

    def view(self) -> None:
        """Open the suggestion under the cursor in a browser, a video at its second."""
        self._verdicts.view(self.chosen)

    def judge(self, outcome: Outcome) -> None:
        """Keep what the agent thinks of the suggestion under the cursor."""
        offer = self.chosen
        if offer is not None and self.just_moved(offer.hit.rank):
            self._desk.suggestion_answer.say("The suggestions have just changed: press again.")
        else:
            self._verdicts.judge(offer, outcome)

    def _show_anyway(self) -> None:
        """Show what is no good match: from now on it counts as shown."""
        current, own = self._desk.conversation.current, self._own
        if self._typed is None and own.hidden:
            self._own = replace(own, anyway=True)
            self.show()
            if current is not None and current.mine:
                begin(self._desk, self._keep_shown, current.id, own.offers, group="judge")

    async def _keep_shown(self, conversation_id: int, offers: tuple[Offer, ...]) -> None:
        try:
            self.keep(await done(self._desk.backend.records(shown_anyway, conversation_id, offers)))
        except AgentAssistError as error:
            self._desk.suggestion_note.fail(error, "not saved: ")

    async def read(self, article_id: str) -> tuple[Passage, ...]:
        """Fetch a whole article.

        Raises:
            AgentAssistError: the index cannot be read.
        """
        return await found(self._desk.backend.knowledge(read_article, article_id))

    def dismissed_changed(self, conversation_id: int, key: str) -> None:
        """Show the list without what is dismissed now; `key` is what was dismissed or came back."""
        current = self._desk.conversation.current
        keys = self._verdicts.dismissed(conversation_id)
        if current is not None and current.id == conversation_id:
            self._own = self._own.without(keys)
            if self._typed is not None:
                self._typed = replace(self._typed, again=self._typed.again - {key}).without(keys)
            self.show()

    # Showing

    def show(self) -> None:
        """Paint what was found."""
        shown, panel = self.shown, self._desk.suggestions
        offers = self.offers
        before = {hit.rank: key_of_hit(hit) for hit in panel.hits}
        after = {offer.hit.rank: key_of_hit(offer.hit) for offer in offers}
        if before:  # where nothing was, no finger meant anything else
            now = monotonic()
            self._moved |= {rank: now for rank in {*before, *after} if before.get(rank) != after.get(rank)}
        current = self._desk.conversation.current
        given = current.given if current is not None else frozenset()
        panel.show(
            [
                Row(offer.hit, self._verdicts.sign(current, offer.hit), offer.hit.article.id in given)
                for offer in offers
            ],
            today=self._desk.clock.now().astimezone(self._desk.zone).date(),
            empty=self._empty(shown),
            hidden=shown.hidden,
            weak=shown.result.no_match,
        )
        answer = self._desk.suggestion_answer
        if answer.words == ALL_HIDDEN and not shown.hidden:
            answer.say("")
        panel.border_title = "Found · Esc returns" if self._typed is not None else "Suggestions"

    def _empty(self, shown: Found) -> str:
        if shown.result.degraded and not shown.result.hits:
            return self._trouble(shown.result.degraded)
        on = "Search with your own words: /" if self._typed is None else "Try other words, or Esc to go back."
        if shown.result.hits:
            return f"You have dismissed what was found. {on}"
        if shown.query.parts:
            return f"No good match. {on}"
        if self._desk.conversation.current is None:
            return "Suggestions appear when a conversation is open. Search any time: /"
        if shown is NOTHING:
            return "Searching …"
        return "Nothing to search for yet."

    def _trouble(self, degraded: str) -> str:
        """Say why search is less than it should be, and what helps without leaving the desk."""
        if NO_INDEX not in degraded or not self._desk.indexing_work.possible:
            return degraded
        return f"{degraded.rstrip('.')}, or here: {key_of(self._desk, 'desk.palette')}, then Build the index."

    def _tell(self, degraded: str, mode: Mode) -> None:
        """Say how well search works, in the status line, and in the panel when it is less than it should be."""
        self._told = degraded
        how = "search: by meaning" if mode is not Mode.KEYWORD else "search: by keyword"
        self._desk.status.change(search=degraded or how, degraded=bool(degraded))
        note, before = self._desk.suggestion_note, self._noted
        # While it is built the status line says how far the better one is.
        self._noted = self._trouble(degraded) if degraded and not self._desk.indexing_work.busy else ""
        if self._noted:
            note.say(self._noted, level="warning")
        elif before and note.words == before:  # what a key was answered with stays
            note.say("")


def _kept(shown: Found, rows: dict[int, Offer]) -> Found:
    """Return what is shown with its rows in the records; a hit is known again because it is the very same one."""
    return replace(shown, offers=tuple(rows.get(id(offer.hit), offer) for offer in shown.offers))
