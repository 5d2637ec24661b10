"""Recorded transcripts: read as written, or refused with file, line and field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from agentassist.channels import replay
from agentassist.channels.replay import load
from agentassist.errors import ReplayError
from agentassist.models import Author, Customer, EntryKind

SAMPLES = sorted((Path(__file__).parents[3] / "kb" / "conversations").glob("*.jsonl"))
START = {"type": "conversation", "id": "one", "channel": "web", "customer": {"id": "c1", "name": "Dana"}}
SAID = {"type": "message", "author": "customer", "text": "hello"}


def written(tmp_path: Path, *lines: object) -> Path:
    """Write a transcript; a str is a raw line, bytes are raw bytes, anything else becomes JSON."""
    file = tmp_path / "talk.jsonl"
    raw = [
        line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode()
        for line in lines
    ]
    file.write_bytes(b"\n".join(raw) + b"\n")
    return file


def refusal(file: Path) -> str:
    """Return what is said of a transcript that is refused."""
    with pytest.raises(ReplayError) as refused:
        load(file)
    assert refused.value.hint
    return refused.value.message


def test_every_kind_of_line_becomes_its_entry(tmp_path: Path) -> None:
    """Tree answers, messages, articles and handoffs, with their author, name, text and data."""
    customer = {
        "id": "c1", "name": "Dana", "email": "d@x", "timezone": "Europe/Lisbon", "language": "en",
        "attributes": {"plan": "Plus"},
    }  # fmt: skip
    file = written(
        tmp_path,
        {**START, "customer": customer},
        {"type": "choice", "node": "topic", "question": "What?", "answer": "Setting up"},
        {"type": "form", "after": 6, "node": "serial", "question": "Serial", "answer": "DL1"},
        "",
        {"type": "message", "after": 1.5, "author": "bot", "name": "Hearty", "text": "hi"},
        {"type": "article", "author": "bot", "article": "a", "title": "T", "url": "https://x"},
        {"type": "handoff", "after": 2, "reason": "asked"},
        {"type": "message", "author": "agent", "name": "Ada", "text": "Hi Dana"},
        {"type": "message", "author": "system", "text": "note"},
    )
    first, *rest = load(file).arrivals()
    assert (first.customer, first.channel, first.entry, first.conversation) == (
        Customer("c1", "Dana", "d@x", "Europe/Lisbon", "en", {"plan": "Plus"}),
        "web",
        None,
        "one",
    )
    entries = [line.entry for line in rest]
    assert [line.at for line in rest] == [0, 6, 7.5, 7.5, 9.5, 9.5, 9.5]
    assert [line.number for line in rest] == [2, 3, 5, 6, 7, 8, 9]
    assert [(e.author, e.kind, e.text, e.author_name, dict(e.data)) for e in entries if e] == [
        (Author.CUSTOMER, EntryKind.CHOICE, "Setting up", "", {"node": "topic", "question": "What?"}),
        (Author.CUSTOMER, EntryKind.FORM, "DL1", "", {"node": "serial", "question": "Serial"}),
        (Author.BOT, EntryKind.MESSAGE, "hi", "Hearty", {}),
        (Author.BOT, EntryKind.ARTICLE, "T\nhttps://x", "", {"article": "a", "title": "T", "url": "https://x"}),
        (Author.SYSTEM, EntryKind.EVENT, "asked", "", {"event": "handoff"}),
        (Author.AGENT, EntryKind.MESSAGE, "Hi Dana", "Ada", {}),
        (Author.SYSTEM, EntryKind.MESSAGE, "note", "", {}),
    ]


def test_conversations_of_one_file_run_side_by_side(tmp_path: Path) -> None:
    """Each has its own clock from 0; arrivals come in the order of time, each conversation's in its own order."""
    second = {**START, "id": "two"}
    file = written(
        tmp_path, START, {**SAID, "after": 5}, {**SAID, "text": "at once"}, second, {**SAID, "after": 3}, SAID
    )
    assert [(line.at, line.conversation, line.number) for line in load(file).arrivals()] == [
        (0, "one", 1), (0, "two", 4), (3, "two", 5), (3, "two", 6), (5, "one", 2), (5, "one", 3),
    ]  # fmt: skip


def without(line: Mapping[str, object], key: str) -> dict[str, object]:
    """Return a line without one field."""
    return {name: value for name, value in line.items() if name != key}


