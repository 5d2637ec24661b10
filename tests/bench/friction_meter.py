"""How long the friction meter takes for one more message, with the encoder and without, in conversations of real size.

Asked for: p95 ≤ 2 ms without the encoder, ≤ 15 ms with. Every message is new to the meter; what was said before it is
known, as it is when a conversation is read after each of its messages. The long conversation has a thousand entries and
goes on; its entries are new values each time, as the records give them.
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import replace
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


def long(some: Sequence[Sequence[Entry]], entries: int, more: int) -> list[Entry]:
    """Return one conversation made of many, long enough for `more` messages after `entries`."""
    flat = [entry for part in some for entry in part]
    while len(flat) < entries + more:
        flat += flat
    return [replace(entry, conversation_id=0, seq=seq) for seq, entry in enumerate(flat[: entries + more], start=1)]


def goes_on(meter: Meter, entries: Sequence[Entry], known: int) -> tuple[list[float], list[float]]:
    """Return the seconds that each message after the first `known` entries took: passed, and of work."""
    meter.read(entries[:known], entries[known - 1].at)
    taken, worked = [], []
    for length in range(known + 1, len(entries) + 1):
        part = [replace(entry) for entry in entries[:length]]
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
    parser.add_argument("--long", type=int, default=1_000, help="entries of the long conversation")
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
        taken, worked = goes_on(meter, long(some, options.long, 200), options.long)
        print(f"{name:8} {'long':8} {percentiles(taken)}   of work on all cores {percentiles(worked)}")


if __name__ == "__main__":
    main()
