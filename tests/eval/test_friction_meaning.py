"""The friction meter with the real encoder: topics, whole conversations, and how people write in chats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

pytest.importorskip("sklearn", reason="needs the [build] extra")

from agentassist.clock import SystemClock
from agentassist.evaluation import friction_measure
from agentassist.friction.meter import Meter
from agentassist.session.knowledge import Knowledge
from tests.unit.friction import test_conversations as conversations
from tests.unit.friction import test_topics as topics
from tests.unit.friction.conftest import after, said

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.model, pytest.mark.slow]

HELD_OUT = Path(__file__).with_name("upset_held_out.yaml")
BY_MEANING, BY_WORDS = 0.95, 0.85
"""The least AUROC of `upset` on turns of chats that nothing was tuned to; measured were 0.967 and 0.877."""


@pytest.fixture(scope="module")
def by_meaning(built_home: Path) -> Iterator[Meter]:
    """A meter with the encoder as the product gives it."""
    knowledge = Knowledge(built_home / "index", SystemClock())
    meter = Meter.load(knowledge.embed)
    assert meter.warm() == ""
    yield meter
    knowledge.close()


def auroc(meter: Meter) -> float:
    """Return how well `upset` tells the turns of the held-out file apart."""
    turns = yaml.safe_load(HELD_OUT.read_text(encoding="utf-8"))
    upset, values = [], []
    for label, texts in turns.items():
        for text in texts:
            entries = said(str(text))
            upset.append(label == "upset")
            values.append(meter.read(entries, after(entries)).upset)
    area = friction_measure.auroc(np.array(upset), np.array(values), [str(at) for at in range(len(upset))])
    print(f"{area.value:.3f} ({area.low:.3f}–{area.high:.3f})")
    return area.value


def test_upset_is_told_from_calm_in_chats(by_meaning: Meter) -> None:
    """Short, casual turns of all sorts of companies, by meaning and by words."""
    assert auroc(by_meaning) >= BY_MEANING
    assert auroc(Meter.load()) >= BY_WORDS


@pytest.mark.parametrize("topic", topics.TABLE)
def test_topics_by_meaning(by_meaning: Meter, topic: str) -> None:
    """What is a high-stakes topic is one with the encoder, too, and what only sounds like one is none."""
    assert topics.wrong(by_meaning, topic) == []


def test_conversations_by_meaning(by_meaning: Meter) -> None:
    """The levels come when they should, and mostly so where nothing was tuned."""
    assert [
        found for talk in conversations.TALKS if talk.tuned for found in conversations.wrong(by_meaning, talk)
    ] == []
    assert conversations.held_out(by_meaning) >= conversations.HELD_OUT
