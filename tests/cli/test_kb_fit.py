"""`agentassist kb fit`."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from numpy.typing import NDArray

from agentassist.errors import MissingExtraError
from agentassist.search import build_model, parameters
from agentassist.search import encoder as encoders
from agentassist.search.index import Index

pytest.importorskip("torch", reason="needs the [build] extra")
pytest.importorskip("sklearn", reason="needs the [build] extra")

Run = Callable[..., Result]
DIMENSION = 32
TOPICS = ("pairing code", "valve batteries", "refund days", "boiler pressure", "radio signal", "winter mode")


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
def dataset(tmp_path: Path) -> Path:
    """A data set of a few articles, with a conversation about each and some about none."""
    folder = tmp_path / "small"
    folder.mkdir()

    def case(ident: str, *texts: str) -> str:
        turns = [{"role": "agent" if at % 2 else "customer", "text": text} for at, text in enumerate(texts)]
        return json.dumps({"id": ident, "dialog_id": ident, "split": "dev", "turns": turns}) + "\n"

    articles = [{"id": f"a{at}", "title": name, "text": f"All about the {name}."} for at, name in enumerate(TOPICS)]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(article) + "\n" for article in articles))
    asked = [case(f"q{at}", "hello there, my heating", "Which part?", f"the {name}") for at, name in enumerate(TOPICS)]
    (folder / "queries.jsonl").write_text("".join(asked))
    others = [case(f"n{at}", f"insurance for bicycle number {at} and the days") for at in range(4)]
    (folder / "queries_no_article.jsonl").write_text("".join(others))
    (folder / "qrels.tsv").write_text("".join(f"q{at}\ta{at}\t1\n" for at in range(len(TOPICS))))
    return folder


def test_it_fits_and_writes(run: Run, dataset: Path, tmp_path: Path) -> None:
    """The file can be read back, tells the command without a path, and is the same each time."""
    line = ("kb", "fit", dataset, "--split", "dev", "--weight", "small=2", "--out")
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    done = run(*line, one)
    assert done.exit_code == 0, done.stderr
    assert run(*line, other).exit_code == 0
    text = one.read_text(encoding="utf-8")
    assert text == other.read_text(encoding="utf-8")
    assert text.splitlines()[1] == "# agentassist kb fit small --split dev --weight small=2"
    assert parameters.parsed(text).by_meaning.threshold > 0
    assert str(tmp_path) not in text
    assert re.search(r"MRR@10, mean of sets +\d\.\d{3} +\d\.\d{3} +\d\.\d{3}", done.stdout)
    assert f"written: {one}" in done.stdout
    assert "fitting" in done.stderr
    assert not list(tmp_path.glob(".*.toml*"))


def test_the_installed_file_stays(run: Run, dataset: Path, home: Path) -> None:
    """Without --write the file goes into the cache; a dry run writes none."""
    installed = Path(parameters.__file__).parent / parameters.FILE
    before = installed.read_bytes()
    told = json.loads(run("kb", "fit", dataset, "--dry-run", "--json").stdout)
    assert told["file"] is None
    assert not list(home.rglob(parameters.FILE))
    assert told["by_meaning"]["new"]["sets"]["small"]["queries"] == len(TOPICS)
    assert told["by_words"]["crossed"]["sets"]["small"]["unanswerable"] == 4
    done = run("kb", "fit", dataset)
    (made,) = home.rglob(parameters.FILE)
    assert f"written: {made}" in done.stdout
    assert "--write replaces them" in done.stderr
    assert installed.read_bytes() == before


def test_write_replaces_the_installed_file(
    run: Run, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --write the file beside the code is replaced."""
    monkeypatch.setattr(parameters, "__file__", str(tmp_path / "parameters.py"))
    assert run("kb", "fit", dataset, "--write").exit_code == 0
    assert parameters.parsed((tmp_path / parameters.FILE).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--weight", "small=much"), "is not a name and a number"),
        (("--weight", "small=-1"), "is not a name and a number"),
        (("--weight", "large=2"), "there is no set large"),
        (("--out", "x.toml", "--write"), "two places"),
        (("--out", "/nowhere/at/all/x.toml"), "there is no folder"),
    ],
)
def test_mistakes_are_told(run: Run, dataset: Path, more: Sequence[str], told: str) -> None:
    """A mistake is told before anything is fitted, with 2 as the exit status."""
    done = run("kb", "fit", dataset, *more)
    assert done.exit_code == 2
    assert told in done.stderr
    assert done.stdout == ""


def test_ctrl_c(run: Run, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted fit says so, writes nothing, and ends with 130."""

    def interrupt(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Index, "evidence", interrupt)
    done = run("kb", "fit", dataset, "--out", tmp_path / "x.toml")
    assert done.exit_code == 130
    assert "interrupted" in done.stderr
    assert not (tmp_path / "x.toml").exists()


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the line to type is told."""
    from agentassist.evaluation import fit

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError) as refused:
        fit.require()
    assert "torch" in refused.value.message
    assert "install" in refused.value.hint
