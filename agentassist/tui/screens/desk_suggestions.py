"""The right column's work: suggestions before the agent types, and searches with the agent's own words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError
from agentassist.models import Entry, Mode, Query, SearchResult
from agentassist.session.desk import Desk, Offer
from agentassist.tui.screens.work import done, found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.models import Outcome, Passage
    from agentassist.session.knowledge import Knowledge
    from agentassist.tui.screens.desk_conversation import Current
    from agentassist.tui.screens.desk_keys import DeskKeys


@dataclass(frozen=True, slots=True)
class Found:
    """What one search gave."""

    query: Query
    result: SearchResult
    offers: tuple[Offer, ...]


STILL_SECONDS = 0.6
"""How long a suggestion must have been at its rank before a digit takes it: a finger that is already on its way means
what was there before."""

NOTHING = Found(Query(()), SearchResult((), Mode.HYBRID), ())


def find(knowledge: Knowledge, entries: Sequence[Entry], limit: int) -> tuple[Query, SearchResult]:
    """Search for what a conversation is about; runs on the thread of the knowledge base."""
    from agentassist.search.query import from_conversation

    query = from_conversation(entries)
    if not query.parts:
        return query, SearchResult((), Mode.HYBRID)
    return query, knowledge.search(query, limit=limit)


def look_up(knowledge: Knowledge, words: str, limit: int) -> tuple[Query, SearchResult]:
    """Search for typed words; runs on the thread of the knowledge base."""
    query = Query.typed(words)
    return query, knowledge.search(query, limit=limit)


def read_article(knowledge: Knowledge, article_id: str) -> tuple[Passage, ...]:
    """Fetch a whole article; runs on the thread of the knowledge base."""
    return knowledge.passages(article_id)


def warm(knowledge: Knowledge) -> str:
    """Load the encoder, and what reads dates; runs on the thread of the knowledge base."""
    from agentassist.session import when

    trouble = knowledge.warm()
    when.prepare()
    return trouble


class SuggestionWork:
    """Keeps the suggestions those of the open conversation, unless the agent searches."""

    def __init__(self, desk: DeskKeys) -> None:
        self._desk = desk
        self._own = NOTHING
        self._typed: Found | None = None
        self._moved: dict[int, float] = {}

    @property
    def offers(self) -> tuple[Offer, ...]:
        """What is on screen."""
        return (self._typed or self._own).offers

    def offer(self, rank: int) -> Offer | None:
        """Return the one with this rank on screen."""
        return next((offer for offer in self.offers if offer.hit.rank == rank), None)

    def just_moved(self, rank: int) -> bool:
        """Say whether what is at this rank has only now become another one."""
        return monotonic() - self._moved.get(rank, -STILL_SECONDS) < STILL_SECONDS

    def warm(self) -> None:
        """Load the encoder now, so that the first customer does not wait for it."""
        self._desk.run_worker(self._warm(), group="warm")

    async def _warm(self) -> None:
        self._desk.status.change(search="search: getting ready", degraded=False)
        self._tell(await found(self._desk.backend.knowledge(warm)), Mode.HYBRID)

    def start(self, current: Current | None) -> None:
        """Turn to another conversation; a typed search ends."""
        self._own = NOTHING
        self._typed = None
        self._desk.search_box.value = ""
        self._desk.suggestion_note.say("")
        self._desk.customer.show(current.opened if current else None, self._desk.clock.now(), self._desk.zone)
        if current is None:
            self._show()
        else:
            self.refresh()

    def refresh(self) -> None:
        """Search again for what the open conversation is about; an older search that still runs is dropped."""
        self._desk.run_worker(self._refresh(), group="suggestions", exclusive=True)

    async def _refresh(self) -> None:
        current = self._desk.conversation.current
        if current is None:
            return
        entries = tuple(current.entries)
        query, result = await found(self._desk.backend.knowledge(find, entries, self._desk.config.search.suggestions))
        offers = tuple(Offer(hit) for hit in result.hits)
        trouble: AgentAssistError | None = None
        try:
            offers = await done(self._desk.backend.records(Desk.offer, current.id, query, result))
        except AgentAssistError as error:
            trouble = error
        if self._desk.conversation.current is not current:
            return
        self._own = Found(query, result, offers)
        if self._typed is None:
            self._show()
        self._tell(result.degraded, result.mode)
        if trouble is not None:
            self._desk.suggestion_note.fail(trouble, "suggestions not saved: ")

    def search(self, words: str) -> None:
        """Search for typed words; none means back to the conversation's own suggestions."""
        self._desk.run_worker(self._search(words), group="typed search", exclusive=True)

    async def _search(self, words: str) -> None:
        if not words.strip():
            if self._typed is not None:
                self._typed = None
                self._show()
            return
        limit = self._desk.config.search.suggestions
        query, result = await found(self._desk.backend.knowledge(look_up, words, limit))
        if self._desk.search_box.value == words:
            self._typed = Found(query, result, tuple(Offer(hit) for hit in result.hits))
            self._show()
            self._tell(result.degraded, result.mode)

    def read_offer(self, rank: int) -> None:
        """Show a suggestion's passage in full."""
        from agentassist.tui.screens.article import ArticleScreen

        if (offer := self.offer(rank)) is not None:
            self._desk.app.push_screen(ArticleScreen(offer.hit, self.read))

    def view(self) -> None:
        """Open the suggestion under the cursor in a browser."""

    def why(self) -> None:
        """Say why the suggestion under the cursor is suggested."""

    def judge(self, outcome: Outcome) -> None:
        """Keep what the agent thinks of the suggestion under the cursor."""

    async def read(self, article_id: str) -> tuple[Passage, ...]:
        """Fetch a whole article.

        Raises:
            AgentAssistError: the index cannot be read.
        """
        return await found(self._desk.backend.knowledge(read_article, article_id))

    async def record(self, offer: Offer) -> Offer:
        """Keep what a typed search found, and return the offer as it is in the records.

        Raises:
            AgentAssistError: it could not be kept.
        """
        current, shown = self._desk.conversation.current, self._typed or self._own
        if current is None or offer not in shown.offers:
            return offer
        kept = await done(self._desk.backend.records(Desk.offer, current.id, shown.query, shown.result))
        if self._typed is shown:
            self._typed = replace(shown, offers=kept)
        return kept[shown.offers.index(offer)]

    def _show(self) -> None:
        shown = self._typed or self._own
        before = {hit.rank: (hit.article.id, hit.link) for hit in self._desk.suggestions.hits}
        after = {offer.hit.rank: (offer.hit.article.id, offer.hit.link) for offer in shown.offers}
        if before:  # where nothing was, no finger meant anything else
            now = monotonic()
            self._moved |= {rank: now for rank in {*before, *after} if before.get(rank) != after.get(rank)}
        self._desk.suggestions.show([offer.hit for offer in shown.offers], empty=self._empty(shown))
        title = "Found" if self._typed is not None else "Suggestions"
        self._desk.suggestions.border_title = "Found · Esc returns" if title == "Found" else "Suggestions"

    def _empty(self, shown: Found) -> str:
        if shown.result.degraded and not shown.result.hits:
            return shown.result.degraded
        if shown.query.parts:
            return "No good match. Search with your own words: /"
        if self._desk.conversation.current is None:
            return "Suggestions appear when a conversation is open. Search any time: /"
        return "Nothing to search for yet."

    def _tell(self, degraded: str, mode: Mode) -> None:
        """Say how well search works, in the status line, and in the panel when it is less than it should be."""
        how = "search: by meaning" if mode is not Mode.KEYWORD else "search: by keyword"
        self._desk.status.change(search=degraded or how, degraded=bool(degraded))
        if degraded and not self._desk.indexing_work.busy:  # then the status line says how far the better one is
            self._desk.suggestion_note.say(degraded, level="warning")
        elif self._desk.suggestion_note.has_class("-warning"):
            self._desk.suggestion_note.say("")
