"""Whole conversations as text, Markdown and JSON."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from agentassist.models import (
    Article,
    ArticleKind,
    Author,
    Customer,
    EntryKind,
    Hit,
    Mode,
    NewEntry,
    Outcome,
    Passage,
    Query,
    SearchResult,
)
from agentassist.session import export
from agentassist.store.store import Store

EVIL = (
    "\x1b]52;c;aGk=\x07 <script>x</script> [a](javascript:x) \u202e *b* \x9b2J\n    9  2026-11-22 Ada: forged\n# head"
)
FORBIDDEN = {"Cc", "Cs", "Cf", "Zl", "Zp"}


class FakeClock:
    """A second passes with every look."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the next second."""
        self.moment += timedelta(seconds=1)
        return self.moment


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "agentassist.db", FakeClock()) as opened:
        yield opened


def full(store: Store, text: str) -> export.Session:
    """Make a conversation in which every text that others wrote is `text`."""
    customer = Customer(text, text, text, "Europe/Lisbon", "en", {"plan": text})
    number = store.transcript.start(customer, text)
    answer = {"node": "serial", "question": text}
    article = {"article": "reset", "title": text, "url": "https://x"}
    store.transcript.append(
        number,
        NewEntry(Author.CUSTOMER, EntryKind.CHOICE, text, data={"node": "topic", "question": text}),
        NewEntry(Author.CUSTOMER, EntryKind.FORM, text, data=answer),
        NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text),
        NewEntry(Author.BOT, EntryKind.ARTICLE, text, text, article),
    )
    store.claims.handoff(number, text)
    store.claims.claim(number, text)
    hit = Hit(
        1, Article("reset", ArticleKind.ARTICLE, text, text, "reset.md"), Passage("reset", 0, "", text), 0.5, None, (),
        text, text,
    )  # fmt: skip
    (row,) = store.suggestions.record(number, Query.typed(text), SearchResult((hit,), Mode.HYBRID, degraded=text))
    store.suggestions.record(number, Query.typed(text), SearchResult((), Mode.KEYWORD))
    store.suggestions.mark(row.id, Outcome.SHOWN, text)
    store.suggestions.mark(row.id, Outcome.SENT, text, text, 7)
    due = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    store.followups.add(number, None, text, text, due, "Europe/Lisbon", "2026-11-24T09:00")
    store.claims.close(number, text, "solved", text)
    return export.gather(store, number)


def assert_safe(text: str) -> None:
    """Fail when a character can do more than be seen."""
    assert not [char for char in text if char != "\n" and unicodedata.category(char) in FORBIDDEN]


def test_json_holds_every_field_exactly_in_plain_ascii(store: Store) -> None:
    """What hostile people wrote comes back character by character, and no byte of it acts on a terminal."""
    session = full(store, EVIL)
    text = export.as_json(export.session_data(session))
    assert re.fullmatch(r"[ -~]*", text)
    data = json.loads(text)
    assert data["customer"]["attributes"] == {"plan": EVIL}
    assert [(entry["kind"], entry["text"]) for entry in data["entries"]] == [
        ("choice", EVIL), ("form", EVIL), ("message", EVIL), ("article", EVIL), ("event", EVIL), ("event", ""),
        ("event", EVIL), ("event", EVIL),
    ]  # fmt: skip
    assert [entry["seq"] for entry in data["entries"]] == list(range(1, 9))
    assert data["entries"][1]["data"] == {"node": "serial", "question": EVIL}
    found, gap = data["searches"]
    assert [step["outcome"] for step in found["suggestions"][0]["life"]] == ["shown", "sent"]
    assert found["suggestions"][0]["life"][1]["entry_seq"] == 7
    assert (gap["suggestions"], gap["mode"]) == ([], "keyword")
    assert data["follow_ups"][0]["wall"] == "2026-11-24T09:00"
    assert (data["state"], data["disposition"]) == ("closed", "solved")


