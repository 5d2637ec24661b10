"""The “Before you” block: what an agent should know of a conversation that was handed over. Pure: widths in, lines out.

At its top stands the brief of the last handoff; below it, folded or in full, what was answered in the tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from agentassist.models import Author, EntryKind
from agentassist.session import events
from agentassist.session.brief_words import LEVEL, facts, last_brief, noticed
from agentassist.session.strain import MARKS, WORDS, strain
from agentassist.text import clean_line
from agentassist.tui.widgets import words
from agentassist.tui.widgets.entry_lines import answer_lines, question_of, rule
from agentassist.tui.widgets.lines import Line, Piece, label, packed, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from agentassist.models import Entry
    from agentassist.session.brief import Brief

MOST_ANSWERS = 20
"""Answers that are tried on one line."""
MOST_ASKED = 2
"""Lines of the open question that are shown while the block is folded."""
MOST_SIGNALS = 2
"""Signals that are shown while the block is folded, a line each."""


_ANSWERS, _SPOKEN = (EntryKind.CHOICE, EntryKind.FORM), (EntryKind.MESSAGE, EntryKind.ARTICLE)


def is_spoken(entry: Entry) -> bool:
    """Say whether an entry is part of what was said with the bot: words, an article, an answer to the bot."""
    return entry.kind in _SPOKEN or events.answers_the_bot(entry)


@dataclass(frozen=True, slots=True)
class Before:
    """What was said before this agent.

    Attributes:
        answers: the tree's, in order.
        taken_back: the numbers of those that count no more.
        spoken: how many entries the customer and the bot wrote.
        reason: why it was handed over.
        brief: of the last handoff; None when there was none.
    """

    answers: tuple[Entry, ...]
    taken_back: frozenset[int]
    spoken: int
    reason: str
    brief: Brief | None = None

    @classmethod
    def of(
        cls, entries: Sequence[Entry], border: int, reason: str = "", came_back: Mapping[int, str] | None = None
    ) -> Before:
        """Count what is in the part before, and read the brief.

        Args:
            entries: all of the conversation.
            border: how many of them are in the part before.
            reason: why it was handed over, where no handoff says it.
            came_back: the handoffs that only ended a loan to a tree: they brief nobody.
        """
        brief = last_brief(entries, came_back)
        part = entries[:border]
        answers = tuple(entry for entry in part if entry.kind in _ANSWERS and not events.answers_the_bot(entry))
        spoken = sum(map(is_spoken, part))
        return cls(answers, events.taken_back(part), spoken, (brief.reason if brief else "") or reason, brief)

    @property
    def standing(self) -> tuple[Entry, ...]:
        """The answers that count."""
        return tuple(entry for entry in self.answers if entry.seq not in self.taken_back)

    @property
    def text(self) -> str:
        """The brief, and every question with its answer, exact and not clean."""
        brief, lines = self.brief, [f"Why: {self.reason}"] if self.reason else []
        if brief is not None:
            lines += [*noticed(brief), *(f"{name}: {said}" for name, said in facts(brief))]
        return "\n".join([*lines, *(f"{question_of(entry)}: {entry.text}" for entry in self.answers)])


def before_lines(before: Before, width: int, *, folded: bool) -> list[Line]:
    """Return the head of the “Before you” block: the brief, and when it is folded the answers if they fit on a line."""
    standing = before.standing
    parts = [words.count(len(standing), "answer")] if standing else []
    spoken = words.count(before.spoken, "entry with the bot", "entries with the bot") if before.spoken else ""
    title = " · ".join(filter(None, [f"{'▸' if folded else '▾'} Before you", *parts, spoken]))
    if cell_len(title) > width - 5:
        title = title.replace(spoken, f"{before.spoken:,} with the bot")
    lines = [rule(title, width, "mark"), *_brief_lines(before, width - 4, folded=folded)]
    if folded and standing:
        # What does not fit on the line is cut below anyway: a tree of any length costs the same here.
        said = " · ".join(clean_line(entry.text, limit=200) or "(no answer)" for entry in standing[:MOST_ANSWERS])
        if len(standing) <= MOST_ANSWERS and cell_len(said) <= width - 4:
            lines.append((Piece("   "), Piece(said, "strong")))
        else:
            lines.append((Piece("   "), Piece("b shows the answers", "dim")))
    return lines


def _brief_lines(before: Before, width: int, *, folded: bool) -> Iterator[Line]:
    brief = before.brief
    level = strain(brief.friction, brief.level) if brief is not None else 0
    mark = f"{MARKS[level]} " if level else ""
    if why := clean_line(before.reason, limit=300):
        told = f"{mark}Why: {why}"
        for start, end in wrap(told, width):
            yield Piece("   "), Piece(told[start:end], "reason")
    elif mark:
        yield Piece("   "), Piece(f"{mark}{WORDS[level]}", "reason")
    if brief is None:
        return
    signals = [label(said, 300) for said in noticed(brief)]
    for said in signals[: MOST_SIGNALS if folded else None]:
        if folded:
            yield Piece("   · ", "dim"), Piece(label(said, width - 2))
        else:
            yield from _hanging("· ", said, width)
    for name, said in facts(brief):
        if folded and name == LEVEL:
            continue  # the mark says it
        made = [*_hanging(f"{name}: ", clean_line(said, limit=500), width)]
        yield from made[:MOST_ASKED] if folded else made


def _hanging(head: str, said: str, width: int) -> Iterator[Line]:
    """Yield the lines of some words behind a dim head."""
    told = f"{head}{said}"
    for number, (start, end) in enumerate(wrap(told, width)):
        if number == 0:
            yield Piece("   "), Piece(told[: min(len(head), end)], "dim"), Piece(told[len(head) : end])
        else:
            yield Piece("   "), Piece(told[start:end])


def before_answer(entry: Entry, width: int, *, taken_back: bool) -> list[Line]:
    """Return the lines of one answer in the unfolded block: who gave it, if no customer did, and whether it counts."""
    lines = [(Piece("   "), *line) for line in answer_lines(entry, width - 4)]
    told = packed(marks_of(entry, taken_back=taken_back), width - 7)
    return [*lines, *((Piece("   ↳ ", "dim"), *line) for line in told)]


def marks_of(entry: Entry, *, taken_back: bool) -> Iterable[Piece]:
    """Yield what there is to say about an answer, besides the answer."""
    if entry.author is Author.AGENT:
        yield Piece(f"by {label(entry.author_name, 40)}", "dim")
    if taken_back:
        yield Piece("taken back since", "dim")
