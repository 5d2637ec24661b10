"""`agentassist serve` as a program of its own: it says where it is, what a wide address means, and ends cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from agentassist.clock import SystemClock
from agentassist.store.store import Store

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the program on a home of its own; whatever still runs at the end is ended."""
    started: list[subprocess.Popen[str]] = []

    def make(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "agentassist", "serve", "--port", "0", *arguments],
            env={**os.environ, "AGENTASSIST_HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield make
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def address(process: subprocess.Popen[str]) -> str:
    """Wait until it says where it is."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("The customers' page is at "):
            return line.split()[5]
    raise AssertionError("it never said where it is")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_ends_when_it_is_told(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    """What it accepted is in the records, an open page does not hold it, and it says that it ended."""
    process = start()
    url = address(process)
    with httpx.Client(base_url=url, headers={"origin": url}, timeout=60) as page:
        key = page.post("/api/begin", json={}).json()["conversation"]
        said = page.post("/api/say", json={"id": "send-id-1", "conversation": key, "text": "it is cold"})
        assert said.status_code == 200
        with page.stream("GET", "/api/stream") as events:
            next(events.iter_lines())
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out == ""
    assert "stopped: everything that was accepted is kept" in err
    assert "Traceback" not in err
    with Store.open(tmp_path / "agentassist.db", SystemClock()) as store:
        assert "it is cold" in [entry.text for entry in store.transcript.entries(1)]


def test_what_keeps_it_from_starting_is_told_in_words(start: Start, tmp_path: Path) -> None:
    """A knowledge base that is not there, and a site that is no address: before it answers, and without a trace."""
    for line, words in (('[kb]\nfolder = "/nowhere"', "/nowhere"), ('[serve]\npublic_url = "https://*"', "https://*")):
        (tmp_path / "config.toml").write_text(line, encoding="utf-8")
        process = start()
        _, err = process.communicate(timeout=60)
        assert process.returncode == 1
        assert err.startswith("error: ")
        assert words in err
        assert "Traceback" not in err


def test_a_wide_address_is_explained(start: Start) -> None:
    """Who opens it to others reads what that means before it answers."""
    process = start("--host", "0.0.0.0")
    assert process.stderr is not None
    first = process.stderr.readline()
    assert "everybody who reaches this machine reaches the page" in first
    address(process)
    process.terminate()
    assert process.wait(60) == 0
