"""The query encoder without a model: batches, descriptions, and files that are broken."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentassist.errors import EncoderError
from agentassist.search import encoder as encoders
from agentassist.search.encoder import BATCH_TOKENS, Description, OnnxEncoder, short_batches


@given(st.lists(st.integers(1, 300), max_size=60))
def test_batches_hold_each_text_once_and_stay_short(lengths: list[int]) -> None:
    """Each text is in one batch; a batch of more than one is at most BATCH_TOKENS tokens, padding included."""
    batches = short_batches(lengths)
    assert sorted(position for batch in batches for position in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[position] for position in batch) <= BATCH_TOKENS


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"model": 3}', "null"])
def test_what_is_no_description_is_refused(text: str) -> None:
    """Nothing is guessed from a broken file."""
    with pytest.raises(ValueError, match=r"."):
        Description.parse(text)


def test_a_description_survives() -> None:
    """What is written is what is read."""
    made = Description("m", "h", 384, 256, "query: ", "passage: ")
    assert Description.parse(made.dump()) == made


@pytest.mark.parametrize("missing", encoders.FILES)
def test_a_missing_file_is_told(tmp_path: Path, missing: str) -> None:
    """Each of the files is needed; the error says what to do."""
    for name in encoders.FILES:
        if name != missing:
            (tmp_path / name).write_text(Description("m", "h", 8, 8).dump(), encoding="utf-8")
    with pytest.raises(EncoderError) as caught:
        OnnxEncoder.load(tmp_path)
    assert "kb index" in caught.value.hint


def test_files_that_are_nonsense_are_told(tmp_path: Path) -> None:
    """A tokenizer or a model that cannot be read is an EncoderError, whatever the libraries raise."""
    for name in encoders.FILES:
        (tmp_path / name).write_text(Description("m", "h", 8, 8).dump(), encoding="utf-8")
    with pytest.raises(EncoderError, match=r"tokenizer\.json"):
        OnnxEncoder.load(tmp_path)
    (tmp_path / encoders.TOKENIZER_FILE).write_text(
        '{"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,'
        ' "pre_tokenizer": null, "post_processor": null, "decoder": null,'
        ' "model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}}',
        encoding="utf-8",
    )
    with pytest.raises(EncoderError, match=r"encoder\.onnx"):
        OnnxEncoder.load(tmp_path)


class Session:
    """Stands for a runtime session."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self.runs = 0

    def get_inputs(self) -> list[Any]:
        """Return the names of the inputs."""
        return [type("Input", (), {"name": name}) for name in ("input_ids", "attention_mask")]

    def run(self, _names: None, feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Return what it was made for."""
        self.runs += 1
        if isinstance(self.out, Exception):
            raise self.out
        return [np.tile(self.out, (len(feed["input_ids"]), 1))]


class Tokenizer:
    """One token a character; refuses lone surrogates, as the real one does."""

    def encode_batch(self, texts: list[str]) -> list[Any]:
        """Return objects with `ids`."""
        return [type("Encoding", (), {"ids": list(text.encode()) or [0]}) for text in texts]


def fake(out: Any) -> tuple[OnnxEncoder, Session]:
    """Return an encoder whose session gives `out` for every text."""
    session = Session(out)
    return OnnxEncoder(Description("m", "h", 2, 8), session, Tokenizer(), ""), session


@pytest.mark.parametrize("out", [RuntimeError("no"), np.array([np.nan, 1.0]), np.array([1.0, 2.0, 3.0])])
def test_a_runtime_that_fails_is_told(out: Any) -> None:
    """An exception, a NaN or a vector of another size is an EncoderError."""
    with pytest.raises(EncoderError):
        fake(out)[0].encode(["text"])


def test_the_last_texts_are_remembered() -> None:
    """A text that was just asked is not run again; no more than REMEMBERED are kept; `embed` remembers nothing."""
    encoder, session = fake(np.array([1.0, 0.0], dtype=np.float32))
    assert encoder.encode(["a", "b", "a"]).shape == (3, 2)
    before = session.runs
    encoder.encode(["b", "a"])
    assert session.runs == before
    encoder.encode([f"text {number}" for number in range(encoders.REMEMBERED)])
    before = session.runs
    encoder.encode(["a"])
    assert session.runs == before + 1
    encoder.embed(["a"])
    assert session.runs == before + 2
    assert encoder.encode([]).shape == (0, 2)


def test_a_lone_surrogate_is_encoded_as_something() -> None:
    """What is no text to a tokenizer does not stop a search."""
    assert fake(np.array([1.0, 0.0], dtype=np.float32))[0].encode(["\ud800"]).shape == (1, 2)


class Meeting:
    """A runtime session in which two runs wait for each other; gives each text's number of tokens."""

    def __init__(self, parties: int) -> None:
        self._barrier = threading.Barrier(parties, timeout=10)

    def get_inputs(self) -> list[Any]:
        """Return the names of the inputs."""
        return [type("Input", (), {"name": name}) for name in ("input_ids", "attention_mask")]

    def run(self, _names: None, feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Return a row a text."""
        self._barrier.wait()
        return [np.stack([feed["attention_mask"].sum(axis=1), np.ones(len(feed["input_ids"]))], axis=1)]


LONG = ["a" * 70, "b" * 80, "c" * 90, "d" * 100]
"""Too long to be run together; see `short_batches`."""


def test_several_texts_of_a_query_are_run_at_once() -> None:
    """Two threads are at it, each row is that of its text, and whoever builds an index, in processes, gets none."""
    encoder = OnnxEncoder(Description("m", "h", 2, 200), Meeting(2), Tokenizer(), "")
    assert encoder.encode(LONG)[:, 0].tolist() == [70.0, 80.0, 90.0, 100.0]
    alone = OnnxEncoder(Description("m", "h", 2, 200), Meeting(1), Tokenizer(), "")
    assert alone.embed(LONG)[:, 0].tolist() == [70.0, 80.0, 90.0, 100.0]
    before = threading.active_count()
    assert alone.encode(LONG[:1])[:, 0].tolist() == [70.0]
    assert threading.active_count() == before


def test_a_failure_of_one_of_several_is_told() -> None:
    """Rows that were not computed are never given as if they were."""
    with pytest.raises(EncoderError):
        fake(RuntimeError("no"))[0].encode(LONG)
