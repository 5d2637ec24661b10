"""The index that is built while the desk works: by keyword at once, by meaning when it is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

from agentassist.search.progress import Phase
from agentassist.session.indexing import STARTING, IndexProgress, Stage
from agentassist.tui.widgets.status import Note

if TYPE_CHECKING:
    from agentassist.session.indexing import Indexing
    from agentassist.tui.screens.desk_work import DeskWork

BEGUN = IndexProgress(Stage.BUILDING)
NOTE_SECONDS = 6
"""How long the desk says that search has become better."""


class IndexWork:
    """Has the index built in another process and says how far it is."""

    def __init__(self, desk: DeskWork, indexing: Indexing | None) -> None:
        self._desk = desk
        self._indexing = indexing
        self._asked = False
        self.note = Note(id="index-note")
        self.progress: IndexProgress | None = None

    @property
    def possible(self) -> bool:
        """Whether an index can be built here."""
        return self._indexing is not None

    @property
    def busy(self) -> bool:
        """Whether an index is being built."""
        return self.progress is not None and not self.progress.over

    def start(self) -> None:
        """Build what is missing, when that is to begin by itself."""
        if self._indexing is not None and self._indexing.at_once:
            self._begin()

    def build(self) -> None:
        """Build what is missing, because the agent asked for it."""
        self._asked = True
        if self._indexing is None:
            self._say("The index cannot be built here. In a shell: agentassist kb index", level="warning")
        elif not self._begin():
            self._notify("The index is being built already.")

    def stop(self) -> None:
        """End: the desk is going."""
        if self._indexing is not None:
            self._indexing.stop()

    def told(self, now: IndexProgress) -> None:
        """Show how far it is, and search again with what is new."""
        self.progress = now
        if now.doing != STARTING:
            self._desk.status.change(indexing=words(now))
        if now.news:
            self._desk.suggesting.warm()
            self._desk.suggesting.refresh()
        if now.stage is Stage.FAILED:
            stop = "" if now.message.endswith((".", "!", "?")) else "."
            self._say(f"the index was not built: {now.message}{stop} {now.hint}".rstrip(), level="error")
        elif now.stage is Stage.MEANING and (now.news or self._asked):
            self._notify("Search goes by meaning now." if now.news else "The index is up to date.")

    def _begin(self) -> bool:
        if self._indexing is None or not self._indexing.start(self._hear):
            return False
        self.progress = BEGUN
        self._desk.status.change(indexing="" if self._indexing.published else "indexing")
        self._say("")
        return True

    def _hear(self, now: IndexProgress) -> None:
        """Hear from the thread that reads what the child says."""
        self._desk.call_later(self.told, now)

    def _notify(self, text: str) -> None:
        self._desk.notify(text, timeout=NOTE_SECONDS, markup=False)

    def _say(self, text: str, *, level: str = "info") -> None:
        beside = self._desk.suggestion_note
        if text and not self.note.is_attached and beside.is_attached and isinstance(beside.parent, Widget):
            beside.parent.mount(self.note, after=beside)
        self.note.say(text, level=level)


def words(now: IndexProgress) -> str:
    """Say in the status line how far a build is; empty when there is nothing to say."""
    if now.stage is Stage.FAILED:
        return "index not built"
    if now.over:
        return ""
    if now.percent is None:
        return Phase.ENCODER.value if now.doing == Phase.ENCODER else "indexing"
    left = f", {now.seconds_left:.0f} s left" if now.seconds_left else ""
    return f"indexing {now.percent} %{left}"
