"""How long the friction meter takes for one more message, with the encoder and without, in conversations of real size.

Asked for: p95 ≤ 2 ms without the encoder, ≤ 15 ms with. Every message is new to the meter; what was said before it is
known, as it is when a conversation is read after each of its messages.
"""

from __future__ import annotations

import argparse
import random
import time
from typing import TYPE_CHECKING

from _bench import conversations, encoder, percentiles

from agentassist.friction.meter import Meter
from agentassist.search.encoder import OnnxEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentassist.models import Entry


def measured(meter: Meter, some: Sequence[Sequence[Entry]]) -> tuple[list[float], list[float]]:
    """Return the seconds that reading each customer's message took, the conversation up to it: passed, and of work."""
    taken, worked = [], []
    for entries in some:
        for length in range(1, len(entries) + 1):
            part = entries[:length]
            started, began = time.perf_counter(), time.process_time()
            meter.read(part, part[-1].at)
            if part[-1].author.value == "customer":
                taken.append(time.perf_counter() - started)
                worked.append(time.process_time() - began)
    return taken, worked


def main() -> None:
    """Print the percentiles of each way of reading."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=100)
    options = parser.parse_args()
    some = conversations(options.conversations)
    random.Random(0).shuffle(some)
    words = sorted(len(entry.text.split()) for entries in some for entry in entries if entry.author.value == "customer")
    print(f"{len(some)} conversations, {len(words)} messages, median {words[len(words) // 2]} words")
    model = OnnxEncoder.load(encoder().folder)
    for name, meter in (("words", Meter.load(None)), ("meaning", Meter.load(model))):
        started = time.perf_counter()
        meter.warm()
        print(f"{name:8} warm     {(time.perf_counter() - started) * 1e3:9.1f} ms")
        for what in ("new", "known"):
            taken, worked = measured(meter, some)
            print(f"{name:8} {what:8} {percentiles(taken)}   of work on all cores {percentiles(worked)}")


if __name__ == "__main__":
    main()
