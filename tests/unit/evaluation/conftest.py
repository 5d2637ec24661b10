"""Small data sets as files, and an encoder that needs no model."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agentassist.search import build_model
from agentassist.search import encoder as encoders
from agentassist.search.encoder import Description

DIMENSION = 48
Rows = Sequence[Mapping[str, object]]
CORPUS: Rows = (
    {"id": "pairing", "title": "Pair a Dial", "text": "Hold the code button for ten seconds for a new pairing code."},
    {"id": "valve", "title": "Valve clicks", "text": "The valve has two batteries.\n\n# Codes\n\nV1 is calibration."},
    {"id": "refund", "title": "Refund times", "text": "Money comes back within ten working days."},
)
QUERIES: Rows = (
    {"id": "q1", "dialog_id": "d1", "domain": "setup", "split": "dev",
     "turns": [{"role": "customer", "text": "where is the pairing code button"}]},
    {"id": "q2", "dialog_id": "d1", "domain": "setup", "split": "dev",
     "turns": [{"role": "customer", "text": "my valve"}, {"role": "agent", "text": "What of it?"},
               {"role": "customer", "text": "it clicks and the batteries are new"}]},
    {"id": "q3", "dialog_id": "d2", "domain": "money", "split": "test",
     "turns": [{"role": "customer", "text": "when does my money come back"}]},
)  # fmt: skip
QRELS = "query-id\tcorpus-id\tscore\nq1\tpairing\t1\nq2\tvalve\t1\nq3\trefund\t2\nq3\tvalve\t0\n"
UNANSWERABLE: Rows = (
    {"id": "n1", "dialog_id": "d3", "split": "dev", "turns": [{"role": "customer", "text": "bicycle insurance"}]},
)


class FakeEncoder:
    """Texts that share words are close: each word is a fixed random direction."""

    dimension = DIMENSION

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row a text, and remember that it was asked."""
        self.embedded.extend(texts)
        return np.stack([self._row(text) for text in texts]) if texts else np.zeros((0, DIMENSION), np.float32)

    encode = embed

    def _row(self, text: str) -> NDArray[np.float32]:
        words = re.findall(r"\w+", text.lower()) or [""]
        seeds = [int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:8], "big") for word in words]
        whole = np.sum([np.random.default_rng(seed).standard_normal(DIMENSION) for seed in seeds], axis=0)
        return np.asarray(whole / np.linalg.norm(whole), dtype=np.float32)


class FixedClock:
    """Always the same moment."""

    def now(self) -> datetime:
        """Return the moment."""
        return datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still."""
    return FixedClock()


@pytest.fixture
def encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    """Make builds and queries use a fake encoder in the place of an exported one; returns it."""
    made = FakeEncoder()
    folder = tmp_path / "exported"
    folder.mkdir()
    description = Description("fake", "fakehash", DIMENSION, 256)
    for name in encoders.FILES:
        (folder / name).write_text(description.dump(), encoding="utf-8")
    hashes = {name: encoders.file_hash(folder / name) for name in encoders.FILES}
    exported = build_model.Exported(folder, description, hashes)
    monkeypatch.setattr(build_model, "exported", lambda *_args, **_options: exported)
    monkeypatch.setattr(encoders.OnnxEncoder, "load", lambda *_args, **_options: made)
    return made


@pytest.fixture
def dataset(tmp_path: Path) -> Callable[..., Path]:
    """Writes a data set; each file's content can be given, None leaves it out."""

    def write(
        corpus: Rows | str = CORPUS,
        queries: Rows | str | None = QUERIES,
        qrels: str | None = QRELS,
        unanswerable: Rows | str | None = UNANSWERABLE,
    ) -> Path:
        folder = tmp_path / "small"
        folder.mkdir(exist_ok=True)
        files = {
            "corpus.jsonl": corpus,
            "queries.jsonl": queries,
            "qrels.tsv": qrels,
            "queries_no_article.jsonl": unanswerable,
        }
        for name, content in files.items():
            if content is not None:
                lines = content if isinstance(content, str) else "".join(f"{json.dumps(row)}\n" for row in content)
                (folder / name).write_text(lines, encoding="utf-8")
        return folder

    return write
