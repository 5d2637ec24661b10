"""Watching the records."""

from pathlib import Path

import pytest

from agentassist.clock import SystemClock
from agentassist.errors import StoreError
from agentassist.models import Customer
from agentassist.store.changes import Changes
from agentassist.store.store import Store


def test_every_write_is_noticed_and_reading_is_not(tmp_path: Path) -> None:
    """A desk reads again when, and only when, there is something new, whoever in whichever thread wrote it."""
    path = tmp_path / "agentassist.db"
    with Store.open(path, SystemClock()) as store, Changes.open(path) as changes:
        before = changes.version()
        store.queue.waiting("Ada")
        assert changes.version() == before
        store.transcript.start(Customer("c", "Dana"), "web")
        after = changes.version()
        assert after != before
        assert changes.version() == after


def test_watching_makes_no_records(tmp_path: Path) -> None:
    """Only a store may make the file, with the tables in it."""
    path = tmp_path / "agentassist.db"
    with pytest.raises(StoreError):
        Changes.open(path)
    assert not path.exists()


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    """The watcher goes on trying; it must not end on another kind of error."""
    path = tmp_path / "agentassist.db"
    path.write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(StoreError):
        Changes.open(path)
