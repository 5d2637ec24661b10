"""Labelled conversations: how their files are read, and what logged ones become."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentassist.errors import EvaluationError, NotFoundError
from agentassist.evaluation import friction_sets
from agentassist.evaluation.friction_logged import labelled
from agentassist.models import Author, Data, Entry, EntryKind


def write(folder: Path, *rows: object, name: str = "turns.jsonl") -> Path:
    """Write lines of JSON."""
    file = folder / name
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return file


def row(*turns: tuple[str, str], label: int = 0, **more: object) -> dict[str, object]:
    """Return one labelled conversation."""
    return {"turns": [{"role": role, "text": text} for role, text in turns], "label": label, **more}


def test_texts_become_messages(tmp_path: Path) -> None:
    """An agent's turn is the bot's, entries are numbered, and a moment long after the last is when it is judged."""
    file = write(tmp_path, row(("customer", "Hi, it fails."), ("agent", "Sorry?"), label=1, id="a", dialog_id="d"))
    (item,) = friction_sets.load(file)
    assert (item.id, item.dialog_id, item.problem, item.dataset) == ("a", "d", True, tmp_path.name)
    assert [(entry.seq, entry.author, entry.kind) for entry in item.entries] == [
        (1, Author.CUSTOMER, EntryKind.MESSAGE),
        (2, Author.BOT, EntryKind.MESSAGE),
    ]
    assert item.now - item.entries[-1].at == friction_sets.ENDED


def test_intents_become_answers_in_a_tree(tmp_path: Path) -> None:
    """The bot's intent is the node, the customer's the answer; a wish for an agent is stated outright."""
    turns = [("agent", "ask_name"), ("customer", "inform [name]"), ("agent", "did_not_understand"),
             ("customer", "negate"), ("customer", "transfer_agent")]  # fmt: skip
    (item,) = friction_sets.load(write(tmp_path, row(*turns)))
    asked, told, sorry, no, wish = item.entries
    assert (asked.text, asked.data["node"]) == ("ask name", "ask_name")
    assert (told.kind, told.data["node"]) == (EntryKind.CHOICE, "ask_name")
    assert sorry.text == "Sorry, I did not understand."
    assert no.text == "no"
    assert wish.data == {"event": "wished", "wish": "person"}


def test_a_split_is_chosen(tmp_path: Path) -> None:
    """Only the conversations of the split that is asked for, and none is an error."""
    file = write(tmp_path, row(("customer", "a b"), split="dev"), row(("customer", "c d"), split="test"))
    assert len(friction_sets.load(file, "dev")) == 1
    with pytest.raises(EvaluationError, match="no conversation"):
        friction_sets.load(file, "other")


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "1", '{"turns": [], "label": 2}', '{"label": 1}', '{"turns": [{"role": "x", "text": "y"}], "label": 1}',
     '{"turns": [{"role": "agent"}], "label": 1}', '{"turns": 3, "label": 0}', '"\x1b[2J"'],
)  # fmt: skip
def test_a_bad_line_is_told_with_its_number(tmp_path: Path, line: str) -> None:
    """What is not such a conversation is named with file and line."""
    with pytest.raises(EvaluationError, match="line 2") as caught:
        friction_sets.load(write(tmp_path, row(("customer", "a b")), line))
    assert caught.value.message.isprintable()


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """The error names it."""
    with pytest.raises(NotFoundError, match="nothing here"):
        friction_sets.load(tmp_path / "nothing here")


def logged(*kinds: str) -> list[Entry]:
    """Return a logged conversation: c and b for what customer and bot say, else the name of an event."""
    made = []
    for seq, kind in enumerate(kinds, start=1):
        author = {"c": Author.CUSTOMER, "b": Author.BOT}.get(kind, Author.SYSTEM)
        data: Data = {} if kind in "cb" else {"event": kind}
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=seq)
        made.append(Entry(9, seq, at, author, "", EntryKind.EVENT if data else EntryKind.MESSAGE, "x", data))
    return made


def test_logged_conversations_are_labelled_by_how_they_ended() -> None:
    """Handed over is a problem up to the handoff, closed without is none; what is open or had no bot is left out."""
    some = [logged("b", "c", "handoff", "c"), logged("c", "b", "closed"), logged("c", "b"), logged("c", "handoff"),
            logged("b", "closed"), logged("c", "b", "handoff", "claimed", "closed", "reopened", "handoff")]  # fmt: skip
    found = list(labelled(some))
    assert [(item.problem, len(item.entries)) for item in found] == [(True, 2), (False, 2), (True, 2)]
