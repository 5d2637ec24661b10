"""What one text says, and where the vectors come from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from agentassist.errors import EncoderError
from agentassist.friction import said as said_module
from agentassist.friction import words
from agentassist.friction.meter import Meter
from agentassist.friction.said import Reader
from agentassist.friction.settings import MeterSettings
from tests.unit.friction.conftest import after, said


class Encoder:
    """Gives the words of a text, folded into few numbers, as its vector; counts, and fails when it is told to."""

    def __init__(self, dimension: int = 64) -> None:
        self.dimension = dimension
        self.asked = 0
        self.broken = False

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row a text."""
        if self.broken:
            raise EncoderError("the runtime refused", "")
        self.asked += len(texts)
        rows = np.stack([words.vector(text).reshape(-1, self.dimension).sum(axis=0) for text in texts])
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)


@pytest.fixture(scope="session")
def reader() -> Reader:
    """A reader without an encoder."""
    return Reader(None, MeterSettings())


@pytest.mark.parametrize(
    ("text", "shouted"),
    [("WHY IS THIS NOT WORKING", True), ("what is this???", True), ("ok!!!", True), ("My TV shows E3", False),
     ("OK", False), ("USB-C or HDMI?", False), ("I want it NOW", False), ("", False)],
)  # fmt: skip
def test_shouting(reader: Reader, text: str, shouted: bool) -> None:
    """Capitals that outweigh the rest or a row of marks shout; names and codes do not."""
    assert bool(reader.said(text).shouted) is shouted


@pytest.mark.parametrize(
    ("text", "words_"),
    [("it still doesn't work", "still doesn't work"), ("this didn\u2019t help", "didn't help"), ("it works", ""),
     ("nothing has helped so far", "nothing has helped"), ("I work here and do not mind", "")],
)  # fmt: skip
def test_negation_with_words_of_solving(reader: Reader, text: str, words_: str) -> None:
    """A negation close before a word of solving says that it is not solved, whichever apostrophe is typed."""
    assert reader.said(text).unresolved == words_


def test_sentiment_leaves_out_what_says_nothing_here(reader: Reader) -> None:
    """A problem with a charge is no mood; a terrible one is, and the word is cited."""
    assert reader.said("I have a problem with a charge").negative == (0.0, "")
    value, cited = reader.said("this is a terrible service").negative
    assert value > 0.3
    assert cited == "terrible"


def test_anger_is_likelier_upset_than_a_fact(reader: Reader) -> None:
    """What means anger or worry is told from questions and facts."""
    upset = [reader.said(text).upset[0] for text in ("this is absolutely unacceptable", "I am so fed up with you")]
    calm = [reader.said(text).upset[0] for text in ("my order number is 48213", "what time do you open?")]
    assert min(upset) > max(calm)


def test_another_encoder_works_without_new_weights() -> None:
    """The judges are fitted on whatever vectors there are, of any size."""
    for dimension in (16, 128):
        encoder = Encoder(dimension)
        meter = Meter.load(encoder)
        assert meter.warm() == ""
        entries = said("please let me talk to a human being")
        reading = meter.read(entries, after(entries))
        assert reading.by_meaning
        assert reading.asked


def test_a_text_is_encoded_once() -> None:
    """Reading a conversation again, after each of its messages, asks the encoder only for what is new."""
    encoder = Encoder()
    meter = Meter.load(encoder)
    meter.warm()
    before = encoder.asked
    entries = said("hello there", "where is my parcel", "hello there")
    for length in (1, 2, 3, 3):
        meter.read(entries[:length], after(entries[:length]))
    assert encoder.asked - before == 2


def test_an_encoder_that_fails_is_done_without_and_told() -> None:
    """Without vectors the words are read, and why is said; once it works again, warming brings it back."""
    encoder = Encoder()
    encoder.broken = True
    meter = Meter.load(encoder)
    entries = said("get me a human")
    reading = meter.read(entries, after(entries))
    assert (reading.by_meaning, reading.asked) == (False, True)
    assert "refused" in reading.degraded
    assert "refused" in meter.warm()
    encoder.broken = False
    assert meter.warm() == ""
    assert meter.read(entries, after(entries)).by_meaning


def test_an_encoder_that_breaks_while_reading_degrades_it() -> None:
    """A failure in the middle of the day costs meaning, never the reading."""
    encoder = Encoder()
    meter = Meter.load(encoder)
    meter.warm()
    encoder.broken = True
    entries = said("please get me a human")
    reading = meter.read(entries, after(entries))
    assert (reading.by_meaning, reading.asked) == (False, True)


def test_no_index_is_read_by_words() -> None:
    """What `Knowledge.embed` gives without an index is no vectors."""
    meter = Meter.load(lambda texts: ("", ()))
    assert "words" in meter.warm()


def test_a_new_index_with_another_encoder_is_noticed() -> None:
    """When the encoder's name changes the judges are fitted on its vectors, and nothing of the old one is kept."""
    first, second = Encoder(16), Encoder(128)
    chosen = [("first", first)]

    def embed(texts: Sequence[str]) -> tuple[str, tuple[bytes, ...]]:
        name, encoder = chosen[0]
        return name, tuple(row.astype("<f2").tobytes() for row in encoder.encode(texts))

    meter = Meter.load(embed)
    meter.warm()
    entries = said("I want a person", "let me speak to someone please")
    assert meter.read(entries[:1], after(entries[:1])).asked
    chosen[0] = ("second", second)
    reading = meter.read(entries, after(entries))
    assert reading.by_meaning
    assert reading.asked


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The texts that are remembered are counted, whatever customers and bots write."""
    monkeypatch.setattr(said_module, "REMEMBERED", 10)
    reader = Reader(None, MeterSettings())
    for at in range(50):
        reader.said(f"message number {at}")
        reader.phrases(f"answer number {at}")
    assert len(reader._known) <= 10
    assert len(reader._phrases) <= 10


def test_vectors_that_are_no_vectors_are_told() -> None:
    """What gives numbers of another kind is not taken for meaning: it is said, and the words are read."""
    encoder = Encoder()

    def embed(texts: Sequence[str]) -> tuple[str, tuple[bytes, ...]]:
        return "odd", tuple(row.tobytes() for row in encoder.encode(texts))

    meter = Meter.load(embed)
    assert "unit length" in meter.warm()
    entries = said("get me a human")
    assert not meter.read(entries, after(entries)).by_meaning
