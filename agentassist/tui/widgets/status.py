"""The line at the top of the desk, and the note at the foot of a panel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from agentassist.text import clean_line
from agentassist.tui.widgets import words
from agentassist.tui.widgets.lines import label

if TYPE_CHECKING:
    from agentassist.errors import AgentAssistError


NO_INDEX = "there is no index"
"""How search says that no index was built yet."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the status line says.

    Attributes:
        search: how well search works, in words; the part before a colon is enough when there is little room.
        degraded: whether that is less than it should be.
        indexing: how far an index is that is being built, or that it was not built; empty for neither.
    """

    agent: str = ""
    waiting: int = 0
    mine: int = 0
    due: int = 0
    search: str = ""
    degraded: bool = False
    indexing: str = ""


class StatusLine(Static):
    """Shows who sits here, what waits, and how well search works."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self.status = Status()

    def change(self, **changes: str | int | bool) -> None:
        """Show some values anew."""
        status = replace(self.status, **changes)  # type: ignore[arg-type]
        if status != self.status:
            self.status = status
            self._show()

    def on_resize(self) -> None:
        """Fit the line to the width."""
        self._show()

    def _show(self) -> None:
        status = self.status
        parts = [Content.styled(" agentassist ", "bold $text-accent")]
        parts.append(Content(label(status.agent, 30)))
        parts.append(
            Content.styled(f"{status.waiting} waiting", "bold $text-warning" if status.waiting else "$foreground 70%")
        )
        parts.append(Content.styled(f"{status.mine} mine", "" if status.mine else "$foreground 70%"))
        if status.due:
            parts.append(Content.styled(words.count(status.due, "follow-up") + " due", "bold $text-warning"))
        between = Content.styled(" · ", "$foreground 70%")
        if status.search or status.indexing:
            room = self.size.width - between.join([*parts, Content("")]).cell_length
            if self._search(room).endswith("…"):  # the program's name says least
                room += parts.pop(0).cell_length + between.cell_length
            room = max(room, 8)
            parts.append(Content.styled(self._search(room), "$text-warning" if status.degraded else "$foreground 70%"))
        self.update(between.join(parts))

    def _search(self, room: int) -> str:
        """Say how well search works in at most `room` cells; the panel has the words in full."""
        if self.status.indexing:
            return self._how_far(room)
        full = label(self.status.search, 300)
        if cell_len(full) <= room or not self.status.degraded:
            return label(full, room)
        short = "no index" if NO_INDEX in full else full.partition(":")[0]
        return label(short, room)

    def _how_far(self, room: int) -> str:
        """Say how search works meanwhile, and how far the index is; the latter alone where there is little room."""
        status = self.status
        none = "no index" in status.search
        meanwhile = ("search: not yet" if none else "search: by keyword") if status.degraded else status.search
        both = " · ".join(filter(None, [meanwhile, status.indexing]))
        return label(both if cell_len(both) <= room else status.indexing, room)


class Note(Static):
    """Says in its panel what went wrong there or what is going on; takes no room when there is nothing to say."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, markup=False, classes="note")
        self.display = False
        self.words = ""

    def say(self, text: str, *, level: str = "info") -> None:
        """Show outside words; empty hides the note. `level` is info, warning or error."""
        self.words = text
        self.display = bool(text)
        self.set_class(level == "warning", "-warning")
        self.set_class(level == "error", "-error")
        self.update(Content(clean_line(text, limit=300)))

    def fail(self, error: AgentAssistError, prefix: str = "") -> None:
        """Show an error: what went wrong and what to do."""
        hint = f" {error.hint}" if error.hint else ""
        stop = "" if error.message.endswith((".", "!", "?", ")")) else "."
        self.say(f"{prefix}{error.message}{stop}{hint}", level="error")
