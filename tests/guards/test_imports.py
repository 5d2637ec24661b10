"""What a command loads before it does its work, as a list of modules: it holds on a slow machine as on a fast one."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "textual", "numpy", "httpx", "sqlite_utils", "torch", "transformers", "sentence_transformers", "onnxruntime",
    "icalendar", "dateparser", "starlette", "uvicorn",
}  # fmt: skip


def loaded_by(code: str) -> set[str]:
    """Run `code` in a new interpreter and return the top-level modules it had loaded at the end."""
    program = f"import sys\n{code}\nprint('\\n' + ' '.join(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "line",
    [
        ["--help"],
        ["--version"],
        ["kb", "--help"],
        ["flow", "stats", "--help"],
        ["kb", "search", "--help"],
        ["sessions", "--help"],
        ["followups", "export", "--help"],
        ["demo", "--help"],
        ["serve", "--help"],
    ],
)
def test_help_loads_nothing_heavy(line: list[str]) -> None:
    """Help and version import none of the heavy modules."""
    code = f"from agentassist.cli.root import root\ntry:\n    root({line!r})\nexcept SystemExit:\n    pass"
    assert not loaded_by(code) & HEAVY


@pytest.mark.parametrize("module", ["agentassist.tui.app", "agentassist.session.backend", "agentassist.search.index"])
def test_nothing_that_a_person_waits_for_loads_torch(module: str) -> None:
    """The desk and the search never import torch, transformers or sentence_transformers."""
    assert not loaded_by(f"import {module}") & {"torch", "transformers", "sentence_transformers"}


@pytest.mark.parametrize(
    "module", ["agentassist.tui.app", "agentassist.session.backend", "agentassist.session.calendar"]
)
def test_only_an_export_loads_icalendar(module: str) -> None:
    """The desk starts without it, and so does what writes calendars, until one is written."""
    assert "icalendar" not in loaded_by(f"import {module}")


def test_the_first_picture_loads_no_tree_and_no_meter() -> None:
    """Decision trees and the friction meter come when a conversation is open: the queue does without."""
    code = (
        "import agentassist.session.backend, agentassist.session.desk, agentassist.tui.screens.desk\n"
        "early = [name for name in sys.modules if name.startswith(('agentassist.flows', 'agentassist.friction'))]\n"
        "print(' '.join(early) or 'nothing')\n"
    )
    done = subprocess.run([sys.executable, "-c", f"import sys\n{code}"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "nothing"
