"""Suggestions in plain mode: told when they come, and searches with the agent's own words."""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitedTooLongError
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from agentassist.errors import AgentAssistError, UsageError
from agentassist.models import Mode, Outcome, Query, SearchResult
from agentassist.session.desk import Desk
from agentassist.session.offers import Offer, offered
from agentassist.session.searching import find, look_up, read_article, warm
from agentassist.text import clean_line
from agentassist.tui.plain import printing
from agentassist.tui.plain.commands import a_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.session.knowledge import Knowledge
    from agentassist.tui.plain.desk import PlainDesk

HEARD_SECONDS = 1.0
"""Suggestions that changed this shortly before a command with a number were not what it meant."""
LONGEST_SECONDS = 20.0
"""How long a command waits for suggestions that are being looked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one search gave."""

    query: Query
    result: SearchResult
    offers: tuple[Offer, ...]


NOTHING = Found(Query(()), SearchResult((), Mode.HYBRID), ())
Search = Future[tuple[Query, SearchResult]]


def _name(offer: Offer) -> tuple[str, str]:
    return offer.hit.article.id, offer.hit.link


def _named(offers: Sequence[Offer], rank: int) -> tuple[str, str] | None:
    return next((_name(offer) for offer in offers if offer.hit.rank == rank), None)


def _open(_: Knowledge, link: str) -> bool:
    """Show a link in a browser, off the desk's thread."""
    from agentassist.session.browser import open_link

    return open_link(link)


