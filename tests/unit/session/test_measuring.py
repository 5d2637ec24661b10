"""What the friction meter learns from is encoded a few texts at a time, and never twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from agentassist.friction.settings import MeterSettings
from agentassist.session.measuring import KnownVectors, Measuring


class Shelf:
    """Encodes a text as its letters, and remembers what it was asked."""

    def __init__(self, model: str = "letters") -> None:
        self.model = model
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> tuple[str, tuple[bytes, ...]]:
        """Return a vector for each text; nothing without a model."""
        self.asked += texts
        return (self.model, tuple(text.encode() for text in texts)) if self.model else ("", ())


def test_what_was_learned_is_not_encoded_again() -> None:
    """Learned in parts, told at once; what is not known is encoded only where that is allowed."""
    shelf, vectors = Shelf(), KnownVectors()
    assert vectors.learn(shelf, ["a", "b"])  # type: ignore[arg-type]
    assert vectors.learn(shelf, ["c"])  # type: ignore[arg-type]
    assert vectors(["c", "a", "b"]) == ("letters", (b"c", b"a", b"b"))
    assert vectors(["a", "new"]) == ("", ())
    assert shelf.asked == ["a", "b", "c"]
    vectors.knowledge = shelf  # type: ignore[assignment]
    assert vectors(["new"]) == ("letters", (b"new",))


def test_without_an_encoder_nothing_is_known() -> None:
    """The meter then reads by words."""
    vectors = KnownVectors()
    assert not vectors.learn(Shelf(""), ["a"])  # type: ignore[arg-type]
    assert vectors(["a"]) == ("", ())


def test_another_encoder_makes_all_of_it_old() -> None:
    """Vectors of two encoders are never mixed."""
    vectors = KnownVectors()
    vectors.learn(Shelf("one"), ["a"])  # type: ignore[arg-type]
    vectors.learn(Shelf("two"), ["b"])  # type: ignore[arg-type]
    assert vectors(["b"]) == ("two", (b"b",))
    assert vectors(["a"]) == ("", ())


def test_a_meter_that_got_ready_before_reads_the_first_message() -> None:
    """Begun while no customer waited it has an answer at the first reading; begun by a reading, only at a later one."""
    now = datetime(2026, 11, 22, 10, tzinfo=UTC)
    ready, late = Measuring(MeterSettings()), Measuring(MeterSettings())
    ready.begin()
    ready.begin()
    ready.wait()
    assert ready.read((), now, ()) is not None
    assert late.read((), now, ()) is None
    late.wait()
    assert late.read((), now, ()) is not None


ENDS = """
import sys, time
from datetime import UTC, datetime
from agentassist.friction.settings import MeterSettings
from agentassist.session.measuring import Measuring
Measuring(MeterSettings()).read((), datetime.now(UTC), ())
time.sleep(float(sys.argv[1]))
"""


@pytest.mark.parametrize("seconds", ["0.1", "0.3", "0.5"])
def test_a_process_that_ends_while_it_learns_ends_well(seconds: str) -> None:
    """Whoever leaves the desk a moment after they opened it sees no crash."""
    done = subprocess.run([sys.executable, "-c", ENDS, seconds], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
