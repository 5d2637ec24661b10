"""The decision trees of the knowledge base, read again when a file changes or a day begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentassist.paths import sample_kb

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agentassist.flows.model import Flow
    from agentassist.flows.trees import Trees
    from agentassist.protocols import Clock


class TreeFiles:
    """The decision trees that customers may meet now; broken ones are left out, `agentassist flow lint` names them.

    Args:
        folder: the knowledge base; None means the one that ships.
        clock: what day it is: an article past its review is not sent.
    """

    def __init__(self, folder: Path | None, clock: Clock) -> None:
        self._folder = folder or sample_kb()
        self._clock = clock
        self._state: object = None
        self._trees: Trees | None = None

    def now(self) -> Trees:
        """Return the trees as they are now.

        Raises:
            NotFoundError: there is no such knowledge base.
        """
        from agentassist.flows import load
        from agentassist.flows.trees import Trees

        today = self._clock.now().date()
        state = (today, self._stamps(self._folder / load.FOLDER))
        if self._trees is None or state != self._state:
            self._trees = Trees(load.load_kb(self._folder, today).flows)
            self._state = state
        return self._trees

    def all(self) -> Mapping[str, Flow]:
        """Return the trees by id.

        Raises:
            NotFoundError: there is no such knowledge base.
        """
        return self.now().flows

    def get(self, ident: str) -> Flow | None:
        """Return a tree, None when there is none of this id."""
        return self.all().get(ident) if ident else None

    @staticmethod
    def _stamps(folder: Path) -> tuple[tuple[str, int, int], ...]:
        stamps = []
        for file in sorted(folder.glob("*.yaml")):
            try:
                state = file.stat()
            except OSError:
                continue  # gone meanwhile: the next look sees another folder
            stamps.append((file.name, state.st_mtime_ns, state.st_size))
        return tuple(stamps)
