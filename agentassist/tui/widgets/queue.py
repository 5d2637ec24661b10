"""Who needs this agent: customers waiting, own conversations, own follow-ups."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len

from agentassist.tui.commands import bindings
from agentassist.tui.messages import FollowUpOpened, OpenRequested
from agentassist.tui.registry import Scope
from agentassist.tui.widgets import words
from agentassist.tui.widgets.blocks import Block, BlockList
from agentassist.tui.widgets.lines import Line, Piece, fit, label, spread

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from textual.binding import BindingType

    from agentassist.models import Conversation, FollowUp
    from agentassist.session.desk import Overview

LONG_WAIT = 180.0
"""Seconds after which a waiting time is shown as urgent."""


class Queue(BlockList):
    """The list at the left. The cursor stays on its conversation while others come and go."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.QUEUE)]

    def __init__(self, zone: tzinfo | None, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._zone = zone
        self._open = 0
        self._overview: Overview | None = None
        self._painted: tuple[object, ...] = ()

    def show(self, overview: Overview, now: datetime, *, opened: int = 0) -> None:
        """Show the queue as it is at this moment; `opened` is the conversation in the middle."""
        self._overview, self._open = overview, opened
        blocks = [self._heading("WAITING", len(overview.waiting))]
        blocks += [self._conversation(item, now, waits=True) for item in overview.waiting]
        if not overview.waiting:
            blocks.append(_words("empty-waiting", "Nobody waits."))
        blocks.append(self._heading("MINE", len(overview.mine)))
        blocks += [self._conversation(item, now, waits=False) for item in overview.mine]
        if not overview.mine:
            blocks.append(_words("empty-mine", "n claims the next" if overview.waiting else "Nothing yet."))
        if overview.follow_ups:
            blocks.append(self._heading("FOLLOW-UPS", len(overview.follow_ups)))
            names = overview.names
            blocks += [
                self._follow_up(item, names.get(item.customer_id or "", ""), now) for item in overview.follow_ups
            ]
        self.set_blocks(blocks)

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
    def chosen_follow_up(self) -> FollowUp | None:
        """The follow-up under the cursor."""
        kind, _, number = (self.cursor_key or "").rpartition("-")
        items = self._overview.follow_ups if self._overview and kind == "follow-up" else ()
        return next((item for item in items if item.id == int(number)), None)

    def action_select(self) -> None:
        """Ask to open what is under the cursor."""
        if (conversation_id := self.chosen) is not None:
            self.post_message(OpenRequested(conversation_id))
        elif (follow_up := self.chosen_follow_up) is not None:
            self.post_message(FollowUpOpened(follow_up.id, follow_up.conversation_id))

    def action_look(self) -> None:
        """Ask to look at the conversation under the cursor."""
        if (conversation_id := self.chosen) is not None:
            self.post_message(OpenRequested(conversation_id))

    def action_filter(self) -> None:
        """Show only what has some words."""

    def _heading(self, title: str, number: int) -> Block:
        def lines(width: int) -> Sequence[Line]:
            words = f" {title} {number}" if number else f" {title}"
            return [(Piece(fit(words, width), "heading"),)]

        return Block(f"heading-{title}", lines)

    def _conversation(self, item: Conversation, now: datetime, *, waits: bool) -> Block:
        age = (now - (item.since if waits else item.last_at)).total_seconds()
        name = label(item.customer.name or item.customer.id, 60)
        details = [label(item.reason, 120)] if waits and item.reason else []
        details.append(label(item.preview, 160) or "no words yet")
        opened = item.id == self._open

        def lines(width: int) -> Sequence[Line]:
            badge = f" ●{min(item.unread, 99)}" if item.unread else ""
            right = (Piece(badge, "accent"), _time(age, waits=waits), Piece(" "))
            mark = Piece(" ▸ " if opened else "   ", "accent")
            made: list[Line] = [spread((mark, Piece(name, "strong")), right, width)]
            for number, detail in enumerate(details):
                style = "dim" if number or not waits or not item.reason else "reason"
                made.append((Piece("   "), Piece(fit(detail, width - 4), style), Piece(" ")))
            return made

        return Block(f"conversation-{item.id}", lines, selectable=True)

    def _follow_up(self, item: FollowUp, name: str, now: datetime) -> Block:
        when = words.due(item.due, now, self._zone)
        who = label(name or item.customer_id or "", 60)
        note = label(item.note, 120) or "come back"
        style = "alert" if item.due <= now else "accent"

        def lines(width: int) -> Sequence[Line]:
            made: list[Line] = []
            if who and cell_len(f"{who} · {when}") <= width - 3:
                head = (Piece("   "), Piece(who, "strong"), Piece(" · ", "dim"), Piece(when, style))
                made.append(spread(head, (), width))
            else:  # rather one line more than a name or a time that is cut
                made += [(Piece("   "), Piece(fit(who, width - 4), "strong"), Piece(" "))] if who else []
                made.append((Piece("   "), Piece(fit(when, width - 3), style)))
            return [*made, (Piece("   "), Piece(fit(note, width - 4), "dim"), Piece(" "))]

        return Block(f"follow-up-{item.id}", lines, selectable=True)


def _time(age: float, *, waits: bool) -> Piece:
    style = "alert" if waits and age >= LONG_WAIT else "accent" if waits else "dim"
    return Piece(f" {words.waiting(age)}", style)


def _words(key: str, text: str) -> Block:
    def lines(width: int) -> Sequence[Line]:
        return [(Piece(fit(f"   {text}", width), "dim"),)]

    return Block(key, lines)
