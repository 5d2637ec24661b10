"""`agentassist kb eval`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from numpy.typing import NDArray

from agentassist.search import build_model
from agentassist.search import encoder as encoders
from agentassist.search.index import Index

pytest.importorskip("ir_measures", reason="needs the [build] extra")

Run = Callable[..., Result]
DIMENSION = 32
ARTICLE = "---\nid: {id}\ntitle: {title}\nurl: https://help.example/{id}\n---\n{body}\n"
TESTS = """\
thresholds:
  hit@1: {least}
cases:
  - ask: a new pairing code, how long do I hold the button?
    expect: pairing
  - ask: the batteries of the valve
    expect: pairing
    note: it is the valve's on purpose
"""


class FakeEncoder:
    """Texts that share words are close: each word is a fixed random direction."""

    dimension = DIMENSION

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row a text."""
        return np.stack([self._row(text) for text in texts])

    def _row(self, text: str) -> NDArray[np.float32]:
        words = re.findall(r"\w+", text.lower()) or [""]
        seeds = [int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big") for word in words]
        whole = np.sum([np.random.default_rng(seed).standard_normal(DIMENSION) for seed in seeds], axis=0)
        return np.asarray(whole / np.linalg.norm(whole), dtype=np.float32)

    encode = embed


@pytest.fixture(autouse=True)
def _fake_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a fake encoder in the place of an exported one."""
    folder = tmp_path / "exported"
    folder.mkdir()
    description = encoders.Description("fake", "fakehash", DIMENSION, 256)
    for name in encoders.FILES:
        (folder / name).write_text(description.dump(), encoding="utf-8")
    hashes = {name: encoders.file_hash(folder / name) for name in encoders.FILES}
    made = build_model.Exported(folder, description, hashes)
    monkeypatch.setattr(build_model, "exported", lambda *_args, **_options: made)
    monkeypatch.setattr(encoders.OnnxEncoder, "load", lambda *_args, **_options: FakeEncoder())


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    """A knowledge base of two articles with tests of which one fails."""
    folder = tmp_path / "kb"
    (folder / "articles").mkdir(parents=True)
    for ident, title, body in (
        ("pairing", "Pair a Dial", "Hold the button for ten seconds for a new pairing code."),
        ("valve", "Valve clicks", "The valve has two batteries."),
    ):
        text = ARTICLE.format(id=ident, title=title, body=body)
        (folder / "articles" / f"{ident}.md").write_text(text, encoding="utf-8")
    (folder / "tests.yaml").write_text(TESTS.format(least=0.5), encoding="utf-8")
    return folder


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A data set of two articles."""
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text(
        '{"id": "a", "title": "Pairing", "text": "Hold the button."}\n'
        '{"id": "b", "title": "Money", "text": "It comes back in ten days."}\n'
    )
    asked = {"dialog_id": "d", "split": "dev", "domain": "x", "turns": [{"role": "customer", "text": "the button"}]}
    (folder / "queries.jsonl").write_text(json.dumps({"id": "q", **asked}) + "\n")
    (folder / "queries_no_article.jsonl").write_text(json.dumps({"id": "n", **asked}) + "\n")
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\t1\n")
    return folder


def refused(run: Run, *line: object) -> str:
    """Return what a command line that is refused says; nothing of it is on stdout."""
    done = run("kb", "eval", *line)
    assert done.exit_code == (2 if "--split" in line or "--compare" in line else 1)
    assert done.stdout == ""
    return done.stderr


def test_thresholds_that_are_reached(run: Run, kb: Path) -> None:
    """The exit status is 0, and what failed is listed with what came first."""
    done = run("kb", "eval", kb)
    assert done.exit_code == 0
    assert "reached  hit@1      0.500, wanted at least 0.5" in done.stdout
    assert "tests.yaml:6: the batteries of the valve" in done.stdout
    assert "expected pairing, which" in done.stdout
    assert "first is valve (Valve clicks)" in done.stdout
    assert "note: it is the valve's on purpose" in done.stdout
    assert "tests.yaml:4" not in done.stdout
    assert "asking shipped" in done.stderr


def test_a_threshold_that_is_missed(run: Run, kb: Path) -> None:
    """The exit status is 3, in words and as JSON."""
    (kb / "tests.yaml").write_text(TESTS.format(least=0.9), encoding="utf-8")
    done = run("kb", "eval", kb)
    assert done.exit_code == 3
    assert "MISSED   hit@1      0.500, wanted at least 0.9" in done.stdout
    as_json = run("kb", "eval", kb, "--json")
    assert as_json.exit_code == 3
    (told,) = json.loads(as_json.stdout)["sets"]
    assert told["thresholds"] == [{"name": "hit@1", "wanted": 0.9, "value": 0.5, "missed": True}]
    assert [miss["first"] for miss in told["failed"]] == ["valve"]


def test_a_data_set_with_comparisons(run: Run, dataset: Path) -> None:
    """Comparisons are beside the shipped ranking, and stdout is nothing but JSON."""
    done = run("kb", "eval", dataset, "--split", "dev", "--compare", "bm25,rrf-whole", "--json", "--seed", 3)
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    names = [system["name"] for system in told["sets"][0]["systems"]]
    assert names == ["shipped", "bm25-last", "bm25-last3", "bm25-last5", "bm25-whole", "rrf-whole"]
    assert told["sets"][0]["confidence"]["unanswerable"] == 1
    assert told["mean_mrr@10"]["shipped"] == 1.0


def test_several_sets_have_a_mean(run: Run, dataset: Path, kb: Path) -> None:
    """Several folders are measured one after the other, and their mean is told."""
    told = json.loads(run("kb", "eval", dataset, kb, "--json").stdout)
    one, other = (item["systems"][0]["overall"]["mrr@10"]["value"] for item in told["sets"])
    assert told["mean_mrr@10"] == {"shipped": (one + other) / 2}
    done = run("kb", "eval", dataset, kb)
    assert done.exit_code == 0
    assert f"Mean MRR@10 of the sets\n  shipped          {(one + other) / 2:.3f}" in done.stdout


def test_mistakes_are_told(run: Run, kb: Path, dataset: Path, tmp_path: Path) -> None:
    """Every mistake is told with what to do."""
    assert "there is no folder" in refused(run, tmp_path / "nowhere")
    assert "holds neither tests.yaml nor corpus.jsonl" in refused(run, tmp_path)
    assert "have no splits" in refused(run, kb, "--split", "dev")
    assert "bm25-last" in refused(run, dataset, "--compare", "tfidf")
    (dataset / "qrels.tsv").write_text("q\tzzz\t1\n")
    assert "qrels.tsv:1: corpus-id 'zzz' is not in corpus.jsonl" in refused(run, dataset)
    (kb / "tests.yaml").write_text("cases:\n  - ask: x\n    expect: pairin\n")
    told = refused(run, kb)
    assert "tests.yaml:3: cases[0].expect: no published article has the id pairin" in told
    assert "Did you mean pairing?" in told


def test_ctrl_c(run: Run, dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted evaluation says so and ends with 130."""

    def interrupt(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Index, "search", interrupt)
    done = run("kb", "eval", dataset)
    assert done.exit_code == 130
    assert "interrupted" in done.stderr
    assert done.stdout == ""


def test_an_expired_article_is_not_found(run: Run, kb: Path) -> None:
    """The day to search on decides which articles have expired."""
    file = kb / "articles" / "pairing.md"
    file.write_text(file.read_text().replace("---\nHold", "review_by: 2026-11-01\n---\nHold"), encoding="utf-8")
    before, after = (
        json.loads(run("kb", "eval", kb, "--json", "--on", day).stdout)["sets"][0]["systems"][0]["overall"]
        for day in ("2026-10-31", "2026-11-02")
    )
    assert before["hit@1"]["value"] == 0.5
    assert after["hit@5"]["value"] == 0.0


def test_a_seed_below_zero_is_refused(run: Run, dataset: Path) -> None:
    """There is no such seed: it is told as every other wrong option, and nothing is measured."""
    done = run("kb", "eval", dataset, "--seed", "-1")
    assert done.exit_code == 2
    assert "--seed" in done.stderr
