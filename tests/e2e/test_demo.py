"""The demonstration as it is started: a process in a real terminal, the real index, the real encoder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from agentassist import paths
from agentassist.channels import script_file
from agentassist.models import Author, Entry, EntryKind, Mode, NewEntry
from agentassist.search import bundle
from agentassist.search.index import Index
from agentassist.search.query import from_conversation

pytestmark = [pytest.mark.model, pytest.mark.slow]

DEADLINE = 120.0
"""Seconds in which an index by meaning is built, on a machine that does other things too."""
SHIPPED = paths.sample_kb()


def test_the_first_start_opens_at_once_and_the_second_by_meaning(
    open_terminal: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first picture does not wait for an index; search goes over to meaning without a key; the index stays.

    What a killed demonstration leaves in the temporary folder, customers' words, goes with the next start.
    """
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    home = tmp_path / "home"
    index = home / "cache" / "demo-index"
    first = open_terminal("demo", "--seed", "4", home=home)
    first.shows("1/3")
    first.shows("search: by keyword")
    first.until(lambda: "Nobody waits" not in first.text, "a customer")
    first.send("n")
    first.shows("2/3")
    first.until((index / bundle.POINTER).exists, "an index", DEADLINE)
    first.shows("search: by meaning", DEADLINE)
    assert not bundle.find(index).manifest.keyword_only
    first.send("\x11")
    assert first.ended() == 0
    assert list(tmp_path.glob("agentassist-demo-*")) == []

    second = open_terminal("demo", "--seed", "4", home=home)
    second.shows("search: by meaning")
    assert "indexing" not in "".join(second.stream.printed)
    second.close()
    assert len(list(tmp_path.glob("agentassist-demo-*"))) == 1

    third = open_terminal("demo", "--seed", "4", home=home)
    third.shows("1/3")
    assert len(list(tmp_path.glob("agentassist-demo-*"))) == 1


@pytest.fixture
def index(built_home: Path) -> Path:
    """The folder of an index by meaning of the shipped knowledge base."""
    return paths.under(built_home).index


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.KEYWORD])
def test_what_a_script_expects_is_found_for_the_first_burst(index: Path, mode: Mode) -> None:
    """Among the five that the desk shows; by meaning among the first three. Who expects nothing finds nothing."""
    opened = Index.open(index)
    missed = []
    for script in script_file.load(SHIPPED / script_file.FOLDER, SHIPPED):
        for phrasing in (0, -1):
            lines = [NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, line.phrasings[phrasing]) for line in script.opening]
            entries = [
                Entry(1, seq, datetime.now(UTC), item.author, item.author_name, item.kind, item.text, item.data)
                for seq, item in enumerate((*script.before, *lines), start=1)
            ]
            result = opened.search(from_conversation(entries), mode=mode, limit=5, today=date(2026, 11, 22))
            most = 3 if mode is Mode.HYBRID else 5
            found = [hit.article.id for hit in result.hits][:most]
            if script.expects and not set(script.expects) & set(found):
                missed.append((script.id, phrasing, found))
            english = script.customer.language == "en"  # of what is half in Spanish the encoder is less sure
            if mode is Mode.HYBRID and english and (not script.expects) != result.no_match:
                missed.append((script.id, phrasing, [f"no match: {result.no_match}"]))
    opened.close()
    assert missed == []
