"""The process that builds an index beside an open desk: first by words, at once, then by meaning.

It tells on its standard output how far it is, one JSON object a line, and dies as soon as its standard input ends,
which is when the desk is gone, however that ended: nobody else holds the other end.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from agentassist.clock import SystemClock
from agentassist.errors import AgentAssistError, IndexMissingError, SearchError

if TYPE_CHECKING:
    from agentassist.models import JsonValue
    from agentassist.search.bundle import Manifest
    from agentassist.search.progress import BuildProgress

NOT_READY = "the index by meaning is not ready yet"
"""What an index by words says of itself until the one by meaning has taken its place."""

NICENESS = 10
"""The desk comes first: a build takes every core it is given."""


class _Voice:
    """Says things to the desk. Whatever else is printed in this process goes to its standard error."""

    def __init__(self) -> None:
        self._out: TextIO = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)

    def say(self, **facts: JsonValue) -> None:
        """Say one thing."""
        self._out.write(json.dumps(facts) + "\n")
        self._out.flush()

    def progress(self, now: BuildProgress) -> None:
        """Say how far a build is."""
        self.say(phase=now.phase.value, done=now.done, total=now.total, seconds_left=now.seconds_left)


def _die_with_the_desk() -> None:
    """End this process and those it has started when the desk is gone."""
    while os.read(0, 1):
        pass
    os.killpg(os.getpgid(0), signal.SIGKILL)


def _published(index: Path) -> Manifest | None:
    """Return what the published index says of itself; None when there is none that can be used."""
    from agentassist.search import bundle

    try:
        return bundle.find(index).manifest
    except (IndexMissingError, SearchError):
        return None


def _current(manifest: Manifest, kb_folder: Path, index: Path, model: str, reranker: str) -> bool:
    """Say whether an index is by meaning, of exactly these articles, and has the re-ranker that it should."""
    from agentassist.kb import library
    from agentassist.search import build_model, build_reranker
    from agentassist.search.build import kb_digest

    if manifest.keyword_only or manifest.model != build_model.name_of(model):
        return False
    if build_reranker.configured(index) != build_reranker.name_of(reranker):
        return False
    return manifest.kb_digest == kb_digest(library.load(kb_folder).articles)


def work(kb_folder: Path, index: Path, cache: Path, model: str, reranker: str, *, voice: _Voice) -> None:
    """Build what is missing, and say it.

    Raises:
        AgentAssistError: see `search.build.build`.
    """
    from agentassist.search.build import build

    before, clock = _published(index), SystemClock()
    if before is not None and _current(before, kb_folder, index, model, reranker):
        voice.say(published="meaning", news=False)
        return
    if before is None:
        build(kb_folder, index, cache, no_vectors=NOT_READY, progress=voice.progress, clock=clock)
        voice.say(published="words")
    manifest = build(kb_folder, index, cache, model=model, reranker=reranker, progress=voice.progress, clock=clock)
    if manifest.keyword_only:
        voice.say(published="words", why=manifest.keyword_only)
    else:
        voice.say(published="meaning", news=True)


def main(kb_folder: str, index: str, cache: str, model: str, reranker: str = "") -> int:
    """Run the process; the exit status is 1 after a failure that was told."""
    threading.Thread(target=_die_with_the_desk, name="desk", daemon=True).start()
    os.nice(NICENESS)
    voice = _Voice()
    try:
        work(Path(kb_folder), Path(index), Path(cache), model, reranker, voice=voice)
    except AgentAssistError as error:
        voice.say(failed=error.message, hint=error.hint)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
