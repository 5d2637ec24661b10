"""Reads recorded transcripts, JSON Lines, as if they came in live.

A file is hostile until the last line was checked: nothing of it is delivered before. See the README for the format.
"""

from __future__ import annotations

import json
import math
import zoneinfo
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentassist.errors import ReplayError
from agentassist.models import Author, Customer, EntryKind, Event, NewEntry
from agentassist.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_LINE = 256 * 1024
"""Bytes of one line; the longest real message known is a tenth of it."""

MAX_LINES = 200_000
MAX_DEPTH = 4
"""Nesting of an object: the line, its customer, their attributes."""

MAX_SECONDS = 30 * 24 * 3600.0
"""The longest pause before a line."""

_REQUIRED = {
    "conversation": ("id", "channel", "customer"),
    "choice": ("node", "question", "answer"),
    "form": ("node", "question", "answer"),
    "message": ("author", "text"),
    "article": ("author", "article", "title", "url"),
    "handoff": ("reason",),
}
_OPTIONAL = {
    "conversation": (),
    "choice": ("after",),
    "form": ("after",),
    "message": ("after", "name"),
    "article": ("after", "name"),
    "handoff": ("after",),
}
_CUSTOMER = ("id", "name", "email", "timezone", "language", "attributes")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a transcript as it arrives.

    Attributes:
        at: seconds since the file began to play, at real speed.
        conversation: the label of the conversation in its file.
        customer: who writes, when this starts a conversation.
        channel: the kind of channel, such as `web`.
        entry: the entry, unless this starts a conversation.
        number: the line's number in the file, from 1.
    """

    at: float
    conversation: str
    customer: Customer | None
    channel: str
    entry: NewEntry | None
    number: int


@dataclass(frozen=True, slots=True)
class Replay:
    """A transcript file that was checked from its first to its last line."""

    name: str
    lines: tuple[Line, ...]

    def arrivals(self) -> Iterator[Line]:
        """Yield the lines in the order of time; those of one conversation keep their order."""
        yield from sorted(self.lines, key=lambda line: line.at)


def load(file: Path) -> Replay:
    """Read and check a whole transcript.

    Raises:
        ReplayError: it cannot be read, or a line is not what the format says; names file, line and field.
    """
    name = clean_line(str(file))
    try:
        with file.open("rb") as stream:
            lines = tuple(_Reader(name).read(_numbered(name, stream)))
    except OSError as error:
        raise ReplayError(f"{name}: {error.strerror or error}", "Give the path of a transcript.") from error
    if not lines:
        raise ReplayError(f"{name}: holds no conversation", "The first line must be a conversation; see the README.")
    return Replay(name, lines)


def _numbered(name: str, stream: Any) -> Iterator[tuple[int, bytes]]:
    for number in range(1, MAX_LINES + 2):
        line = stream.readline(MAX_LINE + 1)
        if not line:
            return
        if number > MAX_LINES:
            break
        if len(line) > MAX_LINE:
            raise ReplayError(f"{name}:{number}: the line is longer than {MAX_LINE:,} bytes", "Shorten the text.")
        yield number, line.rstrip(b"\r\n")
    raise ReplayError(f"{name}: more than {MAX_LINES:,} lines", "Split the file.")


class _Reader:
    """Checks the lines of one file and knows which conversation they belong to."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._labels: set[str] = set()
        self._label = ""
        self._channel = ""
        self._at = 0.0

    def read(self, lines: Iterator[tuple[int, bytes]]) -> Iterator[Line]:
        for number, raw in lines:
            if raw.strip():
                yield self._line(_Fields(f"{self._name}:{number}", _decode(f"{self._name}:{number}", raw)), number)

    def _line(self, fields: _Fields, number: int) -> Line:
        kind = fields.choice("type", tuple(_REQUIRED))
        fields.only(("type", *_REQUIRED[kind], *_OPTIONAL[kind]), _REQUIRED[kind])
        if kind == "conversation":
            return self._start(fields, number)
        if not self._label:
            raise fields.error("type", "the first line must be a conversation")
        self._at += fields.seconds("after")
        return Line(self._at, self._label, None, self._channel, _entry(kind, fields), number)

    def _start(self, fields: _Fields, number: int) -> Line:
        label = fields.text("id", filled=True)
        if label in self._labels:
            raise fields.error("id", f"{clean_line(label)} is there twice")
        self._labels.add(label)
        self._label, self._channel, self._at = label, fields.text("channel", filled=True), 0.0
        return Line(0.0, label, _customer(fields.inner("customer")), self._channel, None, number)


