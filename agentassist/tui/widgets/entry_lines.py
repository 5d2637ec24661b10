"""How the entries of a conversation read, line by line. Pure: widths in, lines out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len

from agentassist.models import Author, Data, Entry, EntryKind, Event
from agentassist.session import events
from agentassist.text import clean, clean_line
from agentassist.tui.widgets import words
from agentassist.tui.widgets.lines import Line, Piece, fit, label, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

ENTRY_LIMIT = 8_000
"""The most characters of one entry that are shown; the rest is counted."""
ENTRY_LINES = 60
"""The most lines of one entry's text that are shown, so that a pasted log does not bury what was said."""
MOST_NAMES = 3
"""How many authors of what was missed are named."""

MARKS = {Author.CUSTOMER: "●", Author.AGENT: "◆", Author.BOT: "○", Author.SYSTEM: "·"}
"""Tells authors apart without colour, together with the name."""

EVENTS = {
    Event.HANDOFF: "handed over",
    Event.CLAIMED: "claimed",
    Event.RELEASED: "released",
    Event.CLOSED: "closed",
    Event.REOPENED: "reopened",
    Event.FOLLOW_UP: "set a follow-up",
}


@dataclass(frozen=True, slots=True)
class Voice:
    """Who reads, and in which zone: decides names and times.

    Attributes:
        me: this agent's name, shown as “You”.
        customer: the customer's name.
        zone: for times of day; None is the machine's.
    """

    me: str
    customer: str
    zone: tzinfo | None

    @property
    def customer_name(self) -> str:
        """What the customer is called, on one clean line."""
        return label(self.customer, 40) or "Customer"

    def name(self, entry: Entry) -> str:
        """Say whose entry it is, on one clean line."""
        if entry.author is Author.CUSTOMER:
            return self.customer_name
        if entry.author is Author.AGENT:
            return "You" if entry.author_name == self.me else label(entry.author_name, 40) or "Agent"
        if entry.author is Author.BOT:
            return f"{label(entry.author_name, 40)} (bot)" if entry.author_name else "Bot"
        return "System"


def starts_group(entry: Entry, before: Entry | None) -> bool:
    """Say whether an entry needs its own head: another author than before, or minutes later."""
    if before is None or before.kind is EntryKind.EVENT:
        return True
    same = (entry.author, entry.author_name) == (before.author, before.author_name)
    return not same or (entry.at - before.at).total_seconds() > 300


def entry_lines(entry: Entry, voice: Voice, width: int, *, head: bool, back_from: str = "") -> list[Line]:
    """Return the lines of one entry.

    Args:
        entry: any kind.
        voice: who reads.
        width: cells.
        head: whether its author and time are said above it.
        back_from: the tree from which the customer came back with it, not clean; empty for any other entry.
    """
    if entry.kind is EntryKind.EVENT:
        return _event_lines(entry, voice, width, back_from)
    style = str(entry.author)
    lines: list[Line] = []
    if head:
        time = words.clock_time(entry.at, voice.zone)
        name = fit(voice.name(entry), min(cell_len(voice.name(entry)), max(width - 12, 4)))
        lines.append(
            (Piece(f" {MARKS[entry.author]} ", style), Piece(name, f"{style}-name"), Piece(f"  {time}", "dim"))
        )
    bar = Piece(" ▏ ", style)
    if entry.kind in (EntryKind.CHOICE, EntryKind.FORM):
        lines += [(bar, *line) for line in answer_lines(entry, width - 4)]
        return lines
    if entry.kind is EntryKind.ARTICLE:
        lines += [(bar, *line) for line in _articles(entry, width - 4)]
    text = clean(entry.text, limit=ENTRY_LIMIT).rstrip("\n")
    plain = "dim" if entry.author in (Author.BOT, Author.SYSTEM) else ""
    if text or entry.kind is not EntryKind.ARTICLE:
        spans = wrap(text, width - 4)
        more = len(spans) - ENTRY_LINES if len(spans) > ENTRY_LINES + 1 else 0
        lines += [(bar, Piece(text[start:end], plain)) for start, end in spans[: ENTRY_LINES if more else None]]
        if more:
            told = f"… {words.count(more, 'more line')} · ⏎ reads it all"
            lines.append((bar, Piece(fit(told, width - 4), "accent")))
    return lines


def entry_text(entry: Entry) -> str:
    """Return everything that an entry says, exact and not clean: what is read in full, copied, quoted and looked for.

    An article that was sent says its title and link too, an event what was noted with it.
    """
    if entry.kind is EntryKind.EVENT:
        return entry.text or events.note(entry)
    if entry.kind is not EntryKind.ARTICLE:
        return entry.text
    named = [str(item.get(part) or "") for item in _sent(entry) for part in ("title", "url")]
    return "\n".join(filter(None, [entry.text, *(words for words in named if words not in entry.text)]))