class SuggestingPart:
    """Keeps the suggestions those of the open conversation, unless the agent searches."""

    def __init__(self, desk: PlainDesk) -> None:
        self._desk = desk
        self._own = NOTHING
        self._typed: Found | None = None
        self._pending: Search | None = None
        self._told: list[str] = []
        self._degraded = ""
        self._before: dict[int, tuple[str, str]] = {}
        self._changed = -HEARD_SECONDS

    @property
    def _shown(self) -> Found:
        return self._typed or self._own

    @property
    def offers(self) -> tuple[Offer, ...]:
        """What was told last."""
        return self._shown.offers

    @property
    def result(self) -> SearchResult:
        """What was found last for the conversation itself."""
        return self._own.result

    def offer(self, rank: int) -> Offer:
        """Return the one with this number.

        Raises:
            UsageError: there is none, or it was another one when the agent began to type.
        """
        heard = _named(self.offers, rank) if monotonic() - self._changed >= HEARD_SECONDS else self._before.get(rank)
        self.wait()
        for offer in self.offers:
            if offer.hit.rank == rank:
                if heard is not None and heard != _named(self.offers, rank):
                    self._changed = -HEARD_SECONDS
                    raise UsageError("the suggestions have just changed", "Listen to the new ones, then say it again.")
                return offer
        raise UsageError(f"there is no suggestion {rank}", "Type suggestions for those there are.")

    # Looking for them

    def warm(self) -> None:
        """Load the encoder now, and say how well search works."""
        loading = self._desk.backend.knowledge(warm)
        self._desk.backend.learn()
        loading.add_done_callback(lambda done: self._desk.post(lambda: self._tell_state(done.result())))

    def _tell_state(self, degraded: str) -> None:
        if degraded != self._degraded or not degraded:
            self._degraded = degraded
            self._desk.say([f"Search: {clean_line(degraded, limit=400) or 'by meaning'}"])

    def start(self) -> None:
        """Turn to another conversation, or none."""
        self._own, self._typed, self._pending, self._told = NOTHING, None, None, []
        self._before, self._changed = {}, -HEARD_SECONDS
        self._desk.similar.start()
        self.refresh()

    def refresh(self) -> None:
        """Search again for what the open conversation is about; an older search that still runs is dropped."""
        current = self._desk.conversation.current
        if current is None:
            return
        limit = self._desk.config.search.suggestions
        self._pending = pending = self._desk.backend.knowledge(find, tuple(current.entries), limit)
        pending.add_done_callback(lambda done: self._desk.post(partial(self._found, done)))

    def wait(self) -> None:
        """Wait for what is being looked for.

        Raises:
            UsageError: it takes very long.
        """
        if (pending := self._pending) is None:
            return
        try:
            pending.result(LONGEST_SECONDS)
        except WaitedTooLongError as error:
            raise UsageError("the search still runs", "Try again in a moment.") from error
        self._found(pending)

    def _found(self, done: Search) -> None:
        current = self._desk.conversation.current
        if done is not self._pending or current is None:
            return
        self._pending = None
        query, result = done.result()
        offers = offered(query, result)
        try:
            offers = self._desk.records(Desk.offer, current.id, query, result)
        except AgentAssistError as error:
            self._desk.say(printing.error_lines(error, "suggestions not saved: "))
        before, self._own = self._own, Found(query, result, offers)
        if self._typed is None:
            self._before = {offer.hit.rank: _name(offer) for offer in before.offers}
            if self._announce() and before.offers:
                self._changed = monotonic()
        self._desk.similar.look(current, result)

    def _announce(self) -> bool:
        """Say what is suggested now, unless it is what was said before."""
        lines = self._lines(self._shown)
        if lines == self._told:
            return False
        self._told = lines
        self._desk.say(lines)
        return True

    def _lines(self, found: Found) -> list[str]:
        result = found.result
        lines = []
        if result.degraded and not (self._degraded and self._degraded in result.degraded):
            self._degraded = result.degraded
            lines.append(f"Search: {clean_line(result.degraded, limit=400)}")
        if found.offers and not result.no_match:
            return [*lines, *(printing.offer_line(offer) for offer in found.offers)]
        if found.query.parts and not (result.degraded and not found.offers):
            more = " Type suggestions for what comes nearest." if found.offers else ""
            lines.append(f"Suggestions: No good match.{more} To look with your own words: search WORDS")
        return lines

    # Commands

    def say(self, _: str = "") -> None:
        """Say the suggestions in full."""
        self.wait()
        if self._shown.result.no_match:
            self._desk.say(["Suggestions: No good match. These come nearest:"])
        self._desk.say(line for offer in self.offers for line in printing.offer_lines(offer))
        if not self.offers:
            self._desk.say(self._lines(self._shown) or ["Suggestions: There are none."])

    def search(self, words: str) -> None:
        """Search for typed words; none returns to the conversation's own suggestions."""
        if not words.strip():
            self._typed = None
            self.say()
            return
        current, limit = self._desk.conversation.current, self._desk.config.search.suggestions
        looking = self._desk.backend.knowledge(look_up, words, limit, current.id if current else 0)
        query, result = looking.result()
        self._typed = Found(query, result, offered(query, result))
        self._desk.say(self._lines(self._typed) or ["Suggestions: There are none."])

    def why(self, text: str) -> None:
        """Say why one is suggested."""
        self._desk.say(printing.why_lines(self._chosen(text)))

    def view(self, text: str) -> None:
        """Open one in a browser, a video at its second; the link is said, too."""
        from agentassist.session.browser import openable

        offer = self._chosen(text)
        link = offer.hit.link
        if not openable(link):
            raise UsageError("it has no link to open", f"To read it here: article {offer.hit.rank}")
        self._desk.say([f"Link: {clean_line(link, limit=400)}"])
        if self._desk.at_terminal:
            self._desk.backend.knowledge(_open, link)
        self._judge(offer, Outcome.OPENED)

    def read(self, text: str) -> None:
        """Read one in full."""
        offer = self._chosen(text)
        found = self._desk.backend.knowledge(read_article, offer.hit.article.id).result()
        self._desk.say(printing.passages_lines(offer, [part for p in found for part in (p.heading, p.text) if part]))

    def thumbs_up(self, text: str) -> None:
        """Say that one fits."""
        self._feedback(text, Outcome.THUMBS_UP, "is kept as fitting")

    def thumbs_down(self, text: str) -> None:
        """Say that one does not fit."""
        self._feedback(text, Outcome.THUMBS_DOWN, "is kept as not fitting")

    def dismiss(self, text: str) -> None:
        """Take one off the list."""
        offer = self._chosen(text)
        kept = self.recorded(offer)
        self._judge(kept, Outcome.DISMISSED)
        before = self._shown
        left = tuple(item for item in before.offers if item.hit.rank != offer.hit.rank)
        self._keep(replace(before, offers=left))

        def undo() -> None:
            self._judge(kept, Outcome.RESTORED)
            self._keep(before)

        self._desk.undoing.offer(f"the dismissal of suggestion {offer.hit.rank}", undo)
        self._desk.say([f"System: Suggestion {offer.hit.rank} is off the list."])

    def recorded(self, offer: Offer) -> Offer:
        """Return the offer as it is in the records; what a typed search found is kept only now that it matters."""
        current, shown = self._desk.conversation.current, self._shown
        if offer.suggestion is not None or current is None or not current.mine or offer not in shown.offers:
            return offer
        rows = self._desk.records(Desk.offer, current.id, shown.query, shown.result)
        self._keep(replace(shown, offers=rows))
        return next(row for row in rows if row.hit.rank == offer.hit.rank)

    def _keep(self, found: Found) -> None:
        if self._typed is not None:
            self._typed = found
        else:
            self._own = found

    def _chosen(self, text: str) -> Offer:
        return self.offer(a_number(text, "suggestion", 1))

    def _feedback(self, text: str, outcome: Outcome, told: str) -> None:
        offer = self.recorded(self._chosen(text))
        self._judge(offer, outcome)
        rank = offer.hit.rank
        self._desk.undoing.offer(f"the thumb for suggestion {rank}", lambda: self._judge(offer, Outcome.RESTORED))
        self._desk.say([f"System: Suggestion {rank} {told}."])

    def _judge(self, offer: Offer, outcome: Outcome) -> None:
        if offer.suggestion is not None or outcome is not Outcome.OPENED:
            self._desk.records(Desk.judge, offer, outcome)
