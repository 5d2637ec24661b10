"""What a shell is offered: through the program itself, by the protocol of its completion scripts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agentassist import paths
from agentassist.clock import SystemClock
from agentassist.models import Customer
from agentassist.store.store import Store

HEAVY = ("textual", "numpy", "httpx", "sqlite_utils", "onnxruntime", "yaml", "dateparser")


def offered(home: Path, line: str, shell: str = "bash", code: str = "") -> list[str]:
    """Return what a shell gets to show for a line whose last word is being typed."""
    words = line.split(" ")
    environment = {
        **os.environ,
        "AGENTASSIST_HOME": str(home),
        "COMP_WORDS": line,
        "COMP_CWORD": words[-1] if shell == "fish" else str(len(words) - 1),
        "_AGENTASSIST_COMPLETE": f"{shell}_complete",
        "PYTHONUTF8": "1",
    }
    program = f"import atexit, sys\n{code}\nsys.argv = ['agentassist']\nfrom agentassist.cli.root import main\nmain()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environment, check=False)
    assert done.stderr == b"", done.stderr.decode()
    return done.stdout.decode().strip().splitlines()


@pytest.fixture
def busy_home(home: Path) -> Path:
    """A home with two conversations, one with a hostile customer, and a follow-up."""
    with Store.open(paths.under(home).database, SystemClock()) as store:
        first = store.transcript.start(Customer("cust-1", "Dana Reyes"), "web")
        store.transcript.start(Customer("cust-2", "x\nplain,9\x1b[31m$(rm -rf ~)"), "web")
        store.claims.handoff(first, "asked")
        store.claims.claim(first, "Bo")
        store.followups.add(
            first, None, "Ada", "call back", SystemClock().now().replace(year=2099), "UTC", "2099-01-01T09:00"
        )
    return home


def test_commands_and_options(home: Path) -> None:
    """The root's commands, a group's, and options."""
    commands = offered(home, "agentassist ")
    assert {"plain,demo", "plain,kb", "plain,sessions", "plain,completion"} <= set(commands)
    assert offered(home, "agentassist sessions sh") == ["plain,show"]
    assert offered(home, "agentassist --pl") == ["plain,--plain"]
    assert offered(home, "agentassist kb list --status d") == ["plain,draft"]


def test_conversations(busy_home: Path) -> None:
    """The numbers, newest first; with the customers' names where the shell shows them, and safe to show."""
    assert offered(busy_home, "agentassist sessions show ") == ["plain,2", "plain,1"]
    zsh = offered(busy_home, "agentassist followups add ", "zsh")
    assert zsh[3:] == ["plain", "1", "Dana Reyes, claimed"]
    assert zsh[:2] == ["plain", "2"]
    assert "\x1b" not in zsh[2]
    assert len(zsh) == 6
    fish = offered(busy_home, "agentassist sessions export ", "fish")
    assert any("Dana Reyes" in line for line in fish)


def test_follow_ups_agents_and_articles(busy_home: Path) -> None:
    """Open follow-ups, agents that there have been, and the ids of the knowledge base."""
    assert offered(busy_home, "agentassist followups done ", "zsh") == ["plain", "1", "Dana Reyes, call back"]
    assert sorted(offered(busy_home, "agentassist followups list --owner ")) == ["plain,Ada", "plain,Bo"]
    assert "plain,reset-dial-pairing-code" in offered(busy_home, "agentassist kb show reset")
    assert offered(busy_home, "agentassist kb show no-such-article") == []


def test_every_offered_article_can_be_shown(run: Any) -> None:
    """What is read off the heads of the files are the ids that the whole knowledge base has."""
    from agentassist.cli.complete import _heads
    from agentassist.kb.library import load

    library = load(paths.sample_kb())
    known = {item.article.id for item in library.articles} | {item.id for item in library.snippets}
    assert {ident for ident, _ in _heads(paths.sample_kb())} == known


def test_silent_where_there_is_nothing(home: Path) -> None:
    """No records, those of another program, a broken configuration: nothing is offered, told or made."""
    assert offered(home, "agentassist sessions show ") == []
    assert not paths.under(home).database.exists()
    paths.under(home).database.write_bytes(b"not a database at all" * 100)
    assert offered(home, "agentassist followups done ") == []
    (home / "config.toml").write_text("[kb\n")
    assert offered(home, "agentassist kb show re") == []


def test_looking_changes_nothing(busy_home: Path) -> None:
    """A completion leaves no file behind and changes none."""
    before = {file.name: file.read_bytes() for file in busy_home.iterdir() if file.is_file()}
    offered(busy_home, "agentassist sessions show ")
    assert {file.name: file.read_bytes() for file in busy_home.iterdir() if file.is_file()} == before


def test_while_a_desk_is_open(busy_home: Path) -> None:
    """What is still only in the log is offered as well."""
    with Store.open(paths.under(busy_home).database, SystemClock()) as store:
        store.transcript.start(Customer("cust-3", "Kim Park"), "web")
        assert "plain,3" in offered(busy_home, "agentassist sessions show ")


@pytest.mark.parametrize("line", ["agentassist ", "agentassist sessions show ", "agentassist kb show "])
def test_nothing_heavy_is_loaded(busy_home: Path, line: str) -> None:
    """Somebody waits for it between two keys."""
    code = (
        f"heavy = {HEAVY!r}\natexit.register(lambda: print('loaded', *(name for name in heavy if name in sys.modules)))"
    )
    assert offered(busy_home, line, code=code)[-1] == "loaded"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script(run: Any, shell: str, tmp_path: Path) -> None:
    """It is click's own, for this program and its variable, and the shell accepts it."""
    done = run("completion", shell)
    assert done.exit_code == 0
    assert f"_AGENTASSIST_COMPLETE={shell}_complete" in done.stdout
    assert "agentassist" in done.stdout
    if (program := shutil.which(shell)) is not None:
        script = tmp_path / "script"
        script.write_text(done.stdout)
        subprocess.run([program, "-n", str(script)], check=True)


def test_help_says_how_to_install(run: Any) -> None:
    """One line a shell, to be typed as it is."""
    text = run("completion", "--help").stdout
    for line in (
        "agentassist completion bash > ~/.local/share/bash-completion/completions/agentassist",
        "agentassist completion zsh > ~/.zfunc/_agentassist",
        "agentassist completion fish > ~/.config/fish/completions/agentassist.fish",
    ):
        assert line in text


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")
def test_in_bash_itself(busy_home: Path, run: Any, tmp_path: Path) -> None:
    """Bash, with the script, offers what the program does."""
    program = tmp_path / "bin" / "agentassist"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -m agentassist\n")
    program.chmod(0o755)
    script = run("completion", "bash").stdout
    ask = (
        "COMP_WORDS=(agentassist sessions show 1); COMP_CWORD=3\n"
        "_agentassist_completion agentassist\n"
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    environment = {
        **os.environ,
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        ["bash", "--norc", "-c", f"{script}\n{ask}"], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.splitlines() == ["1"]
