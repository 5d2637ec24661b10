"""How long a conversation's query takes at 10,000 passages (or --passages N), with and without its encoding.

Asked for: p95 ≤ 15 ms without encoding, ≤ 60 ms with. Three rows for each mode that encodes: a conversation of which
nothing was encoded before, all its turns; a new message in one that was searched for before it; and one of which
everything was encoded. The words of a conversation are remembered, too, so only the first row meets all of it anew.
"cpu" is what all threads together worked: it says least about who else was at work.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from _bench import conversations, encoder, made_articles, percentiles, publish, unit_rows

from agentassist.models import Author, Mode
from agentassist.search.encoder import AT_ONCE, OnnxEncoder
from agentassist.search.index import Index
from agentassist.search.query import from_conversation

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from agentassist.models import Entry, Query
    from agentassist.search.build_model import Exported

TODAY = date(2026, 1, 1)


Seconds = tuple[list[float], list[float]]
"""Of each query: by the clock, and of work."""


class Counting:
    """An encoder that remembers nothing and counts the texts that it gets."""

    def __init__(self, inner: OnnxEncoder) -> None:
        self._inner = inner
        self.texts = 0

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return self._inner.dimension

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text."""
        self.texts += len(texts)
        return self._inner.embed(texts, at_once=AT_ONCE)


def before(conversation: Sequence[Entry]) -> Sequence[Entry]:
    """Return a conversation up to the message before its last."""
    customers = [at for at, entry in enumerate(conversation) if entry.author is Author.CUSTOMER]
    return conversation[: customers[-2] + 1] if len(customers) > 1 else ()


def measure(folder: Path, mode: Mode, asked: Sequence[Sequence[Entry]], model: Exported) -> None:
    """Print the rows of one mode, each with an index that knows nothing yet."""
    counting = Counting(OnnxEncoder.load(model.folder))
    rows: dict[str, tuple[Seconds, list[int]]] = {}

    def timed(label: str, index: Index, query: Query) -> None:
        seconds, texts = rows.setdefault(label, (([], []), []))
        counting.texts = 0
        started, worked = time.perf_counter(), time.process_time()
        index.search(query, mode=mode, limit=5, today=TODAY)
        seconds[0].append(time.perf_counter() - started)
        seconds[1].append(time.process_time() - worked)
        texts.append(counting.texts)

    index = Index.open(folder, counting)
    for conversation in asked:
        timed("all of it anew", index, from_conversation(conversation))
    index.close()
    index = Index.open(folder, counting)
    for conversation in asked:
        known = from_conversation(before(conversation))
        index.search(known, mode=mode, limit=5, today=TODAY)
        timed("a new message", index, from_conversation(conversation))
        timed("nothing new", index, from_conversation(conversation))
    index.close()
    for label, (seconds, texts) in rows.items():
        told = f"{percentiles(seconds[0])}   cpu {percentiles(seconds[1])}"
        print(f"{mode.value:9} {label:15} {statistics.mean(texts):4.1f} texts encoded   {told}", flush=True)


def main() -> None:
    """Print the percentiles of each mode."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=200)
    options = parser.parse_args()
    model = encoder()
    asked = conversations(options.queries)
    parts = [from_conversation(some).parts for some in asked]
    sizes = sorted(sum(len(part.text) for part in some) for some in parts)
    turns = statistics.mean(len(some) for some in parts)
    print(f"{options.passages:,} passages, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{len(asked)} conversations of {turns:.1f} turns and {sizes[len(sizes) // 2]} characters")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "index"
        rows = unit_rows(options.passages, model.description.dimension)
        publish(folder, made_articles(options.passages), rows, model)
        started = time.perf_counter()
        Index.open(folder).close()
        print(f"open {(time.perf_counter() - started) * 1e3:.2f} ms")
        for mode in Mode:
            measure(folder, mode, asked, model)


if __name__ == "__main__":
    main()
