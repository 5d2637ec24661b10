"""How the command line tells what went wrong."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentassist import paths
from agentassist.cli import desk
from agentassist.cli.root import COMMANDS
from agentassist.errors import ExitCode


def run(home: Path, *line: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a home of its own."""
    environment = {**os.environ, "AGENTASSIST_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "agentassist", *line], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(tmp_path: Path, command: str) -> None:
    """Help works for each command, with nothing there yet, and makes nothing."""
    done = run(tmp_path / "home", command, "--help")
    assert done.returncode == ExitCode.OK
    assert "Usage: " in done.stdout
    assert not (tmp_path / "home").exists()


def test_help_names_every_command(tmp_path: Path) -> None:
    """The list of commands is the list of what there is, in that order."""
    shown = run(tmp_path, "--help").stdout
    places = [shown.index(f"\n  {name} ") for name in COMMANDS]
    assert places == sorted(places)


def test_an_expected_failure_is_words_on_stderr(tmp_path: Path) -> None:
    """Message and hint on stderr, nothing on stdout, and an exit code that means failure."""
    done = run(tmp_path, "sessions", "show", "99")
    assert done.returncode == ExitCode.FAILED
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_a_wrong_command_line_is_another_exit_code(tmp_path: Path) -> None:
    """A typing mistake is told apart from a failure."""
    assert run(tmp_path, "nonsense").returncode == ExitCode.USAGE


def test_a_broken_configuration_is_told_with_its_file(tmp_path: Path) -> None:
    """The file and the nearest key are named, and nothing is done."""
    (tmp_path / "config.toml").write_text('[agent]\nnmae = "Ada"\n', encoding="utf-8")
    done = run(tmp_path, "kb", "list")
    assert done.returncode == ExitCode.FAILED
    assert done.stdout == ""
    assert "config.toml: unknown key agent.nmae" in done.stderr
    assert "Did you mean agent.name?" in done.stderr


@pytest.mark.parametrize("line", [[], ["demo"]])
def test_without_a_terminal_the_desk_says_so(tmp_path: Path, line: list[str]) -> None:
    """In a pipe it ends at once with words, and makes nothing."""
    done = run(tmp_path / "home", *line)
    assert done.returncode == ExitCode.USAGE
    assert "needs a terminal" in done.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    "line", [["kb", "index"], ["sessions", "list"], ["replay", "kb/conversations/pairing-code-gone.jsonl"], ["doctor"]]
)
def test_a_home_that_cannot_be_made_is_told(tmp_path: Path, line: list[str]) -> None:
    """Where nothing can be written a command says where and what to do; no traceback, and nothing on the way."""
    (tmp_path / "file").write_text("in the way")
    done = run(tmp_path / "file" / "home", *line)
    assert done.returncode in {ExitCode.FAILED, ExitCode.FOUND_PROBLEMS}
    assert "Traceback" not in done.stderr
    assert (done.stderr + done.stdout).strip()


def test_the_desk_opens_without_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no log can be made the desk goes on, and tells in its panels what is wrong."""
    root_logger = logging.getLogger()
    monkeypatch.setattr(root_logger, "handlers", list(root_logger.handlers))
    monkeypatch.setattr(root_logger, "level", root_logger.level)
    (tmp_path / "file").write_text("in the way")
    desk._start_log(paths.under(tmp_path / "file" / "home"))
    logging.getLogger("agentassist").warning("nobody reads this")
    assert (tmp_path / "file").read_text() == "in the way"
