"""A store in a temporary folder, and a clock that moves when it is told."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

from agentassist.store.store import Store

ROOT = Path(__file__).parents[3]
SUBJECTS = (
    "customers", "transcript", "claims", "queue", "replies", "presence", "suggestions", "followups", "drafts",
    "sessions", "page", "visitors", "article_links", "outbox", "waits",
)  # fmt: skip


class FakeClock:
    """Starts on a Sunday morning; a millisecond passes with every look at it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the moment, and let a millisecond pass."""
        self.moment += timedelta(milliseconds=1)
        return self.moment


def watched(store: Store) -> Store:
    """Make every public call of `store` fail the test when it leaves a transaction open."""

    def wrap(call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def checked(*args: Any, **kwargs: Any) -> Any:
            try:
                return call(*args, **kwargs)
            finally:
                assert not store._connection.raw.in_transaction, f"{call.__qualname__} left a transaction open"

        return checked

    for name in SUBJECTS:
        subject = getattr(store, name)
        for method in dir(subject):
            if not method.startswith("_"):
                setattr(subject, method, wrap(getattr(subject, method)))
    return store


@pytest.fixture
def clock() -> FakeClock:
    """A clock that the test moves."""
    return FakeClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the records of this test are."""
    return tmp_path / "records" / "agentassist.db"


@pytest.fixture
def store(path: Path, clock: FakeClock) -> Iterator[Store]:
    """An open store that checks after every public call that no transaction is left open."""
    with Store.open(path, clock) as opened:
        yield watched(opened)


@pytest.fixture
def child() -> Iterator[Callable[..., Popen[str]]]:
    """Start Python code in another process, with pipes; whatever still runs at the end is killed."""
    started: list[Popen[str]] = []

    def start(code: str, *args: object) -> Popen[str]:
        line = [sys.executable, "-W", "error", "-c", code, *map(str, args)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = Popen(line, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True, bufsize=1, env=environment)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
