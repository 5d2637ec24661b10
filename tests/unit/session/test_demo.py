"""The demonstration."""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path

import pytest

from agentassist import paths
from agentassist.channels import replay
from agentassist.clock import SystemClock
from agentassist.models import EntryKind, State
from agentassist.session import demo
from agentassist.store.store import Store

SHIPPED = paths.sample_kb() / "conversations"


@pytest.mark.parametrize("name", demo.ARRIVALS)
def test_the_part_before_the_handoff_is_over_when_a_customer_arrives(name: str) -> None:
    """Tree and bot come at once with the handoff; after it the customer keeps their pace."""
    transcript = replay.load(SHIPPED / f"{name}.jsonl")
    lines = list(demo.HandedOver(transcript, 5.0).arrivals())
    handoff = next(place for place, line in enumerate(lines) if line.entry and line.entry.kind is EntryKind.EVENT)
    assert {line.at for line in lines[: handoff + 1]} == {5.0}
    before = [later.at - line.at for line, later in pairwise(list(transcript.arrivals())[handoff:])]
    assert [later.at - line.at for line, later in pairwise(lines[handoff:])] == pytest.approx(before)
    assert sum(before) > 60


def test_every_shipped_transcript_arrives() -> None:
    """No shipped conversation is left out of the demonstration."""
    assert {file.stem for file in SHIPPED.glob("*.jsonl")} == set(demo.ARRIVALS)


def test_the_first_customer_waits_when_the_desk_opens(tmp_path: Path) -> None:
    """A desk that opens at once finds somebody, and leaving stops the others."""
    places = paths.under(tmp_path)
    with demo.customers(places, SystemClock(), speed=1.0), Store.open(places.database, SystemClock()) as store:
        turn = threading.Event()
        for _ in range(500):
            if store.queue.waiting("Ada"):
                break
            turn.wait(0.02)
        assert [item.state for item in store.queue.waiting("Ada")] == [State.WAITING]
    assert not [thread for thread in threading.enumerate() if thread.name == "customers"]


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the user's home, as it is set for this test."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path / "home"


def test_the_records_go_when_it_ends(own_home: Path) -> None:
    """Nothing of it stays but the index in the user's cache."""
    with demo.home(SystemClock(), keep=False) as places:
        assert places.data.stat().st_mode & 0o777 == 0o700
    assert not places.data.exists()
    assert places.index.parent == own_home / "cache"


def test_what_is_kept_can_be_opened_again(own_home: Path) -> None:
    """Records and index are in one folder, which as AGENTASSIST_HOME is a whole desk."""
    with demo.home(SystemClock(), keep=True) as places:
        pass
    assert places.data.is_dir()
    assert places.data.parent == own_home
    assert (places.database, places.index) == (paths.under(places.data).database, paths.under(places.data).index)
