"""`agentassist doctor` as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from agentassist.errors import ExitCode


def doctor(home: Path, *options: str) -> tuple[int, dict[str, dict[str, object]]]:
    """Examine a home, and return the exit code and the checks by name."""
    done = subprocess.run(
        [sys.executable, "-m", "agentassist", "doctor", "--json", *options],
        env={**os.environ, "AGENTASSIST_HOME": str(home), "PYTHONUTF8": "1", "COLUMNS": "120", "LINES": "36"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {str(check["name"]): check for check in checks}


def replay(home: Path) -> None:
    """Put the shipped conversations into the records of a home."""
    shipped = Path(__file__).parents[2] / "kb" / "conversations" / "pairing-code-gone.jsonl"
    subprocess.run(
        [sys.executable, "-m", "agentassist", "replay", "--speed", "0", str(shipped)],
        env={**os.environ, "AGENTASSIST_HOME": str(home)},
        capture_output=True,
        check=True,
    )


def test_a_first_run_is_told_what_to_do_first(tmp_path: Path) -> None:
    """With nothing there yet only the index is missing, and the hint is the command to type; nothing is made."""
    code, checks = doctor(tmp_path / "home")
    assert code == ExitCode.FOUND_PROBLEMS
    assert [name for name, check in checks.items() if not check["ok"]] == ["index"]
    assert checks["index"]["hint"] == "Build it: agentassist kb index"
    assert not (tmp_path / "home").exists()


def test_records_are_examined(tmp_path: Path) -> None:
    """Every part of a healthy store is named and well."""
    replay(tmp_path)
    _, checks = doctor(tmp_path)
    assert {name for name, check in checks.items() if not check["ok"]} == {"index"}
    assert len(checks) > 8


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    """A file that is not a database is a problem with a hint, not a crash."""
    replay(tmp_path)
    for leftover in tmp_path.glob("agentassist.db-*"):
        leftover.unlink()
    (tmp_path / "agentassist.db").write_bytes(b"not a database at all, but long enough to be read as one" * 40)
    code, checks = doctor(tmp_path)
    unwell = [check for name, check in checks.items() if not check["ok"] and name != "index"]
    assert code == ExitCode.FOUND_PROBLEMS
    assert unwell
    assert all(check["hint"] for check in unwell)


def test_a_broken_configuration_does_not_stop_the_examination(tmp_path: Path) -> None:
    """The configuration is one check among others."""
    (tmp_path / "config.toml").write_text("[agent", encoding="utf-8")
    _, checks = doctor(tmp_path)
    assert not checks["configuration"]["ok"]
    assert checks["versions"]["ok"]
