"""Who needs this agent: customers waiting, own conversations, own follow-ups, and what others have."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from agentassist.models import State
from agentassist.tui.commands import bindings
from agentassist.tui.messages import ClaimRequested, FollowUpOpened, OpenRequested
from agentassist.tui.registry import Scope
from agentassist.tui.timers import after
from agentassist.tui.widgets import queue_rows
from agentassist.tui.widgets.filter import FilterRequested
from agentassist.tui.widgets.match import fits, folded
from agentassist.tui.widgets.present import around
from agentassist.tui.widgets.rows import RowList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, tzinfo

    from textual import events
    from textual.binding import BindingType

    from agentassist.models import Conversation, FollowUp
    from agentassist.session.desk import Overview
    from agentassist.tui.widgets.present import Around
    from agentassist.tui.widgets.rows import Row

SAID_SECONDS = 3.0
"""How long a remark stays on the border."""
SEARCHED = 500
"""Characters of a name, a reason or the last words that a filter looks at."""


class Queue(RowList):
    """The list at the left. The cursor stays on its conversation while others come and go."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.QUEUE)]

    def __init__(self, zone: tzinfo | None, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.next_key = "n"
        self._zone = zone
        self._open = 0
        self._overview: Overview | None = None
        self._now: datetime | None = None
        self._words: tuple[str, ...] = ()
        self._folded: dict[str, tuple[object, str, str]] = {}
        self._claimable = False

    def show(self, overview: Overview, now: datetime, *, opened: int = 0) -> None:
        """Show the queue as it is at this moment; `opened` is the conversation in the middle."""
        self._overview, self._now, self._open = overview, now, opened
        self.set_rows([*self._sections(overview, now)])
        self._tell_claimable()

    def move_cursor(self, index: int | None) -> None:
        """Move the cursor; the footer offers a claim only on what waits."""
        super().move_cursor(index)
        self._tell_claimable()

    def _tell_claimable(self) -> None:
        if self._claimable is not self.claimable:
            self._claimable = not self._claimable
            self.screen.refresh_bindings()

    def filter(self, words: tuple[str, ...]) -> None:
        """Show only what has all these folded words in its name, its last words, its reason, its agent or its note."""
        self._words = words
        if not words:
            self._folded.clear()
        if self._overview is None or self._now is None:
            return
        key = self.cursor_key
        self.show(self._overview, self._now, opened=self._open)
        if self.cursor_key != key or key is None:
            self.action_cursor_first()
        self.reveal()
        self._moved_at = None

    def prefer(self, conversation_id: int) -> None:
        """Put the cursor on a conversation, if it is here."""
        key = f"conversation-{conversation_id}"
        self.move_cursor(next((index for index, block in enumerate(self.blocks) if block.key == key), None))

    @property
    def chosen(self) -> int | None:
        """The conversation under the cursor."""
        kind, _, number = (self.cursor_key or "").rpartition("-")
        return int(number) if kind == "conversation" else None

    @property
    def claimable(self) -> bool:
        """Whether the one under the cursor waits for somebody."""
        chosen, overview = self.chosen, self._overview
        return overview is not None and any(item.id == chosen for item in overview.waiting)

    @property
    def chosen_follow_up(self) -> FollowUp | None:
        """The follow-up under the cursor."""
        kind, _, number = (self.cursor_key or "").rpartition("-")
        items = self._overview.follow_ups if self._overview and kind == "follow-up" else ()
        return next((item for item in items if item.id == int(number)), None)

    # What its keys ask for

    def action_select(self) -> None:
        """Ask to claim what waits, and to open anything else."""
        chosen = self.chosen
        if chosen is None or not self.claimable:
            self.action_look()
        elif not self.tell_if_moved():
            self.post_message(ClaimRequested(chosen))

    def tell_if_moved(self) -> bool:
        """Say whether the one that a key was meant for has just gone: nobody claims what they did not choose."""
        if self.just_moved:
            self.border_subtitle = "changed: press again"
            after(self, SAID_SECONDS, self._hush)
        return self.just_moved

    def _hush(self) -> None:
        self.border_subtitle = ""

    def action_look(self) -> None:
        """Ask to look at what is under the cursor; looking leaves no trace."""
        if (conversation_id := self.chosen) is not None:
            self.post_message(OpenRequested(conversation_id))
        elif (follow_up := self.chosen_follow_up) is not None:
            self.post_message(FollowUpOpened(follow_up.id, follow_up.conversation_id))

    def on_click(self, event: events.Click) -> None:
        """Look at what was clicked; a click alone claims nothing."""
        event.prevent_default()  # else what a click does in any list comes after it
        inside = event.get_content_offset(self)
        index = self.block_at(inside.y + self.scroll_offset.y) if inside is not None else None
        if index is not None and self.blocks[index].selectable:
            self.move_cursor(index)
            self.action_look()

    def action_filter(self) -> None:
        """Ask for the line to type in."""
        self.post_message(FilterRequested())

    # What it says

    def _sections(self, overview: Overview, now: datetime) -> Iterator[Row]:
        found = False
        begin = f"{self.next_key} claims the next" if overview.waiting else "Nothing yet."
        waiting = ("WAITING", overview.waiting, queue_rows.waiting, "Nobody waits.")
        mine = ("MINE", overview.mine, partial(_mine, overview.trees), begin)
        # Who was promised an answer stands first: however many wait, their new words stay in sight.
        for title, items, make, empty in (mine, waiting) if overview.mine else (waiting, mine):
            rows = self._conversations(items, now, make)
            found = found or bool(rows)
            if rows or not self._words:
                yield queue_rows.heading(title, len(rows), len(items))
                yield from rows or [queue_rows.remark(f"empty-{title}", empty)]
        if promises := self._follow_ups(overview, now):
            found = True
            yield queue_rows.heading("FOLLOW-UPS", len(promises), len(overview.follow_ups))
            yield from promises
        if others := self._conversations(overview.others, now, queue_rows.with_other):
            found = True
            yield queue_rows.heading("WITH OTHERS", len(others), len(overview.others))
            yield from others
        if self._words and not found:
            yield queue_rows.remark("nothing", "Nothing fits what you typed.")

    def _conversations(self, items: Sequence[Conversation], now: datetime, make: Callable[..., Row]) -> list[Row]:
        overview = self._overview
        present = overview.present if overview else {}
        return [
            make(item, now, opened=item.id == self._open, who=around(present.get(item.id, ()), now))
            for item in items
            if self._fits(f"conversation-{item.id}", item, partial(_conversation_words, item))
        ]

    def _follow_ups(self, overview: Overview, now: datetime) -> list[Row]:
        rows = []
        for item in overview.follow_ups:
            name = overview.names.get(item.customer_id or "", "")
            key = f"follow-up-{item.id}"
            if self._fits(key, (item, name), partial(_follow_up_words, item, name)):
                rows.append(queue_rows.follow_up(item, name, now, self._zone))
        return rows

    def _fits(self, key: str, facts: object, said: Callable[[], tuple[str, str]]) -> bool:
        """Say whether an entry has what was typed; its words are folded once."""
        if not self._words:
            return True
        known = self._folded.get(key)
        if known is None or known[0] != facts:
            name, rest = said()
            known = self._folded[key] = (facts, folded(name[:SEARCHED]), folded(rest[: 4 * SEARCHED]))
        return fits(self._words, known[1], known[2]) is not None


def _mine(trees: Mapping[int, str], item: Conversation, now: datetime, *, opened: bool, who: Around) -> Row:
    """Make the row of an own conversation, with the tree that it is lent to."""
    return queue_rows.mine(item, now, opened=opened, who=who, tree=trees.get(item.id, ""))


def _conversation_words(item: Conversation) -> tuple[str, str]:
    """Return what a filter looks at: the name, and everything else."""
    agent = item.agent if item.state is State.CLAIMED else ""
    rest = (item.customer.id, item.reason, item.preview, agent, item.channel)
    return item.customer.name, "\n".join(part[:SEARCHED] for part in rest)


def _follow_up_words(item: FollowUp, name: str) -> tuple[str, str]:
    """Return what a filter looks at: the customer, and the note as it is read."""
    return name or item.customer_id or "", item.note or queue_rows.NO_NOTE
