"""Opening an index that is not as this version builds it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agentassist.errors import MissingExtraError, SearchError
from agentassist.models import Query
from agentassist.protocols import Clock
from agentassist.search import build_model, bundle, columns, postings, sequences
from agentassist.search.build import build
from agentassist.search.bundle import Manifest
from agentassist.search.index import Index

Run = Callable[..., Manifest]
Kb = Callable[..., Path]


@pytest.fixture
def run(tmp_path: Path, clock: Clock) -> Run:
    """Builds the index of `kb` in this test's own folders."""

    def start(folder: Path, **options: Any) -> Manifest:
        return build(folder, tmp_path / "index", tmp_path / "cache", progress=lambda _: None, clock=clock, **options)

    return start


def test_an_index_of_an_earlier_format_is_built_again_with_its_encoder(
    tmp_path: Path, run: Run, kb: Kb, fake_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not searched, the error says what to do, and doing that keeps search by meaning without the extra too."""
    run(kb(valve="The valve clicks."), model="fake")
    manifest = bundle.find(tmp_path / "index").folder / bundle.MANIFEST
    raw = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**raw, "format": 1}), encoding="utf-8")
    with pytest.raises(SearchError, match="format 1") as caught:
        Index.open(tmp_path / "index")
    assert "kb index" in caught.value.hint

    def missing(*_: object, **__: object) -> None:
        raise MissingExtraError("the [build] extra is not installed", "Type: this")

    monkeypatch.setattr(build_model, "exported", missing)
    again = run(kb(pairing="Press the code button."), model="fake")
    assert (again.format, again.keyword_only, again.model_hash) == (bundle.FORMAT, "", raw["model_hash"])
    index = Index.open(tmp_path / "index", fake_model)
    found = index.search(Query.typed("pairing"), today=date(2026, 11, 22))
    index.close()
    assert found.hits[0].article.id == "pairing"
    assert found.degraded == ""


@pytest.mark.parametrize("name", [postings.FILE, sequences.FILE, columns.FILE, columns.ROWS_FILE, columns.NAMES_FILE])
def test_an_index_without_one_of_its_files_is_told(
    tmp_path: Path, run: Run, kb: Kb, fake_model: Any, name: str
) -> None:
    """Every file that a search needs is looked at when the index is opened: cut or gone, it says what to do."""
    run(kb(valve="The valve clicks."))
    file = bundle.find(tmp_path / "index").folder / name
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(SearchError, match="damaged") as caught:
        Index.open(tmp_path / "index")
    assert "kb index" in caught.value.hint
    file.unlink()
    with pytest.raises(SearchError, match="damaged"):
        Index.open(tmp_path / "index")
