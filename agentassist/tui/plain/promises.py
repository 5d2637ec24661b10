"""Follow-ups in plain mode: said back as an exact time before they are saved, and told when they are due."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentassist.errors import UsageError
from agentassist.session.desk import Desk
from agentassist.text import clean_line
from agentassist.tui.plain import printing
from agentassist.tui.plain.commands import a_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentassist.models import FollowUp
    from agentassist.session.when import When
    from agentassist.tui.plain.desk import PlainDesk

YES = ("y", "yes")
_ONLY = re.compile(r"[,;]?\s*only if (?:there is )?no reply\.?\s*$", re.IGNORECASE)
_QUOTED = re.compile(r'\s*["“”]([^"“”]*)["“”]\s*(.*)', re.DOTALL)
LONGEST_PHRASE = 12
"""Words of a time, at most."""


def split(text: str, read: Callable[[str], When]) -> tuple[When, str]:
    """Take the time off the beginning of a line, and return it with the rest.

    Args:
        text: a time in quotes or not, then a note; the longest beginning that is a time is taken.
        read: makes a moment of words, or raises UsageError.

    Raises:
        UsageError: it does not begin with a time.
    """
    if found := _QUOTED.fullmatch(text):
        return read(found[1]), found[2].strip()
    words = text.split()
    for count in range(min(len(words), LONGEST_PHRASE), 0, -1):
        try:
            return read(" ".join(words[:count])), " ".join(words[count:])
        except UsageError:
            continue
    # The shortest beginning that could be one says best what is wrong.
    return read(" ".join(words[:2])), ""


class PromisePart:
    """Sets, lists, moves and ends follow-ups."""

    def __init__(self, desk: PlainDesk) -> None:
        self._desk = desk
        self._told: set[tuple[int, object]] = set()

    def add(self, text: str) -> None:
        """Promise to come back to the open conversation's customer."""
        current = self._desk.conversation.the_open_one()
        if not text.strip():
            self._desk.ask("When? ", self.add)
            return
        only = _ONLY.search(text)
        when, note = split(text[: only.start()] if only else text, self._when)

        def save(answer: str) -> None:
            if answer.strip().lower() not in YES:
                self._desk.say(["System: Not saved."])
                return
            item = self._desk.records(Desk.follow_up, current.id, when, note, only_if_no_reply=only is not None)
            self._desk.undoing.offer(f"follow-up {item.id}", lambda: self._desk.records(Desk.finish_follow_up, item.id))
            self._desk.say([f"System: Saved as follow-up {item.id}."])
            self._desk.conversation.catch_up()

        condition = ", only if there is no reply" if only else ""
        said = clean_line(note, limit=200) or "no note"
        self._desk.say([f"System: Follow-up for {current.name}: {when.words}, {said}{condition}."])
        self._desk.ask("Save it, yes or no? ", save)

    def say(self, _: str = "") -> None:
        """Say every open follow-up."""
        items = self._desk.records(Desk.follow_ups)
        names = self._desk.records(Desk.names, items)
        self._desk.say(self._line(item, names.get(item.customer_id or "", "")) for item in items)
        if not items:
            self._desk.say(["System: No follow-ups."])

    def done(self, text: str) -> None:
        """Tick one off."""
        number = a_number(text, "follow-up")
        self._desk.records(Desk.finish_follow_up, number)
        self._desk.undoing.offer(
            f"that follow-up {number} is done", lambda: self._desk.records(Desk.resume_follow_up, number)
        )
        self._desk.say([f"System: Follow-up {number} is done."])

    def snooze(self, text: str) -> None:
        """Move one to a later time."""
        number, _, phrase = text.strip().partition(" ")
        ident = a_number(number, "follow-up")
        if not phrase.strip():
            self._desk.ask("To when? ", lambda answer: self.snooze(f"{ident} {answer}"))
            return
        when = self._when(phrase.strip().strip('"“”'))
        before = self._desk.records(Desk.snooze, ident, when)
        self._desk.undoing.offer(
            f"the new time of follow-up {ident}", lambda: self._desk.records(Desk.restore_follow_up, before)
        )
        self._desk.say([f"System: Follow-up {ident} is due {when.words} now."])

    def tell_due(self) -> None:
        """Ring and say which follow-ups have become due; each once for each time it is set to."""
        now = self._desk.clock.now()
        due = [item for item in self._desk.overview.follow_ups if item.due <= now]
        fresh = [item for item in due if (item.id, item.due) not in self._told]
        if fresh and self._desk.config.desk.bell:
            self._desk.console.bell()
        for item in fresh:
            self._told.add((item.id, item.due))
            name = self._desk.overview.names.get(item.customer_id or "", "")
            self._desk.say([f"Due now: {self._line(item, name)}. When it is done: done {item.id}"])

    def _line(self, item: FollowUp, name: str) -> str:
        return printing.follow_up_line(item, name, self._desk.clock.now(), self._desk.zone)

    def _when(self, text: str) -> When:
        from agentassist.session.when import parse

        current = self._desk.conversation.current
        theirs = current.opened.conversation.customer.timezone if current else ""
        return parse(text, now=self._desk.clock.now(), zone=self._desk.zone.key, their_zone=theirs)
