"""Builds an index in a process of its own while the desk is open, and tells how far it is."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agentassist.paths import Paths

CHILD = "agentassist.session.indexing_child"
STARTING = "starting"
"""What it does until the child has said what there is to do."""
MAX_LINE = 10_000
"""Characters of one line from the child; its longest is an error message."""

_log = logging.getLogger(__name__)


class Stage(StrEnum):
    """How far an index is.

    building: nothing to search yet, or what was there before · words: it can be searched by keyword, and by meaning
    later · meaning: it is ready · words_only: it is ready, and by keyword, because a part is missing · failed.
    """

    BUILDING = "building"
    WORDS = "words"
    MEANING = "meaning"
    WORDS_ONLY = "words_only"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """What there is to say about a build.

    Attributes:
        doing: what it does just now, in words; empty at the end.
        percent: of the embedding, 0 to 100; None while nothing can be counted.
        seconds_left: of the embedding; None while unknown.
        news: whether something was published since the last time.
        message: why it failed, or why it is by keyword only; not yet safe to show.
        hint: what to do about it.
    """

    stage: Stage
    doing: str = ""
    percent: int | None = None
    seconds_left: float | None = None
    news: bool = False
    message: str = ""
    hint: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.stage in (Stage.MEANING, Stage.WORDS_ONLY, Stage.FAILED)


class Indexing:
    """One knowledge base's index, built by a child process that dies with this one.

    Args:
        kb_folder: the knowledge base.
        places: where index and cache are.
        model: name or folder of a sentence-transformers model; empty means the packaged one.
        reranker: name or folder of a CrossEncoder; empty means none.
        at_once: whether the desk is to begin by itself, as in the demonstration.
        begun: set when the first build begins, which a desk lets it do after its first picture.
    """

    def __init__(
        self,
        kb_folder: Path,
        places: Paths,
        model: str = "",
        *,
        reranker: str = "",
        at_once: bool = False,
        begun: threading.Event | None = None,
    ) -> None:
        self._arguments = [str(kb_folder), str(places.index), str(places.cache), model, reranker]
        self._index = places.index
        self.at_once = at_once
        self._begun = begun or threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._stopped = False

    @property
    def published(self) -> bool:
        """Whether there is an index, of whatever kind."""
        from agentassist.search.bundle import POINTER

        return (self._index / POINTER).exists()

    @property
    def running(self) -> bool:
        """Whether a build is under way."""
        return self._reader is not None and self._reader.is_alive()

    def start(self, tell: Callable[[IndexProgress], None]) -> bool:
        """Begin to build, unless a build is under way; returns at once.

        Args:
            tell: called on a thread of its own, often, and at the end with one that is over.

        Returns:
            Whether it has begun.
        """
        if self.running:
            return False
        self._stopped = False
        self._begun.set()
        self._reader = threading.Thread(target=self._run, args=(tell,), name="indexing", daemon=True)
        self._reader.start()
        return True

    def stop(self) -> None:
        """End the child and what it has started, and wait for it. What was embedded stays in the cache."""
        with self._lock:
            self._stopped = True
            if self._child is not None:
                _kill(self._child)
        if self._reader is not None:
            self._reader.join()

    def _run(self, tell: Callable[[IndexProgress], None]) -> None:
        tell(IndexProgress(Stage.BUILDING, STARTING))
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as troubles:
            try:
                with self._lock:
                    if self._stopped:
                        return
                    self._child = child = _spawn(self._arguments, troubles)
            except OSError as error:
                tell(IndexProgress(Stage.FAILED, message=f"the build cannot be started: {error.strerror or error}"))
                return
            last = IndexProgress(Stage.BUILDING)
            with child:
                for last in _heard(child.stdout):
                    tell(last)
            if not last.over and not self._stopped:
                tell(IndexProgress(Stage.FAILED, message=_last_words(troubles, child.returncode)))


def _spawn(arguments: list[str], troubles: IO[str]) -> subprocess.Popen[str]:
    package = str(Path(__file__).parents[2])
    path = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH", "")) if part)
    return subprocess.Popen(  # noqa: S603 — this interpreter, this package, no shell
        [sys.executable, "-P", "-m", CHILD, *arguments],
        env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=troubles,
        text=True,
        encoding="utf-8",
        errors="replace",
        # A group of its own: it ends with everything that it has started, and ctrl+c at the desk is not for it.
        start_new_session=True,
    )


def _kill(child: subprocess.Popen[str]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        child.kill()  # does nothing when it has ended


def _heard(lines: IO[str] | None) -> Iterator[IndexProgress]:
    """Yield what the child says, in the desk's words."""
    stage = Stage.BUILDING
    while lines is not None and (line := lines.readline(MAX_LINE)):
        try:
            facts = json.loads(line)
            said = _said(facts, stage)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            _log.warning("the build said something strange (%d characters)", len(line))
            continue
        stage = said.stage
        yield said


def _said(facts: dict[str, Any], stage: Stage) -> IndexProgress:
    from agentassist.search.progress import Phase

    if "failed" in facts:
        return IndexProgress(Stage.FAILED, message=str(facts["failed"]), hint=str(facts["hint"]))
    if facts.get("published") == "meaning":
        return IndexProgress(Stage.MEANING, news=bool(facts["news"]))
    if facts.get("published") == "words":
        why = str(facts.get("why", ""))
        return IndexProgress(Stage.WORDS_ONLY if why else Stage.WORDS, news=True, message=why)
    total, left = int(facts["total"]), facts["seconds_left"]
    percent = min(100, 100 * int(facts["done"]) // total) if total else None
    return IndexProgress(stage, Phase(facts["phase"]).value, percent, None if left is None else float(left))


def _last_words(troubles: IO[str], code: int) -> str:
    """Return the last line of what the child complained about, or how it ended."""
    troubles.seek(0)
    lines = [line.strip() for line in troubles.read(1_000_000).splitlines() if line.strip()]
    if code < 0:
        return f"the build was ended by signal {-code}"
    return f"the build failed: {lines[-1]}" if lines else f"the build failed with exit status {code}"