class _Fields:
    """The fields of one object, each asked for by name and kind."""

    def __init__(self, where: str, raw: dict[str, Any], prefix: str = "") -> None:
        self._where = where
        self._raw = raw
        self._prefix = prefix

    def error(self, key: str, problem: str) -> ReplayError:
        field = f"{self._prefix}{clean_line(key, limit=60)}"
        return ReplayError(f"{self._where}: {field}: {problem}", "Nothing was replayed. Correct the line.")

    def only(self, known: tuple[str, ...], required: tuple[str, ...]) -> None:
        for key in self._raw:
            if key not in known:
                raise self.error(key, f"unknown; known here are {', '.join(known)}")
        for key in required:
            if key not in self._raw:
                raise self.error(key, "is missing")

    def text(self, key: str, *, filled: bool = False) -> str:
        value = self._raw.get(key, "")
        if not isinstance(value, str):
            raise self.error(key, "must be a text")
        if filled and not value.strip():
            raise self.error(key, "is empty")
        return value

    def choice(self, key: str, known: tuple[str, ...]) -> str:
        value = self._raw.get(key)
        if not isinstance(value, str) or value not in known:
            raise self.error(key, f"must be one of {', '.join(known)}")
        return value

    def seconds(self, key: str) -> float:
        value = self._raw.get(key, 0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, "must be a number of seconds")
        # Compared before it becomes a float: an integer of 400 digits does not fit into one.
        if not 0 <= value <= MAX_SECONDS or not math.isfinite(value):
            raise self.error(key, f"must be 0 to {MAX_SECONDS:,.0f} seconds")
        return float(value)

    def inner(self, key: str) -> _Fields:
        value = self._raw.get(key)
        if not isinstance(value, dict):
            raise self.error(key, "must be an object")
        return _Fields(self._where, value, f"{self._prefix}{key}.")

    def texts(self, key: str) -> dict[str, str]:
        value = self._raw.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, "must be an object of texts")
        for name, inner in value.items():
            if not isinstance(inner, str):
                raise self.error(f"{key}.{name}", "must be a text")
        return dict(value)


def _decode(where: str, raw: bytes) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8")
        if _depth(text) > MAX_DEPTH:
            raise ReplayError(f"{where}: nested too deep", "An object holds texts and numbers, and one customer.")
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_twins)
    except UnicodeDecodeError as error:
        raise ReplayError(f"{where}: not UTF-8 at byte {error.start + 1}", "Save the file as UTF-8.") from error
    except json.JSONDecodeError as error:
        raise ReplayError(
            f"{where}: not JSON: {error.msg} at character {error.colno}", "Write one object on each line."
        ) from error
    except (ValueError, RecursionError) as error:
        # A number of more than 4,300 digits, NaN, a key that is there twice.
        raise ReplayError(f"{where}: {clean_line(str(error), limit=200)}", "Correct the line.") from error
    if not isinstance(value, dict):
        raise ReplayError(f"{where}: not an object", "Write one object on each line.")
    return value


def _depth(text: str) -> int:
    """Return how deep brackets nest outside of strings; json itself recurses and would fail on thousands."""
    depth = deepest = 0
    quoted = skipped = False
    for char in text:
        if quoted:
            quoted = skipped or char != '"'
            skipped = char == "\\" and not skipped
        elif char == '"':
            quoted = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number of JSON")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is there twice")
    return value


def _customer(fields: _Fields) -> Customer:
    fields.only(_CUSTOMER, ("id", "name"))
    zone = fields.text("timezone")
    if zone:
        try:
            zoneinfo.ZoneInfo(zone)
        except (LookupError, ValueError, OSError) as error:
            raise fields.error("timezone", "must be an IANA name such as Europe/Lisbon") from error
    return Customer(
        id=fields.text("id", filled=True),
        name=fields.text("name", filled=True),
        email=fields.text("email"),
        timezone=zone,
        language=fields.text("language"),
        attributes=fields.texts("attributes"),
    )


def _entry(kind: str, fields: _Fields) -> NewEntry:
    if kind in ("choice", "form"):
        data = {"node": fields.text("node", filled=True), "question": fields.text("question")}
        return NewEntry(Author.CUSTOMER, EntryKind(kind), fields.text("answer"), data=data)
    if kind == "handoff":
        return NewEntry(Author.SYSTEM, EntryKind.EVENT, fields.text("reason"), data={"event": Event.HANDOFF.value})
    known = tuple(author.value for author in Author) if kind == "message" else ("bot", "agent")
    author = Author(fields.choice("author", known))
    name = fields.text("name")
    if name and author not in (Author.BOT, Author.AGENT):
        raise fields.error("name", "only an agent or a bot has a name here")
    if kind == "message":
        return NewEntry(author, EntryKind.MESSAGE, fields.text("text", filled=True), name)
    article = {key: fields.text(key, filled=True) for key in ("article", "title", "url")}
    return NewEntry(author, EntryKind.ARTICLE, f"{article['title']}\n{article['url']}", name, dict(article))
