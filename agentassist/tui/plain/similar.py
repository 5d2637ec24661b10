"""Past conversations that are like the open one, in plain mode: told of, listed, read out; never inserted or sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.errors import UsageError
from agentassist.session.desk import Desk
from agentassist.session.past_keeping import PastKeeping
from agentassist.text import clean_line, counted
from agentassist.tui.plain import printing
from agentassist.tui.plain.commands import a_number

if TYPE_CHECKING:
    from concurrent.futures import Future
    from datetime import datetime, tzinfo

    from agentassist.models import SearchResult
    from agentassist.session.past import Past
    from agentassist.tui.plain.conversation import Current
    from agentassist.tui.plain.desk import PlainDesk

    Near = Future[tuple[tuple[int, float], ...]]


def past_lines(number: int, past: Past, now: datetime, zone: tzinfo | None) -> list[str]:
    """Say how a past conversation ended and how it was solved, without its customer.

    Args:
        number: in the list.
        past: which, told.
        now: this moment.
        zone: for times.
    """
    facts = printing.joined(
        "solved" if past.solved else "not solved",
        clean_line(past.disposition, limit=40),
        f"{past.similarity:.0%}".replace("%", " percent alike"),
        printing.time_of(past.at, now, zone),
        clean_line(past.agent, limit=40),
    )
    lines = [f"Similar {number}: {facts}"]
    if past.telling:
        lines.append(f"How: {clean_line(past.telling, limit=400)}")
    if past.sent:
        lines.append(f"Sent: {clean_line('; '.join(past.sent), limit=400)}")
    return lines


class SimilarPart:
    """Finds them after each search, and reads them out."""

    def __init__(self, desk: PlainDesk) -> None:
        self._desk = desk
        self._keeping = PastKeeping(desk.backend)
        self._of = 0
        self._pending: Near | None = None
        self._pasts: tuple[Past, ...] = ()

    def closed(self, conversation_id: int) -> None:
        """Have a conversation that was closed found later."""
        self._keeping.closed(conversation_id)

    def tick(self) -> None:
        """Do a little of what nobody waits for."""
        self._keeping.tick()

    def stop(self) -> None:
        """Hand nothing in any more."""
        self._keeping.stop()

    # Finding

    def start(self) -> None:
        """Turn to another conversation, or none."""
        current = self._desk.conversation.current
        if current is None or current.id != self._of:
            self._of, self._pending, self._pasts = current.id if current else 0, None, ()

    def look(self, current: Current, result: SearchResult) -> None:
        """Find what is like a conversation that was just searched for."""
        self._keeping.searched()
        pending = self._desk.backend.knowledge(self._keeping.vectors.near, result.context, result.model)
        self._pending = pending
        pending.add_done_callback(lambda done: self._desk.post(lambda: self._found(current, done, result.model)))

    def _found(self, current: Current, done: Near, model: str) -> None:
        if done is not self._pending or self._desk.conversation.current is not current:
            return
        self._pending = None
        near = done.result()
        # Where nothing is near, the records are not asked: that they cannot be read is told once, by who needs them.
        pasts = self._desk.records(Desk.similar, current.id, near, model) if near else ()
        before, self._pasts = len(self._pasts), pasts
        if self._pasts and len(self._pasts) != before:
            solved = sum(past.solved for past in self._pasts)
            self._desk.say(
                [f"Similar: {counted(len(self._pasts), 'similar conversation')}, {solved} solved. To list: similar"]
            )

    # Commands

    def say(self, text: str = "") -> None:
        """List them, or read one out in full; it is another customer's, to be read and never sent."""
        self._desk.conversation.the_open_one()
        if self._pending is not None:
            self._pending.result()
            self._desk.news()
        if text.strip():
            self._read(a_number(text, "similar conversation"))
            return
        now, zone = self._desk.clock.now(), self._desk.zone
        told = self._desk.records(Desk.told, self._pasts)
        self._pasts = told
        self._desk.say(line for number, past in enumerate(told, 1) for line in past_lines(number, past, now, zone))
        more = "To read one: similar and its number." if told else "No past conversation is like this one."
        self._desk.say([f"System: {more}"])

    def _read(self, number: int) -> None:
        if not 1 <= number <= len(self._pasts):
            raise UsageError(f"there is no similar conversation {number}", "Type similar for those there are.")
        self._desk.say(["System: Another customer's conversation, to be read and never sent."])
        self._desk.conversation.read(str(self._pasts[number - 1].conversation_id))
