"""What of a conversation is shown, block by block: the part before this agent, what was missed, the live part."""

from __future__ import annotations

from bisect import bisect_left
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

from agentassist.models import Author, Entry, EntryKind, Event
from agentassist.session import events
from agentassist.tui.widgets import words
from agentassist.tui.widgets.before import Before, before_answer, before_lines, is_spoken
from agentassist.tui.widgets.blocks import Block
from agentassist.tui.widgets.entry_lines import (
    Voice,
    day_line,
    entry_lines,
    entry_text,
    missed_line,
    rule,
    starts_group,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from agentassist.tui.widgets.lines import Line

_SPOKEN = (EntryKind.MESSAGE, EntryKind.ARTICLE)


class Script:
    """The entries of one conversation, and the blocks that they make.

    A block works its lines out only when it is measured or painted, since there may be thousands.

    Args:
        entries: all of them, in order.
        voice: who reads.
        now: for the names of days.
        reason: why it was handed over.

    Attributes:
        folded: whether the part before is folded; at first it is when there is a live part.
        border: the index of the first live entry, after the first handoff; 0 when there was none.
        missed: what others wrote that the agent has not seen, as far as it had come in when that was told.
    """

    def __init__(self, entries: Sequence[Entry], voice: Voice, now: datetime, reason: str = "") -> None:
        self.entries = list(entries)
        self.voice = voice
        self.now = now
        self._reason = reason
        self.border = 0
        self.missed: tuple[Entry, ...] = ()
        self._missed_after: int | None = None
        self._find_border()
        # While nothing was said since, what was said before is all there is to read.
        self.folded = any(entry.kind in _SPOKEN for entry in self.entries[self.border :])

    def _find_border(self) -> None:
        self.border = next((i + 1 for i, entry in enumerate(self.entries) if entry.event is Event.HANDOFF), 0)
        self.came_back = events.came_back(self.entries)
        self.before = Before.of(self.entries, self.border, self._reason, self.came_back)

    @property
    def reason(self) -> str:
        """Why it was handed over, not clean."""
        return self.before.reason

    # What comes in

    @property
    def last_seq(self) -> int:
        """The number of the newest entry, 0 when there is none."""
        return self.entries[-1].seq if self.entries else 0

    def add(self, fresh: Sequence[Entry]) -> list[Block] | None:
        """Take newer entries; return their blocks, or None when every block has to be made anew."""
        old = len(self.entries)
        self.entries += fresh
        anew = any(entry.event is Event.HANDOFF for entry in fresh)
        if anew:
            self._find_border()  # what was live has become the part before, or there is another brief
        if self._missed_after is not None and not self.missed:
            self.miss(self._missed_after)
            anew = anew or bool(self.missed)
        if anew:
            return None
        return [self._entry_block(index, index - 1 if index else None) for index in range(old, len(self.entries))]

    def miss(self, after_seq: int | None) -> None:
        """Mark what others wrote after an entry as missed; None marks nothing.

        When nothing of it has come in yet, what comes in next is marked.
        """
        self._missed_after = after_seq
        self.missed = ()
        if after_seq is not None:
            later = self.entries[self._place(after_seq + 1) :]
            me = self.voice.me
            others = (e for e in later if not (e.author is Author.AGENT and e.author_name == me))
            self.missed = tuple(entry for entry in others if events.wants_reading(entry))

    def _place(self, seq: int) -> int:
        return bisect_left(self.entries, seq, key=attrgetter("seq"))

    # What is under a key

    def entry(self, key: str) -> Entry | None:
        """Return the entry that a block is of, None when it is of none."""
        kind, _, number = key.rpartition("-")
        if kind not in ("entry", "answer"):
            return None
        place = self._place(int(number))
        return self.entries[place] if place < len(self.entries) else None

    def text(self, key: str) -> str:
        """Return what a block says, exact and not clean; empty when it says nothing of its own."""
        if key == "before":
            return self.before.text
        entry = self.entry(key)
        return entry_text(entry) if entry else ""

    # Blocks

    def blocks(self) -> list[Block]:
        """Make every block. The keys are `before`, `answer-SEQ`, `live`, `missed` and `entry-SEQ`."""
        border = self.border
        blocks: list[Block] = []
        if border:
            blocks.append(Block("before", self._before_lines, True))
            if not self.folded:
                blocks += [Block(f"answer-{a.seq}", partial(self._answer_lines, a), True) for a in self.before.answers]
        missed = self._place(self.missed[0].seq) if self.missed else -1
        above: int | None = None
        for index in range(border if self.folded else 0, len(self.entries)):
            if index == border > 0:
                blocks.append(Block("live", self._live_line))
            if index == missed:
                blocks.append(Block("missed", self._missed_line))
            if index >= border or is_spoken(self.entries[index]):
                blocks.append(self._entry_block(index, above))
                above = index
        if border == len(self.entries) > 0:
            blocks.append(Block("live", self._live_line))
        return blocks

    def has_day(self, key: str) -> bool:
        """Say whether a block begins with the name of a day."""
        entry = self.entry(key) if key.startswith("entry-") else None
        place = self._place(entry.seq) if entry else 0
        if entry is None or (self.folded and place == self.border):
            return entry is not None
        before = self._shown_above(place)
        return before is None or self._new_day(entry, before)

    def _shown_above(self, place: int) -> Entry | None:
        for index in range(place - 1, -1, -1):
            if index >= self.border or is_spoken(self.entries[index]):
                return self.entries[index]
        return None

    def _before_lines(self, width: int) -> Sequence[Line]:
        return before_lines(self.before, width, folded=self.folded)

    def _answer_lines(self, entry: Entry, width: int) -> Sequence[Line]:
        return before_answer(entry, width, taken_back=entry.seq in self.before.taken_back)

    def _live_line(self, width: int) -> Sequence[Line]:
        entry = self.entries[self.border - 1]
        return [rule(f"Handed over {words.clock_time(entry.at, self.voice.zone)}", width, "mark")]

    def _missed_line(self, width: int) -> Sequence[Line]:
        return [missed_line(self.missed, self.voice, width)]

    def _entry_block(self, index: int, above: int | None) -> Block:
        """Make the block of an entry; `above` is the entry shown above it, which may already say who speaks."""
        entry = self.entries[index]
        before = None if above is None else self.entries[above]
        return Block(f"entry-{entry.seq}", partial(self._entry_lines, entry, before, index == self.border), True)

    def _entry_lines(self, entry: Entry, before: Entry | None, first_live: bool, width: int) -> Sequence[Line]:
        new_day = before is None or self._new_day(entry, before)
        head = new_day or first_live or starts_group(entry, before)
        made = entry_lines(entry, self.voice, width, head=head, back_from=self.came_back.get(entry.seq, ""))
        return [day_line(entry, self.now, self.voice.zone, width), *made] if new_day else made

    def _new_day(self, entry: Entry, before: Entry) -> bool:
        zone = self.voice.zone
        return before.at.astimezone(zone).date() != entry.at.astimezone(zone).date()
