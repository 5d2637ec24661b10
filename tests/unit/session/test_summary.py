"""The drafted summary: short, in the words that were said, the same every time."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from time import thread_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentassist.models import Author, Data, Entry, EntryKind
from agentassist.session.summary import MAX_CHARACTERS, MAX_LINES, draft, edited_summary
from agentassist.text import clean_line

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
FRAME = ("About: ", "Problem: ", "Sent: ", "Agent: ", "Ended: ")
CONVERSATIONS = Path(__file__).parents[3] / "kb" / "conversations"


def talk(*lines: tuple[Any, ...]) -> tuple[Entry, ...]:
    """Make a conversation of (author, text), (author, kind, text) or (author, kind, text, data)."""
    entries = []
    for seq, line in enumerate(lines, 1):
        author, kind, text, data = (*line, {})[:4] if len(line) > 2 else (line[0], EntryKind.MESSAGE, line[1], {})
        entries.append(Entry(1, seq, NOW, author, "", kind, text, data))
    return tuple(entries)


def event(name: str, text: str = "", author: Author = Author.AGENT, **data: Any) -> tuple[Author, EntryKind, str, Data]:
    """Make an event for `talk`."""
    return author, EntryKind.EVENT, text, {"event": name, **data}


C, B, A = Author.CUSTOMER, Author.BOT, Author.AGENT
WHOLE = talk(
    (C, EntryKind.CHOICE, "Setting up", {"node": "topic", "question": "What is it about?"}),
    (C, EntryKind.FORM, "DL20418837", {"node": "serial", "question": "Serial"}),
    (C, "hi there!"),
    (C, "my dial wont pair. it had a code on it and now the code is gone"),
    (B, "Have you tried to turn it off?"),
    event("handoff", "asked for a person", Author.SYSTEM),
    event("claimed"),
    (A, "Hello Dana, I'll check that for you."),
    (C, "ok thanks"),
    (
        A,
        EntryKind.ARTICLE,
        "Hold the button:",
        {"article": "a", "title": "Reset the pairing code", "url": "https://x", "also": [{"title": "Pair a Dial"}]},
    ),
    (C, "oh! there are numbers now"),
    (A, "I have sent a new Dial as well, you will get it on Friday."),
    (C, "it works now, thank you so much"),
    (A, "You're welcome!"),
)


def test_a_whole_conversation() -> None:
    """Every part has its line: tree, problem, what was sent, what was done, how it ended."""
    assert draft(WHOLE).splitlines() == [
        "About: Setting up",
        "Problem: “my dial wont pair.” “it had a code on it and now the code is gone”",
        "Sent: Reset the pairing code; Pair a Dial",
        "Agent: “I have sent a new Dial as well, you will get it on Friday.”",
        "Ended: customer confirmed: “it works now, thank you so much”",
    ]


@pytest.mark.parametrize(
    ("last", "ended"),
    [
        (((C, "no, it still does not pair"),), "Ended: still broken: “no, it still does not pair”"),
        (((C, "thanks a lot"),), "Ended: customer thanked: “thanks a lot”"),
        (((C, "it still does not pair"), (A, "Try the other button.")), "Ended: no answer"),
        (((C, "hm. and what about the bridge?"),), "Ended: customer wrote last: “hm. and what about the bridge?”"),
        (((C, "thanks. but where is my refund?"),), "Ended: customer wrote last: “thanks. but where is my refund?”"),
        (((C, "that worked"), (A, "Have a great day!")), "Ended: customer confirmed: “that worked”"),
        (((C, "perfect"), (A, "Try it once more tomorrow.")), "Ended: customer confirmed: “perfect”"),
        ((), "Ended: no answer"),
    ],
)
def test_how_it_ended(last: tuple[Any, ...], ended: str) -> None:
    """The end is what the customer said last; when they have not answered the last reply, that is said."""
    entries = talk((C, "my dial does not pair"), event("handoff"), (A, "Hold the button."), *last)
    assert draft(entries).splitlines()[-1] == ended


def test_nobody_replied_and_nothing_said() -> None:
    """Without a reply that is said; without anything there is no summary; a greeting alone is no problem."""
    assert draft(()) == ""
    assert draft(talk(event("handoff", "asked for a person"))) == ""
    assert draft(talk((C, "hello?"))) == "Ended: no agent replied"
    assert draft(talk((C, "the boiler smells of gas"))).splitlines() == [
        "Problem: “the boiler smells of gas”",
        "Ended: no agent replied",
    ]


def test_small_talk_is_no_problem() -> None:
    """A customer's greeting, name, numbers and thanks are passed over for what is the matter."""
    entries = talk(
        (C, "Good morning, how are you?"),
        (C, "Username: cminh730"),
        (C, "cminh730@email.com"),
        (C, "I was charged twice for the same order"),
        (C, "Thank you so much for your kind help today, it is appreciated"),
    )
    assert "“I was charged twice for the same order”" in draft(entries)
    assert "cminh" not in draft(entries)
    assert "morning" not in draft(entries)


