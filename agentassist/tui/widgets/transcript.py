"""What was said: the part before this agent, then the live part."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.content import Content

from agentassist.models import Entry, EntryKind, Event
from agentassist.tui.commands import bindings
from agentassist.tui.messages import EntriesSeen
from agentassist.tui.registry import Scope
from agentassist.tui.timers import after
from agentassist.tui.widgets import words
from agentassist.tui.widgets.blocks import Block, BlockList
from agentassist.tui.widgets.entry_lines import Voice, before_lines, day_line, entry_lines, rule, starts_group
from agentassist.tui.widgets.lines import Piece, fit, label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from textual.binding import BindingType

    from agentassist.tui.widgets.lines import Line

SEEN_SECONDS = 0.4
"""How long an entry must have been on screen to count as seen: shorter than that nobody has read it."""


class Transcript(BlockList):
    """Shows one conversation. It follows the end unless the reader has scrolled up."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.TRANSCRIPT)]
    FROM_END = True

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.conversation_id = 0
        self.entries: list[Entry] = []
        self.seen_seq = 0
        self.folded = False
        self._voice = Voice("", "", None)
        self._reason = ""
        self._now: datetime | None = None
        self._below = 0
        self._looking_at = 0
        self.head: Callable[[int], Sequence[Content]] = lambda _: [Content("Conversation")]
        """Makes the parts of the title for a number of cells."""
        self._border = 0
        """The index of the first live entry: after the first handoff."""
        self._was_at_end = True

    # What is shown

    def show_title(self) -> None:
        """Say what this is, in as many words as the border has room for."""
        self.border_title = Content(" · ").join(self.head(max(self.outer_size.width - 6, 0) or 1_000))

    def show(
        self,
        conversation_id: int,
        entries: Sequence[Entry],
        voice: Voice,
        now: datetime,
        *,
        reason: str = "",
        seen: int = 0,
    ) -> None:
        """Show a conversation from its newest entry; what is up to `seen` counts as seen already."""
        if conversation_id != self.conversation_id:
            self.seen_seq = 0
            self.folded = False
        self.seen_seq = self._looking_at = max(seen, self.seen_seq)
        self.conversation_id = conversation_id
        self.entries = list(entries)
        self._voice, self._reason, self._now = voice, reason, now
        self._below = 0
        self._rebuild()
        self.scroll_end(animate=False, immediate=True, force=True)
        self._mark_below()
        self.look()

    def add(self, entries: Sequence[Entry], now: datetime) -> None:
        """Show what has come in; entries that are already here are left out."""
        last = self.entries[-1].seq if self.entries else 0
        fresh = [entry for entry in entries if entry.seq > last]
        if not fresh:
            return
        self._now = now
        following = self.at_end
        old = len(self.entries)
        self.entries += fresh
        if any(entry.event is Event.HANDOFF for entry in fresh):
            self._rebuild()  # what was live has become the part before
        else:
            self.add_blocks(
                [self._entry_block(index, index - 1 if index else None) for index in range(old, len(self.entries))]
            )
        if following:
            self.scroll_end(animate=False, immediate=True, force=True)
        else:
            self._below += sum(entry.kind is not EntryKind.EVENT for entry in fresh)
        self._mark_below()
        self.look()

    def clear(self) -> None:
        """Show nothing."""
        self.conversation_id = 0
        self.entries = []
        self.set_blocks([Block("empty", _nothing_open)])
        self._below = 0
        self._mark_below()

    @property
    def at_end(self) -> bool:
        """Whether the newest line is on screen."""
        return self.scroll_offset.y >= self.max_scroll_y - 1

    @property
    def below(self) -> int:
        """How many new entries are below what is on screen."""
        return self._below

    def action_end(self) -> None:
        """Go to the newest entry."""
        self.scroll_end(animate=False, immediate=True, force=True)

    def action_home(self) -> None:
        """Go to the very start, once everything above is measured."""
        if not self.fully_measured:
            self.measure(down_to=0)
        self.scroll_home(animate=False, immediate=True, force=True)

    def action_fold(self) -> None:
        """Fold or unfold the part before."""
        self.folded = not self.folded
        end = self.at_end
        self._rebuild()
        if end and self.folded:
            self.scroll_end(animate=False, immediate=True, force=True)
        else:
            self.action_home()

    # Blocks

    def _rebuild(self) -> None:
        handed_over = (index + 1 for index, entry in enumerate(self.entries) if entry.event is Event.HANDOFF)
        border = self._border = next(handed_over, 0)
        blocks: list[Block] = []
        if border:
            blocks.append(self._before_block(border))
        above: int | None = None
        for index in range(border if self.folded else 0, len(self.entries)):
            if index >= border or self._spoken(self.entries[index]):
                blocks.append(self._entry_block(index, above))
                above = index
            if index == border - 1:
                blocks.append(Block("live", self._live_line))
        self.set_blocks(blocks)

    def _spoken(self, entry: Entry) -> bool:
        return entry.kind in (EntryKind.MESSAGE, EntryKind.ARTICLE)

    def _before_block(self, border: int) -> Block:
        before = self.entries[:border]

        def lines(width: int) -> Sequence[Line]:
            return before_lines(before, self._reason, width, folded=self.folded)

        return Block("before", lines)

    def _live_line(self, width: int) -> Sequence[Line]:
        entry = self.entries[self._border - 1]
        return [rule(f"Handed over {words.clock_time(entry.at, self._voice.zone)}", width, "mark")]

    def _entry_block(self, index: int, above: int | None) -> Block:
        """Make the block of an entry; `above` is the entry shown above it, which may already say who speaks."""
        entry = self.entries[index]
        before = None if above is None else self.entries[above]
        return Block(f"entry-{entry.seq}", partial(self._entry_lines, entry, before, index == self._border))

    def _entry_lines(self, entry: Entry, before: Entry | None, first_live: bool, width: int) -> Sequence[Line]:
        """Make the lines of an entry; worked out only when it is measured, since there may be thousands."""
        zone, now = self._voice.zone, self._now
        new_day = before is None or before.at.astimezone(zone).date() != entry.at.astimezone(zone).date()
        head = new_day or first_live or starts_group(entry, before)
        made = entry_lines(entry, self._voice, width, head=head)
        return [day_line(entry, now, zone, width), *made] if new_day and now is not None else made

    # What has been seen

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Notice what comes into view."""
        super().watch_scroll_y(old_value, new_value)
        if self.at_end:
            self._below = 0
        self._mark_below()
        self.look()

    def on_resize(self) -> None:
        """Wrap anew; who was at the end stays there, who was reading stays at the same entry."""
        self.show_title()
        if self.line_width == self._measured_width:
            if self._below == 0 and self._was_at_end:
                self.scroll_end(animate=False, immediate=True, force=True)
            return
        here = None if self._was_at_end else self.block_at(self.scroll_offset.y)
        self.measure(down_to=here)
        if here is None:
            self.scroll_end(animate=False, immediate=True, force=True)
        else:
            self.scroll_to(y=self.top_of(here), animate=False, force=True)
        self.look()

    def _mark_below(self) -> None:
        """Say on the border what is out of sight: new entries below, or the part before above."""
        self._was_at_end = self.at_end
        if self._below:
            self.border_subtitle = Content(f"{self._below} new below · End")
        elif self._border and self.scroll_offset.y > 0:
            reason = f": {label(self._reason, 60)}" if self._reason else ""
            self.border_subtitle = Content.styled(f"↑ Before you{reason} · Home", "not bold $foreground 60%")
        else:
            self.border_subtitle = ""

    def look(self) -> None:
        """Start to look at the newest entry on screen; it counts as seen when it stays there for a moment."""
        seq = self._newest_on_screen()
        if seq <= max(self.seen_seq, self._looking_at):
            return
        self._looking_at = seq
        looked_at = self.conversation_id

        def seen() -> None:
            if looked_at == self.conversation_id and self._newest_on_screen() >= seq > self.seen_seq:
                self.seen_seq = seq
                self.post_message(EntriesSeen(looked_at, seq))
            elif looked_at == self.conversation_id and self._looking_at == seq:
                self._looking_at = self.seen_seq

        after(self, SEEN_SECONDS, seen)

    def _newest_on_screen(self) -> int:
        if not self.entries or self.size.height == 0 or self.app.screen is not self.screen or not self.is_on_screen:
            return 0
        if self.at_end:
            return self.entries[-1].seq
        index = self.block_at(self.scroll_offset.y + self.size.height - 1)
        while index is not None and index >= 0:
            kind, _, number = self.blocks[index].key.rpartition("-")
            if kind == "entry":
                return int(number)
            index -= 1
        return 0


def _nothing_open(width: int) -> Sequence[Line]:
    """Say how to begin."""
    steps = (
        ("↑ ↓", "choose a conversation in the queue"),
        ("⏎", "look at it"),
        ("c", "claim it"),
        ("n", "claim the longest waiting"),
        ("?", "every key"),
    )
    lines: list[Line] = [(Piece(""),), (Piece(fit("   No conversation is open.", width), "strong"),), (Piece(""),)]
    return lines + [(Piece(f"   {key:<5}", "key"), Piece(fit(words, width - 9), "dim")) for key, words in steps]
