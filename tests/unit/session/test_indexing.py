"""An index that is built by a child process beside an open desk."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from agentassist import paths
from agentassist.models import Mode, Query
from agentassist.search.index import Index
from agentassist.session import indexing
from agentassist.session.indexing import Indexing, IndexProgress, Stage

DEADLINE = 60.0
ARTICLE = "---\nid: {id}\ntitle: {id}\nurl: https://help.example/{id}\n---\nHold the code button for ten seconds.\n"


class Heard:
    """Remembers what was told, and waits for the end."""

    def __init__(self) -> None:
        self.all: list[IndexProgress] = []
        self._over = threading.Event()

    def __call__(self, now: IndexProgress) -> None:
        """Hear something."""
        self.all.append(now)
        if now.over:
            self._over.set()

    def wait(self) -> IndexProgress:
        """Return the last word."""
        assert self._over.wait(DEADLINE), self.all
        return self.all[-1]


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    """Return a knowledge base of two articles."""
    folder = tmp_path / "kb"
    (folder / "articles").mkdir(parents=True)
    for name in ("reset-code", "pair-dial"):
        (folder / f"articles/{name}.md").write_text(ARTICLE.format(id=name), encoding="utf-8")
    return folder


def gone(process: int) -> bool:
    """Say whether a process has ended (one that nobody waits for is a zombie until then)."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def test_words_can_be_searched_at_once_and_a_failure_is_told(kb: Path, tmp_path: Path) -> None:
    """A model that is not there leaves an index by keyword, and says what is wrong."""
    places, heard = paths.under(tmp_path / "home"), Heard()
    work = Indexing(kb, places, str(tmp_path / "no-model"))
    before = work.published
    assert work.start(heard)
    last = heard.wait()
    work.stop()
    assert [now.stage for now in heard.all if now.news] == [Stage.WORDS]
    assert last.stage is Stage.FAILED
    assert "no-model" in last.message
    assert (before, work.published) == (False, True)
    index = Index.open(places.index)
    result = index.search(Query.typed("code button"), mode=Mode.HYBRID, today=date(2026, 11, 22))
    index.close()
    assert len(result.hits) == 2
    assert "not ready yet" in result.degraded


def test_a_knowledge_base_without_articles_is_told(tmp_path: Path) -> None:
    """Nothing to index is a failure in words, not a crash."""
    (tmp_path / "kb").mkdir()
    heard = Heard()
    work = Indexing(tmp_path / "kb", paths.under(tmp_path / "home"))
    work.start(heard)
    assert "nothing to index" in heard.wait().message
    work.stop()


def test_only_one_build_at_a_time(kb: Path, tmp_path: Path) -> None:
    """Asked twice, it builds once; when it is over, it can be asked again."""
    heard, go_on = Heard(), threading.Event()

    def tell(now: IndexProgress) -> None:
        assert go_on.wait(DEADLINE)
        heard(now)

    work = Indexing(kb, paths.under(tmp_path / "home"), str(tmp_path / "no-model"))
    assert work.start(tell)
    assert not work.start(tell)
    go_on.set()
    heard.wait()
    work.stop()
    assert work.start(Heard())
    work.stop()
    assert not work.running


def test_a_build_that_is_stopped_is_gone_and_says_nothing_of_it(kb: Path, tmp_path: Path) -> None:
    """The desk that closes does not wait for a model."""
    heard, begun = Heard(), threading.Event()

    def tell(now: IndexProgress) -> None:
        heard(now)
        if now.doing != indexing.STARTING:
            begun.set()

    work = Indexing(kb, paths.under(tmp_path / "home"))
    work.start(tell)
    assert begun.wait(DEADLINE)
    child = work._child
    assert child is not None
    work.stop()
    assert child.returncode < 0, "it was waited for instead of being ended"
    assert not work.running
    assert Stage.FAILED not in [now.stage for now in heard.all]


def test_a_child_that_dies_is_told(kb: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last words are what the desk can show."""
    monkeypatch.setattr(indexing, "CHILD", "agentassist.no_such_module")
    heard = Heard()
    work = Indexing(kb, paths.under(tmp_path / "home"))
    work.start(heard)
    last = heard.wait()
    work.stop()
    assert last.stage is Stage.FAILED
    assert "no_such_module" in last.message


def test_what_a_child_says_is_read_with_care() -> None:
    """Garbage is passed over, and the rest still counts."""
    lines = io.StringIO(
        'nonsense\n{"phase": "juggling", "done": 1, "total": 2, "seconds_left": null}\n[1]\n'
        '{"published": "words"}\n{"phase": "embedding", "done": 21, "total": 50, "seconds_left": 12.4}\n'
        '{"published": "meaning", "news": true}\n'
    )
    said = list(indexing._heard(lines))
    assert said == [
        IndexProgress(Stage.WORDS, news=True),
        IndexProgress(Stage.WORDS, "embedding", 42, 12.4),
        IndexProgress(Stage.MEANING, news=True),
    ]


DESK = """
import sys, time
from pathlib import Path
from agentassist import paths
from agentassist.session.indexing import Indexing
work = Indexing(Path(sys.argv[1]), paths.under(Path(sys.argv[2])))
def tell(now):
    print(work._child.pid if work._child else 0, now.doing, flush=True)
work.start(tell)
time.sleep(600)
"""


@pytest.mark.model
@pytest.mark.slow
def test_a_desk_that_is_killed_takes_the_build_with_it(kb: Path, tmp_path: Path) -> None:
    """Not one process stays, also not the one that exports the model."""
    desk = subprocess.Popen(
        [sys.executable, "-c", DESK, str(kb), str(tmp_path / "home")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "HF_HUB_OFFLINE": "1"},
    )
    assert desk.stdout is not None
    with desk:
        child = 0
        for line in desk.stdout:
            number, _, doing = line.strip().partition(" ")
            child = int(number)
            if doing == "preparing the encoder":
                break
        family = [child]
        end = time.monotonic() + DEADLINE
        while len(family) < 2 and time.monotonic() < end:  # until the export has begun
            family = [child, *map(int, Path(f"/proc/{child}/task/{child}/children").read_text().split())]
        desk.send_signal(signal.SIGKILL)
    end = time.monotonic() + DEADLINE
    while not all(map(gone, family)) and time.monotonic() < end:
        pass
    assert [process for process in family if not gone(process)] == []