CUSTOMER: dict[str, object] = {"id": "c1", "name": "Dana"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({**SAID, "author": "robot"}, "author: must be one of"),
        ({**SAID, "author": None}, "author: must be one of"),
        ({**SAID, "txt": "x"}, "txt: unknown"),
        ({**SAID, "type": "shout"}, "type: must be one of"),
        (without(SAID, "type"), "type: must be one of"),
        (without(SAID, "text"), "text: is missing"),
        ({**SAID, "text": ""}, "text: is empty"),
        ({**SAID, "text": 5}, "text: must be a text"),
        ({**SAID, "name": "Dana"}, "name: only an agent or a bot"),
        ({**SAID, "after": -1}, "after: must be 0 to"),
        ({**SAID, "after": "3"}, "after: must be a number"),
        ({**SAID, "after": True}, "after: must be a number"),
        ({**SAID, "after": 10**400}, "after: must be 0 to"),
        ('{"type": "message", "author": "customer", "text": "x", "after": 1e999}', "after: must be 0 to"),
        ('{"type": "message", "author": "customer", "text": "x", "after": NaN}', "NaN is not a number"),
        ('{"type": "message", "author": "customer", "text": "x", "after": ' + "9" * 5000 + "}", "2:"),
        ('{"type": "message", "author": "customer", "text": "a", "text": "b"}', "a key is there twice"),
        ({"type": "choice", "node": "", "question": "q", "answer": "a"}, "node: is empty"),
        ({"type": "article", "author": "customer", "article": "a", "title": "t", "url": "u"}, "author: must be one of"),
        ({"type": "article", "author": "bot", "article": "a", "title": "t", "url": "u", "text": "x"}, "text: unknown"),
        ({"type": "handoff"}, "reason: is missing"),
        (START, "id: one is there twice"),
        ({**START, "id": "two", "customer": "c1"}, "customer: must be an object"),
        ({**START, "id": "two", "customer": {**CUSTOMER, "age": "5"}}, "customer.age: unknown"),
        ({**START, "id": "two", "customer": {"id": "c1"}}, "customer.name: is missing"),
        ({**START, "id": "two", "customer": {**CUSTOMER, "timezone": "Mars"}}, "customer.timezone: must be an IANA"),
        ({**START, "id": "two", "customer": {**CUSTOMER, "timezone": "../etc"}}, "customer.timezone: must be an IANA"),
        ({**START, "id": "two", "customer": {**CUSTOMER, "attributes": {"a": 1}}}, "customer.attributes.a: must be"),
        ({**START, "id": "two", "customer": {**CUSTOMER, "attributes": []}}, "customer.attributes: must be"),
        ({**START, "id": " "}, "id: is empty"),
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 50_000, "nested too deep"),
        ('{"text": "[[[[[[[[[["', "not JSON"),
        ("[]", "not an object"),
        ("12", "not an object"),
        ("hello", "not JSON"),
        (b'{"type": "\xff\xfe"}', "not UTF-8"),
        ('{"type": "message", "author": "customer", "text": "' + "x" * 300_000 + '"}', "longer than"),
    ],
    ids=range(38),
)
def test_a_broken_line_is_refused_with_its_number_and_field(tmp_path: Path, line: object, said: str) -> None:
    """The message names the file, line 2 and what is wrong there; nothing was delivered before."""
    message = refusal(written(tmp_path, START, line, SAID))
    assert "talk.jsonl:2: " in message
    assert said in message


def test_the_message_of_a_hostile_field_is_safe(tmp_path: Path) -> None:
    """A key full of controls reaches the terminal as text."""
    message = refusal(written(tmp_path, START, {**SAID, "\x1b]52;c;aGk=\x07\u202e": "x"}))
    assert message.isprintable()


@pytest.mark.parametrize("lines", [[], [""], ["", "  "]])
def test_a_file_without_a_conversation_is_refused(tmp_path: Path, lines: list[str]) -> None:
    """Empty, blank: there is nothing to replay."""
    assert "no conversation" in refusal(written(tmp_path, *lines))


def test_an_entry_before_its_conversation_is_refused(tmp_path: Path) -> None:
    """The first line has to be a conversation."""
    assert "talk.jsonl:1: type: the first line must be a conversation" in refusal(written(tmp_path, SAID))


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A missing file, a folder."""
    assert "No such file" in refusal(tmp_path / "none.jsonl")
    assert "directory" in refusal(tmp_path)


def test_too_many_lines_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file cannot fill the memory."""
    monkeypatch.setattr(replay, "MAX_LINES", 3)
    assert len(load(written(tmp_path, START, SAID, SAID)).lines) == 3
    assert "more than 3 lines" in refusal(written(tmp_path, START, SAID, SAID, SAID))


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_the_shipped_conversations_can_be_replayed(file: Path) -> None:
    """Each has a customer, tree answers before the handoff, and one handoff."""
    lines = load(file).lines
    kinds = [line.entry.data.get("event", line.entry.kind.value) for line in lines if line.entry]
    assert kinds.count("handoff") == 1
    assert "choice" in kinds[: kinds.index("handoff")]
