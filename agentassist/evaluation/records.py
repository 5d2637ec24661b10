"""Reads JSONL and TSV files of a data set line by line, and names file, line and field when something is wrong."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from agentassist.errors import EvaluationError
from agentassist.models import Author, Entry, EntryKind
from agentassist.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

MAX_LINE = 4_000_000
"""Characters of a line; the longest articles known have a tenth of that."""
_MOST_BYTES = 4 * MAX_LINE
MAX_TURNS = 10_000
_HALF = re.compile("[\ud800-\udfff]")
"""JSON can name a lone surrogate; no index can hold it."""
SPOKEN_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""When every turn of an evaluation was said: no part of search looks at it."""
ROLES: Mapping[str, tuple[Author, EntryKind]] = {
    "customer": (Author.CUSTOMER, EntryKind.MESSAGE),
    "agent": (Author.AGENT, EntryKind.MESSAGE),
    "bot": (Author.BOT, EntryKind.MESSAGE),
    "tree": (Author.CUSTOMER, EntryKind.CHOICE),
}
"""Who speaks in a turn: `tree` is the customer's answer in the decision tree."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a file, and where it stands.

    Attributes:
        file: its name.
        line: 1 is the first.
        values: its fields.
    """

    file: str
    line: int
    values: Mapping[str, Any]

    def wrong(self, field: str, message: str, hint: str = "") -> NoReturn:
        """Refuse the file because of a field.

        Raises:
            EvaluationError: always.
        """
        refuse(self.file, self.line, field, message, hint)

    def text(self, field: str, *, needed: bool = True) -> str:
        """Return a field's text; a missing one is empty unless it is needed.

        Raises:
            EvaluationError: it is missing or empty though needed, or no text.
        """
        value = self.values.get(field)
        if value is None and not needed:
            return ""
        if not isinstance(value, str):
            self.wrong(field, "is missing" if value is None else f"must be a text, not {kind(value)}")
        if needed and not value.strip():
            self.wrong(field, "is empty")
        if _HALF.search(value):
            self.wrong(field, "holds half a character, such as \\ud83d")
        return value

    def entries(self, field: str = "turns") -> tuple[Entry, ...]:
        """Return a list of {role, text} as a conversation.

        Raises:
            EvaluationError: it is not such a list, or it is empty.
        """
        turns = self.values.get(field)
        if not isinstance(turns, list) or not turns:
            self.wrong(field, "is missing" if turns is None else "must be a list of {role, text} with at least one")
        if len(turns) > MAX_TURNS:
            self.wrong(field, f"has more than {MAX_TURNS:,} turns")
        return tuple(self._entry(f"{field}[{at}]", at + 1, turn) for at, turn in enumerate(turns))

    def _entry(self, place: str, seq: int, turn: object) -> Entry:
        if not isinstance(turn, dict):
            self.wrong(place, f"must be {{role, text}}, not {kind(turn)}")
        role, text = turn.get("role"), turn.get("text")
        if not isinstance(role, str) or role not in ROLES:
            self.wrong(f"{place}.role", f"must be one of {', '.join(ROLES)}")
        if not isinstance(text, str):
            self.wrong(f"{place}.text", "is missing" if text is None else f"must be a text, not {kind(text)}")
        question = turn.get("question", "")
        return spoken(seq, role, text, question if isinstance(question, str) else "")


def spoken(seq: int, role: str, text: str, question: str = "") -> Entry:
    """Return one turn as an entry.

    Args:
        seq: 1 is the first.
        role: one of `ROLES`.
        text: what was said.
        question: what the decision tree had asked.
    """
    author, what = ROLES[role]
    return Entry(1, seq, SPOKEN_AT, author, "", what, text, {"question": question} if question else {})


def refuse(file: str, line: int, field: str, message: str, hint: str = "") -> NoReturn:
    """Refuse a file.

    Raises:
        EvaluationError: always; its message names file, line and field.
    """
    place = f"{file}:{line}" if line else file
    raise EvaluationError(clean_line(f"{place}: {field} {message}" if field else f"{place}: {message}"), hint)


def kind(value: object) -> str:
    """Return in words what a value read from a file is."""
    if isinstance(value, bool):
        return "yes or no"
    names = {
        str: "a text",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
        type(None): "nothing",
    }
    return names.get(type(value), "something else")


def objects(file: Path) -> Iterator[Record]:
    """Yield the objects of a JSONL file; empty lines are left out.

    Raises:
        EvaluationError: it cannot be read, or a line is no object.
    """
    for number, line in _lines(file):
        try:
            values = json.loads(line, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            message = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            refuse(file.name, number, "", f"not JSON: {message}", "Each line holds one JSON object.")
        if not isinstance(values, dict):
            refuse(file.name, number, "", f"must be a JSON object, not {kind(values)}")
        yield Record(file.name, number, values)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def rows(file: Path, columns: Sequence[str]) -> Iterator[Record]:
    """Yield the rows of a TSV file whose first line may name the columns.

    Raises:
        EvaluationError: it cannot be read, or a row has another number of columns.
    """
    for number, line in _lines(file):
        cells = line.split("\t")
        if number == 1 and cells == list(columns):
            continue
        if len(cells) != len(columns):
            wanted = ", ".join(columns)
            refuse(file.name, number, "", f"{len(cells)} columns, must be {len(columns)} with tabs between: {wanted}")
        yield Record(file.name, number, dict(zip(columns, cells, strict=True)))


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    number = 0
    try:
        with file.open("rb") as stream:
            while read := stream.readline(_MOST_BYTES + 1):
                number += 1
                long = len(read) > _MOST_BYTES
                line = "" if long else read.decode("utf-8" if number > 1 else "utf-8-sig")
                if long or len(line) > MAX_LINE:
                    refuse(file.name, number, "", f"longer than {MAX_LINE:,} characters")
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except UnicodeDecodeError as error:
        refuse(file.name, number, "", f"not UTF-8: {error.reason}")
    except FileNotFoundError:
        refuse(file.name, 0, "", f"is not in {file.parent}", "See docs/evaluation.md for the files of a data set.")
    except OSError as error:
        refuse(file.name, 0, "", f"cannot be read: {error.strerror}")