def test_other_languages_work() -> None:
    """Where the English words do not match, the weight of the words still finds the sentence that tells most."""
    german = talk((C, "Hallo!"), (C, "Der Heizkörper im Kinderzimmer bleibt seit gestern eiskalt"), (C, "Bitte helfen"))
    assert "“Der Heizkörper im Kinderzimmer bleibt seit gestern eiskalt”" in draft(german)
    chinese = talk((C, "你好"), (C, "我的恒温器昨天晚上突然停止工作了，房间很冷。怎么办？"))
    assert "恒温器" in draft(chinese)


_TEXTS = st.text(st.characters(exclude_characters="“”…·;", codec="utf-8"), max_size=120) | st.sampled_from(
    ["it works now", "still not working", "thanks", "I have sent it.", "I need a refund. Now!", "a" * 3000, " " * 2000]
)
_LINES = st.lists(
    st.tuples(st.sampled_from(Author), st.sampled_from([EntryKind.MESSAGE, EntryKind.CHOICE, EntryKind.FORM]), _TEXTS)
    | st.tuples(st.just(A), st.just(EntryKind.ARTICLE), _TEXTS, st.builds(lambda title: {"title": title}, _TEXTS)),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(_LINES)
def test_only_what_was_said(lines: list[tuple[Any, ...]]) -> None:
    """Never too long, the same every time, and nothing in it but frame words and what was said."""
    entries = talk(*lines)
    summary = draft(entries)
    assert len(summary) <= MAX_CHARACTERS
    assert len(summary.splitlines()) <= MAX_LINES
    assert summary == draft(entries)
    assert summary == "" or all(line.startswith(FRAME) for line in summary.split("\n"))
    said = "\n".join(
        clean_line(str(text), limit=200_000) for entry in entries for text in (entry.text, *entry.data.values())
    )
    for quote in re.findall(r"“([^”]*)”", summary):
        assert quote.removesuffix("…").strip() in said
    for line in summary.splitlines():
        if line.startswith(("About: ", "Sent: ")):
            for part in re.split(r" · |; ", line.partition(": ")[2].removesuffix(" more")):
                assert re.sub(r" and \d+$", "", part).removesuffix("…").strip() in said


def test_hostile_text() -> None:
    """Escapes, controls and marks come out as something to look at, and no text takes long."""
    hostile = ["\x1b]52;c;ZXZpbA==\x07", "\u202egnorw", "a\u0301" * 4000, "." * 5000, "?! " * 3000, "i need " * 3000]
    hostile += ["'" * 3000, "still " * 2000, "\n" * 5000, "that's " * 2000, "1 " * 3000, "that is " * 3000 + "\x00"]
    shared = Path(__file__).parents[3] / "../shared/hostile_strings.jsonl"
    if shared.exists():
        for line in shared.read_text(encoding="utf-8").splitlines():
            value = json.loads(line)
            hostile += [
                each for each in (value.values() if isinstance(value, dict) else [value]) if isinstance(each, str)
            ]
    slowest = 0.0
    for text in hostile:
        entries = talk(
            (C, EntryKind.CHOICE, text), (C, text), (A, text), (A, EntryKind.ARTICLE, text, {"title": text}), (C, text)
        )
        started = thread_time()
        summary = draft(entries)
        slowest = max(slowest, thread_time() - started)
        assert len(summary) <= MAX_CHARACTERS
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", summary)
    assert slowest < 0.25


def test_five_thousand_entries() -> None:
    """A very long conversation costs in proportion to its length: ten times the entries, about ten times the work."""
    one = [
        (C, "and now the radiator in room 7 does not get warm, what do I do?"),
        (A, "I have reset the valve. Wait 5 min."),
    ]
    short, long = talk(*(one * 250)), talk(*(one * 2500))
    draft(short)
    took = []
    for entries in (short, long):
        times = []
        for _ in range(5):
            started = thread_time()
            draft(entries)
            times.append(thread_time() - started)
        took.append(min(times))
    assert took[1] < 25 * took[0]


def test_an_edited_summary_is_known() -> None:
    """What a person wrote when they closed it stays theirs; what was only drafted is drafted anew."""
    drafted = draft(WHOLE)
    assert edited_summary(WHOLE) == ""
    assert edited_summary(talk(*_lines(WHOLE), event("closed", drafted), event("reopened"))) == ""
    assert edited_summary(talk(*_lines(WHOLE), event("closed", ""), event("reopened"))) == ""
    assert (
        edited_summary(talk(*_lines(WHOLE), event("closed", "Sent a new one."), event("reopened"))) == "Sent a new one."
    )


def _lines(entries: tuple[Entry, ...]) -> list[tuple[Any, ...]]:
    return [(entry.author, entry.kind, entry.text, entry.data) for entry in entries]


@pytest.mark.parametrize("file", sorted(CONVERSATIONS.glob("*.jsonl")), ids=lambda file: file.stem)
def test_the_shipped_conversations(file: Path) -> None:
    """Each shipped conversation has a problem in its summary."""
    lines: list[tuple[Any, ...]] = []
    for raw in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
        if raw["type"] == "message":
            lines.append((Author(raw["author"]), raw["text"]))
        elif raw["type"] == "choice":
            lines.append((C, EntryKind.CHOICE, raw["answer"]))
    assert re.search(r"^Problem: “.{15,}”", draft(talk(*lines)), re.MULTILINE)