def missed_line(missed: Sequence[Entry], voice: Voice, width: int) -> Line:
    """Return the rule above what the agent has not seen yet: how much, and by whom."""
    names = list(dict.fromkeys(voice.name(entry) for entry in missed))
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    by = ", ".join(label(name, 20) for name in names[:MOST_NAMES]) + more
    return rule(f"You missed {words.count(len(missed), 'entry', 'entries')} by {by}", width, "alert")


def answer_lines(entry: Entry, width: int) -> list[Line]:
    """Return a tree question and its answer; the question wraps when it is long, the answer is never cut."""
    private = " · private" if entry.data.get("private") is True else ""
    question = clean_line(question_of(entry), limit=300) + private
    answer = clean(entry.text, limit=ENTRY_LIMIT).strip("\n") or "(no answer)"
    if "\n" not in answer and cell_len(question) + cell_len(answer) + 2 <= width:
        return [(Piece(question, "dim"), Piece("  "), Piece(answer, "strong"))]
    lines: list[Line] = [(Piece(question[start:end], "dim"),) for start, end in wrap(question, width)]
    lines += [(Piece("→ ", "dim"), Piece(answer[start:end], "strong")) for start, end in wrap(answer, width - 2)]
    return lines


def question_of(entry: Entry) -> str:
    """Return what was asked, not clean."""
    return str(entry.data.get("question") or entry.data.get("node") or "Asked")


def day_line(entry: Entry, now: datetime, zone: tzinfo | None, width: int) -> Line:
    """Return the separator before the first entry of a day."""
    name = words.day(entry.at, now, zone)
    name = name[:1].upper() + name[1:]  # only the first letter: it may be “Fri 20 Nov”
    return rule(name, width)


def rule(title: str, width: int, style: str = "rule") -> Line:
    """Return a horizontal rule with words in it."""
    left = f" ── {title} "
    return (Piece(fit(left, min(cell_len(left), width)), style), Piece("─" * max(width - cell_len(left) - 1, 0), style))


def _event_lines(entry: Entry, voice: Voice, width: int, back_from: str = "") -> list[Line]:
    who = "" if entry.author is Author.SYSTEM else voice.name(entry)
    what = EVENTS.get(entry.event, "") if entry.event else ""
    what = what or events.what(entry)
    if back_from:
        who, what = voice.customer_name, f"came back from the tree “{label(back_from, 60)}”"
    if entry.event is Event.FOLLOW_UP:
        what += _due(entry, voice.zone)
    note = label(events.back_note(entry) if back_from else events.note(entry), 120)
    told = " ".join(part for part in (who, what) if part) + (f": {note}" if note else "")
    told = f"{words.clock_time(entry.at, voice.zone)} {told}"
    if cell_len(told) <= width - 6:
        return [rule(told, width, "event")]
    cut = wrap(told, width - 5)
    return [
        (Piece("    " if number else " ── ", "event"), Piece(told[a:b], "event")) for number, (a, b) in enumerate(cut)
    ]


def _due(entry: Entry, zone: tzinfo | None) -> str:
    """Say for when a follow-up was set; nothing when the entry does not tell (it came from outside)."""
    try:
        due = datetime.fromisoformat(str(entry.data.get("due")))
    except ValueError:
        return ""
    if due.tzinfo is None:
        return ""
    year = f" {due.year}" if due.year != entry.at.year else ""
    there = due.astimezone(zone)
    return f" for {there:%a} {there.day} {there:%b}{year} {there:%H:%M}"


def _articles(entry: Entry, width: int) -> list[Line]:
    """Return title and link of each article that an entry sent, where its text does not say them already."""
    text = clean_line(entry.text, limit=ENTRY_LIMIT)
    lines: list[Line] = []
    for item in _sent(entry):
        title = clean_line(str(item.get("title") or ""), limit=200)
        link = clean_line(str(item.get("url") or ""), limit=300)
        if title and title not in text:
            lines.append((Piece(fit(f"▤ {title}", width), "accent"),))
        if link and link not in text:
            lines += [(Piece(link[start:end], "dim"),) for start, end in wrap(link, width)]
    return lines


def _sent(entry: Entry) -> list[Data]:
    """Return the data of each article that an entry sent: article, title and url."""
    more = entry.data.get("also")
    return [entry.data, *(item for item in (more if isinstance(more, list) else []) if isinstance(item, dict))]
