"""High-stakes topics by their words: what is one, and what only sounds like one."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from agentassist.friction.meter import Meter
from agentassist.friction.reading import Level, SignalKind
from agentassist.friction.settings import MeterSettings
from tests.unit.friction.conftest import after, said

TABLE: dict[str, dict[str, list[str]]] = yaml.safe_load(
    Path(__file__).with_name("topics.yaml").read_text(encoding="utf-8")
)


def wrong(meter: Meter, topic: str) -> list[str]:
    """Return the texts of a topic that are read otherwise than the table says."""
    found = []
    for side, texts in TABLE[topic].items():
        for text in texts:
            entries = said(text)
            reading = meter.read(entries, after(entries))
            at_once = topic in MeterSettings().hand_over_at_once and reading.level is Level.FRICTION
            told = any(item.kind is SignalKind.STAKES and item.speaks for item in reading.signals)
            right = reading.stakes == topic and told and at_once == (topic in MeterSettings().hand_over_at_once)
            if right if side == "not" else not right:
                found.append(f"{text} ({reading.stakes or 'nothing'})")
            elif side == "not" and reading.stakes:
                found.append(f"{text} ({reading.stakes})")
    return found


@pytest.mark.parametrize("topic", TABLE)
def test_topics_are_told_from_what_sounds_like_them(meter: Meter, topic: str) -> None:
    """Those of `hand_over_at_once` are the point of friction, the others are told; what only sounds so is neither."""
    assert len(TABLE[topic]["is"]) >= 15
    assert len(TABLE[topic]["not"]) >= 15
    assert wrong(meter, topic) == []


def test_of_several_topics_the_one_that_cannot_wait_counts(meter: Meter) -> None:
    """In one message, and when the other comes later."""
    entries = said("my father died and I need to cancel his contract", "please cancel my subscription too")
    assert [reading.stakes for reading in meter.walk(entries, after(entries))] == ["bereavement", "bereavement"]
