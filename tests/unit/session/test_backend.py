"""The threads behind a desk."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentassist import paths
from agentassist.clock import SystemClock
from agentassist.errors import StoreError
from agentassist.session.backend import Backend
from agentassist.session.desk import Desk
from agentassist.session.knowledge import Knowledge

OTHER = """
import sys
from pathlib import Path
from agentassist.clock import SystemClock
from agentassist.models import Customer
from agentassist.store.store import Store
with Store.open(Path(sys.argv[1]), SystemClock()) as store:
    store.claims.handoff(store.transcript.start(Customer("c", "Li"), "web"), "asked")
"""


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[Backend]:
    """Return a backend on a home that does not exist yet."""
    made = Backend(paths.under(tmp_path / "home"), "Ada", SystemClock())
    yield made
    made.close()


def test_opening_ahead_opens_what_is_used_later(backend: Backend, tmp_path: Path) -> None:
    """The records are there before anybody asks for them, and are opened once."""
    backend.open()
    store = backend.records(lambda desk: desk._store).result(60)
    assert (tmp_path / "home" / "agentassist.db").exists()
    assert backend.records(lambda desk: desk._store).result(60) is store


def test_what_fails_ahead_is_told_to_who_asks(tmp_path: Path) -> None:
    """Opening ahead swallows nothing: the first call raises it again."""
    (tmp_path / "home").write_text("a file, no folder", encoding="utf-8")
    backend = Backend(paths.under(tmp_path / "home"), "Ada", SystemClock())
    backend.open()
    with pytest.raises(StoreError):
        backend.records(Desk.overview).result(60)
    backend.close()


def test_another_process_is_noticed(backend: Backend, tmp_path: Path) -> None:
    """What another process writes is announced, and can then be read."""
    announced = threading.Event()
    backend.records(Desk.overview).result(60)
    backend.watch(announced.set)
    assert announced.wait(60)
    announced.clear()
    subprocess.run([sys.executable, "-c", OTHER, str(tmp_path / "home" / "agentassist.db")], check=True)
    assert announced.wait(60)
    assert [item.customer.name for item in backend.records(Desk.overview).result(60).waiting] == ["Li"]


def test_a_store_that_cannot_be_opened_is_told_and_tried_again(backend: Backend, tmp_path: Path) -> None:
    """The failure reaches whoever asked, and the next call works once the reason is gone."""
    home = tmp_path / "home"
    home.write_text("a file where the folder should be")
    with pytest.raises(StoreError):
        backend.records(Desk.overview).result(60)
    home.unlink()
    assert backend.records(Desk.overview).result(60).waiting == ()


def test_closing_finishes_what_was_handed_in(tmp_path: Path) -> None:
    """Nothing that was asked for before the end is lost."""
    backend = Backend(paths.under(tmp_path), "Ada", SystemClock())
    last = [backend.records(Desk.overview) for _ in range(20)][-1]
    backend.close()
    assert last.result(0).waiting == ()


def test_what_was_learned_long_ago_is_read_to_its_end(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """A little at a time, with room for what is asked of the knowledge base between two."""
    order: list[str] = []
    more = iter([True, True, False])
    gate = threading.Event()

    def learn(_: Knowledge) -> bool:
        gate.wait(10)
        order.append("learned")
        return next(more)

    monkeypatch.setattr(Knowledge, "learn", learn)
    backend.learn()
    asked = backend.knowledge(lambda _: order.append("asked"))
    gate.set()
    asked.result(60)
    while len(order) < 4:
        backend.knowledge(lambda _: None).result(60)
    assert order == ["learned", "asked", "learned", "learned"]


def test_learning_does_not_hold_up_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that is closed reads no further, however much there is."""
    monkeypatch.setattr(Knowledge, "learn", lambda _: True)
    backend = Backend(paths.under(tmp_path), "Ada", SystemClock())
    backend.learn()
    backend.knowledge(lambda _: None).result(60)
    backend.close()
