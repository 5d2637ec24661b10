"""The “Before you” block: what an agent should know, in the lines that there are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from agentassist.models import Author, Data, Entry, EntryKind
from agentassist.tui.widgets.before import Before, before_answer, before_lines

AT = datetime(2026, 11, 29, 10, tzinfo=UTC)
HANDOFF: Data = {
    "event": "handoff",
    "friction": 0.82,
    "level": "friction",
    "signals": [{"text": f"signal {n} says “it still will not pair at all” (#7)"} for n in range(4)],
    "articles": ["reset", "pair"],
    "tried": ["reset"],
    "question": "how do I get the code back?",
    "skills": ["heating"],
    "asked": True,
}
ENTRIES = (
    Entry(1, 1, AT, Author.CUSTOMER, "", EntryKind.CHOICE, "Pairing", {"flow": "a", "node": "n", "question": "What?"}),
    Entry(1, 2, AT, Author.CUSTOMER, "", EntryKind.EVENT, "", {"event": "back", "flow": "a", "node": "n"}),
    Entry(
        1, 3, AT, Author.CUSTOMER, "", EntryKind.CHOICE, "Setting up", {"flow": "a", "node": "n", "question": "What?"}
    ),
    Entry(1, 4, AT, Author.AGENT, "Bo", EntryKind.FORM, "a@b.example", {"question": "E-mail", "private": True}),
    Entry(1, 5, AT, Author.SYSTEM, "", EntryKind.EVENT, "asked the same twice", HANDOFF),
)


def told(entries: tuple[Entry, ...], width: int, *, folded: bool) -> list[str]:
    """Return the lines of the block's head."""
    before = Before.of(entries, len(entries))
    return ["".join(piece.text for piece in line) for line in before_lines(before, width, folded=folded)]


def test_folded_it_fits_a_small_screen() -> None:
    """Why with its mark, two signals, what is asked, tried and seen, and the answers that count: at most nine lines."""
    lines = told(ENTRIES, 76, folded=True)
    assert [line.strip() for line in lines[1:]] == [
        "▲▲ Why: asked the same twice",
        "· signal 0 says “it still will not pair at all” (#7)",
        "· signal 1 says “it still will not pair at all” (#7)",
        "Asks: how do I get the code back?",
        "Tried, no help: reset",
        "Seen: pair",
        "Needs: heating",
        "Setting up · a@b.example",
    ]
    assert "2 answers" in lines[0]


def test_unfolded_it_has_everything() -> None:
    """Every signal; below it every answer, with who gave it when no customer did, and which counts no more."""
    assert sum("signal" in line for line in told(ENTRIES, 76, folded=False)) == 4
    marks = [
        "".join(
            piece.text for line in before_answer(entry, 60, taken_back=entry.seq == 1)[1:] for piece in line
        ).strip()
        for entry in (ENTRIES[0], ENTRIES[2], ENTRIES[3])
    ]
    assert "E-mail · private" in "".join(p.text for p in before_answer(ENTRIES[3], 60, taken_back=False)[0])
    assert marks == ["↳ taken back since", "", "↳ by Bo"]


@pytest.mark.parametrize("width", [30, 50, 76])
@pytest.mark.parametrize("text", ["x" * 900, "\x1b]0;evil\x07 a\u202eb\nc", "[@click=app.quit]x[/]", ""])
@pytest.mark.parametrize("folded", [True, False])
def test_hostile_words_fit(width: int, text: str, folded: bool) -> None:
    """Whatever a reason, a signal, a title, a question or a skill holds: printable, and no line too wide."""
    data: Data = {**HANDOFF, "signals": [{"text": text}] * 3, "tried": [text], "question": text, "stakes": text}
    data = {**data, "articles": [text, text + "b"], "skills": [text], "level": text}
    entry = Entry(1, 5, AT, Author.SYSTEM, "", EntryKind.EVENT, text, data)
    for line in told((*ENTRIES[:4], entry), width, folded=folded):
        assert cell_len(line) <= width
        assert line.isprintable()


def test_a_handoff_that_says_nothing_says_only_why() -> None:
    """An old handoff, or one by hand, has its reason and nothing more."""
    entry = Entry(1, 1, AT, Author.SYSTEM, "", EntryKind.EVENT, "asked for a person", {"event": "handoff"})
    assert [line.strip() for line in told((entry,), 76, folded=True)[1:]] == ["Why: asked for a person"]
