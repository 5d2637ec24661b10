"""What the command line prints and writes of strangers' words: nothing but text."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from agentassist.clock import SystemClock
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.store.store import Store


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hostile: list[str]) -> Callable[..., Result]:
    """Run a command line on a home with hostile records, and check what it prints."""
    home = tmp_path / "home"
    monkeypatch.setenv("AGENTASSIST_HOME", str(home))
    with Store.open(home / "agentassist.db", SystemClock()) as store:
        for index, text in enumerate(hostile):
            customer = Customer(f"c{index} {text}"[:200], text, text, text, text, {text or "-": text})
            number = store.transcript.start(customer, text or "web")
            store.transcript.append(
                number,
                NewEntry(Author.CUSTOMER, EntryKind.CHOICE, text or "-", data={"node": "n", "question": text}),
                NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, f"{text} pairing", text[:80]),
            )
            store.claims.handoff(number, text)
            store.claims.claim(number, text or "Ada")
            due = SystemClock().now() + timedelta(days=2)
            store.followups.add(number, customer.id, text or "Ada", text, due, "UTC", "2026-11-20T14:00")
            store.claims.close(number, text or "Ada", text or "-", text)

    def invoke(*line: object, code: int = 0) -> Result:
        from agentassist.cli.root import root

        result = CliRunner().invoke(root, [str(word) for word in line])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.stderr
        assert not controls(result.stdout), line
        assert not controls(result.stderr), line
        return result

    return invoke


def controls(text: str) -> list[str]:
    """Return what of a text a terminal could obey, but line ends and tabs."""
    bad = {
        *range(0x20),
        0x7F,
        *range(0x80, 0xA0),
        0x061C,
        0x200E,
        0x200F,
        *range(0x2028, 0x202F),
        *range(0x2066, 0x206A),
    }
    return sorted({repr(char) for char in text if ord(char) in bad - {0x09, 0x0A, 0x0D}})


def test_lists(run: Any, hostile: list[str]) -> None:
    """Conversations and follow-ups, in words and as JSON."""
    for line in (
        ["sessions", "list"], ["sessions", "list", "--json"], ["sessions", "search", "pairing"],
        ["sessions", "search", "pairing", "--json"], ["followups", "list"], ["followups", "list", "--json"],
    ):  # fmt: skip
        assert run(*line).stdout
    assert run("doctor", code=3).stdout  # there is no index
    for number in range(1, len(hostile) + 1):
        run("sessions", "show", number)
        run("sessions", "show", number, "--json")
    for text in hostile:
        if "\x00" not in text and text.strip():
            found = CliRunner().invoke(_root(), ["sessions", "search", "--", text])
            assert found.exit_code == (0 if re.search(r"\w", text) else 2)
            assert not controls(found.output)
            run("sessions", "list", f"--agent={text}")
            run("followups", "list", f"--owner={text}")


def test_exports(run: Any, tmp_path: Path) -> None:
    """Every format of an export, and the calendar: no control, no formula, no line that a string has made."""
    for kind in _formats():
        assert run("sessions", "export", "--format", kind).stdout
    calendar = CliRunner().invoke(_root(), ["followups", "export", "--ics"]).stdout
    # A calendar is no terminal: the marks that right-to-left languages are written with stay in it.
    assert not controls(calendar.translate(dict.fromkeys((0x061C, 0x200E, 0x200F), "")))
    names = {
        line.partition(":")[0].partition(";")[0]
        for line in calendar.replace("\r\n", "\n").replace("\n ", "").splitlines()
        if line
    }
    assert all(name == name.upper() for name in names), names


def _formats() -> list[str]:
    """Return every format of an export, so that a new one is looked at, too."""
    from agentassist.cli.sessions import export_

    (kind,) = [option.type for option in export_.params if option.name == "format_"]
    assert isinstance(kind, click.Choice)
    return list(kind.choices)


def _root() -> Any:
    from agentassist.cli.root import root

    return root


def test_errors(run: Any, hostile: list[str]) -> None:
    """What is wrong is told with the words that were typed, clean."""
    for text in hostile:
        if "\x00" in text or not text.strip():
            continue
        for line in (["sessions", "show", text], ["followups", "done", text], ["kb", "lint", text], [text]):
            result = CliRunner().invoke(_root(), line)
            assert result.exit_code != 0
            assert not controls(result.output), line


def test_completion(run: Any) -> None:
    """What the shell is offered has no control, and one line each."""
    for words, current in (
        ("agentassist sessions show ", 3),
        ("agentassist --agent ", 2),
        ("agentassist followups done ", 3),
    ):
        for shell in ("bash", "zsh", "fish"):
            done = subprocess.run(
                [sys.executable, "-c", "from agentassist.cli.root import root; root(prog_name='agentassist')"],
                env={
                    **os.environ, "_AGENTASSIST_COMPLETE": f"{shell}_complete", "COMP_WORDS": words,
                    "COMP_CWORD": "" if shell == "fish" else str(current),
                },
                capture_output=True,
                text=True,
                check=True,
            )  # fmt: skip
            assert not controls(done.stdout), (words, shell)
            assert not done.stderr