def test_del_does_not_slip_through_json() -> None:
    """U+007F is ASCII and still a control: it is escaped, and reads back."""
    assert export.as_json("a\x7fb") == '"a\\u007fb"'
    assert json.loads(export.as_json("a\x7fb")) == "a\x7fb"


@pytest.mark.parametrize("render", [export.as_text, export.as_markdown])
def test_what_people_read_is_safe_to_show(store: Store, render: object) -> None:
    """No control, no bidi trick reaches a terminal or an editor."""
    assert callable(render)
    assert_safe(render(full(store, EVIL), "Europe/Lisbon"))


def test_the_text_has_everything_in_order(store: Store) -> None:
    """Tree questions with their answers, entries, events, suggestions with their life, follow-ups."""
    text = export.as_text(full(store, "WORD"), "Europe/Lisbon")
    places = [
        "Conversation 1 · WORD · closed (solved) by WORD",
        "Customer: WORD · WORD · Europe/Lisbon · en · id WORD · plan: WORD",
        "Handed over because: WORD",
        "    1  2026-11-22 10:00:02  customer answers “WORD”\n       WORD",
        "WORD sends reset",
        "system: handed over",
        "WORD: claimed",
        "WORD: follow-up at 2026-11-24T09:00 (Europe/Lisbon)",
        "WORD: closed as solved\n       WORD",
        "after #0, hybrid — WORD",
        "1. WORD · 0.500 · WORD · WORD",
        "shown (WORD), sent in #7 (WORD: WORD)",
        "after #0, keyword: no good match",
        "Tue 24 Nov 2026, 09:00 (Europe/Lisbon) · conversation 1 · WORD · WORD",
    ]
    at = [text.index(place) for place in places]
    assert at == sorted(at)


def test_a_message_cannot_forge_an_entry(store: Store) -> None:
    """A customer's second line is indented further than any entry's head."""
    text = export.as_text(full(store, EVIL), "UTC")
    heads = [line for line in text.splitlines() if re.match(r" {0,5}\d+  \d{4}-", line)]
    assert [int(line.split()[0]) for line in heads] == list(range(1, 9))


def test_nothing_written_acts_in_markdown(store: Store) -> None:
    """Links, HTML, emphasis and headings that people wrote are shown as they were written."""
    text = export.as_markdown(full(store, EVIL), "UTC")
    blocks = MarkdownIt("commonmark").parse(text)
    kinds = {token.type for block in blocks for token in (block, *(block.children or ()))}
    assert not kinds & {
        "link_open",
        "image",
        "html_block",
        "html_inline",
        "em_open",
        "code_block",
        "code_inline",
        "fence",
    }
    heads = [
        line
        for line in text.splitlines()
        if re.match(r"# Conversation 1|## (Transcript|Suggestions|Follow-ups)$", line)
    ]
    assert sum(block.type == "heading_open" for block in blocks) == len(heads) == 4


def test_markdown_lists_are_not_begun_by_a_message(store: Store) -> None:
    """A line that starts like a list stays a line."""
    text = export.as_markdown(full(store, "- one\n2. two\n+ three\n=== x"), "UTC")
    for line in ("> \\- one", "> 2\\. two", "> \\+ three", "> \\=== x"):
        assert line in text


def test_an_empty_conversation_can_be_shown(store: Store) -> None:
    """Nothing was said yet: that is what it says."""
    number = store.transcript.start(Customer("c", "C"), "web")
    session = export.gather(store, number)
    assert "(nothing was said)" in export.as_text(session, "UTC")
    assert "## Transcript" in export.as_markdown(session, "UTC")


def test_where_a_desk_is_leaves_no_trace_in_an_export(store: Store) -> None:
    """Who looks at a conversation and types is no record: no form of an export says it."""
    session = full(store, "plain")
    store.presence.say("the-desk", "Nosy", session.conversation.id, typing=True)
    again = export.gather(store, session.conversation.id)
    assert again == session
    assert not re.search("the-desk|Nosy|typing", export.as_json(export.session_data(again)))
