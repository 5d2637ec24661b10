"""What the rows of the queue say. Pure: from records to lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from agentassist.models import State
from agentassist.session.strain import MARKS, strain
from agentassist.tui.widgets import words
from agentassist.tui.widgets.lines import Line, Piece, fit, label, spread
from agentassist.tui.widgets.present import Around, in_list, with_owner
from agentassist.tui.widgets.rows import Row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from agentassist.models import Conversation, FollowUp

LONG_WAIT = 180.0
"""Seconds after which a waiting time is shown as urgent."""


NO_NOTE = "come back"
"""What is read of a promise without a note."""


def heading(title: str, shown: int, total: int) -> Row:
    """Return the heading of a section, with how many there are; when it is filtered, of how many."""
    number = f"{shown} of {total}" if shown != total else str(total) if total else ""
    text = f" {title} {number}".rstrip()
    return _one_line(f"heading-{title}", text, "heading")


def remark(key: str, text: str) -> Row:
    """Return a dim line that is not an entry."""
    return _one_line(key, f"   {text}", "dim")


def _one_line(key: str, text: str, style: str) -> Row:
    return Row(key, text, lambda _: 1, lambda width: [(Piece(fit(text, width), style),)])


def waiting(item: Conversation, now: datetime, *, opened: bool, who: Around) -> Row:
    """Return the row of a customer who waits: name, unread entries, waiting time; the reason; the last words."""
    age = (now - item.since).total_seconds()
    style = "alert" if age >= LONG_WAIT else "accent"
    mark = MARKS[strain(item.friction)]
    return _conversation(
        item, words.waiting(age), style, opened=opened, note=in_list(who), reason=item.reason, mark=mark
    )


def mine(item: Conversation, now: datetime, *, opened: bool, who: Around, tree: str = "") -> Row:
    """Return the row of an own conversation: name, unread entries, time since the last entry; the last words.

    One that is lent says so instead of its last words, which are the tree's.
    """
    age = words.waiting((now - item.last_at).total_seconds())
    if item.state is State.DIGITAL:
        return _conversation(item, age, "dim", opened=opened, note=in_list(who), preview=with_tree(tree))
    return _conversation(item, age, "dim", opened=opened, note=in_list(who))


def with_tree(tree: str) -> str:
    """Say that a conversation is with a tree, and with which."""
    return f"⇄ with the tree: {label(tree, 60)}" if tree else "⇄ with the tree"


def with_other(item: Conversation, now: datetime, *, opened: bool, who: Around) -> Row:
    """Return the row of another agent's conversation: name and time; who has it, and the last words."""
    age = words.waiting((now - item.last_at).total_seconds())
    return _conversation(item, age, "dim", opened=opened, note=with_owner(item.agent, who), unread=False)


def _conversation(
    item: Conversation,
    age: str,
    style: str,
    *,
    opened: bool,
    note: str,
    reason: str = "",
    unread: bool = True,
    mark: str = "",
    preview: str = "",
) -> Row:
    def lines(width: int) -> Sequence[Line]:
        name = label(item.customer.name or item.customer.id, 60)
        badge = f" ●{min(item.unread, 99)}" if item.unread and unread else ""
        strained = (Piece(f" {mark}", "alert"),) if mark else ()
        right = (Piece(badge, "accent"), *strained, Piece(f" {age}", style), Piece(" "))
        made: list[Line] = [spread((Piece(" ▸ " if opened else "   ", "accent"), Piece(name, "strong")), right, width)]
        if reason:
            made.append((Piece("   "), Piece(fit(label(reason, 120), width - 4), "reason"), Piece(" ")))
        said, tone = (preview, "mark") if preview else (label(item.preview, 160) or "no words yet", "dim")
        if note:
            # Who else is there comes before the words, in the same line: the list does not jump when somebody looks.
            last = (Piece("   "), Piece(note, "mark"), Piece(" · ", "dim"), Piece(said, tone))
            made.append(spread(last, (Piece(" "),), width))
        else:
            made.append((Piece("   "), Piece(fit(said, width - 4), tone), Piece(" ")))
        return made

    height = 3 if reason else 2
    return Row(
        f"conversation-{item.id}", (item, age, style, opened, note, preview), lambda _: height, lines, selectable=True
    )


def follow_up(item: FollowUp, name: str, now: datetime, zone: tzinfo | None) -> Row:
    """Return the row of a promise: whom it is about, when, and the note; one that is due is marked."""
    when = words.due(item.due, now, zone)
    due = item.due <= now
    who = label(name or item.customer_id or "", 60)
    needed = cell_len(f"{who} · {when}")

    def height(width: int) -> int:
        return 2 if not who or needed <= width - 3 else 3

    def lines(width: int) -> Sequence[Line]:
        mark, style = (Piece(" ! ", "alert"), "alert") if due else (Piece("   "), "accent")
        made: list[Line] = []
        if who and needed <= width - 3:
            made.append(spread((mark, Piece(who, "strong"), Piece(" · ", "dim"), Piece(when, style)), (), width))
        else:  # rather one line more than a name or a time that is cut
            made += [(mark, Piece(fit(who, width - 4), "strong"), Piece(" "))] if who else []
            made.append((Piece("   ") if who else mark, Piece(fit(when, width - 3), style)))
        return [*made, (Piece("   "), Piece(fit(label(item.note, 120) or NO_NOTE, width - 4), "dim"), Piece(" "))]

    return Row(f"follow-up-{item.id}", (item, who, when, due), height, lines, selectable=True)
