"""`agentassist friction`, as a supervisor or a trainer types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from agentassist.friction import weights

Run = Callable[..., Result]
EVIL = "\x1b]52;c;aGk=\x07\u202e get me a human"


def replayed(run: Run, folder: Path, *texts: str) -> None:
    """Bring in a conversation in which a customer says these."""
    file = folder / "talk.jsonl"
    lines: list[object] = [
        {"type": "conversation", "id": "one", "channel": "web", "customer": {"id": "c1", "name": "Dana"}},
        *({"type": "message", "author": "customer", "text": text} for text in texts),
    ]
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert run("replay", file, "--speed", "0").exit_code == 0


def labelled(folder: Path) -> Path:
    """Write a small set."""
    file = folder / "set.jsonl"
    rows = [("where is my parcel", 0), ("thank you", 0), ("get me a human", 1), ("this is terrible", 1)] * 4
    file.write_text(
        "\n".join(
            json.dumps({"id": str(at), "turns": [{"role": "customer", "text": text}], "label": label, "split": "dev"})
            for at, (text, label) in enumerate(rows)
        ),
        encoding="utf-8",
    )
    return file


def test_explain_shows_each_entry_with_its_signals(run: Run, tmp_path: Path) -> None:
    """Level, score, weight, words and entries; without an index it says that words were read."""
    replayed(run, tmp_path, "hello", "please let me talk to a human being")
    result = run("friction", "explain", 1)
    assert result.exit_code == 0
    assert "#2 customer: please let me talk to a human being" in result.stdout
    assert "asks for a person: “please let me talk to a human being” (#2)" in result.stdout
    assert "by their words" in result.stderr
    first = run("friction", "explain", 1, "--at", 1)
    assert "human" not in first.stdout


def test_explain_as_json(run: Run, tmp_path: Path) -> None:
    """One object an entry, and what was hostile is only text."""
    replayed(run, tmp_path, EVIL)
    result = run("friction", "explain", 1, "--json")
    (entry,) = json.loads(result.stdout)
    assert entry["asked"] is True
    assert entry["signals"][0]["entries"] == [1]
    assert "\x1b" not in result.stdout
    assert "\x1b" not in run("friction", "explain", 1).stdout


def test_explain_of_an_unknown_conversation(run: Run) -> None:
    """Is told, with the exit code of a failure."""
    result = run("friction", "explain", 99)
    assert result.exit_code == 1
    assert "99" in result.stderr


def test_eval_by_words(run: Run, tmp_path: Path) -> None:
    """Prints each output's area and average precision, and the table of the one that the label is about."""
    pytest.importorskip("sklearn", reason="needs the [build] extra")
    result = run("friction", "eval", labelled(tmp_path), "--words", "--label", "asks")
    assert result.exit_code == 0, result.stderr
    assert "AUROC" in result.stdout
    assert "at asks" in result.stdout
    data = json.loads(run("friction", "eval", labelled(tmp_path), "--words", "--json").stdout)
    assert set(data["sets"][0]["auroc"]) == {"score", "asks", "upset"}
    assert data["by_meaning"] is False


def test_eval_of_what_is_no_such_file(run: Run, tmp_path: Path) -> None:
    """Names file and line."""
    pytest.importorskip("sklearn", reason="needs the [build] extra")
    file = tmp_path / "bad.jsonl"
    file.write_text("{}")
    result = run("friction", "eval", file, "--words")
    assert result.exit_code == 1
    assert "line 1" in result.stderr


def test_fit_needs_something_to_fit_on_and_a_place(run: Run, tmp_path: Path) -> None:
    """Both are said before anything is read."""
    assert run("friction", "fit").exit_code == 2
    assert run("friction", "fit", labelled(tmp_path)).exit_code == 2


def test_fit_writes_weights_that_eval_takes(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is whole and deterministic, its head names the command and no folder of this machine."""
    pytest.importorskip("sklearn", reason="needs the [build] extra")
    from agentassist.cli import friction
    from agentassist.friction.meter import Meter

    monkeypatch.setattr(friction, "_meter", lambda *, words, both=None: Meter.load(None, both=both))
    out, again = tmp_path / "weights.toml", tmp_path / "again.toml"
    file = labelled(tmp_path)
    result = run("friction", "fit", file, "--split", "dev", "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "crossed" in result.stdout
    run("friction", "fit", file, "--split", "dev", "--out", again)
    assert out.read_text() == again.read_text()
    weights.parsed(out.read_text())
    assert str(tmp_path) not in out.read_text()
    assert run("friction", "eval", file, "--weights", out).exit_code == 0
    dry = run("friction", "fit", file, "--dry-run", "--json")
    assert json.loads(dry.stdout)["file"] is None


def test_fit_on_logged_conversations_needs_both_kinds(run: Run, tmp_path: Path) -> None:
    """Records without a bot hold nothing to fit on, and that is said."""
    pytest.importorskip("sklearn", reason="needs the [build] extra")
    replayed(run, tmp_path, "hello")
    result = run("friction", "fit", "--logged", "--dry-run")
    assert result.exit_code == 1
    assert "nothing to tell apart" in result.stderr or "extra" in result.stderr
