"""How the command line tells what went wrong."""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from agentassist import paths
from agentassist.cli import desk
from agentassist.cli.root import COMMANDS, root
from agentassist.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator


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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("line", [("keys",), ("kb", "list", "--json"), ("sessions", "export", "--format", "jsonl")])
def test_output_that_finds_no_room(tmp_path: Path, line: tuple[str, ...]) -> None:
    """What cannot be printed because the disk is full is told in words, once, and the exit code says so."""
    environment = {**os.environ, "AGENTASSIST_HOME": str(tmp_path)}
    environment.pop("PYTHONUNBUFFERED", None)  # what is little is only written at the end
    replay = tmp_path / "one.jsonl"
    replay.write_text(
        '{"type": "conversation", "id": "a", "channel": "web", "customer": {"id": "c", "name": "Dana"}}\n'
        '{"type": "message", "author": "customer", "text": "hello"}\n',
        encoding="utf-8",
    )
    assert run(tmp_path, "replay", str(replay)).returncode == 0
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "agentassist", *line],
            env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == ExitCode.FAILED
    assert done.stderr.splitlines()[0] == "error: not everything was written: No space left on device"
    assert len(done.stderr.splitlines()) == 2


def test_output_that_was_closed(tmp_path: Path) -> None:
    """With stdout closed a command does what it does, and what it would print goes nowhere."""
    environment = {**os.environ, "AGENTASSIST_HOME": str(tmp_path)}
    command = shlex.join([sys.executable, "-m", "agentassist", "sessions", "export", "--format", "jsonl"])
    done = subprocess.run(
        ["/bin/sh", "-c", f"{command} >&-"], env=environment, stderr=subprocess.PIPE, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "0 conversations exported\n")


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


def commands(of: click.Command, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command at any depth, with the words that lead to it."""
    yield path, of
    if isinstance(of, click.Group):
        context = click.Context(of)
        for name in of.list_commands(context):
            found = of.get_command(context, name)
            assert found is not None
            yield from commands(found, *path, name)


EVERY = dict(commands(root))


@pytest.mark.parametrize("path", [path for path, command in EVERY.items() if isinstance(command, click.Group)])
def test_a_list_of_commands_cuts_no_sentence(path: tuple[str, ...]) -> None:
    """Whoever looks for a command reads the whole sentence of each, on a terminal of any width."""
    listed = EVERY[path].get_help(click.Context(EVERY[path], info_name=" ".join(path))).split("Commands:")[1]
    assert "..." not in listed
    read = " ".join(listed.split())
    for name, command in EVERY.items():
        if name[:-1] == path and name:
            assert command.get_short_help_str(1000) in read


def examples() -> Iterator[tuple[str, ...]]:
    """Yield the command lines that the help gives as examples."""
    for command in EVERY.values():
        for line in (command.help or "").splitlines():
            if line.strip().startswith("agentassist "):
                yield tuple(shlex.split(line)[1:])


NEEDY = [path for path, command in EVERY.items() if any(param.required for param in command.params)]


@pytest.mark.parametrize("path", NEEDY, ids=" ".join)
def test_a_command_that_needs_something_has_an_example(path: tuple[str, ...]) -> None:
    """Where a command cannot be typed by itself, its help shows a line that can."""
    assert f"agentassist {' '.join(path)} " in (EVERY[path].help or "")


@pytest.mark.parametrize("words", examples(), ids=" ".join)
def test_the_examples_of_the_help_are_understood(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An example can be typed as it stands: the command and its options are there, and take what they are given."""
    monkeypatch.chdir(tmp_path)
    path = max((path for path in EVERY if words[: len(path)] == path), key=len)
    with EVERY[path].make_context(" ".join(path), list(words[len(path) :])) as context:
        assert context.params
