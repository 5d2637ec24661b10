"""Each text is encoded once, and what needs no vectors is done meanwhile."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from agentassist.errors import EncoderError
from agentassist.search import encoding
from agentassist.search.encoding import Beside, Encoded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Letters:
    """Encodes a text as its length, and remembers what it was asked for."""

    dimension = 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text."""
        self.asked += texts
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)


def test_a_text_is_encoded_once() -> None:
    """Rows come in the order asked for, and only what is new is encoded, a text that is there twice once."""
    encoder, known = Letters(), Encoded()
    assert not known.knows(["a"])
    known.rows(["a", "bb", "a"], encoder)
    assert known.knows(["a", "bb"])
    assert known.rows(["bb", "ccc", "a"], encoder)[:, 0].tolist() == [2.0, 3.0, 1.0]
    assert encoder.asked == ["a", "bb", "ccc"]


def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit it begins anew, and what is asked for now is right all the same."""
    monkeypatch.setattr(encoding, "REMEMBERED", 2)
    encoder, known = Letters(), Encoded()
    known.rows(["a", "bb"], encoder)
    assert known.rows(["a", "ccc"], encoder)[:, 0].tolist() == [1.0, 3.0]
    assert not known.knows(["bb"])


def test_both_go_on_at_once() -> None:
    """What is done beside does not wait for the encoder, nor the encoder for it, and it has a thread of its own."""
    beside, encoded, words = Beside(), threading.Event(), threading.Event()
    row = np.ones((1, 2), dtype=np.float32)

    def encode() -> NDArray[np.float32]:
        encoded.set()
        assert words.wait(10)
        return row

    def look() -> str:
        words.set()
        assert encoded.wait(10)
        return threading.current_thread().name

    found, name = beside.both(encode, look)
    assert found is row
    assert name != threading.current_thread().name
    beside.close()


def test_an_error_of_either_is_raised_when_both_are_done() -> None:
    """Nothing goes on behind the caller's back, whichever of the two fails; and it can be used again."""
    beside, done = Beside(), []

    def fail() -> NDArray[np.float32]:
        raise EncoderError("no", "")

    with pytest.raises(EncoderError):
        beside.both(fail, lambda: done.append(1))
    assert done == [1]
    with pytest.raises(ZeroDivisionError):
        beside.both(lambda: None, lambda: 1 / 0)
    assert beside.both(lambda: None, lambda: 3) == (None, 3)
    beside.close()
