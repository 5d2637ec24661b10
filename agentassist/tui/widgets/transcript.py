"""What was said: the part before this agent, then the live part."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.content import Content

from agentassist.models import Entry, EntryKind
from agentassist.tui.commands import bindings
from agentassist.tui.messages import EntriesSeen
from agentassist.tui.registry import Scope
from agentassist.tui.timers import after
from agentassist.tui.widgets.blocks import Block
from agentassist.tui.widgets.lines import Piece, fit, label
from agentassist.tui.widgets.script import Script
from agentassist.tui.widgets.text_list import TextList

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from textual import events
    from textual.binding import BindingType

    from agentassist.tui.widgets.entry_lines import Voice
    from agentassist.tui.widgets.lines import Line

SEEN_SECONDS = 0.4
"""How long an entry must have been on screen to count as seen: shorter than that nobody has read it."""


class Transcript(TextList):
    """Shows one conversation, with a cursor over its entries; it follows the end while the cursor is on the last."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.TRANSCRIPT)]
    FROM_END = True

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.conversation_id = 0
        self.script: Script | None = None
        self.seen_seq = 0
        self._below = 0
        self._looking_at = 0
        self.head: Callable[[int], Sequence[Content]] = lambda _: [Content("Conversation")]
        """Makes the parts of the title for a number of cells."""
        self._was_at_end = True
        self._typing = ""

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
        missed_after: int | None = None,
    ) -> None:
        """Show a conversation from its newest entry, or from what was missed.

        Args:
            conversation_id: which; its fold stays when it is shown again.
            entries: all of them, in order.
            voice: who reads.
            now: for the names of days.
            reason: why it was handed over.
            seen: what is up to this entry counts as seen already.
            missed_after: what others wrote after this entry was missed; None when nothing was.
        """
        script = Script(entries, voice, now, reason)
        if conversation_id != self.conversation_id:
            self.seen_seq = 0
        elif self.script is not None:
            script.folded = self.script.folded
        script.miss(missed_after)
        self.seen_seq = self._looking_at = max(seen, self.seen_seq)
        self.conversation_id = conversation_id
        self.script = script
        self._below = 0
        self.cursor = None
        self.set_blocks(script.blocks())
        if not self._go_to_missed():
            self.action_end()
        self._mark_below()
        self.look()

    def add(self, entries: Sequence[Entry], now: datetime) -> None:
        """Show what has come in; entries that are already here are left out."""
        script = self.script
        fresh = [entry for entry in entries if script is not None and entry.seq > script.last_seq]
        if script is None or not fresh:
            return
        script.now = now
        following, had_missed = self.follows, bool(script.missed)
        blocks = script.add(fresh)
        if blocks is None:
            self._remake(script)
        else:
            self.add_blocks(blocks)
        if had_missed or not self._go_to_missed():
            if following:
                self.action_end()
            else:
                self._below += sum(entry.kind is not EntryKind.EVENT for entry in fresh)
        self._mark_below()
        self.look()

    def show_typing(self, name: str) -> None:
        """Say on the border that the customer is typing; empty says nothing.

        Args:
            name: clean.
        """
        if name != self._typing:
            self._typing = name
            self._mark_below()

    def show_missed(self, after_seq: int) -> None:
        """Put a rule above what others wrote after an entry, and go to the first of it.

        Entries that have not come in yet get the rule when they do.

        Args:
            after_seq: the last entry that the agent has seen.
        """
        if self.script is not None:
            self.script.miss(after_seq)
            self._remake(self.script)
            self._go_to_missed()
            self._mark_below()
            self.look()

    def _remake(self, script: Script) -> None:
        """Make every block anew; what is on screen stays there."""
        end, y = self.at_end, self.scroll_offset.y
        top = self.block_at(y)
        key, inside = (self.blocks[top].key, y - self.top_of(top)) if top is not None else ("", 0)
        self.set_blocks(script.blocks())
        place = next((index for index, block in enumerate(self.blocks) if block.key == key), None)
        if end or place is None:
            self.scroll_end(animate=False, immediate=True, force=True)
        else:
            if not self.is_measured(place):
                self.measure(around=place)
            self.scroll_to(y=self.top_of(place) + inside, animate=False, force=True, immediate=True)

    def clear(self) -> None:
        """Show nothing."""
        self.conversation_id = 0
        self.script = None
        self._typing = ""
        self.set_blocks([Block("empty", _nothing_open)])
        self._below = 0
        self._mark_below()

    @property
    def entries(self) -> Sequence[Entry]:
        """All that is shown, in order."""
        return self.script.entries if self.script else ()

    @property
    def folded(self) -> bool:
        """Whether the part before is folded."""
        return self.script is None or self.script.folded

    @property
    def follows(self) -> bool:
        """Whether what comes in is shown at once: nobody reads further up."""
        return self.at_end and (self.cursor == self.last_choice or not self.has_focus)

    @property
    def below(self) -> int:
        """How many new entries are below what is on screen."""
        return self._below

    # The cursor

    @property
    def entry(self) -> Entry | None:
        """The entry under the cursor; None on the block of what was before, and when nothing is open."""
        return self.script.entry(self.cursor_key or "") if self.script else None

    @property
    def text(self) -> str:
        """What the block under the cursor says, exact and not clean; empty when nothing is open."""
        return self.script.text(self.cursor_key or "") if self.script else ""

    def is_chosen(self, index: int, line: int) -> bool:
        """Leave out the name of the day above an entry."""
        if not super().is_chosen(index, line) or self.script is None:
            return False
        return line > 0 or not self.script.has_day(self.blocks[index].key)

    def action_fold(self) -> None:
        """Fold or unfold the part before."""
        script = self.script
        if script is None or not script.border:
            return
        key, end = self.cursor_key, self.at_end
        script.folded = not script.folded
        self.set_blocks(script.blocks())
        if script.folded and end:
            self.action_end()
        elif script.folded and self.cursor_key == key != "before":
            self.reveal()
        else:
            self.action_home()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the click was; on the head of the part before, fold or unfold it."""
        clicked = self.block_under(event)
        super().on_click(event)
        if clicked == 0 == self.cursor and self.cursor_key == "before":
            self.action_fold()

    def _go_to_missed(self) -> bool:
        """Go to the first entry that was missed; say whether there is one."""
        rule_at = next((index for index, block in enumerate(self.blocks) if block.key == "missed"), None)
        if rule_at is None:
            return False
        self.cursor = self.choice_near(rule_at, step=1)
        screen_below = min(rule_at + self.size.height, len(self.blocks) - 1)
        if not self.is_measured(rule_at) or not self.is_measured(screen_below):  # else what was missed stays below
            self.measure(around=rule_at)
        self.scroll_to(y=self.top_of(rule_at), animate=False, force=True, immediate=True)
        return True

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
        self.measure(around=here)
        if here is None:
            self.scroll_end(animate=False, immediate=True, force=True)
        else:
            self.scroll_to(y=self.top_of(here), animate=False, force=True)
        self.look()

    def _mark_below(self) -> None:
        """Say on the border what is out of sight: new entries below, or the part before above."""
        self._was_at_end = self.at_end
        typing = f"✎ {label(self._typing, 30)} is typing" if self._typing else ""
        if self._below or typing:
            below = f"{self._below} new below · End" if self._below else ""
            self.border_subtitle = Content(" · ".join(filter(None, (typing, below))))
        elif self.script and self.script.border and self.scroll_offset.y > 0:
            reason = f": {label(self.script.reason, 60)}" if self.script.reason else ""
            self.border_subtitle = Content.styled(f"↑ Before you{reason} · Home", "not bold $foreground 70%")
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
                self.look()  # it has gone out of sight, but what is above it may still be there

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
        ("⏎", "claim it"),
        ("␣", "look at it, which leaves no trace"),
        ("n", "claim the first who waits"),
        ("?", "every key"),
    )
    lines: list[Line] = [(Piece(""),), (Piece(fit("   No conversation is open.", width), "strong"),), (Piece(""),)]
    return lines + [(Piece(f"   {key:<5}", "key"), Piece(fit(words, width - 9), "dim")) for key, words in steps]
