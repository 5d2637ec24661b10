"""`agentassist keys`: the keys as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agentassist.tui.registry import COMMANDS


def configure(home: Path, keys: str) -> None:
    """Write a [keys] table below what is configured."""
    file = home / "config.toml"
    file.write_text(f"{file.read_text()}\n[keys]\n{keys}\n")


def test_the_list(run: Any) -> None:
    """Every command is there once, with its keys and its id."""
    done = run("keys")
    assert done.exit_code == 0
    for command in COMMANDS:
        assert command.id in done.stdout
    assert any("n or ^N" in line and "conversation.next" in line for line in done.stdout.splitlines())
    assert run("keys", "--changed").stdout == ""


def test_with_a_key_map(run: Any, home: Path) -> None:
    """What is configured is marked; --changed shows only that; --json has both."""
    configure(home, 'conversation.claim = "k"')
    lines = run("keys", "--changed").stdout.splitlines()
    assert lines[1].split()[:2] == ["*k", "conversation.claim"]
    facts = [json.loads(line) for line in run("keys", "--json").stdout.splitlines()]
    assert len(facts) == len(COMMANDS)
    claim = next(item for item in facts if item["id"] == "conversation.claim")
    assert (claim["keys"], claim["default"]) == (["k"], ["c"])


def test_what_is_wrong_is_told(run: Any, home: Path) -> None:
    """The file, the command and the nearest one are named."""
    configure(home, '"conversation.clame" = "k"')
    done = run("keys")
    assert done.exit_code == 1
    assert "config.toml" in done.stderr
    assert "Did you mean conversation.claim?" in done.stderr
