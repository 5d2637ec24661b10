"""Hostile strings, and a desk that is watched for what gets through."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

TESTS = Path(__file__).parents[1]
SHARED = TESTS.parent / "../shared/hostile_strings.jsonl"
HEAVY = "AGENTASSIST_HEAVY" in os.environ
FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""C0, DEL, C1, what turns text around, separators of lines: what a terminal may obey or be confused by."""


def of_the_desk(name: str) -> ModuleType:
    """Return one of the modules that the tests of the desk share."""
    known = f"desk_tests_{name}"
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, TESTS / "tui" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[known] = module  # dataclasses look their module up
        spec.loader.exec_module(module)
    return sys.modules[known]


def own_strings() -> list[str]:
    """Return the strings that are part of this repository."""
    return list(of_the_desk("test_hostile").OWN)


def shared_strings() -> list[str]:
    """Return the strings of the shared file as a store can hold them; none when it is not here."""
    if not SHARED.exists():
        return []
    texts = [str(json.loads(line)["text"]) for line in SHARED.read_text(encoding="utf-8").splitlines()]
    return [text.encode("utf-8", "replace").decode() for text in texts]


def packed(texts: list[str]) -> list[str]:
    """Return the same strings, the short ones three at a time: on the screen they stand beside each other."""
    short = [text for text in texts if len(text) <= 60]
    long = [text for text in texts if len(text) > 60]
    return [" ".join(short[start : start + 3]) for start in range(0, len(short), 3)] + long


@pytest.fixture(scope="session")
def hostile() -> list[str]:
    """The strings that screens are shown: all of this repository.

    AGENTASSIST_HEAVY=1 shows each by itself, and the shared ones, too; that takes half an hour.
    """
    return own_strings() + shared_strings() if HEAVY else packed(own_strings())


def forbidden(text: str) -> str:
    """Return the characters that must never reach a cell."""
    return "".join(FORBIDDEN.findall(text))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Any]:
    """The store and the desks that the tests of the desk have."""
    made = of_the_desk("conftest").World(tmp_path)
    yield made
    made.close()


class Watch:
    """What got as far as the last guard, what was opened, and what was sent to the terminal beside the picture."""

    def __init__(self) -> None:
        self.slipped: list[str] = []
        self.opened: list[str] = []
        self.copied: list[str] = []
        self.written: list[str] = []

    def check(self, seat: Any, *, raw: bool = False) -> None:
        """Look at every cell of the screen that is in front.

        Args:
            seat: the desk.
            raw: something on it is edited as it is, so that only the last guard keeps it off the terminal.
        """
        width, height = seat.app.size
        rows = seat.app.screen._compositor.render_strips()
        assert len(rows) == height
        for strip in rows:
            assert not forbidden(strip.text), strip.text
            assert strip.cell_length == width
            for segment in strip:
                if segment.style is not None:
                    assert "@click" not in segment.style.meta
                    assert segment.style.link is None
        assert self.opened == []
        assert raw or not self.slipped, self.slipped[:3]
        self.slipped.clear()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Watch the desk."""
    from textual.app import App

    from agentassist.session import browser
    from agentassist.tui.guard import OutputGuard

    made, apply = Watch(), OutputGuard.apply

    def watched(self: OutputGuard, segments: Any, background: Any) -> Any:
        made.slipped += [segment.text for segment in segments if forbidden(segment.text)]
        return apply(self, segments, background)

    def opened(link: str) -> bool:
        made.opened.append(link)
        return True

    monkeypatch.setattr(OutputGuard, "apply", watched)
    monkeypatch.setattr(App, "open_url", lambda _, url, **__: made.opened.append(url))
    monkeypatch.setattr(App, "copy_to_clipboard", lambda _, text: made.copied.append(text))
    monkeypatch.setattr(browser, "open_link", opened)
    return made
