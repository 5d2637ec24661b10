"""`agentassist backup`."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
SAMPLE = Path(__file__).parents[2] / "kb" / "conversations" / "pairing-code-gone.jsonl"


def test_a_backup_can_be_put_back(run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy, put where the records belong in another home, shows the same."""
    run("replay", "--speed", 0, SAMPLE)
    shown = run("sessions", "show", 1, "--json").stdout
    other = tmp_path / "other"
    other.mkdir()
    result = run("backup", other / "agentassist.db")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "checked" in result.stderr
    assert stat.S_IMODE((other / "agentassist.db").stat().st_mode) == 0o600
    monkeypatch.setenv("AGENTASSIST_HOME", str(other))
    assert run("sessions", "show", 1, "--json").stdout == shown


def test_a_file_that_is_there_is_kept_unless_forced(run: Run, tmp_path: Path) -> None:
    """Exit code 2 and a hint; with --force it is replaced."""
    run("replay", "--speed", 0, SAMPLE)
    file = tmp_path / "copy.db"
    file.write_text("precious")
    refused = run("backup", file)
    assert (refused.exit_code, file.read_text()) == (2, "precious")
    assert "--force" in refused.stderr
    assert run("backup", "--force", file).exit_code == 0
    assert file.stat().st_size > 4096


def test_without_records_there_is_nothing_to_back_up(run: Run, home: Path, tmp_path: Path) -> None:
    """An error, and neither the copy nor the records are made."""
    result = run("backup", tmp_path / "copy.db")
    assert (result.exit_code, "nothing to back up" in result.stderr) == (1, True)
    assert not (tmp_path / "copy.db").exists()
    assert not (home / "agentassist.db").exists()
