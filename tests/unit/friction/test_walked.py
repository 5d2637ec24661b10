"""What is kept of earlier readings saves time and changes nothing."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentassist.friction import walked
from agentassist.friction.meter import Meter
from agentassist.friction.reading import Earlier
from tests.unit.friction.conftest import BEGAN, STEP, after, said, talk
from tests.unit.friction.test_meter import TURN


@settings(deadline=None)
@given(
    st.lists(st.lists(TURN, min_size=1, max_size=8), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 8), st.integers(0, 30), st.booleans()), max_size=14),
)
def test_any_order_of_readings_gives_what_a_first_one_gives(
    meter: Meter, turns: list[list[tuple[str, str]]], asked: list[tuple[int, int, int, bool]]
) -> None:
    """Longer, shorter, another conversation of the same number, another moment: each is read as if it was first."""
    kept = Meter(meter._reader, meter.settings, meter._both)
    for which, length, minutes, returned in asked:
        entries = talk(*turns[which % len(turns)])[:length]
        now = (entries[-1].at if entries else BEGAN) + timedelta(minutes=minutes)
        earlier = (Earlier(9, BEGAN - timedelta(days=1)),) if returned else ()
        fresh = Meter(meter._reader, meter.settings, meter._both)
        wanted = fresh.read(entries, now, earlier=earlier)
        assert kept.read(entries, now, earlier=earlier) == wanted
        if entries:
            assert fresh.walk(entries, now, earlier=earlier)[-1] == wanted


def test_only_what_is_new_is_read(meter: Meter) -> None:
    """A conversation of a thousand entries costs two milliseconds of work a message, and is read as it is."""
    kept = Meter(meter._reader, meter.settings, meter._both)
    texts = [f"message {at} about my parcel, it is still not here" for at in range(520)]
    turns = [turn for text in texts for turn in (("customer", text), ("bot", f"About {text}", {"bot": "none"}))]
    entries = talk(*turns)
    kept.read(entries[:1000], after(entries[:1000]))
    taken = []
    for length in range(1001, 1040):
        part = [replace(entry) for entry in entries[:length]]  # as the records give them: equal, not the same
        began = time.process_time()
        reading = kept.read(part, after(part))
        taken.append(time.process_time() - began)
    assert sorted(taken)[len(taken) // 2] <= 0.002
    assert reading == Meter(meter._reader, meter.settings, meter._both).read(part, after(part))


def test_an_entry_that_is_not_what_it_was_is_noticed(meter: Meter) -> None:
    """Of another conversation with the same number nothing is taken over."""
    kept = Meter(meter._reader, meter.settings, meter._both)
    first, second = said("get me a human", "hello"), said("good morning", "hello")
    assert kept.read(first, after(first)).asked
    assert not kept.read(second, after(second)).asked


def test_what_is_kept_is_bounded(meter: Meter, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last conversations are kept, no more."""
    monkeypatch.setattr(walked, "KEPT", 5)
    kept = Meter(meter._reader, meter.settings, meter._both)
    for number in range(20):
        entries = [replace(entry, conversation_id=number) for entry in said("hello")]
        kept.read(entries, after(entries))
    assert len(kept._kept) == 5


def test_several_threads_read_the_same(meter: Meter) -> None:
    """Who finds a walk taken walks anew."""
    kept = Meter(meter._reader, meter.settings, meter._both)
    entries = said(*(f"it still does not work, attempt {at}" for at in range(40)))
    wanted = [meter.walk(entries[:n], entries[n - 1].at + STEP)[-1] for n in range(1, 41)]
    with ThreadPoolExecutor(4) as pool:
        lengths = [n for n in range(1, 41) for _ in range(3)]
        found = list(pool.map(lambda n: kept.read(entries[:n], entries[n - 1].at + STEP), lengths))
    assert found == [wanted[n - 1] for n in lengths]
