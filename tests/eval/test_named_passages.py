"""Who names an error code is shown what the articles say of that code, with the packaged model."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from agentassist import naming
from agentassist.flows import bot
from agentassist.models import Author, Entry, EntryKind
from agentassist.search import query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from agentassist.models import SearchResult
    from agentassist.search.index import Index

pytestmark = [pytest.mark.model, pytest.mark.slow]

CODES = (*(f"E{number}" for number in (1, 2, 3, 4, 5, 6, 7, 9)), "V1", "V2", "V3", "V4", "B1", "B2", "B3")
ASKED = ("what does {} mean?", "my display shows {}", "error {}", "code {} since the power cut, what now?")


@pytest.fixture(scope="module")
def index(built_home: Path) -> Iterator[Index]:
    """The index of the shipped knowledge base."""
    from agentassist.search.index import Index

    opened = Index.open(built_home / "index")
    yield opened
    opened.close()


def found(index: Index, text: str, today: date) -> tuple[list[Entry], SearchResult]:
    """Return a conversation of one message, and what is found for it."""
    said = Entry(1, 1, datetime(2026, 12, 1, 10, tzinfo=UTC), Author.CUSTOMER, "", EntryKind.MESSAGE, text, {})
    return [said], index.search(query.from_conversation([said]), limit=5, today=today)


@pytest.mark.parametrize("code", CODES)
def test_the_passage_has_the_code(index: Index, today: date, code: str) -> None:
    """What is suggested, and what the bot says, is about the code and no other, where the article has it at all."""
    name = code.lower()
    for words in ASKED:
        entries, result = found(index, words.format(code), today)
        for hit in result.hits:
            there = [name in naming.names(f"{one.heading} {one.text}") for one in index.passages(hit.article.id)]
            shown = name in naming.names(f"{hit.passage.heading} {hit.passage.text}")
            own = naming.names(hit.article.title) == {name}  # then every passage is about it
            assert shown or own or not any(there), (words, hit.article.id)
            if hit.article.id == "error-codes-overview":
                said = bot.answer(hit, "Bot", naming.names(words.format(code))).text
                assert f"Code: {code}\n" in said
                assert said.count("Code: ") == 1
        assert bot.reply(result, entries, "Bot").entries
