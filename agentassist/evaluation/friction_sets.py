"""Conversations of which it is known whether they went wrong: lines of JSON, one object each.

`turns` is a list of {role: customer|agent, text} up to the judged point, `label` is 1 for a problem; `id`, `dialog_id`
and `split` are read when they are there. Turns whose texts are intents ("negate", "inform [client_name]") are read as
answers in a tree, with `intents.toml` for what they stand for. An agent's turn counts as the bot's.
"""

from __future__ import annotations

import functools
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from agentassist.errors import EvaluationError, NotFoundError
from agentassist.models import Author, Data, Entry, EntryKind
from agentassist.text import clean_line

BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
APART = timedelta(seconds=20)
"""Between two turns: the files have no times."""
ENDED = timedelta(hours=1)
"""After the last turn: a record that ends with the bot's turn is one in which nobody answered."""
_INTENT = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*(?: \[[a-z0-9_]+\])*")
_PERSON = "*person"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One conversation up to the judged point.

    Attributes:
        dataset: the name of its set: the folder's, or the file's.
        dialog_id: what is of one dialog stays together when a set is parted.
        problem: the label.
        now: the moment at which it is judged.
    """

    dataset: str
    id: str
    dialog_id: str
    problem: bool
    entries: tuple[Entry, ...]
    now: datetime


def load(file: Path, split: str = "") -> tuple[Labelled, ...]:
    """Read a file.

    Args:
        file: of lines of JSON.
        split: only those of this split; empty takes all.

    Raises:
        NotFoundError: there is no such file.
        EvaluationError: a line is not as it should be, or nothing is left.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no file {file}", "Name a file of labelled conversations.") from error
    except (OSError, ValueError) as error:
        raise EvaluationError(f"{file}: {error}", "It must be lines of JSON in UTF-8.") from error
    name = file.parent.name if file.stem in ("turns", "dialogs") else file.stem
    made = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                raw = json.loads(line)
                if not split or raw.get("split") == split:
                    made.append(_labelled(clean_line(name, limit=60), number, raw))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise EvaluationError(
                    clean_line(f"{file}, line {number}: {error!r}", limit=400),
                    "Each line is an object with `turns` (role and text) and `label` (0 or 1).",
                ) from error
    if not made:
        raise EvaluationError(f"{file}: no conversation", "Is the --split right?")
    return tuple(made)


def _labelled(name: str, number: int, raw: Mapping[str, Any]) -> Labelled:
    ident = str(raw.get("id", number))
    turns = [(_author(turn["role"]), str(turn["text"])) for turn in raw["turns"]]
    if raw["label"] not in (0, 1):
        raise ValueError("label is neither 0 nor 1")
    by_intents = bool(turns) and all(_INTENT.fullmatch(text) for _, text in turns)
    entries = _of_intents(turns) if by_intents else _of_texts(turns)
    now = (entries[-1].at if entries else BEGAN) + ENDED
    return Labelled(name, ident, str(raw.get("dialog_id", ident)), bool(raw["label"]), entries, now)


def _author(role: str) -> Author:
    if role == "customer":
        return Author.CUSTOMER
    if role in ("agent", "bot"):
        return Author.BOT
    raise ValueError(f"role is {role!r}, neither customer nor agent")


def _of_texts(turns: Sequence[tuple[Author, str]]) -> tuple[Entry, ...]:
    return tuple(_entry(seq, author, EntryKind.MESSAGE, text, {}) for seq, (author, text) in enumerate(turns, start=1))


def _of_intents(turns: Sequence[tuple[Author, str]]) -> tuple[Entry, ...]:
    book = phrasebook()
    made = []
    node = ""
    for seq, (author, text) in enumerate(turns, start=1):
        intent = text.partition(" ")[0]
        if author is Author.BOT:
            node = intent
            said = book["agent"].get(intent, intent.replace("_", " "))
            made.append(_entry(seq, author, EntryKind.MESSAGE, said, {"node": node}))
            continue
        said = book["customer"].get(intent, intent.replace("_", " "))
        if said == _PERSON:
            made.append(_entry(seq, author, EntryKind.EVENT, "", {"event": "wished", "wish": "person"}))
        else:
            made.append(_entry(seq, author, EntryKind.CHOICE, said, {"node": node, "value": intent}))
    return tuple(made)


def _entry(seq: int, author: Author, kind: EntryKind, text: str, data: Data) -> Entry:
    return Entry(1, seq, BEGAN + APART * seq, author, "", kind, text, data)


@functools.cache
def phrasebook() -> Mapping[str, Mapping[str, str]]:
    """Return what intents stand for, by who says them."""
    return tomllib.loads(resources.files(__package__).joinpath("intents.toml").read_text(encoding="utf-8"))
