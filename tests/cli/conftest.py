"""The command line on a home of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home for this test alone, in Lisbon, for Ada."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    (folder / "config.toml").write_text('[agent]\nname = "Ada"\ntimezone = "Europe/Lisbon"\n')
    monkeypatch.setenv("AGENTASSIST_HOME", str(folder))
    return folder


@pytest.fixture
def run(home: Path) -> Run:
    """Run a command line as the process would, and return its stdout, stderr and exit code."""

    def invoke(*line: object) -> Result:
        from agentassist.cli.root import root

        result = CliRunner().invoke(root, [str(word) for word in line])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke
