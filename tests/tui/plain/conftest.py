"""A plain desk that a test types lines into, and hears."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from agentassist.tui.plain.console import Terminal
from agentassist.tui.plain.desk import PlainDesk


class Ear:
    """A test's hands and ears at one plain desk."""

    def __init__(self, world: Any, backend: Any) -> None:
        self.world, self.backend = world, backend
        self.sink = io.StringIO()
        self._said = 0
        self.desk = PlainDesk(backend, world.config, world.clock, Terminal(io.StringIO(), self.sink))

    def begin(self) -> list[str]:
        """Open the desk and wait for what it says of search."""
        self.desk.begin()
        self.backend.knowledge(lambda _: None).result()
        self.desk.news()
        return self.heard()

    def type(self, *lines: str) -> list[str]:
        """Enter lines one after the other, and return what is said until suggestions are there."""
        for line in lines:
            self.desk.take(line)
            self.desk.suggesting.wait()
            self.desk.news()
        return self.heard()

    def look(self) -> list[str]:
        """Let the desk notice what others wrote, and return what it says."""
        self.desk.listener.look()
        self.desk.news()
        self.desk.suggesting.wait()
        self.desk.news()
        return self.heard()

    def tick(self) -> list[str]:
        """Let a second pass at the desk."""
        self.desk._ticked()
        self.desk.news()
        return self.heard()

    def listen(self) -> None:
        """Take in what was said."""
        self.desk.conversation.heard()

    def heard(self) -> list[str]:
        """Return the lines that were said since the last time."""
        text = self.sink.getvalue()
        lines = text[self._said :].splitlines()
        self._said = len(text)
        return lines


@pytest.fixture
def plain(world: Any) -> Callable[..., Ear]:
    """Open plain desks on the store."""

    def make(agent: str = "Ada") -> Ear:
        return Ear(world, world.backend(agent))

    return make
