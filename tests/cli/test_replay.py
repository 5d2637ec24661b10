"""`agentassist replay`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]
ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "kb" / "conversations").glob("*.jsonl"))
START = {"type": "conversation", "id": "one", "channel": "web", "customer": {"id": "c1", "name": "Dana"}}


def written(folder: Path, name: str, *lines: object) -> Path:
    """Write a transcript."""
    file = folder / name
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def test_ids_go_to_stdout_and_a_line_for_each_entry_to_stderr(run: Run) -> None:
    """Three files, three conversations, all their entries."""
    result = run("replay", "--speed", 0, *SAMPLES)
    assert result.exit_code == 0
    assert result.stdout.split() == ["1", "2", "3"]
    entries = [line for line in result.stderr.splitlines() if " #" in line]
    assert len(entries) == sum(len(file.read_text().splitlines()) - 1 for file in SAMPLES)
    assert any("#12 system, handoff: asked for a person" in line for line in entries)


def test_a_broken_file_is_refused_with_its_line_before_anything_is_delivered(run: Run, tmp_path: Path) -> None:
    """Also when the broken one is the second."""
    broken = written(tmp_path, "broken.jsonl", START, {"type": "message", "author": "nobody", "text": "x"})
    result = run("replay", "--speed", 0, SAMPLES[0], broken)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "broken.jsonl:2: author: must be one of" in result.stderr
    assert run("sessions", "list").stdout == ""


def test_without_agent_leaves_the_conversation_waiting(run: Run, tmp_path: Path) -> None:
    """With the recorded agent it is theirs, without it waits for a desk."""
    file = written(
        tmp_path, "talk.jsonl", START, {"type": "handoff", "reason": "asked"},
        {"type": "message", "author": "agent", "name": "Bo", "text": "hi"},
    )  # fmt: skip
    run("replay", "--speed", 0, file)
    run("replay", "--speed", 0, "--without-agent", file)
    states = [(item["state"], item["agent"]) for item in json.loads(run("sessions", "list", "--json").stdout)]
    assert states == [("waiting", ""), ("claimed", "Bo")]


def test_an_impossible_speed_and_no_file_are_usage_errors(run: Run) -> None:
    """Exit code 2, nothing delivered."""
    assert run("replay", "--speed", -1, SAMPLES[0]).exit_code == 2
    assert run("replay", "--speed", "nan", SAMPLES[0]).exit_code == 2
    assert run("replay").exit_code == 2
    assert run("sessions", "list").stdout == ""


def test_ctrl_c_stops_cleanly(home: Path, run: Run, tmp_path: Path) -> None:
    """Exit code 130, no traceback, and what was delivered is kept."""
    slow = written(
        tmp_path, "slow.jsonl", START,
        {"type": "message", "author": "customer", "text": "first"},
        {"type": "message", "after": 3600, "author": "customer", "text": "an hour later"},
    )  # fmt: skip
    line = [sys.executable, "-W", "error", "-m", "agentassist", "replay", str(slow)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stderr is not None
        deadline = time.monotonic() + 60
        while "first" not in process.stderr.readline():
            assert time.monotonic() < deadline
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, out) == (130, "1\n")
    assert err == "stopped: 1 entry delivered and kept\n"
    assert [entry["text"] for entry in json.loads(run("sessions", "show", 1, "--json").stdout)["entries"]] == ["first"]
