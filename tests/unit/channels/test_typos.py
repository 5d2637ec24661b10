"""Typos."""

from __future__ import annotations

import random
import re

from hypothesis import given
from hypothesis import strategies as st

from agentassist.channels import typos

SENTENCE = "the ring light on the Bridge shows amber since yesterday, order HW-4471902, code E1"


def test_they_are_few_and_the_same_for_the_same_draws() -> None:
    """At most two words of a message are wrong, and a correction names a word that was meant."""
    wrong = 0
    for seed in range(300):
        written, corrected = typos.mistype(SENTENCE, random.Random(seed), 0.3)
        assert typos.mistype(SENTENCE, random.Random(seed), 0.3) == (written, corrected)
        changed = [a for a, b in zip(SENTENCE.split(), written.split(), strict=True) if a != b]
        assert len(changed) <= typos.MOST
        assert not corrected or any(corrected in word for word in changed)
        wrong += len(changed)
    assert wrong > 100


def test_names_codes_and_numbers_stay() -> None:
    """What search and agents need is never hidden."""
    for seed in range(300):
        written, _ = typos.mistype(SENTENCE, random.Random(seed), 0.3)
        assert {"Bridge", "HW-4471902,", "E1"} <= set(written.split())


@given(st.text(max_size=200), st.integers(0, 2**32))
def test_any_text_keeps_its_beginning_and_nearly_its_length(text: str, seed: int) -> None:
    """Whatever is written, the first letter of every word is right."""
    written, _ = typos.mistype(text, random.Random(seed), 1.0)
    assert abs(len(written) - len(text)) <= typos.MOST
    assert re.sub(r"\w", "", written) == re.sub(r"\w", "", text)


def test_no_typos_for_those_who_make_none() -> None:
    """Nought is nought."""
    assert typos.mistype(SENTENCE, random.Random(1), 0.0) == (SENTENCE, "")
